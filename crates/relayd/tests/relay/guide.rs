//! The guide says what there is, and nothing else.

use std::{collections::BTreeSet, fs, path::Path};

use crate::process::run;

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn guide() -> String {
    read("relay.md")
}

fn read(name: &str) -> String {
    let path = repository().join("docs/guides").join(name);
    fs::read_to_string(path).unwrap()
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(mark).skip(1).step_by(2)
}

/// What stands in a block of the guide that begins so.
#[cfg(target_os = "linux")]
pub fn block(begin: &str) -> String {
    block_of("relay.md", begin)
}

/// The same of another guide.
pub fn block_of(name: &str, begin: &str) -> String {
    let guide = read(name);
    let mut blocks = between(&guide, "```").map(str::trim_start);
    blocks.find(|it| it.starts_with(begin)).unwrap().to_owned()
}

/// The keys of the configuration, and whether SIGHUP is said to take each over. A test of the program holds the table to its
/// settings.
#[cfg(target_os = "linux")]
pub fn keys() -> Vec<(String, bool)> {
    let guide = guide();
    let (_, table) = guide.split_once("| SIGHUP |").unwrap();
    let rows = table.lines().skip(2).take_while(|it| it.starts_with('|'));
    let cells = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    let keys = cells.map(|it| {
        (
            between(it[0], "`").next().unwrap().to_owned(),
            it[4] == "yes",
        )
    });
    keys.collect()
}

/// Commands of the relay: on lines of blocks, and in sentences.
fn commands(guide: &str) -> BTreeSet<String> {
    let blocks = between(guide, "```").flat_map(str::lines);
    let rest: String = guide.split("```").step_by(2).collect();
    let sentences = between(&rest, "`").map(str::to_owned);
    let all = blocks.map(str::to_owned).chain(sentences);
    all.filter(|it| it.starts_with("tally-relay ")).collect()
}

#[test]
fn every_command_and_flag_of_the_guide_is_there() {
    let commands = commands(&guide());
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        let words = command.split_whitespace().skip(1);
        let is_name = |it: &&str| it.chars().all(|letter| letter.is_ascii_lowercase());
        let names: Vec<&str> = words.clone().take_while(is_name).collect();
        let (code, help, errors) = run(&[&names[..], &["--help"]].concat());
        assert_eq!(code, 0, "{command}: {errors}");
        for flag in words.filter(|it| it.starts_with("--")) {
            assert!(help.contains(flag), "{command}: {help}");
        }
    }
}

/// Codes are words in capitals with a bar between them.
fn is_code(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|it| it.is_ascii_uppercase());
    text.contains('_')
        && text.split('_').all(is_part)
        && !text.starts_with("TALLY_RELAY")
        && !text.starts_with("CARGO_")
        && !text.starts_with("NOTIFY_")
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_code_is_in_the_guide_and_every_code_of_the_guide_is_one() {
    let mut texts = Vec::new();
    sources(&repository().join("crates/relayd/src"), &mut texts);
    let in_sources = texts.iter().flat_map(|text| text.split('"'));
    let in_sources: BTreeSet<&str> = in_sources.filter(|it| is_code(it)).collect();
    let guide = guide();
    let (_, wrong) = guide.split_once("## When something is wrong").unwrap();
    let (wrong, _) = wrong.split_once("\n## ").unwrap();
    let in_guide: BTreeSet<&str> = between(wrong, "`").filter(|it| is_code(it)).collect();
    assert!(in_guide.len() > 20);
    assert_eq!(in_sources, in_guide);
}
