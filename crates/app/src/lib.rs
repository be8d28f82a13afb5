//! The application without a window.
pub mod event;
pub mod failure;
pub mod reply;
pub mod request;
pub mod settings;
