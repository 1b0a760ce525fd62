//! The cookies of staff: the session, and the browser's secrets, by which it is known again.
//!
//! The jars are plain ones. A cookie holds 256 random bits of which the store has a digest, so there is nothing in it to
//! read or to forge; signing or encrypting it would add a key to keep and protect nothing more. One holds more: what a browser
//! carries to a provider and back. The desk seals it, so that any node takes the browser back and none stores anything. One has a
//! name that was typed, until the page that shows it once more. One for each page has what was done there, or a secret that was made, until the
//! page says so (`said.rs`).

use std::borrow::Cow;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::{HeaderValue, SET_COOKIE};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use sha2::{Digest, Sha256};
use shared::ids::UserId;

/// How long a browser is remembered after its last sign-in.
const BROWSER_AGE: Duration = Duration::from_secs(365 * 24 * 3_600);
/// How many users are known in one browser; the one who signed in longest ago is forgotten first. It bounds what each request
/// carries: 64 digits and a stop for each.
const BROWSER_USERS: usize = 20;
/// How long a username that was typed waits for the page that shows it once more.
const TYPED_AGE: Duration = Duration::from_secs(60);
/// How long what was done, or a secret that was made, waits for the page that says so.
pub(crate) const SAID_AGE: Duration = Duration::from_secs(60);
/// How many bytes of a request may say what was done on pages: proxies take 8 KiB of cookies.
const SAID_MAX: usize = 6_000;
/// How many digits of a page's digest stand in the name of its cookie.
const PAGE_DIGITS: usize = 16;

/// How cookies are named and protected on this host.
#[derive(Clone, Copy, Debug)]
pub struct StaffCookies {
    /// Browsers come over TLS.
    pub secure: bool,
}

impl StaffCookies {
    /// The session's token that a request carries.
    pub fn session_of(self, jar: &CookieJar) -> Option<&str> {
        jar.get(self.session()).map(Cookie::value)
    }

    /// The browser's secrets that a request carries, one for each user, the newest first: those that have the form of one
    /// that was made here.
    pub fn browser_of(self, jar: &CookieJar) -> Vec<&str> {
        let secrets = jar.get(self.browser()).map_or("", Cookie::value);
        let made_here = |secret: &&str| {
            secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let secrets = secrets.split('.').filter(made_here);
        secrets.take(BROWSER_USERS).collect()
    }

    /// The cookie of a session.
    pub fn session_cookie(self, token: String, age: Duration) -> Cookie<'static> {
        host_cookie(self.session(), token, age, self.secure)
    }

