//! Files of messages: how they are answered, and `GET /files/{file}` for staff. An answer runs no script, loads nothing and is shown
//! in no page but as a picture.

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shared::error::AppError;
use shared::files::{FileKind, FileRef};
use shared::ids::FileId;

use super::SignedIn;
use super::errors::error_response;
use super::routes::Routes;
use crate::desk::Desk;
use crate::picture_size;
use crate::store::rows::FileContent;

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
    headers: HeaderMap,
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
        Ok(found) => file_response(&headers, found),
        Err(error) => error_response(&error),
    }
}

/// A file with its content, for a request with these headers. Only pictures are shown; everything else is downloaded.
///
/// Releases before stored pictures of any size as pictures. A page that shows one as a picture is refused, and then offers it as the
/// other files.
pub(crate) fn file_response(
    headers: &HeaderMap,
    FileContent { file, content }: FileContent,
) -> Response {
    let media_type = media_type(&file, &content);
    let is_picture = media_type.starts_with("image/");
    if !is_picture
        && headers
            .get("sec-fetch-dest")
            .is_some_and(|to| to == "image")
    {
        return StatusCode::NOT_ACCEPTABLE.into_response();
    }
    let kind = match media_type.starts_with("text/") {
        true => [media_type, "; charset=utf-8"].concat(),
        false => media_type.to_owned(),
    };
    let shown = match is_picture {
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

/// As what it leaves.
fn media_type<'a>(file: &'a FileRef, content: &[u8]) -> &'a str {
    match FileKind::of_media_type(&file.media_type) {
        Some(kind) => picture_size::media_type(kind, content),
        None => &file.media_type,
    }
}

#[cfg(test)]
mod tests {
    use shared::files::FileState;

    use super::*;

    /// What is answered about a picture that was stored as one, to a request for what is shown at such a place.
    fn answer(content: &[u8], place: &'static str) -> Response {
        let file = FileRef {
            id: FileId::parse("f").unwrap(),
            name: "plan.png".to_owned(),
            media_type: "image/png".to_owned(),
            size: content.len() as i64,
            state: FileState::Ready,
        };
        let headers = HeaderMap::from_iter([(
            "sec-fetch-dest".parse().unwrap(),
            HeaderValue::from_static(place),
        )]);
        let content = content.to_vec();
        file_response(&headers, FileContent { file, content })
    }

    #[test]
    fn a_large_picture_that_is_stored_already_is_shown_in_no_page() {
        let small = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0";
        let large = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x40\0\0\0\x40\0";
        for place in ["image", "document", "empty"] {
            let shown = answer(small, place);
            assert_eq!(shown.status(), StatusCode::OK, "{place}");
            assert_eq!(shown.headers()[CONTENT_TYPE], "image/png");
        }
        let refused = answer(large, "image");
        assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);
        for place in ["document", "empty"] {
            let kept = answer(large, place);
            assert_eq!(kept.status(), StatusCode::OK, "{place}");
            assert_eq!(kept.headers()[CONTENT_TYPE], "application/octet-stream");
            assert_eq!(
                kept.headers()[CONTENT_DISPOSITION],
                "attachment; filename*=UTF-8''plan.png"
            );
        }
    }
}
