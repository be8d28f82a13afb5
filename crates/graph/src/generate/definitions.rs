//! Commands about the template, kits, filters, views and the project itself.

use super::Generator;
use super::template::{FIELDS, field, node_type, option};
use crate::command::Command;
use crate::id::{FieldId, FilterId, OptionId, ViewId};
use crate::person::Person;
use crate::saved::{SavedFilter, SavedView};
use crate::template::{FieldKind, Trait};

impl Generator<'_> {
    pub(super) fn of_template_kind(&mut self, kind: &str) -> Command {
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
}
