//! Everything that is promised of the window, as stories of people at it.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: stories prepare and look at files"
)]

#[path = "stories/shell.rs"]
mod shell;
