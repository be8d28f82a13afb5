//! Bodies for hostile bytes, one for each decoder. They return whatever the bytes are; a panic is a defect.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use uuid::Uuid;

use crate::clipping::{ClippedNode, Clipping};
use crate::command::{Command, Place, Position};
use crate::document::Document;
use crate::id::{AuthorId, CommentId, FieldId, NodeId, PersonId};
use crate::person::Person;
use crate::template::{Field, FieldKind, FieldPlacement, NodeType, Role, Shape, Template, Trait};
use crate::time::Timestamp;
use crate::value::Value;
use crate::{
    HistoryUpdate, NewProject, Project, Signature, StoredDocument, StoredHistory, hashes_in,
};

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[
    ("packed", packed, packed_samples),
    ("saved", saved, saved_samples),
    ("clipping", clipping, clipping_samples),
    ("history", history, history_samples),
];

/// Packed changes, taken in by a project and by an empty one, twice. Never refused: the view is what the documents say,
/// what is saved loads again, and what is packed again is read elsewhere.
pub fn packed(bytes: &[u8]) {
    for document in [Document::Project, Document::Comments] {
        for mut project in [Project::empty(), sample()] {
            for _ in 0..2 {
                project.merge_packed(document, bytes);
                assert_eq!(project.view().picture(), project.rebuilt_view().picture());
            }
            let [saved, comments] = [Document::Project, Document::Comments].map(|document| {
                let snapshot = Some(project.fork(document).save());
                let changes = Vec::new();
                StoredDocument { snapshot, changes }
            });
            let (loaded, _) = Project::load(saved, comments).expect("what was saved loads");
            assert_eq!(loaded.view().picture(), project.view().picture());
            if let Some(again) = project.pack(document, &[]) {
                Project::empty().merge_packed(document, &again.bytes);
            }
        }
    }
    let _ = hashes_in(bytes);
}

/// A document as it is stored, or in a file.
pub fn saved(bytes: &[u8]) {
    let stored = |snapshot: &[u8]| StoredDocument {
        snapshot: Some(snapshot.to_vec()),
        changes: Vec::new(),
    };
    if let Ok((project, _)) = Project::load(stored(bytes), StoredDocument::default()) {
        let saved = project.fork(Document::Project).save();
        let again = Project::load(stored(&saved), StoredDocument::default());
        let (again, _) = again.expect("what was saved loads");
        assert_eq!(
            again.heads(Document::Project),
            project.heads(Document::Project)
        );
    }
    // A comments document that is none of a project's.
    let _ = Project::load(StoredDocument::default(), stored(bytes));
}

/// A clipping from the clipboard. What is pasted is in the view, and is undone in one step.
pub fn clipping(bytes: &[u8]) {
    let Ok(clipping) = serde_json::from_slice::<Clipping>(bytes) else {
        return;
    };
    let mut project = sample();
    let (before, count) = (project.view().picture(), project.view().node_count());
    let paste = Command::PasteNodes {
        clipping,
        place: place(),
        seed: Uuid::from_u128(77),
    };
    if project.apply(author(), &paste, Timestamp(5)).is_ok() {
        assert_eq!(project.view().picture(), project.rebuilt_view().picture());
        project
            .undo(author(), Timestamp(6))
            .expect("there is a step");
        assert_eq!(project.view().node_count(), count);
    } else {
        assert_eq!(
            project.view().picture(),
            before,
            "a refused command changes nothing"
        );
    }
}

/// Undo entries as they are stored.
pub fn history(bytes: &[u8]) {
    let mut project = sample();
    let stored = StoredHistory {
        undo: vec![bytes.to_vec()],
        redo: vec![bytes.to_vec()],
    };
    project.sign_on(signature(), &stored);
    let _ = project.undo(author(), Timestamp(5));
    let _ = project.redo(author(), Timestamp(6));
    assert_eq!(project.view().picture(), project.rebuilt_view().picture());
}

fn author() -> AuthorId {
    AuthorId(Uuid::from_u128(1))
}

fn signature() -> Signature {
    Signature {
        author: author(),
        actor: [9; 16],
        person: PersonId(Uuid::from_u128(2)),
        profile: Person {
            name: "Ana".to_owned(),
            colour: "#4C9BE8".to_owned(),
        },
    }
}

fn place() -> Place {
    Place {
        parent: None,
        at: Position::Last,
    }
}

/// A project with a few tasks, a text and a comment.
fn sample() -> Project {
    static STORED: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        let project = make().expect("the sample breaks no rule");
        [Document::Project, Document::Comments].map(|document| project.fork(document).save())
    });
    let stored = |bytes: &Vec<u8>| StoredDocument {
        snapshot: Some(bytes.clone()),
        changes: Vec::new(),
    };
    let loaded = Project::load(stored(&STORED[0]), stored(&STORED[1]));
    let (mut project, _) = loaded.expect("it was saved");
    let signature = Signature {
        actor: [10; 16],
        ..signature()
    };
    project.sign_on(signature, &StoredHistory::default());
    project
}

