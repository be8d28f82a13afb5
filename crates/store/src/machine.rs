//! Which machine this is.

use std::{fs, path::Path};

use crate::{Result, data_dir};

/// A word that differs between machines and stays the same on one.
///
/// The system's own id is hashed, as it should not leave the system. Where there is none, a random one is kept in the
/// data directory: a copy to another machine then shows by its place only.
pub(crate) fn machine_id(data_dir: &Path) -> Result<String> {
    let found = match system_id() {
        Some(id) => id,
        None => own_id(&data_dir.join("machine"))?,
    };
    Ok(blake3::hash(format!("store machine {found}").as_bytes()).to_hex()[..32].to_owned())
}

fn own_id(path: &Path) -> Result<String> {
    if let Some(id) = fs::read_to_string(path).ok().and_then(|text| word(&text)) {
        return Ok(id);
    }
    let id = data_dir::nonce();
    data_dir::replace_file(path, id.as_bytes())?;
    Ok(id)
}

#[cfg(not(any(target_os = "macos", windows)))]
fn system_id() -> Option<String> {
    let places = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
    places
        .iter()
        .find_map(|place| word(&fs::read_to_string(place).ok()?))
}

#[cfg(target_os = "macos")]
fn system_id() -> Option<String> {
    answer(
        "/usr/sbin/ioreg",
        &["-rd1", "-c", "IOPlatformExpertDevice"],
        "IOPlatformUUID",
    )
}

#[cfg(windows)]
fn system_id() -> Option<String> {
    let key = r"HKLM\SOFTWARE\Microsoft\Cryptography";
    answer("reg", &["query", key, "/v", "MachineGuid"], "MachineGuid")
}

#[cfg(any(target_os = "macos", windows))]
fn answer(program: &str, arguments: &[&str], name: &str) -> Option<String> {
    let output = std::process::Command::new(program)
        .args(arguments)
        .output()
        .ok()?;
    last_word_of_line(&String::from_utf8_lossy(&output.stdout), name)
}

/// The value in a line such as `"IOPlatformUUID" = "…"` or `MachineGuid REG_SZ …`.
#[cfg(any(target_os = "macos", windows, test))]
fn last_word_of_line(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.contains(name))?;
    word(line.split_whitespace().last()?.trim_matches('"'))
}

fn word(text: &str) -> Option<String> {
    let text = text.trim();
    // systemd writes this word where an id is still to be made.
    (!text.is_empty() && text != "uninitialized").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_machine_has_one_id() {
        let temp = tempfile::tempdir().unwrap();
        let id = machine_id(temp.path()).unwrap();
        assert_eq!(id.len(), 32);
        assert_eq!(machine_id(temp.path()).unwrap(), id);
    }

    #[test]
    fn where_the_system_has_none_one_is_made_once() {
        let temp = tempfile::tempdir().unwrap();
        let id = own_id(&temp.path().join("machine")).unwrap();
        assert_eq!(own_id(&temp.path().join("machine")).unwrap(), id);
        assert_ne!(own_id(&temp.path().join("another")).unwrap(), id);
    }

    #[test]
    fn the_answers_of_other_systems_are_understood() {
        let mac = "  {\n    \"IOPlatformUUID\" = \"A-B-C\"\n    \"other\" = 1\n";
        assert_eq!(
            last_word_of_line(mac, "IOPlatformUUID").as_deref(),
            Some("A-B-C")
        );
        let windows = "\r\nHKEY_LOCAL_MACHINE\r\n    MachineGuid    REG_SZ    1-2-3\r\n";
        assert_eq!(
            last_word_of_line(windows, "MachineGuid").as_deref(),
            Some("1-2-3")
        );
        assert_eq!(last_word_of_line("nothing", "MachineGuid"), None);
        assert_eq!(word("uninitialized\n"), None);
    }
}
