//! Programs of this machine, for as long as the person lets them in.

use std::net::SocketAddr;
use std::path::PathBuf;

use api::{Options, Server, StartError};
use app::app::App;
use app::event::Event;
use app::serving::Serving;
use tokio::sync::Mutex;
use tokio::sync::broadcast::error::RecvError;

/// The port that scripts expect; another one if it is taken.
const USUAL_PORT: u16 = 7826;

/// What serves them, if anything does.
pub struct Programs {
    folder: PathBuf,
    server: Mutex<Option<Server>>,
}

impl Programs {
    /// Nobody is served yet. The folder is the data directory.
    pub fn new(folder: PathBuf) -> Self {
        let server = Mutex::default();
        Self { folder, server }
    }

    /// Serves them or not, as the settings say now and whenever they change. Ends with the application.
    pub async fn follow(&self, app: App) {
        let mut events = app.events();
        loop {
            self.suit(&app).await;
            loop {
                match events.recv().await.as_deref() {
                    Ok(Event::Settings { .. }) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }
    }

    /// Serves them or not, as the settings say.
    pub async fn suit(&self, app: &App) {
        let mut server = self.server.lock().await;
        match (app.settings().lets_programs_in, server.is_some()) {
            (true, false) => match self.start(app) {
                Ok(started) => *server = Some(started),
                Err(error) => {
                    tracing::error!(%error, "programs are not served");
                    let failure = Some(format!("Programs cannot be let in: {error}."));
                    app.note_serving(Serving {
                        failure,
                        ..Serving::default()
                    });
                }
            },
            (false, _) => match server.take() {
                Some(started) => started.close().await,
                None => app.note_serving(Serving::default()),
            },
            (true, true) => {}
        }
    }

    /// Serves them no more.
    pub async fn close(&self) {
        if let Some(server) = self.server.lock().await.take() {
            server.close().await;
        }
    }

    fn start(&self, app: &App) -> Result<Server, StartError> {
        let mut options = Options::new(&self.folder);
        options.listen = SocketAddr::from(([127, 0, 0, 1], USUAL_PORT));
        match Server::start(app.clone(), &options) {
            Err(StartError::Listen(..)) => {
                options.listen.set_port(0);
                Server::start(app.clone(), &options)
            }
            started => started,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use app::request::Request;
    use app::settings::Settings;

    use super::*;

    /// Waits until it is told how programs are served.
    async fn served(events: &mut tokio::sync::broadcast::Receiver<Arc<Event>>) -> Serving {
        let told = async {
            loop {
                let event = events.recv().await.expect("the application goes on");
                if let Event::Serving { serving } = &*event {
                    return serving.clone();
                }
            }
        };
        let told = tokio::time::timeout(Duration::from_secs(60), told).await;
        told.expect("windows are told")
    }

    async fn set(app: &App, lets_programs_in: bool) {
        let settings = Settings {
            lets_programs_in,
            ..app.settings()
        };
        let put = app.call(Request::PutSettings { settings }).await;
        put.expect("settings are kept");
    }

    #[test]
    fn programs_are_let_in_while_the_settings_say_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let app = App::start(app::app::Options::new(&data)).await;
            let app = app.expect("it starts");
            let mut events = app.events();
            let programs = Arc::new(Programs::new(data.clone()));
            let (followed, of) = (Arc::clone(&programs), app.clone());
            let following = tokio::spawn(async move { followed.follow(of).await });
            assert_eq!(served(&mut events).await, Serving::default());
            for _ in 0..2 {
                set(&app, true).await;
                let serving = served(&mut events).await;
                let address = serving.address.expect("programs are served");
                let kept = std::fs::read_to_string(data.join(api::ADDRESS_FILE));
                assert_eq!(kept.expect("it is announced"), address);
                let host = address.strip_prefix("http://").expect("an address");
                std::net::TcpStream::connect(host).expect("it listens");
                set(&app, false).await;
                assert_eq!(served(&mut events).await, Serving::default());
                assert!(std::net::TcpStream::connect(host).is_err());
            }
            following.abort();
            app.close().await.expect("it closes");
        });
    }
}
