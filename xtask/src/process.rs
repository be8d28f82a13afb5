//! Starting other programs and saying so.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs a program with our own terminal; any end but success is an error that names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    eprintln!("  $ {line}");
    let status = command
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Runs a program and returns what it printed; its errors stay visible.
pub fn read(command: &mut Command) -> Result<String> {
    let line = describe(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a program exists and ends well. It says nothing, whatever happens.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The command as one would type it.
pub fn describe(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        let bare = !argument.is_empty() && !argument.contains([' ', '"', '\'', '(', ')']);
        let written = if bare {
            write!(line, " {argument}")
        } else {
            write!(line, " '{argument}'")
        };
        written.expect("writing to a string cannot fail");
    }
    line
}

/// Says what begins, does it, and says how long it took.
pub fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("- {what}");
    let begin = Instant::now();
    let result = work().with_context(|| what.to_owned())?;
    eprintln!("  done in {}", seconds(begin.elapsed()));
    Ok(result)
}

/// A duration for people: `0.4 s`, `3 min 05 s`.
pub fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_reads_as_typed() {
        let mut command = Command::new("cargo");
        command.args(["nextest", "-E", "not package(e2e)"]);
        assert_eq!(describe(&command), "cargo nextest -E 'not package(e2e)'");
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let error =
            run(Command::new("cargo").arg("no-such-command")).expect_err("it does not exist");
        assert!(
            error
                .to_string()
                .contains("`cargo no-such-command` ended with"),
            "{error}"
        );
    }

    #[test]
    fn durations_are_for_people() {
        assert_eq!(seconds(Duration::from_millis(440)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
