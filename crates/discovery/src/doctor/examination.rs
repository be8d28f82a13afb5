//! Trying things out, and telling what comes of it.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, timeout, timeout_at};

use super::plan::plan;
use super::{
    Finding, Judge, Observation, Outcome, Platform, Question, Report, firewall, multicast,
};
use crate::interfaces;
use crate::task::Task;

/// How long an examination takes at most.
pub const LIMIT: Duration = Duration::from_secs(5);
/// Longer than the three seconds that a system looks for a machine that is not there.
const DIAL: Duration = Duration::from_secs(4);
/// More than there can be, so that a reader who is slow holds nothing up.
const FINDINGS: usize = 64;

/// An examination under way: a stream of findings. Dropping it ends it.
#[must_use = "dropping it ends the examination"]
pub struct Examination {
    findings: mpsc::Receiver<Finding>,
    _task: Task,
}

/// Begins an examination on the runtime that this is called on.
///
/// # Panics
///
/// Outside a Tokio runtime.
pub fn examine(question: Question) -> Examination {
    let (sender, findings) = mpsc::channel(FINDINGS);
    let task = Task::spawn(async move {
        // The reader is gone: so is the task, in a moment.
        let _told = run(question, &sender).await;
    });
    Examination {
        findings,
        _task: task,
    }
}

impl Examination {
    /// Waits for the next finding. `None` once all is known, after [`LIMIT`] at the latest.
    pub async fn next(&mut self) -> Option<Finding> {
        self.findings.recv().await
    }

    /// Waits for all of them.
    pub async fn report(mut self) -> Report {
        let mut report = Report::default();
        while let Some(finding) = self.next().await {
            report.findings.push(finding);
        }
        report
    }
}

impl Stream for Examination {
    type Item = Finding;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Finding>> {
        self.findings.poll_recv(context)
    }
}

type Told = Result<(), mpsc::error::SendError<Finding>>;

async fn run(question: Question, reader: &mpsc::Sender<Finding>) -> Told {
    let end = Instant::now() + LIMIT;
    let seen = spawn_blocking(|| (interfaces::list(), firewall::look())).await;
    let Ok((interfaces, firewall)) = seen else {
        return Ok(());
    };
    let mut checks = begin(&question, &interfaces);
    let mut judge = Judge::new(question, Platform::here());
    tell(reader, judge.absorb(Observation::Interfaces(interfaces))).await?;
    tell(reader, judge.absorb(Observation::Firewall(firewall))).await?;
    while let Ok(Some(check)) = timeout_at(end, checks.join_next()).await {
        if let Ok(observation) = check {
            tell(reader, judge.absorb(observation)).await?;
        }
    }
    tell(reader, judge.conclude(checks.is_empty())).await
}

/// Begins everything at once. What is left of it ends when the set is dropped.
fn begin(question: &Question, interfaces: &[crate::Interface]) -> JoinSet<Observation> {
    let plan = plan(question, interfaces);
    let mut checks = JoinSet::new();
    for at in plan.own {
        checks.spawn(async move {
            let outcome = dial(at).await;
            Observation::Own { at, outcome }
        });
    }
    for (interface, addresses) in plan.echoes {
        checks.spawn(async move {
            let echo = multicast::echo(addresses).await;
            Observation::Echo { interface, echo }
        });
    }
    for at in plan.peer {
        checks.spawn(async move {
            let outcome = dial(at).await;
            Observation::Peer { at, outcome }
        });
    }
    checks
}

async fn dial(at: SocketAddr) -> Outcome {
    let Ok(connected) = timeout(DIAL, TcpStream::connect(at)).await else {
        return Outcome::Silent;
    };
    match connected.map_err(|error| (error.kind(), error)) {
        Ok(_) | Err((ErrorKind::ConnectionReset, _)) => Outcome::Answered,
        Err((ErrorKind::ConnectionRefused, _)) => Outcome::Refused,
        Err((ErrorKind::TimedOut, _)) => Outcome::Silent,
        Err((ErrorKind::PermissionDenied, _)) => Outcome::Forbidden,
        Err((
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::AddrNotAvailable,
            _,
        )) => Outcome::Unreachable,
        Err((_, error)) => Outcome::Failed(error.to_string()),
    }
}

async fn tell(reader: &mpsc::Sender<Finding>, findings: Vec<Finding>) -> Told {
    for finding in findings {
        reader.send(finding).await?;
    }
    Ok(())
}
