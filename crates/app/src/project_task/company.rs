//! What the network tells the project of others, and the project the network.

use super::{Panicked, ProjectTask};
use crate::network::Whose;
use crate::pins::{self, Scope};
use crate::project::Input;

impl ProjectTask {
    /// The project hears which machines somebody has chosen.
    pub(super) fn tell_chosen(&mut self) -> Result<(), Panicked> {
        self.keep_found();
        let chosen = self.links.chosen();
        if chosen != self.chosen {
            self.chosen.clone_from(&chosen);
            self.step(Input::Chosen(chosen))?;
        }
        Ok(())
    }

    /// Who was found at an address is expected there from now on.
    fn keep_found(&mut self) {
        let found = self.links.book().map(|book| book.take_found());
        let project = self.project.id;
        for (whose, address, device) in found.unwrap_or_default() {
            let scope = match whose {
                Whose::Project => Scope::Project(project),
                Whose::Settings => Scope::Relays,
            };
            self.job(move |world| {
                // If it cannot be kept, whoever is there after the next start is the first again.
                pins::pin(&*world.store, scope, &address, device).ok();
                None
            });
        }
    }

    /// The network hears who is a member, to know them when they announce themselves.
    pub(super) fn note_members(&mut self) {
        let (Some(room), Some(book)) = (self.project.room(), self.links.book()) else {
            return;
        };
        let members = room.members();
        if members.records().len() != self.members_known {
            self.members_known = members.records().len();
            book.know(members.members().map(|(device, _)| *device).collect());
        }
    }
}
