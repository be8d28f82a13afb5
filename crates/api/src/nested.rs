//! JSON that may be nested deeper than a stack is: it is put together as text, and never one value.

use app::programs::NodeCard;
use serde::Serialize;
use serde_json::Value;

/// An object with one more member, which is JSON already.
pub(crate) fn with_member(object: &impl Serialize, name: &str, member: &str) -> String {
    let mut text = serde_json::to_string(object).unwrap_or_default();
    // Without its last brace.
    text.pop();
    if !text.ends_with('{') {
        text.push(',');
    }
    text.push_str(&Value::from(name).to_string());
    text.push(':');
    text.push_str(member);
    text.push('}');
    text
}

/// Nodes as trees: an array of what `show` says of each, an object, with its `children`. Each node comes after its parent
/// and all that is beneath its elder siblings. One whose parent is not among them is at the top.
pub(crate) fn trees(nodes: &[NodeCard], show: impl Fn(&NodeCard) -> Value) -> String {
    let mut text = String::from("[");
    let mut open = Vec::new();
    for node in nodes {
        while open
            .last()
            .is_some_and(|last| Some(*last) != node.parent_id)
        {
            text.push_str("]}");
            open.pop();
        }
        if !text.ends_with('[') {
            text.push(',');
        }
        let mut shown = show(node);
        if let Value::Object(shown) = &mut shown {
            shown.remove("children");
        }
        text.push_str(&with_member(&shown, "children", "["));
        // It ends once its children have come.
        text.pop();
        open.push(node.id);
    }
    text.push_str(&"]}".repeat(open.len()));
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use app::programs::NodeId;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn node(number: usize, parent: Option<usize>) -> NodeCard {
        let id = |number: usize| NodeId(Uuid::from_u128(number as u128));
        NodeCard {
            id: id(number),
            parent_id: parent.map(id),
            blueprint_type_id: "type".to_owned(),
            name: format!("{number} }}[\""),
            properties: serde_json::Map::new(),
            children: Vec::new(),
            blocked_by: Vec::new(),
        }
    }

    fn named(node: &NodeCard) -> Value {
        json!({"name": node.name, "children": "others"})
    }

    #[test]
    fn nodes_are_within_their_parents() {
        let parents = [None, Some(0), Some(1), Some(1), Some(0), None];
        let nodes = parents.iter().enumerate().map(|(it, of)| node(it, *of));
        let text = trees(&nodes.collect::<Vec<_>>(), named);
        let name = |number| node(number, None).name;
        let leaf = |number| json!({"name": name(number), "children": []});
        let inner = json!({"name": name(1), "children": [leaf(2), leaf(3)]});
        let whole = json!([{"name": name(0), "children": [inner, leaf(4)]}, leaf(5)]);
        let read: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(read, whole);
        assert_eq!(trees(&[], named), "[]");
    }

    #[test]
    fn deeper_than_a_stack() {
        let nodes: Vec<NodeCard> = (0..100_000)
            .map(|number: usize| node(number, number.checked_sub(1)))
            .collect();
        let text = trees(&nodes, named);
        assert_eq!(text.matches("\"children\":[{").count(), nodes.len() - 1);
        assert_eq!(text.matches("]}").count(), nodes.len());
    }

    #[test]
    fn a_member_that_is_text_already() {
        assert_eq!(with_member(&json!({}), "a", "[1]"), r#"{"a":[1]}"#);
        let two = with_member(&json!({"b": 2}), "a", "[1]");
        assert_eq!(two, r#"{"b":2,"a":[1]}"#);
    }
}
