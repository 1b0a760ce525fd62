//! Errors of the HTTP API as problem details (RFC 9457), and of SCIM as it has them (RFC 7644, 3.12). A handler answers with a [`Problem`] and no body; the body is written
//! here, where the id of the request is known. What never reached a handler becomes one as well.

use axum::Json;
use axum::extract::Request;
use axum::http::header::{
    CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use i18n::Language;
use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::error::AppError;

use super::paths::{API, is_api, is_scim};
use super::request_id::id_of;

/// The codes that SCIM has names for, as `scimType`.
const SCIM_TYPES: [&str; 10] = [
    "invalidFilter",
    "invalidPath",
    "invalidSyntax",
    "invalidValue",
    "invalidVers",
    "mutability",
    "noTarget",
    "sensitive",
    "tooMany",
    "uniqueness",
];

/// A kind of problem: what its type's address ends with, its title, and the status that it mostly comes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The part of the address of its type that tells it apart.
    pub(crate) name: &'static str,
    /// What it is called.
    pub(crate) title: &'static str,
    /// Its status.
    pub(crate) status: u16,
    /// What its receiver does about it.
    pub(crate) advice: &'static str,
}

/// Every kind, in the order of their status.
pub(crate) const KINDS: [Kind; 13] = [
    Kind {
        name: "malformed",
        title: "The request cannot be read",
        status: 400,
        advice: "The body is no JSON, or a header that must be there is missing or has another form. Mend the request.",
    },
    Kind {
        name: "unauthenticated",
        title: "A valid token is needed",
        status: 401,
        advice: "The token is missing, unknown, revoked or expired. An administrator makes another one.",
    },
    Kind {
        name: "forbidden",
        title: "The token does not open this",
        status: 403,
        advice: "The token lacks the scope that detail names, or the request came from a page of another site.",
    },
    Kind {
        name: "not-found",
        title: "There is no such thing",
        status: 404,
        advice: "The address is unknown, or what it names is not there, or not for a token of this team.",
    },
    Kind {
        name: "method-not-allowed",
        title: "This address knows no such method",
        status: 405,
        advice: "The header Allow lists the methods.",
    },
    Kind {
        name: "timeout",
        title: "The request took too long",
        status: 408,
        advice: "Send it again under the same key.",
    },
    Kind {
        name: "conflict",
        title: "It does not apply any more",
        status: 409,
        advice: "The workitem is in another state, or the key was used for something else: code says which.",
    },
    Kind {
        name: "too-large",
        title: "The request is too large",
        status: 413,
        advice: "parameters say how large it may be.",
    },
    Kind {
        name: "unsupported-media-type",
        title: "The body must be JSON",
        status: 415,
        advice: "Send Content-Type: application/json.",
    },
    Kind {
        name: "invalid",
        title: "An input is wrong",
        status: 422,
        advice: "field names it, code and parameters say what is wrong.",
    },
    Kind {
        name: "rate-limited",
        title: "Too many requests",
        status: 429,
        advice: "Wait for the seconds of Retry-After.",
    },
    Kind {
        name: "internal",
        title: "A defect of this host",
        status: 500,
        advice: "Tell the operator the request_id, which the log has as well.",
    },
    Kind {
        name: "unavailable",
        title: "The host cannot work right now",
        status: 503,
        advice: "Send it again under the same key after the seconds of Retry-After.",
    },
];

fn kind_of(status: StatusCode) -> Kind {
    let code = status.as_u16();
    let known = KINDS.into_iter().find(|kind| kind.status == code);
    // No status stands alone: what is not listed is a defect of ours, or of the request.
    let fallback = if status.is_server_error() { 500 } else { 400 };
    let fallback = KINDS.into_iter().find(move |kind| kind.status == fallback);
    known.or(fallback).unwrap_or(KINDS[0])
}

/// What went wrong, as the API says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: String,
    detail: Option<String>,
    field: Option<String>,
    parameters: Map<String, Value>,
    retry_after_s: Option<i64>,
}

