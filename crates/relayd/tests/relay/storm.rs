//! A restart while everybody is there and writes.

use relay::Limits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use testkit::links::{Member, View, room, soon};
use trust::DeviceId;

use crate::{fresh::Fresh, process::Relay};

const MEMBERS: u16 = 1_000;
const ROOMS: u16 = 100;

/// What each room has in the end: a frame of each member from before the restart, and one from meanwhile.
const FRAMES: u64 = 2 * (MEMBERS / ROOMS) as u64;

/// As many descriptors as this process may have: each member takes some.
fn raise_descriptors() {
    let limits = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limits.maximum,
        ..limits
    };
    setrlimit(Resource::Nofile, raised).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_come_back_after_a_restart_and_nothing_is_lost() {
    raise_descriptors();
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let (address, limits) = (relay.address.to_string(), Limits::default());
    let room = |number: u16| room(u8::try_from(number % ROOMS).unwrap() + 1);
    let dial = |number: u16| {
        let mut device = [0; 32];
        device[..2].copy_from_slice(&number.to_be_bytes());
        Member::of(DeviceId(device), &room(number), relay.address(), limits)
    };
    let members: Vec<Member> = (1..=MEMBERS).map(dial).collect();
    for member in &members {
        member.is_up().await;
    }

    members.iter().for_each(|member| member.write(1, 100));
    relay.signal("TERM");
    let ended = soon("the relay ends", async {
        loop {
            match relay.ended() {
                Some(status) => return status,
                None => tokio::task::yield_now().await,
            }
        }
    });
    assert!(ended.await.success());
    members.iter().for_each(|member| member.write(1, 100));

    let _relay = Relay::start_told(&["--config", &fresh.config, "--listen", &address]);
    for member in &members {
        let back = |view: &View| view.links == 1 && view.ups > 1;
        member.until("it is back", back).await;
        member.holds(FRAMES).await;
    }
    // What members have they would bring again; a stranger has what the relay has.
    drop(members);
    let stranger = |number| Member::dial(u8::MAX, &room(number), relay.address(), limits);
    let strangers: Vec<Member> = (1..=ROOMS).map(stranger).collect();
    for stranger in &strangers {
        stranger.holds(FRAMES).await;
    }
}
