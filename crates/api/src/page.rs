//! `/docs`: the OpenAPI and AsyncAPI documents as one page for people. It needs no network and no script.

use std::fmt::{self, Write};

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

const STYLE: &str = include_str!("page/style.css");

/// Nothing is loaded, run or framed.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'none'";

/// The page as a response.
pub(crate) fn respond(html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, html).into_response()
}

/// The page.
pub(crate) fn render(openapi: &Value, asyncapi: &Value) -> String {
    let mut html = String::new();
    // Writing to a String cannot fail.
    write_page(&mut html, openapi, asyncapi).ok();
    html
}

fn write_page(out: &mut String, openapi: &Value, asyncapi: &Value) -> fmt::Result {
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Talus Tally for programs</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><main>\
         <h1>Talus Tally {} for programs</h1>\
         <p>Made from <a href=\"/api/v1/openapi.json\">the OpenAPI document</a> and \
         <a href=\"/api/v1/asyncapi.json\">the AsyncAPI document</a> of this very server.</p>\
         <nav><a href=\"#rest\">REST</a> <a href=\"#events\">Events</a> <a href=\"#schemas\">Schemas</a></nav>",
        text(&openapi["info"]["version"])
    )?;
    out.push_str("<h2 id=\"rest\">REST</h2>");
    for (path, methods) in entries(&openapi["paths"]) {
        for (method, operation) in entries(methods) {
            write_operation(out, path, method, operation)?;
        }
    }
    out.push_str("<h2 id=\"events\">Events</h2>");
    write!(out, "<p>{}</p>", text(&asyncapi["info"]["description"]))?;
    let messages = &asyncapi["components"]["messages"];
    for operation in ["hear", "say"] {
        let operation = &asyncapi["operations"][operation];
        write!(out, "<h3>{}</h3>", text(&operation["summary"]))?;
        for reference in operation["messages"].as_array().into_iter().flatten() {
            let name = last(reference);
            let message = &messages[name];
            write!(
                out,
                "<details><summary><code>{}</code> {}</summary>",
                escaped(name),
                text(&message["summary"])
            )?;
            write_properties(out, &message["payload"])?;
            out.push_str("</details>");
        }
    }
    out.push_str("<h2 id=\"schemas\">Schemas</h2>");
    for (name, schema) in entries(&openapi["components"]["schemas"]) {
        let name = escaped(name);
        write!(
            out,
            "<details id=\"schema-{name}\"><summary><code>{name}</code> {}</summary>",
            text(&schema["description"])
        )?;
        write_properties(out, schema)?;
        out.push_str("</details>");
    }
    out.push_str("</main></body></html>\n");
    Ok(())
}

fn write_operation(out: &mut String, path: &str, method: &str, operation: &Value) -> fmt::Result {
    write!(
        out,
        "<details><summary><b>{}</b> <code>{}</code> {}</summary>",
        escaped(&method.to_uppercase()),
        escaped(path),
        text(&operation["summary"])
    )?;
    for paragraph in text(&operation["description"]).split("\n\n") {
        write!(out, "<p>{paragraph}</p>")?;
    }
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters: Vec<&Value> = parameters.collect();
    if !parameters.is_empty() {
        out.push_str("<h4>Parameters</h4><table>");
        for parameter in parameters {
            write!(
                out,
                "<tr><td><code>{}</code><td>{}<td>{}</tr>",
                text(&parameter["name"]),
                text(&parameter["in"]),
                text(&parameter["description"])
            )?;
        }
        out.push_str("</table>");
    }
    for (kind, content) in entries(&operation["requestBody"]["content"]) {
        let kind = escaped(kind);
        write!(
            out,
            "<h4>Body</h4><p>{kind}: {}</p>",
            shape(&content["schema"])
        )?;
    }
    out.push_str("<h4>Responses</h4><table>");
    for (status, response) in entries(&operation["responses"]) {
        let content = entries(&response["content"]).next();
        let content = content.map(|(_, content)| shape(&content["schema"]));
        write!(
            out,
            "<tr><td>{}<td>{}<td>{}</tr>",
            escaped(status),
            text(&response["description"]),
            content.unwrap_or_default()
        )?;
    }
    out.push_str("</table></details>");
    Ok(())
}

fn write_properties(out: &mut String, schema: &Value) -> fmt::Result {
    // What one type has of another stands in parts.
    for part in schema["allOf"].as_array().into_iter().flatten() {
        match part["$ref"].is_string() {
            true => write!(out, "<p>All of {}, and:</p>", shape(part))?,
            false => write_properties(out, part)?,
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(text).collect();
        return write!(out, "<p>One of <code>{}</code>.</p>", values.join(", "));
    }
    if schema["properties"].is_null() {
        return Ok(());
    }
    out.push_str("<table>");
    for (name, property) in entries(&schema["properties"]) {
        write!(
            out,
            "<tr><td><code>{}</code><td>{}<td>{}</tr>",
            escaped(name),
            shape(property),
            text(&property["description"])
        )?;
    }
    out.push_str("</table>");
    Ok(())
}

/// A type in a few words, with a link to where it is described.
fn shape(schema: &Value) -> String {
    if schema["$ref"].is_string() {
        let name = escaped(last(schema));
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    let several = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    if let Some(several) = several {
        let shapes: Vec<String> = several.iter().map(shape).collect();
        return shapes.join(" or ");
    }
    if !schema["items"].is_null() {
        return format!("list of {}", shape(&schema["items"]));
    }
    match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        one => text(one),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// The last part of a reference.
fn last(reference: &Value) -> &str {
    let path = reference["$ref"].as_str().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_of_both_documents_is_on_the_page() {
        let openapi = json!(crate::router::openapi());
        let asyncapi = crate::asyncapi();
        let page = render(&openapi, &asyncapi);
        for (path, _) in entries(&openapi["paths"]) {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
        for (name, _) in entries(&asyncapi["components"]["messages"]) {
            assert!(page.contains(&format!("<code>{name}</code>")), "{name}");
        }
        let targets = page.split("href=\"#").skip(1);
        for target in targets.filter_map(|it| it.split('"').next()) {
            assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
        }
        assert!(!page.contains("http://") && !page.contains("https://"));
    }

    #[test]
    fn text_stays_text() {
        let openapi = json!({"paths": {"/<script>": {"get": {"summary": "a & b"}}}});
        let page = render(&openapi, &Value::Null);
        assert!(page.contains("/&lt;script&gt;") && page.contains("a &amp; b"));
        assert!(!page.contains("<script>"));
    }
}
