//! Sharing projects, and finding out why somebody is not reached.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::client::Client;
use crate::problem::Problem;
use crate::project;

#[derive(Args)]
pub struct Invited {
    /// Id, the beginning of an id, or name of a project.
    project: String,
    /// What the invited may.
    #[arg(long, value_enum, default_value = "editor")]
    role: Role,
    /// For so many hours from now, at most a year.
    #[arg(long, default_value_t = 168)]
    hours: u32,
    /// So many machines may join by it.
    #[arg(long, default_value_t = 1)]
    uses: u32,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Role {
    /// Read.
    Viewer,
    /// Read, and write comments.
    Commenter,
    /// Read, and write everything.
    Editor,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Commenter => "commenter",
            Self::Editor => "editor",
        }
    }
}

#[derive(Args)]
pub struct Complaint {
    /// Whoever of this project is not reached is looked at, too: id, the beginning of an id, or name.
    #[arg(long)]
    project: Option<String>,
    /// Rather whoever is at this address.
    #[arg(long, conflicts_with = "project")]
    address: Option<String>,
}

pub fn invite(client: &Client, invited: &Invited) -> Result<Value, Problem> {
    let id = project::find(client, &invited.project)?;
    let terms = json!({"role": invited.role.name(), "hours": invited.hours, "uses": invited.uses});
    client.post(&format!("/projects/{id}/invitations"), &terms)
}

/// Reads the invitation where nobody who lists processes sees it.
pub fn join(client: &Client) -> Result<Value, Problem> {
    let invitation = match io::stdin().is_terminal() {
        true => rpassword::prompt_password("Invitation: "),
        false => io::read_to_string(io::stdin()),
    };
    let invitation = invitation.map_err(Problem::failed)?;
    client.post("/projects/join", &json!({"invitation": invitation.trim()}))
}

pub fn peers(client: &Client, said: &str) -> Result<Value, Problem> {
    let id = project::find(client, said)?;
    client.get(&format!("/projects/{id}/peers"))
}

pub fn examine(client: &Client, complaint: &Complaint) -> Result<Value, Problem> {
    let said = complaint.project.as_deref();
    let id = said.map(|it| project::find(client, it)).transpose()?;
    let wanted = json!({"project_id": id, "address": complaint.address});
    client.post("/network/examination", &wanted)
}
