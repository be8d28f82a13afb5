//! Carries events from the application to the window.

use app::batches::Batch;
use tauri::{AppHandle, Emitter, Manager};

use crate::desk::Desk;

/// The name under which the window listens.
const EVENT: &str = "event";

/// Sends every event as part of an array.
///
/// Ends with the application. A window that was too slow misses events and finds a gap in the revisions.
pub async fn run(window: AppHandle) {
    let mut batches = window.state::<Desk>().batches().await;
    while let Some(batch) = batches.next().await {
        if batch.has_gap {
            tracing::warn!("the window was too slow for its events");
        }
        send(&window, &batch);
    }
}

fn send(window: &AppHandle, batch: &Batch) {
    let sent = batch
        .to_json()
        .map_err(tauri::Error::from)
        .and_then(|json| window.emit_str(EVENT, json));
    if let Err(error) = sent {
        tracing::error!(%error, "events did not reach the window");
    }
}
