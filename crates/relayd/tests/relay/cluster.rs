//! Several relays that share rooms by a Redis.

use relay::{Address, Limits};
use tempfile::TempDir;
use testkit::{
    links::{Attachment, Member, Raw, View, room, soon},
    redis::Redis,
};
use trust::{Membership, record::Role, testing::Actor};

use crate::process::{Relay, run};

/// A relay of a cluster, with its folder.
struct Node {
    relay: Relay,
    dir: TempDir,
}

impl Node {
    fn start(redis: &Redis) -> Self {
        let dir = TempDir::new().unwrap();
        let relay = serve(redis, &dir);
        Self { relay, dir }
    }

    fn kill(&mut self) {
        self.relay.kill();
    }

    fn start_again(&mut self, redis: &Redis) {
        self.relay = serve(redis, &self.dir);
    }

    fn address(&self) -> Address {
        self.relay.address()
    }

    fn dial(&self, number: u8, room: &Membership) -> Member {
        Member::dial(number, room, self.address(), Limits::default())
    }
}

fn serve(redis: &Redis, dir: &TempDir) -> Relay {
    Relay::start_with(
        dir.path(),
        &["--plain", "--anyone", "--set", &redis.setting()],
    )
}

async fn acknowledged(member: &Member, frames: u64) {
    let what = format!("{frames} frames are acknowledged");
    let all = |view: &View| view.acknowledged.frames() >= frames;
    member.until(&what, all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_at_one_relay_is_read_at_another() {
    let redis = Redis::start();
    let (one, other) = (Node::start(&redis), Node::start(&redis));
    let room = room(1);
    let (ana, ben) = (one.dial(1, &room), other.dial(2, &room));
    ana.write(3, 100);
    ben.holds(3).await;
    ben.write(2, 100);
    ana.holds(5).await;
    acknowledged(&ana, 3).await;
    acknowledged(&ben, 2).await;
    assert_eq!(ana.log(), ben.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_present_at_one_relay_is_seen_at_another() {
    let redis = Redis::start();
    let (one, other) = (Node::start(&redis), Node::start(&redis));
    let room = room(1);
    let ana = one.dial(1, &room);
    // In a room that nobody has written in there is nothing to be acknowledged.
    ana.write(1, 100);
    acknowledged(&ana, 1).await;
    ana.say(b"ana");
    // It has never heard of ana, and comes after she has said so.
    let ben = other.dial(2, &room);
    ben.until("ana is seen", |view| {
        view.present.values().any(|it| it == &b"ana"[..])
    })
    .await;
    ben.say(b"ben");
    ana.until("ben is seen", |view| {
        view.present.values().any(|it| it == &b"ben"[..])
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_never_had_a_room_serves_it() {
    let redis = Redis::start();
    let one = Node::start(&redis);
    let room = room(1);
    let ana = one.dial(1, &room);
    ana.write(500, 100);
    acknowledged(&ana, 500).await;
    drop((ana, one));
    let other = Node::start(&redis);
    let ben = other.dial(2, &room);
    ben.holds(500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_under_load_loses_nothing_that_was_acknowledged() {
    let mut redis = Redis::start();
    let (one, other) = (Node::start(&redis), Node::start(&redis));
    let room = room(1);
    let (ana, ben) = (one.dial(1, &room), other.dial(2, &room));
    let mut written = 0;
    for round in 0..3 {
        for _ in 0..20 {
            ana.write(5, 100);
            ben.write(5, 100);
        }
        written += 100;
        acknowledged(&ana, written - 60).await;
        redis.kill();
        // What nobody acknowledges yet is here, and at the other relay later.
        ana.write(10, 100);
        written += 10;
        ben.write(10, 100);
        redis.start_again();
        acknowledged(&ana, written).await;
        acknowledged(&ben, written).await;
        ana.holds(2 * written).await;
        ben.holds(2 * written).await;
        assert_eq!(ana.log(), ben.log(), "in round {round}");
    }
    // Read by somebody who has nothing, from a relay that has nothing: what Redis has is enough.
    drop((one, other));
    let third = Node::start(&redis);
    let eve = third.dial(3, &room);
    eve.holds(2 * written).await;
    assert_eq!(eve.log(), ana.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_killed_loses_nothing_and_its_clients_go_on_at_the_other() {
    let redis = Redis::start();
    let (mut one, other) = (Node::start(&redis), Node::start(&redis));
    let room = room(1);
    let both = vec![one.address(), other.address()];
    let ana = Member::dial_all(1, &room, both, Limits::default());
    let ben = other.dial(2, &room);
    ana.write(200, 100);
    acknowledged(&ana, 100).await;
    one.kill();
    ana.write(50, 100);
    acknowledged(&ana, 250).await;
    ben.holds(250).await;
    assert_eq!(ana.log(), ben.log());
    one.start_again(&redis);
    let eve = one.dial(3, &room);
    eve.holds(250).await;
    assert_eq!(ana.log(), eve.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_was_emptied_is_filled_from_the_relays() {
    let redis = Redis::start();
    let one = Node::start(&redis);
    let (open, closed) = (room(1), room(2));
    let ana = one.dial(1, &open);
    ana.write(20, 100);
    acknowledged(&ana, 20).await;
    let mut cleo = one.dial(4, &closed);
    cleo.write(30, 100);
    acknowledged(&cleo, 30).await;
    cleo.hang_up().await;
    assert_eq!(redis.run(&["FLUSHALL"]), "+OK");
    // The room in which somebody is, and the one that nobody has open.
    let other = Node::start(&redis);
    other.dial(2, &open).holds(20).await;
    other.dial(3, &closed).holds(30).await;
    ana.write(1, 100);
    acknowledged(&ana, 21).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_room_is_shared_with_its_members_and_who_they_are() {
    let redis = Redis::start();
    let dirs = [0, 1].map(|_| TempDir::new().unwrap());
    let proven =
        |dir: &TempDir| Relay::start_with(dir.path(), &["--anyone", "--set", &redis.setting()]);
    let [one, other] = [&dirs[0], &dirs[1]].map(proven);
    let mut alice = Actor::founder(1);
    let [bob, carol] = [2, 3].map(|number| alice.beside(number));
    alice.add(&bob, Role::Editor).unwrap();
    let mut at_one = Raw::proven(one.address, &alice.log, 1).await;
    at_one.write_sealed(&alice.log, 1, 1).await;
    let mut at_other = Raw::proven(other.address, &alice.log, 2).await;
    at_other.receives(1, 1).await;
    // Of carol the other relay hears by the stream alone.
    alice.add(&carol, Role::Viewer).unwrap();
    at_one.show(&alice.log).await;
    at_other.is_shown(alice.log.records().len()).await;
    let mut of_carol = Raw::proven(other.address, &carol.log, 3).await;
    of_carol.receives(1, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_is_fetched_from_the_relay_that_has_it() {
    let redis = Redis::start();
    let (one, other) = (Node::start(&redis), Node::start(&redis));
    let room = room(1);
    let ana = one.dial(1, &room);
    ana.write(1, 100);
    acknowledged(&ana, 1).await;
    let attachment = Attachment::new(b"sealed");
    let mut owner = Raw::greeted(one.relay.address, &room, 5).await;
    attachment.lend(&mut owner).await;
    let mut ben = Raw::greeted(other.relay.address, &room, 6).await;
    attachment.fetch(&mut ben).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_has_more_than_its_room_is_shortened() {
    let redis = Redis::start();
    let mut one = Node::start(&redis);
    let room = room(1);
    let ana = one.dial(1, &room);
    ana.write(50, 100);
    acknowledged(&ana, 50).await;
    let stream = format!("tally:log:{}", room.room());
    redis.run(&["XADD", &stream, "*", "m", &"x".repeat(400_000)]);
    assert_eq!(redis.entries(&stream), 52, "members, frames, and that");
    one.kill();
    one.start_again(&redis);
    let ben = one.dial(2, &room);
    ben.holds(50).await;
    let shortened = async {
        while redis.entries(&stream) != 51 {
            tokio::task::yield_now().await;
        }
    };
    soon("the stream is shortened", shortened).await;
    ben.write(1, 100);
    acknowledged(&ben, 1).await;
    let other = Node::start(&redis);
    let eve = other.dial(3, &room);
    eve.holds(51).await;
    assert_eq!(eve.log(), ben.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_a_relay_goes_on_and_acknowledges_nothing() {
    let mut redis = Redis::start();
    redis.kill();
    let one = Node::start(&redis);
    let room = room(1);
    let (ana, ben) = (one.dial(1, &room), one.dial(2, &room));
    ana.write(3, 100);
    ben.holds(3).await;
    assert_eq!(ana.view().acknowledged.frames(), 0);
    redis.start_again();
    acknowledged(&ana, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_redis_refuses_is_acknowledged_once_there_is_space() {
    let redis = Redis::start();
    let dir = TempDir::new().unwrap();
    let (setting, dir) = (redis.setting(), dir.path().to_str().unwrap());
    let mut one = Relay::start_told(&[
        "--plain",
        "--anyone",
        "--set",
        &setting,
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        dir,
    ]);
    let room = room(1);
    let dial = |number| Member::dial(number, &room, one.address(), Limits::default());
    let (ana, ben) = (dial(1), dial(2));
    ana.write(1, 100);
    acknowledged(&ana, 1).await;
    redis.run(&["CONFIG", "SET", "maxmemory", "1"]);
    ana.write(1, 100);
    ben.holds(2).await;
    one.says("REDIS_REFUSES");
    assert_eq!(ana.view().acknowledged.frames(), 1);
    redis.run(&["CONFIG", "SET", "maxmemory", "0"]);
    acknowledged(&ana, 2).await;
}

#[test]
fn a_redis_that_would_lose_rooms_is_refused() {
    for (arguments, mend) in [
        (
            &[
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--maxmemory-policy",
                "allkeys-lru",
            ][..],
            "maxmemory-policy noeviction",
        ),
        (
            &["--appendonly", "yes", "--appendfsync", "everysec"],
            "appendfsync always",
        ),
        (
            &["--appendonly", "no", "--appendfsync", "always"],
            "appendonly yes",
        ),
    ] {
        let redis = Redis::start_with(arguments);
        let dir = TempDir::new().unwrap();
        let dir = dir.path().to_str().unwrap();
        let setting = redis.setting();
        let (code, _, said) = run(&[
            "serve",
            "--data-dir",
            dir,
            "--listen",
            "127.0.0.1:0",
            "--set",
            &setting,
        ]);
        assert_eq!(code, 78, "{said}");
        assert!(
            said.contains("REDIS_LOSES") && said.contains(mend),
            "{said}"
        );
    }
}
