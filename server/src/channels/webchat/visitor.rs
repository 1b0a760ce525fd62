//! The identity of a visitor: a secret in a cookie that is set with the first message. Only its hash is stored,
//! so that the database opens nobody's conversation. Nothing else about the visitor is kept.
//!
//! Each page carries a secret that becomes the visitor's with the first message, so that what a browser without cookies
//! sends from one page is one visitor's. A secret that anybody invents is as good as a fresh one: limits count
//! visitors whom the store knows.

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar};
use sha2::{Digest, Sha256};

use crate::clock_and_ids::Ids;
use crate::http::cookies::host_cookie;

/// How long a browser keeps the conversation. Renewed with each message.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Where the page's script sends the page's token.
const TOKEN: &str = "x-sideline-visitor";

/// A visitor of the chat pages.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    secret: String,
    origin: Origin,
}

/// Where a visitor's secret comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Cookie,
    Page,
    New,
}

impl Visitor {
    /// The visitor whose secret the request carries, in its cookie or else as the token of a page (`token`, or in its
    /// header); or a new one.
    pub(super) fn of(headers: &HeaderMap, token: &str, secure: bool, ids: &dyn Ids) -> Self {
        Self::known(headers, token, secure).unwrap_or_else(|| Self {
            secret: ids.secret(),
            origin: Origin::New,
        })
    }

    /// The visitor whose secret the request carries. A secret that this program cannot have made is none.
    pub(super) fn known(headers: &HeaderMap, token: &str, secure: bool) -> Option<Self> {
        let jar = CookieJar::from_headers(headers);
        let cookie = jar.get(cookie_name(secure));
        let cookie = cookie.map(|cookie| (cookie.value(), Origin::Cookie));
        let header = headers.get(TOKEN).and_then(|token| token.to_str().ok());
        let tokens = header.into_iter().chain([token]);
        cookie
            .into_iter()
            .chain(tokens.map(|token| (token, Origin::Page)))
            .find(|(secret, _)| is_secret(secret))
            .map(|(secret, origin)| Self {
                secret: secret.to_owned(),
                origin,
            })
    }

    /// Whether the browser brought a cookie.
    pub(super) fn has_cookie(&self) -> bool {
        self.origin == Origin::Cookie
    }

    /// Whether the secret came from a page and not in a cookie.
    pub(super) fn is_of_page(&self) -> bool {
        self.origin == Origin::Page
    }

    /// What the page carries for a browser that brought no cookie.
    pub(super) fn token(&self) -> Option<&str> {
        (!self.has_cookie()).then_some(self.secret.as_str())
    }

    /// What is stored of the visitor, in hex.
    pub(super) fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.secret.as_bytes()))
    }

    /// The cookie that keeps the visitor.
    pub(super) fn cookie(&self, secure: bool) -> Cookie<'static> {
        host_cookie(cookie_name(secure), self.secret.clone(), A_YEAR, secure)
    }
}

/// Makes the browser forget the visitor.
pub(super) fn no_cookie(secure: bool) -> Cookie<'static> {
    host_cookie(cookie_name(secure), String::new(), Duration::ZERO, secure)
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
    use axum::http::header::{COOKIE, HeaderValue};

    use super::*;
    use crate::deterministic::DeterministicIds;

    fn with(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    #[test]
    fn a_visitor_comes_back_as_the_same_one() {
        let new = Visitor::of(&HeaderMap::new(), "", false, &DeterministicIds::default());
        let cookie = new.cookie(false).to_string();
        let pair = cookie.split(';').next().unwrap();
        let back = Visitor::known(&with(&format!("theme=dark; {pair}")), "", false).unwrap();
        assert_eq!(
            (back.hash(), back.has_cookie(), new.has_cookie()),
            (new.hash(), true, false)
        );
        assert!(!cookie.contains(&new.hash()));
    }

    #[test]
    fn behind_tls_the_cookie_is_bound_to_the_host() {
        let cookie = Visitor::of(&HeaderMap::new(), "", true, &DeterministicIds::default())
            .cookie(true)
            .to_string();
        assert!(cookie.starts_with("__Host-sideline_visitor="), "{cookie}");
        for part in [
            "Path=/",
            "HttpOnly",
            "SameSite=Lax",
            "Max-Age=31536000",
            "; Secure",
        ] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(
            Visitor::known(
                &with(&format!("sideline_visitor={}", "a".repeat(64))),
                "",
                true
            )
            .is_none()
        );
    }

    #[test]
    fn an_invented_cookie_is_nobody() {
        let (upper, short, long) = ("A".repeat(64), "a".repeat(63), "a".repeat(65));
        for value in ["", "x", upper.as_str(), short.as_str(), long.as_str()] {
            assert!(
                Visitor::known(&with(&format!("sideline_visitor={value}")), "", false).is_none(),
                "{value}"
            );
        }
    }

    #[test]
    fn e40_without_a_cookie_the_page_says_who_it_is() {
        let (cookie, token, field) = ("a".repeat(64), "b".repeat(64), "c".repeat(64));
        let mut headers = HeaderMap::new();
        let who = |headers: &HeaderMap| {
            Visitor::known(headers, &field, false).map(|visitor| visitor.secret)
        };
        assert_eq!(who(&headers).as_deref(), Some(field.as_str()));
        headers.insert(TOKEN, HeaderValue::from_str(&token).unwrap());
        assert_eq!(who(&headers).as_deref(), Some(token.as_str()));
        headers.extend(with(&format!("sideline_visitor={cookie}")));
        assert_eq!(who(&headers).as_deref(), Some(cookie.as_str()));
    }

    #[test]
    fn e41_forgetting_takes_the_cookie_away() {
        let gone = no_cookie(false).to_string();
        assert!(gone.starts_with("sideline_visitor=; "), "{gone}");
        assert!(gone.ends_with("; Path=/; Max-Age=0"), "{gone}");
    }
}
