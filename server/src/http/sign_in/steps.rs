//! `/login/step`: what is asked for between the right password and the session. Which step it is, the store knows.

mod passkey;
mod set_up;
mod view;

use app::backend::Caller;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, CookieJar};
use i18n::{Language, t};
use serde::Deserialize;
use shared::account::SignInStep;
use shared::error::AppError;
use shared::local_path::LocalPath;
use shared::people::Actor;

use self::set_up::{BEGIN, MAKING};
use super::browser::Browser;
use super::document::{page, recovery_codes};
use super::{Back, SIGN_IN_AGE, landing, see_other, session_begin};
use crate::commands::{SessionBegin, SignInCode, SignInPassword, sign_in_step};
use crate::desk::to_app_error;
use crate::http::cookies::{set_cookie, token_hash};
use crate::http::errors::error_response;
use crate::http::forms::{PageForm, PageQuery};
use crate::http::language::language_for;
use crate::http::plain_page::{too_many, with_status};
use crate::http::refused::Refused as WrongFields;
use crate::http::session::SessionState;
use crate::password::{CodeClaim, Refused};
use crate::secrets::Secret;
use crate::store::rows::SignInRow;
use crate::store::{StoreError, Written};

/// Where a sign-in goes on.
pub(super) const STEP: &str = "/login/step";

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
    #[serde(default)]
    act: String,
}

/// What a form of a step sends.
#[derive(Default, Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    repeat: String,
    /// A browser's answer with a passkey.
    #[serde(default)]
    credential: String,
    /// What is asked for beside what the step asks for in any case.
    #[serde(default)]
    act: String,
    /// What a new passkey is called.
    #[serde(default)]
    name: String,
    next: Option<String>,
}

/// A sign-in that is under way, as its browser sees it.
struct UnderWay {
    row: SignInRow,
    step: SignInStep,
    actor: Actor,
    browser: Browser,
    /// Whether the user has an authenticator app.
    app: bool,
    /// The key that waits for its first code.
    setup: Option<Secret>,
    language: Language,
}

impl UnderWay {
    /// Who gives the code, for those who count.
    fn code_claim(&self) -> CodeClaim {
        let user = || self.row.user.clone();
        match self.browser.known() {
            _ if self.step == SignInStep::SetUp => CodeClaim::SettingUp(user()),
            Some(browser) => CodeClaim::KnownBrowser {
                browser: browser.to_owned(),
            },
            None => CodeClaim::Stranger {
                user: user(),
                verified: self.row.verified.clone(),
            },
        }
    }
}

/// Why a step was not taken.
enum NotTaken {
    /// The sign-in is over: it begins again.
    Over,
    /// For this reason, which the step's page says.
    Because(String),
    /// Nobody looked at what was given.
    NotNow(Refused),
    /// These fields are wrong.
    Fields(WrongFields),
    Failed(AppError),
}

impl From<StoreError> for NotTaken {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::Over,
            error => Self::Failed(to_app_error(error)),
        }
    }
}

/// The page of the step at which the sign-in stands.
pub(super) async fn show(
    State(state): State<SessionState>,
    PageQuery(asked): PageQuery<Asked>,
    jar: CookieJar,
    headers: HeaderMap,
) -> Response {
    let next = asked.next.as_deref().and_then(LocalPath::parse);
    match state.under_way(&jar, &headers).await {
        Ok(under_way) => {
            let making = asked.act == MAKING;
            let why = (None, &WrongFields::default());
            state
                .shown(&under_way, (&headers, making), why, next.as_ref())
                .await
        }
        Err(NotTaken::Failed(error)) => error_response(&error),
        Err(_) => state.begin_again(next.as_ref()),
    }
}

/// Takes what the step asks for.
pub(super) async fn give(
    State(state): State<SessionState>,
    jar: CookieJar,
    headers: HeaderMap,
    PageForm(given): PageForm<Given>,
) -> Response {
    let next = given.next.as_deref().and_then(LocalPath::parse);
    let under_way = match state.under_way(&jar, &headers).await {
        Ok(under_way) => under_way,
        Err(NotTaken::Failed(error)) => return error_response(&error),
        Err(_) => return state.begin_again(next.as_ref()),
    };
    let taken = state
        .take(&under_way, &given, next.as_ref(), &headers)
        .await;
    if matches!(
        taken,
        Err(NotTaken::Because(_) | NotTaken::NotNow(_) | NotTaken::Fields(_))
    ) {
        state.record_guessed(&under_way).await;
    }
    let (reason, wrong, limit) = match taken {
        Ok(response) => return response,
        Err(NotTaken::Because(reason)) => (Some(reason), WrongFields::default(), None),
        Err(NotTaken::Fields(wrong)) => (wrong.reasons(), wrong, None),
        Err(NotTaken::NotNow(refused)) => {
            let reason = refused_words(under_way.language, refused);
            (Some(reason), WrongFields::default(), Some(refused))
        }
        Err(NotTaken::Over) => return state.begin_again(next.as_ref()),
        Err(NotTaken::Failed(error)) => return error_response(&error),
    };
    let why = (reason.as_deref(), &wrong);
    let page = state.shown(&under_way, (&headers, false), why, next.as_ref());
    match limit {
        Some(refused) => not_now(page.await, refused),
        None => with_status(page.await, true),
    }
}

