//! For whom a file of changes can be made.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::sharing::Acquaintance;

/// Those heard last come first.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let (known, held) = app.acquaintances(project).await?;
    let mut acquaintances: Vec<Acquaintance> = known
        .into_iter()
        .map(|(device, known)| {
            let lacks = held.lacking_in(&known.holds).into_iter();
            let lacks: u64 = lacks.map(|it| it.through + 1 - it.from).sum();
            Acquaintance {
                device: device.to_string(),
                name: known.name,
                at: known.at,
                lacks: u32::try_from(lacks).unwrap_or(u32::MAX),
            }
        })
        .collect();
    acquaintances.sort_by_key(|it| std::cmp::Reverse(it.at));
    Ok(Reply::Acquaintances { acquaintances })
}
