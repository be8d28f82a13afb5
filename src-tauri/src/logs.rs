//! Where the program says what it does: a file a day, never with content of a project.

use std::path::Path;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Days that are kept.
const KEPT_FILES: usize = 7;

/// Starts writing to `logs/` in the data directory. `TALUS_LOG` chooses how much (`talus_tally=debug,app=trace`).
///
/// A program that cannot log still runs; the start of the application says what is wrong with the directory.
pub fn start(data_dir: &Path) {
    let folder = data_dir.join("logs");
    // The appender would complain on the terminal about a folder that it then makes.
    if std::fs::create_dir_all(&folder).is_err() {
        return;
    }
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("talus-tally")
        .filename_suffix("log")
        .max_log_files(KEPT_FILES)
        .build(folder);
    let Ok(file) = file else { return };
    let filter = EnvFilter::try_from_env("TALUS_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,app=info,talus_tally=info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(file));
    // Fails only if there is a subscriber already, which then serves as well.
    if tracing::subscriber::set_global_default(subscriber.finish()).is_ok() {
        log_panics();
    }
}

/// Notes where a panic was. Its message may quote a project, so that goes to the terminal only.
fn log_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place = place.as_deref().unwrap_or("unknown"), "panic");
        before(panic);
    }));
}
