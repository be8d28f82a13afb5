//! Who this installation is for others, and where its key is.

use std::path::{Path, PathBuf};

use app::reply::Reply;
use app::request::{ProjectId, Request};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use store::Store;

use crate::desk::Desk;
use crate::sharing::{free_address, invitation, sharing, two};

/// All files of a folder and of those in it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .flat_map(|entry| match entry.file_type().unwrap().is_dir() {
            true => files(&entry.path()),
            false => vec![entry.path()],
        })
        .collect()
}

fn key_file(desk: &Desk) -> PathBuf {
    desk.folder.path().join("data").join("device.secret")
}

/// How a secret may look in a text or a file.
pub(crate) fn looks(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = |digits: &dyn Fn(&u8) -> String| secret.iter().map(digits).collect::<String>();
    vec![
        secret.to_vec(),
        hex(&|byte| format!("{byte:02x}")).into_bytes(),
        hex(&|byte| format!("{byte:02X}")).into_bytes(),
        format!("{secret:?}").trim_matches(['[', ']']).into(),
        STANDARD.encode(secret).trim_end_matches('=').into(),
        URL_SAFE_NO_PAD.encode(secret).into_bytes(),
    ]
}

pub(crate) fn has(content: &[u8], looks: &[Vec<u8>]) -> bool {
    let mut looks = looks.iter();
    looks.any(|look| content.windows(look.len()).any(|window| window == look))
}

/// The device that this installation is in a project, if it is a member.
async fn me(desk: &Desk, project: ProjectId) -> Option<String> {
    let reply = desk.call(Request::ReadMembers { project }).await;
    let Reply::Members { members } = reply else {
        panic!("{reply:?}");
    };
    let mut devices = members.expect("it is shared").devices.into_iter();
    devices.find(|it| it.is_me).map(|it| it.device)
}

#[tokio::test]
async fn an_installation_is_the_same_device_after_a_restart_and_another_without_its_key() {
    let address = free_address().await;
    let ana = Desk::shared().await;
    let project = ana.create("book", true).await;
    invitation(&ana, project).await;
    let before = me(&ana, project).await;
    assert!(before.is_some());
    let ana = ana.restart_shared(address).await;
    ana.open(project).await;
    assert_eq!(me(&ana, project).await, before);
    let nodes = ana.snapshot(project).await.nodes.len();
    let path = key_file(&ana);
    let closed = ana.closed().await;
    std::fs::remove_file(path).unwrap();
    let ana = closed.open_shared(address).await;
    ana.open(project).await;
    assert_eq!(me(&ana, project).await, None);
    assert_eq!(ana.snapshot(project).await.nodes.len(), nodes);
}

#[tokio::test]
async fn the_key_is_in_its_file_and_nowhere_else() {
    let two = two().await;
    let secret = std::fs::read(key_file(&two.ana)).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::metadata(key_file(&two.ana)).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
    }
    let parts: Vec<Vec<u8>> = [&secret[1..33], &secret[33..65]]
        .into_iter()
        .flat_map(looks)
        .collect();
    two.ana.call(Request::BackUp).await;
    let path = two.ana.path("changes.tallybundle");
    let export = Request::ExportBundle {
        project: two.at_anas,
        path: path.clone(),
        since: None,
    };
    two.ana.call(export).await;
    let path = two.ana.path("project.talus");
    let export = Request::ExportProject {
        project: two.at_anas,
        path,
    };
    two.ana.call(export).await;
    let text = invitation(&two.ana, two.at_anas).await;
    assert!(!has(text.as_bytes(), &parts));
    let shown = format!("{:?}", sharing(&two.ana, two.at_anas).await);
    assert!(!has(shown.as_bytes(), &parts));
    let folder = two.ana.folder.path().to_owned();
    let mut seen = 0;
    for desk in [&two.ana, &two.ben] {
        for path in files(desk.folder.path()) {
            let content = std::fs::read(&path).unwrap();
            let is_key = path == folder.join("data").join("device.secret");
            assert_eq!(has(&content, &parts), is_key, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 6);
}

#[tokio::test]
async fn an_installation_from_before_there_were_keys_goes_on_as_another_device() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let node = desk.add_root(project, "Kept").await;
    let closed = desk.closed().await;
    let store = closed.store();
    store
        .set_setting("identity.device", Some(&"ab".repeat(32)))
        .unwrap();
    store.close(crate::desk::DEADLINE).unwrap();
    drop(store);
    let desk = closed.open().await;
    desk.open(project).await;
    crate::desk::row(&desk.snapshot(project).await, node);
    let closed = desk.closed().await;
    assert_eq!(closed.store().setting("identity.device").unwrap(), None);
}
