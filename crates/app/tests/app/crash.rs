//! A defect inside a project closes that project alone.

use std::collections::BTreeSet;

use app::app::{App, Options};
use app::event::Event;
use app::request::{ProjectId, Request};
use graph::StoredDocument;
use graph::command::Command;

use crate::desk::{Desk, content, heard};

#[tokio::test]
async fn a_panic_closes_its_project_with_a_report_and_what_was_stored_stays() {
    let desk = Desk::new().await;
    let (broken, other) = (
        desk.create("blank", false).await,
        desk.create("blank", false).await,
    );
    desk.add_root(broken, "Kept").await;
    let before = desk.snapshot(broken).await;
    let mut events = desk.app.events();
    desk.app.plant_defect(broken).await.unwrap();
    let report = heard(&mut events, |event| match event {
        Event::Crashed { project, report } if *project == broken => Some(report.clone()),
        _ => None,
    });
    assert!(report.await.contains("a planted defect"));
    assert_eq!(
        desk.refused(Request::Snapshot { project: broken })
            .await
            .code,
        "PROJECT_CRASHED"
    );
    desk.add_root(other, "Goes on").await;

    desk.open(broken).await;
    assert_eq!(content(desk.snapshot(broken).await), content(before));
    desk.add_root(broken, "Goes on too").await;
    desk.restart().await;
}

#[tokio::test]
async fn a_directory_is_used_by_one_application() {
    let desk = Desk::new().await;
    let second = App::start(Options::new(desk.folder.path().join("data"))).await;
    let refused = second.map(|_| ()).expect_err("it is in use");
    assert_eq!(app::failure::Failure::from(refused).code, "ALREADY_RUNNING");
}

#[tokio::test]
async fn what_was_written_survives_an_application_that_ends_without_closing() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let mut events = desk.app.events();
    let node = desk.add_root(project, "Kept").await;
    heard(&mut events, |event| match event {
        Event::Saving {
            state: app::event::SaveState::Saved { .. },
        } => Some(()),
        _ => None,
    })
    .await;
    let before = desk.snapshot(project).await;
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&desk.folder.path().join("data"), &copy.path().join("data"));

    let app = App::start(Options::new(copy.path().join("data")))
        .await
        .unwrap();
    let open = app.call(Request::OpenProject { project }).await;
    assert!(open.is_ok(), "{open:?}");
    let app::reply::Reply::Snapshot(after) = app.call(Request::Snapshot { project }).await.unwrap()
    else {
        panic!("no snapshot")
    };
    crate::desk::row(&after, node);
    assert_eq!(content(*after), content(before));
    app.close().await.unwrap();
}

#[tokio::test]
async fn an_actor_is_reused_after_a_clean_end_and_never_in_a_copy() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    desk.add_root(project, "First").await;
    let once = actors(&desk.app, project, &desk.path("once.talus")).await;
    let desk = desk.restart().await;
    desk.open(project).await;
    desk.add_root(project, "Second").await;
    let again = actors(&desk.app, project, &desk.path("again.talus")).await;
    assert_eq!(again, once);
    desk.app.close().await.unwrap();

    let copy = tempfile::tempdir().unwrap();
    copy_folder(&desk.folder.path().join("data"), &copy.path().join("data"));
    for expected in [1, 1] {
        let app = App::start(Options::new(copy.path().join("data")));
        let app = app.await.unwrap();
        app.call(Request::OpenProject { project }).await.unwrap();
        let command = Command::SetProject {
            name: None,
            currency: Some("USD".to_owned()),
        };
        let edit = Request::Apply { project, command };
        app.call(edit).await.unwrap();
        let path = copy.path().join("copy.talus");
        let there = actors(&app, project, path.to_str().unwrap()).await;
        assert_eq!(there.difference(&once).count(), expected);
        app.close().await.unwrap();
    }
}

/// Everybody who wrote in a project, by Automerge actor.
async fn actors(app: &App, project: ProjectId, path: &str) -> BTreeSet<String> {
    let export = Request::ExportProject {
        project,
        path: path.to_owned(),
    };
    app.call(export).await.unwrap();
    let mut file = std::fs::File::open(path).unwrap();
    let content = app::talus_file::read(&mut file, &mut |_| Ok(())).unwrap();
    let stored = |bytes| StoredDocument {
        snapshot: Some(bytes),
        changes: Vec::new(),
    };
    let (graph, _) =
        graph::Project::load(stored(content.project), stored(content.comments)).unwrap();
    let authors = graph.view().frame().authors.keys();
    authors.map(ToString::to_string).collect()
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
