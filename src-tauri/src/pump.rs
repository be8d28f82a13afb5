//! Carries events from the application to the window.

use std::sync::Arc;
use std::time::Duration;

use app::event::Event;
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use crate::desk::Desk;

/// The name under which the window listens.
const EVENT: &str = "event";
/// The window draws once in this time, so more than one message in it is work for nothing.
const FRAME: Duration = Duration::from_millis(16);

/// Sends every event as part of an array: the first at once, those that follow within a frame together.
///
/// Ends with the application. A window that was too slow misses events and finds a gap in the revisions.
pub async fn run(window: AppHandle) {
    let mut events = window.state::<Desk>().events().await;
    let mut next_frame = Instant::now();
    while let Some(first) = wait(&mut events).await {
        tokio::time::sleep_until(next_frame).await;
        let mut batch = vec![first];
        take_waiting(&mut events, &mut batch);
        send(&window, &batch);
        next_frame = Instant::now() + FRAME;
    }
}

async fn wait(events: &mut Receiver<Arc<Event>>) -> Option<Arc<Event>> {
    loop {
        match events.recv().await {
            Ok(event) => return Some(event),
            Err(RecvError::Closed) => return None,
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "the window was too slow for its events")
            }
        }
    }
}

fn take_waiting(events: &mut Receiver<Arc<Event>>, batch: &mut Vec<Arc<Event>>) {
    loop {
        match events.try_recv() {
            Ok(event) => batch.push(event),
            Err(TryRecvError::Lagged(missed)) => {
                tracing::warn!(missed, "the window was too slow for its events")
            }
            Err(TryRecvError::Empty | TryRecvError::Closed) => return,
        }
    }
}

fn send(window: &AppHandle, batch: &[Arc<Event>]) {
    let sent = serde_json::to_string(batch)
        .map_err(tauri::Error::from)
        .and_then(|json| window.emit_str(EVENT, json));
    if let Err(error) = sent {
        tracing::error!(%error, "events did not reach the window");
    }
}
