//! A process that is given orders, and may be killed, stopped and started again.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than anything takes on a machine that is busy with everything else.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A running process; killed when dropped.
pub struct Process {
    child: Child,
    orders: ChildStdin,
    answers: mpsc::UnboundedReceiver<String>,
    saved: Arc<AtomicU64>,
}

/// What the system can be asked to do with a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// End in good order.
    Terminate,
    /// Sleep, as a machine does whose lid is closed.
    Stop,
    /// Wake up.
    Continue,
}

impl Process {
    /// Starts it. Its errors go where ours go.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {:?}", command.get_program()))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let out = stdout.context("it has no output")?;
        let (sender, answers) = mpsc::unbounded_channel();
        let saved = Arc::new(AtomicU64::new(0));
        let heard = saved.clone();
        // It ends with the process.
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                match line.strip_prefix("saved ").map(str::parse) {
                    Some(Ok(count)) => heard.store(count, Ordering::Relaxed),
                    _ if sender.send(line).is_ok() => {}
                    _ => return,
                }
            }
        });
        Ok(Self {
            child,
            orders: stdin.context("it has no input")?,
            answers,
            saved,
        })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said last of what it has saved.
    pub fn saved(&self) -> u64 {
        self.saved.load(Ordering::Relaxed)
    }

    /// The next line that it says; it must begin so.
    pub async fn answer(&mut self, beginning: &str) -> Result<String> {
        let line = timeout(PATIENCE, self.answers.recv()).await;
        let line = line.with_context(|| format!("no `{beginning}` after {PATIENCE:?}"))?;
        let line = line.with_context(|| format!("it ended instead of `{beginning}`"))?;
        match line.strip_prefix(beginning) {
            Some(rest) => Ok(rest.trim_start().to_owned()),
            None => bail!("`{line}` instead of `{beginning}`"),
        }
    }

    /// Gives an order and waits for an answer that begins so.
    pub async fn ask(&mut self, order: &str, beginning: &str) -> Result<String> {
        writeln!(self.orders, "{order}").with_context(|| format!("it does not hear `{order}`"))?;
        self.answer(beginning).await
    }

    /// Asks the system for something.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let name = match signal {
            Signal::Terminate => "-TERM",
            Signal::Stop => "-STOP",
            Signal::Continue => "-CONT",
        };
        let id = self.id().to_string();
        let status = Command::new("kill").args([name, &id]).status()?;
        if !status.success() {
            bail!("kill {name}: {status}");
        }
        Ok(())
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Whether it is still there.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it has ended by itself, and in good order.
    pub async fn ended(&mut self) -> Result<()> {
        // Its output ends when it does.
        let rest = async { while self.answers.recv().await.is_some() {} };
        timeout(PATIENCE, rest).await.context("it does not end")?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("it ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
