//! Stands where the application will stand.
#![allow(dead_code, missing_docs, reason = "stands in for the application until it exists")]
use app::{event::Event, failure::Failure, reply::Reply, request::Request};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::broadcast;
pub struct Options {
    pub data_dir: PathBuf,
    pub arguments: Vec<String>,
}
pub struct App {
    events: broadcast::Sender<Arc<Event>>,
}
pub enum StartError {
    InUse,
    Other(Failure),
}
impl StartError {
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::InUse)
    }
    pub fn failure(&self) -> Failure {
        match self {
            Self::InUse => Failure {
                code: "DATA_DIR_IN_USE".into(),
                message: "Another program has these projects open.".into(),
                detail: None,
            },
            Self::Other(f) => f.clone(),
        }
    }
}
impl App {
    pub fn start(options: Options) -> Result<App, StartError> {
        if std::fs::create_dir_all(&options.data_dir).is_err() {
            return Err(StartError::Other(Failure {
                code: "DATA_DIR_UNREADABLE".into(),
                message: "The folder of your projects cannot be read.".into(),
                detail: Some(options.data_dir.display().to_string()),
            }));
        }
        let lock = options.data_dir.join("stub.lock");
        if let Ok(pid) = std::fs::read_to_string(&lock)
            && std::path::Path::new(&format!("/proc/{pid}")).exists()
        {
            return Err(StartError::InUse);
        }
        std::fs::write(lock, std::process::id().to_string()).expect("the folder was made just now");
        Ok(App {
            events: broadcast::channel(1024).0,
        })
    }
    pub async fn call(&self, request: Request) -> Result<Reply, Failure> {
        let _ = request;
        Ok(Reply::Done)
    }
    pub fn events(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }
    pub fn hand_over(&self, arguments: Vec<String>) {
        let _ = self.events.send(Arc::new(Event::Arguments { arguments }));
    }
    pub async fn close(self) {}
}
