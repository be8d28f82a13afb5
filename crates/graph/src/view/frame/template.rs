//! Reading parts of the template.

use std::collections::BTreeSet;
use std::mem;

use automerge::ReadDoc;
use smol_str::{SmolStr, format_smolstr};

use super::Part;
use super::read::{FrameReader, replace};
use super::registers::{Registers, parse_word};
use crate::id::{FieldId, OptionId, TypeId};
use crate::schema::Schema;
use crate::template::{Field, FieldOption, FieldPlacement, Indicator, NodeType};
use crate::value::parse_decimal;

impl<P: ReadDoc, C: ReadDoc> FrameReader<'_, P, C> {
    /// Reads some fields, with their options, and some types; the others stay as they are.
    pub(super) fn read_template(&mut self, fields: &BTreeSet<FieldId>, types: &BTreeSet<TypeId>) {
        let old = mem::take(&mut self.view.frame.schema);
        let mut template = old.template().clone();
        template.fields.retain(|field| !fields.contains(&field.id));
        for id in fields {
            template.fields.extend(self.field(id));
        }
        template.types.retain(|kind| !types.contains(&kind.id));
        for id in types {
            template.types.extend(self.node_type(id));
        }
        let order = |section, key: &SmolStr| self.view.frame.orders.get(&(section, key.clone()));
        template
            .fields
            .sort_by_cached_key(|field| (order("fields", &field.id.0), field.id.clone()));
        template
            .types
            .sort_by_cached_key(|kind| (order("types", &kind.id.0), kind.id.clone()));
        if template == *old.template() {
            self.view.frame.schema = old;
            return;
        }
        self.view.frame.schema = Schema::new(template);
        self.before.differs = true;
        self.before.schema = Some(old);
    }

    /// A live definition with its place among others.
    pub(super) fn placed(
        &mut self,
        section: &'static str,
        key: &SmolStr,
    ) -> Option<(SmolStr, Registers)> {
        let live = self.live(section, key);
        let live = live.map(|registers| (SmolStr::from(registers.text("order")), registers));
        let order = live.as_ref().map(|(order, _)| order.clone());
        self.put_order((section, key.clone()), order);
        live
    }

    fn put_order(&mut self, part: Part, order: Option<SmolStr>) {
        replace(&mut self.view.frame.orders, part, order);
    }

    fn field(&mut self, id: &FieldId) -> Option<Field> {
        let options = self.options(id);
        let (_, field) = self.placed("fields", &id.0)?;
        let unit = field.text("unit");
        Some(Field {
            id: id.clone(),
            key: field.text("key"),
            label: field.text("label"),
            kind: field.word("kind")?,
            options,
            default: serde_json::from_str(&field.text("default")).ok(),
            required: field.flag("required"),
            unit: (!unit.is_empty()).then_some(unit),
            role: field.word("role"),
            help: field.text("help"),
            targets: field.members("target/").map(TypeId).collect(),
        })
    }

    fn options(&mut self, field: &FieldId) -> Vec<FieldOption> {
        let section = self.view.containers.section("options");
        // What begins with the field and a slash: "0" is what follows that.
        let all = format!("{field}/")..format!("{field}0");
        let keys = self.project.map_range(section, all);
        let keys: Vec<SmolStr> = keys.map(|item| SmolStr::from(&*item.key)).collect();
        let mut options = vec![];
        for key in keys {
            let option = key.split_once('/').filter(|(of, _)| *of == field.as_str());
            if let Some((_, id)) = option
                && let Some((order, registers)) = self.placed("options", &key)
            {
                options.push((order, key.clone(), option_of(id, &registers)));
            }
        }
        options.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        options.into_iter().map(|(_, _, option)| option).collect()
    }

    fn node_type(&mut self, id: &TypeId) -> Option<NodeType> {
        let place = |field: &str| ("types", format_smolstr!("{id}/field{field}"));
        let former = self.view.frame.orders.range(place("/")..place("0"));
        let former: Vec<Part> = former.map(|(part, _)| part.clone()).collect();
        former
            .into_iter()
            .for_each(|part| self.put_order(part, None));
        let (_, node_type) = self.placed("types", &id.0)?;
        let mut placements: Vec<(SmolStr, SmolStr, String)> = vec![];
        for field in node_type.members("field/") {
            let text = node_type.text(&format!("field/{field}"));
            let (order, group) = text.split_once('|').unwrap_or((&text, ""));
            placements.push((order.into(), field, group.into()));
        }
        placements.sort();
        for (order, field, _) in &placements {
            self.put_order(place(&format!("/{field}")), Some(order.clone()));
        }
        let placements = placements.into_iter();
        let placements = placements.map(|(_, field, group)| FieldPlacement {
            field: FieldId(field),
            group,
        });
        Some(NodeType {
            id: id.clone(),
            key: node_type.text("key"),
            label: node_type.text("label"),
            plural: node_type.text("plural"),
            icon: node_type.text("icon"),
            shape: node_type.word("shape").unwrap_or_default(),
            colour: node_type.text("colour"),
            top_level: node_type.flag("topLevel"),
            children: node_type.members("child/").map(TypeId).collect(),
            fields: placements.collect(),
            traits: node_type
                .members("trait/")
                .filter_map(|name| parse_word(&name))
                .collect(),
            score: parse_decimal(&node_type.text("score")),
        })
    }
}

fn option_of(id: &str, option: &Registers) -> FieldOption {
    FieldOption {
        id: OptionId::from(id),
        label: option.text("label"),
        indicator: Indicator {
            icon: option.text("icon"),
            colour: option.text("colour"),
            style: option.word("style").unwrap_or_default(),
        },
        category: option.word("category"),
        score: parse_decimal(&option.text("score")),
    }
}
