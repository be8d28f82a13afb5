//! The program itself: how large it is, and how soon it is there.

use std::time::Instant;

use tempfile::TempDir;

use super::Report;
use crate::{
    client::{connect, room},
    load,
    process::stripped_bytes,
    servers::{Kind, Server, program},
    workload::Workload,
};

const STORED_ROOMS: u32 = 10_000;
const STARTS: u32 = 9;

impl Report {
    pub fn program(&mut self) {
        let megabytes = stripped_bytes(&program()) as f64 / 1e6;
        self.line(
            "tally-relay, as it is packed",
            "MB",
            &[megabytes],
            Some(20.0),
            None,
            None,
        );

        let dir = TempDir::new().unwrap();
        let rooms = STORED_ROOMS;
        let server = Server::start(Kind::Program, dir.path());
        let filled = load::start(&server, &Workload::Fill { rooms, frames: 1 });
        assert_eq!(filled.edits, u64::from(rooms));
        // Killed, with all that in the database's log; the others end in good order.
        drop(server);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (mut listens, mut greets) = (vec![], vec![]);
        for number in 0..=STARTS {
            let begin = Instant::now();
            let server = Server::start(Kind::Program, dir.path());
            listens.push(begin.elapsed().as_secs_f64() * 1e3);
            let room = room(number);
            runtime.block_on(connect(server.kind, &server.address, &room, number));
            greets.push(begin.elapsed().as_secs_f64() * 1e3);
            server.end();
        }
        let id = "start with 10,000 stored rooms, until it listens";
        self.line(id, "ms", &listens[1..], Some(100.0), None, None);
        let id = "the same, until the first is greeted in one of them";
        self.line(id, "ms", &greets[1..], Some(100.0), None, None);
        let id = "start after kill -9 just when 10,000 rooms were stored";
        self.line(id, "ms", &listens[..1], None, None, None);
    }
}
