//! Who may ask: a program of this account, and no page of the web.
//!
//! A page can send requests to this machine. It cannot know the token; still it is refused before anything is looked at,
//! by two things that it cannot forge. A name that was made to point here (DNS rebinding) stands in `Host`, which must be
//! a name of loopback, or one that was said for other machines. Another origin stands in `Origin` or `Sec-Fetch-Site`. No
//! response permits another origin anything.

use std::net::Ipv6Addr;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::{self, Problem};
use crate::router::PREFIX;
use crate::state::Shared;
use crate::tokens::Scope;
use crate::who::Who;

/// Longest name of a client.
const MAX_CHARACTERS: usize = 64;

/// Where Socket.IO is.
const SOCKETS: &str = "/socket.io";

/// In which header a client says its name.
pub(crate) const CLIENT_HEADER: &str = "x-client-id";

/// How a listener is asked.
pub(crate) struct Asked {
    scheme: &'static str,
    /// As they stand in a URL.
    names: Vec<String>,
    port: u16,
}

impl Asked {
    /// From this machine, without TLS.
    pub(crate) fn here(port: u16) -> Self {
        let names = ["127.0.0.1", "localhost", "[::1]"].map(str::to_owned);
        Self {
            scheme: "http",
            names: names.into(),
            port,
        }
    }

    /// From other machines, by TLS and these names.
    pub(crate) fn by(names: &[String], port: u16) -> Self {
        let shown = |name: &String| match name.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => name.clone(),
        };
        Self {
            scheme: "https",
            names: names.iter().map(shown).collect(),
            port,
        }
    }

    /// Whether an authority is this listener.
    fn is_it(&self, authority: &str) -> bool {
        let Ok(said) = authority.parse::<Authority>() else {
            return false;
        };
        let usual = if self.scheme == "https" { 443 } else { 80 };
        let mut names = self.names.iter();
        !authority.contains('@')
            && names.any(|it| it.eq_ignore_ascii_case(said.host()))
            && said.port_u16().unwrap_or(usual) == self.port
    }

    /// Whether an origin (RFC 6454) is this listener.
    fn is_of_it(&self, origin: &str) -> bool {
        let authority = origin.strip_prefix(self.scheme);
        let authority = authority.and_then(|it| it.strip_prefix("://"));
        authority.is_some_and(|it| self.is_it(it))
    }
}

