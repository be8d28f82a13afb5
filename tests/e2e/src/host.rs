//! What runs the UI in a story.

/// Either of the two things that show the same UI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The desktop program, with its window on a screen.
    Window,
    /// `tally serve`, with its page in Chromium.
    Browser,
}

impl Host {
    /// The one that `TALUS_E2E_HOST` names: `window`, which is also the usual one, or `browser`.
    pub fn chosen() -> Self {
        match std::env::var("TALUS_E2E_HOST").as_deref() {
            Err(std::env::VarError::NotPresent) | Ok("window") => Self::Window,
            Ok("browser") => Self::Browser,
            other => panic!("TALUS_E2E_HOST is window or browser, not {other:?}"),
        }
    }

    /// The folder below `target/` for pictures of it.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Window => "e2e",
            Self::Browser => "browser",
        }
    }
}
