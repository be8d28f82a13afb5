//! The program `tally`, alone and beside an instance that runs.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use app::app::{App, Options};
use app::request::Request;
use app::security::KeysPlace;
use serde_json::Value;
use tempfile::TempDir;

/// Much more than anything takes.
const DEADLINE: Duration = Duration::from_secs(60);

fn tally(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tally"));
    command.arg("--data-dir").arg(data).args(arguments);
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    tally(data, arguments).output().unwrap()
}

fn json(data: &Path, arguments: &[&str]) -> Value {
    let output = run(data, &[&["--json"], arguments].concat());
    assert!(output.status.success(), "{arguments:?} {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn code(data: &Path, arguments: &[&str]) -> i32 {
    run(data, arguments).status.code().unwrap()
}

/// An instance that runs, until this is dropped.
struct Serving(Child);

impl Serving {
    fn start(data: &Path) -> Self {
        Self::with(data, &["--offline"])
    }

    /// One that others reach.
    fn shared(data: &Path) -> Self {
        Self::with(data, &["--peers", "127.0.0.1:0"])
    }

    fn with(data: &Path, options: &[&str]) -> Self {
        let mut serve = tally(
            data,
            &[&["serve", "--listen", "127.0.0.1:0"], options].concat(),
        );
        let mut child = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
        Self(child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// What one does with a project, wherever it is.
fn use_it(data: &Path) {
    let made = json(data, &["new", "book", "A book"]);
    let id = made["project_id"].as_str().unwrap();
    let listed = json(data, &["projects"]);
    assert_eq!(listed["projects"][0]["project_id"], id);
    let node = r#"{"blueprint_type_id": "book", "name": "One"}"#;
    let done = json(data, &["run", "A book", "CreateNode", node, "--key", "k"]);
    let node = done["changes"][0]["node_id"].as_str().unwrap().to_owned();
    let tree = run(data, &["tree", &id[..13]]);
    assert_eq!(
        String::from_utf8(tree.stdout).unwrap(),
        format!("One  {node}\n")
    );
    assert_eq!(json(data, &["show", "A book", &node])["name"], "One");
    assert_eq!(
        json(data, &["search", "A book", "one"])["hits"][0]["node"],
        node.as_str()
    );
    json(data, &["undo", "A book"]);
    assert_eq!(
        json(data, &["tree", "A book"])["tree"],
        serde_json::json!([])
    );
    let past = json(data, &["history", "A book", "--limit", "2"]);
    let past = past["changes"].as_array().unwrap();
    assert_eq!(past.len(), 2);
    assert!(past[0]["is_undo"] == true && past[0]["label"] == done["label"]);
    let past = run(data, &["history", "A book", "--limit", "1"]);
    let past = String::from_utf8(past.stdout).unwrap();
    assert!(past.ends_with(&format!("  Undo: {}\n", done["label"].as_str().unwrap())));
    json(data, &["redo", "A book"]);
    let read = json(data, &["verify", "A book"]);
    assert_eq!(read["projects"][0]["project_id"], id);
    assert_eq!(
        (&read["is_whole"], &read["projects"][0]["nodes"]),
        (&true.into(), &1.into())
    );
    assert_eq!(code(data, &["verify", "Another"]), 3);
    assert_eq!(code(data, &["new", "no such template", "x"]), 3);
    let nobody = uuid::Uuid::nil().to_string();
    assert_eq!(code(data, &["set", "A book", &nobody, "name", "x"]), 3);
    let misread = run(data, &["--json", "tree"]);
    assert_eq!(misread.status.code(), Some(2));
    let said: Value = serde_json::from_slice(&misread.stderr).unwrap();
    assert_eq!(said["code"], "USAGE");
    let file = data.join("book.talus");
    let file = file.to_str().unwrap();
    json(data, &["export", "A book", file]);
    let copy = json(data, &["import", file]);
    let copy = copy["project_id"].as_str().unwrap();
    let copied = json(data, &["tree", copy]);
    assert_eq!(copied["tree"][0]["name"], "One");
    assert_eq!(code(data, &["import", "nowhere.talus"]), 2);
    json(data, &["set", copy, &node, "name", "Two"]);
    assert_eq!(json(data, &["show", copy, &node])["name"], "Two");
    let second = json(
        data,
        &[
            "run",
            copy,
            "CreateNode",
            r#"{"blueprint_type_id": "book", "name": "Three"}"#,
        ],
    );
    let second = second["changes"][0]["node_id"].as_str().unwrap();
    json(data, &["link", copy, &node, second, "--lag", "-2"]);
    assert_eq!(
        code(data, &["link", copy, second, &node]),
        1,
        "that would be a circle"
    );
    json(data, &["delete", copy]);
    assert_eq!(json(data, &["restore", copy])["trashed_at"], Value::Null);
    json(data, &["delete", copy, "--purge"]);
    assert_eq!(code(data, &["tree", "Another"]), 3);
    assert_eq!(code(data, &["run", "A book", "DeleteNode", "{}"]), 1);
    assert_eq!(code(data, &["run", "A book", "DeleteNode", "{"]), 2);
    assert_eq!(code(data, &["fly"]), 2);
    let given = json(
        data,
        &[
            "token",
            "new",
            "reader",
            "--project",
            "A book",
            "--for",
            "30d",
        ],
    );
    assert_eq!(
        (&given["scope"], &given["project_id"]),
        (&"read".into(), &id.into())
    );
    let listed = run(data, &["token", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("reader") && !listed.contains(given["secret"].as_str().unwrap()));
    json(data, &["token", "revoke", "reader"]);
    assert_eq!(code(data, &["token", "revoke", "reader"]), 3);
    assert_eq!(code(data, &["token", "new", "x", "--for", "soon"]), 2);
    let done = json(data, &["audit", "--project", "A book", "--limit", "1000"]);
    let done = done["entries"].as_array().unwrap();
    let made = done
        .iter()
        .rfind(|it| it["command_id"].is_string())
        .unwrap();
    assert_eq!(made["commands"]["CreateNode"], 1);
    assert_eq!(
        (&made["token"], &made["client"]),
        (&"api-token".into(), &"tally".into())
    );
}

#[test]
fn it_opens_the_projects_itself_when_nothing_runs() {
    let folder = TempDir::new().unwrap();
    use_it(folder.path());
}

#[test]
fn what_is_damaged_on_the_disk_is_said() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    json(data, &["new", "book", "A book"]);
    json(data, &["new", "book", "Another"]);
    let title = "Somewhere behind the bees";
    let node = serde_json::json!({"blueprint_type_id": "book", "name": title}).to_string();
    json(data, &["run", "A book", "CreateNode", &node]);
    spoil(&data.join("tally.db"), title);
    let read = run(data, &["verify"]);
    let said = String::from_utf8(read.stdout).unwrap();
    assert_eq!(read.status.code(), Some(1), "{said}");
    assert!(
        said.contains("  damaged: ") && said.contains("  whole: "),
        "{said}"
    );
    assert!(said.contains("fail    A change was set aside"), "{said}");
    assert_eq!(code(data, &["verify", "Another"]), 0);
}

/// Changes a byte wherever this stands in a file.
fn spoil(path: &Path, text: &str) {
    let mut bytes = std::fs::read(path).unwrap();
    let places = bytes.windows(text.len()).enumerate();
    let places = places.filter(|(_, it)| *it == text.as_bytes());
    let places: Vec<usize> = places.map(|(at, _)| at).collect();
    assert!(!places.is_empty(), "{text} stands nowhere");
    for at in places {
        bytes[at] ^= 1;
    }
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn files_are_verified_by_themselves_and_beside_projects() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let made = json(data, &["new", "book", "A book", "--sample"]);
    let title = "Somewhere behind the bees";
    let node = serde_json::json!({"blueprint_type_id": "book", "name": title}).to_string();
    json(data, &["run", "A book", "CreateNode", &node]);
    let file = data.join("book.talus");
    let file = file.to_str().unwrap();
    json(data, &["export", "A book", file]);
    let backup = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let app = App::start(Options::new(data)).await.unwrap();
        app.call(Request::BackUp).await.unwrap();
        app.close().await.unwrap();
        let backups = std::fs::read_dir(data.join("backups")).unwrap();
        backups.map(|it| it.unwrap().path()).max().unwrap()
    });
    let kept = std::fs::read(&backup).unwrap();
    let backup = backup.to_str().unwrap();

    // Nothing runs on this folder, and nothing begins to.
    let nowhere = data.join("nowhere");
    let read = json(&nowhere, &["verify", file, backup]);
    let [exported, copied] = read["projects"].as_array().unwrap().as_slice() else {
        panic!("{read}");
    };
    assert!(!nowhere.exists());
    assert_eq!(
        (&exported["file"], &copied["file"]),
        (&file.into(), &backup.into())
    );
    assert_eq!(
        (&exported["project_id"], &copied["project_id"]),
        (&Value::Null, &made["project_id"])
    );
    for it in [exported, copied] {
        assert_eq!(
            (&it["is_whole"], &it["name"]),
            (&true.into(), &"A book".into())
        );
        assert!(
            it["nodes"].as_u64() > Some(1) && it["changes"].as_u64() > Some(1),
            "{it}"
        );
        assert_eq!(it["findings"], serde_json::json!([]));
    }
    assert_eq!(std::fs::read(backup).unwrap(), kept, "it stays as it is");
    let beside = json(data, &["verify", "A book", file]);
    assert_eq!(beside["projects"].as_array().unwrap().len(), 2);

    spoil(Path::new(backup), title);
    let read = run(&nowhere, &["verify", file, backup]);
    let said = String::from_utf8(read.stdout).unwrap();
    assert_eq!(read.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("{file}  A book  whole: ")), "{said}");
    assert!(
        said.contains("  damaged: ") && said.contains("fail    A change was set aside"),
        "{said}"
    );
    assert_eq!(code(&nowhere, &["verify", file]), 0);
    let whole = std::fs::read(file).unwrap();
    std::fs::write(file, &whole[..whole.len() - 9]).unwrap();
    let read = run(&nowhere, &["--json", "verify", file]);
    assert_eq!(read.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(said["is_whole"], false);
    let found = &said["projects"][0]["findings"][0];
    assert_eq!(
        (&found["code"], &found["status"]),
        (&"file-unreadable".into(), &"fail".into())
    );
    assert!(
        found["message"].as_str().unwrap().contains("incomplete"),
        "{found}"
    );
    assert_eq!(code(data, &["verify", "nowhere.talus"]), 3);
}

/// What `tally` does with these words where its data directory can only be read; none where one may not mount.
#[cfg(target_os = "linux")]
fn read_only(data: &Path, arguments: &[&str]) -> Option<Command> {
    let mount = r#"mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@""#;
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", mount]);
        command.arg(data);
        command
    };
    let is_possible = unshare().arg("true").status().is_ok_and(|it| it.success());
    if !is_possible {
        eprintln!("not tested here: one may not mount in a namespace of one's own");
        return None;
    }
    let mut command = unshare();
    command.arg(env!("CARGO_BIN_EXE_tally"));
    command.arg("--data-dir").arg(data).args(arguments);
    Some(command)
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_takes_nothing_is_shown_and_said() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    json(&data, &["new", "book", "A book"]);
    let node = r#"{"blueprint_type_id": "book", "name": "One"}"#;
    json(&data, &["run", "A book", "CreateNode", node]);
    std::fs::remove_file(data.join("api-token")).unwrap();
    let Some(mut listed) = read_only(&data, &["tree", "A book"]) else {
        return;
    };
    let listed = listed.output().unwrap();
    assert!(
        String::from_utf8(listed.stdout)
            .unwrap()
            .starts_with("One  ")
    );
    let mut changing = read_only(&data, &["run", "A book", "CreateNode", node]).unwrap();
    let refused = changing.output().unwrap();
    assert_eq!(refused.status.code(), Some(5), "{refused:?}");

    let serve = ["--json", "serve", "--offline", "--listen", "127.0.0.1:0"];
    let mut serve = read_only(&data, &serve).unwrap();
    let mut serving = serve.stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let stdout = serving.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut said).unwrap();
    let _ends = Serving(serving);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["is_read_only"], true);
    assert!(said["page"].is_string() && said["token_file"].is_null());
    let (address, token) = (said["address"].as_str(), said["token"].as_str());
    let (base, bearer) = (
        format!("{}/api/v1", address.unwrap()),
        format!("Bearer {}", token.unwrap()),
    );
    let mut health = ureq::get(format!("{base}/health")).call().unwrap();
    let health: Value = health.body_mut().read_json().unwrap();
    assert_eq!(health["is_read_only"], true);
    let mut projects = ureq::get(format!("{base}/projects"))
        .header("authorization", &bearer)
        .call()
        .unwrap();
    let projects: Value = projects.body_mut().read_json().unwrap();
    let project = &projects["projects"][0];
    assert_eq!(project["name"], "A book");
    // Another name is a change as any other is.
    let at = format!(
        "{base}/projects/{}",
        project["project_id"].as_str().unwrap()
    );
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build();
    let ask = ureq::Agent::from(config);
    let opened = ask
        .post(format!("{at}/open"))
        .header("authorization", &bearer)
        .send_empty();
    assert_eq!(opened.unwrap().status(), 201);
    let renamed = ask
        .patch(&at)
        .header("authorization", &bearer)
        .send("{\"name\": \"Other\"}");
    assert_eq!(renamed.unwrap().status(), 507);
    assert!(!data.join("api-address").exists() && !data.join("api-token").exists());
}