/// The session that begins with the last step, and its cookies.
struct Beginning {
    begin: SessionBegin,
    cookies: [Cookie<'static>; 2],
}

impl SessionState {
    async fn under_way(&self, jar: &CookieJar, headers: &HeaderMap) -> Result<UnderWay, NotTaken> {
        let token = self.cookies.sign_in_of(jar).ok_or(NotTaken::Over)?;
        let (id, now) = (token_hash(token), self.desk.clock().now());
        let mut rows = self.desk.store().snapshot().await?;
        let (row, step) = sign_in_step(&mut *rows, &id, now).await?;
        let actor = rows.actor_find(&row.user).await?;
        let actor = actor.ok_or(NotTaken::Over)?;
        let factor = rows.second_factor_of(&row.user).await?;
        drop(rows);
        let browser = self.browser(&row.user, jar).await?;
        let language = language_for(Some(&actor.id), headers, &self.desk).await;
        Ok(UnderWay {
            app: factor.secret.is_some(),
            setup: self.desk.app_key_open(&row.user, factor.setup.as_ref()),
            row,
            step,
            actor,
            browser,
            language,
        })
    }

    /// The page of the step, with what a passkey can do there, and why the step was not taken.
    async fn shown(
        &self,
        at: &UnderWay,
        (headers, making): (&HeaderMap, bool),
        why: (Option<&str>, &WrongFields),
        next: Option<&LocalPath>,
    ) -> Response {
        match self.offer(at, headers, making).await {
            Ok(offer) => at.page(&offer, why, next),
            Err(error) => error_response(&to_app_error(error)),
        }
    }

    /// Leads to the sign-in page, which says that it has to begin again.
    fn begin_again(&self, next: Option<&LocalPath>) -> Response {
        let back = Back {
            cookies: self.cookies,
            username: "",
            next,
            page: true,
        };
        let mut response = back.with_error("again", None);
        set_cookie(response.headers_mut(), &self.cookies.no_sign_in());
        response
    }

    fn beginning(&self, at: &UnderWay, headers: &HeaderMap) -> Beginning {
        let token = self.desk.ids().secret();
        let (browser, cookie) = at.browser.renewed(self);
        let (user, right) = (&at.row.user, (at.row.verified.clone(), None));
        let begin = session_begin(&self.desk, &token, user, right, Some(browser), headers);
        Beginning {
            begin,
            cookies: [self.cookies.session_cookie(token, super::ABSOLUTE), cookie],
        }
    }

    async fn take(
        &self,
        at: &UnderWay,
        given: &Given,
        next: Option<&LocalPath>,
        headers: &HeaderMap,
    ) -> Result<Response, NotTaken> {
        let Beginning { begin, cookies } = self.beginning(at, headers);
        let session = begin.session.clone();
        let sign_in = at.row.id.clone();
        let store = self.desk.store();
        let (step, codes) = match at.step {
            SignInStep::Code if !given.credential.is_empty() => {
                let answer = (given.credential.as_str(), headers);
                (self.take_passkey(at, begin, answer).await?, Vec::new())
            }
            SignInStep::Code => {
                self.attempt_code(at).await?;
                let give = SignInCode {
                    sign_in,
                    code: given.code.clone(),
                    keys: self.desk.config().keys.clone(),
                    begin,
                };
                (self.coded(at, store.execute(give).await?)?, Vec::new())
            }
            SignInStep::Password => {
                let hash = self.own_password(at, given).await?;
                let give = SignInPassword {
                    sign_in,
                    hash,
                    begin,
                };
                (self.coded(at, store.execute(give).await?)?, Vec::new())
            }
            SignInStep::SetUp if given.act == BEGIN => {
                let place = (headers, next);
                return self.passkey_begin(at, &given.name, begin, place).await;
            }
            SignInStep::SetUp => self.second_factor_set_up(at, given, begin, headers).await?,
            SignInStep::Done => return Err(NotTaken::Over),
        };
        if step != SignInStep::Done {
            return Ok(see_other(&step_address(next, None)));
        }
        let actor = self.desk.actor_load(&at.row.user).await?;
        let caller = actor.map(|actor| Caller { actor, session });
        let place = landing(next, caller.as_ref(), &self.desk).await;
        let mut response = match codes.is_empty() {
            true => see_other(place),
            false => {
                let line = t!(at.language, sign_in.recovery_line);
                let codes = recovery_codes(at.language, line, &codes, place);
                let title = t!(at.language, sign_in.recovery_title);
                page(at.language, title, (None, false), &codes)
            }
        };
        for cookie in cookies.iter().chain([&self.cookies.no_sign_in()]) {
            set_cookie(response.headers_mut(), cookie);
        }
        Ok(response)
    }

