//! Frames cross, and what was missed comes later.

use relay::Limits;
use sync::Message;
use testkit::links::{Member, Raw, Site, room};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_writes_the_other_receives() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    let ben = Member::dial(2, &room, site.address(), Limits::default());
    ana.write(3, 100);
    ben.write(2, 100);
    ana.holds(5).await;
    ben.holds(5).await;
    assert_eq!(ana.log(), ben.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_the_largest_frame_crosses() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    let ben = Member::dial(2, &room, site.address(), Limits::default());
    // What stands around a payload is as much in every frame of this kind.
    let long = 100_000;
    ana.write(1, long);
    ben.holds(1).await;
    let around = ben.log().values().next().unwrap().bytes().len() - long;
    ana.write(1, sync::limits::MAX_FRAME_BYTES - around);
    ben.holds(2).await;
    let bytes = ben.log().values().last().unwrap().bytes().len();
    assert_eq!(bytes, sync::limits::MAX_FRAME_BYTES);
    assert_eq!((ana.view().ups, ben.view().ups), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_the_relays_disk_is_acknowledged() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.write(10, 100);
    ana.until("all is acknowledged", |view| {
        view.acknowledged.frames() == 10
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_apart() {
    let site = Site::start(Limits::default()).await;
    let members: Vec<Member> = (1..=3)
        .map(|number| Member::dial(number, &room(number), site.address(), Limits::default()))
        .collect();
    for member in &members {
        member.write(1, 10);
        member
            .until("its own frame is acknowledged", |view| {
                view.acknowledged.frames() == 1
            })
            .await;
    }
    for member in &members {
        assert_eq!(member.log().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_catch_up_after_a_time_apart() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    let proxy = testkit::links::Proxy::start(site.socket_address()).await;
    let ben = Member::dial(
        2,
        &room,
        proxy.address().into(),
        testkit::links::impatient(),
    );
    ana.write(10, 100);
    ben.holds(10).await;

    proxy.pull();
    ana.write(500, 100);
    ben.write(300, 100);
    ana.holds(810).await;
    ben.holds(810).await;
    assert_eq!(ana.log(), ben.log());
    assert!(ben.view().ups >= 2, "the old link cannot have carried it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_receives_a_log_that_is_larger_than_any_message() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.write(200, 10_000);
    ana.write(1, 3 << 20);
    ana.until("the relay has all", |view| {
        view.acknowledged.frames() == 201
    })
    .await;
    let ben = Member::dial(2, &room, site.address(), Limits::default());
    ben.holds(201).await;
    assert_eq!(ana.log(), ben.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_reading_harms_nobody_and_gets_the_rest_later() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let mut slow = Raw::greeted(site.socket_address(), &room, 9).await;
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    let ben = Member::dial(2, &room, site.address(), Limits::default());
    ana.is_up().await;
    let frames = 2_000;
    ana.write(frames, 8_000);
    ben.holds(frames as u64).await;

    let mut received = 0;
    while received < frames {
        match slow.message().await.unwrap() {
            Message::Frame(_) => received += 1,
            Message::Frames(some) => received += some.len(),
            _ => {}
        }
    }
}
