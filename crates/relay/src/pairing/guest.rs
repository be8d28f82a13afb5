//! The side that is asked: it shows a code.

use std::net::SocketAddr;

use sync::ByeCode;
use trust::{
    DeviceId,
    pairing::{CODE_LIFE_MS, Code, Showing},
    rand_core::OsRng,
};

use super::{
    Claim, Met, PairingFailure, Reception,
    channel::{Channel, Wait},
    message::{Declined, Message},
};
use crate::clock::now_ms;

/// Somebody who has asked and may be shown a code. Dropping it cuts the connection.
pub struct Guest {
    channel: Channel,
    claim: Claim,
    showing: Showing,
    name: String,
}

/// Waits for what somebody asks, and draws a code if he may have one. What becomes of others they have been told.
pub(crate) async fn greet(
    mut channel: Channel,
    reception: Option<&dyn Reception>,
    own: DeviceId,
) -> Result<Guest, PairingFailure> {
    match admit(&mut channel, reception, own).await {
        Ok((claim, name, protocol)) => {
            let showing = Showing::begin(own, now_ms(), &mut OsRng);
            channel.send(&Message::Shown(protocol, CODE_LIFE_MS));
            Ok(Guest {
                channel,
                claim,
                showing,
                name,
            })
        }
        Err(failure) => {
            channel.end(failure.last_words()).await;
            Err(failure)
        }
    }
}

async fn admit(
    channel: &mut Channel,
    reception: Option<&dyn Reception>,
    own: DeviceId,
) -> Result<(Claim, String, u32), PairingFailure> {
    let greeting = channel.greeting();
    let Message::Ask(oldest, newest, name) = channel.next(greeting).await? else {
        return Err(PairingFailure::Ended(Declined::Misbehaved));
    };
    let declined = |why| Err(PairingFailure::Ended(why));
    let protocol = match negotiate(oldest, newest) {
        Ok(protocol) => protocol,
        Err(why) => return declined(why),
    };
    if channel.device() == own {
        return declined(Declined::Misbehaved);
    }
    let Some(reception) = reception else {
        return declined(Declined::NotNow);
    };
    match reception.gate().admit(channel.remote().ip(), now_ms()) {
        Ok(claim) => Ok((claim, name, protocol)),
        Err(why) => declined(why),
    }
}

/// Who pairs is to share rooms, so the versions are those of rooms.
fn negotiate(oldest: u32, newest: u32) -> Result<u32, Declined> {
    let ours = (sync::OLDEST_PROTOCOL, sync::PROTOCOL);
    sync::negotiate((oldest, newest), ours).map_err(|why| match why {
        ByeCode::TooNew => Declined::TooNew,
        _ => Declined::TooOld,
    })
}

impl Guest {
    /// The device that asks, whose key TLS has proven.
    pub fn device(&self) -> DeviceId {
        self.channel.device()
    }

    /// Where it is.
    pub fn remote(&self) -> SocketAddr {
        self.channel.remote()
    }

    /// Who says to sit there; empty if she does not say.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is shown.
    pub fn code(&self) -> &Code {
        self.showing.code()
    }

    /// From then on the code is good for nothing, by [`now_ms`](crate::now_ms).
    pub fn until_ms(&self) -> u64 {
        self.showing.until_ms()
    }

    /// Waits for the guess, unless the person here refuses first; `guessed` is called when it is there. What ends it is told to
    /// the other side.
    pub async fn meet(
        mut self,
        refused: impl Future<Output = ()>,
        guessed: impl FnOnce(),
    ) -> Result<Met, PairingFailure> {
        let guess = tokio::select! {
            guess = guess(&mut self.channel, self.showing.until_ms()) => guess,
            () = refused => Err(PairingFailure::Ended(Declined::Refused)),
        };
        let Self {
            mut channel,
            claim,
            showing,
            ..
        } = self;
        let paired = match guess {
            Ok(guess) => {
                guessed();
                confirm(&mut channel, showing, &guess).await
            }
            Err(failure) => Err(failure),
        };
        match paired {
            Ok(paired) => {
                claim.succeed();
                Ok(Met::new(channel, paired, claim))
            }
            Err(failure) => {
                drop(claim);
                channel.end(failure.last_words()).await;
                Err(failure)
            }
        }
    }
}

async fn guess(channel: &mut Channel, until_ms: u64) -> Result<Vec<u8>, PairingFailure> {
    let left = Wait(until_ms.saturating_sub(now_ms()));
    match channel.next(left).await {
        Ok(Message::Guess(guess)) => Ok(guess.to_vec()),
        Ok(_) => Err(PairingFailure::Ended(Declined::Misbehaved)),
        Err(PairingFailure::Silent) => Err(PairingFailure::Ended(Declined::Expired)),
        Err(failure) => Err(failure),
    }
}

async fn confirm(
    channel: &mut Channel,
    showing: Showing,
    guess: &[u8],
) -> Result<trust::pairing::Paired, PairingFailure> {
    let peer = channel.device();
    let (answered, answer) = showing.answer(peer, guess, now_ms(), &mut OsRng)?;
    channel.send(&Message::Answer(answer.into()));
    let Message::Confirm(confirmation) = channel.next(Wait::STEP).await? else {
        return Err(PairingFailure::Ended(Declined::Misbehaved));
    };
    let (paired, own) = answered.finish(&confirmation, now_ms())?;
    channel.send(&Message::Confirmed(own));
    Ok(paired)
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Guest({})", self.device())
    }
}
