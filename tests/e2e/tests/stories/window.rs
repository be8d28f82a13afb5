//! What is of the window itself and of the desktop around it. `cargo xtask e2e --browser` leaves it out, and says so.

#[path = "window/arguments.rs"]
mod arguments;
#[path = "window/carrying.rs"]
mod carrying;
#[cfg(target_os = "linux")]
#[path = "window/messages.rs"]
mod messages;
#[path = "window/read_only.rs"]
mod read_only;
#[path = "window/shell.rs"]
mod shell;
