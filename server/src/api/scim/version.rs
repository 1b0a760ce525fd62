//! Versions of a user as HTTP has them (RFC 7644, 3.14): in `ETag`, `If-Match` and `If-None-Match`.

use axum::http::header::{ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use axum::response::Response;

use crate::commands::ProvisionedUser;

/// What stands for every version.
const ANY: &str = "*";

/// The version as an entity tag. It is weak: an answer with fewer attributes has the same one.
pub(super) fn tag(user: &ProvisionedUser) -> String {
    format!("W/\"{}\"", user.version())
}

/// An answer about one user, with their version.
pub(super) fn tagged(mut response: Response, user: &ProvisionedUser) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&tag(user)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The versions of which a user must have one for what is asked for; nothing: any.
pub(super) fn expected(headers: &HeaderMap) -> Option<Vec<String>> {
    let versions = named(headers, &IF_MATCH)?;
    (!versions.iter().any(|version| version == ANY)).then_some(versions)
}

/// Whether the sender has the user as they are.
pub(super) fn is_known(headers: &HeaderMap, user: &ProvisionedUser) -> bool {
    let current = user.version();
    let known = |version: &String| *version == current || version == ANY;
    named(headers, &IF_NONE_MATCH).is_some_and(|versions| versions.iter().any(known))
}

/// The versions that a header names; nothing where it is not there. That tags are weak makes no difference, as in the examples of
/// RFC 7644.
fn named(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let lines = headers.get_all(name).iter();
    // What is no text names no version of ours.
    let lines: Vec<&str> = lines
        .map(|line| line.to_str().unwrap_or_default())
        .collect();
    let tags = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    let opaque = |tag: &str| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag.trim_matches('"').to_owned()
    };
    (!lines.is_empty()).then(|| tags.map(opaque).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_versions() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(IF_MATCH, HeaderValue::from_static(line));
            }
            expected(&headers)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["*"]), None);
        for (lines, versions) in [
            (&["W/\"a1\""][..], &["a1"][..]),
            (&["\"a1\" , W/\"b2\""], &["a1", "b2"]),
            (&["\"a1\"", "\"b2\""], &["a1", "b2"]),
            (&[""], &[""]),
        ] {
            let named = of(lines).expect("versions");
            assert_eq!(named, versions, "{lines:?}");
        }
    }
}
