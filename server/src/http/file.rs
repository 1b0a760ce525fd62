//! Files of messages: how they are answered, and `GET /files/{file}` for staff. An answer runs no script, loads nothing and is shown
//! in no page but as a picture.

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shared::error::AppError;
use shared::files::FileRef;
use shared::ids::FileId;

use super::SignedIn;
use super::errors::error_response;
use super::routes::Routes;
use crate::desk::Desk;

/// Whatever is in it, it is a document without rights of its own.
const POLICY: &str =
    "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What stands in the name of a header without percent signs (RFC 8187).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// The route of staff.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route("/files/{file}", get(file))
        .with_state(desk)
}

async fn file(
    State(desk): State<Desk>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    Path(file): Path<String>,
) -> Response {
    let Some(signed_in) = signed_in else {
        desk.refused(None, "refused_signed_out", "files").await;
        return error_response(&AppError::Unauthenticated);
    };
    let found = async {
        let file = FileId::parse(file)?;
        desk.file_content(&signed_in.actor, &file).await
    };
    match found.await {
        Ok(found) => file_response(&found.file, found.content),
        Err(error) => error_response(&error),
    }
}

/// A file with its content. Only pictures are shown; everything else is downloaded.
pub(crate) fn file_response(file: &FileRef, content: Vec<u8>) -> Response {
    let kind = match file.media_type.starts_with("text/") {
        true => [&file.media_type, "; charset=utf-8"].concat(),
        false => file.media_type.clone(),
    };
    let shown = match file.is_picture() {
        true => "inline",
        false => "attachment",
    };
    let name = utf8_percent_encode(&file.name, ENCODED);
    let headers = [
        (CONTENT_TYPE, kind),
        (
            CONTENT_DISPOSITION,
            format!("{shown}; filename*=UTF-8''{name}"),
        ),
    ];
    let policy = HeaderValue::from_static(POLICY);
    (
        headers,
        [(CONTENT_SECURITY_POLICY, policy)],
        Body::from(content),
    )
        .into_response()
}
