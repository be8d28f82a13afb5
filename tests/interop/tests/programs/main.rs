//! What programs may count on.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests")]

mod audit;
mod commands;
mod contract;
mod door;
mod events;
mod everything;
mod floods;
mod guide;
mod history;
mod lan;
mod pages;
mod safety;
mod ten;
mod tokens;
mod welcome;
mod workflow;
