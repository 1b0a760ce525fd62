//! What a body is said to be.

use axum::http::header::{CONTENT_TYPE, HeaderMap};

/// Whether the body is of this media type, with whatever parameters. Upper and lower case are one (RFC 9110, 8.3.1).
pub(crate) fn is_media_type(headers: &HeaderMap, wanted: &str) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_parameters_do_not_count_and_the_rest_does() {
        let is_form = |kind: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
            is_media_type(&headers, "application/x-www-form-urlencoded")
        };
        assert!(is_form("application/x-www-form-urlencoded"));
        assert!(is_form("Application/X-WWW-Form-Urlencoded; charset=utf-8"));
        assert!(is_form("application/x-www-form-urlencoded ;charset=utf-8"));
        assert!(!is_form("application/x-www-form-urlencoded2"));
        assert!(!is_form("application/json"));
        assert!(!is_media_type(&HeaderMap::new(), "application/json"));
    }
}
