//! Entity tags (RFC 9110, 8.8.3) and the conditions that name them.
//!
//! A tag is strong, and so the name of bytes: an answer that is packed has another one than the same in plain, and both
//! hold in every condition.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

/// The coding in which answers are packed, behind the name of the content.
const PACKED: &str = "-gzip";

/// The tag of what is named so.
pub(crate) fn tag(name: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{name}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Gives an answer that was packed the tag of its bytes.
pub(crate) async fn note_coding(mut response: Response) -> Response {
    let headers = response.headers();
    let is_packed =
        headers.get(header::CONTENT_ENCODING) == Some(&HeaderValue::from_static("gzip"));
    if is_packed
        && let Some(plain) = headers.get(header::ETAG)
        && let Some(name) = name(plain.to_str().unwrap_or_default())
    {
        let packed = tag(&format!("{name}{PACKED}"));
        response.headers_mut().insert(header::ETAG, packed);
    }
    response
}

/// The tag by which whoever asks knows what is named so; none: it does not.
pub(crate) fn known(headers: &HeaderMap, name: &str) -> Option<HeaderValue> {
    let said = said(headers, header::IF_NONE_MATCH);
    // The comparison is weak (RFC 9110, 13.1.2).
    let said = said.map(|it| it.strip_prefix("W/").unwrap_or(it));
    let mut found = said.filter_map(|it| match it {
        "*" => Some(tag(name)),
        it => (content(it) == name).then(|| HeaderValue::from_str(it).ok())?,
    });
    found.next()
}

/// The names of one of which `If-Match` wants the content to be; none: any will do.
pub(crate) fn expected(headers: &HeaderMap) -> Option<Vec<String>> {
    headers.get(header::IF_MATCH)?;
    // The comparison is strong (RFC 9110, 13.1.1), so a weak tag names nothing.
    let said = said(headers, header::IF_MATCH).filter(|it| !it.starts_with("W/"));
    let said: Vec<String> = said.map(|it| content(it).to_owned()).collect();
    (!said.iter().any(|it| it == "*")).then_some(said)
}

fn said(headers: &HeaderMap, condition: HeaderName) -> impl Iterator<Item = &str> {
    let said = headers.get_all(condition).into_iter();
    let said = said.filter_map(|it| it.to_str().ok());
    said.flat_map(|it| it.split(',')).map(str::trim)
}

/// What stands in a strong tag.
fn name(tag: &str) -> Option<&str> {
    tag.strip_prefix('"')?.strip_suffix('"')
}

/// The content that a tag names, in whatever coding.
fn content(tag: &str) -> &str {
    let name = name(tag).unwrap_or(tag);
    name.strip_suffix(PACKED).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(condition: HeaderName, said: &[&'static str]) -> HeaderMap {
        let said = said.iter().map(|it| HeaderValue::from_static(it));
        let mut headers = HeaderMap::new();
        for it in said {
            headers.append(condition.clone(), it);
        }
        headers
    }

    #[tokio::test]
    async fn what_is_packed_has_a_tag_of_its_own() {
        let answer = |coding: Option<&'static str>| {
            let mut response = Response::default();
            response.headers_mut().insert(header::ETAG, tag("a"));
            if let Some(coding) = coding {
                let coding = HeaderValue::from_static(coding);
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, coding);
            }
            response
        };
        let plain = note_coding(answer(None)).await;
        assert_eq!(plain.headers()[header::ETAG], "\"a\"");
        let packed = note_coding(answer(Some("gzip"))).await;
        assert_eq!(packed.headers()[header::ETAG], "\"a-gzip\"");
    }

    #[test]
    fn whoever_has_it_in_any_coding_has_it() {
        let known = |said: &[&'static str]| known(&headers(header::IF_NONE_MATCH, said), "a");
        assert_eq!(known(&["\"b\", \"a\""]), Some(tag("a")));
        assert_eq!(known(&["\"b\"", "\"a-gzip\""]), Some(tag("a-gzip")));
        assert_eq!(known(&["W/\"a\""]), Some(tag("a")));
        assert_eq!(known(&["*"]), Some(tag("a")));
        assert_eq!(known(&["\"b\", \"aa\"", "\"gzip\""]), None);
        assert_eq!(known(&[]), None);
    }

    #[test]
    fn a_condition_names_content_in_any_coding() {
        let expected = |said: &[&'static str]| expected(&headers(header::IF_MATCH, said));
        let names = |names: &[&str]| Some(names.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(expected(&[]), None);
        assert_eq!(expected(&["*"]), None);
        assert_eq!(
            expected(&["\"a-gzip\",\"b\"", "c"]),
            names(&["a", "b", "c"])
        );
        assert_eq!(
            expected(&["W/\"a\""]),
            names(&[]),
            "a weak tag names nothing"
        );
    }
}
