//! The links of one room: which there are, and how the last of them ended. For people, and for whom to dial.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Mutex;

use discovery::DevicePrefix;
use graph::time::Timestamp;
use relay::{Address, Cause};
use sync::{LinkError, LinkId, Peer, Side};
use tokio::sync::Notify;
use trust::DeviceId;

use super::entered::Dial;
use super::words;
use crate::failure::Failure;
use crate::sharing::{LinkOrigin, LinkState, PeerLink};
use crate::world::{Clock, locked};

/// Of visitors that left, so many are shown: enough to see a pattern.
const MAX_GONE: usize = 4;

/// Links of which it is remembered that this side dropped them.
const MAX_REFUSED: usize = 16;

/// What is known of the links of one room. Written by whoever owns the room.
pub(crate) struct Book {
    clock: Clock,
    pages: Mutex<Pages>,
    /// Something differs.
    pub(super) changed: Notify,
    /// There are other machines that somebody has chosen.
    pub(crate) chosen: Notify,
}

#[derive(Default)]
struct Pages {
    up: BTreeMap<LinkId, Up>,
    /// Newest first.
    gone: VecDeque<PeerLink>,
    refused: VecDeque<(LinkId, Failure)>,
    /// Who was found at addresses that somebody has typed or chosen.
    chosen: BTreeMap<Dial, DeviceId>,
    /// What of that is to be remembered.
    unkept: Vec<(Dial, DeviceId)>,
    /// Who is or was a member of the room.
    members: BTreeSet<DeviceId>,
}

/// In what an address stands at which somebody was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// In the project.
    Project,
    /// In the settings: a relay.
    Settings,
}

/// A link that is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Up {
    pub(super) device: DeviceId,
    pub(super) remote: SocketAddr,
    pub(super) side: Side,
    pub(super) since: Timestamp,
}

impl Book {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            pages: Mutex::default(),
            changed: Notify::new(),
            chosen: Notify::new(),
        }
    }

    /// The time, for people.
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A link is up.
    pub(crate) fn up(&self, link: LinkId, peer: Peer, remote: SocketAddr) {
        let up = Up {
            device: peer.device,
            remote,
            side: peer.side,
            since: self.now(),
        };
        locked(&self.pages).up.insert(link, up);
        self.changed.notify_one();
    }

    /// This device was found at an address that somebody has typed, or that is a relay of the settings.
    pub(super) fn choose(&self, at: &Dial, device: DeviceId) {
        let mut pages = locked(&self.pages);
        if pages.chosen.insert(at.clone(), device) != Some(device) {
            pages.unkept.push((at.clone(), device));
            drop(pages);
            self.chosen.notify_one();
        }
    }

    /// Nobody is looked for there any more.
    pub(super) fn leave(&self, at: &Dial) {
        if locked(&self.pages).chosen.remove(at).is_some() {
            self.chosen.notify_one();
        }
        self.changed.notify_one();
    }

    /// The machines that were found at addresses that somebody has typed or chosen.
    pub(crate) fn chosen_devices(&self) -> BTreeSet<DeviceId> {
        locked(&self.pages).chosen.values().copied().collect()
    }

    /// Who was found where since this was asked last, to be remembered.
    pub(crate) fn take_found(&self) -> Vec<(Whose, Address, DeviceId)> {
        let found = std::mem::take(&mut locked(&self.pages).unkept).into_iter();
        let found = found.filter_map(|(at, device)| match at {
            Dial::Typed(address) => Some((Whose::Project, address, device)),
            Dial::Relay(address) => Some((Whose::Settings, address, device)),
            Dial::Found(_) => None,
        });
        found.collect()
    }

    /// These are or were members of the room.
    pub(crate) fn know(&self, members: BTreeSet<DeviceId>) {
        locked(&self.pages).members = members;
    }

    /// The one among them that announces itself so.
    pub(super) fn member(&self, announced: DevicePrefix) -> Option<DeviceId> {
        let pages = locked(&self.pages);
        let mut members = pages.members.iter().copied();
        members.find(|it| DevicePrefix::of(&it.0) == Some(announced))
    }

    /// This side drops a link.
    pub(crate) fn refuse(&self, link: LinkId, error: &LinkError) {
        if let Some(failure) = words::dropped(error) {
            let refused = &mut locked(&self.pages).refused;
            refused.push_front((link, failure));
            refused.truncate(MAX_REFUSED);
        }
    }

    /// A link is down.
    pub(crate) fn down(&self, link: LinkId, cause: &Cause) {
        let now = self.now();
        let mut pages = locked(&self.pages);
        // Of those that were dialled, the dial tells.
        if let Some(up) = pages.up.remove(&link)
            && up.side == Side::Accepted
        {
            let trouble = pages.refusal(link).or_else(|| words::ended(cause));
            pages
                .gone
                .retain(|it| it.device != Some(up.device.to_string()));
            pages.gone.push_front(PeerLink {
                address: up.remote.ip().to_canonical().to_string(),
                origin: LinkOrigin::Visitor,
                state: LinkState::Ended { at: now },
                device: Some(up.device.to_string()),
                trouble,
            });
            pages.gone.truncate(MAX_GONE);
        }
        drop(pages);
        self.changed.notify_one();
    }

    /// The links that are up.
    pub(super) fn links(&self) -> BTreeMap<LinkId, Up> {
        locked(&self.pages).up.clone()
    }

    /// Why this side dropped a link, if it did.
    pub(super) fn refusal(&self, link: LinkId) -> Option<Failure> {
        locked(&self.pages).refusal(link)
    }

    /// Those by which others came, and those who left and have not come back.
    pub(super) fn visitors(&self) -> Vec<PeerLink> {
        let pages = locked(&self.pages);
        let here = pages.up.values().filter(|it| it.side == Side::Accepted);
        let mut links: Vec<PeerLink> = here
            .map(|it| PeerLink {
                address: it.remote.ip().to_canonical().to_string(),
                origin: LinkOrigin::Visitor,
                state: LinkState::Up { since: it.since },
                device: Some(it.device.to_string()),
                trouble: None,
            })
            .collect();
        let is_back = |gone: &PeerLink| {
            let mut devices = pages.up.values().map(|it| Some(it.device.to_string()));
            devices.any(|device| device == gone.device)
        };
        links.extend(pages.gone.iter().filter(|it| !is_back(it)).cloned());
        links
    }
}

