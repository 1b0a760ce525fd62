//! The identity of a visitor: a secret in a cookie that is set with the first message. Only its hash is stored,
//! so that the database opens nobody's conversation. Nothing else about the visitor is kept.
//!
//! Each page carries a secret that becomes the visitor's with the first message, so that what a browser without cookies
//! sends from one page is one visitor's. A secret that anybody invents is as good as a fresh one: limits count
//! visitors whom the store knows.
//!
//! In a frame of another site the secret is never a cookie: the page that shows the frame keeps it, and it comes in a header,
//! with the rights that the cookie has. That page can also prove who its customer is; then the proof counts and no secret.

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use shared::error::{AppError, Problem};

use crate::clock_and_ids::Ids;
use crate::desk::chat_channels::IdentityClaim;
use crate::desk::customers::Writer;
use crate::http::cookies::host_cookie;

/// How long a browser keeps the conversation. Renewed with each message.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Where the page's script sends the page's token.
const TOKEN: &str = "x-sideline-visitor";
/// Where it sends what the page around it says of its customer: the proof in hex, a full stop, and the customer's id with
/// percent signs.
const IDENTITY: &str = "x-sideline-identity";
/// The longest id of a customer, in characters.
const USER_MAX: usize = 200;

/// A visitor of the chat pages.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// Of a customer who is proven to be known: nothing.
    secret: String,
    origin: Origin,
}

/// Where a visitor's secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Cookie,
    Page,
    New,
    /// There is none: the page around the frame has proved who the customer is.
    Proof {
        user: String,
        /// Under which id they are known here; `None` before their first message.
        known: Option<String>,
    },
}

impl Visitor {
    /// The visitor whose secret the request carries, in its cookie or else as the token of a page (`token`, or in its
    /// header); or a new one.
    pub(super) fn of(headers: &HeaderMap, token: &str, secure: bool, ids: &dyn Ids) -> Self {
        Self::known(headers, token, secure).unwrap_or_else(|| Self::new(ids))
    }

    /// Somebody whom nobody has seen.
    pub(super) fn new(ids: &dyn Ids) -> Self {
        Self {
            secret: ids.secret(),
            origin: Origin::New,
        }
    }

    /// A customer whose page has proved this id of theirs.
    pub(super) fn proven(user: String, known: Option<String>) -> Self {
        let origin = Origin::Proof { user, known };
        Self {
            secret: String::new(),
            origin,
        }
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

    /// Whether the secret came from a page and not in a cookie.
    pub(super) fn is_of_page(&self) -> bool {
        self.origin == Origin::Page
    }

    /// Whether the page around the frame has proved who this is.
    pub(super) fn is_proven(&self) -> bool {
        matches!(self.origin, Origin::Proof { .. })
    }

    /// What the page carries for a browser that brought no cookie.
    pub(super) fn token(&self) -> Option<&str> {
        match self.origin {
            Origin::Page | Origin::New => Some(self.secret.as_str()),
            Origin::Cookie | Origin::Proof { .. } => None,
        }
    }

    /// What is stored of the visitor: the hash of the secret in hex, or the id of a known customer. Before a known customer's
    /// first message it is what nothing is stored under.
    pub(super) fn hash(&self) -> String {
        match &self.origin {
            Origin::Proof { user, known } => {
                let known = known.clone();
                known.unwrap_or_else(|| ["new/", user].concat())
            }
            _ => hex::encode(Sha256::digest(self.secret.as_bytes())),
        }
    }

    /// As whom the visitor writes; `hash` is theirs.
    pub(super) fn writer<'a>(&'a self, hash: &'a str) -> Writer<'a> {
        match &self.origin {
            Origin::Proof { user, .. } => Writer::Known(user),
            _ => Writer::Visitor(hash),
        }
    }

    /// The cookie that keeps the visitor.
    pub(super) fn cookie(&self, secure: bool) -> Option<Cookie<'static>> {
        let kept = !matches!(self.origin, Origin::Proof { .. });
        let secret = kept.then(|| self.secret.clone())?;
        Some(host_cookie(cookie_name(secure), secret, A_YEAR, secure))
    }
}

/// What the page around the frame says of its customer. `Invalid { field: "identity" }` when it cannot be read.
pub(super) fn claim_of(headers: &HeaderMap) -> Result<Option<IdentityClaim>, AppError> {
    let Some(claim) = headers.get(IDENTITY) else {
        return Ok(None);
    };
    let read = || {
        let (proof, user) = claim.to_str().ok()?.split_once('.')?;
        let user = percent_decode_str(user).decode_utf8().ok()?;
        let fits = (1..=USER_MAX).contains(&user.chars().count());
        let plain = fits && !user.chars().any(char::is_control);
        Some(IdentityClaim {
            user: plain.then(|| user.into_owned())?,
            proof: hex::decode(proof).ok()?,
        })
    };
    match read() {
        Some(claim) => Ok(Some(claim)),
        None => Err(AppError::invalid("identity", Problem::WrongIdentity)),
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
        let cookie = new.cookie(false).unwrap().to_string();
        let pair = cookie.split(';').next().unwrap();
        let back = Visitor::known(&with(&format!("theme=dark; {pair}")), "", false).unwrap();
        assert_eq!(
            (back.hash(), back.token(), new.token().is_some()),
            (new.hash(), None, true)
        );
        assert!(!cookie.contains(&new.hash()));
    }

    #[test]
    fn behind_tls_the_cookie_is_bound_to_the_host() {
        let cookie = Visitor::of(&HeaderMap::new(), "", true, &DeterministicIds::default())
            .cookie(true)
            .unwrap()
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
    fn a_claim_is_a_proof_and_an_id() {
        let read = |claim: &str| {
            let claim = HeaderValue::from_str(claim).unwrap();
            claim_of(&HeaderMap::from_iter([(IDENTITY.parse().unwrap(), claim)]))
        };
        assert_eq!(claim_of(&HeaderMap::new()), Ok(None));
        let claim = IdentityClaim {
            user: "Zoë.1".to_owned(),
            proof: vec![0xab, 0xcd],
        };
        assert_eq!(read("abCD.Zo%C3%AB.1"), Ok(Some(claim)));
        let long = format!("abcd.{}", "x".repeat(201));
        for wrong in [
            "", ".", "abcd", "abcd.", "abc.x", "xyz.x", "ab.%FF", "ab.%0A", &long,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_proven_customer_has_no_secret() {
        let new = Visitor::proven("eve".to_owned(), None);
        assert_eq!((new.token(), new.hash().as_str()), (None, "new/eve"));
        assert!(new.cookie(false).is_none() && !new.is_of_page());
        let known = Visitor::proven("eve".to_owned(), Some("0a".to_owned()));
        assert_eq!(known.hash(), "0a");
        assert!(matches!(known.writer("0a"), Writer::Known("eve")));
    }

    #[test]
    fn e41_forgetting_takes_the_cookie_away() {
        let gone = no_cookie(false).to_string();
        assert!(gone.starts_with("sideline_visitor=; "), "{gone}");
        assert!(gone.ends_with("; Path=/; Max-Age=0"), "{gone}");
    }
}
