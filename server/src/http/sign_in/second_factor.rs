//! `/settings/second-factor`: a user's own second factor. A plain page like those of a sign-in, which show the same, below the
//! header of the host's other pages for users.

mod own_passkeys;
mod view;

use app::backend::{Account, Caller};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use i18n::{Language, t};
use maud::{Markup, html};
use serde::Deserialize;
use shared::error::AppError;
use shared::organisation::{PasskeyRule, SecondFactorRule};
use shared::text::TypedPassword;

use self::view::View;
use super::document::{page_below, recovery_codes};
use super::see_other;
use crate::commands::{
    RecoveryCodesRenew, SecondFactorConfirm, SecondFactorRemove, SecondFactorSetUp,
};
use crate::http::errors::error_response;
use crate::http::forms::{PageForm, PageQuery};
use crate::http::language::language_for;
use crate::http::page_reader::header_for;
use crate::http::plain_page::{too_many, with_status};
use crate::http::refused::Refused;
use crate::http::said::Carried;
use crate::http::session::{SessionState, SignedIn};
use crate::passkeys::{NoParty, Party};
use crate::password::CodeClaim;
use crate::second_factor::{StoredKey, new_key, new_recovery_codes, recovery_hash};
use crate::secrets::Secret;
use crate::store::rows::PasskeyRow;
use crate::store::{StoreError, Stored};

/// The page's address.
pub(super) const PATH: &str = "/settings/second-factor";
/// With the key that waits for its first code.
const SETTING_UP: &str = "/settings/second-factor?act=begin";
/// With the question for a new passkey.
const SETTING_UP_PASSKEY: &str = "/settings/second-factor?act=passkey_begin";
/// That the first second factor made the recovery codes.
const FIRST: &str = "first";
/// That they were asked for, in place of those before.
const RENEWED: &str = "renewed";
/// Where somebody goes who has to sign in first.
const SIGN_IN: &str = "/login?next=%2Fsettings%2Fsecond-factor";
/// The same for somebody whose session ended before their form came.
const ENDED: &str = "/login?next=%2Fsettings%2Fsecond-factor&error=ended";

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    /// To see how it stands.
    #[default]
    Show,
    /// The password, once more.
    Prove,
    /// A new key.
    Begin,
    /// The first code of the new key.
    Confirm,
    /// New recovery codes.
    Renew,
    /// To be without an authenticator app.
    Remove,
    /// A new passkey.
    PasskeyBegin,
    /// What the browser made.
    PasskeyAdd,
    /// To be without one of the passkeys.
    PasskeyRemove,
}

impl Act {
    /// The field that says it in a form.
    fn field(self) -> Markup {
        let code = match self {
            Act::Show => "show",
            Act::Prove => "prove",
            Act::Begin => "begin",
            Act::Confirm => "confirm",
            Act::Renew => "renew",
            Act::Remove => "remove",
            Act::PasskeyBegin => "passkey_begin",
            Act::PasskeyAdd => "passkey_add",
            Act::PasskeyRemove => "passkey_remove",
        };
        html! { input type="hidden" name="act" value=(code); }
    }
}

/// What the page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// How it stands.
    Status,
    /// The key that waits for its first code.
    NewApp,
    /// The question for a new passkey.
    NewPasskey,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    act: Act,
}

#[derive(Default, Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    act: Act,
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
    /// What a new passkey is called.
    #[serde(default)]
    name: String,
    /// The browser's answer with a new passkey.
    #[serde(default)]
    credential: String,
    /// The id of a passkey.
    #[serde(default)]
    passkey: String,
}

/// How it stands.
struct Status {
    rule: SecondFactorRule,
    /// Whether there is an authenticator app.
    on: bool,
    setup: Option<Secret>,
    codes_left: i64,
    required: bool,
    passkey_rule: PasskeyRule,
    passkeys: Vec<PasskeyRow>,
    /// What the browser is asked to make.
    asked: Option<String>,
    party: Result<Party, NoParty>,
}

impl Status {
    /// Whether there are passkeys that count.
    fn passkeys_count(&self) -> bool {
        self.passkey_rule != PasskeyRule::Off && !self.passkeys.is_empty()
    }

    /// Whether there is a second factor.
    fn any(&self) -> bool {
        self.on || self.passkeys_count()
    }
}

