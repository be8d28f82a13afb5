//! Hostile bytes for everything that decodes.
//!
//! A [`Body`](bodies::Body) belongs to a decoder and stands in that decoder's crate; it returns whatever the bytes are.
//! Here all of them are in one table, which three take from: the properties in `tests`, on stable Rust with every test
//! run; `examples/fuzz.rs`, which changes good bytes at random for as long as one likes; and `fuzz/`, where cargo-fuzz
//! looks for bytes that lead further.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: tests read files and the clock"
)]

#[cfg(feature = "bodies")]
pub mod bodies;
#[cfg(feature = "bodies")]
pub mod corpus;
#[cfg(feature = "bodies")]
mod forged;
pub mod mutation;