    /// The next step; a wrong code is none.
    fn coded(
        &self,
        at: &UnderWay,
        written: Written<Option<SignInStep>>,
    ) -> Result<SignInStep, NotTaken> {
        let step = self.desk.publish(written).ok_or_else(|| {
            let wrong = t!(at.language, sign_in.wrong_code);
            NotTaken::Fields(WrongFields::one("code", wrong))
        })?;
        // A password is no code, and no attempt was counted.
        if at.step != SignInStep::Password {
            self.desk.passwords().code_was_right(&at.code_claim());
        }
        Ok(step)
    }

    async fn attempt_code(&self, at: &UnderWay) -> Result<(), NotTaken> {
        let claim = at.code_claim();
        let counted = self.desk.passwords().attempt_code(&claim);
        counted.await.map_err(NotTaken::NotNow)
    }

    /// After a code that was wrong or not looked at: that strangers have used up their attempts is recorded, once.
    async fn record_guessed(&self, at: &UnderWay) {
        if at.step == SignInStep::Code
            && self.desk.passwords().codes_guessed(&at.code_claim()).await
        {
            let (what, user) = ("second_factor_limited", at.row.user.as_str());
            self.desk.refused(None, what, user).await;
        }
    }

    /// The hash of a password that the user chose, which is not the one that they were given.
    async fn own_password(&self, at: &UnderWay, given: &Given) -> Result<String, NotTaken> {
        let (language, user) = (at.language, &at.row.user);
        let label = t!(language, password.new);
        let reason = |error: &AppError| format!("{label}: {}", i18n::error_text(language, error));
        let known = [at.actor.username.as_str(), at.actor.name.as_str()];
        let password = self.new_password(&given.password, &known).await;
        let mut wrong = WrongFields::default();
        let password = wrong.take(password, reason).map_err(NotTaken::Failed)?;
        if given.password != given.repeat {
            wrong.add("repeat", t!(language, password.repeat_differs).to_owned());
        }
        let Some(password) = password.filter(|_| wrong.is_empty()) else {
            return Err(NotTaken::Fields(wrong));
        };
        let gate = self.desk.passwords();
        let old = at.row.verified.clone();
        let same = gate.is_same(user, &password, old).await;
        if same.map_err(NotTaken::NotNow)? {
            wrong.add("password", t!(language, sign_in.same_password).to_owned());
            return Err(NotTaken::Fields(wrong));
        }
        let hash = gate.hash(user, password).await;
        hash.map_err(NotTaken::NotNow)
    }
}

/// The page that says why nobody looked at what was given, with the status of that.
pub(super) fn not_now(page: Response, refused: Refused) -> Response {
    match refused {
        Refused::Attempts { retry_after_s } | Refused::Busy { retry_after_s } => {
            too_many(page, retry_after_s)
        }
        Refused::Gone | Refused::Unavailable => error_response(&AppError::Unavailable),
    }
}

/// Why nobody looked at what was given.
pub(super) fn refused_words(language: Language, refused: Refused) -> String {
    match refused {
        Refused::Attempts { retry_after_s } => t!(language, login.rate, count = retry_after_s),
        Refused::Busy { retry_after_s } => t!(language, login.busy, count = retry_after_s),
        Refused::Gone | Refused::Unavailable => t!(language, login.failed).to_owned(),
    }
}

/// The address of the steps, with where to go afterwards, and what is shown beside how it stands.
pub(super) fn step_address(next: Option<&LocalPath>, act: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::for_suffix(format!("{STEP}?"), STEP.len() + 1);
    if let Some(next) = next {
        query.append_pair("next", next.as_str());
    }
    if let Some(act) = act {
        query.append_pair("act", act);
    }
    let address = query.finish();
    address.trim_end_matches('?').to_owned()
}

/// For how long the browser keeps the cookie of a sign-in.
pub(super) fn sign_in_cookie(state: &SessionState, token: String) -> Cookie<'static> {
    state.cookies.sign_in_cookie(token, SIGN_IN_AGE)
}
