//! The files of the UI.

use std::fmt;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::etag;

/// What a page may load and do: the same as in the window, except that it asks this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    font-src 'self' data:; img-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
/// Files beneath it have a hash of their content in their name.
const NAMED_BY_CONTENT: &str = "assets/";
const FIRST: &str = "index.html";

/// The built UI: paths without a leading slash, and what is in the files.
#[derive(Clone, Copy)]
pub struct Page(pub &'static [(&'static str, &'static [u8])]);

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page of {} files", self.0.len())
    }
}

/// What is shown where the UI is missing.
const MISSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Talus Tally</title>\
    <body style=\"background:#121212;color:#ddd;font:16px/1.5 sans-serif;max-width:34em;margin:15vh auto;padding:0 1em\">\
    <h1>This program was built without its UI</h1>\
    <p>Build it with <code>cargo xtask run</code>, or run <code>npm ci</code> and <code>npm run build</code> in \
    <code>ui</code> and build the program again. Programs are served all the same.</p></body></html>";

impl Page {
    /// A route for each file. They are not packed: on loopback that costs more than it saves.
    pub(super) fn routes<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let mut routes = Router::new();
        for &(path, content) in self.0 {
            let shown = Shown::new(path, content);
            let place = match path {
                FIRST => "/".to_owned(),
                path => format!("/{path}"),
            };
            routes = routes.route(
                &place,
                get(async move |asked: HeaderMap| shown.answer(&asked)),
            );
        }
        if self.0.iter().any(|(path, _)| *path == FIRST) {
            return routes;
        }
        let missing = Shown::new(FIRST, MISSING.as_bytes());
        routes.route(
            "/",
            get(async move |asked: HeaderMap| missing.answer(&asked)),
        )
    }
}

/// A file with what is said of it.
#[derive(Clone)]
struct Shown {
    content: &'static [u8],
    /// In its entity tag.
    name: String,
    headers: HeaderMap,
}

impl Shown {
    fn new(path: &str, content: &'static [u8]) -> Self {
        let keep = match path.starts_with(NAMED_BY_CONTENT) {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        let name = blake3::hash(content).to_hex()[..32].to_owned();
        let said = [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind(path))),
            (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
            (header::ETAG, etag::tag(&name)),
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(POLICY),
            ),
            (
                header::REFERRER_POLICY,
                HeaderValue::from_static("no-referrer"),
            ),
            (
                header::HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                header::HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        let headers = said.into_iter().collect();
        Self {
            content,
            name,
            headers,
        }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        match etag::known(asked, &self.name).is_some() {
            true => (StatusCode::NOT_MODIFIED, self.headers.clone()).into_response(),
            false => {
                let body = Body::from(Bytes::from_static(self.content));
                (self.headers.clone(), body).into_response()
            }
        }
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// What a policy says, without where it may connect to: that differs.
    fn rules(policy: &str) -> BTreeMap<String, String> {
        let rules = policy.split(';').filter_map(|rule| {
            let (name, what) = rule.trim().split_once(' ')?;
            Some((name.to_owned(), what.to_owned()))
        });
        rules.filter(|(name, _)| name != "connect-src").collect()
    }

    #[test]
    fn a_page_may_do_what_it_may_in_the_window() {
        let window = include_str!("../../../../src-tauri/tauri.conf.json");
        let window: serde_json::Value = serde_json::from_str(window).expect("JSON");
        let window = window["app"]["security"]["csp"].as_object().expect("rules");
        let window: String = window
            .iter()
            .map(|(name, what)| format!("{name} {};", what.as_str().expect("text")))
            .collect();
        assert_eq!(rules(&window), rules(POLICY));
        assert!(POLICY.contains("connect-src 'self';"));
    }

    #[test]
    fn what_a_browser_has_is_not_sent_again() {
        let shown = Shown::new("assets/index-1.js", b"let a;");
        let first = shown.answer(&HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].clone();
        let again = shown.answer(&HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = HeaderValue::from_static("\"other\"");
        let other = shown.answer(&HeaderMap::from_iter([(header::IF_NONE_MATCH, other)]));
        assert_eq!(other.status(), StatusCode::OK);
    }
}
