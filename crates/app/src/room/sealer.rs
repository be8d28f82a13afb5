//! What is written into a closed room is sealed and signed here, and what others wrote is opened.
//!
//! Frames are as R1 and R2 of `docs/sync.md` say. The payload of a presence is the epoch as 8 bytes, big-endian, and what is
//! sealed under its key, with everything that stands before it as associated data. A state is signed and not sealed: whoever
//! carries the room compares states, and it says nothing that frames do not say in clear, vectors and a hash of the heads.
//!
//! In an open room nothing is sealed or signed. Absent: who may what, which the log of members says.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use sync::{BlobName, Draft, Frame, Signal, SignalKind};
use trust::invitation::InvitationSecret;
use trust::membership::Reader;
use trust::record::EpochId;
use trust::seal::{BlobKey, EpochKey, Use, open_from, seal_to};
use trust::{Membership, Right, RoomId};
use zeroize::Zeroizing;

use super::Room;
use crate::device_keys::DeviceKeys;
use crate::fault::{Fault, planted};
use crate::world::Random;

const EPOCH_BYTES: usize = 8;

/// The keys with which this installation takes part in a closed room. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Keys {
    /// This installation's own.
    pub device: Arc<DeviceKeys>,
    /// Those of the epochs, as far as they are here.
    pub epochs: BTreeMap<EpochId, EpochKey>,
    /// The invitation by which this installation joins or has joined, or the one that it gives to others.
    pub invitation: Option<InvitationSecret>,
}

impl Keys {
    /// Those of an installation that knows nothing of the room yet.
    pub fn new(device: Arc<DeviceKeys>) -> Self {
        Self {
            device,
            epochs: BTreeMap::new(),
            invitation: None,
        }
    }

    /// Opens what the log has for this installation, and says whether there was something new.
    pub(crate) fn learn(&mut self, members: &Membership) -> bool {
        let before = self.epochs.len();
        let own = Reader::Device(self.device.device(), &self.device.sealing);
        self.epochs = members.keys(own, &self.epochs);
        if let Some(secret) = &self.invitation
            && let Some(invitation) = members.invitation_of(secret)
        {
            let sealing = secret.sealing();
            let reader = Reader::Invitation(invitation, &sealing);
            self.epochs = members.keys(reader, &self.epochs);
        }
        self.epochs.len() > before
    }

    /// The current epoch and its key, if it is here.
    pub(crate) fn current(&self, members: &Membership) -> Option<(EpochId, &EpochKey)> {
        let epoch = members.epoch()?;
        Some((epoch, self.epochs.get(&epoch)?))
    }

    /// As they are kept on the disk: sealed to this installation, of which the own keys are elsewhere. One byte says whether
    /// there is an invitation, whose seed follows; then each epoch with its key.
    pub(crate) fn encode(&self, room: &RoomId) -> Vec<u8> {
        let mut plain = Zeroizing::new(Vec::with_capacity(33 + self.epochs.len() * 40));
        plain.push(u8::from(self.invitation.is_some()));
        if let Some(secret) = &self.invitation {
            plain.extend_from_slice(secret.seed());
        }
        for (epoch, key) in &self.epochs {
            plain.extend_from_slice(&epoch.0.to_be_bytes());
            plain.extend_from_slice(key.bytes());
        }
        let own = self.device.sealing.public();
        seal_to(&own, room, &plain, &mut Random).expect("an own key is a key")
    }

    /// What [`Keys::encode`] gave. What does not open was another device's, and is left.
    pub(crate) fn decode(device: Arc<DeviceKeys>, room: &RoomId, kept: &[u8]) -> Self {
        let opened = open_from(&device.sealing, room, kept).ok();
        let read = opened.and_then(|plain| read(&plain));
        let (invitation, epochs) = read.unwrap_or_default();
        Self {
            device,
            epochs,
            invitation,
        }
    }
}

type Read = (Option<InvitationSecret>, BTreeMap<EpochId, EpochKey>);

fn read(plain: &[u8]) -> Option<Read> {
    let (has_invitation, mut rest) = plain.split_first()?;
    let mut invitation = None;
    if *has_invitation == 1 {
        let (seed, more) = rest.split_first_chunk::<32>()?;
        invitation = Some(InvitationSecret::from_seed(seed));
        rest = more;
    }
    let mut epochs = BTreeMap::new();
    while let Some((epoch, more)) = rest.split_first_chunk::<EPOCH_BYTES>() {
        let (key, more) = more.split_first_chunk::<32>()?;
        let epoch = EpochId(u64::from_be_bytes(*epoch));
        epochs.insert(epoch, EpochKey::from_bytes(key));
        rest = more;
    }
    Some((invitation, epochs))
}

/// Makes a frame of a room: as it is in an open one, sealed and signed in a closed one. None if that is too large, if this
/// installation may not write it, or if the key of the epoch is not here.
pub(super) fn frame(members: &Membership, keys: Option<&Keys>, draft: Draft<'_>) -> Option<Frame> {
    if members.is_open() {
        return Frame::mint(&draft).ok();
    }
    let keys = keys?;
    let own = &keys.device;
    if draft.payload.is_empty() {
        return Frame::sign(&draft, &own.signing).ok();
    }
    let (epoch, key) = keys.current(members)?;
    let draft = Draft {
        epoch: epoch.0,
        ..draft
    };
    let header = draft.associated_data();
    let sealed = seal(key, Use::Frame, &header, draft.payload);
    let draft = Draft {
        payload: &sealed,
        ..draft
    };
    Frame::sign(&draft, &own.signing).ok()
}

