//! `/settings/second-factor`: a user's own second factor. A plain page like those of a sign-in, which show the same.

use app::backend::{Account, Caller};
use axum::extract::{Extension, Form, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use i18n::{Language, t};
use maud::{Markup, html};
use serde::Deserialize;
use shared::error::AppError;
use shared::organisation::SecondFactorRule;
use shared::text::TypedPassword;

use super::document::{
    Field, code_field, key, page, problem, recovery_codes, submit, username_field,
};
use super::see_other;
use crate::commands::{
    RecoveryCodesRenew, SecondFactorConfirm, SecondFactorRemove, SecondFactorSetUp,
};
use crate::http::errors::error_response;
use crate::http::pages::language_for;
use crate::http::session::{SessionState, SignedIn};
use crate::second_factor::{new_key, new_recovery_codes, recovery_hash};
use crate::store::{StoreError, Stored};

/// The page's address.
pub(super) const PATH: &str = "/settings/second-factor";
/// With the key that waits for its first code.
const SETTING_UP: &str = "/settings/second-factor?act=begin";
/// Where somebody goes who has to sign in first.
const SIGN_IN: &str = "/login?next=%2Fsettings%2Fsecond-factor";

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
    /// To be without a second factor.
    Remove,
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
}

/// How it stands.
struct Status {
    rule: SecondFactorRule,
    on: bool,
    setup: Option<String>,
    codes_left: i64,
    required: bool,
}

/// The page, as it stands.
pub(super) async fn show(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let Some(signed_in) = signed_in else {
        return see_other(SIGN_IN);
    };
    Page::of(state, signed_in, &headers)
        .await
        .show(asked.act == Act::Begin, None)
        .await
}

/// Does what a form of the page asks for.
pub(super) async fn act(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    let Some(signed_in) = signed_in else {
        return see_other(SIGN_IN);
    };
    let page = Page::of(state, signed_in, &headers).await;
    match page.act(given).await {
        Ok(response) => response,
        // The password is asked for once more, and the page says so.
        Err(error) if error.asks_for_proof() => page.show(false, None).await,
        Err(AppError::NotFound) => see_other(PATH),
        Err(error @ (AppError::Unavailable | AppError::Internal { .. })) => error_response(&error),
        Err(error) => {
            let reason = i18n::error_text(page.language, &error);
            page.show(false, Some(&reason)).await
        }
    }
}

struct Page {
    state: SessionState,
    caller: Caller,
    language: Language,
}

impl Page {
    async fn of(state: SessionState, signed_in: SignedIn, headers: &HeaderMap) -> Self {
        let user = &signed_in.actor.id;
        let language = language_for(Some(user), headers, &state.desk).await;
        Self {
            state,
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
                    return Ok(self.show(false, Some(wrong)).await);
                }
                proved?;
            }
            Act::Begin => {
                let secret = new_key();
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
                desk.passwords().attempt_code(&user)?;
                let confirm = SecondFactorConfirm {
                    user: user.clone(),
                    session,
                    code: given.code,
                    recovery,
                    at,
                };
                let right = desk.store().execute(confirm).await;
                if !self.done(right.map(|right| right.value)).await? {
                    let wrong = t!(self.language, sign_in.wrong_code);
                    return Ok(self.show(true, Some(wrong)).await);
                }
                desk.passwords().code_was_right(&user);
                return Ok(self.codes(&codes));
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
                return Ok(self.codes(&codes));
            }
            Act::Remove => {
                let remove = SecondFactorRemove { user, session, at };
                self.done(desk.store().execute(remove).await.map(drop))
                    .await?;
            }
        }
        Ok(see_other(PATH))
    }

    async fn done<T>(&self, stored: Stored<T>) -> Result<T, AppError> {
        match stored {
            Ok(value) => Ok(value),
            Err(error) => Err(self.state.desk.answered(error).await),
        }
    }

    fn codes(&self, codes: &[String]) -> Response {
        let language = self.language;
        let codes = recovery_codes(language, codes, "/settings");
        page(language, t!(language, sign_in.recovery_title), &codes)
    }

    async fn status(&self) -> Result<Status, StoreError> {
        let actor = &self.caller.actor;
        let mut rows = self.state.desk.store().snapshot().await?;
        let rule = rows.organisation_find().await?.settings.second_factor;
        let factor = rows.second_factor_of(&actor.id).await?;
        Ok(Status {
            rule,
            on: factor.secret.is_some(),
            setup: factor.setup,
            codes_left: rows.recovery_codes_count(&actor.id).await?,
            required: rule.requires(&actor.roles),
        })
    }

    async fn show(&self, setting_up: bool, reason: Option<&str>) -> Response {
        let (language, desk) = (self.language, &self.state.desk);
        let status = match self.status().await {
            Ok(status) => status,
            Err(error) => return error_response(&crate::desk::to_app_error(error)),
        };
        let content = if status.rule == SecondFactorRule::Off {
            html! { p { (t!(language, sign_in.switched_off)) } }
        } else {
            match desk.proved(&self.caller).await {
                Ok(()) => self.content(&status, setting_up),
                Err(error) if error.asks_for_proof() => self.prove(),
                Err(error) => return error_response(&error),
            }
        };
        let content = html! {
            (problem(reason))
            (content)
            a class="button button--quiet login__submit" href="/settings" { (t!(language, sign_in.to_settings)) }
        };
        page(language, t!(language, sign_in.second_factor), &content)
    }

    fn form(&self, act: &str, fields: &Markup) -> Markup {
        html! {
            form class="login__form" method="post" action=(PATH) {
                input type="hidden" name="act" value=(act);
                (fields)
            }
        }
    }

    fn prove(&self) -> Markup {
        let language = self.language;
        let password = Field {
            name: "password",
            label: t!(language, proof.password),
            kind: "password",
            autocomplete: "current-password",
            hint: None,
            value: "",
            focus: true,
        };
        let fields = html! {
            p { (t!(language, proof.line)) }
            (username_field(&self.caller.actor.username))
            (password.render())
            (submit(t!(language, proof.submit)))
        };
        self.form("prove", &fields)
    }

    fn content(&self, status: &Status, setting_up: bool) -> Markup {
        let language = self.language;
        if let (true, Some(secret)) = (setting_up, &status.setup) {
            let fields = html! {
                p { (t!(language, sign_in.scan)) }
                (key(language, &self.caller.actor.username, secret))
                (code_field(language, Some(t!(language, sign_in.confirm_hint))))
                (submit(t!(language, sign_in.confirm)))
            };
            return self.form("confirm", &fields);
        }
        let button = |act: &str, label: &str| {
            let button = html! { button class="button login__submit" type="submit" { (label) } };
            self.form(act, &button)
        };
        if !status.on {
            return html! {
                p { (t!(language, sign_in.is_off)) " " (t!(language, sign_in.set_up_line)) }
                (self.form("begin", &submit(t!(language, sign_in.begin))))
            };
        }
        html! {
            p { (t!(language, sign_in.is_on)) " " (t!(language, sign_in.codes_left, count = status.codes_left)) }
            (button("renew", t!(language, sign_in.renew)))
            (button("begin", t!(language, sign_in.begin_again)))
            @if !status.required {
                (button("remove", t!(language, sign_in.remove)))
            }
        }
    }
}
