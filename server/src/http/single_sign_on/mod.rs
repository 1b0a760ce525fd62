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
use self::view::{Shown, View};
use super::forms::{Fields, PageForm, is_overtaken, key_of, unreadable, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::Refused;
use super::routes::Routes;
use super::sign_in::provider::{CALLBACK, LOGOUT, base_of};
use crate::commands::SignOnChange;
use crate::desk::Desk;
use crate::desk::identity_provider::ProviderFailure;
use crate::desk::sign_on::NotSetUp;
use crate::secrets::Secret;
use crate::store::rows::{GivenRole, SignOnSettings};

/// The page's address.
pub(crate) const PATH: &str = "/admin/single-sign-on";
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
    Page::of(&host, reader, &headers)
        .show(Shown::default())
        .await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    State(host): State<Host>,
    reader: Result<PageReader, Response>,
    headers: HeaderMap,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page::of(&host, reader?, &headers);
    let language = page.reader.language;
    let done = match value(&fields, "act") {
        "save" => page.save(&fields).await.map(|()| t!(language, sso.saved)),
        "on" => page.activate(&fields, true).await,
        "off" => page.activate(&fields, false).await,
        "delete" => page.delete(&fields).await,
        "check" => page.check().await,
        other => Err(unreadable("act", other).into()),
    };
    let shown = match done {
        Ok(said) => Shown {
            said: Some(said),
            ..Shown::default()
        },
        Err(NotSetUp::Issuer(failure)) => Shown {
            problem: Some(failure_words(language, failure).to_owned()),
            refused: {
                let mut refused = Refused::default();
                if value(&fields, "act") == "save" {
                    refused.add("issuer", failure_words(language, failure).to_owned());
                }
                refused
            },
            typed: Some(fields),
            ..Shown::default()
        },
        Err(NotSetUp::App(error)) => match page.reader.unshown(&error) {
            Some(answer) => return Ok(answer),
            None => Shown {
                problem: Some(reason(language, &error)),
                overtaken: is_overtaken(&error),
                refused: Refused::of(&error, reason(language, &error)),
                typed: Some(page.reader.typed_again(fields, &error)),
                ..Shown::default()
            },
        },
    };
    Ok(page.show(shown).await)
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

    async fn save(&self, fields: &Fields) -> Result<(), NotSetUp> {
        let key = key_of(fields)?;
        let version = match value(fields, "version") {
            "" => None,
            text => Some(text.parse().map_err(|_| unreadable("version", text))?),
        };
        let change = change(fields)?;
        let secret = Secret::new(value(fields, "secret").trim());
        self.reader.prove(value(fields, "password")).await?;
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        desk.sign_on_save(caller, key, version, change, &secret)
            .await
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

    async fn show(&self, shown: Shown) -> Response {
        self.reader.page(self.content(shown).await).await
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
        if let (true, Some(problem), Some(typed)) =
            (shown.overtaken, &mut shown.problem, &shown.typed)
        {
            problem.push_str(&view.stored_now(typed));
        }
        Ok(answered(view.page(&shown), shown.problem.is_some()))
    }
}

/// What the form says.
fn change(fields: &Fields) -> ApiResult<SignOnChange> {
    let switch = |name: &str| value(fields, name) == "on";
    let chosen = fields.iter().filter(|(name, _)| name == "role");
    let roles: ApiResult<Vec<GivenRole>> = chosen.map(|(_, code)| given(code)).collect();
    let create = switch("create");
    let settings = SignOnSettings {
        create,
        roles: roles?,
        roles_claim: optional(fields, "roles_claim")?,
        username_claim: required(fields, "username_claim")?,
        link: switch("link"),
        passwords: value(fields, "passwords") != "off",
    };
    if create && settings.roles.is_empty() && settings.roles_claim.is_empty() {
        return Err(AppError::invalid("roles", Problem::NoneChosen));
    }
    let mut kinds: Vec<Role> = settings.roles.iter().map(|given| given.kind).collect();
    kinds.sort();
    kinds.dedup();
    if kinds.len() != settings.roles.len() {
        // Two of one kind.
        return Err(AppError::invalid("roles", Problem::TooMany { max: 1 }));
    }
    Ok(SignOnChange {
        name: TokenName::parse(value(fields, "name"))?.into(),
        issuer: required(fields, "issuer")?,
        client_id: required(fields, "client_id")?,
        settings,
    })
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

fn optional(fields: &Fields, name: &str) -> ApiResult<String> {
    let text = value(fields, name).trim();
    let (max, actual) = (TEXT_MAX as i64, text.chars().count() as i64);
    match actual > max {
        true => Err(AppError::invalid(name, Problem::TooLong { max, actual })),
        false => Ok(text.to_owned()),
    }
}

fn required(fields: &Fields, name: &str) -> ApiResult<String> {
    let max = TEXT_MAX as i64;
    let text = optional(fields, name)?;
    match text.is_empty() {
        true => Err(AppError::invalid(name, Problem::Empty { max })),
        false => Ok(text),
    }
}

/// Why something was not done.
fn reason(language: Language, error: &AppError) -> String {
    let text = i18n::error_text(language, error);
    let label = match error {
        error if error.asks_for_proof() => return t!(language, proof.line).to_owned(),
        AppError::Invalid { field, .. } => match &field[..] {
            "name" => t!(language, sso.name),
            "issuer" => t!(language, sso.issuer),
            "client_id" => t!(language, sso.client_id),
            "secret" => t!(language, sso.secret),
            "roles" => t!(language, sso.roles),
            "roles_claim" => t!(language, sso.roles_claim),
            "username_claim" => t!(language, sso.username_claim),
            _ => return text,
        },
        _ => return text,
    };
    format!("{label}: {text}")
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
