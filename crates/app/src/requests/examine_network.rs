//! Why others are not found or not reached.

use discovery::Interfaces;
use discovery::doctor::{Question, Suspect, examine};
use tokio::net::lookup_host;

use crate::address;
use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::rooms;
use crate::settings::Settings;
use crate::sharing::{LinkOrigin, LinkState};
use crate::world::locked;

/// Examines the network, and whoever of a project is not reached or is at the typed address. Takes some seconds.
pub(super) async fn call(
    app: &Inner,
    project: Option<ProjectId>,
    typed: Option<String>,
) -> Result<Reply, Failure> {
    let network = app.network()?;
    let peer = match (typed, project) {
        (Some(typed), _) => Some(at(&typed).await?),
        (None, Some(project)) => unreached(app, project).await?,
        (None, None) => None,
    };
    let settings: Settings = locked(&app.settings).clone();
    let interfaces = match (network.may_discover(), network.is_loopback()) {
        (true, _) => settings.discovery.interfaces(),
        (false, true) => Interfaces::Loopback,
        (false, false) => Interfaces::Off,
    };
    let report = examine(Question {
        interfaces,
        port: Some(network.port()),
        peer,
    });
    let findings = report.report().await.findings;
    Ok(Reply::Examination {
        findings: findings.into_iter().map(Into::into).collect(),
    })
}

/// The machine at an address that somebody typed.
async fn at(typed: &str) -> Result<Suspect, Failure> {
    let address = address::typed(typed)?;
    let found = lookup_host(address.to_string()).await.map_err(|error| {
        Failure::new(
            "NAME_UNKNOWN",
            "No machine of that name is known on this network. Check the spelling, or type its number, such as 192.168.1.7.",
        )
        .with_detail(error)
    })?;
    Ok(Suspect {
        addresses: found.collect(),
        is_seen: false,
    })
}

/// The first way of a project on which nobody is reached.
async fn unreached(app: &Inner, project: ProjectId) -> Result<Option<Suspect>, Failure> {
    let room = app
        .world
        .blocking(move |world| rooms::of(&*world.store, project));
    let Some(room) = room.await? else {
        return Ok(None);
    };
    for link in app.network()?.links(room) {
        let is_waiting = matches!(link.state, LinkState::Waiting { .. } | LinkState::Dialling);
        if is_waiting && let Ok(suspect) = at(&link.address).await {
            let is_seen = link.origin == LinkOrigin::Found;
            return Ok(Some(Suspect { is_seen, ..suspect }));
        }
    }
    Ok(None)
}
