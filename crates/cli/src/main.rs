//! `tally`: the application on the command line.
//!
//! It is a client of the REST interface. It talks to the instance that runs on the data directory, or opens the
//! directory itself for as long as the command takes.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: a program has files, a clock and signals"
)]

mod client;
mod command;
mod edit;
mod instance;
mod passphrase;
mod problem;
mod project;
mod serve;
mod share;
mod show;
mod shutdown;
mod token;
mod verify;
mod watch;

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use app::failure::Failure;
use clap::{CommandFactory, Parser};
use serde_json::{Value, json};

use crate::client::Client;
use crate::command::{Arguments, Command};
use crate::instance::Instance;
use crate::problem::Problem;

fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| misread(&error));
    let json = arguments.json;
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has seen enough.
        Err(Problem::Closed) => ExitCode::SUCCESS,
        Err(problem) => {
            match json {
                true => eprintln!("{}", problem.to_json()),
                false => eprintln!("tally: {problem}"),
            }
            problem.exit_code()
        }
    }
}

/// Ends with what the command line should have been, or with the help that was asked for.
fn misread(error: &clap::Error) -> ! {
    if error.use_stderr() && std::env::args().any(|it| it == "--json") {
        eprintln!("{}", Problem::usage(error.to_string()).to_json());
        std::process::exit(error.exit_code());
    }
    error.exit()
}

fn run(arguments: Arguments) -> Result<(), Problem> {
    let Arguments {
        data_dir,
        json,
        client,
        passphrase_file,
        command,
    } = arguments;
    if let Command::Completions { shell } = command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "tally", &mut script);
        return print(&script);
    }
    if let Command::Man { folder } = command {
        return man(folder.as_deref());
    }
    if let Command::Verify { what } = &command
        && verify::is_of_files(what)
    {
        return verify::tell(verify::files(what)?, |it| say(json, it, show::verified));
    }
    let data_dir = instance::data_dir(data_dir)?;
    if let Command::Serve(options) = command {
        return serve::run(&data_dir, passphrase_file, &options, json);
    }
    if let Command::Page = command {
        return page(&data_dir, client, json);
    }
    let instance = Instance::find(&data_dir, passphrase_file)?;
    let client = Client::new(&instance, client);
    let done = ask(&client, command, json);
    instance.leave()?;
    done
}

fn say(json: bool, value: &Value, text: fn(&Value) -> String) -> Result<(), Problem> {
    match json {
        true => print(format!("{value}\n").as_bytes()),
        false => print(text(value).as_bytes()),
    }
}

