use std::{fs, path::Path};

use super::{
    layers::{Flags, Loaded, load},
    settings::{SETTINGS, Setting, Shape},
    suggest::suggest,
    text::{self, template, toml_of},
    *,
};

const OWNER: &str = "00000000000000000000000000000000000000000000000000000000000000aa";

/// With a file of this content, these variables and these flags.
fn loaded(file: &str, variables: &[(&str, &str)], flags: &[&str]) -> Result<Loaded, String> {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("relay.toml");
    fs::write(&path, file).expect("it is written");
    let mut arguments = vec!["serve", "--config", path.to_str().expect("text")];
    arguments.extend(flags);
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let refused = |failure: Failure| {
        failure
            .to_string()
            .replace(&*dir.path().to_string_lossy(), "")
    };
    load(&read_flags(&arguments), variables).map_err(refused)
}

fn read_flags(arguments: &[&str]) -> Flags {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        flags: Flags,
    }
    let line: Line = clap::Parser::parse_from(arguments);
    line.flags
}

fn defaults() -> Loaded {
    load(
        &Flags::default(),
        [("TALLY_RELAY_CONFIG".to_owned(), String::new())],
    )
    .expect("defaults are right")
}

fn value(loaded: &Loaded, key: &str) -> (String, String) {
    let setting = Setting::of(key).expect("a setting");
    let origin = loaded.origin(setting);
    let file = origin.rsplit('/').next().unwrap_or_default();
    (toml_of(&loaded.value(setting)), file.to_owned())
}

#[test]
fn the_table_has_everything_that_the_types_have() {
    let config = toml::Value::try_from(Config::default()).expect("it is TOML");
    let mut keys = Vec::new();
    for (name, value) in config.as_table().expect("a table") {
        match value.as_table() {
            Some(section) => keys.extend(section.keys().map(|key| format!("{name}.{key}"))),
            None => keys.push(name.clone()),
        }
    }
    keys.sort();
    let mut known: Vec<&str> = SETTINGS.iter().map(|it| it.key).collect();
    known.sort_unstable();
    assert_eq!(keys, known);
}

#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file() {
    let file = "listen = \"127.0.0.1:1\"\nlog = \"warn\"\n\n[limits]\nrooms = 1\nconnections = 2\n";
    let variables = [
        ("TALLY_RELAY_LIMITS_ROOMS", "3"),
        ("TALLY_RELAY_LOG", "error"),
        ("OTHER", "1"),
    ];
    let loaded = loaded(file, &variables, &["--log", "debug"]).expect("it is right");
    let found = [
        "announce",
        "listen",
        "limits.rooms",
        "limits.connections",
        "log",
    ]
    .map(|key| value(&loaded, key));
    let expected = [
        ("true", "default"),
        ("\"127.0.0.1:1\"", "relay.toml:1"),
        ("3", "TALLY_RELAY_LIMITS_ROOMS"),
        ("2", "relay.toml:6"),
        ("\"debug\"", "--log"),
    ];
    assert_eq!(
        found,
        expected.map(|(value, origin)| (value.to_owned(), origin.to_owned()))
    );
    assert_eq!(loaded.config.limits().rooms, 3);
}

#[test]
fn every_setting_has_a_flag_and_a_variable() {
    let other = |setting: &Setting| match (setting.key, setting.shape) {
        ("listen" | "operations.listen" | "admin.listen", _) => "127.0.0.1:9".to_owned(),
        ("log_format", _) => "json".to_owned(),
        ("retention", _) => "7d".to_owned(),
        ("admin.origin", _) => "https://relay.example".to_owned(),
        ("proxies", _) => "127.0.0.1,10.0.0.0/8".to_owned(),
        (_, Shape::Switch) => (toml_of(&defaults().value(setting)) != "true").to_string(),
        (_, Shape::Number(_, most)) => most.to_string(),
        (_, Shape::List) => OWNER.to_owned(),
        (_, Shape::Text) => "warn".to_owned(),
    };
    for setting in SETTINGS {
        let text = other(setting);
        let set = format!("{}={text}", setting.key);
        let by_flag = loaded("", &[], &["--set", &set]).expect(setting.key);
        let by_variable = loaded("", &[(&setting.variable(), &text)], &[]).expect(setting.key);
        let default = toml_of(&defaults().value(setting));
        for loaded in [by_flag, by_variable] {
            assert_ne!(toml_of(&loaded.value(setting)), default, "{}", setting.key);
            assert_ne!(loaded.config, Config::default());
        }
    }
}

