//! What was done, as programs read it.

use interop::served::Served;
use serde_json::{Value, json};

fn changes(answer: &Value) -> Vec<Value> {
    answer["changes"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_newest_first_in_parts() {
    let served = Served::start(false).await;
    let (project, session) = served.project("book", false);
    let path = format!("/sessions/{session}/history");
    let before = served.get(&path).ok()["total"].as_u64().unwrap();
    let node = |name: &str| json!({"blueprint_type_id": "book", "name": name});
    let made = served.execute(&session, "CreateNode", node("One")).ok();
    let one = &made["changes"][0]["node_id"];
    let name = json!({"node_id": one, "property_id": "name", "new_value": "Uno"});
    let named = served.execute(&session, "UpdateProperty", name).ok();
    let undo = format!("/sessions/{session}/undo");
    served.post(&undo, json!({})).ok();

    let all = served.get(&path);
    let told = changes(&all.ok());
    assert_eq!(all.ok()["total"], json!(before + 3));
    let label = &named["label"];
    assert_eq!(
        (&told[0]["label"], &told[0]["is_undo"]),
        (label, &json!(true))
    );
    assert_eq!(
        (&told[1]["label"], &told[1]["is_undo"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(told[2]["label"], made["label"]);
    assert!(made["label"].is_string());
    let person = &told[0]["author"];
    assert!(person["person_id"].is_string() && person["name"].is_string());
    let at: jiff::Timestamp = told[0]["at"].as_str().unwrap().parse().unwrap();
    let age = jiff::Timestamp::now().as_second() - at.as_second();
    assert!((0..120).contains(&age), "{at}");

    let mut parts = Vec::new();
    let mut next = Some(0);
    while let Some(offset) = next {
        let part = served.get(&format!("{path}?limit=2&offset={offset}")).ok();
        parts.extend(changes(&part));
        next = part["next"].as_u64();
    }
    assert_eq!(parts, told);

    let tag = all.header("etag").unwrap();
    let again = [("if-none-match", tag)];
    assert_eq!(served.with("GET", &path, &again, &Value::Null).status, 304);
    let two = served.execute(&session, "CreateNode", node("Two")).ok();
    assert_eq!(served.with("GET", &path, &again, &Value::Null).status, 200);

    // Also what a program did that has not asked since the project was opened.
    let served = served.restart().await;
    let opened = served.post(&format!("/projects/{project}/open"), json!({}));
    let session = opened.ok()["session_id"].as_str().unwrap().to_owned();
    let other = [("x-client-id", "somebody else")];
    let path = format!("/sessions/{session}/history?limit=1");
    let newest = served.with("GET", &path, &other, &Value::Null).ok();
    assert_eq!(changes(&newest)[0]["label"], two["label"]);
}
