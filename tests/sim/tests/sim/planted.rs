//! Defects that are planted into the product, each of which the seeds of the test command must notice.

use crate::{UNEXPLAINED, run};

/// Seeds that a defect has to be noticed in.
const SEEDS: u64 = 100;

fn must_be_noticed(plant: impl Fn()) {
    plant();
    let mut seeds = (1..=SEEDS).filter(|seed| !UNEXPLAINED.contains(seed));
    let noticed = seeds.find_map(|seed| Some(seed).zip(run::seed(seed).result.err()));
    fault::clear();
    let (seed, why) = noticed.expect("the seeds notice a planted defect");
    println!("seed {seed}: {why}");
    assert!(
        run::seed(seed).result.is_ok(),
        "seed {seed} breaks without a defect"
    );
}

macro_rules! planted {
    ($($crate_name:ident { $($test:ident: $fault:ident),* $(,)? })*) => {$($(
        #[test]
        fn $test() {
            must_be_noticed(|| fault::plant($crate_name::fault::Fault::$fault));
        }
    )*)*};
}

planted! {
    app {
        a_change_that_is_called_saved_too_early_is_noticed: SavedBeforeDurable,
        an_own_frame_that_is_sent_before_it_is_written_is_noticed: PublishBeforeWritten,
        a_frame_that_an_app_acknowledges_too_early_is_noticed: AcknowledgeBeforeDurable,
        an_actor_that_is_used_again_is_noticed: ReuseActor,
        a_frame_and_its_change_in_two_commits_are_noticed: FrameApart,
        a_frame_that_is_stored_without_its_change_is_noticed: FrameWithoutChange,
        a_history_that_is_not_stored_is_noticed: ForgetHistory,
        own_changes_that_never_leave_are_noticed: FramedTooMuch,
        a_chunk_that_is_forgotten_on_a_full_disk_is_noticed: ForgetOnRetry,
        numbers_that_begin_anew_are_noticed: NumberAnew,
        a_snapshot_that_claims_too_much_is_noticed: SnapshotClaimsMore,
        a_key_that_is_not_changed_when_it_is_due_is_noticed: KeepEpoch,
        members_that_are_not_stored_are_noticed: ForgetMembers,
    }
    relay {
        a_frame_that_a_relay_sends_before_it_is_written_is_noticed: PublishBeforeWritten,
        a_frame_that_a_relay_acknowledges_too_early_is_noticed: AcknowledgeBeforeDurable,
        frames_that_a_relay_forgets_on_a_full_disk_are_noticed: ForgetRefused,
        a_relay_that_does_not_know_the_time_is_noticed: ForgetClock,
    }
    sync {
        a_gap_that_is_accepted_is_noticed: AcceptGap,
        a_frame_that_is_not_signed_and_is_taken_is_noticed: ForgetSignatures,
        a_signal_that_is_not_signed_and_is_taken_is_noticed: BelieveSignals,
        a_frame_that_a_role_does_not_allow_and_is_taken_is_noticed: ForgetRoles,
        a_frame_that_nobody_stands_for_and_is_taken_is_noticed: TakeWhatWasLeft,
        a_frame_that_somebody_stands_for_and_is_not_taken_is_noticed: ForgetVouchers,
        a_frame_that_was_left_and_is_not_asked_for_is_noticed: ForgetWhatWasLeft,
        a_removed_one_who_is_not_cut_off_is_noticed: KeepRemoved,
    }
    store {
        an_attachment_that_is_believed_is_noticed: BelievePart,
    }
    graph {
        a_remote_field_that_is_not_read_is_noticed: ForgetRemoteField,
    }
}
