//! Everything that is promised of the UI, as stories of people at it.
//!
//! They are told of the window and of the browser, but for those in the modules [`window`] and [`browser`].

#![allow(
    clippy::disallowed_methods,
    reason = "shell: stories prepare and look at files"
)]

#[path = "stories/accessible.rs"]
mod accessible;
#[path = "stories/attachments.rs"]
mod attachments;
#[path = "stories/bad_input.rs"]
mod bad_input;
#[path = "stories/browser.rs"]
mod browser;
#[path = "stories/choosing.rs"]
mod choosing;
#[path = "stories/conflicts.rs"]
mod conflicts;
#[path = "stories/definitions.rs"]
mod definitions;
#[path = "stories/dragging.rs"]
mod dragging;
#[path = "stories/dropping.rs"]
mod dropping;
#[path = "stories/durability.rs"]
mod durability;
#[path = "stories/edits.rs"]
mod edits;
#[path = "stories/finding.rs"]
mod finding;
#[path = "stories/graph.rs"]
mod graph;
#[path = "stories/inspector.rs"]
mod inspector;
#[path = "stories/many_rows.rs"]
mod many_rows;
#[path = "stories/markdown.rs"]
mod markdown;
#[path = "stories/notices.rs"]
mod notices;
#[path = "stories/pasting.rs"]
mod pasting;
#[path = "stories/read_only.rs"]
mod read_only;
#[path = "stories/row.rs"]
mod row;
#[path = "stories/screens.rs"]
mod screens;
#[path = "stories/sharing.rs"]
mod sharing;
#[path = "stories/templates.rs"]
mod templates;
#[path = "stories/tour.rs"]
mod tour;
#[path = "stories/widths.rs"]
mod widths;
#[path = "stories/window.rs"]
mod window;
