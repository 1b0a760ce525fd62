//! What a customer reads: the page, earlier lines, the event stream. Sets no cookie: reading the page does not make
//! a visitor.

use std::convert::Infallible;
use std::future::ready;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderMap, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use shared::error::{AppError, Problem};

use super::Chat;
use super::answers::{error_json, error_page, html_response, language_of};
use super::live::{Follower, Reader};
use super::page::Asks;
use super::stream_cursor::{HistoryTag, StreamCursor};
use super::visitor::claim_of;
use super::visits::{self, Wanted};
use crate::http::client_address::ClientAddress;

/// How long a stream says nothing. Proxies close what is silent for longer, and the page takes it for lost after three times as
/// long (`SILENCE` in `chat-stream.js`).
const QUIET: Duration = Duration::from_secs(15);

/// The query of an address below `/chat/{key}`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ChatQuery {
    /// Without the conversation that has ended.
    new: Option<String>,
    /// The lines before this number.
    before: Option<String>,
    /// With this question.
    ask: Option<String>,
    /// The lines after this cursor.
    after: Option<String>,
}

type Parameters = Result<Query<ChatQuery>, QueryRejection>;

/// A query that cannot be read is taken for none.
fn query_of(parameters: Parameters) -> ChatQuery {
    parameters.map(|Query(query)| query).unwrap_or_default()
}

/// `GET /chat/{key}`.
pub(super) async fn chat_page(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Response {
    let (query, language) = (query_of(parameters), language_of(&headers));
    let page = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let visitor = chat.visitor(&channel, &headers, "").await?;
        let wanted = Wanted {
            language,
            without_ended: query.new.is_some(),
            before: query.before()?,
            asks: query.ask.as_deref().and_then(Asks::named),
            ..Wanted::default()
        };
        visits::page(&chat.desk, &channel, &visitor, wanted).await
    };
    match page.await {
        Ok(page) => html_response(StatusCode::OK, page),
        Err(error) => error_page(language, &error),
    }
}

/// `GET /chat/{key}/history`: lines after a cursor, or the last ones before a number.
pub(super) async fn history(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Response {
    let query = query_of(parameters);
    let read = async {
        let cursor = StreamCursor::parse(query.after.as_deref().unwrap_or_default())?;
        let before = query.before()?;
        let (_, _, visit) = chat.own_visit(&key, &headers).await?;
        let frames = match before {
            Some(_) => visit.last(&chat.desk, before).await?,
            None => {
                // A tab of an earlier release reads on by numbers alone, as it knows no better; its stream starts over.
                let cursor = StreamCursor {
                    tag: cursor.tag.or(Some(visit.1)),
                    ..cursor
                };
                let after = visit.seen(cursor).unwrap_or_default();
                visit.frames(&chat.desk, after).await?
            }
        };
        Ok::<_, AppError>((visit.1, frames))
    };
    match read.await {
        Ok((tag, frames)) => (epoch(tag), Json(frames)).into_response(),
        Err(error) => error_json(language_of(&headers), &error),
    }
}

/// `GET /chat/{key}/live`.
pub(super) async fn live(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: ClientAddress,
    parameters: Parameters,
    headers: HeaderMap,
) -> Response {
    let query = query_of(parameters);
    let follower = async {
        // A browser that reconnects repeats the first address, so its header is the newer one.
        let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok());
        let after = resumed.or(query.after.as_deref());
        let cursor = StreamCursor::parse(after.unwrap_or_default())?;
        let (channel, visitor, visit) = chat.own_visit(&key, &headers).await?;
        let permit = chat.limits.stream(&visitor.hash(), address)?;
        let seen = visit.seen(cursor);
        let reader = Reader {
            channel: channel.key,
            visitor,
            claim: claim_of(&headers)?,
        };
        Ok::<_, AppError>(Follower::new(&chat, reader, visit, seen, permit))
    };
    match follower.await {
        Ok(follower) => stream_response(follower.events()),
        Err(error) => error_json(language_of(&headers), &error),
    }
}

/// An answer that lasts as long as the events. It says at once that it is alive, so that the page knows that its host says so and
/// may take silence for a loss: one of an earlier release sends comments.
fn stream_response<S>(events: S) -> Response
where
    S: Stream<Item = Result<Event, Infallible>> + Send + 'static,
{
    let greeting = stream::once(ready(Ok(alive())));
    let keep_alive = KeepAlive::new().interval(QUIET).event(alive());
    let mut response = Sse::new(greeting.chain(events))
        .keep_alive(keep_alive)
        .into_response();
    let headers = response.headers_mut();
    // Proxies that gather bytes before they pass them on would hold back every answer.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    // axum says `no-cache`, which lets a browser keep what was said.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Says that the connection is there. `EventSource` shows no comment to its page, and no event without data; a page of an earlier
/// release ignores an event whose name it does not know.
fn alive() -> Event {
    Event::default().event("alive").data("{}")
}

/// Tells the page to which history the numbers of an answer belong.
fn epoch(tag: HistoryTag) -> [(&'static str, String); 1] {
    [("x-sideline-epoch", tag.to_string())]
}

impl ChatQuery {
    fn before(&self) -> Result<Option<i64>, AppError> {
        let Some(text) = &self.before else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(AppError::invalid("before", Problem::NotAPlace)),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stream_says_that_it_is_alive_at_once_and_whenever_nothing_happens() {
        let mut body = stream_response(stream::pending()).into_body();
        for _ in 0..3 {
            let frame = body.frame().await.expect("it goes on").expect("it is open");
            let bytes = frame.into_data().expect("events");
            assert_eq!(bytes, "event: alive\ndata: {}\n\n");
        }
    }
}
