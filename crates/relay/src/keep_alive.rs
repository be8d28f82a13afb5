//! Whether the other end is still there.

use crate::limits::Timing;

/// What to do about a link now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Nothing before this time.
    WaitUntil(u64),
    /// Send a ping, and look again.
    Ping,
    /// Nothing has come for too long: the cable is out, the machine asleep, its program stuck.
    GiveUp,
}

/// What has come so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Bytes of any kind.
    pub bytes: u64,
    /// Answers to pings.
    pub pongs: u64,
    /// When the last of all that came, by [`now_ms`](crate::now_ms); 0 as long as nothing did.
    pub at_ms: u64,
}

/// Watches one link's silence. Pure: time and what has been heard so far are arguments.
///
/// The side that dialled pings; the side that accepted only expects bytes, which the pings guarantee. TCP by itself
/// notices a machine that vanished after many minutes, and only if it sends something.
#[derive(Clone, Debug)]
pub struct KeepAlive {
    timing: Timing,
    pings: bool,
    heard: Heard,
    begin_ms: u64,
    ping_due_ms: u64,
    /// More pongs than so many are expected by then, since somebody has reason to doubt.
    proof_due: Option<(u64, u64)>,
}

impl KeepAlive {
    /// A link that has just come up; `pings` is for the side that dialled.
    pub fn new(timing: Timing, pings: bool, now_ms: u64) -> Self {
        Self {
            timing,
            pings,
            heard: Heard::default(),
            begin_ms: now_ms,
            ping_due_ms: now_ms + timing.ping_ms,
            proof_due: None,
        }
    }

    /// Demands an answer soon: the machine slept, the network changed, a person asked. The next care is a ping. Bytes
    /// that have waited here for being read are no answer.
    pub fn doubt(&mut self, now_ms: u64, heard: Heard) {
        self.ping_due_ms = now_ms;
        self.proof_due = Some((heard.pongs, now_ms + self.timing.proof_ms));
        self.pings = true;
    }

    /// What to do now.
    pub fn care(&mut self, now_ms: u64, heard: Heard) -> Care {
        if heard != self.heard {
            self.heard = heard;
            self.proof_due = self.proof_due.filter(|(pongs, _)| *pongs >= heard.pongs);
        }
        let dead_ms = self.begin_ms.max(heard.at_ms) + self.timing.dead_ms;
        let dead_ms = self
            .proof_due
            .map_or(dead_ms, |(_, due_ms)| due_ms.min(dead_ms));
        if now_ms >= dead_ms {
            return Care::GiveUp;
        }
        if !self.pings {
            return Care::WaitUntil(dead_ms);
        }
        if now_ms >= self.ping_due_ms {
            self.ping_due_ms = now_ms + self.timing.ping_ms;
            return Care::Ping;
        }
        Care::WaitUntil(self.ping_due_ms.min(dead_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing {
        greet_ms: 5_000,
        ping_ms: 10_000,
        dead_ms: 25_000,
        proof_ms: 3_000,
        drain_ms: 2_000,
    };

    fn heard(bytes: u64, pongs: u64, at_ms: u64) -> Heard {
        Heard {
            bytes,
            pongs,
            at_ms,
        }
    }

    #[test]
    fn the_side_that_dialled_pings_and_gives_up_after_silence() {
        let mut watch = KeepAlive::new(TIMING, true, 0);
        assert_eq!(watch.care(0, heard(0, 0, 0)), Care::WaitUntil(10_000));
        assert_eq!(watch.care(10_000, heard(0, 0, 0)), Care::Ping);
        assert_eq!(watch.care(10_000, heard(0, 0, 0)), Care::WaitUntil(20_000));
        assert_eq!(watch.care(20_000, heard(0, 0, 0)), Care::Ping);
        assert_eq!(watch.care(20_001, heard(0, 0, 0)), Care::WaitUntil(25_000));
        assert_eq!(watch.care(25_000, heard(0, 0, 0)), Care::GiveUp);
    }

    #[test]
    fn any_byte_is_a_sign_of_life() {
        let mut watch = KeepAlive::new(TIMING, false, 0);
        assert_eq!(
            watch.care(25_000, heard(1, 0, 300)),
            Care::WaitUntil(25_300),
            "from when it came, whenever that is looked at"
        );
        assert_eq!(watch.care(25_300, heard(1, 0, 300)), Care::GiveUp);
    }

    #[test]
    fn the_side_that_accepted_never_pings() {
        let mut watch = KeepAlive::new(TIMING, false, 0);
        for now_ms in 0..25_000 {
            assert_eq!(watch.care(now_ms, heard(0, 0, 0)), Care::WaitUntil(25_000));
        }
    }

    #[test]
    fn doubt_demands_an_answer_soon() {
        let mut watch = KeepAlive::new(TIMING, true, 0);
        watch.doubt(1_000, heard(5, 1, 900));
        assert_eq!(watch.care(1_000, heard(5, 1, 900)), Care::Ping);
        assert_eq!(
            watch.care(1_000, heard(9, 1, 1_000)),
            Care::WaitUntil(4_000),
            "old bytes"
        );
        let mut answered = watch.clone();
        assert_eq!(watch.care(4_000, heard(9, 1, 1_000)), Care::GiveUp);
        assert_eq!(
            answered.care(3_999, heard(11, 2, 3_900)),
            Care::WaitUntil(11_000)
        );
        assert_eq!(
            answered.care(11_000, heard(11, 2, 3_900)),
            Care::Ping,
            "doubt has gone"
        );
    }
}
