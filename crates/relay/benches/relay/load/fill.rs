//! Rooms that have something in them, and nobody.

use futures_util::stream::{self, StreamExt};

use super::{Goal, idle::AT_ONCE};
use crate::{
    client::{Pen, connect, receive, room, send},
    workload::Found,
};

pub async fn run(goal: Goal, rooms: u32) -> Found {
    let fill = async |number: u32| {
        let room = room(number);
        let mut web = connect(goal.kind, &goal.address, &room, number).await;
        send(&mut web, Pen::new(&room, number, 137).write(1)).await;
        // Its membership, its vector, and that the frame is durable.
        loop {
            let message = receive(&mut web).await;
            if let Ok(sync::Message::Ack(_)) = sync::Message::decode(message) {
                return;
            }
        }
    };
    let filled = stream::iter(0..rooms).map(fill).buffer_unordered(AT_ONCE);
    Found {
        edits: filled.count().await as u64,
        ..Found::default()
    }
}