impl Problem {
    /// One that has nothing to say beyond its kind. `code` says more exactly what it is.
    pub(crate) fn plain(status: StatusCode, code: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: None,
            field: None,
            parameters: Map::new(),
            retry_after_s: None,
        }
    }

    /// The same, with a sentence for the author of the program that sent the request.
    pub(crate) fn with_detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// Its status, its code, and the field that it is about.
    #[cfg(test)]
    pub(crate) fn summary(&self) -> (StatusCode, &str, Option<&str>) {
        (self.status, &self.code, self.field.as_deref())
    }

    /// The same with another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same, about an input.
    pub(crate) fn at(self, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..self
        }
    }

    /// The error of a use-case. In the answers of a token, "your session" is no word.
    pub(crate) fn of(error: &AppError) -> Self {
        let status = StatusCode::from_u16(error.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let plain = |code: &str| Self::plain(status, code);
        let said = |problem: Self| problem.with_detail(i18n::error_text(Language::En, error));
        match error {
            AppError::Unauthenticated => plain("token_not_accepted"),
            AppError::NotFound => said(plain("not_found")),
            AppError::NotCoachable => said(plain("not_coachable")),
            AppError::Invalid { field, problem } => {
                said(plain("invalid").parametrised(problem).at(field))
            }
            AppError::Conflict { cause } => said(plain("conflict").parametrised(cause)),
            AppError::RateLimited { retry_after_s, .. } => Self {
                retry_after_s: Some(*retry_after_s),
                ..said(plain("rate_limited"))
            },
            AppError::Unavailable => Self {
                retry_after_s: Some(super::errors::UNAVAILABLE_S),
                ..plain("unavailable")
            },
            AppError::Internal { .. } => plain("internal"),
        }
    }

    /// Takes code and parameters of a problem or a cause, which are data.
    fn parametrised(mut self, of: &impl Serialize) -> Self {
        if let Ok(Value::Object(mut members)) = serde_json::to_value(of) {
            if let Some(Value::String(code)) = members.remove("code") {
                self.code = code;
            }
            self.parameters = members;
        }
        self
    }

    fn body(&self, request_id: &str) -> Value {
        let kind = kind_of(self.status);
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
        put("type", format!("{API}/docs#problem-{}", kind.name).into());
        put("title", kind.title.into());
        put("status", self.status.as_u16().into());
        let detail = self.detail.as_deref().unwrap_or(kind.advice);
        put("detail", detail.into());
        put("code", self.code.as_str().into());
        if let Some(field) = &self.field {
            put("field", field.as_str().into());
        }
        if !self.parameters.is_empty() {
            put("parameters", Value::Object(self.parameters.clone()));
        }
        put("request_id", request_id.into());
        Value::Object(body)
    }

    /// The same as SCIM says it.
    fn scim_body(&self) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
        put(
            "schemas",
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
        );
        put("status", self.status.as_u16().to_string().into());
        if SCIM_TYPES.iter().any(|known| *known == self.code) {
            put("scimType", self.code.as_str().into());
        }
        let title = kind_of(self.status).title;
        put("detail", self.detail.as_deref().unwrap_or(title).into());
        Value::Object(body)
    }
}

impl IntoResponse for Problem {
    /// Without a body, which [`render`] writes.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"sideline\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every failed answer of the API and of SCIM a body that says why.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let scim = is_scim(path);
    if !scim && !is_api(path) {
        return next.run(request).await;
    }
    let request_id = id_of(&request).to_owned();
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (mut head, _) = response.into_parts();
    let said = head.extensions.remove::<Problem>();
    let error = head.extensions.get::<AppError>();
    let problem = said
        .or_else(|| error.map(Problem::of))
        .unwrap_or_else(|| Problem::plain(status, code_of(status)));
    // A layer may have its own status for it: 413 is one.
    let problem = Problem { status, ..problem };
    let (body, kind) = match scim {
        true => (problem.scim_body(), "application/scim+json"),
        false => (problem.body(&request_id), "application/problem+json"),
    };
    let body = Json(body).into_response().into_body();
    for name in [CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        head.headers.remove(name);
    }
    head.headers
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Response::from_parts(head, body)
}

/// The code of what never reached a handler.
fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::FORBIDDEN => "cross_site",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        StatusCode::NOT_FOUND => "not_found",
        status if status.is_server_error() => "internal",
        _ => "malformed",
    }
}
