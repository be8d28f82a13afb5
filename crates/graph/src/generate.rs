//! Random commands under a seed, for the simulations: sensible ones mostly, and some that must be refused.
//!
//! They are about a project made of [`template::template`] and [`template::content`].

mod definitions;
mod random;
mod targets;
pub mod template;
mod values;

use crate::Project;
use crate::command::Command;
use crate::id::{CommentId, LinkId, NodeId, PersonId};
use crate::link::Lag;
use crate::value::{File, Value};

pub use self::random::Random;
use self::template::FIELDS;

/// Names of all commands, as in JSON.
pub const KINDS: [&str; 43] = [
    "createNode",
    "setField",
    "editMembers",
    "editText",
    "moveNodes",
    "indent",
    "outdent",
    "duplicateNodes",
    "pasteNodes",
    "trashNodes",
    "restoreNodes",
    "purgeNodes",
    "keepRemoved",
    "settleConflict",
    "convertType",
    "link",
    "editLink",
    "unlink",
    "setBlockers",
    "addComment",
    "editComment",
    "resolveComment",
    "deleteComment",
    "attach",
    "detach",
    "putField",
    "removeField",
    "putOption",
    "removeOption",
    "putType",
    "removeType",
    "reorderField",
    "reorderType",
    "setTrait",
    "saveKit",
    "removeKit",
    "applyKit",
    "putFilter",
    "removeFilter",
    "putView",
    "removeView",
    "setProject",
    "putPerson",
];

/// How often each kind is tried: the everyday ones more.
fn weight(kind: &str) -> usize {
    match kind {
        "createNode" | "setField" | "editText" | "moveNodes" => 14,
        "trashNodes" | "editMembers" | "link" | "restoreNodes" => 6,
        "removeType" | "removeField" => 1,
        _ => 3,
    }
}

/// Chooses what somebody does next with a project.
pub struct Generator<'a> {
    /// Decides.
    pub random: &'a mut Random,
    /// With what.
    pub project: &'a Project,
    /// Who.
    pub person: PersonId,
    /// Whether they remove for ever, too.
    pub purge: bool,
}

impl Generator<'_> {
    /// A command, mostly a single one.
    pub fn command(&mut self) -> Command {
        if self.random.chance(6) {
            let count = 1 + self.random.below(3);
            let commands = (0..count).map(|_| self.simple()).collect();
            return Command::Batch {
                label: None,
                commands,
            };
        }
        self.simple()
    }

    fn simple(&mut self) -> Command {
        let total: usize = KINDS.iter().map(|kind| weight(kind)).sum();
        let mut at = self.random.below(total);
        let kind = KINDS.iter().find(|kind| {
            let found = at < weight(kind);
            at = at.saturating_sub(weight(kind));
            found
        });
        self.of_kind(kind.expect("weights add up"))
    }

    fn of_kind(&mut self, kind: &str) -> Command {
        match kind {
            "createNode" => {
                let place = self.place();
                Command::CreateNode {
                    node: NodeId(self.random.uuid()),
                    node_type: self.type_for(&place),
                    place,
                    values: vec![("title".into(), Value::Text(self.line()))],
                }
            }
            "setField" => self.set_field(),
            "editMembers" => {
                let (id, kind) = *self
                    .random
                    .pick(&FIELDS[7..11])
                    .expect("there are set fields");
                let add = self.random.chance(70).then(|| self.value(kind));
                let remove = self.random.chance(40).then(|| self.value(kind));
                Command::EditMembers {
                    nodes: self.nodes(),
                    field: id.into(),
                    add,
                    remove,
                }
            }
            "editText" => self.edit_text(),
            "moveNodes" => Command::MoveNodes {
                nodes: self.nodes(),
                place: self.place(),
            },
            "indent" => Command::Indent {
                nodes: self.nodes(),
            },
            "outdent" => Command::Outdent {
                nodes: self.nodes(),
            },
            "duplicateNodes" => Command::DuplicateNodes {
                nodes: vec![self.node()],
                seed: self.random.uuid(),
            },
            "pasteNodes" => Command::PasteNodes {
                clipping: self.project.clip(&[self.node()]),
                place: self.place(),
                seed: self.random.uuid(),
            },
            "trashNodes" => Command::TrashNodes {
                nodes: self.nodes(),
            },
            "restoreNodes" => Command::RestoreNodes {
                nodes: self.trashed(),
            },
            "keepRemoved" => self.keep_removed(),
            "settleConflict" => self.settle_conflict(),
            "purgeNodes" if self.purge => Command::PurgeNodes {
                nodes: self.trashed(),
            },
            "purgeNodes" => Command::RestoreNodes {
                nodes: self.trashed(),
            },
            "convertType" => Command::ConvertType {
                nodes: vec![self.node()],
                node_type: self.any_type(),
            },
            "link" => Command::Link {
                link: LinkId(self.random.uuid()),
                relation: self.relation(),
                from: self.node(),
                to: self.node(),
                lag: Lag(self.random.below(5) as i32 - 2),
            },
            "editLink" => Command::EditLink {
                link: self.link(),
                relation: self.relation(),
                lag: Lag(self.random.below(5) as i32),
            },
            "unlink" => Command::Unlink {
                links: vec![self.link()],
            },
            "setBlockers" => Command::SetBlockers {
                node: self.node(),
                blockers: self.nodes(),
                seed: self.random.uuid(),
            },
            "addComment" => {
                let node = self.node();
                let thread = self
                    .project
                    .view()
                    .comments_on(node)
                    .into_iter()
                    .find(|comment| comment.reply_to.is_none())
                    .map(|comment| comment.id);
                Command::AddComment {
                    comment: CommentId(self.random.uuid()),
                    node,
                    reply_to: thread.filter(|_| self.random.chance(50)),
                    body: self.random.word(),
                }
            }
            "editComment" => Command::EditComment {
                comment: self.comment(),
                body: self.random.word(),
            },
            "resolveComment" => Command::ResolveComment {
                comment: self.comment(),
                resolved: self.random.chance(60),
            },
            "deleteComment" => Command::DeleteComment {
                comment: self.comment(),
            },
            "attach" => Command::Attach {
                node: self.node(),
                field: "files".into(),
                blob: self.blob(),
                file: file(),
            },
            "detach" => Command::Detach {
                node: self.node(),
                field: "files".into(),
                blob: self.blob(),
            },
            _ => self.of_template_kind(kind),
        }
    }
}

fn file() -> File {
    File {
        name: "photo.jpg".into(),
        media_type: "image/jpeg".into(),
        size_bytes: 7,
        seal: None,
    }
}

/// The name of a command, as in JSON.
pub fn name(command: &Command) -> String {
    let json = serde_json::to_value(command).expect("commands are JSON");
    json["kind"]
        .as_str()
        .expect("commands are tagged")
        .to_owned()
}
