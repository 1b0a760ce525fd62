//! Files that customers send, and their way back to them. The content decides what a file is; what the customer's browser says
//! of it counts for nothing but the name.

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use shared::error::{AppError, Problem};
use shared::files::FileKind;
use shared::ids::FileId;
use shared::text::CustomerName;

use super::answers::{error_json, language_of};
use super::message::SentFile;
use super::visits::{self, Visit};
use super::{Chat, Inner};
use crate::checked_file::other_kind;
use crate::desk::to_app_error;
use crate::http::client_address::ClientAddress;
use crate::http::concurrency_limits::Permit;
use crate::http::file::file_response;
use crate::http::guards::{detached, drain};
use crate::store::ChannelRecord;

/// How the file is called, with percent signs.
const FILE_NAME: &str = "x-sideline-file";
/// How the visitor introduces themselves, with percent signs.
const NAME: &str = "x-sideline-name";
/// Under which key it is sent.
const KEY: &str = "x-sideline-key";

/// Asks who sends a file, and where to, before it is read; the transaction asks again.
pub(super) async fn admit(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: ClientAddress,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let language = language_of(headers);
    match chat.file_room(&key, address, headers).await {
        Ok(_permit) => detached(request, next).await,
        Err(error) => {
            drain(request).await;
            error_json(language, &error)
        }
    }
}

impl Inner {
    /// Whether a file may come: from a customer whom the store knows, or from a stranger who may begin a conversation, of whom few
    /// may send one at a time.
    async fn file_room(
        &self,
        key: &str,
        address: ClientAddress,
        headers: &HeaderMap,
    ) -> Result<Option<Permit<ClientAddress>>, AppError> {
        let channel = visits::channel(&self.desk, key).await?;
        if let Some(visitor) = self.known(&channel, headers, "").await?
            && Visit::of(&self.desk, &channel, &visitor).await?.is_some()
        {
            return Ok(None);
        }
        if !channel.active || !channel.chat_settings().is_open(self.desk.clock().now()) {
            return Err(self.closed(&channel));
        }
        CustomerName::parse(&decoded(headers, NAME))?;
        self.limits.file_of_stranger(address).map(Some)
    }

    /// Notes in the log that a file is none of the kinds that are taken, in words of ours: its name is the customer's.
    pub(super) fn log_refused_file(
        &self,
        channel: &ChannelRecord,
        error: &AppError,
        (name, content): (&str, &[u8]),
    ) {
        let of_no_kind = matches!(
            error,
            AppError::Invalid {
                problem: Problem::FileKind,
                ..
            }
        );
        if of_no_kind && self.limits.kinds.admits(self.desk.clock().now()) {
            tracing::warn!(
                channel = %channel.key,
                claimed = FileKind::of_name(name).map_or("another", FileKind::name),
                found = other_kind(content),
                "a customer's file was refused: by its content it is none of the kinds that are taken; they can send it as PDF"
            );
        }
    }
}

/// `POST /chat/{key}/files`: the body is the file.
pub(super) async fn file_send(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sent = SentFile {
        name: decoded(&headers, NAME),
        file: decoded(&headers, FILE_NAME),
        key: decoded(&headers, KEY),
    };
    chat.take_file(&key, address, &headers, (sent, &body)).await
}

/// `GET /chat/{key}/files/{file}`: a file of the visitor's latest conversation. What is another's is not there.
pub(super) async fn file(
    State(chat): State<Chat>,
    Path((key, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let file = FileId::parse(file)?;
        let (_, _, visit) = chat.own_visit(&key, &headers).await?;
        let rows = chat.desk.store().customer_snapshot().await;
        let mut rows = rows.map_err(to_app_error)?;
        let found = rows.customer_file_content(&visit.0.workitem, &file).await;
        found.map_err(to_app_error)?.ok_or(AppError::NotFound)
    };
    match found.await {
        Ok(found) => file_response(&headers, found),
        Err(error) => error_json(language_of(&headers), &error),
    }
}

/// A header's text; nothing where there is none that can be read.
fn decoded(headers: &HeaderMap, name: &str) -> String {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    let text = text.and_then(|text| percent_decode_str(text).decode_utf8().ok());
    text.map_or_else(String::new, |text| text.into_owned())
}
