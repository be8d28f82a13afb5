//! What is given up half way leaves nothing.

use app::app::App;
use app::failure::Failure;
use app::reply::Reply;
use app::request::{Request, TaskId};
use graph::id::FieldId;

use crate::desk::{Desk, opened};

/// Asks, and cancels everything that is under way at once and again, until the answer comes.
async fn cancelled(app: &App, request: Request) -> Result<Reply, Failure> {
    let call = app.call(request);
    tokio::pin!(call);
    loop {
        tokio::select! {
            biased;
            answer = &mut call => return answer,
            () = cancel_all(app) => {}
        }
    }
}

async fn cancel_all(app: &App) {
    for task in (1..30).map(TaskId) {
        app.call(Request::Cancel { task }).await.unwrap();
    }
    tokio::task::yield_now().await;
}

fn is_cancelled(answer: Result<Reply, Failure>) -> bool {
    match answer {
        Ok(_) => false,
        Err(failure) if failure.code == "CANCELLED" => true,
        Err(failure) => panic!("{failure:?}"),
    }
}

#[tokio::test]
async fn what_is_cancelled_leaves_nothing() {
    let desk = Desk::new().await;
    let project = desk.create("software-delivery", true).await;
    let node = desk.add_root(project, "With a file").await;
    let (file, target) = (desk.path("a.bin"), desk.path("a.talus"));
    std::fs::write(&file, vec![7; 300_000]).unwrap();
    let attach = Request::AttachFile {
        project,
        node,
        field: FieldId::from("attachments"),
        path: file,
    };
    let before = desk.snapshot(project).await;
    assert!(is_cancelled(cancelled(&desk.app, attach).await));
    assert_eq!(desk.snapshot(project).await, before);

    let export = |path: &str| Request::ExportProject {
        project,
        path: path.to_owned(),
    };
    assert!(is_cancelled(cancelled(&desk.app, export(&target)).await));
    let left = std::fs::read_dir(desk.folder.path()).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name());
    assert!(
        left.into_iter()
            .all(|name| !name.to_string_lossy().contains("talus"))
    );

    desk.call(export(&target)).await;
    for request in [
        Request::ImportProject { path: target },
        Request::DuplicateProject {
            project,
            name: "A copy".to_owned(),
        },
    ] {
        assert!(is_cancelled(cancelled(&desk.app, request).await));
        assert_eq!(desk.projects().await.len(), 1);
    }

    desk.call(Request::CloseProject { project }).await;
    assert!(is_cancelled(
        cancelled(&desk.app, Request::OpenProject { project }).await
    ));
    assert_eq!(desk.started().await.reopen, None);
    desk.open(project).await;
    assert_eq!(desk.snapshot(project).await.nodes, before.nodes);
}

#[tokio::test]
async fn a_restore_that_is_cancelled_leaves_no_project() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    desk.call(Request::BackUp).await;
    let Reply::Backups { backups } = desk.call(Request::ListBackups { project }).await else {
        panic!("no backups")
    };
    let restore = Request::RestoreBackup {
        project,
        backup: backups[0].name.clone(),
    };
    assert!(is_cancelled(cancelled(&desk.app, restore.clone()).await));
    assert_eq!(desk.projects().await.len(), 1);
    opened(desk.call(restore).await);
    assert_eq!(desk.projects().await.len(), 2);
}

/// Cancelling what is over, or was never there, is no fault.
#[tokio::test]
async fn there_need_be_nothing_to_cancel() {
    let desk = Desk::new().await;
    cancel_all(&desk.app).await;
    desk.create("blank", false).await;
    cancel_all(&desk.app).await;
    assert_eq!(desk.projects().await.len(), 1);
}
