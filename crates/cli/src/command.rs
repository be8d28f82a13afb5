//! What one can say to `tally`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::{edit, serve, share, token, watch};

/// Projects of Talus Tally on the command line.
///
/// Exit codes: 0 done; 1 refused or failed; 2 the command line is wrong; 3 no such project, node, template or token;
/// 4 the projects are in use by an instance that programs cannot reach; 5 the disk does not take what was changed;
/// 6 the keys are under a passphrase, and none was said or a wrong one; or they are in a keychain that does not give them.
#[derive(Parser)]
#[command(name = "tally", version)]
pub struct Arguments {
    /// Where projects are kept. Otherwise in TALUS_DATA_DIR, or where the application keeps them.
    #[arg(long, global = true)]
    pub data_dir: Option<PathBuf>,

    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,

    /// Name of this client: undo takes back what was done under the same name.
    #[arg(long, global = true, default_value = "tally")]
    pub client: String,

    /// A file whose first line is the passphrase that the keys are under. Without it a terminal is asked.
    #[arg(long, global = true)]
    pub passphrase_file: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the UI to browsers of this machine, REST and Socket.IO, on loopback until SIGTERM or Ctrl+C.
    Serve(serve::Options),
    /// Print an address at which one browser of this machine sees the UI of the instance that serves.
    Page,
    /// List the projects.
    #[command(visible_alias = "ls")]
    Projects,
    /// List the templates.
    Templates,
    /// Make a project from a template.
    New {
        /// Id of the template.
        template: String,
        /// Name of the project.
        name: String,
        /// Fill it with the sample of the template.
        #[arg(long)]
        sample: bool,
    },
    /// Give a project another name.
    Rename {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// The name.
        name: String,
    },
    /// Move a project to the trash.
    Delete {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// Delete it for ever.
        #[arg(long)]
        purge: bool,
    },
    /// Bring a project back from the trash.
    Restore {
        /// Id, the beginning of an id, or name of a project.
        project: String,
    },
    /// Write a project with its history to a file.
    Export {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// Where to.
        file: PathBuf,
    },
    /// Take in a `.talus` file as a new project.
    Import {
        /// Where from.
        file: PathBuf,
    },
    /// Open a project in the instance that runs: its changes are exchanged with those who share it.
    Open {
        /// Id, the beginning of an id, or name of a project.
        project: String,
    },
    /// Give a field of a node a value.
    Set {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// Id of the node.
        node: String,
        /// Id or key of the field; `name` is the title.
        field: String,
        /// Text, a number, a date, or JSON. Without it the field is cleared.
        value: Option<String>,
    },
    /// Say that one node blocks another, or that they have to do with each other.
    Link {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// Id of the node that blocks.
        from: String,
        /// Id of the node that is blocked.
        to: String,
        /// What the link says.
        #[arg(long, value_enum, default_value = "finish-to-start")]
        relation: edit::Relation,
        /// Working days between the two; negative: they overlap.
        #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
        lag: i32,
    },
    /// Print an invitation into a project. Whoever has it gets in.
    Invite(share::Invited),
    /// Join a project by an invitation, which is read from standard input.
    Join,
    /// List who shares a project, and how they are reached.
    Peers {
        /// Id, the beginning of an id, or name of a project.
        project: String,
    },
    /// Find out why others are not found or not reached.
    Doctor(share::Complaint),
    /// Read all that is kept of projects here, attachments included, or `.talus` files and backups, and say what is damaged.
    ///
    /// Ends with 1 if something was lost. Files need no instance, and stay as they are.
    Verify {
        /// Files; or ids, beginnings of ids, or names of projects. Without any all projects are read, those in the trash
        /// included.
        #[arg(value_hint = clap::ValueHint::FilePath)]
        what: Vec<String>,
    },
    /// Carry out a command, such as UpdateProperty or setField.
    Run {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// Name of the command.
        command: String,
        /// Its fields as JSON; `-` reads them from standard input.
        #[arg(default_value = "{}")]
        data: String,
        /// Carried out once, however often it is given, while one instance runs: it is what remembers the keys.
        #[arg(long)]
        key: Option<String>,
        /// Return once the change would survive a loss of power.
        #[arg(long)]
        durable: bool,
    },
    /// Take back the last step of this client.
    Undo {
        /// Id, the beginning of an id, or name of a project.
        project: String,
    },
    /// Repeat the step that was undone last.
    Redo {
        /// Id, the beginning of an id, or name of a project.
        project: String,
    },
    /// Show the tree of a project.
    Tree {
        /// Id, the beginning of an id, or name of a project.
        project: String,
    },
    /// Show a node.
    Show {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// Id of the node.
        node: String,
    },
    /// Find nodes by words.
    Search {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// Words, all of which occur.
        words: Vec<String>,
    },
    /// List what is wrong with a project.
    Problems {
        /// Id, the beginning of an id, or name of a project.
        project: String,
    },
    /// List what was done to a project, newest first.
    History {
        /// Id, the beginning of an id, or name of a project.
        project: String,
        /// Pass over so many.
        #[arg(long, default_value_t = 0)]
        offset: u32,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Give out tokens for programs, list them, and take them back.
    Token {
        #[command(subcommand)]
        action: token::Action,
    },
    /// List who did what by these tokens, newest first.
    Audit {
        /// Only this project: id, the beginning of an id, or name.
        #[arg(long)]
        project: Option<String>,
        /// Only the token with this id.
        #[arg(long)]
        token: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Print what happens to a project, until Ctrl+C.
    Watch(watch::Options),
    /// Print a script that completes commands in a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Print the manual page, or write those of all commands to a folder.
    Man {
        /// Where to.
        folder: Option<PathBuf>,
    },
}
