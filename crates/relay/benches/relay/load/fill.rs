//! Rooms that have something in them, and nobody.

use futures_util::stream::{self, StreamExt};

use super::{Goal, idle::AT_ONCE};
use crate::{
    client::{Pen, connect, receive, room, send},
    workload::Found,
};

pub async fn run(goal: Goal, rooms: u32, frames: u64) -> Found {
    let fill = async |number: u32| {
        let room = room(number);
        let mut pen = Pen::new(&room, number, 137);
        let mut web = connect(goal.kind, &goal.address, &room, number).await;
        for tag in 1..=frames {
            send(&mut web, pen.write(tag)).await;
        }
        // Its membership, its vector, and at last that all frames are durable.
        loop {
            let message = receive(&mut web).await;
            if let Ok(sync::Message::Ack(durable)) = sync::Message::decode(message)
                && durable.get(&pen.stream()) == frames
            {
                return frames;
            }
        }
    };
    let filled = stream::iter(0..rooms).map(fill).buffer_unordered(AT_ONCE);
    Found {
        edits: filled.fold(0, async |all, frames| all + frames).await,
        ..Found::default()
    }
}
