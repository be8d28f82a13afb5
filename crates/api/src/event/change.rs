//! Changes as events carry them.

use app::programs::Change;
use serde_json::{Map, Value};

use super::payload::{
    NodeCreated, NodeDeleted, NodeLinked, NodeUnlinked, NodeUpdated, ProjectUpdated,
    PropertyChanged, PropertyDeleted, object,
};
use crate::size::bytes_of;

/// Longest value in an event, as JSON. Events wait for those who read slowly, so what is longer is to be read instead.
const VALUE_BYTES: usize = 16 << 10;
/// Values of all fields of a node in an event.
const VALUES_BYTES: usize = 64 << 10;

/// The name of a change, and what it carries.
pub(crate) fn of_change(change: &Change) -> (&'static str, Map<String, Value>) {
    match change {
        Change::NodeCreated {
            node_id,
            parent_id,
            index,
            blueprint_type_id,
            name,
            properties,
        } => {
            let (properties, left_out) = short(properties);
            let created = NodeCreated {
                node_id: node_id.0,
                parent_id: parent_id.map(|id| id.0),
                index: *index,
                blueprint_type_id,
                name,
                properties,
                left_out,
            };
            ("node-created", object(&created))
        }
        Change::NodeDeleted { node_id } => {
            ("node-deleted", object(&NodeDeleted { node_id: node_id.0 }))
        }
        Change::NodeUnlinked {
            parent_id,
            child_id,
        } => (
            "node-unlinked",
            object(&NodeUnlinked {
                parent_id: parent_id.map(|id| id.0),
                child_id: child_id.0,
            }),
        ),
        Change::NodeLinked {
            parent_id,
            child_id,
            index,
        } => (
            "node-linked",
            object(&NodeLinked {
                parent_id: parent_id.map(|id| id.0),
                child_id: child_id.0,
                index: *index,
            }),
        ),
        Change::NodeUpdated {
            node_id,
            aspects,
            index,
            blocked_by,
        } => (
            "node-updated",
            object(&NodeUpdated {
                node_id: node_id.0,
                aspects,
                index: *index,
                blocked_by: blocked_by
                    .as_ref()
                    .map(|blockers| blockers.iter().map(|id| id.0).collect()),
            }),
        ),
        Change::PropertyChanged {
            node_id,
            property_id,
            property_name,
            old_value,
            new_value,
        } => {
            let is_long = bytes_of(new_value) > VALUE_BYTES;
            let field = property_id.to_string();
            let changed = PropertyChanged {
                node_id: node_id.0,
                property_name,
                old_value: if_short(old_value),
                new_value: if_short(new_value),
                left_out: is_long.then(|| field.clone()).into_iter().collect(),
                property_id: field,
            };
            ("property-changed", object(&changed))
        }
        Change::PropertyDeleted {
            node_id,
            property_id,
            property_name,
            old_value,
        } => (
            "property-deleted",
            object(&PropertyDeleted {
                node_id: node_id.0,
                property_id: property_id.to_string(),
                property_name,
                old_value: if_short(old_value),
            }),
        ),
        Change::ProjectUpdated { name } => ("project-updated", object(&ProjectUpdated { name })),
    }
}

/// The value, or null for one that is too long for an event.
fn if_short(value: &Value) -> &Value {
    match bytes_of(value) > VALUE_BYTES {
        true => &Value::Null,
        false => value,
    }
}

/// Values by field, those that are too long for an event as null, and which these are.
fn short(values: &Map<String, Value>) -> (Map<String, Value>, Vec<&str>) {
    let mut room = VALUES_BYTES;
    let mut left_out = Vec::new();
    let shown = values.iter().map(|(field, value)| {
        let bytes = bytes_of(value);
        if bytes > VALUE_BYTES.min(room) {
            left_out.push(field.as_str());
            return (field.clone(), Value::Null);
        }
        room -= bytes;
        (field.clone(), value.clone())
    });
    (shown.collect(), left_out)
}

#[cfg(test)]
mod tests {
    use app::programs::NodeId;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn long_values_are_left_out_and_named() {
        let text = |bytes: usize| json!("x".repeat(bytes - 2));
        let node_id = NodeId(Uuid::from_u128(1));
        let created = |properties: Value| {
            let created = Change::NodeCreated {
                node_id,
                parent_id: None,
                index: 0,
                blueprint_type_id: "type".to_owned(),
                name: "One".to_owned(),
                properties: properties.as_object().cloned().expect("an object"),
            };
            Value::Object(of_change(&created).1)
        };
        let one = created(json!({"a": text(VALUE_BYTES), "b": text(VALUE_BYTES + 1)}));
        assert_eq!(
            one["properties"],
            json!({"a": text(VALUE_BYTES), "b": null})
        );
        assert_eq!(one["left_out"], json!(["b"]));
        let many: Map<String, Value> = (0..100)
            .map(|field| (format!("{field:02}"), text(VALUE_BYTES)))
            .collect();
        let many = created(Value::Object(many));
        assert_eq!(many["left_out"].as_array().map(Vec::len), Some(96));
        assert!(bytes_of(&many) < 2 * VALUES_BYTES);
        assert_eq!(created(json!({"a": null}))["left_out"], Value::Null);

        let changed = |new_value| {
            let changed = Change::PropertyChanged {
                node_id,
                property_id: "field".into(),
                property_name: "field".to_owned(),
                old_value: text(VALUE_BYTES + 1),
                new_value,
            };
            Value::Object(of_change(&changed).1)
        };
        let long = changed(text(VALUE_BYTES + 1));
        assert_eq!(
            (&long["new_value"], &long["old_value"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(long["left_out"], json!(["field"]));
        assert_eq!(changed(json!(1))["left_out"], Value::Null);
    }
}
