//! The application as the window sees it.

use std::path::PathBuf;

use app::batches::Batches;
use app::failure::Failure;
use app::threshold::Threshold;
use tauri::State;
use tauri::ipc::Response;
use tokio::sync::RwLock;

use crate::programs::Programs;

/// The application behind the window.
pub struct Desk {
    app: Threshold,
    programs: Programs,
    /// A request holds it for reading, so that closing waits for those which have begun.
    gate: RwLock<()>,
}

impl Desk {
    /// Takes the application into its care. The folder is the data directory.
    pub fn new(app: Threshold, folder: PathBuf) -> Self {
        Self {
            app,
            programs: Programs::new(folder),
            gate: RwLock::default(),
        }
    }

    /// Lets programs of this machine in while the settings say so, from when the application is open until it ends.
    pub async fn let_programs_in(&self) {
        self.programs.follow(self.app.app().await).await;
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
        self.app.stop_asking();
        let _alone = self.gate.write().await;
        self.programs.close().await;
        let closed = self.app.close().await;
        if closed.is_err() {
            self.programs.suit(&self.app.app().await).await;
        }
        closed
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
