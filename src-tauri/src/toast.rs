//! Messages of the desktop, for when nobody looks at the window.

use app::failure::Failure;

/// Shows a message, or says why the desktop shows none.
#[tauri::command]
pub async fn notify(title: String, body: String) -> Result<(), Failure> {
    let shown = tauri::async_runtime::spawn_blocking(move || show(&title, &body)).await;
    let refused = match shown {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(reason)) => reason,
        Err(error) => error.to_string(),
    };
    tracing::info!(reason = refused, "the desktop shows no message");
    Err(Failure {
        code: "NO_DESKTOP_MESSAGES".to_owned(),
        message: "No program of this desktop shows messages.".to_owned(),
        detail: Some(refused),
    })
}

/// By the protocol of desktop notifications (freedesktop.org, 1.2), on a connection that lives as long as the program:
/// some desktops take a message away when its sender hangs up.
#[cfg(target_os = "linux")]
fn show(title: &str, body: &str) -> Result<(), String> {
    use std::collections::HashMap;

    use gtk::gio::{self, prelude::*};
    use gtk::glib::{self, Variant};

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    const ICON: &str = "talus-tally";
    /// A new message, not one in place of another.
    const NEW: u32 = 0;
    /// As long as the desktop likes.
    const USUAL: i32 = -1;
    const WAIT_MS: i32 = 5_000;

    let bus = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE);
    let bus = bus.map_err(|error| error.to_string())?;
    let actions: Vec<String> = vec![];
    let hints: HashMap<String, Variant> = HashMap::new();
    // What people write must not be taken for markup.
    let body = glib::markup_escape_text(body).to_string();
    let message = ("Talus Tally", NEW, ICON, title, body, actions, hints, USUAL).to_variant();
    let answer = bus.call_sync(
        Some(NAME),
        PATH,
        NAME,
        "Notify",
        Some(&message),
        None,
        gio::DBusCallFlags::NONE,
        WAIT_MS,
        gio::Cancellable::NONE,
    );
    answer
        .map(|_| ())
        .map_err(|error| error.message().to_owned())
}

/// By what the system has for it. Without an installer Windows names another program as the sender.
#[cfg(not(target_os = "linux"))]
fn show(title: &str, body: &str) -> Result<(), String> {
    let mut message = notify_rust::Notification::new();
    let message = message.appname("Talus Tally").summary(title).body(body);
    let shown = message.show();
    shown.map(|_| ()).map_err(|error| error.to_string())
}
