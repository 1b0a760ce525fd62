//! The cookies of staff: the session, and the browser's secret, by which it is known again.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HeaderValue};
use sha2::{Digest, Sha256};
use shared::ids::UserId;

/// How long a browser is remembered after its last sign-in, in seconds.
const BROWSER_AGE_S: i64 = 365 * 24 * 3_600;

/// How cookies are named and sealed here.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    /// Browsers come over TLS.
    pub secure: bool,
}

impl Cookies {
    /// The name of the session's.
    pub fn session(self) -> &'static str {
        if self.secure {
            "__Host-sideline_session"
        } else {
            "sideline_session"
        }
    }

    fn browser(self) -> &'static str {
        if self.secure {
            "__Host-sideline_browser"
        } else {
            "sideline_browser"
        }
    }

    /// The `Set-Cookie` of a session. `token` empty: the browser forgets it.
    pub fn set_session(self, token: &str, age_s: i64) -> HeaderValue {
        self.set(
            self.session(),
            token,
            if token.is_empty() { 0 } else { age_s },
        )
    }

    /// The `Set-Cookie` by which the browser is known again.
    pub fn set_browser(self, secret: &str) -> HeaderValue {
        self.set(self.browser(), secret, BROWSER_AGE_S)
    }

    /// The browser's secret, if it looks like one that was made here.
    pub fn browser_of(self, headers: &HeaderMap) -> Option<&str> {
        value(headers, self.browser()).filter(|secret| {
            secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }

    fn set(self, name: &str, value: &str, age_s: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_s}{secure}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }
}

/// The value of a cookie.
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })
}

/// Only the hash of a session's token is stored: who reads the database cannot sign in with it.
pub fn token_hash(token: &str) -> String {
    hex(Sha256::digest(token.as_bytes()).as_slice())
}

/// What is stored of a browser's secret for one of its users.
pub fn browser_hash(user: &UserId, secret: &str) -> String {
    hex(Sha256::digest(format!("{user} {secret}").as_bytes()).as_slice())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cookies: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookies).unwrap())])
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = with("a=1; sideline_session=abc; b=2");
        assert_eq!(value(&headers, "sideline_session"), Some("abc"));
        assert_eq!(value(&headers, "session"), None);
    }

    #[test]
    fn s09_a_browser_is_known_by_what_was_made_here() {
        let cookies = Cookies { secure: true };
        let secret = "0123456789abcdef".repeat(4);
        let set = cookies.set_browser(&secret);
        let set = set.to_str().unwrap();
        for part in ["__Host-", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(set.contains(part), "{set}");
        }
        let pair = set.split(';').next().unwrap();
        assert_eq!(cookies.browser_of(&with(pair)), Some(secret.as_str()));
        for invented in ["x", "../../..", &secret[1..]] {
            let headers = with(&format!("__Host-sideline_browser={invented}"));
            assert_eq!(cookies.browser_of(&headers), None);
        }
        let [amy, ben] = ["amy", "ben"].map(|id| UserId::parse(id).unwrap());
        assert_ne!(browser_hash(&amy, &secret), browser_hash(&ben, &secret));
    }
}
