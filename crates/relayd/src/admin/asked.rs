//! How the page is asked for: by a name of this machine, or by the one that the configuration has, and nothing is done for other
//! sites.
//!
//! A name that was made to point here (DNS rebinding) stands in `Host`; a page of somebody else in `Origin`, which browsers send with
//! every form.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::Admin;
use crate::config::Origin;

/// What the browser does with every page.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    // With less a form would say that it comes from nowhere.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Refuses other names and other sites, and has every answer say what a browser may do with it.
pub async fn from_here(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    let is_ours = is_ours(admin.places(), request.method(), request.headers());
    let mut response = match is_ours {
        true => next.run(request).await,
        false => (StatusCode::FORBIDDEN, OTHER).into_response(),
    };
    for (name, value) in HEADERS {
        let value = header::HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

const OTHER: &str = "This page was asked for by another name or by another site. Take the link that `tally-relay admin-link` prints; behind a \
                     proxy say in admin.origin how browsers find it.\n";

fn is_ours((own, scheme): (&Origin, &str), method: &Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let Some(host) = text(header::HOST) else {
        return false;
    };
    if !is_near(host) && own.authority() != Some(host) {
        return false;
    }
    let is_read = *method == Method::GET || *method == Method::HEAD;
    let origin = text(header::ORIGIN);
    let is_near_origin = || {
        let said = origin.and_then(|it| it.strip_prefix(scheme));
        said == Some(host) && is_near(host)
    };
    is_read || origin.is_some_and(|it| own.is(it)) || is_near_origin()
}

/// Whether it is this machine, as this machine calls itself.
fn is_near(host: &str) -> bool {
    let authority = host.parse::<Authority>().ok();
    let is_name = |it: &Authority| ["127.0.0.1", "localhost", "[::1]"].contains(&it.host());
    !host.contains('@') && authority.as_ref().is_some_and(is_name)
}

/// Whether what was asked by these headers goes by TLS, so that a cookie need not go without.
pub fn is_secret(headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN);
    origin.is_some_and(|it| it.as_bytes().starts_with(b"https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(own: &str, method: Method, host: &str, origin: Option<&str>) -> bool {
        is_taken_by("http://", own, method, host, origin)
    }

    fn is_taken_by(
        scheme: &str,
        own: &str,
        method: Method,
        host: &str,
        origin: Option<&str>,
    ) -> bool {
        let own = Origin::try_from(own.to_owned()).expect("an origin");
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a value"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a value"));
        }
        is_ours((&own, scheme), &method, &headers)
    }

    #[test]
    fn a_page_is_shown_by_its_own_names_alone() {
        for host in ["127.0.0.1:7828", "localhost:9", "[::1]:7828", "localhost"] {
            assert!(is_taken("", Method::GET, host, None), "{host}");
        }
        for host in [
            "relay.example",
            "127.0.0.1.example:7828",
            "localhost@evil.example",
            "10.0.0.1:7828",
        ] {
            assert!(!is_taken("", Method::GET, host, None), "{host}");
        }
        assert!(is_taken(
            "https://relay.example",
            Method::GET,
            "relay.example",
            None
        ));
        assert!(!is_taken(
            "https://relay.example",
            Method::GET,
            "other.example",
            None
        ));
    }

    #[test]
    fn nothing_is_done_for_another_site_or_for_nobody() {
        let own = "https://relay.example";
        let post = |host, origin| is_taken(own, Method::POST, host, origin);
        assert!(post("127.0.0.1:7828", Some("http://127.0.0.1:7828")));
        assert!(post("relay.example", Some(own)));
        assert!(
            post("127.0.0.1:7828", Some(own)),
            "a proxy that names the relay by its address"
        );
        for origin in [
            None,
            Some("null"),
            Some("http://127.0.0.1:7829"),
            Some("http://relay.example"),
            Some("https://evil.example"),
        ] {
            assert!(!post("127.0.0.1:7828", origin), "{origin:?}");
        }
        assert!(!is_taken("", Method::POST, "127.0.0.1:7828", Some(own)));
    }

    #[test]
    fn by_tls_nothing_is_done_for_a_page_that_came_without() {
        let (own, here) = ("https://relay.example:7828", "127.0.0.1:7828");
        let post = |host, origin| is_taken_by("https://", own, Method::POST, host, Some(origin));
        assert!(post(here, "https://127.0.0.1:7828"));
        assert!(post("relay.example:7828", own));
        assert!(!post(here, "http://127.0.0.1:7828"));
        assert!(!post("relay.example:7828", "https://relay.example"));
    }
}
