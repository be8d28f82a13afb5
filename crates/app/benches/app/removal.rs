//! How long somebody who is removed is still there: until neither end has a link and the removed one knows.

use std::time::Instant;

use app::app::App;
use app::members::{MemberRole, Members};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::{LinkState, Status};

use super::sharing::Desk;
use super::{Measured, Runs, make, ms};

const ROUNDS: usize = 9;

const TARGET_MS: f64 = 1_000.0;

pub async fn measure(measured: &mut Vec<Measured>) {
    let ana = Desk::with(&make(10)).await;
    let invitation = ana.invitation(&[]).await;
    let (ben, _) = Desk::joined(&invitation, 10).await;
    let members = members(&ben.app, ben.project).await;
    let me = members.devices.into_iter().find(|it| it.is_me);
    let device = me.expect("he has joined").device;
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        ana.stands(|it| matches!(it, Status::Live { .. })).await;
        ben.stands(|it| matches!(it, Status::Live { .. })).await;
        let began = Instant::now();
        let remove = Request::RemoveMember {
            project: ana.project,
            device: device.clone(),
        };
        ana.app.call(remove).await.unwrap();
        tokio::join!(is_cut(&ana), is_cut(&ben));
        is_out(&ben).await;
        took.push(ms(began));
        let again = Request::ReadmitMember {
            project: ana.project,
            device: device.clone(),
            role: MemberRole::Editor,
        };
        ana.app.call(again).await.unwrap();
        let project = ben.project;
        ben.app.call(Request::SyncNow { project }).await.unwrap();
    }
    ben.close().await;
    ana.close().await;
    measured.push(Runs(took).of(
        "removal to cut-off at both ends",
        "10",
        "ms",
        Some(TARGET_MS),
    ));
}

async fn members(app: &App, project: ProjectId) -> Members {
    match app.call(Request::ReadMembers { project }).await.unwrap() {
        Reply::Members { members } => members.expect("it is shared"),
        other => panic!("{other:?}"),
    }
}

/// No link is up.
async fn is_cut(desk: &Desk) {
    let mut events = desk.app.events();
    let project = desk.project;
    loop {
        let Reply::Links { links } = desk.app.call(Request::ReadLinks { project }).await.unwrap()
        else {
            panic!("no links")
        };
        if !links
            .iter()
            .any(|it| matches!(it.state, LinkState::Up { .. }))
        {
            return;
        }
        // It may have lagged; what matters is that something has happened.
        let _ = events.recv().await;
    }
}

/// It knows that it is no member.
async fn is_out(desk: &Desk) {
    let mut events = desk.app.events();
    while members(&desk.app, desk.project).await.role.is_some() {
        let _ = events.recv().await;
    }
}
