//! `tally-relay doctor`.

use std::{
    io::Write,
    net::{SocketAddr, ToSocketAddrs},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::Args;
use discovery::{
    Interfaces,
    doctor::{Code, Finding, Question, Report, Status, Suspect, examine},
};

use crate::{
    config::USUAL_PORT,
    failure::{Exit, Failure},
};

/// Columns of a terminal that wraps nothing by itself.
const WIDTH: usize = 100;

#[derive(Args)]
pub struct Options {
    /// The machine that is not reached, with or without a port. Without it the network around this machine is examined.
    address: Option<String>,

    /// The port at which this machine should answer.
    #[arg(long, default_value_t = USUAL_PORT)]
    port: u16,

    /// Only these networks, for example eth0. May be given several times; otherwise all.
    #[arg(long)]
    interface: Vec<String>,
}

/// Says what is found. The exit code is 0 if nothing stands in the way, 1 if something does.
pub fn command(options: Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start threads")?;
    let peer = options.address.as_deref().map(suspect).transpose()?;
    let interfaces = match options.interface.is_empty() {
        true => Interfaces::All,
        false => Interfaces::Named(options.interface.into_iter().collect()),
    };
    let question = Question {
        interfaces,
        port: Some(options.port),
        peer,
    };
    let mut report = runtime.block_on(async { examine(question).report().await });
    report.findings.iter_mut().for_each(speak_of_relays);
    let mut out = std::io::stdout().lock();
    out.write_all(table(&report).as_bytes())?;
    out.flush()?;
    Ok(match report.status() {
        Status::Fail => ExitCode::from(1),
        Status::Ok | Status::Unknown | Status::Warn => ExitCode::SUCCESS,
    })
}

/// Says what to do to whoever has a relay, where that is something else than in a window.
fn speak_of_relays(finding: &mut Finding) {
    if finding.code == Code::PortClosed && finding.status == Status::Fail {
        finding.advice = Some(format!(
            "If others are to reach the relay here, have it listen for the network: `listen = \"0.0.0.0:{USUAL_PORT}\"` in its \
             configuration, or --listen. With another port than {USUAL_PORT}, say it to this command with --port."
        ));
    }
}

/// The machine at an address.
fn suspect(text: &str) -> Result<Suspect, Failure> {
    Ok(Suspect {
        addresses: resolve(text)?,
        is_seen: false,
    })
}

/// Where an address leads, with or without a port. It waits for the system, which may ask the network.
///
/// # Errors
/// If it leads nowhere.
pub fn resolve(text: &str) -> Result<Vec<SocketAddr>, Failure> {
    let without = text.trim_start_matches('[').trim_end_matches(']');
    let found = match (without, USUAL_PORT).to_socket_addrs() {
        Err(_) if text.rsplit_once(':').is_some() => text.to_socket_addrs(),
        found => found,
    };
    found.map(Iterator::collect).map_err(|error| {
        let message = format!(
            "{text} leads to no machine ({error}); look whether it is spelled right, has an entry in DNS, and whether this machine \
             reaches its name server"
        );
        Failure::new(Exit::Unavailable, "ADDRESS_UNRESOLVED", message)
    })
}

/// A line for each finding: how it stands, its code, what was seen; below it what one can do.
fn table(report: &Report) -> String {
    let codes = report.findings.iter().map(|it| it.code.as_str().len());
    let width = codes.max().unwrap_or(0);
    let mut text = String::new();
    for finding in &report.findings {
        row(&mut text, finding, width);
    }
    let last = match report.status() {
        Status::Ok => "Nothing stands in the way.",
        Status::Unknown | Status::Warn => "Nothing was found that stands in the way for certain.",
        Status::Fail => "What is marked with FAIL stands in the way.",
    };
    text + "\n" + last + "\n"
}

fn row(text: &mut String, finding: &Finding, width: usize) {
    let status = match finding.status {
        Status::Ok => "ok",
        Status::Unknown => "?",
        Status::Warn => "warn",
        Status::Fail => "FAIL",
    };
    let margin = 4 + 2 + width + 2;
    let mut lines = wrap(&finding.message, WIDTH - margin);
    if let Some(advice) = &finding.advice {
        let advice = wrap(advice, WIDTH - margin - 3);
        let first = advice.iter().take(1).map(|line| format!("-> {line}"));
        lines.extend(first.chain(advice.iter().skip(1).map(|line| format!("   {line}"))));
    }
    for (number, line) in lines.iter().enumerate() {
        let (status, code) = match number {
            0 => (status, finding.code.as_str()),
            _ => ("", ""),
        };
        let row = format!("{status:<4}  {code:<width$}  {line}");
        text.push_str(row.trim_end());
        text.push('\n');
    }
}

/// Lines of at most so many characters, but for words that are longer.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(code: Code, status: Status, message: &str, advice: Option<&str>) -> Finding {
        Finding {
            code,
            status,
            message: message.to_owned(),
            advice: advice.map(str::to_owned),
        }
    }

    #[test]
    fn findings_are_a_table() {
        let long = "Make sure that the other computer is on and awake, and that its firewall lets it in, wherever it is.";
        let report = Report {
            findings: vec![
                finding(
                    Code::Network,
                    Status::Ok,
                    "This computer is at 10.0.0.1.",
                    None,
                ),
                finding(
                    Code::PeerSilent,
                    Status::Fail,
                    "It does not answer.",
                    Some(long),
                ),
                finding(
                    Code::NobodyHeard,
                    Status::Unknown,
                    "Nobody was heard.",
                    None,
                ),
            ],
        };
        let expected = "\
ok    network       This computer is at 10.0.0.1.
FAIL  peer-silent   It does not answer.
                    -> Make sure that the other computer is on and awake, and that its firewall lets
                       it in, wherever it is.
?     nobody-heard  Nobody was heard.

What is marked with FAIL stands in the way.
";
        assert_eq!(table(&report), expected);
    }

    #[test]
    fn what_a_relay_can_do_is_said_in_its_own_words() {
        let mut closed = finding(Code::PortClosed, Status::Fail, "", Some("Switch it on."));
        let mut other = finding(Code::PortClosed, Status::Warn, "", Some("Nothing."));
        speak_of_relays(&mut closed);
        speak_of_relays(&mut other);
        assert!(closed.advice.is_some_and(|it| it.contains("0.0.0.0:7825")));
        assert_eq!(other.advice.as_deref(), Some("Nothing."));
    }

    #[test]
    fn an_address_may_lack_its_port() {
        let at = |text: &str| {
            let found = suspect(text).map(|it| it.addresses);
            found.map(|it| it.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(
            at("127.0.0.1").ok(),
            Some(vec!["127.0.0.1:7825".to_owned()])
        );
        assert_eq!(
            at("127.0.0.1:7400").ok(),
            Some(vec!["127.0.0.1:7400".to_owned()])
        );
        assert_eq!(at("::1").ok(), Some(vec!["[::1]:7825".to_owned()]));
        assert_eq!(at("[::1]:7400").ok(), Some(vec!["[::1]:7400".to_owned()]));
        for wrong in ["no machine", "nowhere.invalid", "nowhere.invalid:7400"] {
            let refused = suspect(wrong).err().map(|it| it.code);
            assert_eq!(refused, Some("ADDRESS_UNRESOLVED"), "{wrong}");
        }
    }
}
