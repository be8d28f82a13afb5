//! What is written in a project is nowhere at a relay, and no key is in a log: looked for byte by byte.
//!
//! Each search is done a second time where it has to find something, in a room in which nothing is sealed.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start processes and end where they fail"
)]

mod company;
mod needles;
mod relay;

use std::path::Path;
#[cfg(target_os = "linux")]
use std::time::Instant;

#[cfg(target_os = "linux")]
use company::DEADLINE;
use company::{Company, How};
use needles::{Needles, files_under};
use relay::{Process, Tapped};

const SEALED: How = How { is_open: false };
const OPEN: How = How { is_open: true };

/// What a relay's process has after two have worked by it, in its memory and on its disk.
async fn at_a_process(how: How) -> (Needles, Vec<(String, Vec<u8>)>) {
    let relay = Process::start();
    let company = Company::at(relay.address(), how).await;
    let words = company.words();
    let mut places = vec![("log".to_owned(), relay.log())];
    #[cfg(target_os = "linux")]
    places.extend(memory(&relay, &words, how));
    places.extend(files_under(relay.folder()));
    places.push(("command line".to_owned(), relay.command_line()));
    company.close().await;
    places.extend(files_under(relay.folder()));
    (words, places)
}

/// What a process has in its memory. Where the words have to be there it is read until they are: who is here is said again and
/// again, and goes from one place to another while one reads.
#[cfg(target_os = "linux")]
fn memory(relay: &Process, words: &Needles, how: How) -> Vec<(String, Vec<u8>)> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let memory = relay.memory();
        if !how.is_open || words.missing_in(&memory).is_empty() || Instant::now() > deadline {
            return memory;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relays_process_has_nothing_of_a_closed_room_in_memory_on_disk_or_in_its_log() {
    let (words, places) = at_a_process(SEALED).await;
    let bytes: usize = places.iter().map(|(_, place)| place.len()).sum();
    assert!(bytes > 100_000, "{bytes} bytes are no process");
    assert_eq!(words.in_places(&places), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_would_have_been_found_in_an_open_room() {
    let (words, places) = at_a_process(OPEN).await;
    let (files, memory): (Vec<_>, Vec<_>) = places
        .into_iter()
        .partition(|(name, _)| Path::new(name).is_absolute());
    // What one sees of another, her name and colour, is in no log of frames before she has changed something of her own.
    assert_eq!(words.titles().missing_in(&files), Vec::<String>::new());
    if cfg!(target_os = "linux") {
        assert_eq!(words.missing_in(&memory), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_a_relay_is_sealed_below_tls_too() {
    for (how, is_found) in [(SEALED, false), (OPEN, true)] {
        let relay = Tapped::start().await;
        let company = Company::at(relay.address(), how).await;
        let seen = [("what came by links".to_owned(), relay.seen())];
        let words = company.words();
        company.close().await;
        assert!(seen[0].1.len() > 2_000, "they have written by it");
        match is_found {
            false => assert_eq!(words.in_places(&seen), Vec::<String>::new()),
            true => assert_eq!(words.missing_in(&seen), Vec::<String>::new()),
        }
    }
}

/// All of a program runs on the thread of its test here, which is the one with the defect.
#[tokio::test]
async fn a_program_that_seals_nothing_would_be_found() {
    app::fault::plant(app::fault::Fault::SealNothing);
    let relay = Tapped::start().await;
    let company = Company::at(relay.address(), SEALED).await;
    let seen = [("what came by links".to_owned(), relay.seen())];
    assert_eq!(company.words().missing_in(&seen), Vec::<String>::new());
    company.close().await;
    app::fault::clear();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_and_no_invitation_is_in_a_log_a_command_line_or_the_memory_of_a_relay() {
    let log = needles::Log::listen();
    let relay = Process::start();
    let company = Company::at(relay.address(), SEALED).await;
    let secrets = company.secrets();
    assert!(
        secrets.len() >= 6,
        "of two devices, an invitation and an epoch"
    );
    let mut places = vec![
        ("log of the relay".to_owned(), relay.log()),
        ("command line of the relay".to_owned(), relay.command_line()),
        ("log of the applications".to_owned(), log.text()),
    ];
    #[cfg(target_os = "linux")]
    places.extend(relay.memory());
    places.extend(files_under(relay.folder()));
    assert_eq!(secrets.in_places(&places), Vec::<String>::new());
    assert!(
        places[0].1.len() > 100 && places[2].1.len() > 100,
        "they log"
    );
    // They are where they belong, so they are found there.
    let kept = files_under(company.folder());
    assert_ne!(secrets.in_places(&kept), Vec::<String>::new());
    company.close().await;
}
