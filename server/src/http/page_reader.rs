//! Who reads one of the host's own pages that are for users alone.

use app::answer::login_url;
use app::backend::{Account, ApiResult, Caller};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::{LOCATION, REFERER};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use i18n::Language;
use maud::Markup;
use shared::error::{AppError, ConflictCause};
use shared::live::Position;
use shared::people::Actor;
use shared::policy::{Action, can};
use shared::text::TypedPassword;

use super::SignedIn;
use super::errors::error_response;
use super::forms::Fields;
use super::header::{HeaderNews, header};
use super::language::language_for;
use super::plain_page::{Proof, UserPage, nowhere};
use super::said::Carried;
use crate::desk::Desk;

/// Somebody who is signed in, and the language of the page for them. As an extractor it sends everybody else to sign in, and
/// from there back to the page; who sent a form reads that the session has ended. What they may see of the page is asked by the desk.
pub(crate) struct PageReader {
    pub(crate) desk: Desk,
    pub(crate) caller: Caller,
    pub(crate) language: Language,
    /// What they have just done here. The page says so once.
    pub(crate) said: Option<String>,
    /// A secret that they have just made here. The page shows it once.
    pub(crate) secret: Option<String>,
    /// The page's own path.
    pub(crate) path: String,
    /// Where a browser opens the page, with its query.
    address: String,
    /// Whether they sent a form.
    sent: bool,
    /// What their browser carries from one page to the next.
    carried: Carried,
}

impl PageReader {
    /// Whether and how the page asks for a proof before something that needs one.
    pub(crate) async fn asks_for_proof(&self) -> ApiResult<Option<Proof>> {
        match self.desk.proved(&self.caller).await {
            Ok(()) => Ok(None),
            Err(error) if error.asks_for_proof() => Ok(Some(Proof {
                provider: self.desk.sign_on_offered().await.map(|offer| offer.name),
                page: self.address.clone(),
            })),
            Err(error) => Err(error),
        }
    }

    /// Proves the password that was typed beside a sensitive act. Where none was typed the act itself says whether it needs one.
    pub(crate) async fn prove(&self, password: &str) -> ApiResult<()> {
        match password {
            "" => Ok(()),
            password => {
                let typed = TypedPassword::new(password);
                self.desk.password_prove(&self.caller, typed).await
            }
        }
    }

    /// Whether they have proved a short while ago that it is they, or do by the password that was typed beside a sensitive act. Asked
    /// while the form is read, so that it is named with the fields that are wrong; what is done asks again.
    pub(crate) async fn proved(&self, password: &str) -> ApiResult<()> {
        match password {
            "" => self.desk.proved(&self.caller).await,
            password => self.prove(password).await,
        }
    }

    /// The page below its header; "not found" for those who may not know of it. Those whose session has ended with what they did sign
    /// in again.
    pub(crate) async fn page(&self, content: ApiResult<UserPage>) -> Response {
        match content {
            Ok(page) => {
                let me = &self.caller.actor;
                let header = header_for(&self.desk, self.language, me, &self.path).await;
                let brought = self.said.is_some() || self.secret.is_some();
                let answers = self.sent || brought;
                let mut page = page.below(self.language, &header, &me.id, answers);
                if brought {
                    self.carried.taken(page.headers_mut(), &self.path);
                }
                page
            }
            Err(AppError::NotFound) => self.nowhere(),
            Err(AppError::Unauthenticated) => to_sign_in(&self.address),
            Err(error) => error_response(&error),
        }
    }

    /// Leads on to an address of a page, which says once what was done: the answer to a form that neither *Back* nor *Reload* shall send
    /// again.
    pub(crate) fn saved(&self, to: &str, words: &str) -> Response {
        self.carried.saved(&self.desk, to, words)
    }

    /// The same for a secret that was made, which the page shows once: at this address alone, as its query says what the secret is of.
    pub(crate) fn made(&self, to: &str, secret: &str) -> Response {
        self.carried.made(&self.desk, to, secret)
    }

