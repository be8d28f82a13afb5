//! Writing changes of a project as a file, to be carried to somebody.

use std::path::Path;

use sync::Vector;

use crate::app::Inner;
use crate::bundle_file;
use crate::failure::Failure;
use crate::files;
use crate::progress::long;
use crate::project::{Answer, Ask};
use crate::reply::Reply;
use crate::request::ProjectId;

/// Everything, or what one machine lacked when that was last known. Attachments are not in it: they come from whoever has
/// them once there is a link.
pub(super) async fn call(
    app: &Inner,
    project: ProjectId,
    path: String,
    since: Option<String>,
) -> Result<Reply, Failure> {
    super::room_of(app, project).await?;
    let since = match since {
        Some(device) => {
            let device = bundle_file::chosen(&device)?;
            let (mut known, _) = app.acquaintances(project).await?;
            let known = known.remove(&device).ok_or_else(bundle_file::unknown)?;
            known.holds
        }
        None => Vector::new(),
    };
    let label = format!("Writing {}", files::shown(&path));
    let written = long(&app.world, label, |progress| async move {
        let packed = match app.door(project)?.ask(Ask::Bundle(since)).await? {
            Answer::Bundle(packed) => *packed,
            _ => unreachable!("asking for a bundle is answered by one"),
        };
        progress.commit()?;
        let write = app
            .world
            .blocking(move |world| bundle_file::write(&*world.store, packed, Path::new(&path)));
        write.await
    });
    let (packets, size_bytes) = written.await?;
    Ok(Reply::Bundled {
        packets: u32::try_from(packets).unwrap_or(u32::MAX),
        size_bytes,
    })
}
