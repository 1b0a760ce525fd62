//! The API as people read it, at `/api/v1/docs`: a page of the host, made from the OpenAPI document. It runs no script and
//! loads nothing from elsewhere, which the usual viewers do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use i18n::Language;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::document::problem_anchor;
use crate::http::plain_page::plain_page;
use crate::http::problem::KINDS;

/// The page's address.
pub(super) const PATH: &str = "/api/v1/docs";

/// This reference
///
/// The same as the OpenAPI document, for people. No token is needed.
#[utoipa::path(
    get,
    path = "/api/v1/docs",
    operation_id = "docs",
    tag = "description",
    responses((status = 200, description = "The page.", content_type = "text/html")),
    security(())
)]
pub(super) async fn show(State(document): State<Arc<Value>>) -> Response {
    let title = "API reference";
    let main = html! {
        main class="page api-docs" {
            div class="page__head" { h1 class="page__title" { (title) } }
            p { (text(&document["info"], "description")) }
            p {
                "OpenAPI " (text(&document, "openapi")) ", release " (text(&document["info"], "version")) ": "
                a href="/api/v1/openapi.json" { "/api/v1/openapi.json" }
            }
            (contents(&document))
            @for tag in list(&document["tags"]) { (section(&document, tag)) }
            (webhooks(&document))
            (schemas(&document))
            (problems())
        }
    };
    // The document is in English, as the API's words are.
    plain_page(Language::En, title, &main)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The operations under a tag, by path and method.
fn operations<'a>(document: &'a Value, tag: &str) -> Vec<(&'a str, &'a str, &'a Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    all.filter(|(.., operation)| list(&operation["tags"]).iter().any(|own| own == tag))
        .collect()
}

fn contents(document: &Value) -> Markup {
    html! {
        nav class="card api-docs__part" aria-label="Contents" {
            ul {
                @for tag in list(&document["tags"]) {
                    li {
                        a href={ "#tag-" (text(tag, "name")) } { (text(tag, "description")) }
                        ul {
                            @for (path, method, operation) in operations(document, text(tag, "name")) {
                                li {
                                    a href={ "#" (text(operation, "operationId")) } { (text(operation, "summary")) }
                                    " " code { (method.to_uppercase()) " " (path) }
                                }
                            }
                        }
                    }
                }
                li { a href="#webhooks" { "Webhooks" } }
                li { a href="#schemas" { "Schemas" } }
                li { a href="#problems" { "Problems" } }
            }
        }
    }
}

fn section(document: &Value, tag: &Value) -> Markup {
    let name = text(tag, "name");
    html! {
        section aria-labelledby={ "tag-" (name) } {
            h2 id={ "tag-" (name) } { (text(tag, "description")) }
            @for (path, method, operation) in operations(document, name) { (operation_view(path, method, operation)) }
        }
    }
}

fn operation_view(path: &str, method: &str, operation: &Value) -> Markup {
    let id = text(operation, "operationId");
    let scopes = list(&operation["security"])
        .iter()
        .flat_map(|scheme| list(&scheme["token"]));
    let scopes: Vec<&str> = scopes.filter_map(Value::as_str).collect();
    let parameters = list(&operation["parameters"]);
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    html! {
        article class="card api-docs__part" aria-labelledby=(id) {
            h3 id=(id) { (text(operation, "summary")) }
            p { code { (method.to_uppercase()) " " (path) } }
            p { (text(operation, "description")) }
            @if scopes.is_empty() { p { "Without a token." } }
            @else { p { "Scope: " @for scope in &scopes { code { (scope) } " " } } }
            @if !parameters.is_empty() { (parameters_view(text(operation, "summary"), parameters)) }
            @if body.is_object() { p { "Body: " (kind_of(body)) } }
            (answers_view(&operation["responses"]))
        }
    }
}

fn parameters_view(of: &str, parameters: &[Value]) -> Markup {
    let label = format!("Parameters of: {of}");
    html! {
        div class="table-wrap" tabindex="0" role="region" aria-label=(label) {
            table class="table" {
                caption class="visually-hidden" { (label) }
                thead { tr { th scope="col" { "Parameter" } th scope="col" { "In" } th scope="col" { "Type" } th scope="col" { "Meaning" } } }
                tbody {
                    @for parameter in parameters {
                        tr {
                            th scope="row" { code { (text(parameter, "name")) } @if parameter["required"] == true { " (required)" } }
                            td { (text(parameter, "in")) }
                            td { (kind_of(&parameter["schema"])) }
                            td { (text(parameter, "description")) }
                        }
                    }
                }
            }
        }
    }
}

