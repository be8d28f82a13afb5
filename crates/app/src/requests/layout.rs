//! What a window wants to find again: fold state, columns, panes.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;

/// A larger layout is refused.
const MAX_BYTES: usize = 1 << 20;

/// Remembers a layout.
pub(super) async fn put(
    app: &Inner,
    project: Option<ProjectId>,
    layout: String,
) -> Result<Reply, Failure> {
    if layout.len() > MAX_BYTES {
        return Err(Failure::new(
            "TOO_LONG",
            format!(
                "The layout has {} bytes; at most {MAX_BYTES} are kept.",
                layout.len()
            ),
        ));
    }
    let keep = app
        .world
        .blocking(move |world| world.store.set_setting(&key(project), Some(&layout)));
    keep.await?;
    Ok(Reply::Done)
}

/// What was remembered.
pub(super) async fn read(app: &Inner, project: Option<ProjectId>) -> Result<Reply, Failure> {
    let read = app
        .world
        .blocking(move |world| world.store.setting(&key(project)));
    Ok(Reply::Layout {
        layout: read.await?,
    })
}

/// The setting that holds the layout.
pub(super) fn key(project: Option<ProjectId>) -> String {
    match project {
        Some(project) => format!("layout.{}", project.0),
        None => "layout".to_owned(),
    }
}
