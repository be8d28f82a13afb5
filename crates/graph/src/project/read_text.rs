//! Long texts with the state that they were read at.

use super::Project;
use crate::id::{FieldId, NodeId};

/// A long text and the state that it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSnapshot {
    /// The text.
    pub text: String,
    /// For [`Command::EditText`].
    pub base: String,
}

impl Project {
    /// The state of a long text that positions can refer to.
    pub fn text(&self, node: NodeId, field: &FieldId) -> Option<TextSnapshot> {
        let node = self.view.node(node)?;
        let text = match node.value(field) {
            Some(crate::value::Value::Prose(text)) => text,
            _ => String::new(),
        };
        let heads: Vec<String> = self
            .project
            .get_heads()
            .iter()
            .map(ToString::to_string)
            .collect();
        Some(TextSnapshot {
            text,
            base: heads.join(" "),
        })
    }
}
