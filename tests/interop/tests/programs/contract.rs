//! Requests made from the OpenAPI document by schemathesis, good ones and bad ones: every answer is one that the document
//! has, and none takes long.
//!
//! A longer look: `TALLY_EXAMPLES=1000 cargo test -p interop --test programs contract`.

use std::path::Path;
use std::process::Output;

use interop::DEADLINE;
use interop::served::Served;
use serde_json::json;
use tokio::process::Command;

/// Requests for each operation beside those that look at limits.
fn examples() -> String {
    std::env::var("TALLY_EXAMPLES").unwrap_or_else(|_| "2".to_owned())
}

/// What is asked for with real ids, and with any.
async fn schemathesis(served: &Served, configuration: &str, arguments: &[&str]) {
    let folder = served.folder.path().join("schemathesis");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("schemathesis.toml"), configuration).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/.venv/bin/schemathesis");
    let checks = [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ];
    let output = Command::new(program)
        .args(["run", &format!("{}/api/v1/openapi.json", served.address())])
        .args(["--header", &format!("Authorization: {}", served.bearer())])
        .args(["--checks", &checks.join(",")])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", &examples(), "--seed", "1"])
        .args(["--request-timeout", "60", "--no-color", "--warnings", "off"])
        .args([
            "--generation-database",
            "none",
            "--suppress-health-check",
            "all",
        ])
        .args(arguments)
        .current_dir(folder)
        .kill_on_drop(true)
        .output();
    let limit = match std::env::var_os("TALLY_EXAMPLES") {
        Some(_) => DEADLINE * 60,
        None => DEADLINE * 4,
    };
    let output: Output = tokio::time::timeout(limit, output)
        .await
        .expect("it ends")
        .expect("schemathesis is installed by cargo xtask setup");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_the_answer_is_in_the_document() {
    let served = Served::start(false).await;
    // Ids that are none.
    schemathesis(&served, "[parameters]\n\"query.wait\" = 0\n", &[]).await;
    // Real ones. What ends a session or a project would leave nothing to ask about.
    let (project, session) = served.project("book", true);
    let nodes = served
        .get(&format!("/sessions/{session}/nodes?limit=1"))
        .ok();
    let node = nodes["nodes"][0]["id"].as_str().unwrap();
    let (token, _) = served.token(json!({"name": "x", "scope": "read"}));
    let configuration = format!(
        "[parameters]\n\"path.project_id\" = \"{project}\"\n\"path.session_id\" = \"{session}\"\n\
         \"path.template_id\" = \"book\"\n\"path.node_id\" = \"{node}\"\n\"path.token_id\" = \"{token}\"\n\"query.wait\" = 0\n"
    );
    let ends = [
        "--exclude-method",
        "DELETE",
        "--exclude-path-regex",
        "close$|cleanup$",
    ];
    schemathesis(&served, &configuration, &ends).await;
    assert_eq!(served.get(&format!("/sessions/{session}/info")).status, 200);
}
