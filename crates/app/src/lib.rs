//! The application without a window: projects are opened, edited, kept, copied and brought back.
//!
//! - [`app::App`] is the door for hosts: a request in, a reply out, events to whoever listens. [`threshold::Threshold`] is
//!   before it, where a passphrase is needed.
//! - [`project::Project`] is one open project as a pure state machine; `project_task` gives it a task.
//! - `requests` says what becomes of each request, one file each.
//!
//! What is absent: no window, no HTTP, no SQL. Whether a command is allowed and what it does is for
//! `graph`; what is on the disk for certain is for `store`. The clock, files and tasks are touched in
//! `app`, `world`, `files`, `backups`, `batches`, `progress`, `sweep`, `project_task`, `threshold` and `network`
//! only.

pub mod activity;
mod address;
pub mod app;
pub mod attachments;
mod backups;
pub mod batches;
mod blob_work;
pub mod builtin;
mod bundle_file;
mod catalogue;
pub mod device_keys;
pub mod event;
pub mod failure;
#[cfg(feature = "testing")]
pub mod fault;
#[cfg(not(feature = "testing"))]
mod fault;
mod files;
pub mod find;
pub mod history;
mod identity;
mod invitation;
mod key_file;
mod last_open;
mod links;
#[cfg(feature = "testing")]
pub mod machine;
mod me;
mod media_type;
pub mod members;
pub mod network;
pub mod notices;
mod opening;
pub mod outbox;
pub mod package;
pub mod pairing;
mod panics;
mod pins;
pub mod programs;
mod progress;
pub mod project;
mod project_task;
pub mod reply;
pub mod request;
mod requests;
pub mod room;
mod rooms;
mod rows;
mod saving;
pub mod secret_text;
pub mod security;
pub mod serving;
pub mod settings;
pub mod sharing;
pub mod surroundings;
mod sweep;
pub mod talus_file;
#[cfg(feature = "testing")]
pub mod testing;
pub mod threshold;
pub mod verification;
mod world;
