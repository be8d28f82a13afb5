//! A configuration as text: the file that `init` writes, what `config print` shows, the table in the guide.

use std::path::Path;

use figment::value::Value;

use super::{
    layers::{Loaded, flag_for},
    settings::{SETTINGS, Setting},
};

/// As wide as a comment in the file may be.
const WIDTH: usize = 100;

/// A file in which everything stands with what it is for. What is not among `chosen` stands as a comment with its default.
pub fn template(defaults: &Loaded, chosen: &[(&str, String)]) -> String {
    let mut text = String::from(
        "# tally-relay. A variable of the environment goes before this file, a flag before both.\n\
         # `tally-relay config check` looks for mistakes, `kill -HUP` has a relay that runs read it again.\n",
    );
    in_sections(&mut text, |text, setting, name| {
        text.push('\n');
        for line in wrap(setting.about) {
            text.push_str(&format!("# {line}\n"));
        }
        let value = chosen.iter().find(|(key, _)| *key == setting.key);
        match value {
            Some((_, value)) => text.push_str(&format!("{name} = {value}\n")),
            None => {
                let default = toml_of(&defaults.value(setting));
                text.push_str(&format!("#{name} = {default}\n"));
            }
        }
    });
    text
}

/// All values, as a file has them, and behind each where it comes from if that is asked for.
pub fn print(loaded: &Loaded, with_origin: bool) -> String {
    let mut text = String::new();
    in_sections(&mut text, |text, setting, name| {
        text.push_str(&format!("{name} = {}", toml_of(&loaded.value(setting))));
        if with_origin {
            text.push_str(&format!("  # {}", loaded.origin(setting)));
        }
        text.push('\n');
    });
    text
}

/// Has something written for each setting, by its name in the section that was opened for it.
fn in_sections(text: &mut String, mut write: impl FnMut(&mut String, &'static Setting, &str)) {
    let mut section = "";
    for setting in SETTINGS {
        let (in_section, name) = setting.parts();
        if in_section != section {
            section = in_section;
            text.push_str(&format!("\n[{section}]\n"));
        }
        write(text, setting, name);
    }
}

/// The table of the guide.
#[cfg(test)]
pub fn table(defaults: &Loaded) -> String {
    use super::settings::Shape;
    let mut text = String::from(
        "| key | default | from, to | flag | SIGHUP | |\n\
         |---|---|---|---|---|---|\n",
    );
    for setting in SETTINGS {
        let default = match setting.key {
            "data_dir" => "the user's data folder".to_owned(),
            _ => format!("`{}`", toml_of(&defaults.value(setting))),
        };
        let bounds = match setting.shape {
            Shape::Number(least, most) => format!("{least}, {most}"),
            _ => String::new(),
        };
        let flag = setting
            .flag
            .map_or_else(String::new, |it| format!("`{it}`"));
        let is_live = if setting.is_live { "yes" } else { "" };
        let (key, about) = (setting.key, setting.about);
        text.push_str(&format!(
            "| `{key}` | {default} | {bounds} | {flag} | {is_live} | {about} |\n"
        ));
    }
    text
}

/// A value as TOML has it.
pub fn toml_of(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|_| String::new(), |value| value.to_string())
}

fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// How it is mended that nobody may keep rooms.
pub fn nobody(file: Option<&Path>) -> String {
    let flag = file.map(flag_for).unwrap_or_default();
    format!(
        "nobody may keep rooms here yet: `tally-relay invite{flag}` makes a link for an owner; ids of devices can also stand \
         in `owners` under [access]"
    )
}

/// Which settings differ, those that are taken over at once first.
pub fn differing(old: &Loaded, new: &Loaded) -> (Vec<&'static Setting>, Vec<&'static Setting>) {
    SETTINGS
        .iter()
        .filter(|setting| toml_of(&old.value(setting)) != toml_of(&new.value(setting)))
        .partition(|setting| setting.is_live)
}
