//! Somebody who edits at random, and keeps the project from growing for ever.

use app::reply::Snapshot;
use graph::command::{Command, Place, Position, Splice};
use graph::id::{CommentId, FieldId, LinkId, NodeId};
use graph::link::{Lag, LinkKind};
use graph::template::{FieldKind, Role, Template};
use graph::value::Value;
use uuid::Uuid;

/// Live nodes above which more is thrown away than made.
const MANY: usize = 250;

/// What is done next.
pub enum Deed {
    /// A command. It may be refused.
    Apply(Box<Command>),
    /// Undo the command before, and perhaps redo it.
    Undo { and_redo: bool },
    /// Throw away what is in the trash, for ever.
    Purge,
}

/// The field in which a type has its title.
pub fn title_field(template: &Template, node_type: &graph::id::TypeId) -> Option<FieldId> {
    let node_type = template.types.iter().find(|it| it.id == *node_type)?;
    let is_title = |id: &FieldId| {
        let field = template.fields.iter().find(|field| field.id == *id);
        field.is_some_and(|field| field.role == Some(Role::Title))
    };
    let placement = node_type.fields.iter().find(|it| is_title(&it.field))?;
    Some(placement.field.clone())
}

/// Makes a node of the first type that may stand at the top.
pub fn new_root(snapshot: &Snapshot, node: NodeId, title: &str) -> Option<Command> {
    let template = &snapshot.frame.template;
    let node_type = template.types.iter().find(|it| it.top_level)?;
    Some(Command::CreateNode {
        node,
        node_type: node_type.id.clone(),
        place: place(None),
        values: vec![(
            title_field(template, &node_type.id)?,
            Value::Text(title.to_owned()),
        )],
    })
}

/// Gives a node another title.
pub fn retitle(snapshot: &Snapshot, node: NodeId, title: &str) -> Option<Command> {
    let row = snapshot.nodes.iter().find(|row| row.0 == node)?;
    Some(Command::SetField {
        nodes: vec![node],
        field: title_field(&snapshot.frame.template, &row.3)?,
        value: Some(Value::Text(title.to_owned())),
    })
}

/// What to do next; `spared` are not thrown away or moved.
pub fn next(snapshot: &Snapshot, spared: impl Fn(NodeId) -> bool) -> Option<Deed> {
    let rows: Vec<_> = snapshot
        .nodes
        .iter()
        .filter(|row| !spared(row.0))
        .map(|row| row.0)
        .collect();
    let one = fastrand::choice(&rows).copied();
    let other = fastrand::choice(&rows).copied();
    if snapshot.trash_count > 20 && fastrand::u8(..4) == 0 {
        return Some(Deed::Purge);
    }
    if rows.len() > MANY && fastrand::bool() {
        return Some(apply(Command::TrashNodes { nodes: vec![one?] }));
    }
    let command = match fastrand::u8(..20) {
        0..5 => create(snapshot, other)?,
        5..9 => retitle(snapshot, one?, &words())?,
        9..11 => Command::MoveNodes {
            nodes: vec![one?],
            place: place(other),
        },
        11..13 => write_text(snapshot, one?)?,
        13 => Command::Link {
            link: LinkId(Uuid::now_v7()),
            relation: LinkKind::FinishToStart,
            from: one?,
            to: other?,
            lag: Lag::default(),
        },
        14 => Command::Unlink {
            links: vec![fastrand::choice(&snapshot.links)?.id],
        },
        15 => Command::AddComment {
            comment: CommentId(Uuid::now_v7()),
            node: one?,
            reply_to: None,
            body: words(),
        },
        16 => Command::TrashNodes { nodes: vec![one?] },
        17 => Command::DuplicateNodes {
            nodes: vec![one?],
            seed: Uuid::now_v7(),
        },
        _ => {
            return Some(Deed::Undo {
                and_redo: fastrand::bool(),
            });
        }
    };
    Some(apply(command))
}

fn apply(command: Command) -> Deed {
    Deed::Apply(Box::new(command))
}

fn place(parent: Option<NodeId>) -> Place {
    Place {
        parent,
        at: Position::Last,
    }
}

fn create(snapshot: &Snapshot, parent: Option<NodeId>) -> Option<Command> {
    let template = &snapshot.frame.template;
    let node_type = fastrand::choice(&template.types)?;
    let title = title_field(template, &node_type.id)?;
    Some(Command::CreateNode {
        node: NodeId(Uuid::now_v7()),
        node_type: node_type.id.clone(),
        place: place(parent.filter(|_| !node_type.top_level || fastrand::bool())),
        values: vec![(title, Value::Text(words()))],
    })
}

fn write_text(snapshot: &Snapshot, node: NodeId) -> Option<Command> {
    let template = &snapshot.frame.template;
    let row = snapshot.nodes.iter().find(|row| row.0 == node)?;
    let node_type = template.types.iter().find(|it| it.id == row.3)?;
    let prose = node_type.fields.iter().find(|placement| {
        let field = template.fields.iter().find(|it| it.id == placement.field);
        field.is_some_and(|it| matches!(it.kind, FieldKind::Prose))
    });
    Some(Command::EditText {
        node,
        field: prose?.field.clone(),
        base: None,
        splices: vec![Splice {
            at: 0,
            delete: 0,
            insert: format!("{} ", words()),
        }],
    })
}

fn words() -> String {
    const WORDS: [&str; 8] = [
        "hull", "keel", "mast", "rope", "sail", "deck", "oar", "wind",
    ];
    let number = 1 + fastrand::usize(..4);
    let words: Vec<_> = (0..number)
        .filter_map(|_| fastrand::choice(WORDS))
        .collect();
    words.join(" ")
}
