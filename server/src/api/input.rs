//! What a request says: its JSON body, its query and its key. Read strictly: what is not known is refused, with its name.

use app::json::read_object;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::header::HeaderName;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer};
use shared::error::{AppError, Problem as Reason};
use shared::ids::{CommandKey, ID_MAX, WorkitemId};

use super::ApiState;
use crate::http::is_media_type;
use crate::http::problem::Problem;
use crate::http::query;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A body of JSON. An extractor.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<ApiState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        if !is_media_type(request.headers(), "application/json") {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::plain(status, "not_json"));
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|_| malformed("broken_off"))?;
        read(&body).map(Self)
    }
}

fn malformed(code: &str) -> Problem {
    Problem::plain(StatusCode::BAD_REQUEST, code)
}

/// Reads an object. What is JSON and not what is asked for is refused at its field.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    read_object(body).map_err(|unread| match unread.is_json {
        true => Problem::of(&unread.error()),
        false => {
            let detail = format!("This is no JSON: {}.", unread.words);
            malformed("not_json").with_detail(detail)
        }
    })
}

/// A word of those that `T` knows, for `deserialize_with`: serde takes an object of one member for it as well.
pub(super) fn word<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    let word = String::deserialize(deserializer)?;
    T::deserialize(word.into_deserializer())
}

/// The key of a command, which every request needs that changes something. An extractor.
///
/// It is what the sender made, as it is or as a string of RFC 8941, in quotation marks.
#[derive(Debug)]
pub(super) struct Key(pub(super) CommandKey);

impl FromRequestParts<ApiState> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let mut headers = parts.headers.get_all(KEY).iter();
        let wrong = |reason| {
            let error = AppError::invalid("Idempotency-Key", reason);
            Problem::of(&error).with_status(StatusCode::BAD_REQUEST)
        };
        let Some(header) = headers.next() else {
            let detail =
                "Send the header Idempotency-Key, with a key of your own for each command.";
            let missing = malformed("key_missing").with_detail(detail);
            return Err(missing.at("Idempotency-Key"));
        };
        if headers.next().is_some() {
            return Err(wrong(Reason::TooMany { max: 1 }));
        }
        let text = header.to_str().unwrap_or_default().trim();
        let bare = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let key = CommandKey::parse(bare.unwrap_or(text));
        let form = Reason::KeyForm { max: ID_MAX as i64 };
        key.map(Self).map_err(|_| wrong(form))
    }
}

/// The workitem that an address names. An extractor.
#[derive(Debug)]
pub(super) struct Named(pub(super) WorkitemId);

impl FromRequestParts<ApiState> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        // What is no id is nothing's.
        let id = path.ok().and_then(|Path(id)| WorkitemId::parse(id).ok());
        id.map(Self).ok_or_else(|| Problem::of(&AppError::NotFound))
    }
}

/// The fields of an address's query. An extractor; [`Query::only`] refuses what is not known.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl FromRequestParts<ApiState> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let fields = form_urlencoded::parse(query.as_bytes()).into_owned();
        Ok(Self(fields.collect()))
    }
}

impl Query {
    /// Refuses other fields than these, and one that stands there twice.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, Problem> {
        match query::only(&self.0, known) {
            Ok(()) => Ok(self),
            Err(error) => Err(Problem::of(&error)),
        }
    }

    /// The value of a field.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its refusals are looked at")]
    struct Said {
        text: String,
        number: Option<i64>,
        #[serde(default, deserialize_with = "word")]
        colour: Colour,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        #[default]
        Red,
    }

    #[test]
    fn what_is_refused_is_named() {
        for (body, problem) in [
            (
                r#"{"text":"a","shade":"red"}"#,
                AppError::invalid("shade", Reason::UnknownField),
            ),
            (
                r#"{"text":"a","text":"b"}"#,
                AppError::invalid("text", Reason::TooMany { max: 1 }),
            ),
            (
                r#"{"number":1}"#,
                AppError::invalid("text", Reason::Missing),
            ),
        ] {
            let refused = read::<Said>(body.as_bytes()).expect_err(body);
            assert_eq!(refused, Problem::of(&problem));
        }
        for (body, field) in [
            (r#"{"text":1}"#, "text"),
            (r#"{"text":"a","number":"b"}"#, "number"),
            (r#"{"text":null}"#, "text"),
            (r#"{"text":1e999}"#, "text"),
            (r#"{"text":"\ud800"}"#, "text"),
            (r#"{"text":"a","colour":null}"#, "colour"),
            (r#"{"text":"a","colour":{"red":null}}"#, "colour"),
            (r#"{"text":"a","colour":"blue"}"#, "colour"),
            (r#"["a",1]"#, "body"),
            (" [\"a\",1,\"red\"]", "body"),
            ("null", "body"),
            ("1e999", "body"),
        ] {
            let refused = read::<Said>(body.as_bytes()).expect_err(body);
            let (status, _, about) = refused.summary();
            assert_eq!(
                (status, about),
                (StatusCode::UNPROCESSABLE_ENTITY, Some(field)),
                "{body}"
            );
        }
        for body in [
            "",
            "{",
            "{\"text\":\"a\"} {}",
            "text",
            "{\"text\":1",
            "\u{feff}{\"text\":\"a\"}",
        ] {
            let refused = read::<Said>(body.as_bytes()).expect_err(body);
            assert_eq!(refused.summary().1, "not_json", "{body}");
        }
        let latin_1 = b"{\"text\":\"\xe4\"}";
        let refused = read::<Said>(latin_1).expect_err("no UTF-8");
        assert_eq!(refused.summary().1, "not_json");
        read::<Said>(br#"{"text":"a","number":null,"colour":"red"}"#).expect("it is right");
    }
}
