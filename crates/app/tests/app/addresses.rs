//! Where others are looked for, and why they are not reached.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use app::event::Event;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::settings::Settings;
use app::sharing::{LinkOrigin, LinkState, PeerLink};
use relay::{Access, Hosts, Limits, NotRedeemed, Redeemer, StoredRooms};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use trust::DeviceId;
use trust::hosting::{HostingLink, HostingToken};
use trust::key::words_of;

use crate::desk::{Desk, heard, opened};

async fn links(desk: &Desk, project: ProjectId) -> Vec<PeerLink> {
    match desk.call(Request::ReadLinks { project }).await {
        Reply::Links { links } => links,
        other => panic!("{other:?}"),
    }
}

async fn addresses(desk: &Desk) -> Vec<String> {
    match desk.call(Request::ReadNetwork).await {
        Reply::Network(network) => network.addresses,
        other => panic!("{other:?}"),
    }
}

/// An invitation that does not say where anybody is.
async fn silent_invitation(desk: &Desk, project: ProjectId) -> String {
    let text = match desk.call(Request::Invite { project }).await {
        Reply::Invitation { invitation } => invitation.0,
        other => panic!("{other:?}"),
    };
    let mut invitation = trust::invitation::Invitation::read(&text).unwrap();
    invitation.hints.clear();
    invitation.to_text().to_string()
}

/// Ana shares a project and Ben has joined it without knowing where she is.
struct Apart {
    ana: Desk,
    ben: Desk,
    at_anas: ProjectId,
    at_bens: ProjectId,
}

async fn apart() -> Apart {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("book", true).await;
    ana.open(at_anas).await;
    let invitation = silent_invitation(&ana, at_anas).await;
    let at_bens = opened(
        ben.call(Request::JoinProject {
            invitation: invitation.into(),
        })
        .await,
    );
    Apart {
        ana,
        ben,
        at_anas,
        at_bens,
    }
}

fn add(project: ProjectId, address: &str) -> Request {
    Request::AddAddress {
        project,
        address: address.to_owned(),
    }
}

/// Waits until a link of a desk's project is as `is_it` wants it.
async fn link(desk: &Desk, project: ProjectId, is_it: impl Fn(&PeerLink) -> bool) -> PeerLink {
    let mut events = desk.app.events();
    if let Some(link) = links(desk, project).await.into_iter().find(&is_it) {
        return link;
    }
    heard(&mut events, |event| match event {
        Event::Links { links, .. } => links.iter().find(|it| is_it(it)).cloned(),
        _ => None,
    })
    .await
}

fn is_up(link: &PeerLink) -> bool {
    matches!(link.state, LinkState::Up { .. })
}

fn has_trouble(link: &PeerLink) -> bool {
    link.trouble.is_some() && matches!(link.state, LinkState::Waiting { .. })
}

#[tokio::test]
async fn a_typed_address_is_dialled_and_told_of_until_it_is_removed() {
    let apart = apart().await;
    let Apart {
        ana,
        ben,
        at_anas,
        at_bens,
    } = &apart;
    assert_eq!(links(ben, *at_bens).await, []);
    let address = addresses(ana).await.remove(0);
    ben.call(add(*at_bens, &format!(" {address} "))).await;
    let there = link(ben, *at_bens, is_up).await;
    assert_eq!(
        (&there.address, there.origin),
        (&address, LinkOrigin::Typed)
    );
    let here = link(ana, *at_anas, is_up).await;
    assert_eq!(here.origin, LinkOrigin::Visitor);
    assert_eq!(here.trouble, None);
    let remove = Request::RemoveAddress {
        project: *at_bens,
        address,
    };
    ben.call(remove).await;
    let gone = link(ana, *at_anas, |it| {
        matches!(it.state, LinkState::Ended { .. })
    })
    .await;
    assert_eq!(gone.device, here.device);
    assert_eq!(links(ben, *at_bens).await, []);
    // Nor is it dialled after the next start.
    ben.call(Request::CloseProject { project: *at_bens }).await;
    ben.open(*at_bens).await;
    assert_eq!(links(ben, *at_bens).await, []);
}

