//! What a user can set for this installation.

use std::collections::{BTreeMap, BTreeSet};

use discovery::Interfaces;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Settings of one installation. Unknown ones are dropped, missing ones take their default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "app.ts")]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// Height of rows.
    pub density: Density,
    /// Reopen the last project at start.
    pub reopen_last: bool,
    /// First day of the week: 1 Monday to 7 Sunday.
    pub first_weekday: u8,
    /// Move less, whatever the system says.
    pub reduce_motion: bool,
    /// Let those who share a project see what one looks at and where one types.
    pub shows_whereabouts: bool,
    /// What to be told of.
    pub notify: Notify,
    /// What attachments may take on this machine, in MiB. Beyond it, those of others are not fetched.
    pub attachments_mb: u32,
    /// Shortcuts that differ from the defaults: command id to keys, for example `edit.undo` to `Mod+Z`.
    pub shortcuts: BTreeMap<String, String>,
    /// Relays that every shared project is taken to, as they were typed.
    pub relays: Vec<String>,
    /// Where this machine announces itself and looks for others.
    pub discovery: DiscoveryChoice,
    /// The port at which others reach this machine; 0: one that it chooses once and keeps.
    pub port: u16,
    /// Let programs of this machine reach the projects while the window is open.
    pub lets_programs_in: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            density: Density::default(),
            reopen_last: true,
            first_weekday: 1,
            reduce_motion: false,
            shows_whereabouts: true,
            notify: Notify::default(),
            attachments_mb: 4096,
            shortcuts: BTreeMap::new(),
            relays: Vec::new(),
            discovery: DiscoveryChoice::default(),
            port: 0,
            lets_programs_in: false,
        }
    }
}

impl Settings {
    /// Under which the store keeps them.
    pub(crate) const SETTING: &str = "settings";

    /// The same with what is out of range put right, so that a window never meets it.
    pub fn in_range(mut self) -> Self {
        if !(1..=7).contains(&self.first_weekday) {
            self.first_weekday = 1;
        }
        self
    }
}

/// What of others' doings the person wants to hear of. Nothing else is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "app.ts")]
pub struct Notify {
    /// Items that they were put on.
    pub assigned: bool,
    /// Where they were named.
    pub mentioned: bool,
    /// Items of theirs that are blocked, or free again.
    pub blocked: bool,
    /// Conflicts with what they did.
    pub conflicts: bool,
    /// Who joined and who left.
    pub people: bool,
    /// Whether the desktop shows it too while the window is in the background.
    pub on_desktop: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self {
            assigned: true,
            mentioned: true,
            blocked: true,
            conflicts: true,
            people: true,
            on_desktop: true,
        }
    }
}

/// On which networks this machine announces itself and looks for others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum DiscoveryChoice {
    /// On all.
    #[default]
    All,
    /// On these alone.
    Named {
        /// Names of interfaces, for example `eth0` or `Ethernet 2`.
        interfaces: BTreeSet<String>,
    },
    /// On none; nothing is sent.
    Off,
}

impl DiscoveryChoice {
    /// The same for whoever looks.
    pub(crate) fn interfaces(&self) -> Interfaces {
        match self {
            Self::All => Interfaces::All,
            Self::Named { interfaces } => Interfaces::Named(interfaces.clone()),
            Self::Off => Interfaces::Off,
        }
    }
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Theme {
    System,
    #[default]
    Dark,
    Light,
    HighContrast,
}

/// Height of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Density {
    Compact,
    #[default]
    Normal,
    Comfortable,
}
