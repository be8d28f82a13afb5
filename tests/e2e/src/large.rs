//! Large projects, made by the application itself before the window opens.

use app::app::{App, Options};
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use graph::clipping::{ClippedNode, Clipping};
use graph::command::{Command, Place, Position};
use graph::id::{FieldId, NodeId, TypeId};
use graph::template::Template;
use graph::value::{Value, parse_decimal};
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
/// Nodes that are pasted at once.
const PASTED: u32 = 25_000;

impl Home {
    /// Makes a project of `count` nodes with eight values each and leaves it closed. It is the one to be reopened.
    pub fn make_project(&self, name: &str, count: u32) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let app = App::start(Options::new(self.data_dir()))
                .await
                .expect("a new data directory");
            let project = create(&app, name).await;
            let snapshot = snapshot(&app, project).await;
            for first in (0..count).step_by(PASTED as usize) {
                let clipping = clipping(&snapshot.frame.template, first, PASTED.min(count - first));
                let place = Place {
                    parent: None,
                    at: Position::Last,
                };
                let command = Command::PasteNodes {
                    clipping,
                    place,
                    seed: Uuid::from_u128(u128::from(first) + 1),
                };
                app.call(Request::Apply { project, command })
                    .await
                    .expect("the template allows items");
            }
            app.close().await.expect("the disk takes it");
        });
    }
}

async fn create(app: &App, name: &str) -> ProjectId {
    let request = Request::CreateProject {
        template: "blank".to_owned(),
        name: name.to_owned(),
        sample: false,
    };
    match app.call(request).await {
        Ok(Reply::Opened { project, .. }) => project,
        other => panic!("no project: {other:?}"),
    }
}

async fn snapshot(app: &App, project: ProjectId) -> Box<Snapshot> {
    match app.call(Request::Snapshot { project }).await {
        Ok(Reply::Snapshot(snapshot)) => snapshot,
        other => panic!("no snapshot: {other:?}"),
    }
}

/// Items in a tree, numbered from `first`.
fn clipping(template: &Template, first: u32, count: u32) -> Clipping {
    let item = template
        .types
        .iter()
        .find(|one| one.key == "item")
        .expect("the template has items");
    let nodes = (0..count)
        .map(|index| node(template, &item.id, first, index))
        .collect();
    Clipping {
        fields: template.fields.clone(),
        types: vec![item.clone()],
        nodes,
        links: Vec::new(),
    }
}

fn node(template: &Template, item: &TypeId, first: u32, index: u32) -> ClippedNode {
    let number = first + index;
    let mut values = vec![(
        field(template, "title").0,
        Value::Text(format!("Item {number}")),
    )];
    values.extend(FIELDS.iter().map(|key| value(template, key, number)));
    ClippedNode {
        parent: (index / FAN_OUT).checked_sub(1),
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

fn field(template: &Template, key: &str) -> (FieldId, Vec<graph::id::OptionId>) {
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
