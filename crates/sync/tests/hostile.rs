//! No bytes bring a decoder or an exchange to panic, and what was read can be written and read again.

use proptest::prelude::*;
use sync::testing::samples::{messages, signed_messages};
use sync::{Message, testing};

fn all_bodies(bytes: &[u8]) {
    testing::BODIES.iter().for_each(|(_, body, _)| body(bytes));
}

#[test]
fn every_message_is_read_back() {
    for message in [messages(), signed_messages()].concat() {
        assert_eq!(Message::decode(message.encode()), Ok(message));
    }
}

#[test]
fn good_bytes_are_taken_and_every_beginning_of_them_is_survived() {
    for (_, body, samples) in testing::BODIES {
        for sample in samples() {
            (0..=sample.len()).for_each(|end| body(&sample[..end]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_bring_anything_to_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        all_bodies(&bytes);
        for kind in 0..16 {
            let mut message = vec![kind];
            message.extend_from_slice(&bytes);
            testing::message(&message);
        }
    }

    #[test]
    fn changed_bytes_bring_nothing_to_panic(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<usize>()),
    ) {
        for (_, body, samples) in testing::BODIES {
            for mut sample in samples() {
                for (at, byte) in &changes {
                    let at = at % sample.len();
                    sample[at] = *byte;
                }
                if let Some(cut) = cut {
                    sample.truncate(cut % sample.len());
                }
                body(&sample);
            }
        }
    }

    #[test]
    fn any_order_of_messages_is_survived(order in proptest::collection::vec(0..16_usize, 0..40)) {
        let all = messages();
        let mut bytes = Vec::new();
        for message in [0, 1].iter().chain(&order).map(|at| all[at % all.len()].encode()) {
            bytes.extend_from_slice(&(message.len() as u16).to_be_bytes());
            bytes.extend_from_slice(&message);
        }
        testing::exchange(&bytes);
    }
}
