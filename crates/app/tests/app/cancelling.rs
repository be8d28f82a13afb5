//! What is given up half way leaves nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex};

use app::app::App;
use app::event::Event;
use app::failure::Failure;
use app::reply::Reply;
use app::request::{Request, TaskId};
use graph::command::Command;
use graph::id::FieldId;

use crate::desk::{DEADLINE, Desk, heard, opened, options};

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
    for task in (1..100).map(TaskId) {
        app.call(Request::Cancel { task }).await.unwrap();
    }
    tokio::task::yield_now().await;
}

/// Whether it was, and not done before anybody could: then it is there, and is to be asked for again.
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
    let mut before = desk.snapshot(project).await;
    while !is_cancelled(cancelled(&desk.app, attach.clone()).await) {
        before = desk.snapshot(project).await;
    }
    assert_eq!(desk.snapshot(project).await, before);

    let export = |path: &str| Request::ExportProject {
        project,
        path: path.to_owned(),
    };
    while !is_cancelled(cancelled(&desk.app, export(&target)).await) {
        std::fs::remove_file(&target).unwrap();
    }
    let left = std::fs::read_dir(desk.folder.path()).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name());
    assert!(
        left.into_iter()
            .all(|name| !name.to_string_lossy().contains("talus"))
    );

    desk.call(export(&target)).await;
    let mut projects = 1;
    for request in [
        Request::ImportProject { path: target },
        Request::DuplicateProject {
            project,
            name: "A copy".to_owned(),
        },
    ] {
        while !is_cancelled(cancelled(&desk.app, request.clone()).await) {
            projects += 1;
        }
        assert_eq!(desk.projects().await.len(), projects);
    }

    let open = Request::OpenProject { project };
    desk.call(Request::CloseProject { project }).await;
    while !is_cancelled(cancelled(&desk.app, open.clone()).await) {
        desk.call(Request::CloseProject { project }).await;
    }
    assert!(desk.started().await.reopen != Some(project));
    desk.open(project).await;
    assert_eq!(desk.snapshot(project).await.nodes, before.nodes);
}

async fn restore_of_a_new_project(desk: &Desk) -> Request {
    let project = desk.create("blank", false).await;
    desk.call(Request::BackUp).await;
    let Reply::Backups { backups } = desk.call(Request::ListBackups { project }).await else {
        panic!("no backups")
    };
    Request::RestoreBackup {
        project,
        backup: backups[0].name.clone(),
    }
}

#[tokio::test]
async fn a_restore_that_is_cancelled_leaves_no_project() {
    let desk = Desk::new().await;
    let restore = restore_of_a_new_project(&desk).await;
    let mut projects = 1;
    while !is_cancelled(cancelled(&desk.app, restore.clone()).await) {
        projects += 1;
    }
    assert_eq!(desk.projects().await.len(), projects);
    opened(desk.call(restore).await);
    assert_eq!(desk.projects().await.len(), projects + 1);
}

/// It is there, so nobody is told that nothing was changed.
#[tokio::test]
async fn what_was_just_made_is_opened_whatever_is_cancelled() {
    let desk = Desk::new().await;
    let restore = restore_of_a_new_project(&desk).await;
    for projects in 2..6 {
        let mut events = desk.app.events();
        let cancel_once_made = async {
            let is_made = |event: &Event| matches!(event, Event::Projects { .. }).then_some(());
            heard(&mut events, is_made).await;
            loop {
                cancel_all(&desk.app).await;
            }
        };
        let restored = tokio::select! {
            answer = desk.app.call(restore.clone()) => answer,
            () = cancel_once_made => unreachable!("it goes on"),
        };
        opened(restored.unwrap());
        assert_eq!(desk.projects().await.len(), projects);
    }
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

/// What a project does itself is told of while it lasts, and so is what waits for it; neither is given up half way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_takes_long_is_told_of_and_done() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), &Arc::default());
    // Whoever looks at the clock waits while it is held, so the project takes as long as the test wants.
    let held = Arc::new((Mutex::new(false), Condvar::new()));
    let (clock, at) = (Arc::clone(&held), options.clock);
    options.clock = Arc::new(move || {
        let (is_held, released) = &*clock;
        let is_held = is_held.lock().unwrap();
        drop(released.wait_timeout_while(is_held, DEADLINE, |held| *held));
        at()
    });
    let hold = |now: bool| {
        *held.0.lock().unwrap() = now;
        held.1.notify_all();
    };
    let app = App::start(options).await.unwrap();
    let create = Request::CreateProject {
        template: "blank".to_owned(),
        name: "Slow".to_owned(),
        sample: true,
    };
    let project = opened(app.call(create).await.unwrap());
    let mut events = app.events();
    hold(true);
    let command = Command::SetProject {
        name: Some("Slower".to_owned()),
        currency: None,
    };
    let changes = async {
        let change = app.call(Request::Apply { project, command });
        tokio::join!(change, app.call(Request::Undo { project }))
    };
    let watch = async {
        let mut labels = BTreeSet::new();
        while labels.len() < 2 {
            let (task, label) = heard(&mut events, |event| match event {
                Event::Progress {
                    can_cancel: true, ..
                } => panic!("{event:?}"),
                Event::Progress { task, label, .. } => Some((*task, label.clone())),
                _ => None,
            })
            .await;
            app.call(Request::Cancel { task }).await.unwrap();
            labels.insert(label);
        }
        hold(false);
        labels
    };
    let ((changed, undone), labels) = tokio::join!(changes, watch);
    assert_eq!(Vec::from_iter(labels), ["Changing the project", "Undoing"]);
    changed.unwrap();
    undone.unwrap();
    for _ in 0..2 {
        let ended = |event: &Event| matches!(event, Event::Ended { .. }).then_some(());
        heard(&mut events, ended).await;
    }
    app.close().await.unwrap();
}