#[tokio::test]
async fn a_typed_address_is_remembered() {
    let Apart {
        ana, ben, at_bens, ..
    } = apart().await;
    let address = addresses(&ana).await.remove(0);
    ben.call(add(at_bens, &address)).await;
    link(&ben, at_bens, is_up).await;
    let ben = ben.restart_shared("127.0.0.1:0".parse().unwrap()).await;
    ben.open(at_bens).await;
    let again = link(&ben, at_bens, is_up).await;
    assert_eq!(again.address, address);
}

#[tokio::test]
async fn loopback_is_reached_in_ipv6_too() {
    let Apart {
        ana, ben, at_bens, ..
    } = apart().await;
    if TcpListener::bind("[::1]:0").await.is_err() {
        // A machine without IPv6 has nothing to be reached at.
        return;
    }
    let address = addresses(&ana).await.remove(0);
    let (_, port) = address.rsplit_once(':').unwrap();
    ben.call(add(at_bens, &format!("[::1]:{port}"))).await;
    link(&ben, at_bens, is_up).await;
}

#[tokio::test]
async fn why_nobody_is_reached_has_a_code() {
    let Apart {
        ana,
        ben,
        at_bens,
        at_anas,
    } = apart().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = free.local_addr().unwrap().to_string();
    drop(free);
    ben.call(add(at_bens, &nowhere)).await;
    let trouble = link(&ben, at_bens, has_trouble).await.trouble.unwrap();
    assert_eq!(trouble.code, "NOBODY_LISTENS", "{trouble:?}");
    assert!(trouble.detail.unwrap().starts_with(&nowhere));
    let remove = Request::RemoveAddress {
        project: at_bens,
        address: nowhere,
    };
    ben.call(remove).await;

    // She is there, and the project is not open.
    let address = addresses(&ana).await.remove(0);
    ana.call(Request::CloseProject { project: at_anas }).await;
    ben.call(add(at_bens, &address)).await;
    let trouble = link(&ben, at_bens, has_trouble).await.trouble.unwrap();
    assert_eq!(trouble.code, "PROJECT_NOT_THERE");

    // It is opened, and then she leaves.
    ana.open(at_anas).await;
    ben.call(Request::SyncNow { project: at_bens }).await;
    link(&ben, at_bens, is_up).await;
    ana.app.close().await.unwrap();
    let trouble = link(&ben, at_bens, has_trouble).await.trouble.unwrap();
    let expected = [
        "PEER_LEFT",
        "LINK_BROKEN",
        "NOBODY_LISTENS",
        "PROJECT_NOT_THERE",
    ];
    assert!(expected.contains(&trouble.code.as_str()), "{trouble:?}");
}

/// Somebody else, who listens where somebody did.
async fn at(address: &str) -> Desk {
    let closed = Desk::new().await.closed().await;
    closed.open_shared(address.parse().unwrap()).await
}

#[tokio::test]
async fn who_was_found_at_a_typed_address_is_expected_there() {
    let Apart {
        ana, ben, at_bens, ..
    } = apart().await;
    let address = addresses(&ana).await.remove(0);
    ben.call(add(at_bens, &address)).await;
    let found = link(&ben, at_bens, is_up).await.device.unwrap();
    ana.app.close().await.unwrap();
    drop(ana);
    let dora = at(&address).await;
    let is_other = |it: &PeerLink| {
        let trouble = it.trouble.as_ref();
        trouble.is_some_and(|it| it.code == "OTHER_MACHINE")
    };
    ben.call(Request::SyncNow { project: at_bens }).await;
    let words = words_of(&found.parse().unwrap());
    let trouble = link(&ben, at_bens, is_other).await.trouble.unwrap();
    assert!(trouble.message.contains(&words), "{trouble:?}");

    // So it is after a restart.
    let ben = ben.restart_shared("127.0.0.1:0".parse().unwrap()).await;
    ben.open(at_bens).await;
    link(&ben, at_bens, is_other).await;

    // Whoever types it again takes who is there now.
    let remove = Request::RemoveAddress {
        project: at_bens,
        address: address.clone(),
    };
    ben.call(remove).await;
    ben.call(add(at_bens, &address)).await;
    let trouble = link(&ben, at_bens, has_trouble).await.trouble.unwrap();
    assert_eq!(trouble.code, "PROJECT_NOT_THERE");
    drop(dora);
}

