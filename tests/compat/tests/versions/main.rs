//! What earlier versions said and wrote, as it was recorded, before the code of today.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read files, start processes and end where they fail"
)]

mod conversation;
mod desk;
mod grammar;
mod installations;
mod later;
mod recordings;
mod relay;
mod replay;
mod schemas;
mod speaker;
mod transcript;
mod wire;
