//! What somebody has seen is not lost, however the relay ends.

use relay::{Cause, Limits};
use sync::ByeCode;
use testkit::links::{Member, Site, room};

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_killed_loses_nothing_that_somebody_received() {
    let (room, mut site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    let ben = Member::dial(2, &room, site.address(), Limits::default());
    ana.is_up().await;
    for round in 1..=3 {
        ana.write(100, 200);
        ben.holds(round * 100 - 50).await;
        site.kill().await;
        let seen = ben.log();
        site.restart().await;

        let stranger = Member::dial(10 + round as u8, &room, site.address(), Limits::default());
        stranger.holds(seen.len() as u64).await;
        let known = stranger.log();
        assert!(
            seen.iter()
                .all(|(place, frame)| known.get(place) == Some(frame))
        );
        for member in [&ana, &ben] {
            member.dialled().kick();
            member.holds(round * 100).await;
        }
    }
    assert_eq!(ana.log(), ben.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_shut_down_says_goodbye_and_keeps_everything() {
    let (room, mut site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.write(50, 200);
    ana.until("all is acknowledged", |view| {
        view.acknowledged.frames() == 50
    })
    .await;
    site.shut_down().await;
    let view = ana.until("the link is down", |view| view.links == 0).await;
    assert!(
        matches!(&view.ends[..], [Cause::Bye(bye)] if bye.code == ByeCode::ShuttingDown),
        "it says why: {:?}",
        view.ends
    );

    site.restart().await;
    let ben = Member::dial(2, &room, site.address(), Limits::default());
    ben.holds(50).await;
    assert_eq!(ana.log(), ben.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_hangs_up_leaves_in_good_order() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let mut ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.write(1_000, 200);
    ana.is_up().await;
    ana.until("it is on its way", |view| view.acknowledged.frames() > 0)
        .await;
    ana.hang_up().await;
    ana.until("the link is down", |view| view.links == 0).await;
    assert!(site.rooms().offences().list().is_empty());
}
