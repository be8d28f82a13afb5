//! A restart while everybody is there and writes.

use relay::Limits;
use testkit::links::{Member, room, soon};

use crate::{fresh::Fresh, process::Relay};

const MEMBERS: u8 = 200;
const ROOMS: u8 = 20;

/// What each room has in the end: a frame of each member from before the restart, and one from meanwhile.
const FRAMES: u64 = 2 * (MEMBERS / ROOMS) as u64;

#[tokio::test(flavor = "multi_thread")]
async fn all_come_back_after_a_restart_and_nothing_is_lost() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let (address, limits) = (relay.address.to_string(), Limits::default());
    let dial =
        |number: u8| Member::dial(number, &room(number % ROOMS + 1), relay.address(), limits);
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
        let back = |view: &testkit::links::View| view.links == 1 && view.ups > 1;
        member.until("it is back", back).await;
        member.holds(FRAMES).await;
    }
    // What members have they would bring again; a stranger has what the relay has.
    drop(members);
    let stranger = |owner: u8| Member::dial(u8::MAX, &room(owner), relay.address(), limits);
    let strangers: Vec<Member> = (1..=ROOMS).map(stranger).collect();
    for stranger in &strangers {
        stranger.holds(FRAMES).await;
    }
}
