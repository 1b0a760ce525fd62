//! `/admin/chat/{key}`: how a chat channel is set up. A plain page: it shows a secret once, which belongs into one answer, and the
//! app need not load what few people use.

mod view;

use app::backend::Caller;
use axum::extract::{Extension, FromRef, Path, State};
use axum::http::header::{HOST, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use i18n::{Language, t};
use shared::chat_settings::{ChatSettings, WrongSetting};
use shared::error::{AppError, ConflictCause};
use shared::ids::{ChannelKey, CommandKey};

use self::view::{Shown, View};
use super::SignedIn;
use super::errors::error_response;
use super::forms::PageForm;
use super::pages::language_for;
use super::plain_page::{nowhere, value};
use super::routes::Routes;

use crate::desk::Desk;

/// The route of the page. `secure`: TLS stands in front.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk, secure: bool) -> Routes<S> {
    Routes::new()
        .route("/admin/chat/{key}", get(show).post(act))
        .with_state(Host { desk, secure })
}

#[derive(Clone)]
struct Host {
    desk: Desk,
    secure: bool,
}

impl FromRef<Host> for Desk {
    fn from_ref(host: &Host) -> Self {
        host.desk.clone()
    }
}

/// The page, as it stands.
async fn show(
    State(host): State<Host>,
    Path(key): Path<String>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    match Page::of(host, &key, signed_in, &headers).await {
        Ok(page) => page.show(Shown::default()).await,
        Err(response) => response,
    }
}

/// Does what a form of the page asks for.
async fn act(
    State(host): State<Host>,
    Path(key): Path<String>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    PageForm(fields): PageForm<Vec<(String, String)>>,
) -> Response {
    let page = match Page::of(host, &key, signed_in, &headers).await {
        Ok(page) => page,
        Err(response) => return response,
    };
    let done = match value(&fields, "act") {
        "make" => page.make(&fields).await,
        "remove" => page.remove(&fields).await,
        _ => page.save(&fields).await,
    };
    match done {
        Ok(shown) => page.show(shown).await,
        Err(Refusal::Setting(wrong)) => {
            let problem = view::reason(page.language, &wrong);
            page.show(Shown::refused(problem, fields, Some(wrong.field)))
                .await
        }
        Err(Refusal::Error(error @ (AppError::Unavailable | AppError::Internal { .. }))) => {
            error_response(&error)
        }
        Err(Refusal::Error(AppError::NotFound)) => nowhere(page.language),
        Err(Refusal::Error(error)) => {
            let problem = i18n::error_text(page.language, &error);
            let mut shown = Shown::refused(problem, fields, None);
            // Having read what happened, they may save over it.
            shown.renewed = matches!(
                &error,
                AppError::Conflict {
                    cause: ConflictCause::EditedMeanwhile { .. }
                }
            );
            page.show(shown).await
        }
    }
}

/// Why something was not done.
enum Refusal {
    Setting(WrongSetting),
    Error(AppError),
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self::Error(error)
    }
}

struct Page {
    desk: Desk,
    caller: Caller,
    language: Language,
    channel: ChannelKey,
    /// Where this host is reached, without a slash at its end.
    base: String,
}

impl Page {
    /// For somebody who is signed in; the others sign in first.
    async fn of(
        host: Host,
        key: &str,
        signed_in: Option<SignedIn>,
        headers: &HeaderMap,
    ) -> Result<Self, Response> {
        let channel = ChannelKey::parse(key);
        let Some(signed_in) = signed_in else {
            let next = channel.map_or(String::new(), |key| format!("%2Fadmin%2Fchat%2F{key}"));
            let to = format!("/login?next={next}");
            return Err((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response());
        };
        let desk = host.desk;
        let language = language_for(Some(&signed_in.actor.id), headers, &desk).await;
        let Ok(channel) = channel else {
            return Err(nowhere(language));
        };
        let scheme = if host.secure { "https" } else { "http" };
        let name = headers.get(HOST).and_then(|name| name.to_str().ok());
        let called = format!("{scheme}://{}", name.unwrap_or_default());
        let base = desk.config().public_url.clone().unwrap_or(called);
        Ok(Self {
            desk,
            caller: Caller {
                actor: signed_in.actor,
                session: signed_in.session,
            },
            language,
            channel,
            base,
        })
    }

    async fn save(&self, fields: &[(String, String)]) -> Result<Shown, Refusal> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let settings = ChatSettings::parse(|name| value(fields, name));
        let settings = settings.map_err(Refusal::Setting)?;
        let version = value(fields, "version").parse().unwrap_or_default();
        let (actor, channel) = (&self.caller.actor, self.channel.clone());
        let save = self
            .desk
            .chat_settings_save(actor, key, channel, (settings, version));
        save.await?;
        Ok(Shown {
            said: Some(t!(self.language, chat_settings.saved)),
            ..Shown::default()
        })
    }

    async fn make(&self, fields: &[(String, String)]) -> Result<Shown, Refusal> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let (actor, channel) = (&self.caller.actor, self.channel.clone());
        let secret = self.desk.chat_secret_make(actor, key, channel).await?;
        Ok(match secret {
            Some(secret) => Shown {
                secret: Some(secret),
                ..Shown::default()
            },
            None => Shown {
                problem: Some(t!(self.language, chat_settings.secret_again).to_owned()),
                ..Shown::default()
            },
        })
    }

    async fn remove(&self, fields: &[(String, String)]) -> Result<Shown, Refusal> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let (actor, channel) = (&self.caller.actor, self.channel.clone());
        self.desk.chat_secret_remove(actor, key, channel).await?;
        Ok(Shown {
            said: Some(t!(self.language, chat_settings.secret_removed)),
            ..Shown::default()
        })
    }

    /// The page; "not found" for those who may not know of it.
    async fn show(&self, shown: Shown) -> Response {
        let loaded = self
            .desk
            .chat_channel_load(&self.caller.actor, &self.channel)
            .await;
        let found = match loaded {
            Ok(found) => found,
            Err(AppError::NotFound) => return nowhere(self.language),
            Err(error) => return error_response(&error),
        };
        let view = View {
            language: self.language,
            base: &self.base,
            found: &found,
            key: &|| self.desk.ids().next(),
        };
        let mut response = view.page(&shown);
        if shown.problem.is_some() {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        response
    }
}
