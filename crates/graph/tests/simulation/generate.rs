//! Random commands: sensible ones mostly, and some that must be refused.

use std::collections::{BTreeMap, BTreeSet};

use graph::Project;
use graph::command::{Command, Place, Position, Splice};
use graph::id::{
    BlobId, CommentId, FieldId, FilterId, KitId, LinkId, NodeId, OptionId, PersonId, TypeId, ViewId,
};
use graph::link::{Lag, LinkKind};
use graph::person::Person;
use graph::problem::ProblemKind;
use graph::saved::{SavedFilter, SavedView};
use graph::template::{FieldKind, Trait};
use graph::value::{ExactHours, File, Value};
use jiff::civil::date;
use rust_decimal::Decimal;

use crate::random::Random;
use crate::template::{FIELDS, field, node_type, option};

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

pub struct Generator<'a> {
    pub random: &'a mut Random,
    pub project: &'a Project,
    pub person: PersonId,
    pub purge: bool,
}

impl Generator<'_> {
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

    fn of_template_kind(&mut self, kind: &str) -> Command {
        let field_id = || FieldId::from("extra");
        match kind {
            "putField" if self.random.chance(50) => {
                let (id, kind) = *self.random.pick(&FIELDS).expect("there are fields");
                let mut field = field(id, kind);
                field.label = format!("label {}", self.random.below(3));
                field.required = self.random.chance(30);
                Command::PutField { field }
            }
            "putField" => Command::PutField {
                field: field(
                    "extra",
                    if self.random.chance(50) {
                        FieldKind::Select
                    } else {
                        FieldKind::Number
                    },
                ),
            },
            "removeField" => Command::RemoveField {
                field: if self.random.chance(60) {
                    field_id()
                } else {
                    self.some_field().0
                },
            },
            "putOption" => Command::PutOption {
                field: "status".into(),
                option: option(if self.random.chance(50) {
                    "later"
                } else {
                    "todo"
                }),
                index: self.random.chance(50).then(|| self.random.below(4) as u32),
            },
            "removeOption" => Command::RemoveOption {
                field: "status".into(),
                option: OptionId::from(
                    *self
                        .random
                        .pick(&["later", "done", "todo"])
                        .expect("there are some"),
                ),
            },
            "putType" => {
                let id = *self
                    .random
                    .pick(&["phase", "extra-type", "task"])
                    .expect("there are some");
                let mut fields: Vec<FieldId> =
                    FIELDS.iter().map(|(id, _)| FieldId::from(*id)).collect();
                if self.random.chance(50) {
                    fields.rotate_left(1);
                }
                Command::PutType {
                    node_type: node_type(id, &["phase", "task", "step"], fields),
                }
            }
            "removeType" => Command::RemoveType {
                node_type: self.any_type(),
            },
            "reorderField" => Command::ReorderField {
                field: self.some_field().0,
                index: self.random.below(6) as u32,
            },
            "reorderType" => Command::ReorderType {
                node_type: self.any_type(),
                index: self.random.below(4) as u32,
            },
            "setTrait" => {
                let behaviour = *self
                    .random
                    .pick(&[Trait::Scheduling, Trait::Budgeting, Trait::Milestone])
                    .expect("there are some");
                Command::SetTrait {
                    node_type: self.any_type(),
                    behaviour,
                    on: self.random.chance(60),
                }
            }
            "saveKit" => Command::SaveKit {
                kit: self.kit(),
                name: "kit".into(),
                nodes: vec![self.node()],
            },
            "removeKit" => Command::RemoveKit { kit: self.kit() },
            "applyKit" => Command::ApplyKit {
                kit: self.kit(),
                place: self.place(),
                seed: self.random.uuid(),
            },
            "putFilter" => Command::PutFilter {
                filter: SavedFilter {
                    id: FilterId::from("f"),
                    name: self.line(),
                    query: "{}".into(),
                    owner: self.random.chance(30).then_some(self.person),
                },
            },
            "removeFilter" => Command::RemoveFilter {
                filter: FilterId::from("f"),
            },
            "putView" => Command::PutView {
                view: SavedView {
                    id: ViewId::from("v"),
                    name: self.line(),
                    layout: "{}".into(),
                    owner: None,
                },
            },
            "removeView" => Command::RemoveView {
                view: ViewId::from("v"),
            },
            "setProject" => Command::SetProject {
                name: Some(self.line()),
                currency: self.random.chance(40).then(|| "USD".into()),
            },
            _ => Command::PutPerson {
                id: self.person,
                person: Person {
                    name: self.line(),
                    colour: "#123456".into(),
                },
            },
        }
    }

    /// Takes note of a removal, if there was one.
    fn keep_removed(&mut self) -> Command {
        let problems = self.project.view().problems();
        let fixes = problems.into_iter().flat_map(|problem| problem.fixes);
        let commands = fixes.map(|fix| fix.command);
        let keeping = commands.filter(|command| matches!(command, Command::KeepRemoved { .. }));
        let all: Vec<Command> = keeping.collect();
        self.random
            .pick(&all)
            .cloned()
            .unwrap_or(Command::KeepRemoved {
                nodes: vec![self.node()],
                containers: vec![],
            })
    }

    /// Dismisses a conflict, if there is one.
    fn settle_conflict(&mut self) -> Command {
        let problems = self.project.view().problems().into_iter();
        let fixes = problems.flat_map(|problem| problem.fixes);
        let commands = fixes.map(|fix| fix.command);
        let dismissals = commands.filter(|it| matches!(it, Command::SettleConflict { .. }));
        let all: Vec<Command> = dismissals.collect();
        let some = self.random.pick(&all).cloned();
        some.unwrap_or(Command::SettleConflict {
            node: self.node(),
            conflict: ProblemKind::MoveRace,
            field: None,
        })
    }

    fn set_field(&mut self) -> Command {
        let (field, kind) = self.some_field();
        let value = self.random.chance(85).then(|| self.value(kind));
        Command::SetField {
            nodes: if self.random.chance(70) {
                vec![self.node()]
            } else {
                self.nodes()
            },
            field,
            value,
        }
    }

    /// Mostly in one node, so that people meet in the same text.
    fn edit_text(&mut self) -> Command {
        let favourite = self
            .live()
            .first()
            .copied()
            .filter(|_| self.random.chance(70));
        let node = favourite.unwrap_or_else(|| self.node());
        let field = FieldId::from("notes");
        let snapshot = self.project.text(node, &field);
        let text = snapshot
            .as_ref()
            .map(|snapshot| snapshot.text.clone())
            .unwrap_or_default();
        let length = text.encode_utf16().count();
        let at = self.random.below(length + 1);
        let delete = self.random.below((length - at).min(5) + 1);
        let splice = Splice {
            at: at as u32,
            delete: delete as u32,
            insert: if self.random.chance(75) {
                self.random.word()
            } else {
                String::new()
            },
        };
        Command::EditText {
            node,
            field,
            base: snapshot
                .filter(|_| self.random.chance(50))
                .map(|snapshot| snapshot.base),
            splices: vec![splice],
        }
    }

    fn value(&mut self, kind: FieldKind) -> Value {
        let choose = |random: &mut Random, from: &[&'static str]| from[random.below(from.len())];
        match kind {
            FieldKind::Text => Value::Text(self.line()),
            FieldKind::Prose => Value::Prose(self.random.word()),
            FieldKind::Number | FieldKind::Currency => {
                Value::Number(Decimal::new(self.random.below(1000) as i64 - 100, 2))
            }
            FieldKind::Checkbox => Value::Flag(self.random.chance(50)),
            FieldKind::Date => Value::Date(date(2026, 1 + self.random.below(12) as i8, 3)),
            FieldKind::Select => Value::Option(OptionId::from(choose(
                self.random,
                &["todo", "doing", "done", "later"],
            ))),
            FieldKind::MultiSelect => Value::Options(
                (0..2)
                    .map(|_| OptionId::from(choose(self.random, &["red", "green", "blue"])))
                    .collect(),
            ),
            FieldKind::People => Value::Nodes(BTreeSet::from([self.a_person()])),
            FieldKind::Nodes => Value::Nodes(self.nodes().into_iter().collect()),
            FieldKind::Hours => {
                let day = date(2026, 2, 1 + self.random.below(3) as i8);
                Value::Hours(BTreeMap::from([(
                    self.a_person(),
                    BTreeMap::from([(
                        day,
                        ExactHours(Decimal::new(self.random.below(80) as i64, 1)),
                    )]),
                )]))
            }
            FieldKind::Url => Value::Url(
                choose(self.random, &["https://a.example/x", "mailto:a@b.example"]).into(),
            ),
            FieldKind::Files => Value::Files(BTreeMap::from([(self.blob(), file())])),
        }
    }

    fn some_field(&mut self) -> (FieldId, FieldKind) {
        let (id, kind) = FIELDS[self.random.below(FIELDS.len())];
        (id.into(), kind)
    }

    fn line(&mut self) -> String {
        self.random.word().replace('\n', " ")
    }

    fn live(&self) -> Vec<NodeId> {
        let mut all: Vec<NodeId> = self.project.view().nodes().map(|node| node.id()).collect();
        all.sort();
        all
    }

    fn node(&mut self) -> NodeId {
        let live = self.live();
        let nobody = NodeId(uuid::Uuid::from_u128(99));
        if self.random.chance(2) {
            nobody
        } else {
            self.random.pick(&live).copied().unwrap_or(nobody)
        }
    }

    fn nodes(&mut self) -> Vec<NodeId> {
        (0..1 + self.random.below(3)).map(|_| self.node()).collect()
    }

    fn a_person(&mut self) -> NodeId {
        let view = self.project.view();
        let people: Vec<NodeId> = self
            .live()
            .into_iter()
            .filter(|node| {
                view.node(*node)
                    .is_some_and(|node| node.node_type().as_str() == "person")
            })
            .collect();
        self.random
            .pick(&people)
            .copied()
            .unwrap_or_else(|| NodeId(uuid::Uuid::from_u128(98)))
    }

    fn trashed(&mut self) -> Vec<NodeId> {
        let mut all: Vec<NodeId> = self.project.view().trash().map(|node| node.id()).collect();
        all.sort();
        self.random.pick(&all).copied().into_iter().collect()
    }

    fn place(&mut self) -> Place {
        let parent = if self.random.chance(20) {
            None
        } else {
            Some(self.node())
        };
        let view = self.project.view();
        let siblings: Vec<NodeId> = match parent {
            None => view.roots().map(|node| node.id()).collect(),
            Some(parent) => view
                .node(parent)
                .map(|node| node.children().map(|child| child.id()).collect())
                .unwrap_or_default(),
        };
        let sibling = self.random.pick(&siblings).copied();
        let at = match (self.random.below(4), sibling) {
            (0, _) => Position::First,
            (1, Some(sibling)) => Position::Before(sibling),
            (2, Some(sibling)) => Position::After(sibling),
            _ => Position::Last,
        };
        Place { parent, at }
    }

    fn type_for(&mut self, place: &Place) -> TypeId {
        let view = self.project.view();
        let schema = &view.frame().schema;
        let parent = place
            .parent
            .and_then(|parent| view.node(parent))
            .map(|node| node.node_type().clone());
        let fitting: Vec<TypeId> = schema
            .template()
            .types
            .iter()
            .map(|node_type| node_type.id.clone())
            .filter(|id| schema.allows(parent.as_ref(), id))
            .collect();
        self.random
            .pick(&fitting)
            .cloned()
            .unwrap_or_else(|| TypeId::from("task"))
    }

    fn any_type(&mut self) -> TypeId {
        TypeId::from(
            *self
                .random
                .pick(&["phase", "task", "step", "extra-type"])
                .expect("there are some"),
        )
    }

    fn relation(&mut self) -> LinkKind {
        use LinkKind::*;
        *self
            .random
            .pick(&[
                FinishToStart,
                FinishToStart,
                StartToStart,
                FinishToFinish,
                StartToFinish,
                RelatesTo,
            ])
            .expect("there are some")
    }

    fn link(&mut self) -> LinkId {
        let mut all: Vec<LinkId> = self.project.view().links().map(|link| link.id).collect();
        all.sort();
        self.random
            .pick(&all)
            .copied()
            .unwrap_or(LinkId(uuid::Uuid::from_u128(97)))
    }

    fn comment(&mut self) -> CommentId {
        let view = self.project.view();
        let all: Vec<CommentId> = self
            .live()
            .into_iter()
            .flat_map(|node| view.comments_on(node))
            .map(|comment| comment.id)
            .collect();
        self.random
            .pick(&all)
            .copied()
            .unwrap_or(CommentId(uuid::Uuid::from_u128(96)))
    }

    fn blob(&mut self) -> BlobId {
        BlobId::from("0123456789abcdef".repeat(4).as_str())
    }

    fn kit(&mut self) -> KitId {
        KitId::from(
            *self
                .random
                .pick(&["kit-a", "kit-b"])
                .expect("there are some"),
        )
    }
}

fn file() -> File {
    File {
        name: "photo.jpg".into(),
        media_type: "image/jpeg".into(),
        size_bytes: 7,
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
