//! The rules of `docs/sync.md`, one test or more for each.

#[path = "rules/frames.rs"]
mod frames;
#[path = "rules/links.rs"]
mod links;
#[path = "rules/room.rs"]
mod room;