/// The page, as it stands.
pub(super) async fn show(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    PageQuery(asked): PageQuery<Asked>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Some(signed_in) = signed_in else {
        return see_other(SIGN_IN);
    };
    let shown = match asked.act {
        Act::Begin => Shown::NewApp,
        Act::PasskeyBegin => Shown::NewPasskey,
        _ => Shown::Status,
    };
    let page = Page::of(state, signed_in, &headers).await;
    match page.codes_shown(&method).await {
        Some(codes) => codes,
        None => page.show(shown, None, &Refused::default()).await,
    }
}

/// Does what a form of the page asks for.
pub(super) async fn act(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    PageForm(given): PageForm<Given>,
) -> Response {
    let Some(signed_in) = signed_in else {
        return see_other(ENDED);
    };
    let page = Page::of(state, signed_in, &headers).await;
    match page.act(given).await {
        Ok(response) => response,
        // The password is asked for once more, and the page says so.
        Err(error) if error.asks_for_proof() => page.refused(Shown::Status, None).await,
        Err(AppError::NotFound) => see_other(PATH),
        Err(error @ (AppError::Unavailable | AppError::Internal { .. })) => error_response(&error),
        Err(error) => {
            let reason = i18n::error_text(page.language, &error);
            let wrong = Refused::of(&error, reason.clone());
            let shown = page.show(Shown::Status, Some(&reason), &wrong).await;
            match error {
                AppError::RateLimited { retry_after_s, .. } => too_many(shown, retry_after_s),
                _ => with_status(shown, true),
            }
        }
    }
}

struct Page {
    state: SessionState,
    caller: Caller,
    language: Language,
    party: Result<Party, NoParty>,
    carried: Carried,
}

impl Page {
    async fn of(state: SessionState, signed_in: SignedIn, headers: &HeaderMap) -> Self {
        let user = &signed_in.actor.id;
        let language = language_for(Some(user), headers, &state.desk).await;
        let party = state.party(headers);
        Self {
            state,
            party,
            carried: Carried::by(&signed_in, headers),
            caller: Caller {
                actor: signed_in.actor,
                session: signed_in.session,
            },
            language,
        }
    }

    async fn act(&self, given: Given) -> Result<Response, AppError> {
        let desk = &self.state.desk;
        let (user, session) = (self.caller.actor.id.clone(), self.caller.session.clone());
        let (at, codes) = (desk.clock().now(), new_recovery_codes());
        let recovery = codes.iter().map(|code| recovery_hash(&user, code));
        let recovery = recovery.collect();
        match given.act {
            Act::Show => {}
            Act::Prove => {
                let typed = TypedPassword::new(&given.password);
                let proved = desk.password_prove(&self.caller, typed).await;
                if let Err(AppError::Invalid { .. }) = proved {
                    let wrong = t!(self.language, password.current_wrong);
                    return Ok(self.wrong(Shown::Status, "password", wrong).await);
                }
                proved?;
            }
            Act::Begin => {
                let secret = StoredKey::seal(&desk.config().keys, &user, &new_key());
                let begin = SecondFactorSetUp {
                    user,
                    session,
                    secret,
                    at,
                };
                self.done(desk.store().execute(begin).await.map(drop))
                    .await?;
                return Ok(see_other(SETTING_UP));
            }
            Act::Confirm => {
                let claim = CodeClaim::SettingUp(user.clone());
                desk.passwords().attempt_code(&claim).await?;
                let confirm = SecondFactorConfirm {
                    user: user.clone(),
                    session,
                    code: given.code,
                    recovery,
                    keys: desk.config().keys.clone(),
                    at,
                };
                let right = desk.store().execute(confirm).await;
                if !self.done(right.map(|right| right.value)).await? {
                    let wrong = t!(self.language, sign_in.wrong_code);
                    return Ok(self.wrong(Shown::NewApp, "code", wrong).await);
                }
                desk.passwords().code_was_right(&claim);
                return Ok(self.codes(FIRST, &codes));
            }
            Act::Renew => {
                let renew = RecoveryCodesRenew {
                    user,
                    session,
                    recovery,
                    at,
                };
                self.done(desk.store().execute(renew).await.map(drop))
                    .await?;
                return Ok(self.codes(RENEWED, &codes));
            }
            Act::Remove => {
                let remove = SecondFactorRemove { user, session, at };
                self.done(desk.store().execute(remove).await.map(drop))
                    .await?;
            }
            Act::PasskeyBegin => return self.passkey_begin(&given.name).await,
            Act::PasskeyAdd => return self.passkey_add(&given.credential).await,
            Act::PasskeyRemove => self.passkey_remove(&given.passkey).await?,
        }
        Ok(see_other(PATH))
    }

