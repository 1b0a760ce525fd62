//! The chat page in a frame of another site. The frame's address names nobody: its script gets the visitor's token from the
//! page around it, from an origin that the channel allows, and reads the conversation with it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::customer::CustomerFrame;
use shared::error::AppError;
use shared::time::Timestamp;

use super::Chat;
use super::answers::{embedded_response, error_json, error_page, language_of};
use super::visitor::Visitor;
use super::visits::{self, Visit, Wanted};

/// What a visitor has on a channel.
#[derive(Debug, Serialize)]
struct Found {
    /// As the visitor introduced themselves.
    name: String,
    /// When the conversation began.
    began: Timestamp,
    /// The history to which the numbers of its lines belong.
    epoch: String,
    /// Whether the visitor has rated it.
    rated: bool,
    /// Its last lines.
    frames: Vec<CustomerFrame>,
}

/// `GET /chat/{key}/embed`: the page as nobody has used it. Cookies count for nothing here.
pub(super) async fn embedded_page(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = language_of(&headers);
    let page = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let visitor = Visitor::new(chat.desk.ids());
        let wanted = Wanted {
            language,
            embedded: true,
            ..Wanted::default()
        };
        let page = visits::page(&chat.desk, &channel, &visitor, wanted).await?;
        Ok::<_, AppError>((page, channel.chat_settings().origins))
    };
    match page.await {
        Ok((page, origins)) => embedded_response(page, &origins),
        Err(error) => error_page(language, &error),
    }
}

/// `GET /chat/{key}/visit`: the conversation of the visitor whose token or proof the request brings; `null` before their first
/// message with a proof, "not found" for a token that leads nowhere.
pub(super) async fn visit(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let visitor = chat.known(&channel, &headers, "").await?;
        let visitor = visitor.ok_or(AppError::NotFound)?;
        let Some(visit) = Visit::of(&chat.desk, &channel, &visitor).await? else {
            return match visitor.is_proven() {
                true => Ok(None),
                false => Err(AppError::NotFound),
            };
        };
        let frames = visit.last(&chat.desk, None).await?;
        Ok(Some(Found {
            name: visit.0.name,
            began: visit.0.began,
            epoch: visit.1.to_string(),
            rated: visit.0.rated,
            frames,
        }))
    };
    match found.await {
        Ok(found) => Json(found).into_response(),
        Err(error) => error_json(language_of(&headers), &error),
    }
}
