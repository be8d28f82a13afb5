//! How the window leaves: what was typed is committed, the application is closed, then the program ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::failure::Failure;
use tauri::{AppHandle, Manager, WebviewWindow};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};

use crate::desk::Desk;
use crate::window::{MAIN, PlaceFile};

/// How long the page may take to commit what was typed.
const PAGE_WITHIN: Duration = Duration::from_secs(2);

/// Tells the page, as a browser does that closes it, and then us. The requests that it makes in the first are sent
/// before the second.
const SAY_GOODBYE: &str = "window.dispatchEvent(new PageTransitionEvent('pagehide'));
setTimeout(() => window.__TAURI_INTERNALS__.invoke('leave'));";

/// How far leaving has come. Wishing it twice is no news.
#[derive(Default)]
pub struct Leaving {
    has_begun: AtomicBool,
    page_is_done: AtomicBool,
}

/// Begins to leave: the window's close button, the system or a signal wants it.
pub fn begin(app: &AppHandle) {
    if app
        .state::<Leaving>()
        .has_begun
        .swap(true, Ordering::SeqCst)
    {
        return;
    }
    let Some(window) = app.get_webview_window(MAIN) else {
        return finish_soon(app);
    };
    app.state::<PlaceFile>().write(&window);
    if let Err(error) = say_goodbye(&window) {
        tracing::warn!(%error, "the page was not told");
        return finish_soon(app);
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

fn finish_soon(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move { finish(&app).await });
}

async fn finish(app: &AppHandle) {
    if app
        .state::<Leaving>()
        .page_is_done
        .swap(true, Ordering::SeqCst)
    {
        return;
    }
    match app.state::<Desk>().close().await {
        Ok(()) => app.exit(0),
        Err(failure) => ask_to_stay(app, &failure),
    }
}

/// What is only in memory would be lost; that is for the person to decide.
fn ask_to_stay(app: &AppHandle, failure: &Failure) {
    tracing::error!(code = failure.code, "not everything is saved");
    let (stay, quit) = ("Keep it open".to_owned(), "Quit and lose them".to_owned());
    let question = app
        .dialog()
        .message(format!(
            "Your last edits are not saved. {}",
            failure.message
        ))
        .title("Talus Tally")
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::OkCancelCustom(stay, quit));
    let app = app.clone();
    question.show(move |stays| if stays { come_back(&app) } else { app.exit(1) });
}

fn come_back(app: &AppHandle) {
    let leaving = app.state::<Leaving>();
    leaving.page_is_done.store(false, Ordering::SeqCst);
    leaving.has_begun.store(false, Ordering::SeqCst);
    let shown = app.get_webview_window(MAIN).map(|window| window.show());
    if let Some(Err(error)) = shown {
        tracing::error!(%error, "the window does not come back");
    }
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
    loop {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        begin(&app);
    }
}

/// Leaves when the console asks for it.
#[cfg(not(unix))]
pub async fn on_signal(app: AppHandle) {
    while tokio::signal::ctrl_c().await.is_ok() {
        begin(&app);
    }
}
