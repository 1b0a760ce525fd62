//! How a chat was, which its end asks: what the form (`rating_form`) sends, and how that is taken. As JSON from the page's script,
//! as a form from a browser without scripts.

use app::json::read_sent;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::error::{AppError, Problem};
use shared::ids::CommandKey;
use shared::rating::{Rating, Score};
use shared::text::{RatingComment, is_visible};
use shared::time::Timestamp;

use super::answers::{error_json, error_page, language_of, publish_after, unreadable_page};
use super::message::{self, SentForm};
use super::stream_cursor::StreamCursor;
use super::visitor::Visitor;
use super::visits::{self, Visit};
use super::writing::Sent;
use super::{Chat, Inner};
use crate::desk::Unpublished;
use crate::store::ChannelRecord;

/// The body of `POST /chat/{key}/rating`. What is missing is treated as empty, so that the error names it.
#[derive(Debug, Deserialize)]
struct SentRating {
    #[serde(default)]
    rating: Value,
    #[serde(default)]
    comment: Option<String>,
    /// How much of the conversation the page showed.
    #[serde(default)]
    after: String,
    #[serde(default)]
    key: String,
}

/// A rating that has been checked.
#[derive(Debug)]
struct CheckedRating {
    /// When the conversation that is meant began; nothing: the latest one.
    began: Option<Timestamp>,
    rating: Rating,
    key: CommandKey,
}

impl SentRating {
    /// Reads and checks the JSON.
    fn parse(body: &[u8]) -> Result<CheckedRating, AppError> {
        let sent: Self = read_sent(body)?;
        let number = match &sent.rating {
            Value::Null => Err(Problem::NoneChosen),
            number => number.as_i64().ok_or(Problem::NotANumber),
        };
        Ok(CheckedRating {
            rating: checked(number, sent.comment.as_deref().unwrap_or_default())?,
            began: StreamCursor::parse(&sent.after)?.began,
            key: message::key(sent.key)?,
        })
    }

    /// Checks the fields of the form. The key follows from what was said where, as a message's does.
    fn of_form(form: &SentForm) -> Result<CheckedRating, AppError> {
        let number = match form.rating.trim() {
            "" => Err(Problem::NoneChosen),
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                number.parse().map_err(|_| Problem::NotANumber)
            }
            _ => Err(Problem::NotANumber),
        };
        let rating = checked(number, &form.comment)?;
        let comment = rating.comment.as_ref().map_or("", RatingComment::as_str);
        Ok(CheckedRating {
            began: StreamCursor::parse(&form.after)?.began,
            key: form.key(&format!(" rating {}\n{comment}", rating.score.number()))?,
            rating,
        })
    }
}

/// A comment that nobody would see is none.
fn checked(number: Result<i64, Problem>, comment: &str) -> Result<Rating, AppError> {
    let number = number.map_err(|problem| AppError::invalid("rating", problem))?;
    let comment = is_visible(comment).then(|| RatingComment::parse(comment));
    Ok(Rating {
        score: Score::parse(number)?,
        comment: comment.transpose()?,
    })
}

/// `POST /chat/{key}/rating`: the visitor says how their latest conversation was, once it has ended.
pub(super) async fn rate(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    match Sent::of(&headers, request).await {
        Sent::Form(form) => chat.rate_by_form(&key, &headers, &form).await,
        Sent::Script(body) => chat.rate_by_script(&key, &headers, &body).await,
        Sent::Unreadable(status) => unreadable_page(language_of(&headers), status),
    }
}

impl Inner {
    async fn rate(
        &self,
        channel: &ChannelRecord,
        visitor: &Visitor,
        sent: CheckedRating,
    ) -> Result<Unpublished, AppError> {
        let visit = Visit::of(&self.desk, channel, visitor).await?;
        visit.ok_or(AppError::NotFound)?;
        let hash = visitor.hash();
        self.limits.message(&hash, self.desk.clock().now())?;
        let CheckedRating { began, rating, key } = sent;
        self.desk
            .customer_rate(&channel.key, &hash, began, rating, key)
            .await
    }

