//! `tally token`: who may ask, and for what.

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::client::Client;
use crate::problem::Problem;
use crate::{project, show};

#[derive(Subcommand)]
pub enum Action {
    /// Give a token out. Its secret is printed now and never again.
    New {
        /// What it is called.
        name: String,
        /// What it permits.
        #[arg(long, value_enum, default_value = "read")]
        scope: Scope,
        /// The only project that it is for: id, the beginning of an id, or name.
        #[arg(long)]
        project: Option<String>,
        /// How long it lasts, such as 90m, 12h, 30d or 8w. Otherwise until it is revoked.
        #[arg(long = "for", value_parser = seconds)]
        lasting: Option<u64>,
    },
    /// List the tokens that were given out.
    List,
    /// Take a token back; its connections are cut.
    Revoke {
        /// Id, or name if only one has it.
        token: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Scope {
    /// Read and hear.
    Read,
    /// Change projects.
    Write,
    /// Delete for ever, give out tokens, read the audit log, invite, join, and examine the network.
    Admin,
}

/// What came back, and how people read it.
type Done = (Value, fn(&Value) -> String);

/// Carries it out.
pub fn run(client: &Client, action: Action) -> Result<Done, Problem> {
    match action {
        Action::New {
            name,
            scope,
            project,
            lasting,
        } => {
            let project = project.map(|it| project::find(client, &it)).transpose()?;
            let scope = match scope {
                Scope::Read => "read",
                Scope::Write => "write",
                Scope::Admin => "admin",
            };
            let new = json!({
                "name": name, "scope": scope, "project_id": project, "expires_in_s": lasting,
            });
            let given = client.post("/tokens", &new)?;
            Ok((given, secret))
        }
        Action::List => Ok((client.get("/tokens")?, show::tokens)),
        Action::Revoke { token } => {
            let id = find(client, &token)?;
            client.delete(&format!("/tokens/{id}"))?;
            Ok((json!({"revoked": id}), nothing))
        }
    }
}

fn secret(given: &Value) -> String {
    format!("{}\n", show::text(&given["secret"]))
}

fn nothing(_: &Value) -> String {
    String::new()
}

/// The id of a token by its id, or by its name among those that still let somebody in.
fn find(client: &Client, said: &str) -> Result<String, Problem> {
    let list = client.get("/tokens")?;
    let tokens = list["tokens"].as_array().into_iter().flatten();
    let is_said = |token: &&Value| {
        token["token_id"] == said || (token["name"] == said && token["revoked_at"].is_null())
    };
    let found: Vec<String> = tokens
        .filter(is_said)
        .map(|token| show::text(&token["token_id"]))
        .collect();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Problem::Refused(json!({
            "status": 404, "code": "TOKEN_NOT_FOUND", "detail": format!("There is no token “{said}”."),
        }))),
        several => Err(Problem::usage(format!(
            "“{said}” may be {}",
            several.join(" or ")
        ))),
    }
}

fn seconds(text: &str) -> Result<u64, String> {
    let wrong = || "say a number and one of s, m, h, d, w, such as 30d".to_owned();
    let (unit, seconds) = [
        ('s', 1),
        ('m', 60),
        ('h', 60 * 60),
        ('d', 24 * 60 * 60),
        ('w', 7 * 24 * 60 * 60),
    ]
    .into_iter()
    .find(|(unit, _)| text.ends_with(*unit))
    .ok_or_else(wrong)?;
    let number: u64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(seconds("90m"), Ok(5_400));
        assert_eq!(seconds("30d"), Ok(2_592_000));
        for wrong in [
            "",
            "30",
            "d",
            "-1d",
            "1dd2",
            "99999999999999999999s",
            "9999999999999999999w",
        ] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
