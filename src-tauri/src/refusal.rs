//! The window that says why Talus Tally cannot start.
//!
//! It is a page of its own without a script, so that it shows whatever is wrong with the rest.

use app::failure::Failure;
use tauri::http::{Response, header};
use tauri::{AppHandle, Url, WebviewUrl, WebviewWindowBuilder};

use crate::window::BACKGROUND;

/// Label of the window; no capability names it.
pub const LABEL: &str = "refusal";
/// The scheme under which the page is served.
pub const SCHEME: &str = "refusal";

/// Opens the window.
pub fn open(app: &AppHandle) -> tauri::Result<()> {
    let page: Url = "refusal://localhost/".parse().expect("a constant");
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::CustomProtocol(page))
        .title("Talus Tally")
        .inner_size(560.0, 360.0)
        .center()
        .background_color(BACKGROUND)
        .build()?;
    Ok(())
}

/// The page for `failure`.
pub fn page(failure: &Failure) -> Response<Vec<u8>> {
    let detail = failure.detail.as_deref().unwrap_or_default();
    let html = include_str!("refusal.html")
        .replace("{message}", &escaped(&failure.message))
        .replace("{code}", &escaped(&failure.code))
        .replace("{detail}", &escaped(detail));
    let mut response = Response::new(html.into_bytes());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/html; charset=utf-8"),
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static(policy),
    );
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('{', "&#123;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failure_says_is_text_whatever_it_contains() {
        let failure = Failure {
            code: "DATA_DIR_IN_USE".to_owned(),
            message: "<b>&{code}".to_owned(),
            detail: None,
        };
        let page = String::from_utf8(page(&failure).into_body()).expect("the page is text");
        assert!(page.contains("&lt;b>&amp;&#123;code}"), "{page}");
        assert!(page.contains("DATA_DIR_IN_USE"), "{page}");
    }
}
