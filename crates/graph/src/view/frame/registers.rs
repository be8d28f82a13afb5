//! The registers of a definition, read in one go.

use std::collections::BTreeMap;

use automerge::{ObjId, ReadDoc, ScalarValue, ValueRef};
use serde::de::DeserializeOwned;
use smol_str::SmolStr;

/// What is visible in a map; what is no scalar counts as nothing.
pub(super) struct Registers(BTreeMap<SmolStr, ScalarValue>);

impl Registers {
    pub fn read(doc: &impl ReadDoc, object: &ObjId) -> Self {
        let registers = doc.map_range(object, ..).map(|item| {
            let value = match &item.value {
                ValueRef::Scalar(value) => ScalarValue::from(value),
                ValueRef::Object(_) => ScalarValue::Null,
            };
            (SmolStr::from(&*item.key), value)
        });
        Self(registers.collect())
    }

    pub fn text(&self, key: &str) -> String {
        match self.0.get(key) {
            Some(ScalarValue::Str(text)) => text.to_string(),
            _ => String::new(),
        }
    }

    pub fn flag(&self, key: &str) -> bool {
        matches!(self.0.get(key), Some(ScalarValue::Boolean(true)))
    }

    pub fn number(&self, key: &str) -> Option<u64> {
        self.0.get(key)?.as_u64()
    }

    pub fn word<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        parse_word(&self.text(key))
    }

    /// Of the keys that begin with this, what follows.
    pub fn members(&self, prefix: &'static str) -> impl Iterator<Item = SmolStr> {
        let keys = self.0.keys();
        keys.filter_map(move |key| key.strip_prefix(prefix).map(SmolStr::from))
    }
}

/// A closed set's member by its name in JSON.
pub(super) fn parse_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.into())).ok()
}
