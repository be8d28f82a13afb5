//! Whether what is heard is what the AsyncAPI document says.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

/// Where the checked-in document is.
pub fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api/asyncapi.json")
}

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&std::fs::read_to_string(path()).unwrap()).unwrap());

/// Panics unless the document has an event of this name, in either spelling, that carries just this.
pub fn check(event: &str, payload: &Value) {
    let messages = DOCUMENT["components"]["messages"].as_object().unwrap();
    let is_it = |name: &str, message: &Value| name == event || message["x-colon"] == event;
    let found = messages.iter().find(|(name, message)| is_it(name, message));
    let (_, message) = found.unwrap_or_else(|| panic!("{event} is not in the document"));
    assert!(payload.is_object(), "{event} {payload}");
    fits(event, &message["payload"], payload);
}

/// Whether a value is of a schema, and everything in it. What has no type may be anything.
fn fits(what: &str, schema: &Value, value: &Value) {
    assert!(!schema.is_null(), "{what} is not in the document: {value}");
    let types = match &schema["type"] {
        Value::Null => return,
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_of_type = types.iter().any(|it| it == kind);
    assert!(is_of_type, "{what} is {value}, not {types:?}");
    for item in value.as_array().into_iter().flatten() {
        fits(what, &schema["items"], item);
    }
    let Some(object) = value.as_object() else {
        return;
    };
    for key in schema["required"].as_array().into_iter().flatten() {
        let key = key.as_str().unwrap();
        assert!(object.contains_key(key), "{what} has no {key}: {value}");
    }
    // One without properties may have any.
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    for (key, value) in object {
        let property = properties.get(key).unwrap_or(&Value::Null);
        fits(&format!("{what}.{key}"), property, value);
    }
}
