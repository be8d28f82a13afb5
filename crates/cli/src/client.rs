//! Asking the REST interface.

use std::fs::File;
use std::io;
use std::path::Path;

use serde_json::Value;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use crate::instance::Instance;
use crate::problem::Problem;

/// Longest answer: a project of a hundred thousand nodes has 60 MB.
const ANSWER_BYTES: u64 = 1 << 30;

/// One who may ask.
pub struct Client {
    agent: Agent,
    address: String,
    base: String,
    token: String,
    name: String,
}

impl Client {
    pub fn new(instance: &Instance, name: String) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Self {
            agent: config.into(),
            address: instance.address.clone(),
            base: format!("{}/api/v1", instance.address),
            token: format!("Bearer {}", instance.token),
            name,
        }
    }

    pub fn get(&self, path: &str) -> Result<Value, Problem> {
        self.ask(path, &[])
    }

    /// The same with a query.
    pub fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Problem> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = request.query_pairs(query.iter().copied());
        let request = request.header("Authorization", &self.token);
        json(request.header("X-Client-Id", &self.name).call())
    }

    /// What is at a path as it is: JSON that may be nested deeper than one can read.
    pub fn text(&self, path: &str) -> Result<String, Problem> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = request.header("Authorization", &self.token);
        let answer = request.header("X-Client-Id", &self.name).call();
        let mut response = answer.map_err(Problem::failed)?;
        if !response.status().is_success() {
            return json(Ok(response)).map(|_| String::new());
        }
        let body = response.body_mut().with_config().limit(ANSWER_BYTES);
        body.read_to_string().map_err(Problem::failed)
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Problem> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("Authorization", &self.token);
        json(request.header("X-Client-Id", &self.name).send_json(body))
    }

    /// An address at which one browser sees the UI.
    pub fn draw_page_address(&self) -> Result<Value, Problem> {
        let request = self.agent.post(format!("{}/enter/address", self.address));
        json(request.header("Authorization", &self.token).send_empty())
    }

    pub fn patch(&self, path: &str, body: &Value) -> Result<Value, Problem> {
        let request = self.agent.patch(format!("{}{path}", self.base));
        let request = request.header("Authorization", &self.token);
        json(request.header("X-Client-Id", &self.name).send_json(body))
    }

    pub fn delete(&self, path: &str) -> Result<Value, Problem> {
        let request = self.agent.delete(format!("{}{path}", self.base));
        let request = request.header("Authorization", &self.token);
        json(request.header("X-Client-Id", &self.name).call())
    }

    /// Writes what is at a path to a file; how many bytes it has.
    pub fn download(&self, path: &str, file: &Path) -> Result<u64, Problem> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let mut response = request
            .header("Authorization", &self.token)
            .call()
            .map_err(Problem::failed)?;
        if !response.status().is_success() {
            return json(Ok(response)).and(Ok(0));
        }
        let mut file = File::create(file).map_err(|error| {
            Problem::failed(format!("cannot write {}: {error}", file.display()))
        })?;
        let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
        io::copy(&mut body, &mut file).map_err(Problem::failed)
    }

    /// Sends a file; what is answered.
    pub fn upload(&self, path: &str, file: &Path) -> Result<Value, Problem> {
        let content = File::open(file)
            .map_err(|error| Problem::usage(format!("cannot read {}: {error}", file.display())))?;
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("Authorization", &self.token);
        let request = request.header("Content-Type", "application/octet-stream");
        json(request.header("X-Client-Id", &self.name).send(content))
    }
}

fn json(answer: Result<Response<Body>, ureq::Error>) -> Result<Value, Problem> {
    let mut response = answer.map_err(Problem::failed)?;
    let status = response.status();
    if status == StatusCode::NO_CONTENT {
        return Ok(Value::Null);
    }
    let body = response
        .body_mut()
        .with_config()
        .limit(ANSWER_BYTES)
        .read_json();
    let body: Value = body.map_err(Problem::failed)?;
    match status.is_success() {
        true => Ok(body),
        false => Err(Problem::Refused(body)),
    }
}
