//! The desktop program with its window, held by WebKit's driver.

use std::process::Command;

use fantoccini::Client;
use serde_json::json;

use crate::driver::Driver;
use crate::process::Program;
use crate::{Home, Screen, program};

/// Starts the program with `arguments`.
pub async fn open(home: &Home, screen: &Screen, arguments: &[&str]) -> (Driver, Client, Program) {
    let mut command = Command::new("WebKitWebDriver");
    home.enter(&mut command);
    command
        .arg("--host=127.0.0.1")
        .env("DISPLAY", screen.display())
        .env("TAURI_WEBVIEW_AUTOMATION", "true");
    let driver = Driver::start(command).await;
    let program = program();
    let options = json!({ "binary": program, "args": arguments });
    let client = driver.open("webkitgtk:browserOptions", options).await;
    let name = program.file_name().expect("a program has a name");
    let started = Program::child_of(driver.id(), &name.to_string_lossy());
    let started = started.expect("the driver holds the program");
    (driver, client, started)
}
