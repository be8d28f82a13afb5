//! An example of each command, for the OpenAPI document. A test carries each out in a project that has the items which they name.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::example::{Example, ExampleBuilder};

/// Instead of a session that somebody has.
const SESSION: &str = "5e551011-0000-4000-8000-000000000001";
/// Two parts of a book, the first of which has two chapters.
const PART: &str = "b0000000-0000-7000-8000-000000000011";
const OTHER_PART: &str = "b0000000-0000-7000-8000-000000000012";
const CHAPTER: &str = "b0000000-0000-7000-8000-000000000021";
const OTHER_CHAPTER: &str = "b0000000-0000-7000-8000-000000000022";
/// What some of them make.
const NEW: &str = "b0000000-0000-7000-8000-000000000031";

/// Bodies of `POST /commands/execute`.
pub(crate) fn commands() -> BTreeMap<String, RefOr<Example>> {
    let one = |name: &str, data: Value| json!({"session_id": SESSION, "command_type": name, "data": data});
    let several = json!({
        "session_id": SESSION,
        "label": "Begin a chapter",
        "commands": [
            {"command_type": "CreateNode", "data": {"node_id": NEW, "blueprint_type_id": "chapter", "parent_id": PART}},
            {"command_type": "UpdateProperty", "data": {"node_id": NEW, "property_id": "name", "new_value": "Begun"}},
        ],
    });
    [
        ("CreateNode", "An item beneath another one, last of its children", one("CreateNode", json!({
            "blueprint_type_id": "chapter", "name": "The third one", "parent_id": PART,
        }))),
        ("DeleteNode", "Into the trash, with all that is beneath it", one("DeleteNode", json!({"node_id": OTHER_CHAPTER}))),
        ("LinkNode", "Beneath a parent, last of its children", one("LinkNode", json!({
            "parent_id": OTHER_PART, "child_id": CHAPTER,
        }))),
        ("UnlinkNode", "Away from its parent, to the top level", one("UnlinkNode", json!({
            "parent_id": PART, "child_id": OTHER_CHAPTER,
        }))),
        ("UpdateProperty", "Another value; null for none", one("UpdateProperty", json!({
            "node_id": CHAPTER, "property_id": "name", "new_value": "The first one",
        }))),
        ("MoveNode", "Beneath another parent", one("MoveNode", json!({
            "node_id": CHAPTER, "new_parent_id": OTHER_PART,
        }))),
        ("ReorderNode", "To another place among its siblings", one("ReorderNode", json!({
            "node_id": OTHER_CHAPTER, "new_index": 0,
        }))),
        ("UpdateBlockingRelationship", "The one thing that it waits for; null for nothing", one(
            "UpdateBlockingRelationship",
            json!({"blocked_node_id": OTHER_CHAPTER, "blocking_node_id": CHAPTER}),
        )),
        ("ApplyKit", "A copy of all that is beneath an item", one("ApplyKit", json!({
            "target_id": OTHER_PART, "kit_root_id": PART,
        }))),
        ("setField", "A command of Talus Tally by its own name", one("setField", json!({
            "nodes": [CHAPTER, OTHER_CHAPTER], "field": "title", "value": {"text": "Untitled"},
        }))),
        ("several", "Several as one change and one undo step", several),
    ]
    .map(|(name, summary, value)| {
        let example = ExampleBuilder::new().summary(summary).value(Some(value));
        (name.to_owned(), example.build().into())
    })
    .into()
}
