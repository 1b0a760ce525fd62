//! `/admin/single-sign-on`: the provider at which users sign in. A plain page, as that of the roles: the app needs nothing of it but
//! the provider's name.

mod links;
mod view;

use app::backend::ApiResult;
use axum::extract::{FromRef, State};
use axum::http::header::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use i18n::{Language, t};
use shared::error::{AppError, Problem};
use shared::ids::RoleId;
use shared::people::Role;
use shared::text::TokenName;

use self::links::LINKS;
use self::view::View;
use super::forms::{Fields, PageForm, key_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
use super::paths::SIGN_ON_SETTINGS;
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use super::sign_in::provider::{CALLBACK, LOGOUT, base_of};
use crate::commands::SignOnChange;
use crate::commands::sign_on::SECRET_MAX;
use crate::desk::Desk;
use crate::desk::identity_provider::ProviderFailure;
use crate::desk::sign_on::NotSetUp;
use crate::secrets::Secret;
use crate::store::rows::{GivenRole, SignOnSettings};

/// The page's address.
pub(crate) const PATH: &str = SIGN_ON_SETTINGS;
/// The longest name of a client or of a claim, in characters.
const TEXT_MAX: usize = 200;

/// The desk, and whether browsers come over TLS.
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

/// The routes of the page, and of that of the users whom the provider knows.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk, secure: bool) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .route(LINKS, get(links::show).post(links::act))
        .with_state(Host { desk, secure })
}

/// The page, as it stands.
async fn show(State(host): State<Host>, reader: PageReader, headers: HeaderMap) -> Response {
    forms_page::show(&Page::of(&host, reader, &headers)).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    State(host): State<Host>,
    reader: Result<PageReader, Response>,
    headers: HeaderMap,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page::of(&host, reader?, &headers);
    Ok(forms_page::answer(&page, fields).await)
}

struct Page {
    reader: PageReader,
    /// Where this host is reached, without a slash at its end.
    base: String,
}

impl Page {
    fn of(host: &Host, reader: PageReader, headers: &HeaderMap) -> Self {
        Self {
            reader,
            base: base_of(&host.desk, host.secure, headers),
        }
    }

    fn redirect(&self) -> String {
        [self.base.as_str(), CALLBACK].concat()
    }

    async fn save(&self, fields: &Fields) -> Result<(), NotDone> {
        let key = key_of(fields)?;
        let version = match value(fields, "version") {
            "" => None,
            text => Some(text.parse().map_err(|_| unreadable("version", text))?),
        };
        let (change, secret) = self.typed(fields, version.is_none()).await?;
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        let save = desk.sign_on_save(caller, key, version, change, &secret);
        let language = self.reader.language;
        save.await.map_err(|error| not_set_up(language, error))
    }

    /// What the form says, with the client's secret. The first time there has to be one.
    async fn typed(&self, fields: &Fields, first: bool) -> Result<(SignOnChange, Secret), NotDone> {
        let language = self.reader.language;
        let reason = |error: &AppError| self.reason(error);
        let proof = self.reader.proved(value(fields, "password")).await;
        let mut refused = Refused::default();
        let name = refused.take(TokenName::parse(value(fields, "name")), reason)?;
        let issuer = refused.take(required(fields, "issuer"), reason)?;
        let usable = issuer.as_deref().map_or(Ok(()), |issuer| {
            self.reader.desk.sign_on_issuer_check(issuer)
        });
        if let Err(failure) = usable {
            refused.add("issuer", failure_words(language, failure).to_owned());
        }
        let client_id = refused.take(required(fields, "client_id"), reason)?;
        let secret = refused.take(secret_of(fields, first), reason)?;
        let username_claim = refused.take(required(fields, "username_claim"), reason)?;
        let roles = refused.take(roles_of(fields), reason)?;
        let roles_claim = refused.take(optional(fields, "roles_claim", TEXT_MAX), reason)?;
        refused.take(proof, reason)?;
        let (
            true,
            (Some(name), Some(issuer), Some(client_id), Some(secret)),
            (Some(username_claim), Some(roles), Some(roles_claim)),
        ) = (
            refused.is_empty(),
            (name, issuer, client_id, secret),
            (username_claim, roles, roles_claim),
        )
        else {
            return Err(NotDone::Fields(refused));
        };
        let settings = SignOnSettings {
            create: is_on(fields, "create"),
            roles,
            roles_claim,
            username_claim,
            link: is_on(fields, "link"),
            passwords: value(fields, "passwords") != "off",
        };
        let change = SignOnChange {
            name: name.into(),
            issuer,
            client_id,
            settings,
        };
        Ok((change, secret))
    }

