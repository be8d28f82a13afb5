//! Measures sealing, signing and logs of members, and writes `target/bench/trust.json`: a list of
//! {id, value, unit, spread, target, met, reference}.
//!
//! The reference of a frame is the bare primitive in the same run, that of a log the bare verification of as many
//! signatures.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and ends where it fails"
)]

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use serde_json::{Value as Json, json};
use trust::invitation::InvitationSecret;
use trust::key::{DeviceKey, Purpose};
use trust::record::{Content, Role};
use trust::seal::{BlobKey, EpochKey, Use, open_blob, seal_blob, sign_frame, verify_frame};
use trust::testing::{Actor, Draws};
use trust::{Genesis, Membership};

/// One change, packed, and a frame of a large paste.
const SMALL_BYTES: usize = 180;
const LARGE_BYTES: usize = 64 << 10;
const HEADER_BYTES: usize = 150;
const RECORDS: usize = 1_000;
const BLOB_BYTES: usize = 16 << 20;
const SEAL_TARGET_US: f64 = 60.0;
const OPEN_TARGET_US: f64 = 120.0;
const LOG_TARGET_MS: f64 = 150.0;

fn main() {
    let mut measured = vec![];
    frames(SMALL_BYTES, "one change", &mut measured);
    frames(LARGE_BYTES, "64 KiB", &mut measured);
    logs(&mut measured);
    blobs(&mut measured);
    for row in &measured {
        println!(
            "{:>44} {:>10.2} {}",
            row["id"].as_str().unwrap(),
            row["value"],
            row["unit"].as_str().unwrap()
        );
    }
    write(&measured);
}

fn frames(bytes: usize, what: &str, measured: &mut Vec<Json>) {
    let (device, epoch) = (
        DeviceKey::from_seed(&[1; 32]),
        EpochKey::from_bytes(&[2; 32]),
    );
    let (header, payload) = (vec![3; HEADER_BYTES], vec![4; bytes]);
    let random = &mut Draws::new(1);
    let public = device.public();
    let seal = |random: &mut Draws| {
        let sealed = epoch.seal(Use::Frame, &header, &payload, random);
        let frame = [header.as_slice(), &sealed].concat();
        let signature = sign_frame(&device, &frame);
        (frame, signature)
    };
    let (frame, signature) = seal(random);
    let bare_sign = runs(2_000, || {
        black_box(device.sign(Purpose::Frame, &[5; 32]));
    });
    let bare_verify = runs(2_000, || {
        public
            .verify(
                Purpose::Frame,
                &[5; 32],
                &device.sign(Purpose::Frame, &[5; 32]),
            )
            .unwrap();
    });
    let sealing = runs(2_000, || {
        black_box(seal(random));
    });
    let opening = runs(2_000, || {
        verify_frame(&public, &frame, &signature).unwrap();
        black_box(
            epoch
                .open(Use::Frame, &header, &frame[HEADER_BYTES..])
                .unwrap(),
        );
    });
    // The targets are for frames of what people do, not of what they paste.
    let target = |us| (bytes == SMALL_BYTES).then_some(us);
    let (sign, both) = (median(&bare_sign), median(&bare_verify));
    measured.push(row(
        &format!("seal and sign, {what}, p50"),
        &us(&sealing),
        "us",
        target(SEAL_TARGET_US),
        Some(sign * 1e3),
    ));
    measured.push(row(
        &format!("verify and open, {what}, p50"),
        &us(&opening),
        "us",
        target(OPEN_TARGET_US),
        Some((both - sign) * 1e3),
    ));
}

