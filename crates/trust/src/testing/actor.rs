//! Somebody with keys and a copy of a room's log.

use std::collections::BTreeMap;

use super::Draws;
use crate::DeviceId;
use crate::invitation::InvitationSecret;
use crate::key::{DeviceKey, SealingKey};
use crate::membership::{Membership, MembershipError, Reader, Refused, Terms};
use crate::record::{Content, Cut, EpochId, Record, RecordId, Role};
use crate::seal::EpochKey;

/// One device, its copy of the log and the keys that it has opened. The same at each run.
#[derive(Clone)]
pub struct Actor {
    /// The signing key.
    pub key: DeviceKey,
    /// The sealing key.
    pub sealing: SealingKey,
    /// What is here of the log.
    pub log: Membership,
    /// The epochs that it can read.
    pub keys: BTreeMap<EpochId, EpochKey>,
    draws: u64,
}

impl Actor {
    /// The founder of a room of her own.
    pub fn founder(number: u8) -> Self {
        let (key, sealing) = keys(number);
        let (log, epoch, epoch_key) = Membership::found(
            [number; 32],
            &key,
            &sealing,
            &mut Draws::new(u64::from(number)),
        );
        Self {
            key,
            sealing,
            log,
            keys: BTreeMap::from([(epoch, epoch_key)]),
            draws: u64::from(number) << 32,
        }
    }

    /// Somebody else, with what another one has of the log.
    pub fn beside(&self, number: u8) -> Self {
        let (key, sealing) = keys(number);
        Self {
            key,
            sealing,
            log: self.log.clone(),
            keys: BTreeMap::new(),
            draws: u64::from(number) << 32,
        }
    }

    /// The device.
    pub fn device(&self) -> DeviceId {
        self.key.device()
    }

    /// Merges another's copy of the log.
    pub fn hear(&mut self, other: &Self) {
        self.log
            .merge(other.log.records())
            .expect("an actor's log is one");
        self.open_keys();
    }

    /// Adds somebody.
    pub fn add(&mut self, other: &Self, role: Role) -> Result<RecordId, Refused> {
        let epoch = self.log.epoch().ok_or(Refused::NoKey)?;
        let epoch_key = self.keys.get(&epoch).ok_or(Refused::NoKey)?.clone();
        let device = (other.key.public(), other.sealing.certify(&other.key));
        let mut random = self.random();
        self.log
            .add(&self.key, device, role, (epoch, &epoch_key), &mut random)
    }

    /// Gives somebody another role, or none.
    pub fn change(
        &mut self,
        device: DeviceId,
        role: Option<Role>,
        cut: &[(u64, u64)],
    ) -> Result<RecordId, Refused> {
        let cut = cut.iter().copied().collect::<Cut>();
        self.log.change(&self.key, device, role, cut)
    }

    /// Is no member any more.
    pub fn leave(&mut self, cut: &[(u64, u64)]) -> Result<(), Refused> {
        let cut = cut.iter().copied().collect::<Cut>();
        self.log.leave(&self.key, &cut)
    }

    /// Lets somebody in again.
    pub fn readmit(&mut self, device: DeviceId, role: Role) -> Result<RecordId, Refused> {
        let epoch = self.log.epoch().ok_or(Refused::NoKey)?;
        let epoch_key = self.keys.get(&epoch).ok_or(Refused::NoKey)?.clone();
        let mut random = self.random();
        self.log
            .readmit(&self.key, device, role, (epoch, &epoch_key), &mut random)
    }

    /// Opens an invitation that does not expire before 1,000.
    pub fn invite(
        &mut self,
        secret: &InvitationSecret,
        role: Role,
        uses: u32,
    ) -> Result<RecordId, Refused> {
        let epoch = self.log.epoch().ok_or(Refused::NoKey)?;
        let epoch_key = self.keys.get(&epoch).ok_or(Refused::NoKey)?.clone();
        let terms = Terms {
            role,
            expires_ms: 1_000,
            uses,
        };
        let mut random = self.random();
        self.log
            .invite(&self.key, secret, terms, (epoch, &epoch_key), &mut random)
    }

    /// Joins by an invitation, at 0, and opens what is sealed to it.
    pub fn join(&mut self, secret: &InvitationSecret) -> Result<RecordId, Refused> {
        let joined = self.log.join(secret, &self.key, &self.sealing, 0)?;
        let invitation = self
            .log
            .invitation_of(secret)
            .expect("it has just been used");
        let sealing = secret.sealing();
        self.keys = self
            .log
            .keys(Reader::Invitation(invitation, &sealing), &self.keys);
        Ok(joined)
    }

    /// Begins an epoch, at 0.
    pub fn begin_epoch(&mut self) -> Result<EpochId, Refused> {
        let mut random = self.random();
        let (epoch, key) = self
            .log
            .begin_epoch(&self.key, &self.keys, 0, &mut random)?;
        self.keys.insert(epoch, key);
        Ok(epoch)
    }

    /// Says something as if only some records had been here, whether it counts or not.
    pub fn say_after(
        &mut self,
        deps: &[RecordId],
        content: Content,
    ) -> Result<RecordId, MembershipError> {
        let mut deps = deps.to_vec();
        deps.sort_unstable();
        deps.dedup();
        let record = Record::sign(self.log.room(), deps, content, &self.key).encode();
        self.log
            .merge(&[self.log.records()[0].clone(), record.clone()])?;
        Ok(RecordId::of(&record))
    }

    fn open_keys(&mut self) {
        let reader = Reader::Device(self.device(), &self.sealing);
        self.keys = self.log.keys(reader, &self.keys);
    }

    fn random(&mut self) -> Draws {
        self.draws += 1;
        Draws::new(self.draws)
    }
}

fn keys(number: u8) -> (DeviceKey, SealingKey) {
    (
        DeviceKey::from_seed(&[number; 32]),
        SealingKey::from_bytes(&[number; 32]),
    )
}
