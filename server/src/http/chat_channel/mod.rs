//! `/admin/chat/{key}`: how a chat channel is set up. A plain page: it shows a secret once, which belongs into one answer, and the
//! app need not load what few people use.

mod view;

use app::backend::ApiResult;
use axum::extract::{FromRef, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::chat_settings::{ChatSettings, WrongSetting};
use shared::error::AppError;
use shared::ids::{ChannelKey, CommandKey};

use self::view::{Shown, View};
use super::forms::{PageForm, is_overtaken, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use super::sign_in::provider::base_of;
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
    reader: PageReader,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let channel = ChannelKey::parse(key).map_err(|_| reader.nowhere())?;
    let page = Page::of(&host, channel, reader, &headers);
    Ok(page.show(Shown::default()).await)
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    State(host): State<Host>,
    Path(key): Path<String>,
    reader: Result<PageReader, Response>,
    headers: HeaderMap,
    PageForm(fields): PageForm<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let reader = reader?;
    let channel = ChannelKey::parse(key).map_err(|_| reader.nowhere())?;
    let page = Page::of(&host, channel, reader, &headers);
    let done = match value(&fields, "act") {
        "make" => page.make(&fields).await,
        "remove" => page.remove(&fields).await,
        _ => page.save(&fields).await,
    };
    Ok(match done {
        Ok(shown) => page.show(shown).await,
        Err(NotDone::Fields(refused)) => {
            let shown = Shown {
                problem: refused.reasons(),
                refused,
                typed: view::typed(fields),
                ..Shown::default()
            };
            page.show(shown).await
        }
        Err(NotDone::Error(error)) => match page.reader.unshown(&error) {
            Some(answer) => answer,
            None => {
                let reason = page.reason(&error);
                let shown = Shown {
                    problem: Some(reason.clone()),
                    refused: Refused::of(&error, reason),
                    typed: view::typed(fields),
                    // Having read what happened, they may save over it.
                    renewed: is_overtaken(&error),
                    ..Shown::default()
                };
                page.show(shown).await
            }
        },
    })
}

struct Page {
    reader: PageReader,
    channel: ChannelKey,
    /// Where this host is reached, without a slash at its end.
    base: String,
}

impl Page {
    fn of(host: &Host, channel: ChannelKey, reader: PageReader, headers: &HeaderMap) -> Self {
        Self {
            reader,
            channel,
            base: base_of(&host.desk, host.secure, headers),
        }
    }

    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        match error.asks_for_proof() {
            true => t!(language, proof.empty).to_owned(),
            false => i18n::error_text(language, error),
        }
    }

    /// The settings that cannot be taken.
    fn wrong_fields(&self, wrong: &[WrongSetting]) -> NotDone {
        let mut refused = Refused::default();
        for one in wrong {
            refused.add(one.field, view::reason(self.reader.language, one));
        }
        NotDone::Fields(refused)
    }

    async fn save(&self, fields: &[(String, String)]) -> Result<Shown, NotDone> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let settings = ChatSettings::parse(|name| value(fields, name));
        let settings = settings.map_err(|wrong| self.wrong_fields(&wrong))?;
        let version = value(fields, "version").parse().unwrap_or_default();
        let (actor, channel) = (&self.reader.caller.actor, self.channel.clone());
        let save = self
            .reader
            .desk
            .chat_settings_save(actor, key, channel, (settings, version));
        save.await?;
        Ok(Shown {
            said: Some(t!(self.reader.language, chat_settings.saved)),
            ..Shown::default()
        })
    }

    async fn make(&self, fields: &[(String, String)]) -> Result<Shown, NotDone> {
        let key = CommandKey::parse(value(fields, "make_key"))?;
        self.reader.prove(value(fields, "password")).await?;
        let (caller, channel) = (&self.reader.caller, self.channel.clone());
        let made = self.reader.desk.chat_secret_make(caller, key, channel);
        let secret = made.await?;
        let problem = t!(self.reader.language, chat_settings.secret_again);
        Ok(Shown {
            problem: secret.is_none().then(|| problem.to_owned()),
            secret,
            typed: view::typed(fields.to_vec()),
            ..Shown::default()
        })
    }

    async fn remove(&self, fields: &[(String, String)]) -> Result<Shown, NotDone> {
        let key = CommandKey::parse(value(fields, "remove_key"))?;
        self.reader.prove(value(fields, "password")).await?;
        let (caller, channel) = (&self.reader.caller, self.channel.clone());
        let removed = self.reader.desk.chat_secret_remove(caller, key, channel);
        removed.await?;
        Ok(Shown {
            said: Some(t!(self.reader.language, chat_settings.secret_removed)),
            typed: view::typed(fields.to_vec()),
            ..Shown::default()
        })
    }

    async fn show(&self, shown: Shown) -> Response {
        self.reader.page(self.content(shown).await).await
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let (desk, actor) = (&self.reader.desk, &self.reader.caller.actor);
        let found = desk.chat_channel_load(actor, &self.channel).await?;
        let view = View {
            language: self.reader.language,
            username: &actor.username,
            proof: self.reader.asks_for_proof().await?,
            base: &self.base,
            found: &found,
            key: &|| self.reader.desk.ids().next(),
        };
        if let Some(problem) = shown.problem.as_mut().filter(|_| shown.renewed) {
            let typed = shown.typed.as_deref().unwrap_or_default();
            problem.push_str(&view.stored_now(typed));
        }
        let mut page = view.page(&shown);
        // Beside a secret that is made or removed stands what was typed and not saved.
        page.unfinished = shown.typed.is_some() && shown.problem.is_none();
        Ok(answered(page, shown.problem.is_some()))
    }
}