#[test]
fn it_asks_the_instance_that_runs() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let _serving = Serving::start(&data);
    use_it(&data);
    let mut watch = tally(
        &data,
        &["--json", "watch", "A book", "--after", "0", "--count", "3"],
    );
    let watched = watch.output().unwrap();
    assert!(watched.status.success());
    let lines = String::from_utf8(watched.stdout).unwrap();
    let names: Vec<String> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["event"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        names,
        ["command-executing", "node-created", "command-executed"]
    );
    // No command has left its session behind.
    let read = |name: &str| std::fs::read_to_string(data.join(name)).unwrap();
    let sessions = ureq::get(format!("{}/api/v1/sessions", read("api-address")))
        .header("Authorization", format!("Bearer {}", read("api-token")))
        .call()
        .unwrap();
    let sessions: Value = sessions.into_body().read_json().unwrap();
    assert_eq!(sessions["total"], 0);
    assert_eq!(
        code(&data, &["serve", "--offline", "--listen", "127.0.0.1:0"]),
        4
    );
}

#[cfg(unix)]
#[test]
fn serve_ends_when_it_is_told_to_and_leaves_no_address() {
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path());
    assert!(folder.path().join("api-address").exists());
    let pid = serving.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(serving.0.wait().unwrap().success());
    assert!(!folder.path().join("api-address").exists());
    let made = run(folder.path(), &["completions", "bash"]);
    assert!(String::from_utf8(made.stdout).unwrap().contains("tally"));
    let page = run(folder.path(), &["man"]);
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(
        page.contains(".TH tally") && page.contains("Exit codes"),
        "{page}"
    );
    let pages = folder.path().join("man");
    assert!(
        run(folder.path(), &["man", pages.to_str().unwrap()])
            .status
            .success()
    );
    assert!(pages.join("tally-token-new.1").exists());
}