#[test]
fn a_number_is_taken_as_far_as_the_table_says_wherever_it_stands() {
    for setting in SETTINGS {
        let Shape::Number(least, most) = setting.shape else {
            continue;
        };
        let key = setting.key;
        let everywhere = |number: u64| {
            let flag = format!("{key}={number}");
            let variable = (&*setting.variable(), &*number.to_string());
            [
                loaded(&format!("\n{key} = {number}\n"), &[], &[]),
                loaded("", &[variable], &[]),
                loaded("", &[], &["--set", &flag]),
            ]
        };
        for number in [least, most] {
            for loaded in everywhere(number) {
                let loaded = loaded.expect(key);
                assert_eq!(toml_of(&loaded.value(setting)), number.to_string(), "{key}");
            }
        }
        for number in [least.checked_sub(1), Some(most + 1)].into_iter().flatten() {
            let places = [
                "/relay.toml:2".to_owned(),
                setting.variable(),
                format!("--set {key}"),
            ];
            for (loaded, place) in everywhere(number).into_iter().zip(places) {
                let expected = format!(
                    "CONFIG_VALUE_WRONG: {place}: {key} takes a whole number from {least} to {most}, not {number}"
                );
                assert_eq!(loaded.err(), Some(expected));
            }
        }
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let file = |text| loaded(text, &[], &[]).err().unwrap_or_default();
    for (text, expected) in [
        (
            "\n[limits]\nroms = 1\n",
            "CONFIG_KEY_UNKNOWN: /relay.toml:3: there is no limits.roms; did you mean limits.rooms?",
        ),
        (
            "rooms = 1\n",
            "CONFIG_KEY_UNKNOWN: /relay.toml:1: there is no rooms; did you mean limits.rooms?",
        ),
        (
            "[acess]\nowners = []\n",
            "CONFIG_KEY_UNKNOWN: /relay.toml:1: there is no acess; did you mean access?",
        ),
        (
            "log = \"info\"\n[limits]\nrooms = \"many\"\n",
            "CONFIG_VALUE_WRONG: /relay.toml:3: limits.rooms takes a whole number from 1 to 1000000, not string \"many\"",
        ),
        (
            "[limits]\nrooms = -1\n",
            "CONFIG_VALUE_WRONG: /relay.toml:2: limits.rooms takes a whole number",
        ),
        (
            "listen = \"here\"\n",
            "CONFIG_VALUE_WRONG: /relay.toml:1: listen: invalid socket address syntax",
        ),
        (
            "[access]\nowners = [\"ana\"]\n",
            "CONFIG_VALUE_WRONG: /relay.toml:2: access.owners: not 64 lower-case hexadecimal digits",
        ),
        (
            "[access]\nanyone = 1\n",
            "CONFIG_VALUE_WRONG: /relay.toml:2: access.anyone takes true or false",
        ),
        ("\nlisten = 1:2\n", "CONFIG_INVALID: /relay.toml:2: "),
        (
            "log = \"a\"\nlog = \"b\"\n",
            "CONFIG_INVALID: /relay.toml:2: ",
        ),
        ("log = \"inof\"\n", "LOG_INVALID: log: \"inof\" is no level"),
        (
            "plain = true\nlisten = \"0.0.0.0:1\"\n",
            "PLAIN_IN_THE_OPEN: 0.0.0.0:1 can be reached",
        ),
    ] {
        let found = file(text);
        assert!(found.starts_with(expected), "{text:?}: {found}");
    }
}

#[test]
fn what_is_wrong_in_flags_and_variables_is_named_too() {
    for (variables, flags, expected) in [
        (
            vec![("TALLY_RELAY_LIMITS_ROOM", "1")],
            vec![],
            "CONFIG_KEY_UNKNOWN: the environment has TALLY_RELAY_LIMITS_ROOM, which means nothing here; did you mean TALLY_RELAY_LIMITS_ROOMS?",
        ),
        (
            vec![("TALLY_RELAY_ANNOUNCE", "yes")],
            vec![],
            "CONFIG_VALUE_WRONG: TALLY_RELAY_ANNOUNCE: announce takes true or false, not string \"yes\"",
        ),
        (
            vec![],
            vec!["--set", "limits.rom=1"],
            "CONFIG_KEY_UNKNOWN: --set limits.rom: there is no limits.rom; did you mean limits.rooms?",
        ),
        (
            vec![],
            vec!["--set", "limits.rooms"],
            "CONFIG_VALUE_WRONG: --set limits.rooms: limits.rooms takes a whole number",
        ),
        (
            vec![],
            vec!["--listen", "here"],
            "CONFIG_VALUE_WRONG: --listen: listen: ",
        ),
        (vec![], vec!["--plain", "--insecure-lan"], "PLAIN_AND_LAN: "),
    ] {
        let found = loaded("", &variables, &flags).err().unwrap_or_default();
        assert!(
            found.starts_with(expected),
            "{variables:?} {flags:?}: {found}"
        );
    }
}

#[test]
fn a_file_that_was_named_has_to_be_there() {
    let flags = read_flags(&["serve", "--config", "nowhere/relay.toml"]);
    let refused = load(&flags, []).err().map(|it| (it.code, it.exit));
    assert_eq!(refused, Some(("CONFIG_UNREADABLE", Exit::Config)));
}

#[test]
fn nobody_is_served_until_somebody_is_let_in() {
    let hosts = |file: &str| {
        loaded(file, &[], &[])
            .map(|it| it.config.hosts())
            .expect("it is right")
    };
    assert!(hosts("").is_nobody());
    assert_eq!(hosts("[access]\nanyone = true\n"), Hosts::Everybody);
    let owner = OWNER.parse().expect("an id");
    assert_eq!(
        hosts(&format!("[access]\nowners = [\"{OWNER}\"]\n")),
        Hosts::Owners([owner].into())
    );
    let advice = text::nobody(Some(Path::new("relay.toml")));
    assert!(
        advice.contains("tally-relay invite --config relay.toml"),
        "{advice}"
    );
}

#[test]
fn the_file_that_init_writes_says_what_holds_anyway() {
    let written = template(&defaults(), &[("listen", "\"127.0.0.1:5\"".to_owned())]);
    let own = loaded(&written, &[], &[]).expect("it is right");
    assert_eq!(value(&own, "listen").0, "\"127.0.0.1:5\"");
    let all: String = written
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|it| !it.starts_with(' '))
                .unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let all = loaded(&all, &[], &["--listen", "127.0.0.1:7825"]).expect("it is right");
    assert_eq!(all.config, Config::default());
    assert!(
        SETTINGS
            .iter()
            .all(|it| it.key == "listen" || value(&all, it.key).1.starts_with("relay.toml:"))
    );
}

#[test]
fn what_is_printed_is_a_file_again() {
    let flags = ["--owner", OWNER, "--set", "limits.rooms=5"];
    let loaded_by_flags = loaded("", &[], &flags).expect("it is right");
    for with_origin in [false, true] {
        let printed = text::print(&loaded_by_flags, with_origin);
        let again = loaded(&printed, &[], &[]).expect("it is right");
        assert_eq!(again.config, loaded_by_flags.config, "{printed}");
    }
    assert!(text::print(&loaded_by_flags, true).contains("rooms = 5  # --set limits.rooms\n"));
}

#[test]
fn the_guide_has_the_table() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides/relay.md");
    let guide = fs::read_to_string(guide).expect("the guide");
    let table = text::table(&defaults());
    assert!(
        guide.contains(&table),
        "docs/guides/relay.md should have:\n\n{table}"
    );
}

#[test]
fn what_is_like_nothing_is_not_guessed() {
    assert_eq!(suggest("colour", ["limits.rooms", "log"].into_iter()), None);
    assert_eq!(
        suggest("lgo", ["limits.rooms", "log"].into_iter()),
        Some("log")
    );
}
