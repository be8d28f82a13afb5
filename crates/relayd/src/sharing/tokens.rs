//! Tokens are those of all relays that share rooms: what one has given out, or taken back, holds at each.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cluster::Redis;
use tokio::time;

use crate::hosting::{self, Ledger, Stamp, Token};

/// Between two looks, here and there.
const LOOK: Duration = Duration::from_millis(500);

/// What stands in Redis, by its digest; nothing for what a later version has written.
type There = BTreeMap<String, Option<Token>>;

/// Has the ledger in this directory and the one in Redis say the same, for ever; at once if there is no Redis.
pub async fn follow(redis: Option<Arc<Redis>>, dir: PathBuf) {
    let Some(redis) = redis else {
        return;
    };
    let (mut seen, mut looks) = (None, time::interval(LOOK));
    looks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        // Where Redis does not answer, whoever holds the connection says so.
        let Ok(Some(age)) = redis.table_age().await else {
            continue;
        };
        if seen == Some((age, Stamp::of(&dir))) {
            continue;
        }
        match exchange(&redis, &dir).await {
            Ok(true) => seen = Some((age, Stamp::of(&dir))),
            // Somebody else may have written meanwhile.
            Ok(false) => seen = None,
            Err(why) => tracing::error!(%why, "tokens are not shared; it is tried again"),
        }
    }
}

/// Takes over what is there, and puts there what it lacks; says whether it lacked nothing.
async fn exchange(redis: &Redis, dir: &Path) -> anyhow::Result<bool> {
    let there: There = redis.read_table().await?.into_iter().map(read).collect();
    let tokens = there.values().flatten().cloned();
    let (ledger, news) = hosting::change(dir, |ledger| {
        tokens.filter(|token| ledger.merge(token.clone())).count()
    })?;
    if news > 0 {
        tracing::info!(
            tokens = news,
            "another relay has given out, redeemed or revoked"
        );
    }
    let lacking = lacking(&ledger, &there);
    if !lacking.is_empty() {
        redis.write_table(&lacking).await?;
    }
    Ok(lacking.is_empty())
}

fn read((digest, text): (String, String)) -> (String, Option<Token>) {
    let token = serde_json::from_str(&text);
    let token = token.inspect_err(|error| {
        tracing::warn!(%digest, %error, "a token that only a later version can read is left alone");
    });
    (digest, token.ok())
}

/// What is to be put there: what is not there yet, or not so.
fn lacking(ledger: &Ledger, there: &There) -> BTreeMap<String, String> {
    let is_lacking = |token: &&Token| match there.get(token.digest()) {
        None => true,
        Some(known) => known.as_ref().is_some_and(|known| known != *token),
    };
    let rows = ledger.tokens.iter().filter(is_lacking).map(|token| {
        let text = serde_json::to_string(token).expect("a token is JSON");
        (token.digest().to_owned(), text)
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::hosting::Terms;

    #[test]
    fn what_redis_lacks_is_put_there_and_what_a_later_version_wrote_is_left() {
        let mut ledger = Ledger::default();
        for byte in 1..=3 {
            let terms = Terms {
                label: "the team".to_owned(),
                expires: None,
                uses: 1,
            };
            ledger.add(&[byte; 32], terms, Timestamp::UNIX_EPOCH);
        }
        let all = lacking(&ledger, &There::new());
        assert_eq!(all.len(), 3);
        let mut there: There = all.into_iter().map(read).collect();
        assert!(lacking(&ledger, &there).is_empty());
        let later = r#"{"what": "is this?"}"#.to_owned();
        let (digest, token) = read(("01".repeat(32), later));
        there.insert(digest, token);
        assert!(lacking(&ledger, &there).is_empty());
        ledger.revoke("01010101", Timestamp::UNIX_EPOCH);
        ledger.revoke("02020202", Timestamp::UNIX_EPOCH);
        let changed = lacking(&ledger, &there);
        assert!(changed.keys().eq([&"02".repeat(32)]));
    }
}
