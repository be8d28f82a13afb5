//! `tally serve`, and its page in Chromium, held by Chromium's driver.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::driver::Driver;
use crate::process::Process;
use crate::{Home, Screen, server};

/// What a browser does beside showing a page would only be in the way, and no story goes beyond this machine.
const ARGUMENTS: [&str; 10] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/// A browser that nobody has used before.
pub struct Browser {
    _driver: Driver,
    /// Goes after the browser has ended.
    _profile: TempDir,
}

/// `tally serve`, and an address of its page that is good once.
pub struct Server {
    pub process: Process,
    pub page: String,
}

impl Server {
    /// Starts it with `arguments`, at any free port.
    pub fn start(home: &Home, arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", home, arguments)
    }

    /// Starts it where another one has been.
    pub fn start_again(&self, home: &Home) -> Self {
        let mut parts = self.page.split('/');
        Self::start_at(parts.nth(2).expect("http://ADDRESS/#KEY"), home, &[])
    }

    fn start_at(address: &str, home: &Home, arguments: &[&str]) -> Self {
        let mut command = Command::new(server());
        home.enter(&mut command);
        command
            .args(["serve", "--json", "--listen", address])
            .args(arguments)
            .stdout(Stdio::piped());
        let mut process = Process::start(&mut command);
        let output = process.child().stdout.take().expect("it is piped");
        let mut said = String::new();
        BufReader::new(output)
            .read_line(&mut said)
            .expect("it says where it is");
        let said: Value = serde_json::from_str(&said).expect("`tally serve` has started");
        let page = said["page"].as_str().expect("it serves a page").to_owned();
        Self { process, page }
    }
}

/// Opens a browser at no page.
pub async fn browse(home: &Home, screen: &Screen) -> (Browser, Client) {
    let profile = tempfile::tempdir().expect("there is room for temporary files");
    let mut command = Command::new("chromedriver");
    home.enter(&mut command);
    let driver = Driver::start(command).await;
    let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
    arguments.push(format!("--user-data-dir={}", profile.path().display()));
    if rustix::process::geteuid().is_root() {
        // Root has no sandbox to put it into.
        arguments.push("--no-sandbox".to_owned());
    }
    let client = driver
        .open("goog:chromeOptions", json!({ "args": arguments }))
        .await;
    fill_screen(&client, screen).await;
    let browser = Browser {
        _driver: driver,
        _profile: profile,
    };
    (browser, client)
}

/// Makes the page as large as the screen: what is around it nobody sees.
async fn fill_screen(client: &Client, screen: &Screen) {
    let (width, height) = screen.size();
    let around = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
    let mut resized = client.set_window_size(width, height).await;
    if resized.is_ok() {
        let around = client.execute(around, Vec::new()).await.expect("numbers");
        let [x, y]: [u32; 2] = serde_json::from_value(around).expect("two numbers");
        resized = client.set_window_size(width + x, height + y).await;
    }
    resized.expect("a browser can be resized");
}

/// The addresses of pages beside the one that is driven.
pub async fn others(client: &Client) -> Vec<String> {
    let own = client.current_url().await.expect("the page has an address");
    let targets = client.issue_cmd(Devtools("Target.getTargets", json!({})));
    let targets = targets.await.expect("the browser knows its pages");
    let pages = targets["targetInfos"].as_array().expect("a list").iter();
    pages
        .filter(|page| page["type"] == "page" && page["url"] != own.as_str())
        .map(|page| page["url"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// A command of Chromium's own protocol, for what WebDriver has no word for.
#[derive(Debug)]
pub struct Devtools(pub &'static str, pub Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(
        &self,
        base_url: &url::Url,
        session_id: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session_id.unwrap_or_default();
        base_url.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let Self(command, parameters) = self;
        let body = json!({ "cmd": command, "params": parameters });
        (http::Method::POST, Some(body.to_string()))
    }
}
