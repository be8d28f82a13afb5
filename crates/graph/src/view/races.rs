//! Races of fields in words, with ways out.

use super::record::Contender;
use super::{Slot, View, shorten};
use crate::codec::{Raw, decode, split_key};
use crate::command::Command;
use crate::id::{FieldId, NodeId};
use crate::problem::{Fix, Problem};
use crate::template::FieldKind;
use crate::value::File;

impl View {
    pub(super) fn field_race(&self, slot: Slot, key: &str, problem: Problem) -> Option<Problem> {
        let record = self.record(slot);
        let (field, member) = split_key(key)?;
        let (_, contenders) = record.races.iter().find(|(known, _)| known == key)?;
        let label = self.label_of(&field);
        let shown: Vec<String> = contenders
            .iter()
            .rev()
            .map(|contender| format!("“{}”", shorten(&self.raw_text(&field, &contender.raw))))
            .collect();
        let message = format!(
            "{label} of “{}” was set to {} at the same time. The first of them is shown.",
            self.title_of(slot),
            shown.join(" and ")
        );
        let fixes = contenders
            .iter()
            .rev()
            .enumerate()
            .filter_map(|(rank, it)| self.race_fix(record.id, &field, member, it, rank == 0))
            .collect();
        Some(Problem {
            field: Some(field),
            message,
            fixes,
            ..problem
        })
    }

    fn race_fix(
        &self,
        node: NodeId,
        field: &FieldId,
        member: &str,
        contender: &Contender,
        is_shown: bool,
    ) -> Option<Fix> {
        let definition = self.frame.schema.field(field)?;
        let value = decode(definition, &vec![(member, &contender.raw)]).ok()??;
        let (nodes, field) = (vec![node], field.clone());
        let verb = if is_shown { "Keep" } else { "Take" };
        let text = shorten(&self.raw_text(&field, &contender.raw));
        let label = format!("{verb} “{text}”");
        let command = if member.is_empty() {
            Command::SetField {
                nodes,
                field,
                value: Some(value),
            }
        } else {
            Command::EditMembers {
                nodes,
                field,
                add: Some(value),
                remove: None,
            }
        };
        Some(Fix { label, command })
    }

    /// A register's content as people know it: options by label, files by name.
    pub(crate) fn raw_text(&self, field: &FieldId, raw: &Raw) -> String {
        let text = raw.text();
        let Some(definition) = self.frame.schema.field(field) else {
            return text;
        };
        match definition.kind {
            FieldKind::Select | FieldKind::MultiSelect => definition
                .options
                .iter()
                .find(|option| option.id.as_str() == text)
                .map_or(text, |option| option.label.clone()),
            FieldKind::Files => serde_json::from_str::<File>(&text).map_or(text, |file| file.name),
            _ => text,
        }
    }
}
