//! Commands in few words.

use graph::clipping::Clipping;
use graph::command::{Command, Place, Position, Splice};
use graph::id::{BlobId, CommentId};
use graph::link::{Lag, LinkKind};
use graph::template::{Field, NodeType, Trait};
use graph::value::{File, Value};

use crate::dsl::{assign, link, node, nodes, parse_node, uuid, words};

fn place(parent: &str, at: Position) -> Place {
    let parent = (!parent.is_empty()).then(|| node(parent));
    Place { parent, at }
}

/// The end of a parent's children; an empty name is the top level.
pub fn last(parent: &str) -> Place {
    place(parent, Position::Last)
}

pub fn first(parent: &str) -> Place {
    place(parent, Position::First)
}

pub fn before(parent: &str, sibling: &str) -> Place {
    place(parent, Position::Before(node(sibling)))
}

pub fn after(parent: &str, sibling: &str) -> Place {
    place(parent, Position::After(node(sibling)))
}

/// `create("step \"Cut\" #s1 status=todo", last("t1"))`
pub fn create(text: &str, place: Place) -> Command {
    let (mut command, set) = parse_node(&words(text), place);
    if let Command::CreateNode { values, .. } = &mut command {
        for given in set {
            if let Command::SetField { field, value, .. } = given {
                values.extend(value.map(|value| (field, value)));
            }
        }
    }
    command
}

/// `set("t1 t2", "status=done")`
pub fn set(names: &str, assignment: &str) -> Command {
    let (field, value) = assign(assignment);
    set_value(names, field.as_str(), value)
}

pub fn set_value(names: &str, field: &str, value: Value) -> Command {
    Command::SetField {
        nodes: nodes(names),
        field: field.into(),
        value: Some(value),
    }
}

pub fn clear(names: &str, field: &str) -> Command {
    Command::SetField {
        nodes: nodes(names),
        field: field.into(),
        value: None,
    }
}

/// Members to add and to remove, like `labels=red`; either may be empty.
pub fn members(names: &str, add: &str, remove: &str) -> Command {
    let parse = |text: &str| (!text.is_empty()).then(|| assign(text));
    let (add, remove) = (parse(add), parse(remove));
    let field = add.as_ref().or(remove.as_ref());
    Command::EditMembers {
        nodes: nodes(names),
        field: field.expect("one of them names the field").0.clone(),
        add: add.map(|(_, value)| value),
        remove: remove.map(|(_, value)| value),
    }
}

/// One replaced range of the notes.
pub fn edit_notes(name: &str, at: u32, delete: u32, insert: &str) -> Command {
    edit_notes_since(name, None, &[(at, delete, insert)])
}

pub fn edit_notes_since(name: &str, base: Option<String>, splices: &[(u32, u32, &str)]) -> Command {
    let splices = splices.iter().map(|(at, delete, insert)| Splice {
        at: *at,
        delete: *delete,
        insert: (*insert).to_owned(),
    });
    Command::EditText {
        node: node(name),
        field: "notes".into(),
        base,
        splices: splices.collect(),
    }
}

pub fn mv(names: &str, place: Place) -> Command {
    Command::MoveNodes {
        nodes: nodes(names),
        place,
    }
}

pub fn indent(names: &str) -> Command {
    Command::Indent {
        nodes: nodes(names),
    }
}

pub fn outdent(names: &str) -> Command {
    Command::Outdent {
        nodes: nodes(names),
    }
}

pub fn trash(names: &str) -> Command {
    Command::TrashNodes {
        nodes: nodes(names),
    }
}

pub fn restore(names: &str) -> Command {
    Command::RestoreNodes {
        nodes: nodes(names),
    }
}

pub fn purge(names: &str) -> Command {
    Command::PurgeNodes {
        nodes: nodes(names),
    }
}

pub fn duplicate(names: &str) -> Command {
    Command::DuplicateNodes {
        nodes: nodes(names),
        seed: uuid("duplicate"),
    }
}

pub fn paste(clipping: Clipping, place: Place) -> Command {
    Command::PasteNodes {
        clipping,
        place,
        seed: uuid("paste"),
    }
}

pub fn convert(names: &str, node_type: &str) -> Command {
    Command::ConvertType {
        nodes: nodes(names),
        node_type: node_type.into(),
    }
}

pub fn block(from: &str, to: &str) -> Command {
    relate(from, LinkKind::FinishToStart, to)
}

pub fn relate(from: &str, relation: LinkKind, to: &str) -> Command {
    Command::Link {
        link: link(&format!("{from}>{to}")),
        relation,
        from: node(from),
        to: node(to),
        lag: Lag(0),
    }
}

pub fn unlink(names: &str) -> Command {
    Command::Unlink {
        links: names.split_whitespace().map(link).collect(),
    }
}

pub fn set_blockers(name: &str, blockers: &str) -> Command {
    Command::SetBlockers {
        node: node(name),
        blockers: nodes(blockers),
        seed: uuid("blockers"),
    }
}

pub fn comment_id(name: &str) -> CommentId {
    CommentId(uuid(name))
}

pub fn comment(name: &str, on: &str, body: &str) -> Command {
    Command::AddComment {
        comment: comment_id(name),
        node: node(on),
        reply_to: None,
        body: body.into(),
    }
}

pub fn answer(name: &str, on: &str, thread: &str, body: &str) -> Command {
    Command::AddComment {
        comment: comment_id(name),
        node: node(on),
        reply_to: Some(comment_id(thread)),
        body: body.into(),
    }
}

/// The hash of a file that is told from others by one digit.
pub fn blob(digit: char) -> BlobId {
    digit.to_string().repeat(64).as_str().into()
}

pub fn attach(name: &str, digit: char, file_name: &str) -> Command {
    Command::Attach {
        node: node(name),
        field: "files".into(),
        blob: blob(digit),
        file: File {
            name: file_name.into(),
            media_type: "image/png".into(),
            size_bytes: 7,
            seal: None,
        },
    }
}

pub fn detach(name: &str, digit: char) -> Command {
    Command::Detach {
        node: node(name),
        field: "files".into(),
        blob: blob(digit),
    }
}

pub fn put_field(field: Field) -> Command {
    Command::PutField { field }
}

pub fn remove_field(field: &str) -> Command {
    Command::RemoveField {
        field: field.into(),
    }
}

pub fn put_type(node_type: NodeType) -> Command {
    Command::PutType { node_type }
}

pub fn set_trait(node_type: &str, behaviour: Trait, on: bool) -> Command {
    Command::SetTrait {
        node_type: node_type.into(),
        behaviour,
        on,
    }
}

pub fn save_kit(kit: &str, names: &str) -> Command {
    Command::SaveKit {
        kit: kit.into(),
        name: "Prepared".into(),
        nodes: nodes(names),
    }
}

pub fn apply_kit(kit: &str, place: Place) -> Command {
    Command::ApplyKit {
        kit: kit.into(),
        place,
        seed: uuid("kit"),
    }
}

pub fn batch(commands: impl IntoIterator<Item = Command>) -> Command {
    Command::Batch {
        label: None,
        commands: commands.into_iter().collect(),
    }
}
