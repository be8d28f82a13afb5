//! What every store does, however it does it.
//!
//! Each check takes a fresh store. [`conformance_tests!`](crate::conformance_tests) makes a test of each.

#![allow(missing_docs, reason = "the name of a check says what it checks")]

mod kept;
mod log;
mod rooms;

pub use self::{kept::*, log::*, rooms::*};

/// Makes a test of every check of the suite. The expression yields an empty store and whatever must outlive it.
#[macro_export]
macro_rules! conformance_tests {
    ($open:expr) => {
        $crate::conformance_tests! { $open;
            an_empty_store_has_nothing
            a_project_is_created_updated_and_deleted
            odd_names_are_kept
            a_created_project_has_its_documents
            chunks_come_back_in_order
            a_chunk_is_written_then_durable
            a_chunk_without_bytes_changes_undo_only
            undo_stacks_follow_their_edits
            an_undo_stack_keeps_the_last_entries
            a_chunk_for_an_unknown_project_fails
            after_a_failure_the_project_waits_for_a_retry
            a_chunk_that_is_too_large_is_refused
            a_snapshot_replaces_the_chunks_it_covers
            an_older_snapshot_is_ignored
            a_snapshot_of_what_was_never_written_is_refused
            what_is_set_aside_is_not_loaded
            a_deleted_project_leaves_nothing
            many_writers_each_keep_their_order
            a_room_is_created_listed_and_deleted
            frames_come_back_in_order_and_in_pieces
            a_frame_that_is_held_changes_nothing
            a_frame_before_its_turn_counts_later
            a_chunk_and_its_frames_are_one
            what_belongs_to_a_refused_room_fails_for_both
            after_a_failure_a_room_waits_for_a_retry
            what_no_room_takes_is_refused
            dropped_frames_still_count
            covered_numbers_count_without_their_frames
            named_bytes_are_kept_replaced_and_removed
            many_rooms_each_keep_their_order
            settings_are_kept_replaced_and_removed
            blobs_are_named_by_their_content
            a_blob_that_comes_in_pieces_is_there_when_it_is_whole
            a_backup_keeps_what_was_there
            a_backup_has_what_was_appended_before
            a_backup_that_is_broken_off_leaves_nothing
            old_backups_are_deleted
            a_closed_store_refuses_everything
        }
    };
    ($open:expr; $($check:ident)*) => {$(
        #[test]
        fn $check() {
            let (store, _kept) = $open;
            $crate::testing::conformance::$check(&store);
        }
    )*};
}
