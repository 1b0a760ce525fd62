//! Who a visitor is: a secret in a cookie. Only its hash is stored, so that the database opens nobody's
//! conversation. Nothing else about the visitor is kept.

use axum::http::header::{COOKIE, HeaderMap, HeaderValue, InvalidHeaderValue};
use sha2::{Digest, Sha256};

use crate::seeds::Ids;

/// How long a browser keeps the conversation, in seconds. Renewed with each page.
const A_YEAR: u32 = 365 * 24 * 60 * 60;

/// A visitor of the chat pages.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    secret: String,
    /// Whether the browser brought the secret with it.
    pub(super) known: bool,
}

impl Visitor {
    /// The visitor whose cookie the request carries, or a new one.
    pub(super) fn of(headers: &HeaderMap, secure: bool, ids: &dyn Ids) -> Self {
        match Self::known(headers, secure) {
            Some(visitor) => visitor,
            None => Self {
                secret: ids.secret(),
                known: false,
            },
        }
    }

    /// The visitor whose cookie the request carries. A cookie that this program cannot have made is none.
    pub(super) fn known(headers: &HeaderMap, secure: bool) -> Option<Self> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(name, value)| *name == cookie_name(secure) && is_secret(value))
            .map(|(_, value)| Self {
                secret: value.to_owned(),
                known: true,
            })
    }

    /// What is stored of the visitor, in hex.
    pub(super) fn hash(&self) -> String {
        Sha256::digest(self.secret.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The `Set-Cookie` that keeps the visitor.
    pub(super) fn cookie(&self, secure: bool) -> Result<HeaderValue, InvalidHeaderValue> {
        let (name, end) = (cookie_name(secure), if secure { "; Secure" } else { "" });
        let secret = &self.secret;
        HeaderValue::try_from(format!(
            "{name}={secret}; Path=/; Max-Age={A_YEAR}; HttpOnly; SameSite=Lax{end}"
        ))
    }
}

/// `__Host-` makes browsers refuse the cookie from other hosts and without TLS.
fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-sideline_visitor"
    } else {
        "sideline_visitor"
    }
}

fn is_secret(value: &str) -> bool {
    value.len() == 64
        && value
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::Rehearsed;

    fn with(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    #[test]
    fn a_visitor_comes_back_as_the_same_one() {
        let new = Visitor::of(&HeaderMap::new(), false, &Rehearsed::default());
        let cookie = new.cookie(false).unwrap();
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        let back = Visitor::known(&with(&format!("theme=dark; {pair}")), false).unwrap();
        assert_eq!(
            (back.hash(), back.known, new.known),
            (new.hash(), true, false)
        );
        assert!(!cookie.to_str().unwrap().contains(&new.hash()));
    }

    #[test]
    fn behind_tls_the_cookie_is_bound_to_the_host() {
        let cookie = Visitor::of(&HeaderMap::new(), true, &Rehearsed::default())
            .cookie(true)
            .unwrap();
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-sideline_visitor="), "{cookie}");
        for part in [
            "Path=/;",
            "HttpOnly",
            "SameSite=Lax",
            "Max-Age=31536000",
            "; Secure",
        ] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(
            Visitor::known(&with(&format!("sideline_visitor={}", "a".repeat(64))), true).is_none()
        );
    }

    #[test]
    fn an_invented_cookie_is_nobody() {
        let (upper, short, long) = ("A".repeat(64), "a".repeat(63), "a".repeat(65));
        for value in ["", "x", upper.as_str(), short.as_str(), long.as_str()] {
            assert!(
                Visitor::known(&with(&format!("sideline_visitor={value}")), false).is_none(),
                "{value}"
            );
        }
    }
}
