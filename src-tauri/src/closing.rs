//! How the window leaves: what was typed is committed, the application is closed, then the program ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::{AppHandle, Manager, WebviewWindow};

use crate::desk::Desk;
use crate::window::{MAIN, PlaceFile};

/// How long the page may take to commit what was typed.
const PAGE_WITHIN: Duration = Duration::from_secs(2);
/// How long the application may take to write what it was given. Everything it reported saved is on disk anyway.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// Tells the page, as a browser would that closes it, and then us. The requests it makes in the first are sent
/// before the second.
const SAY_GOODBYE: &str = "window.dispatchEvent(new PageTransitionEvent('pagehide'));
setTimeout(() => window.__TAURI_INTERNALS__.invoke('leave'));";

/// Whether the program is leaving; the second wish to close is no news.
#[derive(Default)]
pub struct Leaving {
    has_begun: AtomicBool,
    is_closing: AtomicBool,
}

/// Begins to leave. Asked for by the window's close button, the system, or a signal.
pub fn begin(app: &AppHandle) {
    if app
        .state::<Leaving>()
        .has_begun
        .swap(true, Ordering::SeqCst)
    {
        return;
    }
    let Some(window) = app.get_webview_window(MAIN) else {
        return app.exit(0);
    };
    app.state::<PlaceFile>().write(&window);
    if let Err(error) = say_goodbye(&window) {
        tracing::warn!(%error, "the page was not told");
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(PAGE_WITHIN).await;
        finish(&app).await;
    });
}

fn say_goodbye(window: &WebviewWindow) -> tauri::Result<()> {
    window.hide()?;
    window.eval(SAY_GOODBYE)
}

/// The page has nothing more to say.
#[tauri::command]
pub async fn leave(app: AppHandle) {
    finish(&app).await;
}

async fn finish(app: &AppHandle) {
    if app
        .state::<Leaving>()
        .is_closing
        .swap(true, Ordering::SeqCst)
    {
        return;
    }
    let desk = app.state::<Desk>();
    if tokio::time::timeout(CLOSE_WITHIN, desk.close())
        .await
        .is_err()
    {
        tracing::error!("the application did not close in time");
    }
    app.exit(0);
}

/// Leaves when the system asks for it.
#[cfg(unix)]
pub async fn on_signal(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::error!("signals are not heard");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    begin(&app);
}

/// Leaves when the console asks for it.
#[cfg(not(unix))]
pub async fn on_signal(app: AppHandle) {
    if tokio::signal::ctrl_c().await.is_ok() {
        begin(&app);
    }
}
