//! Two windows side by side that share one project: `demo PROGRAM FOLDER`.
//!
//! Everything is made anew in the folder. The windows are two installations of this machine, reach each
//! other on loopback, and end on their own; this program ends after both.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: it makes folders and starts programs"
)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};

use app::app::{App, Options};
use app::network::NetworkOptions;
use app::request::Request;
use graph::person::Person;

/// The size of either window: two fit on a screen of 1920 pixels.
const WIDTH: u32 = 950;
const HEIGHT: u32 = 900;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, folder] = arguments.as_slice() else {
        eprintln!("usage: demo PROGRAM FOLDER");
        return ExitCode::from(2);
    };
    match run(program, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(program: &Path, folder: &Path) -> Outcome<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let desks = [
        Desk::new(folder, "Ana", "#E8894C", 0)?,
        Desk::new(folder, "Ben", "#4C9BE8", WIDTH)?,
    ];
    tokio::runtime::Runtime::new()?.block_on(share_garage(&desks))?;
    let windows = desks.iter().map(|desk| desk.open(program));
    for mut window in windows.collect::<Outcome<Vec<Child>>>()? {
        window.wait()?;
    }
    Ok(())
}

/// One installation.
struct Desk {
    data_dir: PathBuf,
    listen: SocketAddr,
    me: Person,
}

impl Desk {
    fn new(folder: &Path, name: &str, colour: &str, x: u32) -> Outcome<Self> {
        let data_dir = folder.join(name.to_lowercase());
        std::fs::create_dir_all(&data_dir)?;
        let place = serde_json::json!({
            "x": x, "y": 0, "width": WIDTH, "height": HEIGHT, "is_maximized": false,
        });
        std::fs::write(data_dir.join("window.json"), place.to_string())?;
        Ok(Self {
            data_dir,
            // Free now, and known to the other installation.
            listen: std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?,
            me: Person {
                name: name.to_owned(),
                colour: colour.to_owned(),
            },
        })
    }

    async fn start(&self) -> Outcome<App> {
        let mut options = Options::new(&self.data_dir);
        options.network = Some(NetworkOptions {
            listen: self.listen,
            insecure_lan: false,
            discover: false,
        });
        let app = App::start(options).await?;
        let me = self.me.clone();
        app.call(Request::PutMe { me }).await?;
        Ok(app)
    }

    fn open(&self, program: &Path) -> Outcome<Child> {
        let window = Command::new(program)
            .arg("--data-dir")
            .arg(&self.data_dir)
            .arg("--listen")
            .arg(self.listen.to_string())
            .spawn()?;
        Ok(window)
    }
}

/// The first makes a project, the second joins it; both have it when they are opened.
async fn share_garage([first, second]: &[Desk; 2]) -> Outcome<()> {
    let (first, second) = (first.start().await?, second.start().await?);
    e2e::share(&first, &second, "vehicle-restoration", "Garage").await?;
    second.close().await?;
    first.close().await?;
    Ok(())
}
