//! The rules, each a pure function of a file's path and content.

use std::fmt;

/// Lines of one source file, tests aside.
const LINES: usize = 500;
/// Bytes of any file.
const BYTES: usize = 1024 * 1024;

/// What a file can break.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// Split by reason to change.
    LongFile,
    /// The repository is for sources.
    BigFile,
    /// A name that says nothing of what is inside.
    EmptyName,
    /// Something that is not finished, or a test that cannot fail.
    Stub,
    /// A test that waits for time instead of a condition.
    Sleep,
    /// A path of the machine it was written on.
    MachinePath,
    /// A line end or a file end that an editor would change.
    Whitespace,
}

/// One place that breaks a rule.
pub struct Finding {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line, from 1, if the finding has one.
    pub line: Option<usize>,
    /// What is broken.
    pub rule: Rule,
    /// What was seen there.
    pub found: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.rule {
            Rule::LongFile => "split it by reason to change",
            Rule::BigFile => "the repository is for sources",
            Rule::EmptyName => "name it after what is inside",
            Rule::Stub => "finish it or leave it out",
            Rule::Sleep => "wait for a condition with a deadline",
            Rule::MachinePath => "no path of one machine",
            Rule::Whitespace => "let the editor follow .editorconfig",
        };
        match self.line {
            Some(line) => write!(formatter, "  {}:{line}: {}: {why}", self.file, self.found),
            None => write!(formatter, "  {}: {}: {why}", self.file, self.found),
        }
    }
}

// Written in halves, so that this file does not find itself.
const STUBS: &[&str] = &[
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[ign", "ore"),
    concat!("assert!(", "true)"),
    concat!("expect(", "true)"),
    concat!("it.", "skip("),
    concat!("it.", "todo("),
    concat!("it.", "only("),
    concat!("test.", "skip("),
    concat!("test.", "only("),
    concat!("describe.", "skip("),
    concat!("describe.", "only("),
    concat!("debug", "ger;"),
    concat!("// TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];
const SLEEPS: &[&str] = &[
    concat!("thread::", "sleep"),
    concat!("time::", "sleep"),
    concat!("waitFor", "Timeout"),
    concat!("set", "Timeout("),
];
const MACHINE_PATHS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/fa", "rm/"),
    concat!("/Us", "ers/"),
    concat!("C:\\", "Users"),
];
const EMPTY_NAMES: &[&str] = &[
    "mod", "util", "utils", "helper", "helpers", "manager", "misc", "common", "service",
];

/// Everything that is wrong with a file.
pub fn of_file(file: &str, bytes: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |line, rule, found: String| {
        findings.push(Finding {
            file: file.to_owned(),
            line,
            rule,
            found,
        })
    };
    if bytes.len() > BYTES {
        add(None, Rule::BigFile, format!("{} KiB", bytes.len() / 1024));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return findings;
    };
    let kind = Kind::of(file);
    if kind == Kind::Generated {
        return findings;
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(path) = first(MACHINE_PATHS, line) {
            add(Some(number + 1), Rule::MachinePath, path.to_owned());
        }
    }
    if kind == Kind::Text {
        return findings;
    }
    if EMPTY_NAMES.contains(&stem(file)) && kind == Kind::Source {
        add(None, Rule::EmptyName, stem(file).to_owned());
    }
    let lines = text.lines().count();
    if lines > LINES && kind == Kind::Source {
        add(None, Rule::LongFile, format!("{lines} lines"));
    }
    if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
        add(
            None,
            Rule::Whitespace,
            "not one line end at the end".to_owned(),
        );
    }
    let mut is_test = kind == Kind::Test;
    for (number, line) in text.lines().enumerate() {
        is_test |= line.trim() == "#[cfg(test)]";
        if let Some(stub) = first(STUBS, line) {
            add(Some(number + 1), Rule::Stub, stub.to_owned());
        }
        if let Some(sleep) = first(SLEEPS, line).filter(|_| is_test) {
            add(Some(number + 1), Rule::Sleep, sleep.to_owned());
        }
    }
    findings
}

/// What a file is, by its path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Source,
    Test,
    /// Written by a program.
    Generated,
    /// Prose and data.
    Text,
}

