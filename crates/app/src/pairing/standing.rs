//! How far a pairing is: pure, with time as an argument.
//!
//! There is one at a time; whoever begins another has seen to it that the one before has no connection any more. What is
//! told of one that is not there any more, or is over, changes nothing.

use std::net::SocketAddr;

use graph::time::Timestamp;
use trust::DeviceId;
use trust::key::words_of;

use super::delivery::Mine;
use super::{Pairing, PairingId, PairingPeer, PairingSide, PairingState};
use crate::failure::Failure;
use crate::request::ProjectId;
use crate::secret_text::SecretText;

/// The pairing that there is.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    last: u32,
    current: Option<Pairing>,
    /// Who the other machine of that one says to sit here, too.
    mine: Option<Mine>,
}

/// What becomes of a pairing that somebody does not want any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// It was over, or is not there, or the project is going over, which cannot be taken back.
    Nothing,
    /// The other side has to be told.
    Tell,
}

impl Standing {
    /// What windows are shown.
    pub(crate) fn current(&self) -> Option<&Pairing> {
        self.current.as_ref()
    }

    /// A machine is asked to join a project.
    pub(crate) fn begin(&mut self, project: ProjectId, peer: PairingPeer) -> PairingId {
        let (side, project) = (PairingSide::Sharing, Some(project));
        self.put(side, peer, project, PairingState::Asking)
    }

    /// This machine was asked, and shows a code.
    pub(crate) fn asked(
        &mut self,
        peer: PairingPeer,
        code: SecretText,
        until: Timestamp,
    ) -> PairingId {
        let state = PairingState::Showing { code, until };
        self.put(PairingSide::Joining, peer, None, state)
    }

    /// The machine that was asked shows a code.
    pub(crate) fn shown(
        &mut self,
        id: PairingId,
        device: DeviceId,
        remote: SocketAddr,
        until: Timestamp,
    ) {
        if let Some(pairing) = self.at(id, |it| *it == PairingState::Asking) {
            pairing.peer = PairingPeer {
                name: None,
                ..peer(device, remote)
            };
            pairing.state = PairingState::Typing { until };
        }
    }

    /// A code was typed here: there is no second one.
    pub(crate) fn typed(&mut self, id: PairingId) -> Result<(), Failure> {
        let is_typing = |it: &PairingState| matches!(it, PairingState::Typing { .. });
        let pairing = self.at(id, is_typing).ok_or_else(gone)?;
        pairing.state = PairingState::Joining;
        Ok(())
    }

    /// A code was typed at the other machine.
    pub(crate) fn guessed(&mut self, id: PairingId) {
        let is_showing = |it: &PairingState| matches!(it, PairingState::Showing { .. });
        if let Some(pairing) = self.at(id, is_showing) {
            pairing.state = PairingState::Joining;
        }
    }

    /// The other machine is in, or this one.
    pub(crate) fn done(&mut self, id: PairingId, project: ProjectId, name: Option<String>) {
        if let Some(pairing) = self.at(id, |it| *it == PairingState::Joining) {
            pairing.project = Some(project);
            pairing.peer.name = name;
            pairing.state = PairingState::Done;
        }
    }

    /// Once it is done: the other machine has said who is to sit here, too.
    pub(crate) fn offer_person(&mut self, id: PairingId, mine: Mine) {
        if let Some(pairing) = self.at(id, |it| *it == PairingState::Done) {
            pairing.hers = Some(mine.profile.clone());
            self.mine = Some(mine);
        }
    }

    /// Who that is, once.
    pub(crate) fn take_person(&mut self, id: PairingId) -> Option<Mine> {
        let pairing = self.at(id, |it| *it == PairingState::Done)?;
        pairing.hers = None;
        self.mine.take()
    }

    /// It has come to nothing.
    pub(crate) fn fail(&mut self, id: PairingId, failure: Failure, retry_at: Option<Timestamp>) {
        if let Some(pairing) = self.at(id, |it| !it.is_over()) {
            pairing.state = PairingState::Failed { failure, retry_at };
        }
    }

    /// Somebody here does not want it any more, or has seen how it ended.
    pub(crate) fn cancel(&mut self, id: PairingId) -> Cancelled {
        let Some(pairing) = self.at(id, |it| *it != PairingState::Joining) else {
            return Cancelled::Nothing;
        };
        let was_over = pairing.state.is_over();
        self.current = None;
        match was_over {
            true => Cancelled::Nothing,
            false => Cancelled::Tell,
        }
    }

    fn put(
        &mut self,
        side: PairingSide,
        peer: PairingPeer,
        project: Option<ProjectId>,
        state: PairingState,
    ) -> PairingId {
        self.last += 1;
        self.mine = None;
        let id = PairingId(self.last);
        self.current = Some(Pairing {
            id,
            side,
            peer,
            project,
            state,
            hers: None,
        });
        id
    }

