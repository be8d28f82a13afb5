//! A restart while a thousand clients write, each of which comes back as an application does.

use std::time::Instant;

use relay::Limits;
use tempfile::TempDir;
use testkit::links::{Member, View};
use trust::Membership;

use crate::{
    client::{device, room},
    report::Report,
    servers::{Kind, Server},
};

const CLIENTS: u32 = 1_000;
const ROOMS: u32 = 100;
const ROUNDS: u32 = 5;

/// From SIGTERM until everybody has a link again.
const TARGET_S: f64 = 5.0;

/// Frames of a client in a round: before the relay is asked to end, just then, and while it is gone.
const FRAMES: u64 = 3;

pub fn measure(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (mut gone, mut back, mut whole, mut lost) = (vec![], vec![], vec![], 0);
        for _ in 0..ROUNDS {
            let round = round().await;
            gone.push(round.gone_s);
            back.push(round.back_s);
            whole.push(round.whole_s);
            lost += round.lost;
        }
        let id = |what: &str| format!("restart under 1,000 clients that write, {what}");
        report.line(&id("until it listens again"), "s", &gone, None, None, None);
        report.line(
            &id("until all are back"),
            "s",
            &back,
            Some(TARGET_S),
            None,
            None,
        );
        report.line(
            &id("until all have all"),
            "s",
            &whole,
            Some(TARGET_S),
            None,
            None,
        );
        report.line(&id("lost"), "", &[lost as f64], Some(0.0), None, None);
    });
}

/// Seconds from SIGTERM.
struct Round {
    gone_s: f64,
    back_s: f64,
    whole_s: f64,
    /// Frames that the relay does not have afterwards.
    lost: u64,
}

async fn round() -> Round {
    let dir = TempDir::new().unwrap();
    let server = Server::start(Kind::Program, dir.path());
    let rooms: Vec<Membership> = (0..ROOMS).map(room).collect();
    let address = server.address.clone();
    let dial = |number: u32| {
        let room = &rooms[(number % ROOMS) as usize];
        let address = address.parse().unwrap();
        Member::of(device(number), room, address, Limits::default())
    };
    let members: Vec<Member> = (0..CLIENTS).map(dial).collect();
    for member in &members {
        member.is_up().await;
    }
    let all_write = || members.iter().for_each(|member| member.write(1, 137));
    let in_a_room = u64::from(CLIENTS / ROOMS);
    all_write();
    for member in &members {
        member.holds(in_a_room).await;
    }

    let begin = Instant::now();
    all_write();
    let ended = tokio::task::spawn_blocking(|| server.end());
    ended.await.unwrap();
    all_write();
    let server = Server::at(&address, Kind::Program, dir.path());
    let gone_s = begin.elapsed().as_secs_f64();
    for member in &members {
        let is_back = |view: &View| view.links == 1 && view.ups > 1;
        member.until("it is back", is_back).await;
    }
    let back_s = begin.elapsed().as_secs_f64();
    let frames = in_a_room * FRAMES;
    for member in &members {
        member.holds(frames).await;
    }
    let whole_s = begin.elapsed().as_secs_f64();

    // What members have they would bring again; a stranger has what the relay has.
    drop(members);
    let mut lost = 0;
    for (number, room) in (CLIENTS..).zip(&rooms) {
        let address = address.parse().unwrap();
        let stranger = Member::of(device(number), room, address, Limits::default());
        let known = tokio::time::timeout(super::kill::PATIENCE, stranger.holds(frames)).await;
        lost += known.map_or_else(|_| frames - stranger.view().held.frames(), |()| 0);
    }
    drop(server);
    Round {
        gone_s,
        back_s,
        whole_s,
        lost,
    }
}
