//! Visitors who come in numbers, or go on for long. Whoever works here notices nothing of them, and memory is bounded.

use std::time::Duration;

use relay::{Limits, Timing};
use sync::testing::samples;
use testkit::links::{Member, Raw, Site, room, soon};
use testkit::memory::own_bytes;
use trust::{DeviceId, Membership};

/// Somebody else's connections: a tenth of what a process may have open on many systems, at both ends.
const SILENT: usize = 200;

/// Attempts of somebody who does not give up: an hour of one every ten seconds.
const ATTEMPTS: u64 = 360;

/// Limits under which whoever does not introduce himself goes within a test.
fn short_greeting() -> Limits {
    let timing = Timing {
        greet_ms: 1_500,
        ..Timing::default()
    };
    Limits {
        timing,
        ..Limits::default()
    }
}

/// Two who work in a room, and one in another.
struct Colleagues {
    room: Membership,
    ana: Member,
    ben: Member,
    cleo: Member,
    written: u64,
}

impl Colleagues {
    async fn start(site: &Site) -> Self {
        let dial = |number, room: &_| Member::dial(number, room, site.address(), Limits::default());
        let (room, other) = (room(1), room(2));
        let mut colleagues = Self {
            ana: dial(1, &room),
            ben: dial(2, &room),
            cleo: dial(3, &other),
            room,
            written: 0,
        };
        colleagues.work().await;
        colleagues
    }

    /// Something is written in both rooms, and arrives.
    async fn work(&mut self) {
        self.written += 1;
        self.ana.write(1, 100);
        self.cleo.write(1, 100);
        self.ben.holds(self.written).await;
        let written = self.written;
        self.cleo
            .until("the other room works", |view| {
                view.acknowledged.frames() == written
            })
            .await;
    }

    /// Nobody lost a link or a frame.
    fn are_unharmed(&self) {
        for member in [&self.ana, &self.ben, &self.cleo] {
            assert_eq!(member.view().ups, 1, "{:?}", member.view().ends);
        }
        assert_eq!(self.ana.log(), self.ben.log());
        assert_eq!(self.cleo.log().len() as u64, self.written);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_never_speak_cost_little_and_end() {
    let site = Site::start(short_greeting()).await;
    let mut colleagues = Colleagues::start(&site).await;
    let before = own_bytes();
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        silent.push(Raw::connect(site.socket_address()).await);
        if silent.len().is_multiple_of(20) {
            colleagues.work().await;
        }
    }
    let grown = own_bytes().saturating_sub(before);
    assert!(
        grown < (SILENT as u64) * (64 << 10),
        "{grown} bytes for {SILENT} connections"
    );
    for connection in &mut silent {
        connection.is_closed().await;
    }
    colleagues.work().await;
    colleagues.are_unharmed();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_now_and_then_does_not_hold_a_place() {
    let site = Site::start(short_greeting()).await;
    let mut colleagues = Colleagues::start(&site).await;
    let address = site.socket_address();
    let mut before_the_upgrade = Raw::connect(address).await;
    before_the_upgrade.write(b"GET /sync HTTP/1.1\r\n").await;
    let mut in_the_greeting = Raw::upgraded(address).await;
    // The head of a message of 1 MiB that never comes.
    in_the_greeting
        .write(&[0x82, 0xff, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0])
        .await;
    for slow in [&mut before_the_upgrade, &mut in_the_greeting] {
        soon("whoever is so slow is shown out", async {
            while !slow.closes_within(Duration::from_millis(100)).await {
                slow.write(b"x").await;
            }
        })
        .await;
    }
    colleagues.work().await;
    colleagues.are_unharmed();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_on_sending_garbage_is_named_and_harms_nobody() {
    let site = Site::start(Limits::default()).await;
    let mut colleagues = Colleagues::start(&site).await;
    let good: Vec<Vec<u8>> = samples::messages()
        .iter()
        .map(|message| message.encode().to_vec())
        .collect();
    let mut random = fastrand::Rng::with_seed(1);
    let mut early = 0;
    for attempt in 0..ATTEMPTS {
        let garbage = hostile::mutation::any(&good, &mut random);
        let mut raw = match attempt % 4 {
            0 => Raw::connect(site.socket_address()).await,
            1 => Raw::upgraded(site.socket_address()).await,
            _ => Raw::greeted(site.socket_address(), &colleagues.room, 99).await,
        };
        match attempt % 4 {
            0 => raw.write(&garbage).await,
            _ => raw.send(&garbage).await,
        }
        // What is no message ends every link, in case the garbage was one.
        raw.send(&[0xff; 9]).await;
        if attempt % 4 > 1 {
            raw.is_closed().await;
        }
        drop(raw);
        if attempt % 10 == 0 {
            colleagues.work().await;
        }
        if attempt == ATTEMPTS / 3 {
            early = own_bytes();
        }
    }
    colleagues.work().await;
    let grown = own_bytes().saturating_sub(early);
    assert!(grown < 16 << 20, "{grown} bytes");
    let offences = site.rooms().offences().list();
    assert!(!offences.is_empty() && offences.len() <= 256);
    for offence in offences {
        assert_eq!(offence.device, DeviceId([99; 32]), "{offence:?}");
        assert_eq!(offence.room, colleagues.room.room(), "{offence:?}");
    }
    let frames_of_colleagues = colleagues.ana.log().into_iter().filter(|((stream, _), _)| {
        stream.device == DeviceId([1; 32]) || stream.device == DeviceId([2; 32])
    });
    assert_eq!(frames_of_colleagues.count() as u64, colleagues.written);
    for member in [&colleagues.ana, &colleagues.ben, &colleagues.cleo] {
        assert_eq!(member.view().ups, 1, "{:?}", member.view().ends);
    }
    assert_eq!(colleagues.cleo.log().len() as u64, colleagues.written);
}