#[tokio::test]
async fn who_has_invited_is_expected_where_the_invitation_says() {
    let (ana, ben, dora) = (
        Desk::shared().await,
        Desk::shared().await,
        Desk::shared().await,
    );
    let at_anas = ana.create("blank", false).await;
    let text = crate::sharing::invitation(&ana, at_anas).await;
    let mut invitation = trust::invitation::Invitation::read(&text).unwrap();
    assert_eq!(invitation.hints.len(), 2, "{:?}", invitation.hints);
    let device = invitation.hints[1].strip_prefix('@').unwrap();
    let words = words_of(&device.parse().unwrap());
    invitation.hints[0] = addresses(&dora).await.remove(0);
    let join = Request::JoinProject {
        invitation: invitation.to_text().as_str().into(),
    };
    let at_bens = opened(ben.call(join).await);
    let trouble = link(&ben, at_bens, has_trouble).await.trouble.unwrap();
    assert_eq!(trouble.code, "OTHER_MACHINE");
    assert!(trouble.message.contains(&words), "{trouble:?}");
}

#[tokio::test]
async fn what_is_no_address_is_refused_and_not_kept() {
    let Apart { ben, at_bens, .. } = apart().await;
    let own = addresses(&ben).await.remove(0);
    for (text, code) in [
        ("", "ADDRESS_UNREADABLE"),
        ("not a machine", "ADDRESS_UNREADABLE"),
        ("https://relay.example/", "ADDRESS_IS_LINK"),
        (own.as_str(), "ADDRESS_IS_OWN"),
    ] {
        assert_eq!(ben.refused(add(at_bens, text)).await.code, code, "{text:?}");
    }
    assert_eq!(links(&ben, at_bens).await, []);
    let alone = ben.create("blank", false).await;
    let refused = ben.refused(add(alone, "192.0.2.7")).await;
    assert_eq!(refused.code, "NOT_SHARED");
    let settings = Settings {
        relays: vec!["not a machine".to_owned()],
        ..Settings::default()
    };
    let refused = ben.refused(Request::PutSettings { settings }).await;
    assert_eq!(refused.code, "ADDRESS_UNREADABLE");
    assert_eq!(ben.started().await.settings.relays, [""; 0]);
}

