//! The browser in which somebody signs in, as it is known again. It keeps a secret for each of its users, so that what is known
//! of one of them rests on nothing that another one brought: a secret is always made here, for the user who has just signed in,
//! and takes the place of their former one. A secret that somebody put there is never taken for a user's, and one that somebody
//! copied counts until its user signs in there again.

use axum_extra::extract::cookie::{Cookie, CookieJar};
use shared::ids::UserId;

use crate::commands::BrowserRenewal;
use crate::http::cookies::browser_hash;
use crate::http::session::SessionState;
use crate::store::Stored;

/// A browser, for one of its users.
#[derive(Clone, Debug)]
pub(super) struct Browser {
    user: UserId,
    /// The hashes of those of its secrets by which the user is known.
    known: Vec<String>,
    /// Its other secrets.
    others: Vec<String>,
}

impl Browser {
    /// Whose browser it is.
    pub(super) fn user(&self) -> &UserId {
        &self.user
    }

    /// The hash by which the user is known here; `None` where they have not signed in before.
    pub(super) fn known(&self) -> Option<&str> {
        self.known.first().map(String::as_str)
    }

    /// The user signs in: what is stored of the browser, and its cookie, with a new secret.
    pub(super) fn renewed(&self, state: &SessionState) -> (BrowserRenewal, Cookie<'static>) {
        let secret = state.desk.ids().secret();
        let renewal = BrowserRenewal {
            known: browser_hash(&self.user, &secret),
            former: self.known.clone(),
        };
        let secrets = [&secret].into_iter().chain(&self.others);
        let cookie = state.cookies.browser_cookie(secrets.map(String::as_str));
        (renewal, cookie)
    }
}

impl SessionState {
    /// The browser of a request, for a user who signs in there.
    pub(super) async fn browser(&self, user: &UserId, jar: &CookieJar) -> Stored<Browser> {
        let secrets = self.cookies.browser_of(jar);
        let there = match secrets.is_empty() {
            true => Vec::new(),
            false => {
                self.desk
                    .store()
                    .snapshot()
                    .await?
                    .browsers_of(user)
                    .await?
            }
        };
        let mut browser = Browser {
            user: user.clone(),
            known: Vec::new(),
            others: Vec::new(),
        };
        for secret in &secrets {
            let hash = browser_hash(user, secret);
            let known = there.contains(&hash);
            // In the release before all users of a browser had one secret, so one that stands alone may be others' as well.
            if !known || secrets.len() == 1 {
                browser.others.push((*secret).to_owned());
            }
            if known {
                browser.known.push(hash);
            }
        }
        Ok(browser)
    }
}