/// What a frame says to members. None if it does not open with any key that is here.
pub(super) fn payload<'a>(
    members: &Membership,
    keys: Option<&Keys>,
    frame: &'a Frame,
) -> Option<Cow<'a, [u8]>> {
    if members.is_open() || frame.payload().is_empty() {
        return Some(Cow::Borrowed(frame.payload()));
    }
    let key = keys?.epochs.get(&EpochId(frame.header().epoch))?;
    open(key, Use::Frame, frame.associated_data(), frame.payload()).map(Cow::Owned)
}

/// Whether the key is not here under which a frame of a closed room is sealed.
pub(super) fn lacks_key(keys: Option<&Keys>, frame: &Frame) -> bool {
    let epoch = EpochId(frame.header().epoch);
    keys.is_some_and(|keys| !keys.epochs.contains_key(&epoch))
}

/// Makes a signal of a room, of one in clear.
pub(super) fn signal(members: &Membership, keys: Option<&Keys>, signal: Signal) -> Option<Signal> {
    if members.is_open() {
        return Some(signal);
    }
    let (keys, room) = (keys?, members.room());
    let own = &keys.device;
    members.permits(&own.device(), Right::Read).ok()?;
    if signal.kind == SignalKind::State {
        return Some(signal.signed(&room, &own.signing));
    }
    let (epoch, key) = keys.current(members)?;
    let header = signal.associated_data(&room);
    let sealed = seal(key, Use::Signal, &header, &signal.payload);
    let payload = [&epoch.0.to_be_bytes()[..], &sealed].concat();
    let signal = Signal {
        payload: payload.into(),
        ..signal
    };
    Some(signal.signed(&room, &own.signing))
}

/// What a presence says to members. None if it does not open with any key that is here.
pub(super) fn presence(
    members: &Membership,
    keys: Option<&Keys>,
    signal: &Signal,
) -> Option<Bytes> {
    if members.is_open() {
        return Some(signal.payload.clone());
    }
    let (epoch, sealed) = signal.payload.split_first_chunk::<EPOCH_BYTES>()?;
    let key = keys?.epochs.get(&EpochId(u64::from_be_bytes(*epoch)))?;
    let header = signal.associated_data(&members.room());
    open(key, Use::Signal, &header, sealed).map(Bytes::from)
}

fn seal(key: &EpochKey, purpose: Use, header: &[u8], plain: &[u8]) -> Vec<u8> {
    match planted(Fault::SealNothing) {
        true => plain.to_vec(),
        false => key.seal(purpose, header, plain, &mut Random),
    }
}

fn open(key: &EpochKey, purpose: Use, header: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    match planted(Fault::SealNothing) {
        true => Some(sealed.to_vec()),
        false => key.open(purpose, header, sealed).ok(),
    }
}

impl Room {
    /// The key for an attachment that was kept as it is, by its hash. None in an open room, and while the key of the first
    /// epoch is not here.
    pub(crate) fn blob_key(&self, plain: &BlobName) -> Option<BlobKey> {
        let epoch = self.exchange.membership().first_epoch()?;
        let key = self.keys.as_ref()?.epochs.get(&epoch)?;
        Some(BlobKey::of_content(key, &plain.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(byte: u8) -> Arc<DeviceKeys> {
        Arc::new(DeviceKeys {
            signing: trust::key::DeviceKey::from_seed(&[byte; 32]),
            sealing: trust::key::SealingKey::from_bytes(&[byte; 32]),
        })
    }

    #[test]
    fn keys_are_read_back_by_their_device_and_not_readable_on_the_disk() {
        let room = RoomId([5; 32]);
        let mut keys = Keys::new(device(1));
        for invitation in [None, Some(InvitationSecret::from_seed(&[9; 32]))] {
            keys.invitation = invitation;
            for epoch in 1..3 {
                let key = EpochKey::from_bytes(&[epoch; 32]);
                keys.epochs.insert(EpochId(u64::from(epoch)), key);
            }
            let kept = keys.encode(&room);
            let has = |byte: u8| kept.windows(8).any(|window| window == [byte; 8]);
            assert!(!has(1) && !has(2) && !has(9));
            let again = Keys::decode(device(1), &room, &kept);
            assert_eq!(again.invitation, keys.invitation);
            assert_eq!(again.epochs, keys.epochs);
            let other = Keys::decode(device(2), &room, &kept);
            assert!(other.invitation.is_none() && other.epochs.is_empty());
        }
        assert!(read(b"").is_none() && read(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 7]).is_none());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let mut keys = Keys::new(device(0xab));
        keys.invitation = Some(InvitationSecret::from_seed(&[0xab; 32]));
        keys.epochs
            .insert(EpochId(1), EpochKey::from_bytes(&[0xab; 32]));
        let shown = format!("{keys:?} {keys:#?}").to_lowercase();
        assert!(!shown.contains("abab") && !shown.contains("171, 171"));
    }
}
