//! Closed rooms: what is signed, who is let in, and what counts of who was removed. Names begin with the rule of
//! `docs/sync.md`.

#[path = "members/cuts.rs"]
mod cuts;
#[path = "members/doors.rs"]
mod doors;
#[path = "members/house.rs"]
mod house;
#[path = "members/random.rs"]
mod random;
#[path = "members/signals.rs"]
mod signals;
#[path = "members/signatures.rs"]
mod signatures;