    /// Makes the browser forget the session.
    pub fn no_session(self) -> Cookie<'static> {
        host_cookie(self.session(), String::new(), Duration::ZERO, self.secure)
    }

    /// The token of a sign-in that is under way, which a request carries.
    pub fn sign_in_of(self, jar: &CookieJar) -> Option<&str> {
        jar.get(self.sign_in()).map(Cookie::value)
    }

    /// The cookie of a sign-in that is under way.
    pub fn sign_in_cookie(self, token: String, age: Duration) -> Cookie<'static> {
        host_cookie(self.sign_in(), token, age, self.secure)
    }

    /// Makes the browser forget the sign-in.
    pub fn no_sign_in(self) -> Cookie<'static> {
        host_cookie(self.sign_in(), String::new(), Duration::ZERO, self.secure)
    }

    /// The token under which a browser was asked for a passkey, which a request carries.
    pub fn passkey_of(self, jar: &CookieJar) -> Option<&str> {
        jar.get(self.passkey()).map(Cookie::value)
    }

    /// The cookie of a browser that was asked for a passkey.
    pub fn passkey_cookie(self, token: String, age: Duration) -> Cookie<'static> {
        host_cookie(self.passkey(), token, age, self.secure)
    }

    /// Makes the browser forget that it was asked for a passkey.
    pub fn no_passkey(self) -> Cookie<'static> {
        host_cookie(self.passkey(), String::new(), Duration::ZERO, self.secure)
    }

    /// What a browser carries to the provider at which it signs in and back.
    pub fn sign_on_of(self, jar: &CookieJar) -> Option<&str> {
        jar.get(self.sign_on()).map(Cookie::value)
    }

    /// The cookie of a browser that signs in at the provider. Lax: the provider's page leads back here.
    pub fn sign_on_cookie(self, sealed: String, age: Duration) -> Cookie<'static> {
        host_cookie(self.sign_on(), sealed, age, self.secure)
    }

    /// Makes the browser forget that it went to the provider.
    pub fn no_sign_on(self) -> Cookie<'static> {
        host_cookie(self.sign_on(), String::new(), Duration::ZERO, self.secure)
    }

    /// The username of a sign-in that failed, which a request carries.
    pub fn typed_of(self, jar: &CookieJar) -> Option<String> {
        let typed = hex::decode(jar.get(self.typed())?.value()).ok()?;
        String::from_utf8(typed).ok()
    }

    /// The cookie of the username of a sign-in that failed. It may be a password in the wrong field, so it stands in no address,
    /// which logs and the browser's history keep.
    pub fn typed_cookie(self, username: &str) -> Cookie<'static> {
        host_cookie(self.typed(), hex::encode(username), TYPED_AGE, self.secure)
    }

    /// Makes the browser forget the username.
    pub fn no_typed(self) -> Cookie<'static> {
        host_cookie(self.typed(), String::new(), Duration::ZERO, self.secure)
    }

    /// What was done on a page and is not said yet, which a request carries sealed.
    pub fn said_of<'a>(self, jar: &'a CookieJar, page: &str) -> Option<&'a str> {
        jar.get(&self.said(page)).map(Cookie::value)
    }

    /// What was done on any page and is not said yet: the cookies that have the form of one that was made here.
    pub fn all_said_of(self, jar: &CookieJar) -> Vec<Cookie<'static>> {
        let made_here = |cookie: &&Cookie<'static>| {
            let page = cookie.name().strip_prefix(self.said_begins());
            page.is_some_and(|page| {
                page.len() == PAGE_DIGITS && page.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        };
        jar.iter().filter(made_here).cloned().collect()
    }

    /// The cookie of what was done on a page.
    pub fn said_cookie(self, page: &str, sealed: String) -> Cookie<'static> {
        host_cookie(self.said(page), sealed, SAID_AGE, self.secure)
    }

    /// Makes the browser forget what was done on a page.
    pub fn no_said(self, page: &str) -> Cookie<'static> {
        host_cookie(self.said(page), String::new(), Duration::ZERO, self.secure)
    }

    /// Makes the browser forget what was done on other pages, where it is too much beside what was done now. Nobody opens those pages.
    pub fn no_other_said(
        self,
        waiting: &[Cookie<'static>],
        now: &Cookie<'static>,
    ) -> Vec<Cookie<'static>> {
        let mut others = waiting.to_vec();
        others.retain(|said| said.name() != now.name());
        let all = others.iter().chain([now]);
        let bytes: usize = all.map(|said| said.name().len() + said.value().len()).sum();
        if bytes <= SAID_MAX {
            return Vec::new();
        }
        let forgotten = others.iter().map(|said| {
            let name = said.name().to_owned();
            host_cookie(name, String::new(), Duration::ZERO, self.secure)
        });
        forgotten.collect()
    }

    /// The cookie by which the browser is known again, with the secrets of its users, the newest first.
    pub fn browser_cookie<'a>(self, secrets: impl Iterator<Item = &'a str>) -> Cookie<'static> {
        let secrets: Vec<&str> = secrets.take(BROWSER_USERS).collect();
        host_cookie(self.browser(), secrets.join("."), BROWSER_AGE, self.secure)
    }

    fn session(self) -> &'static str {
        if self.secure {
            "__Host-sideline_session"
        } else {
            "sideline_session"
        }
    }

    fn sign_in(self) -> &'static str {
        if self.secure {
            "__Host-sideline_sign_in"
        } else {
            "sideline_sign_in"
        }
    }

    fn passkey(self) -> &'static str {
        if self.secure {
            "__Host-sideline_passkey"
        } else {
            "sideline_passkey"
        }
    }

    fn sign_on(self) -> &'static str {
        if self.secure {
            "__Host-sideline_sign_on"
        } else {
            "sideline_sign_on"
        }
    }

    fn typed(self) -> &'static str {
        if self.secure {
            "__Host-sideline_typed"
        } else {
            "sideline_typed"
        }
    }

    /// Each page has its own: tabs that save on several pages at the same time do not overwrite each other's.
    fn said(self, page: &str) -> String {
        let page = hex::encode(Sha256::digest(page.as_bytes()));
        [self.said_begins(), &page[..PAGE_DIGITS]].concat()
    }

    fn said_begins(self) -> &'static str {
        if self.secure {
            "__Host-sideline_said_"
        } else {
            "sideline_said_"
        }
    }

    fn browser(self) -> &'static str {
        if self.secure {
            "__Host-sideline_browser"
        } else {
            "sideline_browser"
        }
    }
}

/// A cookie that no script reads, no other site sends and, behind TLS, no other host sets. An age of zero takes it away.
/// (`CookieJar::remove` also sends the present time, and answers to customers do not depend on that.)
pub fn host_cookie(
    name: impl Into<Cow<'static, str>>,
    value: String,
    age: Duration,
    secure: bool,
) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(age.try_into().unwrap_or_default())
        .build()
}