    /// What was typed, for the form that is shown once more. It keeps its key, so that what may have been done is not done twice; a key
    /// that another command has had is of no use any more. It keeps the version that it started from as well, so that what was refused
    /// for another reason undoes nothing that somebody else saved meanwhile. Having read of that, its sender may save over it.
    pub(crate) fn typed_again(&self, mut fields: Fields, error: &AppError) -> Fields {
        match error {
            AppError::Conflict {
                cause: ConflictCause::KeyReused,
            } => {
                for (_, key) in fields.iter_mut().filter(|(name, _)| name == "key") {
                    *key = self.desk.ids().next();
                }
            }
            AppError::Conflict {
                cause: ConflictCause::EditedMeanwhile { .. },
            } => fields.retain(|(name, _)| !["version", "base"].contains(&&name[..])),
            _ => {}
        }
        fields
    }

    /// The answer to a form whose error its page does not show: to those who may not know of the page, and where something
    /// failed.
    pub(crate) fn unshown(&self, error: &AppError) -> Option<Response> {
        match error {
            AppError::NotFound => Some(self.nowhere()),
            AppError::Unavailable | AppError::Internal { .. } => Some(error_response(error)),
            _ => None,
        }
    }

    /// What those see who may not know of the page.
    pub(crate) fn nowhere(&self) -> Response {
        nowhere(self.language)
    }
}

impl<S> FromRequestParts<S> for PageReader
where
    S: Send + Sync,
    Desk: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let signed_in = parts.extensions.get::<Option<SignedIn>>();
        let Some(signed_in) = signed_in.cloned().flatten() else {
            return Err(match sends_form(parts) {
                true => session_ended(&address_of(parts)),
                false => to_sign_in(&address_of(parts)),
            });
        };
        let desk = Desk::from_ref(state);
        let language = language_for(Some(&signed_in.actor.id), &parts.headers, &desk).await;
        let carried = Carried::by(&signed_in, &parts.headers);
        let (method, path, address) = (&parts.method, parts.uri.path(), address_of(parts));
        Ok(Self {
            said: carried.words(&desk, method, path),
            secret: carried.secret(&desk, method, &address),
            desk,
            caller: Caller {
                actor: signed_in.actor,
                session: signed_in.session,
            },
            language,
            path: path.to_owned(),
            address,
            sent: sends_form(parts),
            carried,
        })
    }
}

/// The header of the page at `path` for somebody who is signed in.
pub(super) async fn header_for(desk: &Desk, language: Language, me: &Actor, path: &str) -> Markup {
    let position = match desk.notification_head(&me.id).await {
        Ok(rev) => Position {
            epoch: desk.store().epoch().to_owned(),
            rev,
        },
        // It means nothing to the host, and the page goes on from where the log stands then.
        Err(_) => Position {
            epoch: String::new(),
            rev: 0,
        },
    };
    let alerts = can(me, Action::DashboardView).is_ok();
    let waiting = match alerts {
        // A page is worth showing also while nothing can be counted.
        true => desk.requests_waiting(me).await.ok(),
        false => None,
    };
    let news = HeaderNews {
        waiting,
        alerts,
        position,
    };
    header(language, me, path, &news)
}

/// Sends somebody who is not signed in to do so, and from there back to the page.
pub(crate) fn to_sign_in(page: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, login_url(page))]).into_response()
}

/// The same for somebody whose session ended before what they sent came: the sign-in page says so, as it does to a tab of the app.
fn session_ended(page: &str) -> Response {
    let place = login_url(page) + "&error=ended";
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

fn sends_form(parts: &Parts) -> bool {
    parts.method == Method::POST
}

/// Where a browser opens the page. A form is sent to its path alone; which query it stood below the browser says beside it.
fn address_of(parts: &Parts) -> String {
    let came_from = parts.headers.get(REFERER);
    let came_from = came_from.and_then(|page| Uri::try_from(page.as_bytes()).ok());
    let came_from = came_from.filter(|page| sends_form(parts) && page.path() == parts.uri.path());
    let address = came_from.as_ref().unwrap_or(&parts.uri).path_and_query();
    address.map_or_else(String::new, |address| address.as_str().to_owned())
}

/// The page, with whether it says why a form was refused.
pub(crate) fn answered(mut page: UserPage, refused: bool) -> UserPage {
    page.refused = refused;
    page
}
