//! The socket in the data directory, from both sides.

use std::{
    fs, io,
    io::{BufRead, Write},
    os::unix::{fs::PermissionsExt, net},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    time,
};

use super::{Answer, Desk, Order};

const NAME: &str = "control.sock";

/// The longest order.
const ORDER_BYTES: u64 = 4 << 10;

/// For whoever connected to say what is to be done.
const ORDER_TIME: Duration = Duration::from_secs(5);

/// After an accept that failed, until some descriptors are free again.
const PAUSE: Duration = Duration::from_millis(500);

/// Where commands come in; removed when the relay has ended.
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// In this directory, of which no other process is the user. Without it a relay serves all the same, and takes no commands.
    pub fn bind(dir: &Path) -> Option<Self> {
        let path = dir.join(NAME);
        let bound = Self::bind_at(path.clone());
        bound
            .inspect_err(|error| {
                let path = path.display();
                tracing::error!(%path, %error, "no commands are taken; a shorter --data-dir may help");
            })
            .ok()
    }

    fn bind_at(path: PathBuf) -> io::Result<Self> {
        // One of a relay that was killed.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // What is left of it is removed at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Does what is asked for there, for ever.
pub async fn serve(socket: &Socket, desk: &Arc<Desk>) {
    loop {
        match socket.listener.accept().await {
            Ok((stream, _)) => {
                let desk = desk.clone();
                tokio::spawn(async move {
                    if let Err(error) = answer(stream, &desk).await {
                        tracing::debug!(%error, "a command ended early");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot take a command");
                time::sleep(PAUSE).await;
            }
        }
    }
}

async fn answer(stream: UnixStream, desk: &Desk) -> io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    let mut reading = BufReader::new(reading.take(ORDER_BYTES));
    time::timeout(ORDER_TIME, reading.read_line(&mut line)).await??;
    let order = serde_json::from_str(&line)?;
    let answer = desk.obey(order).await;
    let mut text = serde_json::to_vec(&answer)?;
    text.push(b'\n');
    writing.write_all(&text).await
}

/// Has the relay of a data directory do something; nothing if none runs there.
///
/// # Errors
/// If it does not answer, or may not be asked.
pub fn ask(dir: &Path, order: &Order) -> io::Result<Option<Answer>> {
    let mut stream = match net::UnixStream::connect(dir.join(NAME)) {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(None),
                _ => Err(error),
            };
        }
    };
    let mut text = serde_json::to_vec(order)?;
    text.push(b'\n');
    stream.write_all(&text)?;
    let mut line = String::new();
    io::BufReader::new(stream).read_line(&mut line)?;
    Ok(Some(serde_json::from_str(&line)?))
}

/// Waits until the relay of a data directory has ended.
pub fn until_ended(dir: &Path, patience: Duration) -> bool {
    let deadline = std::time::Instant::now() + patience;
    while dir.join(NAME).exists() {
        if std::time::Instant::now() > deadline {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    true
}
