//! Who may see the page: links that are good once, and visits that begin with one. Pure: time and chance are arguments.
//!
//! Of every secret a hash is kept, in memory alone: with the relay all of them end.

use std::collections::BTreeMap;

use super::page::Notice;

/// For so long a link is good.
pub const LINK_MS: u64 = 10 * 60_000;

/// A visit of which nothing is heard for so long is over.
const IDLE_MS: u64 = 30 * 60_000;

/// No visit is longer.
pub const VISIT_MS: u64 = 8 * 3_600_000;

/// Of links, and of visits: an admin has two hands. The oldest goes.
const MOST: usize = 16;

/// 32 random bytes, in hexadecimal digits.
pub type Secret = String;

/// Hashes of what lets one in.
#[derive(Default)]
pub struct Entrance {
    /// Until when they are good.
    links: BTreeMap<Hash, u64>,
    /// By the path that they are at.
    visits: BTreeMap<Hash, Visit>,
}

type Hash = [u8; 32];

/// Somebody who looks at the page.
pub struct Visit {
    pass: Hash,
    /// What its forms carry, so that nobody else's do anything.
    pub form: Secret,
    begun_ms: u64,
    heard_ms: u64,
    /// What is to be told with the next page, once.
    pub notice: Option<Notice>,
}

/// What a browser keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// A part of the path of all pages of the visit.
    ///
    /// Cookies know no ports (RFC 6265, 8.5): each server of this machine is sent those of `127.0.0.1`, unless they are for a path that
    /// it does not know.
    pub place: Secret,
    /// The cookie.
    pub pass: Secret,
}

impl Entrance {
    /// Somebody comes in with this, once.
    pub fn open(&mut self, link: &str, now_ms: u64) {
        self.links.retain(|_, until_ms| *until_ms > now_ms);
        make_room(&mut self.links, |until_ms| *until_ms);
        self.links.insert(hash(link), now_ms + LINK_MS);
    }

    /// A visit begins, if the link is good; it is not any more then.
    pub fn enter(&mut self, link: &str, entered: &Entered, form: Secret, now_ms: u64) -> bool {
        let until_ms = self.links.remove(&hash(link));
        if until_ms.is_none_or(|it| it <= now_ms) {
            return false;
        }
        self.visits.retain(|_, visit| !visit.is_over(now_ms));
        make_room(&mut self.visits, |visit| visit.heard_ms);
        let visit = Visit {
            pass: hash(&entered.pass),
            form,
            begun_ms: now_ms,
            heard_ms: now_ms,
            notice: None,
        };
        self.visits.insert(hash(&entered.place), visit);
        true
    }

    /// The visit at this place, if it goes on and this is its pass.
    pub fn visit(&mut self, place: &str, pass: &str, now_ms: u64) -> Option<&mut Visit> {
        let visit = self.visits.get_mut(&hash(place))?;
        if visit.is_over(now_ms) || visit.pass != hash(pass) {
            return None;
        }
        visit.heard_ms = now_ms;
        Some(visit)
    }

    /// The visit at this place is over.
    pub fn leave(&mut self, place: &str) {
        self.visits.remove(&hash(place));
    }
}

impl Visit {
    fn is_over(&self, now_ms: u64) -> bool {
        now_ms >= self.heard_ms + IDLE_MS || now_ms >= self.begun_ms + VISIT_MS
    }
}

/// Removes the oldest where there are as many as there may be.
fn make_room<V>(among: &mut BTreeMap<Hash, V>, age: impl Fn(&V) -> u64) {
    if among.len() < MOST {
        return;
    }
    let oldest = among.iter().min_by_key(|(_, value)| age(value));
    if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
        among.remove(&oldest);
    }
}

/// What is compared tells nothing of what was hashed, so it may be compared as anything is.
fn hash(secret: &str) -> Hash {
    blake3::derive_key("talus-tally v1 relay admin", secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered() -> Entered {
        Entered {
            place: "place".to_owned(),
            pass: "pass".to_owned(),
        }
    }

    fn enter(entrance: &mut Entrance, link: &str, now_ms: u64) -> bool {
        entrance.enter(link, &entered(), "form".to_owned(), now_ms)
    }

    #[test]
    fn a_link_is_good_once_and_for_a_while() {
        let mut entrance = Entrance::default();
        assert!(!enter(&mut entrance, "link", 0));
        entrance.open("link", 0);
        assert!(!enter(&mut entrance, "other", 1));
        assert!(enter(&mut entrance, "link", LINK_MS - 1));
        assert!(!enter(&mut entrance, "link", LINK_MS - 1));
        entrance.open("late", 0);
        assert!(!enter(&mut entrance, "late", LINK_MS));
    }

    #[test]
    fn a_visit_is_known_by_its_place_and_its_pass_until_it_is_over() {
        let mut entrance = Entrance::default();
        entrance.open("link", 0);
        assert!(enter(&mut entrance, "link", 0));
        let mut is_known = |place, pass, now_ms| entrance.visit(place, pass, now_ms).is_some();
        assert!(is_known("place", "pass", 1));
        assert!(!is_known("place", "form", 1) && !is_known("pass", "pass", 1));
        assert!(is_known("place", "pass", IDLE_MS));
        assert!(is_known("place", "pass", 2 * IDLE_MS - 1));
        assert!(!is_known("place", "pass", 3 * IDLE_MS));
        entrance.leave("place");
        assert!(entrance.visit("place", "pass", 1).is_none());
    }

    #[test]
    fn a_visit_ends_however_busy_it_is() {
        let mut entrance = Entrance::default();
        entrance.open("link", 0);
        assert!(enter(&mut entrance, "link", 0));
        for now_ms in (0..VISIT_MS).step_by(60_000) {
            assert!(entrance.visit("place", "pass", now_ms).is_some());
        }
        assert!(entrance.visit("place", "pass", VISIT_MS).is_none());
    }

    #[test]
    fn there_are_so_many_links_and_visits_and_no_more() {
        let mut entrance = Entrance::default();
        for at in 0..100 {
            entrance.open(&at.to_string(), at);
        }
        assert_eq!(entrance.links.len(), MOST);
        assert!(!enter(&mut entrance, "0", 100) && enter(&mut entrance, "99", 100));
        for at in 0..100 {
            let (link, mut entered) = (at.to_string(), entered());
            entered.place = link.clone();
            entrance.open(&link, at);
            assert!(entrance.enter(&link, &entered, String::new(), at));
        }
        assert_eq!(entrance.visits.len(), MOST);
        assert!(entrance.visit("99", "pass", 100).is_some());
    }
}
