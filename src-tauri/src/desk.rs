//! The application as the window sees it.

use app::batches::Batches;
use app::failure::Failure;
use app::threshold::Threshold;
use tauri::State;
use tauri::ipc::Response;
use tokio::sync::RwLock;

/// The application behind the window.
pub struct Desk {
    app: Threshold,
    /// A request holds it for reading, so that closing waits for those which have begun.
    gate: RwLock<()>,
}

impl Desk {
    /// Takes the application into its care.
    pub fn new(app: Threshold) -> Self {
        let gate = RwLock::default();
        Self { app, gate }
    }

    /// Everything that happens, once a passphrase was given if one is needed.
    pub async fn batches(&self) -> Batches {
        self.app.batches().await
    }

    /// Gives the application what a later launch or the system wants opened.
    pub fn hand_over(&self, arguments: Vec<String>) {
        self.app.hand_over(arguments);
    }

    /// Closes the application: what it was asked before is on disk when this returns.
    ///
    /// If the disk takes no writes this fails, and the application goes on.
    pub async fn close(&self) -> Result<(), Failure> {
        let _alone = self.gate.write().await;
        self.app.close().await
    }
}

/// The one command: a [`Request`](app::request::Request) as JSON, answered with `{ok: Reply}` or `{failed: Failure}`.
///
/// The answer travels as raw bytes: a large snapshot as a JSON value would be escaped and parsed twice.
#[tauri::command]
pub async fn rpc(request: String, desk: State<'_, Desk>) -> Result<Response, ()> {
    let _open = desk.gate.read().await;
    Ok(Response::new(desk.app.call_json(request.as_bytes()).await))
}
