//! The OpenAPI document: operations come from the handlers, and what all of them share is added here once.

use serde_json::{Map, Value, json};
use shared::tokens::Scope;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use super::events;
use crate::http::problem::KINDS;

/// What stands in front of the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sideline",
        description = "Reads workitems, conversations, people and assistance, and takes reports of calls and mails. Every request carries a token as a bearer; administrators make tokens in the app. Every POST carries a key of its own in Idempotency-Key: the same key with the same request gives the first answer again, with another request 409. Errors are problem details (RFC 9457). Times are in UTC."
    ),
    tags(
        (name = "intake", description = "Report calls and mails, which other systems carry."),
        (name = "workitems", description = "Where workitems stand."),
        (name = "transcripts", description = "What was said."),
        (name = "people", description = "Users and teams."),
        (name = "assistance", description = "Templates and raised hands."),
        (name = "description", description = "This description."),
    ),
    components(schemas(
        events::AssignedData,
        events::AssistanceData,
        events::CoachingData,
        events::MessageData,
        events::ReviewData,
        events::StateData,
        events::TestData,
        events::WorkitemData,
    ))
)]
struct Beginning;

/// The document without operations.
pub(super) fn beginning() -> Document {
    let mut document = Beginning::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document
}

/// The document with what every operation has.
pub(super) fn complete(document: Document) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete_operation(path, method, operation);
            }
        }
    }
    document["webhooks"] = events::webhooks().into();
    let components = &mut document["components"];
    components["securitySchemes"] = json!({ "token": security_scheme() });
    components["schemas"]["Problem"] = problem_schema();
    components["responses"] = responses().into();
    components["headers"] = json!({
        "RateLimit": {
            "description": "How many requests the token may send now (r), and after how many seconds all of them again (t).",
            "schema": { "type": "string", "examples": ["\"token\";r=599;t=1"] },
        },
        "RateLimit-Policy": {
            "description": "How many requests (q) in how many seconds (w).",
            "schema": { "type": "string", "examples": ["\"token\";q=600;w=60"] },
        },
    });
    document
}

fn security_scheme() -> Value {
    let scopes = Scope::ALL.map(Scope::code).join(", ");
    json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "slt_ and 64 hex digits",
        "description": format!("A token, which has one scope or several: {scopes}."),
    })
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else {
        return;
    };
    let open = operation
        .get("security")
        .and_then(Value::as_array)
        .is_some_and(|schemes| schemes.iter().all(|scheme| scheme == &json!({})));
    if open {
        return;
    }
    let writes = method == "post";
    let named = path.contains('{');
    if named {
        for parameter in array(operation, "parameters") {
            if parameter["in"] == "path" {
                parameter["schema"] = json!({
                    "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$",
                });
            }
        }
    }
    if writes {
        array(operation, "parameters").push(key_parameter());
    }
    let mut statuses = vec![401, 403, 422, 429, 503];
    if named {
        statuses.push(404);
    }
    if writes {
        statuses.extend([400, 409, 413]);
        if operation.contains_key("requestBody") {
            statuses.push(415);
        }
    }
    let answers = operation.entry("responses").or_insert_with(|| json!({}));
    for (_, answer) in answers.as_object_mut().into_iter().flatten() {
        for name in ["RateLimit", "RateLimit-Policy"] {
            answer["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
        }
    }
    for status in statuses {
        let name = status.to_string();
        answers[&name] = json!({ "$ref": format!("#/components/responses/Problem{name}") });
    }
}

/// A list of an operation.
fn array<'a>(operation: &'a mut Map<String, Value>, name: &str) -> &'a mut Vec<Value> {
    let list = operation.entry(name).or_insert_with(|| json!([]));
    if !list.is_array() {
        *list = json!([]);
    }
    list.as_array_mut()
        .unwrap_or_else(|| unreachable!("it was made a list"))
}

fn key_parameter() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": true,
        "description": "A key of your own for this command, as it is or in quotation marks. It belongs to the token and is kept for ever.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$" },
    })
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference", "description": "The kind of problem; its address explains it." },
            "title": { "type": "string", "description": "The kind of problem in words." },
            "status": { "type": "integer", "description": "The status of the answer." },
            "detail": { "type": "string", "description": "What it is this time, for people." },
            "code": { "type": "string", "description": "What it is exactly, for programs." },
            "field": { "type": "string", "description": "The input that is wrong." },
            "parameters": { "type": "object", "description": "Limits, and what was there instead: max, min, actual.", "additionalProperties": true },
            "request_id": { "type": "string", "description": "Finds the request in the log of the host." },
        },
    })
}

/// A response for each kind of problem, by its status.
fn responses() -> Map<String, Value> {
    let responses = KINDS.iter().map(|kind| {
        let mut response = json!({
            "description": format!("{}. {}", kind.title, kind.advice),
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
        match kind.status {
            401 => response["headers"]["WWW-Authenticate"] = text("Bearer."),
            429 | 503 => response["headers"]["Retry-After"] = text("Seconds to wait."),
            _ => {}
        }
        (format!("Problem{}", kind.status), response)
    });
    responses.collect()
}

/// Where the page explains a kind of problem: `type` of a problem ends with it.
pub(super) fn problem_anchor(name: &str) -> String {
    ["problem-", name].concat()
}
