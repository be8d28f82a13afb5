//! Projects that the application makes before the window opens.

use std::path::Path;

use app::app::{App, Options};
use app::builtin;
use app::request::Request;
use app::talus_file::{Content, Manifest, Writer};
use graph::clipping::{ClippedNode, Clipping};
use graph::document::Document;
use graph::id::{AuthorId, FieldId, NodeId, OptionId, PersonId, TypeId};
use graph::person::Person;
use graph::template::Template;
use graph::time::Timestamp;
use graph::value::{Value, parse_decimal};
use graph::{NewProject, Project, Signature};
use uuid::Uuid;

use crate::Home;

/// Children of a node; eight levels hold more than anybody has.
const FAN_OUT: u32 = 8;
/// What every node has beside its title; seven of them, so that there are eight values.
const FIELDS: [&str; 7] = [
    "status",
    "priority",
    "start",
    "end",
    "estimated-hours",
    "estimated-cost",
    "quantity",
];

impl Home {
    /// Makes a project of `count` nodes with eight values each. It is the one that is opened at the start.
    ///
    /// It comes as a file, which is quicker than an edit of so many nodes.
    pub fn make_project(&self, name: &str, count: u32) {
        self.import(content(name, count, |number| {
            (number / FAN_OUT).checked_sub(1)
        }));
    }

    /// Makes a project whose nodes each stand beneath the one before.
    pub fn make_chain(&self, name: &str, levels: u32) {
        self.import(content(name, levels, |number| number.checked_sub(1)));
    }

    fn import(&self, content: Content) {
        let path = self.file("prepared.talus");
        self.prepare(async |app| {
            write(&path, &content);
            let path = path
                .to_str()
                .expect("a temporary folder has a plain name")
                .to_owned();
            app.call(Request::ImportProject { path })
                .await
                .expect("the file is whole");
        });
    }

    /// Makes the sample of a template. It is the one that is opened at the start.
    pub fn make_sample(&self, template: &str) {
        self.prepare(async |app| {
            let (template, name) = (template.to_owned(), "Sample".to_owned());
            let request = Request::CreateProject {
                template,
                name,
                sample: true,
            };
            app.call(request).await.expect("it is built in");
        });
    }

    /// Does something while a program without a window has the data directory, and answers nobody.
    pub fn while_occupied(&self, act: impl FnOnce() + Send) {
        self.prepare(async |_| {
            // Stories block, and a thread of the runtime must not.
            std::thread::scope(|scope| scope.spawn(act).join()).expect("the story goes on");
        });
    }

    /// Lets the application do something here without its window.
    fn prepare(&self, act: impl AsyncFnOnce(App)) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let app = App::start(Options::new(self.data_dir()))
                .await
                .expect("a new data directory");
            let me = ana();
            app.call(Request::PutMe { me }).await.expect("a name");
            act(app.clone()).await;
            app.close().await.expect("the disk takes it");
        });
    }
}

/// What the file holds: items in a tree, numbered from 0.
fn content(name: &str, count: u32, parent_of: impl Fn(u32) -> Option<u32>) -> Content {
    let template = &builtin::all()
        .iter()
        .find(|one| one.key == "blank")
        .expect("it is built in")
        .template;
    let item = template
        .types
        .iter()
        .find(|one| one.key == "item")
        .expect("the template has items");
    let nodes = (0..count)
        .map(|number| node(template, &item.id, number, parent_of(number)))
        .collect();
    let new = NewProject {
        name: name.to_owned(),
        currency: "EUR".to_owned(),
        template: template.clone(),
        content: Clipping {
            nodes,
            ..Clipping::default()
        },
    };
    let signature = Signature {
        author: AuthorId(Uuid::from_u128(1)),
        actor: [1; 16],
        person: PersonId(Uuid::from_u128(2)),
        profile: ana(),
    };
    let made_at = Timestamp(1_800_000_000_000);
    let project = Project::create(&new, signature, Uuid::from_u128(3), made_at)
        .expect("the template allows items");
    Content {
        manifest: Manifest {
            name: new.name,
            template: "Blank".to_owned(),
            created_ms: 0,
            exported_ms: 0,
            node_count: count.into(),
            program: "e2e".to_owned(),
        },
        project: project.fork(Document::Project).save(),
        comments: project.fork(Document::Comments).save(),
    }
}

fn write(path: &Path, content: &Content) {
    let file = std::fs::File::create(path).expect("the home can be written");
    let writer = Writer::begin(file, content).expect("the disk takes it");
    writer.finish().expect("the disk takes it");
}

fn ana() -> Person {
    Person {
        name: "Ana".to_owned(),
        colour: "#58a6ff".to_owned(),
    }
}

fn node(template: &Template, item: &TypeId, number: u32, parent: Option<u32>) -> ClippedNode {
    let mut values = vec![(
        field(template, "title").0,
        Value::Text(format!("Item {number}")),
    )];
    values.extend(FIELDS.iter().map(|key| value(template, key, number)));
    ClippedNode {
        parent,
        node_type: item.clone(),
        values,
        original: NodeId(Uuid::from_u128(u128::from(number) + 1)),
    }
}

fn value(template: &Template, key: &str, number: u32) -> (FieldId, Value) {
    let (id, options) = field(template, key);
    let value = match key {
        "status" | "priority" => Value::Option(options[number as usize % options.len()].clone()),
        "start" => Value::Date(date(number % 28)),
        "end" => Value::Date(date(number % 28 + 2)),
        _ => {
            Value::Number(parse_decimal(&format!("{}.25", number % 1000)).expect("a short number"))
        }
    };
    (id, value)
}

fn field(template: &Template, key: &str) -> (FieldId, Vec<OptionId>) {
    let field = template
        .fields
        .iter()
        .find(|one| one.key == key)
        .expect("the template has the field");
    (
        field.id.clone(),
        field
            .options
            .iter()
            .map(|option| option.id.clone())
            .collect(),
    )
}

fn date(day: u32) -> jiff::civil::Date {
    let day = i8::try_from(day % 28 + 1).expect("a day of a month");
    jiff::civil::date(2026, 3, day)
}
