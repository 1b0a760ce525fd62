//! What a person is shown where a request came to nothing: a page with the same status, in the language of the browser. Programs, and
//! the scripts of pages, get what was answered.

use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use axum::http::{HeaderName, Method, StatusCode};
use axum::response::Response;
use i18n::{Language, t};
use shared::error::AppError;

use super::forms::refusal_page;
use super::language::accepted_language;
use super::plain_page::nowhere;

/// Below these addresses programs alone ask.
const OF_PROGRAMS: [&str; 3] = ["/api/", "/scim/", "/channels/"];
/// Below a chat page, what its forms send goes to addresses that show nothing.
const CHAT: &str = "/chat/";

/// Whether the answer will be shown to a person.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let says = |name: HeaderName, what: &str| {
        let values = headers.get_all(name);
        let mut values = values.iter().filter_map(|value| value.to_str().ok());
        values.any(|value| value.contains(what))
    };
    says(ACCEPT, "text/html") || says(HeaderName::from_static("sec-fetch-mode"), "navigate")
}

/// A person who asks.
pub(super) struct Person {
    language: Language,
    /// Where they go on.
    back: String,
}

impl Person {
    /// Who asks, if it is a browser that shows what it is answered.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let path = request.uri().path();
        let of_programs = OF_PROGRAMS.iter().any(|begin| path.starts_with(begin));
        let headers = request.headers();
        if of_programs || request.method() == Method::HEAD || !wants_page(headers) {
            return None;
        }
        Some(Self {
            language: accepted_language(headers),
            back: page_of(path).to_owned(),
        })
    }

    /// What they are shown: a page for an error that is none, and else what was answered.
    pub(super) fn shown(self, response: Response) -> Response {
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let error = response.extensions().get::<AppError>();
        let failed = response.status().is_client_error() || error.is_some();
        if !failed || kind.starts_with("text/html") {
            return response;
        }
        let page = self.page(response.status(), error).into_parts();
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.extend(page.0.headers);
        Response::from_parts(parts, page.1)
    }

    fn page(&self, status: StatusCode, error: Option<&AppError>) -> Response {
        let language = self.language;
        if status == StatusCode::NOT_FOUND {
            return nowhere(language);
        }
        let refused = t!(language, forms.refused);
        let (title, line) = match (error, status) {
            (Some(error), _) => (refused, i18n::error_text(language, error)),
            (None, StatusCode::FORBIDDEN) => (refused, t!(language, forms.cross_site).to_owned()),
            (None, StatusCode::REQUEST_TIMEOUT) => (refused, t!(language, forms.late).to_owned()),
            (None, _) => (
                t!(language, forms.title),
                t!(language, forms.line).to_owned(),
            ),
        };
        refusal_page(language, title, &line, &self.back)
    }
}

/// What is behind the address of a page where a file of it is saved.
const FILES: [&str; 4] = [
    "/requests/export",
    "/export",
    "/transcript.txt",
    "/transcript.json",
];

/// The page from which a request to this address comes.
fn page_of(path: &str) -> &str {
    if let Some(page) = FILES.iter().find_map(|file| path.strip_suffix(file)) {
        return page;
    }
    let below = path.strip_prefix(CHAT).and_then(|rest| rest.find('/'));
    below.map_or(path, |end| &path[..CHAT.len() + end])
}

#[cfg(test)]
mod tests {
    use super::page_of;

    #[test]
    fn a_form_of_a_chat_leads_back_to_the_chat() {
        for (path, page) in [
            ("/chat/care/rating", "/chat/care"),
            ("/chat/care", "/chat/care"),
            ("/admin/chat/care", "/admin/chat/care"),
            ("/texts", "/texts"),
            ("/admin/audit/export", "/admin/audit"),
            ("/dashboard/requests/export", "/dashboard"),
            ("/history/wi-1/transcript.txt", "/history/wi-1"),
        ] {
            assert_eq!(page_of(path), page);
        }
    }
}
