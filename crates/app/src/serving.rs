//! Whether programs reach the application, as windows are told. Serving them is for the host.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::app::App;
use crate::event::Event;
use crate::world::locked;

/// Where programs of this machine reach the projects here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Serving {
    /// Address of REST and Socket.IO; none: programs are not served.
    pub address: Option<String>,
    /// The file with the token that lets them in.
    pub token_file: Option<String>,
    /// Why they are not served although they should be; for people.
    pub failure: Option<String>,
}

impl App {
    /// Notes how programs are served from now on, and tells every window.
    pub fn note_serving(&self, serving: Serving) {
        let inner = self.inner();
        locked(&inner.serving).clone_from(&serving);
        inner.world.emit(Event::Serving { serving });
    }
}
