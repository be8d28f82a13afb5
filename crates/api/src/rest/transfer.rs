//! Projects as files that are fetched and sent.

use app::failure::Failure;
use app::reply::Reply;
use app::request::Request;
use app::talus_file::{MAGIC, TalusFileError};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::described::InProject;
use super::projects::{self, Opened, WithGraph, begin};
use crate::body::{self, Ids};
use crate::problem::Problem;
use crate::state::Shared;
use crate::who::Who;

/// Read at once from a file that is being sent.
const PIECE_BYTES: usize = 64 << 10;
/// Longest file that is taken in.
const IMPORT_BYTES: u64 = 1 << 30;

/// A project with its history as one `.talus` file.
#[utoipa::path(
    get, path = "/projects/{project_id}/export", tag = "projects",
    params(InProject),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem),
    ),
)]
pub(crate) async fn export(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<Response, Problem> {
    let project = projects::project(&who, &id)?;
    let folder = tempfile::tempdir().map_err(|error| unwritten(&error))?;
    let path = folder.path().join("project.talus");
    let path_text = path.to_string_lossy().into_owned();
    state
        .call(Request::ExportProject {
            project,
            path: path_text,
        })
        .await?;
    let file = File::open(&path).await.map_err(|error| unwritten(&error))?;
    let length = file
        .metadata()
        .await
        .map_err(|error| unwritten(&error))?
        .len();
    // The folder goes with the last piece.
    let pieces = stream::try_unfold((file, folder), async |(mut file, folder)| {
        let mut piece = vec![0; PIECE_BYTES];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(piece), (file, folder))))
    });
    let kind = HeaderValue::from_static("application/octet-stream");
    let name = HeaderValue::from_static("attachment; filename=\"project.talus\"");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// Take in a `.talus` file as a project of this installation, and make a session of it. The body is the file, at most 1 GiB.
#[utoipa::path(
    post, path = "/projects/import", tag = "projects",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = Opened),
        (status = 400, description = "`NOT_A_TALUS_FILE`, `FILE_DAMAGED`, `FILE_TOO_LARGE`, `NEWER_SCHEMA`", body = Problem),
    ),
)]
pub(crate) async fn import(
    State(state): State<Shared>,
    who: Who,
    sent: Body,
) -> Result<Response, Problem> {
    who.may_see(None)?;
    let place = state.place(&who)?;
    let folder = tempfile::tempdir().map_err(|error| unwritten(&error))?;
    let path = folder.path().join("project.talus");
    let mut file = File::create(&path)
        .await
        .map_err(|error| unwritten(&error))?;
    let (mut pieces, mut length) = (sent.into_data_stream(), 0);
    let mut start = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| body::lost(&error))?;
        length += piece.len() as u64;
        start.extend(piece.iter().take(MAGIC.len() - start.len()));
        if !MAGIC.starts_with(&start) {
            return Err(Failure::from(TalusFileError::NotATalusFile).into());
        }
        if length > IMPORT_BYTES {
            let why = format!("A file has at most {} GiB.", IMPORT_BYTES >> 30);
            return Err(Problem::new("PAYLOAD_TOO_LARGE", why));
        }
        file.write_all(&piece)
            .await
            .map_err(|error| unwritten(&error))?;
    }
    file.flush().await.map_err(|error| unwritten(&error))?;
    let path = path.to_string_lossy().into_owned();
    let Reply::Opened { project, .. } = state.call(Request::ImportProject { path }).await? else {
        return Err(Problem::new("DEFECT", "The project was not made."));
    };
    who.may_see(Some(project))?;
    begin(&state, &who, place, project, WithGraph::default()).await
}

fn unwritten(error: &std::io::Error) -> Problem {
    Problem::new(
        "DISK_FAILED",
        format!("The file could not be written: {error}."),
    )
}
