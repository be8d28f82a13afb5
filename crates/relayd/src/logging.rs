//! What this program says of itself, on standard error.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::config::LogFormat;

/// Sets how much is said from now on.
pub type SetFilter = Box<dyn Fn(EnvFilter) + Send>;

/// A filter, such as `info` or `warn,relay=debug`.
///
/// # Errors
/// What is wrong with it.
pub fn filter(text: &str) -> Result<EnvFilter, String> {
    // A level that is misspelt would be taken for the name of a part.
    let levels = text.split(',').map(str::trim);
    let misspelt = levels
        .filter(|it| !it.contains('='))
        .find(|it| it.parse::<LevelFilter>().is_err());
    match misspelt {
        Some(word) => Err(format!(
            "log: {word:?} is no level; it may be off, error, warn, info, debug or trace, also by part, such as \
             warn,relay=debug"
        )),
        None => EnvFilter::try_new(text).map_err(|error| format!("log: {text:?}: {error}")),
    }
}

/// Begins to say so much, in this format.
pub fn start(filter: EnvFilter, format: LogFormat) -> SetFilter {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Without a subscriber nobody listens any more, so that nothing can be done about an error in here.
    match format {
        LogFormat::Text => {
            let log = log.with_filter_reloading();
            let handle = log.reload_handle();
            log.init();
            Box::new(move |filter| drop(handle.reload(filter)))
        }
        LogFormat::Json => {
            let log = log.json().flatten_event(true).with_filter_reloading();
            let handle = log.reload_handle();
            log.init();
            Box::new(move |filter| drop(handle.reload(filter)))
        }
    }
}