/// Which entry it is matters only to whoever opens the keychain.
#[test]
fn keys_in_a_keychain_that_is_not_there_are_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    code(&data, &["new", "book", "A book"]);
    let mut named = [&[3][..], &[7; 16], &[9; 32]].concat();
    let check = blake3::hash(&named);
    named.extend_from_slice(&check.as_bytes()[..4]);
    std::fs::write(data.join("device.secret"), &named).unwrap();
    for arguments in [&["projects"][..], &["serve", "--listen=127.0.0.1:0"]] {
        let mut tally = tally(&data, &[&["--json"], arguments].concat());
        let nowhere = format!("unix:path={}", folder.path().join("bus").display());
        let output = tally
            .env("DBUS_SESSION_BUS_ADDRESS", nowhere)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(6), "{output:?}");
        let said: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(said["code"], "KEYCHAIN_ABSENT");
    }
    // No keys were made in their place.
    let now = std::fs::read(data.join("device.secret")).unwrap();
    assert_eq!(now, named);
}

#[test]
fn keys_under_a_passphrase_need_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    code(&data, &["new", "book", "A book"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let app = App::start(Options::new(&data)).await.unwrap();
        let set = Request::KeepKeys {
            current: None,
            place: KeysPlace::Passphrase {
                passphrase: "quokka on the hill".into(),
            },
        };
        app.call(set).await.unwrap();
        app.close().await.unwrap();
    });
    let refused = |arguments: &[&str]| {
        let output = run(&data, &[&["--json"], arguments].concat());
        assert_eq!(output.status.code(), Some(6), "{output:?}");
        let said: Value = serde_json::from_slice(&output.stderr).unwrap();
        said["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(&["projects"]), "LOCKED");
    let file = folder.path().join("passphrase");
    let with = ["--passphrase-file", file.to_str().unwrap(), "projects"];
    assert_eq!(code(&data, &with), 2, "there is no such file");
    std::fs::write(&file, "wallaby on the hill\n").unwrap();
    assert_eq!(refused(&with), "WRONG_PASSPHRASE");
    std::fs::write(&file, "quokka on the hill\r\n").unwrap();
    assert_eq!(json(&data, &with)["projects"][0]["name"], "A book");
}

/// Two machines of one person share a project by the command line alone.
#[test]
fn a_project_goes_to_another_machine_by_an_invitation() {
    let folder = TempDir::new().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    let _serving = [Serving::shared(&here), Serving::shared(&there)];
    json(&here, &["new", "book", "A book"]);
    let node = r#"{"blueprint_type_id": "book", "name": "One"}"#;
    let made = json(&here, &["run", "A book", "CreateNode", node]);
    let node = made["changes"][0]["node_id"].as_str().unwrap();
    assert_eq!(json(&here, &["peers", "A book"])["is_shared"], false);

    let invited = json(
        &here,
        &["invite", "A book", "--role", "viewer", "--hours", "1"],
    );
    let invitation = invited["invitation"].as_str().unwrap();
    let mut join = tally(&there, &["--json", "join"]);
    let mut join = join
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    join.stdin
        .take()
        .unwrap()
        .write_all(invitation.as_bytes())
        .unwrap();
    let joined = join.wait_with_output().unwrap();
    assert!(joined.status.success(), "{joined:?}");
    let joined: Value = serde_json::from_slice(&joined.stdout).unwrap();
    let id = joined["project_id"].as_str().unwrap();
    // What is there comes by itself.
    let begun = Instant::now();
    while code(&there, &["show", id, node]) != 0 {
        assert!(begun.elapsed() < DEADLINE, "nothing came");
    }

    let shown = json(&there, &["show", id, node]);
    assert_eq!(shown["name"], "One");
    assert_eq!(code(&there, &["set", id, node, "name", "Two"]), 1);
    let peers = json(&there, &["peers", id]);
    let owner = &peers["machines"][0];
    assert_eq!(
        (&owner["role"], &owner["is_linked"]),
        (&"owner".into(), &true.into())
    );
    let found = json(&there, &["doctor", "--project", id]);
    assert!(!found["findings"].as_array().unwrap().is_empty());
    assert_eq!(code(&there, &["join"]), 1, "nothing is no invitation");
}
