//! The examples of the guides do what they say.

use std::path::{Path, PathBuf};
use std::process::Output;

use interop::DEADLINE;
use interop::clients::python;
use interop::served::Served;
use tokio::process::Command;

/// The examples for programs in one language, in order.
fn examples(language: &str) -> Vec<String> {
    examples_of("programs.md", language)
}

fn examples_of(guide: &str, language: &str) -> Vec<String> {
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides");
    let path = guides.join(guide);
    let text = std::fs::read_to_string(path).unwrap();
    let begin = format!("```{language}\n");
    let blocks = text.split(&begin).skip(1);
    blocks
        .map(|rest| rest.split("\n```").next().unwrap().to_owned())
        .collect()
}

async fn run(served: &Served, program: PathBuf, arguments: &[&str], code: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = served.folder.path().join("example");
    std::fs::write(&name, code).unwrap();
    let output = Command::new(program)
        .args(arguments)
        .arg(match arguments {
            ["--input-type=module", ..] => code.as_ref(),
            _ => name.as_os_str(),
        })
        .env("TALUS_DATA_DIR", served.data())
        .current_dir(folder)
        .kill_on_drop(true)
        .output();
    let output: Output = tokio::time::timeout(DEADLINE, output)
        .await
        .expect("it ends")
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{code}\n---\n{said}\n{errors}");
    said
}

/// Commands are refused with these.
#[test]
fn every_code_of_a_refusal_is_in_the_guide() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let (source, guide) = (
        read("crates/graph/src/rejection.rs"),
        read("docs/guides/programs.md"),
    );
    let codes = source
        .lines()
        .filter_map(|line| line.trim().strip_suffix("\",")?.split_once("=> \""));
    let codes: Vec<&str> = codes.map(|(_, code)| code).collect();
    assert!(codes.len() > 20, "{codes:?}");
    for code in codes {
        assert!(
            guide.contains(&format!("`{code}`")),
            "{code} is not in the guide"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_with_curl() {
    let served = Served::start(false).await;
    let code = format!("set -euo pipefail\n{}", examples("sh").join("\n"));
    let said = run(&served, "bash".into(), &[], &code).await;
    assert!(
        said.contains("\"label\":\"Rename") || said.contains("\"label\":\"Set"),
        "{said}"
    );
    assert!(said.contains("\"events\":["), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_in_python() {
    let served = Served::start(false).await;
    let said = run(
        &served,
        python().into(),
        &[],
        &examples("python").join("\n"),
    )
    .await;
    assert!(said.contains("heard node-created"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_in_javascript() {
    let served = Served::start(false).await;
    let code = examples("js").join("\n");
    let said = run(
        &served,
        "node".into(),
        &["--input-type=module", "-e"],
        &code,
    )
    .await;
    assert!(said.contains("heard node-created"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_with_automerge_repo() {
    let served = Served::start(false).await;
    let code = examples_of("automerge-repo.md", "js").join("\n");
    let arguments = ["--input-type=module", "-e"];
    let said = run(&served, "node".into(), &arguments, &code).await;
    assert!(said.contains("everybody calls it"), "{said}");
    assert!(said.contains("UNAUTHORIZED: The token"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_in_rust() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(folder.join("guide.rs")).unwrap();
    // The lints of this workspace are no business of the example.
    let (title, rest) = file.split_once("#![allow(").unwrap();
    let (_, rest) = rest.split_once(")]\n").unwrap();
    let code = format!("{title}{rest}");
    assert_eq!(
        examples("rust").join("\n").trim(),
        code.trim(),
        "guide.rs is the example"
    );
    let served = Served::start(false).await;
    let program = PathBuf::from(env!("CARGO_BIN_EXE_guide"));
    let said = run(&served, program, &[], &code).await;
    assert!(said.contains("heard \"node-created\" 2"), "{said}");
}