fn ask(client: &Client, command: Command, json: bool) -> Result<(), Problem> {
    let say = |value: &Value, text: fn(&Value) -> String| say(json, value, text);
    match command {
        Command::Serve(_) | Command::Page | Command::Completions { .. } | Command::Man { .. } => {
            Ok(())
        }
        Command::Projects => say(&project::list(client)?, show::projects),
        Command::Templates => say(&client.get("/templates")?, show::templates),
        Command::New {
            template,
            name,
            sample,
        } => {
            let new = json!({"template_id": template, "project_name": name, "sample": sample});
            let made = client.post("/projects", &new)?;
            drop(project::Session::of(client, &made));
            say(&json!({"project_id": made["project_id"]}), |it| {
                format!("{}\n", show::text(&it["project_id"]))
            })
        }
        Command::Rename { project, name } => {
            let id = project::find(client, &project)?;
            let done = client.patch(&format!("/projects/{id}"), &json!({"name": name}))?;
            say(&done, |_| String::new())
        }
        Command::Delete { project, purge } => {
            let id = project::find(client, &project)?;
            let how = if purge { "?purge=1" } else { "" };
            client.delete(&format!("/projects/{id}{how}"))?;
            say(&json!({"deleted": id}), |_| String::new())
        }
        Command::Restore { project } => {
            let id = project::find(client, &project)?;
            let restored = client.post(&format!("/projects/{id}/restore"), &json!({}))?;
            say(&restored, |_| String::new())
        }
        Command::Export { project, file } => {
            let id = project::find(client, &project)?;
            let bytes = client.download(&format!("/projects/{id}/export"), &file)?;
            say(&json!({"file": file, "size_bytes": bytes}), |_| {
                String::new()
            })
        }
        Command::Import { file } => {
            let made = client.upload("/projects/import", &file)?;
            drop(project::Session::of(client, &made));
            say(&json!({"project_id": made["project_id"]}), |it| {
                format!("{}\n", show::text(&it["project_id"]))
            })
        }
        Command::Open { project } => {
            let session = project::open(client, &project)?.keep();
            say(&json!({"session_id": session}), |_| String::new())
        }
        Command::Set {
            project,
            node,
            field,
            value,
        } => {
            let done = edit::set(client, &project, &node, &field, value.as_deref())?;
            say(&done, show::done)
        }
        Command::Link {
            project,
            from,
            to,
            relation,
            lag,
        } => {
            let done = edit::link(client, &project, [&from, &to], relation, lag)?;
            say(&done, show::done)
        }
        Command::Invite(invited) => say(&share::invite(client, &invited)?, |it| {
            format!("{}\n", show::text(&it["invitation"]))
        }),
        Command::Join => say(&share::join(client)?, |it| {
            format!("{}\n", show::text(&it["project_id"]))
        }),
        Command::Peers { project } => say(&share::peers(client, &project)?, show::peers),
        Command::Doctor(complaint) => say(&share::examine(client, &complaint)?, show::findings),
        Command::Verify { what } => {
            verify::tell(verify::all(client, what)?, |it| say(it, show::verified))
        }
        Command::Run {
            project,
            command,
            data,
            key,
            durable,
        } => {
            let data = read(&data)?;
            let session = project::open(client, &project)?;
            let order = json!({
                "session_id": session.id(), "command_type": command, "data": data, "idempotency_key": key,
            });
            let how = if durable { "?durable=1" } else { "" };
            say(
                &client.post(&format!("/commands/execute{how}"), &order)?,
                show::done,
            )
        }
        Command::Undo { project } => {
            step(client, &project, "undo").and_then(|it| say(&it, show::done))
        }
        Command::Redo { project } => {
            step(client, &project, "redo").and_then(|it| say(&it, show::done))
        }
        Command::Tree { project } => {
            let session = project::open(client, &project)?;
            match json {
                true => {
                    let tree = client.text(&format!("/sessions/{session}/graph/tree"))?;
                    print(format!("{tree}\n").as_bytes())
                }
                false => print(show::tree(&session.nodes()?).as_bytes()),
            }
        }
        Command::Show { project, node } => {
            let session = project::open(client, &project)?;
            say(
                &client.get(&format!("/sessions/{session}/graph/nodes/{node}"))?,
                show::node,
            )
        }
        Command::Search { project, words } => {
            let session = project::open(client, &project)?;
            let words = words.join(" ");
            let query = [("q", words.as_str())];
            say(
                &client.ask(&format!("/sessions/{session}/search"), &query)?,
                show::hits,
            )
        }
        Command::Problems { project } => {
            let session = project::open(client, &project)?;
            let path = format!("/sessions/{session}/problems");
            let problems = project::all(client, &path, "problems")?;
            say(&json!({"problems": problems}), show::problems)
        }
        Command::History {
            project,
            offset,
            limit,
        } => {
            let session = project::open(client, &project)?;
            let [offset, limit] = [offset, limit].map(|it| it.to_string());
            let part = [("offset", offset.as_str()), ("limit", limit.as_str())];
            say(
                &client.ask(&format!("/sessions/{session}/history"), &part)?,
                show::history,
            )
        }
        Command::Token { action } => {
            let (answer, text) = token::run(client, action)?;
            say(&answer, text)
        }
        Command::Audit {
            project,
            token,
            limit,
        } => {
            let project = project.map(|it| project::find(client, &it)).transpose()?;
            let limit = limit.to_string();
            let query = [
                ("limit", Some(limit)),
                ("project", project),
                ("token", token),
            ];
            let said = query
                .iter()
                .filter_map(|(key, it)| Some((*key, it.as_deref()?)));
            let said: Vec<(&str, &str)> = said.collect();
            say(&client.ask("/audit", &said)?, show::audit)
        }
        Command::Watch(options) => watch::run(client, &options, json),
    }
}

fn page(data_dir: &Path, client: String, json: bool) -> Result<(), Problem> {
    let instance = Instance::running(data_dir)?.ok_or_else(|| {
        let why =
            "No instance serves these projects. `tally serve` starts one and prints an address.";
        Problem::Unreachable(Failure::new("NOT_SERVED", why))
    })?;
    let drawn = Client::new(&instance, client).draw_page_address()?;
    let text = match json {
        true => format!("{drawn}\n"),
        false => format!("{}\n", show::text(&drawn["address"])),
    };
    print(text.as_bytes())
}

/// Manual pages (man 7).
fn man(folder: Option<&Path>) -> Result<(), Problem> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let written = clap_mangen::Man::new(Arguments::command()).render(&mut page);
        written.map_err(Problem::failed)?;
        return print(&page);
    };
    std::fs::create_dir_all(folder).map_err(Problem::failed)?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(Problem::failed)
}

fn step(client: &Client, project: &str, which: &str) -> Result<Value, Problem> {
    let session = project::open(client, project)?;
    client.post(&format!("/sessions/{session}/{which}"), &json!({}))
}

/// The fields of a command.
fn read(data: &str) -> Result<Value, Problem> {
    let mut text = data.to_owned();
    if data == "-" {
        text.clear();
        io::stdin()
            .read_to_string(&mut text)
            .map_err(Problem::failed)?;
    }
    serde_json::from_str(&text)
        .map_err(|error| Problem::usage(format!("the fields are not JSON: {error}")))
}

fn print(bytes: &[u8]) -> Result<(), Problem> {
    let mut out = io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Problem::Closed,
        _ => Problem::failed(error),
    })
}
