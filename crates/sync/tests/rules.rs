//! The rules of `docs/sync.md`; a test's name begins with the rule that it holds to.

#[path = "rules/acks.rs"]
mod acks;
#[path = "rules/blobs.rs"]
mod blobs;
#[path = "rules/bundles.rs"]
mod bundles;
#[path = "rules/catch_up.rs"]
mod catch_up;
#[path = "rules/frames.rs"]
mod frames;
#[path = "rules/links.rs"]
mod links;
#[path = "rules/room.rs"]
mod room;
#[path = "rules/signals.rs"]
mod signals;
#[path = "rules/snapshots.rs"]
mod snapshots;
