//! The file, read so that every complaint names a line.

use std::{collections::BTreeMap, fs, path::Path};

use figment::value::Dict;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    settings::{SETTINGS, Setting},
    suggest::advice,
};
use crate::failure::{Exit, Failure};

/// What a file says, and in which line.
#[derive(Default)]
pub struct Contents {
    pub values: Dict,
    pub lines: BTreeMap<String, usize>,
}

/// Reads a file that is there.
///
/// # Errors
/// If it cannot be read, is no TOML, or has a key that there is not.
pub fn read(path: &Path) -> Result<Contents, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::unreadable("CONFIG_UNREADABLE", path, &error))?;
    let refused = |line, code, why: String| {
        let place = format!("{}:{line}", path.display());
        Failure::new(Exit::Config, code, format!("{place}: {why}"))
    };
    let invalid = |error: toml::de::Error| {
        let line = line_of(&text, error.span().map_or(0, |it| it.start));
        refused(line, "CONFIG_INVALID", error.message().to_owned())
    };
    let table = DeTable::parse(&text).map_err(invalid)?;
    let mut lines = BTreeMap::new();
    note_lines(&mut lines, &text, "", table.get_ref());
    let unknown = lines.iter().find(|(key, _)| Setting::of(key).is_none());
    if let Some((key, line)) = unknown {
        let names = SETTINGS.iter().flat_map(|it| [it.key, it.parts().0]);
        let names = names.filter(|name| !name.is_empty());
        let why = format!("there is no {key}; {}", advice(key, names));
        return Err(refused(*line, "CONFIG_KEY_UNKNOWN", why));
    }
    let values = toml::from_str(&text).map_err(invalid)?;
    Ok(Contents { values, lines })
}

/// Where each key is that is no section.
fn note_lines(lines: &mut BTreeMap<String, usize>, text: &str, section: &str, table: &DeTable<'_>) {
    for (key, value) in table.iter() {
        let name = match section {
            "" => key.get_ref().to_string(),
            section => format!("{section}.{}", key.get_ref()),
        };
        match Spanned::get_ref(value) {
            DeValue::Table(inner) if Setting::of(&name).is_none() && is_section(&name) => {
                note_lines(lines, text, &name, inner);
            }
            _ => {
                lines.insert(name, line_of(text, key.span().start));
            }
        }
    }
}

fn is_section(name: &str) -> bool {
    SETTINGS.iter().any(|it| it.parts().0 == name)
}

/// Lines are counted from 1.
fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}
