//! The main window: what it shows, where it may go, and where it stood.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tauri::webview::NewWindowResponse;
use tauri::window::Color;
use tauri::{
    AppHandle, Manager, PhysicalPosition, PhysicalSize, Url, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder,
};

/// Label of the one window that may use the application.
pub const MAIN: &str = "main";
/// What shows before the page does: the surface of the dark theme.
pub const BACKGROUND: Color = Color(0x12, 0x12, 0x12, 0xff);

/// Opens the main window where it stood last.
pub fn open(app: &AppHandle, places: &PlaceFile, data_dir: &Path) -> tauri::Result<WebviewWindow> {
    let page = crate::page::url(app)?;
    let home = page.clone();
    let window = WebviewWindowBuilder::new(app, MAIN, page)
        .title("Talus Tally")
        .inner_size(1200.0, 760.0)
        .min_inner_size(480.0, 360.0)
        .background_color(BACKGROUND)
        .data_directory(data_dir.join("webview"))
        .initialization_script(include_str!("keys.js"))
        .visible(false)
        .on_navigation(move |url| is_home(&home, url) || leave_to_browser(url))
        .on_new_window(|url, _| {
            leave_to_browser(&url);
            NewWindowResponse::Deny
        })
        .build()?;
    if let Some(place) = places.read() {
        place.restore(&window)?;
    }
    window.show()?;
    Ok(window)
}

/// Whether a page is ours.
fn is_home(home: &WebviewUrl, url: &Url) -> bool {
    match home {
        WebviewUrl::External(home) => home.origin() == url.origin(),
        _ => url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"),
    }
}

/// Links of a project open in the system's browser. Always false: the window stays where it is.
fn leave_to_browser(url: &Url) -> bool {
    if matches!(url.scheme(), "http" | "https" | "mailto")
        && let Err(error) = open::that_detached(url.as_str())
    {
        tracing::warn!(%error, "no program opens links");
    }
    false
}

/// Brings the main window to the front.
pub fn raise(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let raised = window.unminimize().and_then(|()| window.set_focus());
        if let Err(error) = raised {
            tracing::warn!(%error, "the window stays where it is");
        }
    }
}

/// Where a window stood, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    is_maximized: bool,
}

impl Place {
    /// Where `window` stands.
    pub fn of(window: &WebviewWindow) -> tauri::Result<Self> {
        let (position, size) = (window.outer_position()?, window.inner_size()?);
        let is_maximized = window.is_maximized()?;
        Ok(Self {
            x: position.x,
            y: position.y,
            width: size.width,
            height: size.height,
            is_maximized,
        })
    }

    fn restore(self, window: &WebviewWindow) -> tauri::Result<()> {
        window.set_size(PhysicalSize::new(self.width, self.height))?;
        let screens = window.available_monitors()?;
        // A screen may have been unplugged since; then the system chooses.
        if screens
            .iter()
            .any(|screen| self.is_reachable_on(*screen.position(), *screen.size()))
        {
            window.set_position(PhysicalPosition::new(self.x, self.y))?;
        }
        if self.is_maximized {
            window.maximize()?;
        }
        Ok(())
    }

    /// Whether enough of the upper edge is on a screen to take hold of the window.
    fn is_reachable_on(self, origin: PhysicalPosition<i32>, size: PhysicalSize<u32>) -> bool {
        const HOLD_PX: i64 = 64;
        let (left, top) = (
            i64::from(self.x) - i64::from(origin.x),
            i64::from(self.y) - i64::from(origin.y),
        );
        left + i64::from(self.width) >= HOLD_PX
            && left + HOLD_PX <= i64::from(size.width)
            && top >= 0
            && top + HOLD_PX <= i64::from(size.height)
    }
}

/// The file that remembers the place. Losing it costs nobody anything, so failures are only logged.
pub struct PlaceFile(PathBuf);

impl PlaceFile {
    /// In a data directory.
    pub fn in_folder(data_dir: &Path) -> Self {
        Self(data_dir.join("window.json"))
    }

    fn read(&self) -> Option<Place> {
        serde_json::from_slice(&std::fs::read(&self.0).ok()?).ok()
    }

    /// Remembers where `window` stands.
    pub fn write(&self, window: &WebviewWindow) {
        let written = Place::of(window)
            .and_then(|place| Ok(serde_json::to_vec(&place)?))
            .and_then(|json| Ok(std::fs::write(&self.0, json)?));
        if let Err(error) = written {
            tracing::warn!(%error, "the place of the window is not remembered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: PhysicalSize<u32> = PhysicalSize::new(1920, 1080);

    fn is_reachable(x: i32, y: i32) -> bool {
        let place = Place {
            x,
            y,
            width: 1200,
            height: 760,
            is_maximized: false,
        };
        place.is_reachable_on(PhysicalPosition::new(0, 0), SCREEN)
    }

    #[test]
    fn a_window_on_the_screen_returns_to_its_place() {
        assert!(is_reachable(0, 0));
        assert!(is_reachable(1800, 900));
        assert!(is_reachable(-1100, 10));
    }

    #[test]
    fn a_window_on_a_screen_that_is_gone_does_not() {
        assert!(!is_reachable(2000, 10));
        assert!(!is_reachable(-1190, 10));
        assert!(!is_reachable(10, -300));
        assert!(!is_reachable(10, 1070));
    }
}
