//! Somebody with a device key and no application: she is let in by an invitation, and sends what no application would.

use std::collections::BTreeMap;

use graph::generate::Random;
use sync::{Advert, Content, Document, Draft, Frame, Message, StreamId, Vector};
use trust::invitation::{Invitation, InvitationSecret};
use trust::key::{DeviceKey, SealingKey};
use trust::membership::Reader;
use trust::record::{Content as Said, EpochId, Record, RecordId};
use trust::seal::{EpochKey, Use};
use trust::testing::Draws;
use trust::{DeviceId, Membership};

use crate::desk::words;
use crate::world::Broken;

/// One such device, and what it knows of the room.
pub struct Ghost {
    key: DeviceKey,
    sealing: SealingKey,
    invitation: InvitationSecret,
    log: Membership,
    /// The log by which she joined: she brings it wherever she comes.
    joined: Membership,
    keys: BTreeMap<EpochId, EpochKey>,
    draws: Draws,
    streams: u64,
}

impl Ghost {
    pub fn new(number: u8, invitation: &Invitation) -> Self {
        let log = Membership::begin(&invitation.genesis);
        Self {
            key: DeviceKey::from_seed(&[number; 32]),
            sealing: SealingKey::from_bytes(&[number; 32]),
            invitation: invitation.secret.clone(),
            joined: log.clone(),
            log,
            keys: BTreeMap::new(),
            draws: Draws::new(u64::from(number)),
            streams: 0,
        }
    }

    pub fn device(&self) -> DeviceId {
        self.key.device()
    }

    /// Hears who is a member, joins if she is none yet, and opens what is sealed to her.
    pub fn hear(&mut self, log: &Membership, unix_ms: u64) -> Result<(), Broken> {
        self.log = log.clone();
        self.log.merge(self.joined.records()).map_err(words)?;
        // Whoever was removed, or whose invitation is gone, stays outside.
        let is_known = self.log.member(&self.key.device()).is_some();
        let join = |log: &mut Membership| {
            let said = log.join(&self.invitation, &self.key, &self.sealing, unix_ms);
            said.is_ok()
        };
        if !is_known && join(&mut self.log) {
            self.joined = self.log.clone();
        }
        let own = Reader::Device(self.key.device(), &self.sealing);
        self.keys = self.log.keys(own, &self.keys);
        if let Some(invitation) = self.log.invitation_of(&self.invitation) {
            let sealing = self.invitation.sealing();
            let reader = Reader::Invitation(invitation, &sealing);
            self.keys = self.log.keys(reader, &self.keys);
        }
        Ok(())
    }

    /// What she says when a link is up: she holds nothing.
    pub fn greeting(&self) -> Vec<Message> {
        let records = self.log.records().iter();
        vec![
            Message::Members(records.map(|it| it.clone().into()).collect()),
            Message::Vector(Advert {
                held: Vector::new(),
                base: None,
            }),
        ]
    }

    /// A stream in which nothing was written yet.
    pub fn fresh_stream(&mut self) -> StreamId {
        self.streams += 1;
        StreamId {
            device: self.device(),
            nonce: self.streams,
        }
    }

    /// A frame in a place of some stream, which is hers or somebody else's.
    pub fn draft<'a>(
        &self,
        (document, stream, number): (Document, StreamId, u64),
        content: Content<'a>,
        payload: &'a [u8],
    ) -> Draft<'a> {
        Draft {
            room: self.log.room(),
            document,
            epoch: 0,
            stream,
            number,
            deps: &[],
            content,
            payload,
        }
    }

    /// Seals it under the newest key that she has and signs it, whoever it is said to be of.
    pub fn sign(&mut self, draft: &Draft<'_>) -> Option<Frame> {
        let epoch = self.log.epoch()?;
        let key = self.keys.get(&epoch)?;
        let draft = Draft {
            epoch: epoch.0,
            ..draft.clone()
        };
        let sealed = key.seal(
            Use::Frame,
            &draft.associated_data(),
            draft.payload,
            &mut self.draws,
        );
        let draft = Draft {
            payload: &sealed,
            ..draft
        };
        Frame::sign(&draft, &self.key).ok()
    }

    /// Signs it without sealing it.
    pub fn sign_clear(&self, draft: &Draft<'_>) -> Option<Frame> {
        Frame::sign(draft, &self.key).ok()
    }

    /// Seals nothing and signs nothing, though it is said to be sealed.
    pub fn leave_unsigned(&self, draft: Draft<'_>) -> Option<Frame> {
        let epoch = self.log.epoch()?.0;
        Frame::mint(&Draft { epoch, ..draft }).ok()
    }

    /// A signal of somebody, signed by her.
    pub fn signal(&self, signal: sync::Signal) -> sync::Signal {
        signal.signed(&self.log.room(), &self.key)
    }

    /// The log with something that she says in it.
    pub fn claim(&self, content: Said) -> Message {
        let deps = vec![RecordId(self.log.room().0)];
        let record = Record::sign(self.log.room(), deps, content, &self.key);
        let genesis = self.log.records()[0].clone();
        Message::Members(vec![genesis.into(), record.encode().into()])
    }
}

/// Bytes of no meaning.
pub fn noise(random: &mut Random) -> Vec<u8> {
    let count = random.below(80);
    (0..count).map(|_| random.below(256) as u8).collect()
}
