//! Who looks at the UI in a browser: keys, each good once, and the visits that they begin.
//!
//! Pure but for the drawing of secrets: time is an argument. Secrets are kept as hashes, and compared as such.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::time::{Duration, Instant};

use blake3::Hash;

/// A key that nobody has used for so long is forgotten.
const KEY_FOR: Duration = Duration::from_secs(60 * 60);
/// A visit of which nothing was heard for so long is over. A page that is open is heard of all the time.
const VISIT_FOR: Duration = Duration::from_secs(12 * 60 * 60);
/// Keys that wait at once; a further one takes the place of the oldest.
const MOST_KEYS: usize = 16;
/// Visits at once; a further one takes the place of the one that was quiet for longest.
const MOST_VISITS: usize = 64;
/// Bytes that are drawn for a secret.
const SECRET_BYTES: usize = 32;

/// Names a visit without betraying what lets it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Visit(Hash);

#[derive(Debug, Default)]
pub(crate) struct Visits {
    keys: VecDeque<(Hash, Instant)>,
    heard: HashMap<Visit, Instant>,
}

impl Visits {
    /// A key by which one visit may begin.
    pub(crate) fn draw_key(&mut self, now: Instant) -> io::Result<String> {
        let key = secret()?;
        if self.keys.len() == MOST_KEYS {
            self.keys.pop_front();
        }
        self.keys.push_back((hash(&key), now));
        Ok(key)
    }

    /// Begins a visit, if the key is good; it is good no more then. What is returned lets the visitor in.
    pub(crate) fn begin(&mut self, key: &str, now: Instant) -> io::Result<Option<String>> {
        self.keys
            .retain(|(_, drawn)| now.duration_since(*drawn) < KEY_FOR);
        let said = hash(key);
        let Some(place) = self.keys.iter().position(|(known, _)| *known == said) else {
            return Ok(None);
        };
        let pass = secret()?;
        self.keys.remove(place);
        self.forget(now);
        if self.heard.len() >= MOST_VISITS {
            let quietest = self.heard.iter().min_by_key(|(_, heard)| **heard);
            if let Some(quietest) = quietest.map(|(visit, _)| *visit) {
                self.heard.remove(&quietest);
            }
        }
        self.heard.insert(Visit(hash(&pass)), now);
        Ok(Some(pass))
    }

    /// The visit that a pass belongs to, if it goes on.
    pub(crate) fn find(&mut self, pass: &str, now: Instant) -> Option<Visit> {
        let visit = Visit(hash(pass));
        self.hear(visit, now).then_some(visit)
    }

    /// Notes that somebody is still there; false: not any more.
    pub(crate) fn hear(&mut self, visit: Visit, now: Instant) -> bool {
        self.forget(now);
        match self.heard.get_mut(&visit) {
            Some(heard) => {
                *heard = now;
                true
            }
            None => false,
        }
    }

    fn forget(&mut self, now: Instant) {
        self.heard
            .retain(|_, heard| now.duration_since(*heard) < VISIT_FOR);
    }
}

fn hash(text: &str) -> Hash {
    blake3::hash(text.as_bytes())
}

/// Something that nobody guesses: hexadecimal digits.
pub(crate) fn secret() -> io::Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEARLY: Duration = Duration::from_millis(1);

    #[test]
    fn a_key_is_good_once() {
        let (mut visits, now) = (Visits::default(), Instant::now());
        let key = visits.draw_key(now).expect("a key");
        assert_eq!(visits.begin("", now).expect("no"), None);
        let pass = visits.begin(&key, now).expect("yes").expect("a pass");
        assert_eq!(visits.begin(&key, now).expect("no"), None);
        assert!(visits.find(&pass, now).is_some());
        assert_eq!((visits.find(&key, now), visits.find("", now)), (None, None));
    }

    #[test]
    fn a_key_waits_for_an_hour_and_only_so_many_do() {
        let (mut visits, now) = (Visits::default(), Instant::now());
        let keys: Vec<_> = (0..=MOST_KEYS)
            .map(|_| visits.draw_key(now).expect("a key"))
            .collect();
        assert_eq!(visits.begin(&keys[0], now).expect("no"), None);
        assert!(
            visits
                .begin(&keys[1], now + KEY_FOR - NEARLY)
                .expect("yes")
                .is_some()
        );
        assert_eq!(visits.begin(&keys[2], now + KEY_FOR).expect("no"), None);
    }

    #[test]
    fn a_visit_ends_when_nothing_is_heard_of_it() {
        let (mut visits, now) = (Visits::default(), Instant::now());
        let key = visits.draw_key(now).expect("a key");
        let pass = visits.begin(&key, now).expect("yes").expect("a pass");
        let later = now + VISIT_FOR - NEARLY;
        let visit = visits.find(&pass, later).expect("it goes on");
        assert!(visits.hear(visit, later + VISIT_FOR - NEARLY));
        assert!(!visits.hear(visit, later + 2 * VISIT_FOR));
        assert_eq!(visits.find(&pass, later), None, "over is over");
    }

    #[test]
    fn the_quietest_visit_makes_room() {
        let (mut visits, now) = (Visits::default(), Instant::now());
        let mut begin = |after: u64| {
            let now = now + Duration::from_secs(after);
            let key = visits.draw_key(now).expect("a key");
            let pass = visits.begin(&key, now).expect("yes").expect("a pass");
            (pass, now)
        };
        let begun: Vec<_> = (0..=MOST_VISITS as u64).map(&mut begin).collect();
        let last = begun[MOST_VISITS].1;
        assert_eq!(visits.find(&begun[0].0, last), None);
        assert!(
            begun[1..]
                .iter()
                .all(|(pass, _)| visits.find(pass, last).is_some())
        );
    }
}
