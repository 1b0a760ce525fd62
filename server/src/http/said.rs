//! What was done, or a secret that was made, on the way from the form that did it to the page that shows it once. The browser carries it
//! there in a cookie of the page, sealed for one user and this page: any node shows it, none stores it, and nobody is shown words of another
//! user or of nobody. Neither *Back* nor *Reload* sends the form again, or shows a secret a second time.

use std::time::Duration;

use axum::http::header::LOCATION;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use shared::ids::UserId;
use shared::time::Timestamp;

use super::SignedIn;
use super::cookies::{SAID_AGE, StaffCookies, set_cookie};
use crate::desk::Desk;
use crate::secrets::Keyring;

/// The most words, in bytes: browsers keep no cookie of more than 4 KiB.
const WORDS_MAX: usize = 2_000;
/// How far the clock of the node that made a secret and that of the node that shows it may be apart.
const CLOCKS_APART: Duration = Duration::from_secs(60);

/// What the browser of somebody who is signed in carries from a form to the page that says so.
pub(super) struct Carried {
    user: UserId,
    cookies: StaffCookies,
    jar: CookieJar,
}

impl Carried {
    /// By a request with these headers.
    pub(super) fn by(reader: &SignedIn, headers: &HeaderMap) -> Self {
        Self {
            user: reader.actor.id.clone(),
            cookies: reader.cookies,
            jar: CookieJar::from_headers(headers),
        }
    }

    /// Leads on to an address of a page, which says once what was done: the answer to a form that neither *Back* nor *Reload* shall send
    /// again.
    pub(super) fn saved(&self, desk: &Desk, to: &str, words: &str) -> Response {
        let page = (&self.user, path_of(to));
        self.leads(to, sealed(&desk.config().keys, page, words))
    }

    /// The same for a secret that was made, which the page shows once: at this address alone, as its query says what the secret is of.
    pub(super) fn made(&self, desk: &Desk, to: &str, secret: &str) -> Response {
        let (keys, now) = (&desk.config().keys, desk.clock().now());
        self.leads(to, secret_sealed(keys, (&self.user, to), secret, now))
    }

    /// What was done on a page.
    pub(super) fn words(&self, desk: &Desk, method: &Method, page: &str) -> Option<String> {
        let cookie = self.cookie(method, page)?;
        opened(&desk.config().keys, (&self.user, page), cookie)
    }

    /// A secret that was made, at an address of a page.
    pub(super) fn secret(&self, desk: &Desk, method: &Method, address: &str) -> Option<String> {
        let cookie = self.cookie(method, path_of(address))?;
        let (keys, now) = (&desk.config().keys, desk.clock().now());
        secret_opened(keys, (&self.user, address), cookie, now)
    }

    /// Takes away what the page has shown.
    pub(super) fn taken(&self, headers: &mut HeaderMap, page: &str) {
        set_cookie(headers, &self.cookies.no_said(page));
    }

    /// What there is for a page that somebody reads: a HEAD shows nothing, and so takes nothing away.
    fn cookie(&self, method: &Method, page: &str) -> Option<&str> {
        let cookie = self.cookies.said_of(&self.jar, page);
        cookie.filter(|_| method == Method::GET)
    }

