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
    let schema = &message["payload"];
    let object = payload
        .as_object()
        .unwrap_or_else(|| panic!("{event} {payload}"));
    for key in schema["required"].as_array().unwrap() {
        let key = key.as_str().unwrap();
        assert!(object.contains_key(key), "{event} has no {key}: {payload}");
    }
    for (key, value) in object {
        let property = &schema["properties"][key];
        assert!(!property.is_null(), "{event} has {key}: {payload}");
        let types = match &property["type"] {
            Value::Array(types) => types.clone(),
            Value::Null => continue,
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
        assert!(
            types.iter().any(|it| it == kind),
            "{event}: {key} is {value}, not {types:?}"
        );
    }
}
