//! Every body survives random bytes, changed good bytes, and every beginning of those.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: tests read files of the repository"
)]

use hostile::bodies::{self, Body};
use hostile::mutation::{EDGES, Mutation};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<usize>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (at(), any::<u8>(), proptest::sample::select(&EDGES[..]))
            .prop_map(|(at, size, number)| Mutation::Number(at, size, number)),
        at().prop_map(Mutation::Cut),
        (at(), 0..64_usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        (at(), 0..64_usize).prop_map(|(at, count)| Mutation::Repeat(at, count)),
        (at(), vec(any::<u8>(), 0..16)).prop_map(|(at, what)| Mutation::Insert(at, what)),
    ]
}

/// Good bytes with a few changes, or any.
fn hostile(beginnings: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changed = (proptest::sample::select(beginnings), vec(mutation(), 1..8)).prop_map(
        |(mut bytes, mutations)| {
            mutations
                .iter()
                .for_each(|mutation| mutation.apply(&mut bytes));
            bytes
        },
    );
    prop_oneof![1 => vec(any::<u8>(), 0..300), 7 => changed]
}

fn survives(body: &Body, cases: u32) {
    let beginnings = body.beginnings();
    assert!(!beginnings.is_empty(), "{} has no samples", body.name);
    for sample in &beginnings {
        (body.take)(sample);
    }
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let survived = TestRunner::new(config).run(&hostile(beginnings), |bytes| {
        (body.take)(&bytes);
        Ok(())
    });
    survived.unwrap_or_else(|error| panic!("{}: {error}", body.name));
}

fn all_of(owner: &str, cases: u32) {
    let bodies = bodies::all();
    let own = bodies.iter().filter(|body| body.owner == owner);
    let tried = own.map(|body| survives(body, cases)).count();
    assert!(tried > 0, "{owner} has no bodies");
}

#[test]
fn what_trust_decodes() {
    all_of("trust", 2_000);
}

#[test]
fn what_sync_decodes() {
    all_of("sync", 2_000);
}

#[test]
fn what_relay_decodes() {
    all_of("relay", 2_000);
}

#[test]
fn what_discovery_decodes() {
    all_of("discovery", 2_000);
}

#[test]
fn what_graph_decodes() {
    all_of("graph", 24);
}

#[test]
fn what_api_decodes() {
    all_of("api", 2_000);
}

#[test]
fn what_app_decodes() {
    all_of("app", 2_000);
}

#[test]
fn every_beginning_of_good_bytes_is_survived() {
    for body in bodies::all() {
        for sample in body.beginnings() {
            // A project takes milliseconds to be read.
            let step = 1 + sample.len() / if body.owner == "graph" { 12 } else { 200 };
            for end in (0..sample.len()).step_by(step) {
                (body.take)(&sample[..end]);
            }
        }
    }
}

#[test]
fn no_two_bodies_have_one_name() {
    let mut names: Vec<&str> = bodies::all().iter().map(|body| body.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn what_did_harm_once_belongs_to_a_body() {
    for file in std::fs::read_dir(hostile::corpus::folder()).expect("it is in the repository") {
        let file = file.expect("it can be read").path();
        let name = file
            .file_stem()
            .expect("a file has a name")
            .to_string_lossy();
        assert!(bodies::find(&name).is_some(), "{name}");
    }
}
