//! `/setup`: the first administrator of an empty database, made in the browser. The address carries a token that the
//! program printed when it started, so only a reader of the operator's terminal can do it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use i18n::{Language, t};
use maud::html;
use serde::Deserialize;
use shared::admin::UserAccount;
use shared::error::AppError;
use shared::ids::{CommandKey, UserId};
use shared::people::Role;
use shared::text::{DisplayName, Password, Username};

use super::document::{Field, new_password_fields, page, submit};
use super::{ABSOLUTE, see_other, session_begin};
use crate::commands::{FirstUserCreate, UserCreate};
use crate::desk::to_app_error;
use crate::http::cookies::{set_cookie, token_hash};
use crate::http::errors::error_response;
use crate::http::forms::{PageForm, PageQuery};
use crate::http::language::language_for;
use crate::http::plain_page::with_status;
use crate::http::refused::{NotDone, Refused};
use crate::http::session::SessionState;
use crate::store::{CommandContext, StoreError};

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    token: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    token: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    repeat: String,
}

/// The form.
pub(super) async fn show(
    State(state): State<SessionState>,
    PageQuery(asked): PageQuery<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = language_for(None, &headers, &state.desk).await;
    match state.may_set_up(&asked.token).await {
        Ok(()) => form(
            language,
            &Given {
                token: asked.token,
                ..Given::default()
            },
            None,
            &Refused::default(),
        ),
        Err(error) => refused(language, &error),
    }
}

/// Makes the administrator and signs them in.
pub(super) async fn create(
    State(state): State<SessionState>,
    jar: CookieJar,
    headers: HeaderMap,
    PageForm(given): PageForm<Given>,
) -> Response {
    let language = language_for(None, &headers, &state.desk).await;
    if let Err(error) = state.may_set_up(&given.token).await {
        return refused(language, &error);
    }
    let made = match state.first_user(language, &given).await {
        Ok(first) => {
            let made = state.set_up(first, &jar, &headers);
            made.await.map_err(NotDone::from)
        }
        Err(not_done) => Err(not_done),
    };
    match made {
        Ok(response) => response,
        Err(NotDone::Fields(wrong)) => form(language, &given, wrong.reasons().as_deref(), &wrong),
        Err(NotDone::Error(error @ (AppError::NotFound | AppError::Unavailable))) => {
            refused(language, &error)
        }
        Err(NotDone::Error(error)) => {
            let reason = i18n::error_text(language, &error);
            let refused = Refused::of(&error, reason.clone());
            form(language, &given, Some(&reason), &refused)
        }
    }
}

/// The administrator who was typed.
struct FirstUser {
    username: Username,
    name: DisplayName,
    password: Password,
}

impl SessionState {
    /// What was typed, or everything that is wrong with it.
    async fn first_user(&self, language: Language, given: &Given) -> Result<FirstUser, NotDone> {
        let reason = |label: &'static str| {
            move |error: &AppError| format!("{label}: {}", i18n::error_text(language, error))
        };
        let username = Username::parse(&given.username);
        let name = DisplayName::parse(&given.name).map_err(|error| error.at("name"));
        let known = [
            username.as_ref().map_or("", Username::as_str),
            name.as_ref().map_or("", DisplayName::as_str),
        ];
        let password = self.new_password(&given.password, &known).await;
        let mut wrong = Refused::default();
        let username = wrong.take(username, reason(t!(language, login.username)))?;
        let name = wrong.take(name, reason(t!(language, users.name)))?;
        let password = wrong.take(password, reason(t!(language, password.new)))?;
        if given.password != given.repeat {
            wrong.add("repeat", t!(language, password.repeat_differs).to_owned());
        }
        match (username, name, password) {
            (Some(username), Some(name), Some(password)) if wrong.is_empty() => Ok(FirstUser {
                username,
                name,
                password,
            }),
            _ => Err(NotDone::Fields(wrong)),
        }
    }

    /// `NotFound` unless there is nobody yet and the token is the one that was printed.
    async fn may_set_up(&self, token: &str) -> Result<(), AppError> {
        // Digests are compared: how long that takes says nothing about the token.
        let expected = self.setup.as_ref();
        if expected.is_none_or(|expected| **expected != token_hash(token)) {
            return Err(AppError::NotFound);
        }
        let mut rows = self.desk.store().snapshot().await.map_err(to_app_error)?;
        match rows.user_any().await.map_err(to_app_error)? {
            true => Err(AppError::NotFound),
            false => Ok(()),
        }
    }

    async fn set_up(
        &self,
        FirstUser {
            username,
            name,
            password,
        }: FirstUser,
        jar: &CookieJar,
        headers: &HeaderMap,
    ) -> Result<Response, AppError> {
        let desk = &self.desk;
        let user = UserId::parse(desk.ids().next())?;
        let hash = desk.passwords().hash(&user, password).await?;
        let account = UserAccount {
            id: user.clone(),
            username: username.as_str().to_owned(),
            name: name.into(),
            roles: vec![Role::Administrator],
            active: true,
            version: 0,
            capacity: None,
            built: Vec::new(),
        };
        let create = UserCreate {
            account,
            password_hash: hash.clone(),
            temporary: false,
            session: None,
            context: CommandContext {
                actor: None,
                key: CommandKey::parse(desk.ids().next())?,
                at: desk.clock().now(),
            },
        };
        let failed = |error: StoreError| to_app_error(error);
        let created = desk.store().execute(FirstUserCreate { create }).await;
        desk.publish(created.map_err(failed)?);
        let token = desk.ids().secret();
        let browser = self.browser(&user, jar).await.map_err(failed)?;
        let (browser, cookie) = browser.renewed(self);
        let right = (hash, None);
        let begin = session_begin(desk, &token, &user, right, Some(browser), headers);
        desk.publish(desk.store().execute(begin).await.map_err(failed)?);
        let mut response = see_other("/");
        for cookie in [self.cookies.session_cookie(token, ABSOLUTE), cookie] {
            set_cookie(response.headers_mut(), &cookie);
        }
        Ok(response)
    }
}

fn refused(language: Language, error: &AppError) -> Response {
    if *error != AppError::NotFound {
        return error_response(error);
    }
    let content = html! {
        p { (t!(language, sign_in.setup_over)) }
        a class="button login__submit" href="/login" { (t!(language, login.submit)) }
    };
    let title = t!(language, sign_in.setup_title);
    let shown = page(language, title, (None, false), &content);
    (StatusCode::NOT_FOUND, shown).into_response()
}

fn form(language: Language, given: &Given, reason: Option<&str>, refused: &Refused) -> Response {
    let username = Field {
        name: "username",
        label: t!(language, login.username),
        kind: "text",
        autocomplete: "username",
        hint: Some(t!(language, users.username_hint)),
        value: &given.username,
        focus: true,
    };
    let name = Field {
        name: "name",
        label: t!(language, users.name),
        autocomplete: "name",
        hint: Some(t!(language, users.name_hint)),
        value: &given.name,
        focus: false,
        ..username
    };
    let content = html! {
        form class="login__form" method="post" action="/setup" novalidate {
            p { (t!(language, sign_in.setup_line)) }
            input type="hidden" name="token" value=(given.token);
            (username.render(refused))
            (name.render(refused))
            (new_password_fields(language, false, refused))
            (submit(t!(language, sign_in.setup_submit)))
        }
    };
    let title = t!(language, sign_in.setup_title);
    let shown = page(language, title, (reason, true), &content);
    with_status(shown, reason.is_some())
}