    async fn activate(&self, fields: &Fields, active: bool) -> Result<&'static str, NotSetUp> {
        let (key, language) = (key_of(fields)?, self.reader.language);
        self.reader.prove(value(fields, "password")).await?;
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        desk.sign_on_activate(caller, key, active).await?;
        Ok(match active {
            true => t!(language, sso.switched_on),
            false => t!(language, sso.switched_off),
        })
    }

    async fn delete(&self, fields: &Fields) -> Result<&'static str, NotSetUp> {
        let actor = &self.reader.caller.actor;
        let key = key_of(fields)?;
        self.reader.desk.sign_on_delete(actor, key).await?;
        Ok(t!(self.reader.language, sso.removed))
    }

    async fn check(&self) -> Result<&'static str, NotSetUp> {
        let actor = &self.reader.caller.actor;
        let redirect = self.redirect();
        let checked = self.reader.desk.sign_on_check(actor, &redirect);
        checked.await?.map_err(NotSetUp::Issuer)?;
        Ok(t!(self.reader.language, sso.checked))
    }
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        let language = self.reader.language;
        match field {
            "name" => Some(t!(language, sso.name)),
            "issuer" => Some(t!(language, sso.issuer)),
            "client_id" => Some(t!(language, sso.client_id)),
            "secret" => Some(t!(language, sso.secret)),
            "roles" => Some(t!(language, sso.roles)),
            "roles_claim" => Some(t!(language, sso.roles_claim)),
            "username_claim" => Some(t!(language, sso.username_claim)),
            _ => None,
        }
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let language = self.reader.language;
        let not_set_up = |error| not_set_up(language, error);
        let said = match value(fields, "act") {
            "save" => self.save(fields).await.map(|()| t!(language, sso.saved)),
            "on" => self.activate(fields, true).await.map_err(not_set_up),
            "off" => self.activate(fields, false).await.map_err(not_set_up),
            "delete" => self.delete(fields).await.map_err(not_set_up),
            "check" => self.check().await.map_err(not_set_up),
            other => Err(unreadable("act", other).into()),
        };
        Ok(Done::saved(PATH, said?))
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.sign_on_managed(actor).await?;
        let proof = self.reader.asks_for_proof().await?;
        let view = View {
            language: self.reader.language,
            username: &actor.username,
            managed: &managed,
            redirect: self.redirect(),
            logout: [self.base.as_str(), LOGOUT].concat(),
            proof,
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        shown.compare(self.reader.language, &view);
        Ok(view.page(&shown))
    }
}

/// Whether a switch is on.
fn is_on(fields: &Fields, name: &str) -> bool {
    value(fields, name) == "on"
}

/// The roles of whom the provider names none: one of each kind at most. Somebody who is created has to have one.
fn roles_of(fields: &Fields) -> ApiResult<Vec<GivenRole>> {
    let chosen = fields.iter().filter(|(name, _)| name == "role");
    let roles = chosen.map(|(_, code)| given(code));
    let roles: Vec<GivenRole> = roles.collect::<ApiResult<_>>()?;
    let claimed = !value(fields, "roles_claim").trim().is_empty();
    if is_on(fields, "create") && roles.is_empty() && !claimed {
        return Err(AppError::invalid("roles", Problem::NoneChosen));
    }
    let mut kinds: Vec<Role> = roles.iter().map(|given| given.kind).collect();
    kinds.sort();
    kinds.dedup();
    match kinds.len() == roles.len() {
        true => Ok(roles),
        false => Err(AppError::invalid("roles", Problem::TooMany { max: 1 })),
    }
}

/// The client's secret; empty where the one before stays.
fn secret_of(fields: &Fields, needed: bool) -> ApiResult<Secret> {
    let secret = optional(fields, "secret", SECRET_MAX)?;
    let max = SECRET_MAX as i64;
    match needed && secret.is_empty() {
        true => Err(AppError::invalid("secret", Problem::Empty { max })),
        false => Ok(Secret::new(secret)),
    }
}

/// A role as the form names it: its kind, or its kind and its id.
fn given(code: &str) -> ApiResult<GivenRole> {
    let (kind, role) = match code.split_once('/') {
        Some((kind, role)) => (kind, Some(role)),
        None => (code, None),
    };
    let kind = Role::from_code(kind).ok_or_else(|| unreadable("roles", code))?;
    let role = role.map(RoleId::parse).transpose();
    let role = role.map_err(|_| unreadable("roles", code))?;
    Ok(GivenRole { kind, role })
}

/// A text of at most so many characters.
fn optional(fields: &Fields, name: &str, max: usize) -> ApiResult<String> {
    let text = value(fields, name).trim();
    let (max, actual) = (max as i64, text.chars().count() as i64);
    match actual > max {
        true => Err(AppError::invalid(name, Problem::TooLong { max, actual })),
        false => Ok(text.to_owned()),
    }
}

fn required(fields: &Fields, name: &str) -> ApiResult<String> {
    let max = TEXT_MAX as i64;
    let text = optional(fields, name, TEXT_MAX)?;
    match text.is_empty() {
        true => Err(AppError::invalid(name, Problem::Empty { max })),
        false => Ok(text),
    }
}

/// Why it was not set up, as an answer of the page.
fn not_set_up(language: Language, error: NotSetUp) -> NotDone {
    match error {
        NotSetUp::App(error) => error.into(),
        NotSetUp::Issuer(failure) => {
            let mut refused = Refused::default();
            refused.add("issuer", failure_words(language, failure).to_owned());
            NotDone::Fields(refused)
        }
    }
}

/// Why a provider is of no use, and what to do.
fn failure_words(language: Language, failure: ProviderFailure) -> &'static str {
    match failure {
        ProviderFailure::Address => t!(language, sso.fails_address),
        ProviderFailure::NotSecure => t!(language, sso.fails_not_secure),
        ProviderFailure::AddressRefused => t!(language, sso.fails_address_refused),
        ProviderFailure::Unreachable => t!(language, sso.fails_unreachable),
        ProviderFailure::TooSlow => t!(language, sso.fails_too_slow),
        ProviderFailure::OtherIssuer => t!(language, sso.fails_other_issuer),
        ProviderFailure::Endpoint => t!(language, sso.fails_endpoint),
        ProviderFailure::NoKeys => t!(language, sso.fails_no_keys),
        ProviderFailure::ClientRefused => t!(language, sso.fails_secret),
        _ => t!(language, sso.fails_no_discovery),
    }
}