/// Refuses pages, and names that are none of this listener.
pub(crate) async fn from_here(
    State(asked): State<Arc<Asked>>,
    request: Request,
    next: Next,
) -> Response {
    match check_place(request.headers(), request.uri(), &asked) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Refuses whoever has no token, or one that permits too little, or asks too fast. What is changed, and what is refused,
/// goes into the audit log.
pub(crate) async fn with_token(
    State((state, scope)): State<(Shared, Scope)>,
    mut request: Request,
    next: Next,
) -> Response {
    let who = match who(&state, request.headers()) {
        Ok(who) => who,
        Err(problem) => return problem.into_response(),
    };
    let action = action(&request);
    if let Err(problem) = who.needs(scope) {
        state.audit().note(&who, action, Some(&problem.code)).await;
        return problem.into_response();
    }
    request.extensions_mut().insert(who.clone());
    if scope == Scope::Read || request.method() == Method::GET {
        let response = next.run(request).await;
        if response.status() == StatusCode::FORBIDDEN {
            let refused = problem::code_of(&response);
            state.audit().note(&who, action, refused.as_deref()).await;
        }
        return response;
    }
    // In a task of its own: whoever hangs up in between has changed something all the same.
    let done = tokio::spawn(async move {
        let response = next.run(request).await;
        let refused = problem::code_of(&response);
        state.audit().note(&who, action, refused.as_deref()).await;
        response
    });
    let defect = |_| Problem::new("DEFECT", "Something went wrong; please report it.");
    done.await
        .map_err(defect)
        .unwrap_or_else(IntoResponse::into_response)
}

/// Refuses those who begin connections of Socket.IO too fast. Who shows no token at once, but says it once he is connected,
/// is one of the strangers until then. What has an id goes on with a connection that was begun.
pub(crate) async fn begins_slowly(
    State(state): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let is_new = request.uri().path().starts_with(SOCKETS)
        && !query.split('&').any(|it| it.starts_with("sid="));
    if is_new
        && let Err(problem) = state.admit(bearer(request.headers()))
        && problem.code == "RATE_LIMITED"
    {
        return problem.into_response();
    }
    next.run(request).await
}

/// Whoever makes a request with these headers.
pub(crate) fn who(state: &Shared, headers: &HeaderMap) -> Result<Who, Problem> {
    let token = state.admit(bearer(headers))?;
    Ok(Who::new(token, client(headers)?))
}

/// What is asked for, in words of the OpenAPI document.
fn action(request: &Request) -> String {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or(request.uri().path(), MatchedPath::as_str);
    let path = path.strip_prefix(PREFIX).unwrap_or(path);
    format!("{} {path}", request.method())
}

/// What whoever has no token is told.
pub(crate) fn unauthorized() -> Problem {
    Problem::new(
        "UNAUTHORIZED",
        "The token is missing or wrong. One stands in the file api-token of the data directory.",
    )
}

/// The token of a request (RFC 6750).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let said = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = said.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The name that a client gives itself.
pub(crate) fn client(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(said) = headers.get(CLIENT_HEADER) else {
        return Ok(None);
    };
    let name = said.to_str().map(str::trim).unwrap_or_default();
    client_name(name).map(Some)
}

/// A name that a client may give itself.
pub(crate) fn client_name(name: &str) -> Result<String, Problem> {
    short("The name of a client", name)
}

/// A text that is short enough to be shown and kept everywhere.
pub(crate) fn short(what: &str, name: &str) -> Result<String, Problem> {
    let is_good = !name.is_empty()
        && name.chars().count() <= MAX_CHARACTERS
        && !name.contains(char::is_control);
    match is_good {
        true => Ok(name.to_owned()),
        false => Err(Problem::new(
            "INVALID_REQUEST",
            format!("{what} has 1 to {MAX_CHARACTERS} characters."),
        )),
    }
}

fn check_place(headers: &HeaderMap, uri: &Uri, asked: &Asked) -> Result<(), Problem> {
    let hosts = headers.get_all(header::HOST).iter();
    let hosts = hosts.map(|host| host.to_str().unwrap_or_default());
    let hosts: Vec<&str> = hosts.chain(uri.authority().map(|it| it.as_str())).collect();
    if headers.get_all(header::HOST).iter().count() > 1 {
        return Err(Problem::new("INVALID_REQUEST", "Say one Host."));
    }
    if hosts.is_empty() || !hosts.iter().all(|host| asked.is_it(host)) {
        let (names, port) = (asked.names.join(", "), asked.port);
        return Err(Problem::new(
            "HOST_REFUSED",
            format!("Ask by one of these names, and port {port}: {names}."),
        ));
    }
    let origins = headers.get_all(header::ORIGIN).iter();
    let mut origins = origins.map(|origin| origin.to_str().unwrap_or_default());
    let site = headers.get("sec-fetch-site").map(|it| it.as_bytes());
    let is_foreign = site.is_some_and(|site| site != b"same-origin" && site != b"none");
    if is_foreign || origins.any(|origin| !asked.is_of_it(origin)) {
        return Err(Problem::new(
            "ORIGIN_REFUSED",
            "Pages of other sites may not ask.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn code(headers: &[(&'static str, &'static str)]) -> Option<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let asked = Asked::here(7826);
        let checked = check_place(&map, &Uri::from_static("/api/v1/health"), &asked);
        checked.err().map(|problem| problem.code)
    }

    #[test]
    fn a_name_that_points_here_is_not_here() {
        for host in [
            "127.0.0.1:7826",
            "localhost:7826",
            "LOCALHOST:7826",
            "[::1]:7826",
        ] {
            assert_eq!(code(&[("host", host)]), None, "{host}");
        }
        for host in [
            "evil.example:7826",
            "127.0.0.1.evil.example:7826",
            "localhost",
            "127.0.0.1:80",
            "localhost.:7826",
            "a@localhost:7826",
            "[::1]",
            "",
        ] {
            assert_eq!(
                code(&[("host", host)]).as_deref(),
                Some("HOST_REFUSED"),
                "{host}"
            );
        }
        assert_eq!(code(&[]).as_deref(), Some("HOST_REFUSED"));
        let twice = [("host", "127.0.0.1:7826"), ("host", "localhost:7826")];
        assert_eq!(code(&twice).as_deref(), Some("INVALID_REQUEST"));
        let elsewhere = Uri::from_static("http://evil.example:7826/api/v1/health");
        let mut here = HeaderMap::new();
        here.insert(header::HOST, HeaderValue::from_static("127.0.0.1:7826"));
        let refused = check_place(&here, &elsewhere, &Asked::here(7826)).err();
        assert_eq!(refused.map(|it| it.code).as_deref(), Some("HOST_REFUSED"));
    }

    #[test]
    fn another_origin_is_refused() {
        let host = ("host", "127.0.0.1:7826");
        assert_eq!(code(&[host, ("origin", "http://127.0.0.1:7826")]), None);
        assert_eq!(code(&[host, ("sec-fetch-site", "same-origin")]), None);
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost:3000",
            "https://127.0.0.1:7826",
        ] {
            let refused = code(&[host, ("origin", origin)]);
            assert_eq!(refused.as_deref(), Some("ORIGIN_REFUSED"), "{origin}");
        }
        for site in ["cross-site", "same-site"] {
            let refused = code(&[host, ("sec-fetch-site", site)]);
            assert_eq!(refused.as_deref(), Some("ORIGIN_REFUSED"), "{site}");
        }
        let two = [
            host,
            ("origin", "http://localhost:7826"),
            ("origin", "http://a.example"),
        ];
        assert_eq!(code(&two).as_deref(), Some("ORIGIN_REFUSED"));
    }

    #[test]
    fn other_machines_ask_by_the_names_that_were_said() {
        let names = ["tally.local", "fd00::7"].map(str::to_owned);
        let asked = Asked::by(&names, 443);
        for authority in ["tally.local", "tally.local:443", "[fd00::7]", "TALLY.local"] {
            assert!(asked.is_it(authority), "{authority}");
            assert!(asked.is_of_it(&format!("https://{authority}")));
            assert!(!asked.is_of_it(&format!("http://{authority}")));
        }
        for authority in ["127.0.0.1", "localhost:443", "tally.local:7827", "fd00::7"] {
            assert!(!asked.is_it(authority), "{authority}");
        }
    }
}
