//! Stands where the application will stand.
use app::{event::Event, failure::Failure};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::broadcast;

pub struct Options {
    pub data_dir: PathBuf,
    pub arguments: Vec<String>,
}

impl Options {
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            arguments: Vec::new(),
        }
    }
}

#[derive(Clone)]
pub struct App {
    events: broadcast::Sender<Arc<Event>>,
    data_dir: PathBuf,
}

fn failure(code: &str, message: &str) -> Failure {
    Failure {
        code: code.into(),
        message: message.into(),
        detail: None,
    }
}

impl App {
    pub async fn start(options: Options) -> Result<Self, Failure> {
        std::fs::create_dir_all(&options.data_dir)
            .map_err(|_| failure("DISK_FAILED", "The folder of your projects cannot be used."))?;
        let lock = std::fs::File::create(options.data_dir.join("lock"))
            .map_err(|_| failure("DISK_FAILED", ""))?;
        lock.try_lock()
            .map_err(|_| failure("ALREADY_RUNNING", "Talus Tally is running already."))?;
        std::mem::forget(lock);
        let _ = options.arguments;
        Ok(Self {
            events: broadcast::Sender::new(1024),
            data_dir: options.data_dir,
        })
    }

    pub async fn call_json(&self, request: &[u8]) -> Vec<u8> {
        use app::request::Request;
        let file = self.data_dir.join("layout");
        match serde_json::from_slice(request) {
            Ok(Request::PutLayout { layout, .. }) => {
                std::fs::write(file, layout).ok();
                br#"{"ok":{"kind":"done"}}"#.to_vec()
            }
            Ok(Request::ReadLayout { .. }) => {
                let layout = std::fs::read_to_string(file).ok();
                serde_json::json!({ "ok": { "kind": "layout", "layout": layout } })
                    .to_string()
                    .into_bytes()
            }
            Ok(_) => br#"{"ok":{"kind":"done"}}"#.to_vec(),
            Err(_) => br#"{"failed":{"code":"BAD_REQUEST","message":"","detail":null}}"#.to_vec(),
        }
    }

    pub fn events(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    pub fn hand_over(&self, arguments: Vec<String>) {
        self.events
            .send(Arc::new(Event::Arguments { arguments }))
            .ok();
    }

    pub async fn close(&self) -> Result<(), Failure> {
        Ok(())
    }
}
