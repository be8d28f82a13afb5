//! Links do not stay on the command line.
//!
//! The system starts the program with the link that somebody has opened, and a link may be an invitation. Every user of a
//! machine can read the command lines of all others for as long as their programs run. So the program starts itself anew, in
//! the same process, with the links in a pipe.

use std::ffi::{OsStr, OsString};

/// Says that there are links in the standard input, one a line.
const PIPED: &str = "--links-from-stdin";

/// The arguments of this process, links first. It may begin anew on the way, and then does not come back from here.
pub fn arguments() -> Vec<OsString> {
    let given: Vec<OsString> = std::env::args_os().skip(1).collect();
    if given.first().is_some_and(|first| first == PIPED) {
        let mut all: Vec<OsString> = piped().into_iter().map(OsString::from).collect();
        all.extend(given.into_iter().skip(1));
        return all;
    }
    let (links, others) = parted(&given);
    #[cfg(unix)]
    if !links.is_empty() {
        begin_anew(&links, &others);
    }
    links.into_iter().chain(others).cloned().collect()
}

/// Links, and everything else; behind two dashes there are only files.
fn parted(given: &[OsString]) -> (Vec<&OsString>, Vec<&OsString>) {
    let end = given.iter().position(|it| it == "--");
    let (before, behind) = given.split_at(end.unwrap_or(given.len()));
    let (links, mut others): (Vec<_>, Vec<_>) = before.iter().partition(|it| is_link(it));
    others.extend(behind);
    (links, others)
}

fn is_link(argument: &OsStr) -> bool {
    argument.to_string_lossy().starts_with("talus:")
}

fn piped() -> Vec<String> {
    let lines = std::io::stdin().lines().map_while(Result::ok);
    lines.filter(|line| is_link(line.as_ref())).collect()
}

/// Comes back only if that does not work; then the links stay where they are.
#[cfg(unix)]
fn begin_anew(links: &[&OsString], others: &[&OsString]) {
    use std::io::Write;
    use std::os::unix::process::CommandExt;

    let text: String = links
        .iter()
        .map(|link| format!("{}\n", link.to_string_lossy()))
        .collect();
    let (Ok(program), Ok((reader, mut writer))) = (std::env::current_exe(), std::io::pipe()) else {
        return;
    };
    // Every pipe holds so much, so nobody has to read meanwhile.
    if text.len() > 16 << 10 || writer.write_all(text.as_bytes()).is_err() {
        return;
    }
    drop(writer);
    let mut command = std::process::Command::new(program);
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    let error = command.arg(PIPED).args(others).stdin(reader).exec();
    eprintln!("talus-tally: the link stays on the command line: {error}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_taken_from_between_everything_else() {
        let given = [
            "a.talus",
            "talus://join#A",
            "--listen",
            "[::]:0",
            "--",
            "talus:b",
        ];
        let given = given.map(OsString::from);
        let (links, others) = parted(&given);
        assert_eq!(links, ["talus://join#A"]);
        assert_eq!(others, ["a.talus", "--listen", "[::]:0", "--", "talus:b"]);
    }
}
