//! Defects that are planted into the product, each of which the seeds of the test command must notice.

use crate::run;

/// Seeds that a defect has to be noticed in.
const SEEDS: u64 = 100;

/// Where a defect is.
#[derive(Clone, Copy, Debug)]
enum Fault {
    App(app::fault::Fault),
    Relay(relay::fault::Fault),
    Sync(sync::fault::Fault),
    Graph(graph::fault::Fault),
}

fn plant(fault: Option<Fault>) {
    app::fault::plant(None);
    relay::fault::plant(None);
    sync::fault::plant(None);
    graph::fault::plant(None);
    match fault {
        Some(Fault::App(fault)) => app::fault::plant(Some(fault)),
        Some(Fault::Relay(fault)) => relay::fault::plant(Some(fault)),
        Some(Fault::Sync(fault)) => sync::fault::plant(Some(fault)),
        Some(Fault::Graph(fault)) => graph::fault::plant(Some(fault)),
        None => {}
    }
}

fn must_be_noticed(fault: Fault) {
    plant(Some(fault));
    let noticed = (1..=SEEDS).find_map(|seed| Some(seed).zip(run::seed(seed).result.err()));
    plant(None);
    let (seed, why) = noticed.expect("the seeds notice a planted defect");
    println!("{fault:?}: seed {seed}: {why}");
    assert!(
        run::seed(seed).result.is_ok(),
        "seed {seed} breaks without a defect"
    );
}

macro_rules! planted {
    ($($layer:ident $crate_name:ident { $($test:ident: $fault:ident),* $(,)? })*) => {$($(
        #[test]
        fn $test() {
            must_be_noticed(Fault::$layer($crate_name::fault::Fault::$fault));
        }
    )*)*};
}

planted! {
    App app {
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
    }
    Relay relay {
        a_frame_that_a_relay_sends_before_it_is_written_is_noticed: PublishBeforeWritten,
        a_frame_that_a_relay_acknowledges_too_early_is_noticed: AcknowledgeBeforeDurable,
        frames_that_a_relay_forgets_on_a_full_disk_are_noticed: ForgetRefused,
    }
    Sync sync {
        a_gap_that_is_accepted_is_noticed: AcceptGap,
    }
    Graph graph {
        a_remote_field_that_is_not_read_is_noticed: ForgetRemoteField,
    }
}