    fn leads(&self, to: &str, sealed: String) -> Response {
        let mut response = (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
        let said = self.cookies.said_cookie(path_of(to), sealed);
        let waiting = self.cookies.all_said_of(&self.jar);
        for forgotten in self.cookies.no_other_said(&waiting, &said) {
            set_cookie(response.headers_mut(), &forgotten);
        }
        set_cookie(response.headers_mut(), &said);
        response
    }
}

/// The path of an address.
fn path_of(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// What a cookie brings to a page.
#[derive(Clone, Copy, Debug)]
enum Brought {
    /// What was done.
    Words,
    /// A secret that was made.
    Secret,
}

/// The place for which something is sealed: a user's page, or an address of it.
fn place(brought: Brought, user: &UserId, page: &str) -> String {
    let kind = match brought {
        Brought::Words => "said",
        Brought::Secret => "made",
    };
    format!("cookie/{kind}/{user}{page}")
}

/// Words for a user's page, as a cookie holds them.
fn sealed(keys: &Keyring, (user, page): (&UserId, &str), words: &str) -> String {
    seal(keys, &place(Brought::Words, user, page), &shortened(words))
}

/// What a cookie holds, if it was sealed for this page of this user.
fn opened(keys: &Keyring, (user, page): (&UserId, &str), cookie: &str) -> Option<String> {
    open(keys, &place(Brought::Words, user, page), cookie)
}

/// A secret for a user at an address of a page, as a cookie holds it. A browser takes the cookie away once it was shown; one that is
/// kept elsewhere opens nothing after that time either.
fn secret_sealed(
    keys: &Keyring,
    (user, address): (&UserId, &str),
    secret: &str,
    now: Timestamp,
) -> String {
    let text = format!("{} {secret}", now.0);
    seal(keys, &place(Brought::Secret, user, address), &text)
}

/// The secret that a cookie holds, if it was sealed for this address and this user a moment ago, by the clock of whichever node did that.
fn secret_opened(
    keys: &Keyring,
    (user, address): (&UserId, &str),
    cookie: &str,
    now: Timestamp,
) -> Option<String> {
    let text = open(keys, &place(Brought::Secret, user, address), cookie)?;
    let (made, secret) = text.split_once(' ')?;
    let apart = now.0.abs_diff(made.parse().ok()?);
    let most = (SAID_AGE + CLOCKS_APART).as_micros();
    (u128::from(apart) <= most).then(|| secret.to_owned())
}

fn seal(keys: &Keyring, place: &str, text: &str) -> String {
    let (key, sealed) = keys.seal(place, text);
    let sealed = BASE64_URL_SAFE_NO_PAD.encode(sealed);
    format!("{key}.{sealed}")
}

fn open(keys: &Keyring, place: &str, cookie: &str) -> Option<String> {
    let (key, sealed) = cookie.split_once('.')?;
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let text = keys.open(place, key, &sealed).ok()?;
    Some(text.reveal().to_owned())
}

/// What fits of words.
fn shortened(words: &str) -> String {
    let ends = words.char_indices().map(|(at, sign)| at + sign.len_utf8());
    match ends.take_while(|end| *end <= WORDS_MAX).last() {
        Some(end) if end < words.len() => [&words[..end], "…"].concat(),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_for_one_page_of_one_user_and_for_no_other() {
        let keys = Keyring::default();
        let [ada, eda] = ["ada", "eda"].map(|id| UserId::parse(id).unwrap());
        let cookie = sealed(&keys, (&ada, "/admin/labels"), "Saved.");
        let opened = |user, page| opened(&keys, (user, page), &cookie);
        assert_eq!(opened(&ada, "/admin/labels").as_deref(), Some("Saved."));
        assert_eq!(opened(&eda, "/admin/labels"), None);
        assert_eq!(opened(&ada, "/admin/alerts"), None);
        for invented in ["", "Saved.", "1a2b3c4d.U2F2ZWQu"] {
            let found = super::opened(&keys, (&ada, "/admin/labels"), invented);
            assert_eq!(found, None, "{invented}");
        }
    }

    #[test]
    fn a_secret_is_for_one_page_of_one_user_and_for_a_short_time() {
        let keys = Keyring::default();
        let [ada, eda] = ["ada", "eda"].map(|id| UserId::parse(id).unwrap());
        let made = Timestamp(5_000_000);
        let cookie = secret_sealed(&keys, (&ada, "/admin/tokens"), "slt_1 2", made);
        let opened = |user, page, seconds: i64| {
            let now = Timestamp(made.0 + seconds * 1_000_000);
            secret_opened(&keys, (user, page), &cookie, now)
        };
        let secret = Some("slt_1 2".to_owned());
        // The clock of another node may be ahead or behind.
        for seconds in [-120, -1, 0, 60, 120] {
            assert_eq!(opened(&ada, "/admin/tokens", seconds), secret, "{seconds}");
        }
        for seconds in [-121, 121] {
            assert_eq!(opened(&ada, "/admin/tokens", seconds), None, "{seconds}");
        }
        assert_eq!(opened(&eda, "/admin/tokens", 0), None);
        assert_eq!(opened(&ada, "/admin/labels", 0), None);
        // Words are no secret, and a secret is no words.
        assert_eq!(super::opened(&keys, (&ada, "/admin/tokens"), &cookie), None);
        let words = sealed(&keys, (&ada, "/admin/tokens"), "5 Saved.");
        let found = secret_opened(&keys, (&ada, "/admin/tokens"), &words, made);
        assert_eq!(found, None);
    }

    #[test]
    fn many_words_are_cut_where_a_sign_ends_and_fit_into_a_cookie() {
        let words = "ü".repeat(3_000);
        let cut = shortened(&words);
        assert_eq!(cut, format!("{}…", "ü".repeat(1_000)));
        let ada = UserId::parse("ada").unwrap();
        let cookie = sealed(&Keyring::default(), (&ada, "/texts"), &words);
        assert!(cookie.len() < 3_000, "{}", cookie.len());
        assert_eq!(shortened("Saved."), "Saved.");
    }
}