    fn at(
        &mut self,
        id: PairingId,
        is_so: impl FnOnce(&PairingState) -> bool,
    ) -> Option<&mut Pairing> {
        self.current
            .as_mut()
            .filter(|it| it.id == id && is_so(&it.state))
    }
}

/// A machine whose key is proven.
pub(super) fn peer(device: DeviceId, remote: SocketAddr) -> PairingPeer {
    PairingPeer {
        words: Some(words_of(&device)),
        device: Some(device.to_string()),
        address: remote.ip().to_canonical().to_string(),
        name: None,
    }
}

fn gone() -> Failure {
    Failure::new(
        "PAIRING_GONE",
        "The other computer shows no code any more. Begin again.",
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const DEVICE: DeviceId = DeviceId([7; 32]);
    const PROJECT: ProjectId = ProjectId(Uuid::from_u128(1));
    const UNTIL: Timestamp = Timestamp(120_000);

    fn remote() -> SocketAddr {
        "[::ffff:10.0.0.2]:7400".parse().unwrap()
    }

    fn begun() -> (Standing, PairingId) {
        let mut standing = Standing::default();
        let id = standing.begin(PROJECT, peer(DEVICE, remote()));
        (standing, id)
    }

    fn asked() -> (Standing, PairingId) {
        let mut standing = Standing::default();
        let id = standing.asked(peer(DEVICE, remote()), "123456".into(), UNTIL);
        (standing, id)
    }

    fn state(standing: &Standing) -> PairingState {
        standing.current().expect("there is one").state.clone()
    }

    fn failure(code: &str) -> Failure {
        Failure::new(code, "It failed.")
    }

    #[test]
    fn the_sharing_side_goes_from_asking_to_done() {
        let (mut standing, id) = begun();
        assert_eq!(state(&standing), PairingState::Asking);
        assert_eq!(standing.typed(id).unwrap_err().code, "PAIRING_GONE");
        standing.shown(id, DEVICE, remote(), UNTIL);
        assert_eq!(state(&standing), PairingState::Typing { until: UNTIL });
        assert_eq!(standing.current().unwrap().peer.address, "10.0.0.2");
        standing.typed(id).unwrap();
        assert_eq!(state(&standing), PairingState::Joining);
        assert_eq!(standing.typed(id).unwrap_err().code, "PAIRING_GONE");
        standing.done(id, PROJECT, Some("Ben".to_owned()));
        assert_eq!(state(&standing), PairingState::Done);
        standing.fail(id, failure("LATE"), None);
        assert_eq!(state(&standing), PairingState::Done);
    }

    #[test]
    fn the_joining_side_goes_from_showing_to_done() {
        let (mut standing, id) = asked();
        let code = "123456".into();
        assert_eq!(
            state(&standing),
            PairingState::Showing { code, until: UNTIL }
        );
        assert_eq!(standing.current().unwrap().project, None);
        assert!(standing.typed(id).is_err(), "it is typed at the other one");
        standing.guessed(id);
        standing.done(id, PROJECT, None);
        assert_eq!(state(&standing), PairingState::Done);
        assert_eq!(standing.current().unwrap().project, Some(PROJECT));
    }

    #[test]
    fn what_comes_late_changes_nothing() {
        let (mut standing, first) = begun();
        standing.fail(first, failure("FIRST"), Some(UNTIL));
        let second = standing.begin(PROJECT, peer(DEVICE, remote()));
        assert!(second > first);
        standing.shown(first, DEVICE, remote(), UNTIL);
        standing.fail(first, failure("AGAIN"), None);
        standing.done(first, PROJECT, None);
        assert_eq!(standing.cancel(first), Cancelled::Nothing);
        assert_eq!(state(&standing), PairingState::Asking);
    }

    #[test]
    fn what_is_given_up_is_put_away_and_told() {
        let (mut standing, id) = begun();
        assert_eq!(standing.cancel(id), Cancelled::Tell);
        assert_eq!(standing.current(), None);
        standing.shown(id, DEVICE, remote(), UNTIL);
        standing.fail(id, failure("LATE"), None);
        assert_eq!(standing.current(), None);
        assert_eq!(standing.cancel(id), Cancelled::Nothing);
        let (mut standing, id) = asked();
        assert_eq!(standing.cancel(id), Cancelled::Tell);
    }

    #[test]
    fn what_is_over_is_put_away() {
        let (mut standing, id) = asked();
        standing.fail(id, failure("PAIRING_EXPIRED"), None);
        assert_eq!(standing.cancel(id), Cancelled::Nothing);
        assert_eq!(standing.current(), None);
    }

    #[test]
    fn a_project_that_goes_over_is_not_stopped() {
        let (mut standing, id) = asked();
        standing.guessed(id);
        assert_eq!(standing.cancel(id), Cancelled::Nothing);
        assert_eq!(state(&standing), PairingState::Joining);
    }
}