fn make() -> Result<Project, crate::rejection::Rejection> {
    let new = NewProject {
        name: "Sample".to_owned(),
        currency: "EUR".to_owned(),
        template: template(),
        content: content(),
    };
    let mut project = Project::create(&new, signature(), Uuid::from_u128(3), Timestamp(1))?;
    edit(&mut project)?;
    Ok(project)
}

fn edit(project: &mut Project) -> Result<(), crate::rejection::Rejection> {
    let nodes: Vec<NodeId> = project.view().nodes().map(|node| node.id()).collect();
    let node = nodes[0];
    let commands = [
        Command::AddComment {
            comment: CommentId(Uuid::from_u128(4)),
            node,
            reply_to: None,
            body: "Looks good".to_owned(),
        },
        Command::EditText {
            node,
            field: FieldId::from("notes"),
            base: None,
            splices: vec![crate::command::Splice {
                at: 0,
                delete: 0,
                insert: "Some *prose*".to_owned(),
            }],
        },
        Command::MoveNodes {
            nodes: vec![nodes[1]],
            place: place(),
        },
    ];
    for (command, at) in commands.iter().zip(2..) {
        project.apply(author(), command, Timestamp(at))?;
    }
    Ok(())
}

fn template() -> Template {
    let field = |id: &str, kind, role| Field {
        id: id.into(),
        key: id.into(),
        label: id.into(),
        kind,
        options: Vec::new(),
        default: None,
        required: false,
        unit: None,
        role,
        help: String::new(),
        targets: BTreeSet::new(),
    };
    let placement = |id: &str| FieldPlacement {
        field: id.into(),
        group: String::new(),
    };
    Template {
        fields: vec![
            field("title", FieldKind::Text, Some(Role::Title)),
            field("notes", FieldKind::Prose, None),
        ],
        types: vec![NodeType {
            id: "task".into(),
            key: "task".into(),
            label: "Task".into(),
            plural: "Tasks".into(),
            icon: "circle".into(),
            shape: Shape::Circle,
            colour: "#808080".into(),
            top_level: true,
            children: BTreeSet::from(["task".into()]),
            fields: vec![placement("title"), placement("notes")],
            traits: BTreeSet::<Trait>::new(),
            score: None,
        }],
    }
}

fn content() -> Clipping {
    let node = |number: u8, parent| ClippedNode {
        parent,
        node_type: "task".into(),
        values: vec![("title".into(), Value::Text(format!("Task {number}")))],
        original: NodeId(Uuid::from_u128(u128::from(number) + 100)),
    };
    Clipping {
        nodes: vec![node(0, None), node(1, Some(0)), node(2, Some(1))],
        ..Clipping::default()
    }
}

/// A saved document, one change, and as many as make a bundle.
fn packed_samples() -> Vec<Vec<u8>> {
    let mut samples = Vec::new();
    for (document, edits) in [
        (Document::Project, 1),
        (Document::Project, 20),
        (Document::Comments, 1),
    ] {
        let mut project = sample();
        let since = project.heads(document);
        samples.extend(project.pack(document, &[]).map(|it| it.bytes));
        let node = project.view().nodes().next().map(|node| node.id());
        for number in 0..edits {
            let node = node.expect("the sample has nodes");
            let comment = Command::AddComment {
                comment: CommentId(Uuid::from_u128(500 + number)),
                node,
                reply_to: None,
                body: "More".to_owned(),
            };
            let rename = Command::SetField {
                nodes: vec![node],
                field: "title".into(),
                value: Some(Value::Text(format!("Title {number}"))),
            };
            for command in [comment, rename] {
                let applied = project.apply(author(), &command, Timestamp(9));
                applied.expect("the sample takes it");
            }
        }
        samples.extend(project.pack(document, &since).map(|it| it.bytes));
    }
    samples
}

fn saved_samples() -> Vec<Vec<u8>> {
    let project = sample();
    [Document::Project, Document::Comments]
        .map(|document| project.fork(document).save())
        .into()
}

fn clipping_samples() -> Vec<Vec<u8>> {
    let project = sample();
    let nodes: Vec<NodeId> = project.view().nodes().map(|node| node.id()).collect();
    [content(), project.clip(&nodes[..1])]
        .map(|clipping| serde_json::to_vec(&clipping).expect("a clipping becomes JSON"))
        .into()
}

fn history_samples() -> Vec<Vec<u8>> {
    let mut project = sample();
    edit_again(&mut project);
    project
        .undo(author(), Timestamp(10))
        .expect("there is a step");
    let written = project.take_written().into_iter();
    let updates = written.flat_map(|written| written.history);
    let bytes = updates.flat_map(|write| {
        let HistoryUpdate { undo, redo } = write.update;
        undo.push.into_iter().chain(redo.push)
    });
    bytes.collect()
}

fn edit_again(project: &mut Project) {
    let node = project.view().nodes().next().map(|node| node.id());
    let rename = Command::SetField {
        nodes: node.into_iter().collect(),
        field: "title".into(),
        value: Some(Value::Text("Another title".to_owned())),
    };
    let applied = project.apply(author(), &rename, Timestamp(9));
    applied.expect("the sample takes it");
}
