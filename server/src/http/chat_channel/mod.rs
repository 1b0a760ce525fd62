//! `/admin/chat/{key}`: how a chat channel is set up. A plain page: it shows a secret once, which belongs into one page, and the
//! app need not load what few people use.

mod view;

use app::backend::ApiResult;
use axum::extract::{FromRef, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::chat_settings::{ChatSettings, WrongSetting};
use shared::ids::{ChannelKey, CommandKey};

use self::view::View;
use super::forms::{Fields, PageForm, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
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
    Ok(forms_page::show(&page).await)
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    State(host): State<Host>,
    Path(key): Path<String>,
    reader: Result<PageReader, Response>,
    headers: HeaderMap,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let reader = reader?;
    let channel = ChannelKey::parse(key).map_err(|_| reader.nowhere())?;
    let page = Page::of(&host, channel, reader, &headers);
    Ok(forms_page::answer(&page, fields).await)
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

    /// The settings that cannot be taken.
    fn wrong_fields(&self, wrong: &[WrongSetting]) -> NotDone {
        let mut refused = Refused::default();
        for one in wrong {
            refused.add(one.field, view::reason(self.reader.language, one));
        }
        NotDone::Fields(refused)
    }

    async fn save(&self, fields: &Fields) -> Result<(), NotDone> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let settings = ChatSettings::parse(|name| value(fields, name));
        let settings = settings.map_err(|wrong| self.wrong_fields(&wrong))?;
        let version = value(fields, "version").parse().unwrap_or_default();
        let (actor, channel) = (&self.reader.caller.actor, self.channel.clone());
        let desk = &self.reader.desk;
        let save = desk.chat_settings_save(actor, key, channel, (settings, version));
        Ok(save.await?)
    }

    /// Makes a secret, unless the form was sent before.
    async fn make(&self, fields: &Fields) -> ApiResult<Option<String>> {
        let key = CommandKey::parse(value(fields, "make_key"))?;
        self.reader.prove(value(fields, "password")).await?;
        let (caller, channel) = (&self.reader.caller, self.channel.clone());
        let desk = &self.reader.desk;
        desk.chat_secret_make(caller, key, channel).await
    }

    async fn remove(&self, fields: &Fields) -> ApiResult<()> {
        let key = CommandKey::parse(value(fields, "remove_key"))?;
        self.reader.prove(value(fields, "password")).await?;
        let (caller, channel) = (&self.reader.caller, self.channel.clone());
        let desk = &self.reader.desk;
        desk.chat_secret_remove(caller, key, channel).await
    }
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    /// Why a setting was refused says itself which one it is.
    fn label(&self, _field: &str) -> Option<&'static str> {
        None
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let language = self.reader.language;
        // The buttons about the secret bring what is typed and not saved. It stands in this answer alone, which so leads nowhere else.
        let unsaved = || view::unsaved(language, fields);
        match value(fields, "act") {
            "make" => {
                let secret = self.make(fields).await?;
                let again = t!(language, chat_settings.secret_again);
                match unsaved() {
                    typed if typed.is_empty() => Ok(Done::secret(secret, &self.reader.path, again)),
                    typed => Ok(Done::Shown(Shown {
                        problem: secret.is_none().then(|| again.to_owned()),
                        secret,
                        typed,
                        ..Shown::default()
                    })),
                }
            }
            "remove" => {
                self.remove(fields).await?;
                let said = t!(language, chat_settings.secret_removed);
                match unsaved() {
                    typed if typed.is_empty() => Ok(Done::saved(&self.reader.path, said)),
                    typed => Ok(Done::Shown(Shown {
                        said: Some(said.to_owned()),
                        typed,
                        ..Shown::default()
                    })),
                }
            }
            _ => {
                self.save(fields).await?;
                let said = t!(language, chat_settings.saved);
                Ok(Done::saved(&self.reader.path, said))
            }
        }
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
        shown.typed = view::typed(shown.typed);
        shown.compare(self.reader.language, &view);
        let mut page = view.page(&shown);
        // Beside a secret that is made or removed stands what was typed and not saved.
        page.unfinished = !shown.typed.is_empty() && shown.problem.is_none();
        Ok(page)
    }
}
