//! What backups are called: when they were taken, in UTC, such as `2026-03-01T204500.123Z`.

use jiff::{Timestamp, Unit};

/// The name of a backup.
pub fn of(taken: Timestamp) -> String {
    let taken = taken.round(Unit::Millisecond).unwrap_or(taken);
    format!("{taken:.3}").replace(':', "")
}

/// The same while it is being made.
pub fn unfinished(name: &str) -> String {
    format!("{name}.unfinished")
}

/// When the backup of this name was taken, in milliseconds since 1970; nothing for another name.
pub fn taken_ms(name: &str) -> Option<i64> {
    let (date, time) = name.split_once('T')?;
    let (hours, rest) = time.split_at_checked(2)?;
    let (minutes, seconds) = rest.split_at_checked(2)?;
    let taken: Timestamp = format!("{date}T{hours}:{minutes}:{seconds}").parse().ok()?;
    // Only what this module writes, since the name is made anew to find the folder.
    (of(taken) == name).then(|| taken.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_when_it_was_taken_and_other_names_tell_nothing() {
        for ms in [0, 1, 1_772_397_900_120, 1_772_397_900_000] {
            let name = of(Timestamp::from_millisecond(ms).expect("a time"));
            assert_eq!(taken_ms(&name), Some(ms), "{name}");
            assert_eq!(taken_ms(&unfinished(&name)), None);
            assert!(!name.contains([':', '/', ' ']));
        }
        assert_eq!(of(Timestamp::UNIX_EPOCH), "1970-01-01T000000.000Z");
        for other in [
            "",
            "T",
            "data",
            "2026-03-01T20",
            "2026-03-01T204500Z",
            "1970-01-01T000000.000+01",
        ] {
            assert_eq!(taken_ms(other), None, "{other}");
        }
    }
}
