//! What is of the window itself and of the desktop around it. `cargo xtask e2e --browser` leaves it out, and says so.

#[path = "window/arguments.rs"]
mod arguments;
#[path = "window/carrying.rs"]
mod carrying;
#[cfg(target_os = "linux")]
#[path = "window/keychain.rs"]
mod keychain;
#[path = "window/locked.rs"]
mod locked;
#[cfg(target_os = "linux")]
#[path = "window/messages.rs"]
mod messages;
#[cfg(target_os = "linux")]
#[path = "window/nearby.rs"]
mod nearby;
#[path = "window/shell.rs"]
mod shell;
