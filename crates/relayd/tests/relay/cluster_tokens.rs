//! Tokens of relays that share rooms: what one gives out, and takes back, holds at each.

use std::{fs, path::Path};

use testkit::{links::soon, redis::Redis};

use crate::{
    fresh::{Fresh, is_refused},
    hosting::{bringing, invite, ledger, tokens, visiting},
    process::Relay,
};

/// One of several: they have one key.
fn beside(first: Option<&Fresh>, redis: &Redis) -> (Fresh, Relay) {
    let fresh = Fresh::new(&["--set", &redis.setting()]);
    if let Some(first) = first {
        let [from, to] = [first, &fresh].map(|it| Path::new(&it.data).join("device.key"));
        fs::copy(from, to).unwrap();
    }
    let relay = Relay::start_told(&["--config", &fresh.config]);
    (fresh, relay)
}

async fn knows(fresh: &Fresh, word: &str) {
    let known = async {
        while !fs::read_to_string(Path::new(&fresh.data).join("hosting.toml"))
            .is_ok_and(|it| it.contains(word))
        {
            tokio::task::yield_now().await;
        }
    };
    soon(&format!("{word} is known"), known).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_one_relay_gave_out_or_took_back_is_so_at_all() {
    let redis = Redis::start();
    let (first, one) = beside(None, &redis);
    let (second, other) = beside(Some(&first), &redis);
    let link = invite(&first, &one, &["--label", "the team"]);
    knows(&second, "the team").await;
    let ana = bringing(&link, 1, 1, &other);
    ana.write(1, 100);
    // Who has come there hosts rooms here.
    let device = testkit::links::key(1).device().to_string();
    knows(&first, &device).await;
    let ben = visiting(2, 1, &one);
    ben.holds(1).await;
    let late = bringing(&link, 3, 3, &one);
    assert!(is_refused(&late).await.contains("used up"));

    let (_, list, _) = tokens(&second, &["list"]);
    assert!(
        list.contains("used up") && list.contains("the team"),
        "{list}"
    );
    let id = list.split_whitespace().next().unwrap();
    assert_eq!(tokens(&first, &["revoke", id]).0, 0);
    is_refused(&ana).await;
    is_refused(&ben).await;

    // A Redis that was emptied is told again, and a relay that comes then knows what there was.
    redis.run(&["FLUSHALL"]);
    let told = async {
        while redis.run(&["HLEN", "tally:table"]) != ":1" {
            tokio::task::yield_now().await;
        }
    };
    soon("the table is filled", told).await;
    let (third, last) = beside(Some(&first), &redis);
    knows(&third, "revoked").await;
    let again = bringing(&link, 1, 1, &last);
    assert!(is_refused(&again).await.contains("revoked"));
    assert_eq!(ledger(&third), ledger(&first));
}
