//! Two relays behind a load balancer, as the guide has them.

use std::{fs, net::SocketAddr, path::Path};

use relay::Limits;
use serde_json::Value;
use testkit::{
    links::{Member, View, room_of},
    redis::Redis,
};

use crate::{
    fresh::Fresh,
    guide::block_of,
    process::{Relay, run},
    programs::{OWN, Program, around, nginx},
};

/// One of them, with the key that all have.
fn start(fresh: &Fresh, redis: &Redis) -> Relay {
    let proxies = format!("proxies={OWN}");
    let cluster = redis.setting();
    Relay::start_told(&[
        "--config",
        &fresh.config,
        "--set",
        &proxies,
        "--set",
        &cluster,
    ])
}

/// How many devices are there, and that it knows from where.
fn devices(fresh: &Fresh) -> usize {
    let (code, out, errors) = run(&["devices", "--json", "--config", &fresh.config]);
    assert_eq!(code, 0, "{errors}");
    let devices: Value = serde_json::from_str(&out).unwrap();
    let devices = devices.as_array().unwrap();
    for device in devices {
        assert_eq!(device["addresses"][0], "127.0.0.1");
    }
    devices.len()
}

async fn all_hold(members: &[Member], frames: u64) {
    for member in members {
        member.holds(frames).await;
        let mine = |view: &View| view.acknowledged.frames() >= frames / members.len() as u64;
        member.until("what it wrote is acknowledged", mine).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_at_a_relay_that_is_killed_goes_on_at_the_other_by_the_same_address() {
    let redis = Redis::start();
    let [one, other] = [(); 2].map(|()| Fresh::new(&["--anyone"]));
    let key = |fresh: &Fresh| Path::new(&fresh.data).join("device.key");
    fs::copy(key(&one), key(&other)).unwrap();
    let [mut at_one, at_other] = [&one, &other].map(|fresh| start(fresh, &redis));
    let stream = around(&block_of("cluster.md", "stream {"))
        .replace("10.0.0.11:7825", &at_one.address.to_string())
        .replace("10.0.0.12:7825", &at_other.address.to_string());
    let stream = |at: SocketAddr| stream.replace("listen 7825", &format!("listen {at}"));
    let balancer = Program::start(stream, nginx);
    let room = room_of(1);
    let dial = |number| Member::proven(number, &room, balancer.address.into(), Limits::default());

    let members: Vec<Member> = (1..=4).map(dial).collect();
    members.iter().for_each(|member| member.write(5, 1_000));
    all_hold(&members, 20).await;
    let [here, there] = [devices(&one), devices(&other)];
    assert!(here > 0 && there > 0, "{here} here, {there} there");

    at_one.kill();
    members.iter().for_each(|member| member.write(5, 1_000));
    all_hold(&members, 40).await;
    assert_eq!(devices(&other), 4);
    let stranger = dial(5);
    stranger.holds(40).await;
    assert_eq!(stranger.log(), members[0].log());
}