    async fn rate_by_script(&self, key: &str, headers: &HeaderMap, body: &[u8]) -> Response {
        let rated = async {
            let sent = SentRating::parse(body)?;
            let channel = visits::channel(&self.desk, key).await?;
            let visitor = self.known(&channel, headers, "").await?;
            let visitor = visitor.ok_or(AppError::NotFound)?;
            self.rate(&channel, &visitor, sent).await
        };
        match rated.await {
            Ok(unpublished) => {
                let answer = Json(json!({ "rated": true })).into_response();
                publish_after(unpublished, answer)
            }
            Err(error) => error_json(language_of(headers), &error),
        }
    }

    async fn rate_by_form(&self, key: &str, headers: &HeaderMap, form: &SentForm) -> Response {
        let language = language_of(headers);
        let found = async {
            let channel = visits::channel(&self.desk, key).await?;
            let visitor = self.visitor(&channel, headers, &form.visitor).await?;
            Ok((channel, visitor))
        };
        let (channel, visitor) = match found.await {
            Ok(found) => found,
            Err(error) => return error_page(language, &error),
        };
        let rated = async {
            let sent = SentRating::of_form(form)?;
            self.rate(&channel, &visitor, sent).await
        };
        match rated.await {
            Ok(unpublished) => {
                let answer = self.go_on(&channel, &visitor, language, true).await;
                publish_after(unpublished, answer)
            }
            Err(error @ AppError::NotFound) => error_page(language, &error),
            Err(error) => {
                self.refuse(&channel, &visitor, language, (form, true), &error)
                    .await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &Value) -> (String, Problem) {
        match SentRating::parse(body.to_string().as_bytes()) {
            Err(AppError::Invalid { field, problem }) => (field, problem),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn each_mistake_names_its_field_and_its_limit() {
        let range = |actual| Problem::OutOfRange {
            min: 1,
            max: 5,
            actual,
        };
        let long = Problem::TooLong {
            max: 500,
            actual: 501,
        };
        for (rating, problem) in [
            (json!(0), range(0)),
            (json!(6), range(6)),
            (json!("4"), Problem::NotANumber),
            (json!(4.5), Problem::NotANumber),
            (json!([4]), Problem::NotANumber),
            (Value::Null, Problem::NoneChosen),
        ] {
            let body = json!({ "rating": rating, "key": "k" });
            assert_eq!(refused(&body), ("rating".to_owned(), problem));
        }
        let body = json!({ "rating": 4, "comment": "x".repeat(501), "key": "k" });
        assert_eq!(refused(&body), ("comment".to_owned(), long));
        for (body, field) in [
            (json!({ "rating": 4 }), "key"),
            (json!({ "rating": 4, "key": "k", "after": "x" }), "after"),
            (json!({ "rating": 4, "key": "k", "comment": 1 }), "comment"),
        ] {
            assert_eq!(refused(&body).0, field, "{body}");
        }
    }

    #[test]
    fn a_comment_that_nobody_would_see_is_none() {
        for comment in [json!(" \n"), Value::Null] {
            let body = json!({ "rating": 4, "comment": comment, "key": "k", "after": "7-2" });
            let sent = SentRating::parse(body.to_string().as_bytes()).expect("a rating");
            assert_eq!(sent.rating.comment, None);
            assert_eq!(sent.began, Some(Timestamp(7)));
        }
    }

    #[test]
    fn a_form_takes_digits_alone() {
        for rating in ["+4", "4.0", "-1", "4e0", "99999999999999999999"] {
            let form = SentForm {
                rating: rating.to_owned(),
                ..SentForm::default()
            };
            let refused = SentRating::of_form(&form).expect_err(rating);
            assert_eq!(
                refused,
                AppError::invalid("rating", Problem::NotANumber),
                "{rating}"
            );
        }
    }

    #[test]
    fn a_form_sent_twice_has_one_key() {
        let key = |rating: &str, comment: &str| {
            let form = SentForm {
                rating: rating.to_owned(),
                comment: comment.to_owned(),
                after: "7-2".to_owned(),
                ..SentForm::default()
            };
            SentRating::of_form(&form).expect("a rating").key
        };
        assert_eq!(key("4", "Quick"), key("4", "Quick "));
        assert_ne!(key("4", "Quick"), key("5", "Quick"));
        assert_ne!(key("4", "Quick"), key("4", ""));
    }
}