/// Adds a cookie to an answer. Answers with two have them in the order of these calls, which a jar does not keep.
pub fn set_cookie(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    if let Ok(cookie) = HeaderValue::try_from(cookie.to_string()) {
        headers.append(SET_COOKIE, cookie);
    }
}

/// Only the hash of a session's token is stored: a reader of the database cannot sign in with it.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// What is stored of a browser's secret for one of its users.
pub fn browser_hash(user: &UserId, secret: &str) -> String {
    hex::encode(Sha256::digest(format!("{user} {secret}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    fn with(cookies: &str) -> CookieJar {
        let cookies = HeaderValue::from_str(cookies).unwrap();
        CookieJar::from_headers(&HeaderMap::from_iter([(COOKIE, cookies)]))
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let cookies = StaffCookies { secure: false };
        let jar = with("a=1; sideline_session=abc; b=2");
        assert_eq!(cookies.session_of(&jar), Some("abc"));
        assert_eq!(cookies.session_of(&with("session=abc")), None);
    }

    #[test]
    fn s09_a_browser_is_known_by_what_was_made_here() {
        let cookies = StaffCookies { secure: true };
        let secret = "0123456789abcdef".repeat(4);
        let other = "f".repeat(64);
        let secrets = [secret.as_str(), other.as_str()];
        let set = cookies.browser_cookie(secrets.into_iter()).to_string();
        for part in ["__Host-", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(set.contains(part), "{set}");
        }
        let pair = set.split(';').next().unwrap();
        assert_eq!(cookies.browser_of(&with(pair)), secrets);
        for invented in ["x", "../../..", &secret[1..]] {
            let jar = with(&format!("__Host-sideline_browser={invented}"));
            assert!(cookies.browser_of(&jar).is_empty());
        }
        // No request carries more than so many.
        let many = cookies.browser_cookie([other.as_str(); 30].into_iter());
        assert_eq!(many.value().len(), 20 * 65 - 1);
        let [amy, ben] = ["amy", "ben"].map(|id| UserId::parse(id).unwrap());
        assert_ne!(browser_hash(&amy, &secret), browser_hash(&ben, &secret));
    }

    #[test]
    fn what_was_done_waits_for_a_minute_out_of_reach_of_scripts() {
        let cookies = StaffCookies { secure: true };
        let set = cookies.said_cookie("/admin/labels", "sealed".to_owned());
        let set = set.to_string();
        for part in [
            "__Host-sideline_said_",
            "=sealed; ",
            "; HttpOnly",
            "; SameSite=Lax",
            "; Secure",
            "; Max-Age=60",
        ] {
            assert!(set.contains(part), "{set}");
        }
        let pair = set.split(';').next().unwrap();
        let of = |page: &str| cookies.said_of(&with(pair), page).map(str::to_owned);
        assert_eq!(of("/admin/labels").as_deref(), Some("sealed"));
        assert_eq!(of("/admin/alerts"), None);
    }

    #[test]
    fn what_was_done_on_pages_that_nobody_opens_makes_room() {
        let cookies = StaffCookies { secure: true };
        let said = |page: &str, bytes: usize| cookies.said_cookie(page, "s".repeat(bytes));
        let forgotten = |waiting: &[Cookie<'static>]| {
            let pairs = waiting.iter().map(|cookie| cookie.stripped().to_string());
            let pairs: Vec<String> = pairs.collect();
            let carried = with(&["__Host-sideline_said_a=1", &pairs.join("; ")].join("; "));
            let waiting = cookies.all_said_of(&carried);
            let now = said("/texts", 2_800);
            let forgotten = cookies.no_other_said(&waiting, &now);
            let mut forgotten: Vec<String> = forgotten.iter().map(ToString::to_string).collect();
            forgotten.sort();
            forgotten
        };
        assert!(forgotten(&[]).is_empty());
        let fits = [said("/texts", 2_800), said("/admin/labels", 2_800)];
        assert!(forgotten(&fits).is_empty());
        let others = ["/admin/alerts", "/admin/labels"];
        let too_much = others.map(|page| said(page, 1_600));
        let mut gone = others.map(|page| cookies.no_said(page).to_string());
        gone.sort();
        assert_eq!(forgotten(&too_much), gone);
    }

    #[test]
    fn signing_out_takes_the_session_away() {
        let gone = StaffCookies { secure: false }.no_session().to_string();
        assert!(gone.starts_with("sideline_session=; "), "{gone}");
        assert!(gone.contains("; Path=/; Max-Age=0"), "{gone}");
    }
}