impl Kind {
    fn of(file: &str) -> Self {
        let folders = file.split('/').rev().skip(1).collect::<Vec<_>>();
        let is_code = [".rs", ".ts", ".svelte", ".mjs", ".js", ".css"]
            .iter()
            .any(|end| file.ends_with(end));
        let is_test = folders
            .iter()
            .any(|folder| ["tests", "benches"].contains(folder))
            || [".test.ts", ".spec.ts"]
                .iter()
                .any(|end| file.ends_with(end))
            || stem(file) == "tests"
            || stem(file).ends_with("_tests");
        let is_generated = folders.contains(&"bindings")
            || file.ends_with(".lock")
            || file.ends_with("package-lock.json");
        match (is_generated, is_code, is_test) {
            (true, ..) => Self::Generated,
            (_, true, true) => Self::Test,
            (_, true, false) => Self::Source,
            _ => Self::Text,
        }
    }
}

fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split('.').next().unwrap_or(name)
}

fn first<'a>(words: &[&'a str], line: &str) -> Option<&'a str> {
    words.iter().copied().find(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(file: &str, text: &str) -> Vec<Rule> {
        of_file(file, text.as_bytes())
            .into_iter()
            .map(|finding| finding.rule)
            .collect()
    }

    #[test]
    fn a_tidy_file_has_no_findings() {
        assert_eq!(
            broken("crates/graph/src/id.rs", "//! Ids.\n\npub struct NodeId;\n"),
            []
        );
    }

    #[test]
    fn sources_are_short_and_tests_may_be_long() {
        let text = "a();\n".repeat(LINES + 1);
        assert_eq!(broken("crates/graph/src/view.rs", &text), [Rule::LongFile]);
        assert_eq!(broken("crates/graph/tests/view.rs", &text), []);
        assert_eq!(broken("ui/src/project/store.test.ts", &text), []);
        assert_eq!(broken("ui/src/bindings/Reply.ts", &text), []);
        assert_eq!(broken("docs/document.md", &text), []);
    }

    #[test]
    fn nothing_big_is_kept() {
        let found = of_file("docs/film.bin", &vec![0xFF; BYTES + 1]);
        assert_eq!(
            found.iter().map(|finding| finding.rule).collect::<Vec<_>>(),
            [Rule::BigFile]
        );
    }

    #[test]
    fn every_stub_is_found_with_its_line() {
        for stub in STUBS {
            let found = of_file(
                "crates/app/src/event.rs",
                format!("fn a() {{\n    {stub}\n}}\n").as_bytes(),
            );
            assert_eq!(found.len(), 1, "{stub}");
            assert_eq!(
                (found[0].rule, found[0].line),
                (Rule::Stub, Some(2)),
                "{stub}"
            );
        }
    }

    #[test]
    fn only_tests_must_not_sleep() {
        for sleep in SLEEPS {
            let line = format!("    {sleep}\n");
            assert_eq!(broken("crates/store/src/writer.rs", &line), [], "{sleep}");
            assert_eq!(
                broken("tests/e2e/tests/edit.rs", &line),
                [Rule::Sleep],
                "{sleep}"
            );
            assert_eq!(
                broken(
                    "crates/store/src/writer.rs",
                    &format!("#[cfg(test)]\n{line}")
                ),
                [Rule::Sleep],
                "{sleep}"
            );
        }
    }

    #[test]
    fn paths_of_one_machine_are_found_in_prose_too() {
        for path in MACHINE_PATHS {
            assert_eq!(
                broken("README.md", &format!("see {path}here\n")),
                [Rule::MachinePath],
                "{path}"
            );
        }
    }

    #[test]
    fn names_and_ends_are_looked_at() {
        assert_eq!(
            broken("crates/graph/src/utils.rs", "a\n"),
            [Rule::EmptyName]
        );
        assert_eq!(broken("crates/graph/tests/common/mod.rs", "a\n"), []);
        assert_eq!(
            broken("ui/src/kit/Row.svelte", "<p>a</p>"),
            [Rule::Whitespace]
        );
        assert_eq!(
            broken("ui/src/kit/Row.svelte", "<p>a</p>\n\n"),
            [Rule::Whitespace]
        );
    }
}
