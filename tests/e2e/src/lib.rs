//! The real window on a screen of its own, or the same UI in a browser, driven by real key events.
//!
//! A story reads like what a person does: [`Desktop::open`] starts the program, its [`Window`] is pressed, typed at and
//! looked at. Which of the two it is, the story does not say: [`Host::chosen`] does. Every step waits for what it needs with one generous deadline, [`DEADLINE`], and fails with what it waited
//! for. Nothing is shared between stories: each has its own screen, data directory, driver and program.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: processes, files and the clock are its business"
)]

mod accessibility;
mod asking;
mod chromium;
mod desktop;
#[cfg(unix)]
mod disk;
mod driver;
mod file_drag;
mod first_paint;
mod home;
mod host;
mod keys;
mod latency;
mod measured;
#[cfg(target_os = "linux")]
mod notification_server;
mod outline;
mod person;
mod picture;
mod pointer;
mod prepared;
mod process;
mod program;
mod relay;
mod screen;
mod screenshot;
mod scrolling;
mod steps;
mod wait;
mod webkit;
mod window;
mod x11;
mod xdnd;

use std::time::Duration;

#[cfg(unix)]
pub use self::disk::Disk;
#[cfg(target_os = "linux")]
pub use self::notification_server::{Notification, NotificationServer};
pub use self::{
    accessibility::Violation,
    desktop::{Desktop, launch},
    driver::free_port,
    file_drag::{FileDrag, FileManager},
    first_paint::{FirstPaint, first_paints},
    home::Home,
    host::Host,
    latency::Latency,
    measured::Measured,
    outline::OutlineRow,
    person::{Person, mia_and_noah, share},
    picture::{Area, start_until},
    pointer::Spot,
    process::Ended,
    program::{artifact, program, server},
    relay::RelayPage,
    screen::Screen,
    scrolling::Scrolled,
    window::Window,
};

/// How long anything may take. Generous, because only a failure ever waits that long.
pub const DEADLINE: Duration = Duration::from_secs(60);
