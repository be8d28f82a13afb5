//! Tokens and who came with them. Pure: time is an argument.

use jiff::Timestamp;
use relay::NotRedeemed;
use serde::{Deserialize, Serialize};
use trust::DeviceId;

/// All tokens that were given out, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    #[serde(default, rename = "token")]
    pub tokens: Vec<Token>,
}

/// A token, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// What it is called in lists and logs: the first digits of the digest.
    pub id: String,
    /// Whom it is for, in the admin's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What is checked, in hexadecimal digits.
    digest: String,
    pub made: Timestamp,
    /// Nobody new comes with it from then on; who has come stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// How many devices may come with it.
    pub uses: u32,
    /// Since when neither it nor who came with it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
    /// Who came with it.
    #[serde(default)]
    pub devices: Vec<String>,
}

/// Under which terms a token is given out.
pub struct Terms {
    pub label: String,
    pub expires: Option<Timestamp>,
    pub uses: u32,
}

/// How a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Good,
    UsedUp,
    Expired,
    Revoked,
}

/// Digits of a digest that name its token; a relay has dozens.
const ID_DIGITS: usize = 8;

impl Ledger {
    /// Notes a token.
    pub fn add(&mut self, digest: &[u8; 32], terms: Terms, now: Timestamp) -> &Token {
        let digest = hex(digest);
        self.tokens.push(Token {
            id: digest[..ID_DIGITS].to_owned(),
            label: terms.label,
            digest,
            made: now,
            expires: terms.expires,
            uses: terms.uses,
            revoked: None,
            devices: Vec::new(),
        });
        self.tokens.last().expect("it was just put there")
    }

    /// A device comes with a token; from now on it hosts rooms. Says which token it was. A device uses a token once, however
    /// often it comes.
    pub fn redeem(
        &mut self,
        digest: &[u8; 32],
        device: DeviceId,
        now: Timestamp,
    ) -> Result<String, NotRedeemed> {
        let digest = hex(digest);
        let token = self.tokens.iter_mut().find(|it| it.digest == digest);
        let token = token.ok_or(NotRedeemed::Unknown)?;
        let device = device.to_string();
        let has_come = token.devices.contains(&device);
        match token.state(now) {
            State::Revoked => return Err(NotRedeemed::Revoked),
            State::Good | State::UsedUp | State::Expired if has_come => {}
            State::UsedUp => return Err(NotRedeemed::UsedUp),
            State::Expired => return Err(NotRedeemed::Expired),
            State::Good => {
                // In an order that does not tell who was first, for relays that tell each other.
                let place = token.devices.partition_point(|it| *it < device);
                token.devices.insert(place, device);
            }
        }
        Ok(token.id.clone())
    }

    /// Neither the token nor who came with it counts any more. Returns it, unless there is none of that name.
    pub fn revoke(&mut self, id: &str, now: Timestamp) -> Option<&Token> {
        let token = self.tokens.iter_mut().find(|it| it.id == id)?;
        token.revoked.get_or_insert(now);
        Some(token)
    }

    /// Takes over what another relay knows of a token: that it was given out, who has come with it, and that it was revoked. Says
    /// whether that is news. The order in which relays tell each other does not matter.
    pub fn merge(&mut self, other: Token) -> bool {
        let Some(own) = self.tokens.iter_mut().find(|it| it.digest == other.digest) else {
            let place = self.tokens.partition_point(|it| it.order() < other.order());
            self.tokens.insert(place, other);
            return true;
        };
        let before = own.clone();
        own.devices.extend(other.devices);
        own.devices.sort_unstable();
        own.devices.dedup();
        own.revoked = own.revoked.into_iter().chain(other.revoked).min();
        *own != before
    }

    /// Who hosts rooms by a token.
    pub fn hosts(&self) -> impl Iterator<Item = DeviceId> {
        self.tokens
            .iter()
            .filter(|it| it.revoked.is_none())
            .flat_map(|it| &it.devices)
            .filter_map(|device| device.parse().ok())
    }

    /// Whether somebody could still come with a token.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.tokens.iter().any(|it| it.state(now) == State::Good)
    }
}

impl Token {
    /// What is checked, in hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Oldest first.
    fn order(&self) -> (Timestamp, &str) {
        (self.made, &self.digest)
    }

