//! Everything that can be configured, wherever it is said: it is taken, printed with its place, and read back.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use toml::{Table, Value};

use crate::process::{command, run};

const OWNER: &str = "00000000000000000000000000000000000000000000000000000000000000aa";

/// What has a flag of its own, and what that says.
const FLAGS: &[(&str, &[&str])] = &[
    ("listen", &["--listen", "127.0.0.1:9"]),
    ("data_dir", &["--data-dir", "/elsewhere"]),
    ("announce", &["--no-announce"]),
    ("log", &["--log", "warn"]),
    ("access.owners", &["--owner", OWNER]),
    ("access.anyone", &["--anyone"]),
    ("access.insecure_lan", &["--insecure-lan"]),
    ("plain", &["--plain"]),
];

/// What is something else than by default, by its key.
pub type Settings = Vec<(String, Value)>;

pub fn flat(table: &Table) -> Settings {
    let mut all = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(section) => {
                let keys = section.iter();
                all.extend(keys.map(|(key, value)| (format!("{name}.{key}"), value.clone())));
            }
            value => all.push((name.clone(), value.clone())),
        }
    }
    all
}

/// Those that `config check` reads.
pub struct Files {
    certificate: PathBuf,
    key: PathBuf,
    token: PathBuf,
}

impl Files {
    pub fn new(dir: &Path) -> Self {
        let [certificate, key, token] = ["relay.pem", "relay.key", "token"].map(|it| dir.join(it));
        let (chain, secret) = relay::Certificate::make(&["relay.example".to_owned()]).unwrap();
        for (path, content) in [
            (&certificate, &*chain),
            (&key, secret.as_str()),
            (&token, OWNER),
        ] {
            fs::write(path, content).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
        Self {
            certificate,
            key,
            token,
        }
    }
}

/// Another value of this one.
pub fn other(key: &str, value: &Value, files: &Files) -> Value {
    match (key, value) {
        ("listen" | "operations.listen" | "admin.listen", _) => "127.0.0.1:9".into(),
        ("data_dir", _) => "/elsewhere".into(),
        ("log_format", _) => "json".into(),
        ("retention", _) => "3600s".into(),
        ("admin.origin", _) => "https://relay.example".into(),
        ("proxies", _) => Value::Array(vec!["10.0.0.0/8".into(), "127.0.0.1".into()]),
        ("tls.certificate_file", _) => files.certificate.to_str().unwrap().into(),
        ("tls.key_file", _) => files.key.to_str().unwrap().into(),
        ("operations.token_file", _) => files.token.to_str().unwrap().into(),
        ("cluster.redis", _) => "rediss://10.0.0.5:6379".into(),
        (_, Value::Boolean(is)) => Value::Boolean(!is),
        (_, Value::Integer(number)) => Value::Integer(number + 1),
        (_, Value::Array(_)) => Value::Array(vec![OWNER.into()]),
        _ => "warn".into(),
    }
}

/// Each with another value. Bare links are left out, unless they are meant: others of these exclude them.
fn others(defaults: &Settings, is_plain: bool, files: &Files) -> Settings {
    let wanted = defaults
        .iter()
        .filter(|(key, _)| (key == "plain") == is_plain);
    let wanted = wanted.map(|(key, value)| (key.clone(), other(key, value, files)));
    wanted.collect()
}

/// As a variable or a flag has it.
fn text(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// What `config print --origin` says, told in this way, and that `config check` finds nothing.
fn printed(variables: &[(String, String)], flags: &[String]) -> String {
    let run = |words: &[&str]| {
        let mut command = command(words);
        command.args(flags).envs(variables.iter().cloned());
        let output = command.output().unwrap();
        let [out, errors] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
        assert!(output.status.success(), "{words:?}: {out}{errors}");
        out
    };
    let checked = run(&["config", "check"]);
    assert!(checked.contains("nothing is wrong"), "{checked}");
    run(&["config", "print", "--origin"])
}

/// Each value stands there, with where it comes from.
fn has_all(printed: &str, settings: &Settings, origin: impl Fn(usize, &str) -> String) {
    let table: Table = printed.parse().unwrap();
    let found = flat(&table);
    let mut section = String::new();
    let mut places = Vec::new();
    for line in printed.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((key, rest)) = line.split_once(" = ") {
            let place = rest.rsplit_once("  # ").unwrap().1;
            places.push((format!("{section}{key}"), place.to_owned()));
        }
    }
    for (number, (key, value)) in settings.iter().enumerate() {
        assert!(
            found.contains(&(key.clone(), value.clone())),
            "{key}: {printed}"
        );
        let place = (key.clone(), origin(number, key));
        assert!(places.contains(&place), "{place:?}: {printed}");
    }
}

#[test]
fn each_setting_goes_there_and_back_from_the_file_the_environment_and_flags() {
    let (code, defaults, errors) = run(&["config", "print"]);
    assert_eq!(code, 0, "{errors}");
    let defaults = flat(&defaults.parse().unwrap());
    assert!(defaults.len() > 25, "{defaults:?}");
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("relay.toml");
    let name = file.to_str().unwrap();
    let by_file = ["--config".to_owned(), name.to_owned()];

    let files = Files::new(dir.path());
    for is_plain in [false, true] {
        let settings = others(&defaults, is_plain, &files);
        let lines = settings
            .iter()
            .map(|(key, value)| format!("{key} = {value}\n"));
        fs::write(&file, lines.collect::<String>()).unwrap();
        let from_file = printed(&[], &by_file);
        has_all(&from_file, &settings, |number, _| {
            format!("{name}:{}", number + 1)
        });

        let variable = |key: &str| format!("TALLY_RELAY_{}", key.replace('.', "_").to_uppercase());
        let variables = settings
            .iter()
            .map(|(key, value)| (variable(key), text(value)));
        let from_environment = printed(&variables.collect::<Vec<_>>(), &[]);
        has_all(&from_environment, &settings, |_, key| variable(key));

        let own = |key: &str| FLAGS.iter().find(|(of, _)| *of == key).map(|it| it.1);
        let flags = settings.iter().flat_map(|(key, value)| match own(key) {
            Some(words) => words.iter().map(|it| (*it).to_owned()).collect(),
            None => vec!["--set".to_owned(), format!("{key}={}", text(value))],
        });
        let from_flags = printed(&[], &flags.collect::<Vec<_>>());
        has_all(&from_flags, &settings, |_, key| match own(key) {
            Some(words) => words[0].to_owned(),
            None => format!("--set {key}"),
        });

        // What is printed is a file that says the same.
        fs::write(&file, &from_flags).unwrap();
        let again: Table = printed(&[], &by_file).parse().unwrap();
        assert_eq!(again, from_flags.parse().unwrap());
    }
}

#[test]
fn a_number_beyond_its_limit_is_refused_with_its_place_and_what_it_may_be() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("relay.toml");
    let name = file.to_str().unwrap();
    fs::write(&file, "[limits]\nrooms = 0\n").unwrap();
    for words in [
        ["config", "check", "--config", name],
        ["serve", "--config", name, "--no-announce"],
    ] {
        let (code, out, errors) = run(&words);
        assert_eq!(code, 78, "{out}");
        let expected = format!(
            "CONFIG_VALUE_WRONG: {name}:2: limits.rooms takes a whole number from 1 to 1000000, not 0"
        );
        assert!(errors.contains(&expected), "{errors}");
    }
}