/// A room in which members come by addition and by invitation, change roles and go.
fn logs(measured: &mut Vec<Json>) {
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Owner).unwrap();
    let secret = InvitationSecret::from_seed(&[9; 32]);
    alice.invite(&secret, Role::Editor, u32::MAX).unwrap();
    bob.hear(&alice);
    let mut number = 0;
    while alice.log.history().len() < RECORDS {
        number = 3 + number % 200;
        let mut other = alice.beside(number);
        match number % 4 {
            0 => assert!(alice.add(&other, Role::Viewer).is_ok()),
            1 => {
                other.join(&secret).ok();
                alice.log.merge(other.log.records()).unwrap();
            }
            2 => {
                alice.change(other.device(), None, &[(1, 1)]).ok();
            }
            _ => {
                bob.add(&other, Role::Editor).ok();
            }
        }
        if number % 8 == 0 {
            alice.log.merge(bob.log.records()).unwrap();
            bob.log = alice.log.clone();
        }
    }
    let records = &alice.log.records()[..RECORDS];
    let genesis = records[0].clone();
    let signatures: usize = alice
        .log
        .history()
        .map(|(_, record)| match record.content {
            Content::Joined(_) => 2,
            _ => 1,
        })
        .sum();
    let key = DeviceKey::from_seed(&[1; 32]);
    let signature = key.sign(Purpose::Frame, &[5; 32]);
    let bare = runs(9, || {
        for _ in 0..signatures {
            key.public()
                .verify(Purpose::Frame, &[5; 32], &signature)
                .unwrap();
        }
    });
    let all = alice.log.records();
    let whole = runs(15, || {
        black_box(Membership::open(all).unwrap());
    });
    println!(
        "{} records with {signatures} signatures, {} bytes",
        all.len(),
        all.concat().len()
    );
    measured.push(row(
        "open a log of 1,000 records, p50",
        &whole,
        "ms",
        Some(LOG_TARGET_MS),
        Some(median(&bare)),
    ));
    let mut one_more = alice.clone();
    one_more
        .invite(&InvitationSecret::from_seed(&[8; 32]), Role::Viewer, 1)
        .unwrap();
    let with_one_more = runs(15, || {
        let mut log = alice.log.clone();
        log.merge(one_more.log.records()).unwrap();
    });
    measured.push(row(
        "take up one record more, p50",
        &with_one_more,
        "ms",
        None,
        None,
    ));
    let device = bob.device();
    let asked = runs(1_000, || {
        for _ in 0..1_000 {
            black_box(alice.log.permits(&device, trust::Right::Edit)).unwrap();
        }
    });
    measured.push(row(
        "1,000 questions of permission, p50",
        &us(&asked),
        "us",
        None,
        None,
    ));
    assert!(Genesis::decode(&genesis).is_some());
}

fn blobs(measured: &mut Vec<Json>) {
    let (key, plain) = (BlobKey::from_bytes(&[1; 32]), vec![7; BLOB_BYTES]);
    let sealing = runs(9, || {
        black_box(seal_blob(&key, &plain));
    });
    let sealed = seal_blob(&key, &plain);
    let opening = runs(9, || {
        black_box(open_blob(&key, &sealed).unwrap());
    });
    measured.push(row(
        "seal 16 MiB of attachment, p50",
        &sealing,
        "ms",
        None,
        None,
    ));
    measured.push(row(
        "open 16 MiB of attachment, p50",
        &opening,
        "ms",
        None,
        None,
    ));
}

fn runs(times: usize, mut work: impl FnMut()) -> Vec<f64> {
    (0..times)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect()
}

fn us(runs: &[f64]) -> Vec<f64> {
    runs.iter().map(|ms| ms * 1e3).collect()
}

fn at(runs: &[f64], share: f64) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn median(runs: &[f64]) -> f64 {
    at(runs, 0.5)
}

/// The spread is the distance between the quartiles.
fn row(id: &str, runs: &[f64], unit: &str, target: Option<f64>, reference: Option<f64>) -> Json {
    let (value, spread) = (median(runs), at(runs, 0.75) - at(runs, 0.25));
    let met = target.map(|target| value <= target);
    json!({"id": id, "value": value, "unit": unit, "spread": spread, "target": target, "met": met, "reference": reference})
}

fn write(measured: &[Json]) {
    let program = std::env::current_exe().unwrap();
    let folder = program.ancestors().nth(3).unwrap().join("bench");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("trust.json"),
        serde_json::to_string_pretty(measured).unwrap(),
    )
    .unwrap();
}
