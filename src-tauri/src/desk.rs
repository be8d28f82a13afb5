//! The application as the window sees it: it answers requests until the window leaves.

use app::failure::Failure;
use app::reply::Reply;
use serde::Serialize;
use tauri::State;
use tauri::ipc::Response;
use tokio::sync::RwLock;

use crate::app_stub::App;

/// The application, or nothing once it is closed.
///
/// A request holds the lock for reading, so that closing waits for those which have begun.
pub struct Desk(RwLock<Option<App>>);

impl Desk {
    /// Takes the application into its care.
    pub fn new(app: App) -> Self {
        Self(RwLock::new(Some(app)))
    }

    /// Gives the application what a later launch or the system wants opened.
    pub async fn hand_over(&self, arguments: Vec<String>) {
        if let Some(app) = &*self.0.read().await {
            app.hand_over(arguments);
        }
    }

    /// Closes the application: what it was asked before is on disk when this returns.
    pub async fn close(&self) {
        if let Some(app) = self.0.write().await.take() {
            app.close().await;
        }
    }

    async fn answer(&self, request: &str) -> Result<Reply, Failure> {
        let request = serde_json::from_str(request).map_err(|error| {
            failure(
                "REQUEST_MALFORMED",
                "The window asked for something unknown.",
                &error,
            )
        })?;
        match &*self.0.read().await {
            Some(app) => app.call(request).await,
            None => Err(failure("CLOSING", "Talus Tally is closing.", &"")),
        }
    }
}

/// The one command: a [`Request`](app::request::Request) as JSON, answered with `{ok: Reply}` or `{failed: Failure}`.
///
/// The answer travels as raw bytes: a large snapshot as a JSON value would be escaped and parsed twice.
#[tauri::command]
pub async fn rpc(request: String, desk: State<'_, Desk>) -> Result<Response, String> {
    let answer = match desk.answer(&request).await {
        Ok(reply) => Answer::Ok(reply),
        Err(failure) => Answer::Failed(failure),
    };
    serde_json::to_vec(&answer)
        .map(Response::new)
        .map_err(|error| error.to_string())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Answer {
    Ok(Reply),
    Failed(Failure),
}

fn failure(code: &str, message: &str, detail: &dyn std::fmt::Display) -> Failure {
    Failure {
        code: code.to_owned(),
        message: message.to_owned(),
        detail: Some(detail.to_string()),
    }
}
