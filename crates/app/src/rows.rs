//! The view as compact rows.

use graph::value::Value;
use graph::view::{NodeView, View};

use crate::failure::Failure;
use crate::reply::{Frame, Row};

/// Characters of a long text that a row carries; the rest is read on demand.
pub const PROSE_CHARACTERS: usize = 200;

/// A live node as the window keeps it.
pub fn row(node: NodeView<'_>) -> Row {
    let mut values = node.values();
    for value in values.values_mut() {
        if let Value::Prose(text) = value {
            cut(text);
        }
    }
    Row(
        node.id(),
        node.parent().map(NodeView::id),
        node.order().to_owned(),
        node.node_type().clone(),
        values,
    )
}

/// What changes rarely.
pub fn frame(view: &View, needs_update: Option<Failure>) -> Frame {
    let frame = view.frame();
    let kits = frame.kits.iter();
    Frame {
        name: frame.name.clone(),
        currency: frame.currency.clone(),
        template: frame.schema.template().clone(),
        people: frame.people.clone(),
        filters: frame.filters.clone(),
        views: frame.views.values().cloned().collect(),
        kits: kits
            .map(|(id, (name, _))| (id.clone(), name.clone()))
            .collect(),
        needs_update,
    }
}

/// Roots in the trash.
pub fn trash_count(view: &View) -> u32 {
    u32::try_from(view.trash().count()).unwrap_or(u32::MAX)
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(PROSE_CHARACTERS) {
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let mut text = "é".repeat(PROSE_CHARACTERS + 1);
        cut(&mut text);
        assert_eq!(text.chars().count(), PROSE_CHARACTERS);
        let mut short = "é".repeat(PROSE_CHARACTERS);
        cut(&mut short);
        assert_eq!(short.chars().count(), PROSE_CHARACTERS);
    }
}
