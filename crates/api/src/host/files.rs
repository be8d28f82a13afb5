//! Files on their way between a page and the application, which knows files by their paths.
//!
//! A page that has a file sends it here and gets the path under which the application finds it. A page that wants one
//! gets a path for the application to write to, and an address that is good once to fetch it from.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path as Place, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::visits::secret;
use super::{Host, broken};
use crate::problem::Problem;

/// What a page brought is kept for so long at least: taking in a large file takes its time.
const KEPT_FOR: Duration = Duration::from_secs(60 * 60);
/// Bytes of a file that are sent at once.
const PIECE_BYTES: usize = 64 << 10;
/// Longest name of a file, as file systems have it.
const NAME_BYTES: usize = 200;

/// For those on a visit.
pub(super) fn routes() -> Router<Arc<Host>> {
    Router::new()
        .route("/files/in", post(bring).layer(DefaultBodyLimit::disable()))
        .route("/files/out", post(prepare))
}

/// For those who know the address, which nobody guesses: a browser that fetches a file says nothing else.
pub(super) fn open_routes() -> Router<Arc<Host>> {
    Router::new().route("/files/out/{id}", get(fetch))
}

#[derive(Deserialize)]
struct Named {
    /// Of the file, as a person knows it.
    #[serde(default)]
    name: String,
}

/// Takes a file: the body is its content, the answer its path.
async fn bring(
    State(host): State<Arc<Host>>,
    Query(named): Query<Named>,
    request: Request,
) -> Response {
    let folder = host.folder.path().join("in");
    forget_old(&folder).await;
    match keep(&folder, &named.name, request.into_body()).await {
        Ok(path) => axum::Json(json!({"path": path})).into_response(),
        Err(error) => broken(&error),
    }
}

async fn keep(folder: &Path, name: &str, body: Body) -> io::Result<PathBuf> {
    let (_, path) = place(folder, name).await?;
    let mut file = File::create(&path).await?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        file.write_all(&piece.map_err(io::Error::other)?).await?;
    }
    file.flush().await?;
    Ok(path)
}

/// Where the application may write a file, and where the page fetches it then.
async fn prepare(State(host): State<Arc<Host>>, Query(named): Query<Named>) -> Response {
    let folder = host.folder.path().join("out");
    forget_old(&folder).await;
    match place(&folder, &named.name).await {
        Ok((id, path)) => {
            axum::Json(json!({"path": path, "address": format!("/files/out/{id}")})).into_response()
        }
        Err(error) => broken(&error),
    }
}

/// Sends a file that was written, and takes it away.
async fn fetch(State(host): State<Arc<Host>>, Place(id): Place<String>) -> Response {
    let nothing = || Problem::new("NOT_FOUND", "There is nothing at this address.").into_response();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return nothing();
    }
    let folder = host.folder.path().join("out");
    // Whoever comes second finds nothing.
    let taken = folder.join(format!("{id}.taken"));
    if fs::rename(folder.join(&id), &taken).await.is_err() {
        return nothing();
    }
    let gone = Gone(taken);
    let Ok((file, length)) = open_only(&gone.0).await else {
        return nothing();
    };
    let pieces = stream::try_unfold((file, gone), async |(mut file, gone)| {
        let mut piece = vec![0; PIECE_BYTES];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, io::Error>((read > 0).then(|| (Bytes::from(piece), (file, gone))))
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment"),
        ),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, Body::from_stream(pieces)).into_response()
}

/// The one file of a folder, and how many bytes it has.
async fn open_only(folder: &Path) -> io::Result<(File, u64)> {
    let entry = fs::read_dir(folder).await?.next_entry().await?;
    let entry = entry.ok_or(io::ErrorKind::NotFound)?;
    let file = File::open(entry.path()).await?;
    let length = file.metadata().await?.len();
    Ok((file, length))
}

/// A folder that goes when this does.
struct Gone(PathBuf);

impl Drop for Gone {
    fn drop(&mut self) {
        // At worst it goes with the folder of all of them.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// A new folder of an id that nobody guesses, and a path in it.
async fn place(folder: &Path, name: &str) -> io::Result<(String, PathBuf)> {
    let id = secret()?;
    let own = folder.join(&id);
    fs::create_dir_all(&own).await?;
    Ok((id, own.join(harmless(name))))
}

/// Takes away what nobody is still waiting for.
async fn forget_old(folder: &Path) {
    let Ok(mut entries) = fs::read_dir(folder).await else {
        return;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let made = entry.metadata().await.and_then(|it| it.modified());
        let age = made.map(|made| SystemTime::now().duration_since(made).unwrap_or_default());
        if age.is_ok_and(|age| age > KEPT_FOR) {
            // Somebody may be reading it; then the next one takes it away.
            fs::remove_dir_all(entry.path()).await.ok();
        }
    }
}

/// A name that stays in its folder.
fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut kept: String = last.chars().filter(|it| !it.is_control()).collect();
    while kept.len() > NAME_BYTES {
        kept.remove(0);
    }
    match kept.trim() {
        "" | "." | ".." => "file".to_owned(),
        good => good.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        for (name, kept) in [
            ("Plan 1.talus", "Plan 1.talus"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ana\\plan.talus", "plan.talus"),
            ("..", "file"),
            ("a/..", "file"),
            (" \0\n ", "file"),
            ("", "file"),
            ("\u{fc}ber\u{7}.txt", "\u{fc}ber.txt"),
        ] {
            assert_eq!(harmless(name), kept);
        }
        let long = format!("{}.talus", "\u{fc}".repeat(300));
        assert!(harmless(&long).len() <= NAME_BYTES && harmless(&long).ends_with(".talus"));
    }
}
