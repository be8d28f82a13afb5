//! `kill -9` the moment a second client has an edit.

use std::time::Duration;

use tempfile::TempDir;

use crate::{
    client::{Pen, connect, receive, room, send, tags},
    report::Report,
    servers::{Kind, Server},
};

/// For what is there to be read.
pub const PATIENCE: Duration = Duration::from_secs(5);

pub fn measure(report: &mut Report, times: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let lost = runtime.block_on(async {
        let dir = TempDir::new().unwrap();
        let mut lost = 0;
        for round in 0..times {
            lost += u32::from(!survives(&dir, round).await);
        }
        lost
    });
    let id = format!("lost after kill -9 the moment a second client has it, of {times}");
    report.line(&id, "", &[f64::from(lost)], Some(0.0), None, None);
}

/// Whether a fresh client, who never met the writer, reads the edit after the restart.
async fn survives(dir: &TempDir, round: u32) -> bool {
    let room = room(round);
    let mut pen = Pen::new(&room, 1, 137);
    let frame_kind = Pen::new(&room, 1, 137).write(0)[0];
    let mut server = Server::start(Kind::Relay, dir.path());
    let mut second = connect(Kind::Relay, &server.address, &room, 2).await;
    let mut writer = connect(Kind::Relay, &server.address, &room, 1).await;
    let tag = u64::from(round) + 1;
    send(&mut writer, pen.write(tag)).await;
    while !has(&receive(&mut second).await, frame_kind, tag) {}
    server.process.kill().unwrap();
    server.process.wait().unwrap();

    let server = Server::start(Kind::Relay, dir.path());
    let mut fresh = connect(Kind::Relay, &server.address, &room, 3).await;
    let reads = async { while !has(&receive(&mut fresh).await, frame_kind, tag) {} };
    tokio::time::timeout(PATIENCE, reads).await.is_ok()
}

fn has(message: &bytes::Bytes, frame_kind: u8, wanted: u64) -> bool {
    let mut has = false;
    tags(message, frame_kind, |tag| has |= tag == wanted);
    has
}
