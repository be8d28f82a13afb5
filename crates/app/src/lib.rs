//! The application without a window.
pub mod event;
pub mod failure;
mod files;
pub mod find;
pub mod outbox;
pub mod reply;
pub mod request;
pub mod saving;
pub mod settings;
pub mod talus_file;