fn answers_view(answers: &Value) -> Markup {
    let answers = answers.as_object().into_iter().flatten();
    let (good, bad): (Vec<_>, Vec<_>) = answers.partition(|(_, answer)| answer["$ref"].is_null());
    html! {
        @for (status, answer) in good {
            p {
                "Answer " code { (status) } ": " (text(answer, "description")) " "
                (kind_of(&answer["content"]["application/json"]["schema"]))
            }
        }
        @if !bad.is_empty() {
            p {
                "Problems: "
                @for (status, _) in bad {
                    @let kind = KINDS.iter().find(|kind| kind.status.to_string() == *status);
                    @if let Some(kind) = kind { a href={ "#" (problem_anchor(kind.name)) } { code { (status) } } " " }
                }
            }
        }
    }
}

/// The type of a value, with its limits.
fn kind_of(schema: &Value) -> Markup {
    if let Some(name) = text(schema, "$ref")
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
    {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    let variants = ["oneOf", "anyOf", "allOf"].map(|name| list(&schema[name]));
    let variants: Vec<&Value> = variants.into_iter().flatten().collect();
    if !variants.is_empty() {
        return html! {
            @for (number, variant) in variants.iter().enumerate() {
                @if number > 0 { " or " }
                (kind_of(variant))
            }
        };
    }
    if schema["type"] == "array" {
        return html! { "list of " (kind_of(&schema["items"])) };
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            kinds.join(" or ")
        }
        _ => String::new(),
    };
    let limits = [
        "format",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
    ];
    let limits = limits.into_iter().filter(|limit| !schema[*limit].is_null());
    html! {
        (kind)
        @if let Some(values) = schema["enum"].as_array() {
            ": " @for value in values { code { (value.as_str().unwrap_or_default()) } " " }
        }
        @for limit in limits {
            ", " (limit) " " code { (schema[limit].as_str().map_or_else(|| schema[limit].to_string(), str::to_owned)) }
        }
    }
}

/// What this host sends to receivers of webhooks.
fn webhooks(document: &Value) -> Markup {
    let all = document["webhooks"].as_object().into_iter().flatten();
    html! {
        section aria-labelledby="webhooks" {
            h2 id="webhooks" { "Webhooks" }
            p {
                "Each is a POST to a receiver that an administrator has added, signed as Standard Webhooks has it. Its body has "
                code { "type" } ", " code { "timestamp" } " and " code { "data" } ". A receiver that is limited to teams is told of their "
                "workitems alone."
            }
            @for (name, item) in all {
                @let operation = &item["post"];
                @let id = text(operation, "operationId");
                @let body = &operation["requestBody"]["content"]["application/json"]["schema"];
                article class="card api-docs__part" aria-labelledby=(id) {
                    h3 id=(id) { (text(operation, "summary")) }
                    p { code { (name) } }
                    p { (text(operation, "description")) }
                    p { code { "data" } ": " (kind_of(&body["properties"]["data"])) }
                }
            }
        }
    }
}

fn schemas(document: &Value) -> Markup {
    let empty = Map::new();
    let schemas = document["components"]["schemas"]
        .as_object()
        .unwrap_or(&empty);
    html! {
        section aria-labelledby="schemas" {
            h2 id="schemas" { "Schemas" }
            @for (name, schema) in schemas { (schema_view(name, schema)) }
        }
    }
}

fn schema_view(name: &str, schema: &Value) -> Markup {
    let required = list(&schema["required"]);
    let fields = schema["properties"].as_object();
    html! {
        article class="card api-docs__part" aria-labelledby={ "schema-" (name) } {
            h3 id={ "schema-" (name) } { (name) }
            p { (text(schema, "description")) }
            @if let Some(fields) = fields {
                div class="table-wrap" tabindex="0" role="region" aria-label={ "Fields of " (name) } {
                    table class="table" {
                        caption class="visually-hidden" { "Fields of " (name) }
                        thead { tr { th scope="col" { "Field" } th scope="col" { "Type" } th scope="col" { "Meaning" } } }
                        tbody {
                            @for (field, schema) in fields {
                                tr {
                                    th scope="row" {
                                        code { (field) }
                                        @if required.iter().any(|required| required == field) { " (required)" }
                                    }
                                    td { (kind_of(schema)) }
                                    td { (text(schema, "description")) }
                                }
                            }
                        }
                    }
                }
            } @else { p { (kind_of(schema)) } }
        }
    }
}

/// What went wrong, by kind: `type` of a problem leads here.
fn problems() -> Markup {
    html! {
        section aria-labelledby="problems" {
            h2 id="problems" { "Problems" }
            @for kind in KINDS {
                article class="card api-docs__part" aria-labelledby=(problem_anchor(kind.name)) {
                    h3 id=(problem_anchor(kind.name)) { code { (kind.status) } " " (kind.title) }
                    p { (kind.advice) }
                }
            }
        }
    }
}
