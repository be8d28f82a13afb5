//! The project as a graph.
pub mod clipping;
pub mod command;
pub mod id;
pub mod link;
pub mod person;
pub mod problem;
pub mod rejection;
pub mod saved;
pub mod template;
pub mod time;
pub mod value;