    pub fn state(&self, now: Timestamp) -> State {
        if self.revoked.is_some() {
            State::Revoked
        } else if self.expires.is_some_and(|at| at <= now) {
            State::Expired
        } else if self.devices.len() >= self.uses as usize {
            State::UsedUp
        } else {
            State::Good
        }
    }
}

fn hex(digest: &[u8; 32]) -> String {
    DeviceId(*digest).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn later(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn ledger(expires: Option<Timestamp>, uses: u32) -> Ledger {
        let mut ledger = Ledger::default();
        let label = "the team".to_owned();
        ledger.add(
            &[7; 32],
            Terms {
                label,
                expires,
                uses,
            },
            NOW,
        );
        ledger
    }

    fn device(byte: u8) -> DeviceId {
        DeviceId([byte; 32])
    }

    #[test]
    fn who_comes_with_a_token_hosts_rooms_and_uses_it_once() {
        let mut ledger = ledger(None, 2);
        for byte in [1, 1, 2, 1] {
            assert_eq!(
                ledger.redeem(&[7; 32], device(byte), NOW),
                Ok("07070707".to_owned())
            );
        }
        assert_eq!(
            ledger.redeem(&[7; 32], device(3), NOW),
            Err(NotRedeemed::UsedUp)
        );
        assert_eq!(
            ledger.redeem(&[8; 32], device(3), NOW),
            Err(NotRedeemed::Unknown)
        );
        assert!(ledger.hosts().eq([device(1), device(2)]));
        assert!(!ledger.is_waiting(NOW));
    }

    #[test]
    fn a_token_expires_for_who_has_not_come() {
        let mut ledger = ledger(Some(later(10)), 5);
        assert!(ledger.redeem(&[7; 32], device(1), later(9)).is_ok());
        assert_eq!(
            ledger.redeem(&[7; 32], device(2), later(10)),
            Err(NotRedeemed::Expired)
        );
        assert!(ledger.redeem(&[7; 32], device(1), later(10)).is_ok());
        assert!(ledger.hosts().eq([device(1)]));
    }

    #[test]
    fn revoking_ends_it_for_who_has_come_too() {
        let mut ledger = ledger(None, 5);
        assert!(ledger.redeem(&[7; 32], device(1), NOW).is_ok());
        assert!(ledger.revoke("07070707", NOW).is_some());
        assert!(ledger.revoke("08080808", NOW).is_none());
        assert_eq!(ledger.hosts().next(), None);
        assert_eq!(
            ledger.redeem(&[7; 32], device(1), NOW),
            Err(NotRedeemed::Revoked)
        );
    }

    #[test]
    fn relays_that_tell_each_other_know_the_same_whoever_begins() {
        let (mut one, mut other) = (ledger(None, 5), ledger(None, 5));
        assert!(one.redeem(&[7; 32], device(2), NOW).is_ok());
        assert!(other.redeem(&[7; 32], device(1), NOW).is_ok());
        other.revoke("07070707", later(3));
        let terms = Terms {
            label: String::new(),
            expires: None,
            uses: 1,
        };
        other.add(&[6; 32], terms, later(2));
        let told = |mut to: Ledger, from: &Ledger| {
            let news = from.tokens.iter().filter(|it| to.merge((*it).clone()));
            (news.count(), to)
        };
        let (news, all) = told(one.clone(), &other);
        assert_eq!(news, 2);
        assert_eq!(told(other.clone(), &one), (1, all.clone()));
        assert_eq!(told(all.clone(), &other), (0, all.clone()), "no news");
        assert_eq!(all.tokens[0].devices.len(), 2);
        assert_eq!(all.tokens[0].revoked, Some(later(3)));
        let ids: Vec<&str> = all.tokens.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["07070707", "06060606"], "oldest first");
        assert_eq!(all.hosts().next(), None);
    }

    #[test]
    fn a_ledger_is_read_back() {
        let mut ledger = ledger(Some(later(10)), 5);
        assert!(ledger.redeem(&[7; 32], device(1), NOW).is_ok());
        ledger.revoke("07070707", later(3));
        let text = toml::to_string(&ledger).expect("it is TOML");
        assert_eq!(toml::from_str(&text), Ok(ledger), "{text}");
    }
}
