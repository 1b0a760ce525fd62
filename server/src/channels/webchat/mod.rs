//! The chat page: where a customer types a name and a message and talks to whoever gets the work.
//!
//! Everything that leaves here is made of [`shared::customer::CustomerFrame`]s, the channel's name and the
//! visitor's own words. It never reads the staff's side of a workitem and never sends one of its ids.

mod answers;
mod html;
mod live;
mod message;
mod page;
mod place;
mod rate;
mod visitor;
mod visits;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, Extension, Form, Path, RawQuery, State};
use axum::http::header::{HeaderMap, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use shared::error::AppError;
use tokio::sync::watch;

use self::answers::{apology, document, refusal, sentence, status};
use self::live::Follower;
use self::message::{CheckedMessage, SentForm, SentMessage};
use self::place::Place;
use self::rate::Rate;
use self::visitor::Visitor;
use self::visits::Visit;
use crate::desk::Desk;
use crate::http::shares::Shares;
use crate::store::{ChannelRecord, CustomerSent};

/// How many event streams a visitor may have open: one for each tab, and several times that.
const STREAMS: u32 = 20;

struct Inner {
    desk: Desk,
    secure: bool,
    rate: Rate,
    /// Taken by the hash of a visitor's secret.
    streams: Shares<String>,
    closing: watch::Receiver<bool>,
}

type Chat = Arc<Inner>;
type Address = Option<Extension<ConnectInfo<SocketAddr>>>;

/// The customer's routes, `/chat/{key}` and below. `secure`: TLS stands in front, so cookies say so. `closing`
/// turns true when the process is about to end; the streams end with it.
pub fn router(desk: Desk, secure: bool, closing: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/chat/{key}", get(chat_page).post(message_post))
        .route("/chat/{key}/messages", post(message_send))
        .route("/chat/{key}/history", get(history))
        .route("/chat/{key}/live", get(live))
        .with_state(Arc::new(Inner {
            desk,
            secure,
            rate: Rate::default(),
            streams: Shares::new(STREAMS),
            closing,
        }))
}

impl Inner {
    fn visitor(&self, headers: &HeaderMap) -> Visitor {
        Visitor::of(headers, self.secure, self.desk.ids())
    }

    /// The visit of a browser that must have been here before.
    async fn own_visit(&self, key: &str, headers: &HeaderMap) -> Result<Visit, AppError> {
        let channel = visits::channel(&self.desk, key).await?;
        let visitor = Visitor::known(headers, self.secure).ok_or(AppError::NotFound)?;
        Visit::of(&self.desk, &channel, &visitor)
            .await?
            .ok_or(AppError::NotFound)
    }

    /// Whether the visitor may send a message now, and the name that is known already. Strangers have no secret
    /// yet, so they are told apart by their address.
    async fn admit(
        &self,
        channel: &ChannelRecord,
        visitor: &Visitor,
        address: Address,
    ) -> Result<Option<String>, AppError> {
        let sender = match address {
            Some(Extension(ConnectInfo(address))) if !visitor.known => address.ip().to_string(),
            _ => visitor.hash(),
        };
        self.rate.count(&sender, self.desk.clock().now())?;
        if !channel.active {
            return Err(AppError::conflict(
                "Nobody takes messages here at the moment.",
            ));
        }
        visits::name(&self.desk, channel, visitor).await
    }

    async fn send(
        &self,
        channel: &ChannelRecord,
        visitor: &Visitor,
        message: CheckedMessage,
    ) -> Result<CustomerSent, AppError> {
        let CheckedMessage { name, text, key } = message;
        self.desk
            .customer_send(&channel.key, &visitor.hash(), name, text, key)
            .await
    }

    fn keep(&self, visitor: &Visitor, mut response: Response) -> Response {
        if let Ok(cookie) = visitor.cookie(self.secure) {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        response
    }
}

async fn chat_page(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visitor = chat.visitor(&headers);
    let anew = parameter(query.as_deref(), "new").is_some();
    let page = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        visits::page(&chat.desk, &channel, &visitor, anew, None).await
    };
    match page.await {
        Ok(page) => chat.keep(&visitor, document(StatusCode::OK, page)),
        Err(error) => apology(&error),
    }
}

/// The form of the page, where no script runs. Answers with a redirect, so that a reload sends nothing again.
async fn message_post(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: Address,
    headers: HeaderMap,
    form: Result<Form<SentForm>, FormRejection>,
) -> Response {
    let visitor = chat.visitor(&headers);
    let channel = match visits::channel(&chat.desk, &key).await {
        Ok(channel) => channel,
        Err(error) => return apology(&error),
    };
    let (form, readable) = match form {
        Ok(Form(form)) => (form, Ok(())),
        Err(_) => (
            SentForm::default(),
            Err(AppError::invalid("body", "could not be read")),
        ),
    };
    let sent = async {
        readable?;
        let name = chat.admit(&channel, &visitor, address).await?;
        chat.send(&channel, &visitor, form.checked(name.as_deref())?)
            .await
    };
    match sent.await {
        Ok(_) => {
            let there = format!("/chat/{}", channel.key);
            chat.keep(&visitor, Redirect::to(&there).into_response())
        }
        Err(error) => {
            let refused = (&form, sentence(&error));
            let refused = Some((refused.0, refused.1.as_str()));
            match visits::page(&chat.desk, &channel, &visitor, false, refused).await {
                Ok(page) => chat.keep(&visitor, document(status(&error), page)),
                Err(error) => apology(&error),
            }
        }
    }
}

async fn message_send(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: Address,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let visitor = chat.visitor(&headers);
    let sent = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let name = chat.admit(&channel, &visitor, address).await?;
        let message = SentMessage::parse(&body)?.checked(name.as_deref())?;
        chat.send(&channel, &visitor, message).await
    };
    match sent.await {
        Ok(sent) => chat.keep(&visitor, Json(sent.frame).into_response()),
        Err(error) => refusal(&error),
    }
}

async fn history(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let frames = async {
        let place = Place::parse(parameter(query.as_deref(), "after").unwrap_or_default())?;
        let visit = chat.own_visit(&key, &headers).await?;
        let after = visit.seen(&chat.desk, place).await?.unwrap_or_default();
        visit.frames(&chat.desk, after).await
    };
    match frames.await {
        Ok(frames) => Json(frames).into_response(),
        Err(error) => refusal(&error),
    }
}

async fn live(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let follower = async {
        // A browser that connects again by itself repeats the first address, so its header is the newer one.
        let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok());
        let after = resumed.or(parameter(query.as_deref(), "after"));
        let place = Place::parse(after.unwrap_or_default())?;
        let visit = chat.own_visit(&key, &headers).await?;
        let share = chat.streams.take(&chat.visitor(&headers).hash())?;
        let seen = visit.seen(&chat.desk, place).await?;
        let (desk, closing) = (chat.desk.clone(), chat.closing.clone());
        Ok(Follower::new(desk, visit, seen, closing, share))
    };
    match follower.await {
        Ok(follower) => {
            let alive = KeepAlive::new().interval(Duration::from_secs(15));
            let mut response = Sse::new(follower.events())
                .keep_alive(alive)
                .into_response();
            // Proxies that gather bytes before they pass them on would hold back every answer.
            response
                .headers_mut()
                .insert("x-accel-buffering", HeaderValue::from_static("no"));
            response
        }
        Err(error) => refusal(&error),
    }
}

/// One parameter of a query string. The values that are read here have no characters that need decoding.
fn parameter<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    let mut pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}