impl Pages {
    fn refusal(&self, link: LinkId) -> Option<Failure> {
        let mut refused = self.refused.iter();
        let found = refused.find(|(refused, _)| *refused == link);
        found.map(|(_, failure)| failure.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn peer(name: u8, side: Side) -> Peer {
        Peer {
            device: DeviceId([name; 32]),
            side,
            protocol: 1,
        }
    }

    fn book() -> Book {
        Book::new(Arc::new(|| Timestamp(7)))
    }

    const REMOTE: &str = "[::ffff:10.0.0.2]:40000";

    #[test]
    fn a_visitor_is_shown_while_it_is_here_and_after_it_left() {
        let book = book();
        book.up(LinkId(1), peer(1, Side::Accepted), REMOTE.parse().unwrap());
        let here = book.visitors();
        assert_eq!(
            here[0].state,
            LinkState::Up {
                since: Timestamp(7)
            }
        );
        assert_eq!(here[0].address, "10.0.0.2");
        book.down(LinkId(1), &Cause::Silent);
        let gone = book.visitors();
        assert_eq!(gone[0].state, LinkState::Ended { at: Timestamp(7) });
        let code = gone[0].trouble.as_ref().map(|it| it.code.as_str());
        assert_eq!(code, Some("LINK_SILENT"));
        // Back by another link.
        book.up(LinkId(2), peer(1, Side::Dialled), REMOTE.parse().unwrap());
        assert_eq!(book.visitors(), []);
    }

    #[test]
    fn a_link_that_this_side_dropped_says_so() {
        let book = book();
        book.up(LinkId(1), peer(1, Side::Accepted), REMOTE.parse().unwrap());
        book.refuse(LinkId(1), &LinkError::OtherRoom);
        book.down(LinkId(1), &Cause::Ended);
        let gone = book.visitors();
        let code = gone[0].trouble.as_ref().map(|it| it.code.as_str());
        assert_eq!(code, Some("LINK_REFUSED"));
        // Of a dialled one the dial tells.
        book.up(LinkId(2), peer(2, Side::Dialled), REMOTE.parse().unwrap());
        book.refuse(LinkId(2), &LinkError::OtherRoom);
        book.down(LinkId(2), &Cause::Ended);
        assert_eq!(book.visitors().len(), 1);
        assert!(book.refusal(LinkId(2)).is_some());
    }

    #[test]
    fn many_visitors_that_left_are_few_lines() {
        let book = book();
        for name in 0..40 {
            let link = LinkId(u64::from(name));
            book.up(link, peer(name, Side::Accepted), REMOTE.parse().unwrap());
            book.refuse(link, &LinkError::OtherRoom);
            book.down(link, &Cause::Closed);
        }
        assert_eq!(book.visitors().len(), MAX_GONE);
        assert_eq!(locked(&book.pages).refused.len(), MAX_REFUSED);
    }
}
