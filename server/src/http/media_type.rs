//! What a body is said to be.

use axum::http::header::{CONTENT_TYPE, HeaderMap};

/// Whether the body is of this media type, said once, with whatever parameters but another encoding than UTF-8. Upper and lower
/// case are one (RFC 9110, 8.3.1).
pub(crate) fn is_media_type(headers: &HeaderMap, wanted: &str) -> bool {
    let mut kinds = headers.get_all(CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return false;
    };
    let mut parts = kind.to_str().unwrap_or_default().split(';').map(str::trim);
    let is_wanted = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case(wanted));
    let utf_8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    is_wanted && parts.all(utf_8)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

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
        assert!(!is_form(
            "application/x-www-form-urlencoded; charset=utf-16"
        ));
        assert!(!is_media_type(&HeaderMap::new(), "application/json"));
    }

    #[test]
    fn a_body_is_json_in_utf_8() {
        let of = |kinds: &[&'static str]| {
            let value = |kind: &&'static str| (CONTENT_TYPE, HeaderValue::from_static(kind));
            is_media_type(&kinds.iter().map(value).collect(), "application/json")
        };
        for kind in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json;charset=\"UTF-8\"; v=1",
        ] {
            assert!(of(&[kind]), "{kind}");
        }
        for kind in [
            "application/json; charset=utf-16",
            "application/json; v=1; Charset = \"iso-8859-1\"",
            "application/json; charset=",
            "text/json",
            "",
        ] {
            assert!(!of(&[kind]), "{kind}");
        }
        assert!(!of(&[]) && !of(&["application/json", "application/json"]));
    }
}