    async fn done<T>(&self, stored: Stored<T>) -> Result<T, AppError> {
        match stored {
            Ok(value) => Ok(value),
            Err(error) => Err(self.state.desk.answered(error).await),
        }
    }

    /// Leads on to new recovery codes, which the page shows once, so that neither *Back* nor *Reload* makes others. `why` says what made
    /// them.
    fn codes(&self, why: &str, codes: &[String]) -> Response {
        let made = [why, " ", &codes.join(" ")].concat();
        self.carried.made(&self.state.desk, PATH, &made)
    }

    /// The recovery codes that were made a moment ago, if there are some.
    async fn codes_shown(&self, method: &Method) -> Option<Response> {
        let made = self.carried.secret(&self.state.desk, method, PATH)?;
        let (why, codes) = made.split_once(' ')?;
        let codes: Vec<String> = codes.split(' ').map(str::to_owned).collect();
        let language = self.language;
        let line = match why {
            RENEWED => t!(language, sign_in.renewed_line),
            _ => t!(language, sign_in.recovery_line),
        };
        let codes = recovery_codes(language, line, &codes, "/settings");
        let title = t!(language, sign_in.recovery_title);
        let mut response = self.below(title, (None, false), &codes).await;
        self.carried.taken(response.headers_mut(), PATH);
        Some(response)
    }

    async fn status(&self, shown: Shown) -> Result<Status, StoreError> {
        let actor = &self.caller.actor;
        let asked = match shown {
            Shown::NewPasskey => self.state.asked(&self.caller.session).await?,
            _ => None,
        };
        let mut rows = self.state.desk.store().snapshot().await?;
        let settings = rows.organisation_find().await?.settings;
        let rule = settings.second_factor;
        let factor = rows.second_factor_of(&actor.id).await?;
        Ok(Status {
            rule,
            on: factor.secret.is_some(),
            setup: self
                .state
                .desk
                .app_key_open(&actor.id, factor.setup.as_ref()),
            codes_left: rows.recovery_codes_count(&actor.id).await?,
            required: rule.requires(&actor.roles),
            passkey_rule: settings.passkeys_allowed(),
            passkeys: rows.passkeys_of(&actor.id).await?,
            asked: asked.map(|asked| asked.options),
            party: self.party.clone(),
        })
    }

    /// The page after what was asked for was refused.
    async fn refused(&self, shown: Shown, reason: Option<&str>) -> Response {
        with_status(self.show(shown, reason, &Refused::default()).await, true)
    }

    /// The same, for what is wrong with one field.
    async fn wrong(&self, shown: Shown, field: &str, reason: &str) -> Response {
        let wrong = Refused::one(field, reason);
        with_status(self.show(shown, Some(reason), &wrong).await, true)
    }

    async fn show(&self, shown: Shown, reason: Option<&str>, wrong: &Refused) -> Response {
        let (language, desk) = (self.language, &self.state.desk);
        let status = match self.status(shown).await {
            Ok(status) => status,
            Err(error) => return error_response(&crate::desk::to_app_error(error)),
        };
        let view = View {
            language,
            username: &self.caller.actor.username,
            status: &status,
            wrong,
        };
        let (content, at_field) = if status.rule == SecondFactorRule::Off {
            (html! { p { (t!(language, sign_in.switched_off)) } }, false)
        } else {
            match desk.proved(&self.caller).await {
                Ok(()) => view.content(shown),
                Err(error) if error.asks_for_proof() => (view.prove(), true),
                Err(error) => return error_response(&error),
            }
        };
        let content = html! {
            (content)
            a class="button button--quiet login__submit" href="/settings" { (t!(language, sign_in.to_settings)) }
        };
        let title = t!(language, sign_in.second_factor);
        self.below(title, (reason, at_field), &content).await
    }

    async fn below(
        &self,
        title: &str,
        refused: (Option<&str>, bool),
        content: &Markup,
    ) -> Response {
        let (language, me) = (self.language, &self.caller.actor);
        let header = header_for(&self.state.desk, language, me, PATH).await;
        page_below(&header, language, title, refused, content)
    }
}
