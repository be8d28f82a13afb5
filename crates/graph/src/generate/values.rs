//! Commands that set values, and the values.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use rust_decimal::Decimal;

use super::{Generator, Random, file};
use crate::command::{Command, Splice};
use crate::id::{FieldId, OptionId};
use crate::problem::ProblemKind;
use crate::template::FieldKind;
use crate::value::{ExactHours, Value};

impl Generator<'_> {
    /// Dismisses a conflict, if there is one.
    pub(super) fn settle_conflict(&mut self) -> Command {
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

    /// Takes note of a removal, if there was one.
    pub(super) fn keep_removed(&mut self) -> Command {
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

    pub(super) fn set_field(&mut self) -> Command {
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
    pub(super) fn edit_text(&mut self) -> Command {
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

    pub(super) fn value(&mut self, kind: FieldKind) -> Value {
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
}