/// The relay of an admin.
struct Admin {
    address: String,
    rooms: Arc<StoredRooms>,
    server: JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

impl Admin {
    async fn serve(change: impl FnOnce(StoredRooms) -> StoredRooms) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = store::open(folder.path()).unwrap();
        let limits = Limits::default();
        let own = relay::Identity::new(&testkit::links::key(200));
        let rooms = Arc::new(change(StoredRooms::new(store, own, limits)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (access, over) = (Access::default(), std::future::pending());
        let server = tokio::spawn(relay::serve(listener, access, limits, rooms.clone(), over));
        Self {
            address,
            rooms,
            server,
            _folder: folder,
        }
    }

    async fn end(self) {
        self.server.abort();
        self.rooms.close(Duration::from_secs(10)).await;
    }
}

/// Puts these relays into the settings, and nothing else.
async fn use_relays(desk: &Desk, relays: &[&str]) {
    let settings = Settings {
        relays: relays.iter().map(|it| (*it).to_owned()).collect(),
        ..Settings::default()
    };
    desk.call(Request::PutSettings { settings }).await;
}

/// Takes one token, and lets who has it host rooms.
struct OneToken(HostingToken);

impl Redeemer for OneToken {
    fn redeem(&self, token: &HostingToken, device: DeviceId) -> Result<Hosts, NotRedeemed> {
        match *token == self.0 {
            true => Ok(Hosts::Owners([device].into())),
            false => Err(NotRedeemed::Unknown),
        }
    }
}

/// The link is all that an owner types. Who is not the owner needs the address alone.
#[tokio::test]
async fn the_link_of_an_admin_has_a_relay_keep_ones_projects() {
    let token = HostingToken::from_bytes(&[9; 32]);
    let redeemer = Arc::new(OneToken(token.clone()));
    let admin = Admin::serve(|rooms| rooms.with_redeemer(redeemer)).await;
    admin.rooms.set_hosts(Hosts::Owners(BTreeSet::new()));
    let Apart {
        ana,
        ben,
        at_anas,
        at_bens,
    } = apart().await;
    for desk in [&ana, &ben] {
        use_relays(desk, &[&admin.address]).await;
    }
    let trouble = link(&ana, at_anas, has_trouble).await.trouble.unwrap();
    assert_eq!(trouble.code, "NOT_PERMITTED");
    assert!(
        trouble
            .detail
            .is_some_and(|it| it.contains("ask whoever runs the relay"))
    );

    let link_with = |token: [u8; 32]| HostingLink {
        address: admin.address.clone(),
        device: testkit::links::key(200).device(),
        token: HostingToken::from_bytes(&token),
    };
    use_relays(&ana, &[]).await;
    use_relays(&ana, &[&link_with([8; 32]).to_text()]).await;
    let trouble = link(&ana, at_anas, has_trouble).await.trouble.unwrap();
    assert!(
        trouble
            .detail
            .is_some_and(|it| it.contains("is not one of this relay"))
    );

    use_relays(&ana, &[&link_with(*token.bytes()).to_text()]).await;
    let up = link(&ana, at_anas, is_up).await;
    assert_eq!(
        (&up.address, up.origin),
        (&admin.address, LinkOrigin::Relay)
    );
    assert_eq!(
        ana.started().await.settings.relays,
        [admin.address.as_str()]
    );
    ben.call(Request::SyncNow { project: at_bens }).await;
    link(&ben, at_bens, is_up).await;
    admin.end().await;
}

/// Two who know nothing of each other but the relay of an admin, which is in the settings of both.
#[tokio::test]
async fn relays_of_the_settings_bring_every_project_together() {
    let admin = Admin::serve(|rooms| rooms).await;

    let Apart {
        ana,
        ben,
        at_anas,
        at_bens,
    } = apart().await;
    for desk in [&ana, &ben] {
        use_relays(desk, &[&admin.address]).await;
    }
    let up = link(&ben, at_bens, is_up).await;
    assert_eq!(
        (&up.address, up.origin),
        (&admin.address, LinkOrigin::Relay)
    );
    link(&ana, at_anas, is_up).await;
    let mut events = ben.app.events();
    while ben.snapshot(at_bens).await.nodes.is_empty() {
        heard(&mut events, |event| {
            matches!(event, Event::Changed(_)).then_some(())
        })
        .await;
    }
    // Taken out of the settings, it is left.
    use_relays(&ben, &[]).await;
    assert_eq!(links(&ben, at_bens).await, []);
    admin.end().await;
}

#[tokio::test]
async fn the_network_doctor_tells_of_a_typed_address() {
    let Apart { ana, ben, .. } = apart().await;
    let examine = |address: &str| Request::ExamineNetwork {
        project: None,
        address: Some(address.to_owned()),
    };
    let address = addresses(&ana).await.remove(0);
    let findings = match ben.call(examine(&address)).await {
        Reply::Examination { findings } => findings,
        other => panic!("{other:?}"),
    };
    let codes: Vec<&str> = findings.iter().map(|it| it.code.as_str()).collect();
    assert!(codes.contains(&"peer-answers"), "{findings:?}");
    assert!(codes.contains(&"discovery-local"), "{findings:?}");
    let unknown = ben.refused(examine("no-such-host.invalid")).await;
    assert_eq!(unknown.code, "NAME_UNKNOWN");
    let alone = Desk::new().await;
    assert_eq!(alone.refused(examine(&address)).await.code, "SHARING_OFF");
}
