//! The language in which somebody is answered.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use shared::ids::UserId;
use shared::language::Language;

use crate::desk::Desk;

/// The language of a page: what the user has set, else what the browser prefers.
pub(super) async fn language_for(
    user: Option<&UserId>,
    headers: &HeaderMap,
    desk: &Desk,
) -> Language {
    if let Some(user) = user
        && let Ok(settings) = desk.reads().settings_load(user).await
        && let Some(language) = settings.language
    {
        return language;
    }
    accepted_language(headers)
}

/// The language of a browser: the first one of its user's that there is.
pub(super) fn accepted_language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    accepted.and_then(Language::accepted).unwrap_or_default()
}
