//! An application that serves programs, and asking it.

use std::net::SocketAddr;
use std::path::PathBuf;

use api::{Options, Server};
use app::app::App;
use app::network::NetworkOptions;
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

/// An application on a folder of its own.
pub struct Served {
    pub app: App,
    pub server: Server,
    pub folder: TempDir,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The code of the earlier application.
    pub fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The body of what succeeded.
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.json()
    }
}

impl Served {
    /// One that is reached by other applications of this machine, if `shared`.
    pub async fn start(shared: bool) -> Self {
        Self::start_with(shared, |options| options).await
    }

    pub async fn start_with(shared: bool, change: impl FnOnce(Options) -> Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(folder, shared, change).await
    }

    pub async fn start_in(
        folder: TempDir,
        shared: bool,
        change: impl FnOnce(Options) -> Options,
    ) -> Self {
        let data = folder.path().join("data");
        let mut start = app::app::Options::new(&data);
        start.network = shared.then(|| NetworkOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            insecure_lan: false,
            discover: false,
        });
        let app = App::start(start).await.unwrap();
        let server = Server::start(app.clone(), &change(Options::new(data))).unwrap();
        Self {
            app,
            server,
            folder,
        }
    }

    /// Ends it, and starts it again on the same folder.
    pub async fn restart(self) -> Self {
        let Self {
            app,
            server,
            folder,
        } = self;
        server.close().await;
        app.close().await.unwrap();
        drop(app);
        Self::start_in(folder, false, |options| options).await
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.server.address())
    }

    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.server.token())
    }

    /// Asks with these headers and nothing else.
    pub fn bare(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let config = Agent::config_builder().http_status_as_error(false).build();
        let agent = Agent::from(config);
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_vec()).unwrap();
        let mut response = tokio::task::block_in_place(|| agent.run(request)).unwrap();
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers = headers.collect();
        let bytes = response.body_mut().read_to_vec().unwrap();
        Answer {
            status: response.status().as_u16(),
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Asks with the token and more.
    pub fn with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let bearer = self.bearer();
        let mut all = vec![
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        all.extend_from_slice(headers);
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        self.bare(method, &format!("/api/v1{path}"), &all, &body)
    }

    /// Asks with a token that was given out.
    pub fn by(&self, secret: &str, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {secret}");
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let headers = [("authorization", bearer.as_str())];
        self.bare(method, &format!("/api/v1{path}"), &headers, &body)
    }

    /// Gives a token out; its id and its secret.
    pub fn token(&self, new: Value) -> (String, String) {
        let given = self.post("/tokens", new).ok();
        let text = |key: &str| given[key].as_str().unwrap().to_owned();
        (text("token_id"), text("secret"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.with("GET", path, &[], &Value::Null)
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.with("POST", path, &[], &body)
    }

    /// A project with a session; the ids of both.
    pub fn project(&self, template: &str, sample: bool) -> (String, String) {
        let new = json!({"template_id": template, "project_name": "Test", "sample": sample});
        let made = self.post("/projects", new).ok();
        let text = |key: &str| made[key].as_str().unwrap().to_owned();
        (text("project_id"), text("session_id"))
    }

    pub fn execute(&self, session: &str, command: &str, data: Value) -> Answer {
        let order = json!({"session_id": session, "command_type": command, "data": data});
        self.post("/commands/execute", order)
    }

    /// A node at the top level, or beneath another; its id.
    pub fn node(&self, session: &str, node_type: &str, parent: Option<&str>, name: &str) -> String {
        let data = json!({"blueprint_type_id": node_type, "parent_id": parent, "name": name});
        let done = self.execute(session, "CreateNode", data).ok();
        done["changes"][0]["node_id"]
            .as_str()
            .unwrap_or_else(|| panic!("{done}"))
            .to_owned()
    }
}
