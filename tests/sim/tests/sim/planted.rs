//! Defects that are planted into the product, each of which the seeds of the test command must notice.
//!
//! What a machine takes although it ought to be left is not noticed here, since at rest somebody stands for everything. The runs of
//! the rules of members notice that.

use std::iter;

use crate::{SEEDS, run};

/// Looks for a seed that notices a defect, beginning with the one that did last. Without a defect none of them breaks, which
/// is a test of its own.
fn must_be_noticed(last: u64, plant: impl Fn()) {
    plant();
    let mut seeds = iter::once(last).chain(1..=SEEDS);
    let noticed = seeds.find_map(|seed| Some(seed).zip(run::seed(seed).result.err()));
    fault::clear();
    let (seed, why) = noticed.expect("the seeds notice a planted defect");
    println!("seed {seed}: {why}");
}

/// Behind each defect stands the seed that noticed it last. If that does not any more, the test takes longer and says which
/// does.
macro_rules! planted {
    ($($crate_name:ident { $($test:ident: $fault:ident in $last:literal),* $(,)? })*) => {$($(
        #[test]
        fn $test() {
            must_be_noticed($last, || fault::plant($crate_name::fault::Fault::$fault));
        }
    )*)*};
}

planted! {
    app {
        a_change_that_is_called_saved_too_early_is_noticed: SavedBeforeDurable in 2,
        an_own_frame_that_is_sent_before_it_is_written_is_noticed: PublishBeforeWritten in 1,
        a_frame_that_an_app_acknowledges_too_early_is_noticed: AcknowledgeBeforeDurable in 2,
        an_actor_that_is_used_again_is_noticed: ReuseActor in 1,
        a_frame_and_its_change_in_two_commits_are_noticed: FrameApart in 6,
        a_frame_that_is_stored_without_its_change_is_noticed: FrameWithoutChange in 1,
        a_history_that_is_not_stored_is_noticed: ForgetHistory in 1,
        own_changes_that_never_leave_are_noticed: FramedTooMuch in 1,
        a_chunk_that_is_forgotten_on_a_full_disk_is_noticed: ForgetOnRetry in 1,
        numbers_that_begin_anew_are_noticed: NumberAnew in 2,
        a_snapshot_that_claims_too_much_is_noticed: SnapshotClaimsMore in 4,
        a_key_that_is_not_changed_when_it_is_due_is_noticed: KeepEpoch in 1,
        a_key_that_a_member_does_not_get_is_noticed: KeepKeys in 99,
        members_that_are_not_stored_are_noticed: ForgetMembers in 1,
    }
    relay {
        a_frame_that_a_relay_sends_before_it_is_written_is_noticed: PublishBeforeWritten in 1,
        a_frame_that_a_relay_acknowledges_too_early_is_noticed: AcknowledgeBeforeDurable in 1,
        frames_that_a_relay_forgets_on_a_full_disk_are_noticed: ForgetRefused in 8,
        a_relay_that_does_not_know_the_time_is_noticed: ForgetClock in 1,
    }
    sync {
        a_gap_that_is_accepted_is_noticed: AcceptGap in 1,
        a_frame_that_is_not_signed_and_is_taken_is_noticed: ForgetSignatures in 1,
        a_signal_that_is_not_signed_and_is_taken_is_noticed: BelieveSignals in 2,
        a_frame_that_a_role_does_not_allow_and_is_taken_is_noticed: ForgetRoles in 4,
        a_frame_that_somebody_stands_for_and_is_not_taken_is_noticed: ForgetVouchers in 3,
        a_frame_that_was_left_and_is_not_asked_for_is_noticed: ForgetWhatWasLeft in 5,
        a_removed_one_who_is_not_cut_off_is_noticed: KeepRemoved in 1,
    }
    store {
        an_attachment_that_is_believed_is_noticed: BelievePart in 12,
    }
    graph {
        a_remote_field_that_is_not_read_is_noticed: ForgetRemoteField in 1,
    }
}
