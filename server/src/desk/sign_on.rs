//! Single sign-on: set up by administrators, used by everybody. What a provider says is verified elsewhere; here it is decided what it
//! means.

use std::sync::LazyLock;

use app::backend::{ApiResult, Caller, Keys};
use app::sign_on::SignOnOffered;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, UserId};
use shared::people::Actor;
use shared::policy::Action;
use shared::roles::CustomRole;
use shared::text::{DisplayName, ProviderName};
use shared::time::Timestamp;

use super::identity_provider::{Claims, ProviderFailure, Registration, Returned, time};
use super::{Desk, to_app_error};
use crate::commands::sign_on::SECRET_MAX;
use crate::commands::{
    ProviderUser, SessionBegin, SignOnActivate, SignOnChange, SignOnDelete, SignOnLogout,
    SignOnProve, SignOnRefusal, SignOnSave, SignOnUse,
};
use crate::line_limit::LineLimit;
use crate::secrets::Secret;
use crate::store::rows::SignOnRow;
use crate::store::{CommandContext, StoreError};

/// Where the client's secret stands.
pub(crate) const PLACE: &str = "sign_on/one/client_secret";
/// Where what a browser carries to the provider and back stands: in its cookie.
const ATTEMPT: &str = "cookie/sign_on";
/// Where a provider sends browsers back to, where none is sent there.
const NOWHERE: &str = "http://localhost/";
/// How long a sign-in at the provider may take, in microseconds.
const LASTS_US: i64 = 10 * 60 * 1_000_000;
/// How long ago somebody may have signed in at the provider who proves themselves, in seconds. Clocks differ, and the way back
/// takes its time.
const FRESH_S: i64 = 5 * 60;

/// What the page of single sign-on shows.
pub(crate) struct SignOnManaged {
    /// How it is set up, if it is.
    pub(crate) row: Option<SignOnRow>,
    /// The roles that were built, by kind and name.
    pub(crate) customs: Vec<CustomRole>,
}

/// A browser's way to the provider and back, as its cookie holds it, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SignOnAttempt {
    state: String,
    nonce: String,
    verifier: String,
    /// When it began, in microseconds.
    at: i64,
    /// How single sign-on was set up then.
    version: i64,
    /// Where its user wants to go.
    pub(crate) next: Option<String>,
    /// Whether it is for a proof.
    pub(crate) fresh: bool,
}

/// What comes back with a browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct CameBack {
    pub(crate) state: String,
    pub(crate) code: String,
    pub(crate) issuer: Option<String>,
    pub(crate) error: String,
}

/// Why it was not set up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NotSetUp {
    /// The provider's identifier cannot be used.
    Issuer(ProviderFailure),
    /// Anything else.
    App(AppError),
}

impl From<AppError> for NotSetUp {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NotSignedOn {
    /// It is not offered.
    Off,
    /// The user or the provider broke it off.
    Declined,
    /// It began too long ago, in another browser, or came back before.
    Late,
    /// The provider is of no use.
    Provider(ProviderFailure),
    /// The provider knows them, and Sideline does not let them in.
    Refused(SignOnRefusal),
    /// Something failed here.
    Failed(AppError),
}

impl From<ProviderFailure> for NotSignedOn {
    fn from(failure: ProviderFailure) -> Self {
        Self::Provider(failure)
    }
}

impl From<StoreError> for NotSignedOn {
    fn from(error: StoreError) -> Self {
        Self::Failed(to_app_error(error))
    }
}

impl NotSignedOn {
    /// The sentence of the sign-in page.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Declined => "sso_declined",
            Self::Off
            | Self::Late
            | Self::Provider(ProviderFailure::CodeRefused)
            | Self::Refused(SignOnRefusal::Changed) => "sso_again",
            Self::Provider(
                ProviderFailure::AddressRefused
                | ProviderFailure::Unreachable
                | ProviderFailure::TooSlow
                | ProviderFailure::NoDiscovery
                | ProviderFailure::Endpoint
                | ProviderFailure::NoKeys
                | ProviderFailure::OtherIssuer,
            ) => "sso_unreachable",
            Self::Provider(_) => "sso_untrusted",
            Self::Refused(SignOnRefusal::Unknown) => "sso_unknown",
            Self::Refused(SignOnRefusal::Inactive) => "sso_inactive",
            Self::Refused(SignOnRefusal::NoRole) => "sso_no_role",
            Self::Refused(SignOnRefusal::Another) => "sso_another",
            Self::Failed(_) => "failed",
        }
    }

    /// For the log, which gets no token and no name.
    fn reason(&self) -> &'static str {
        match self {
            Self::Off => "single sign-on is off",
            Self::Declined => "the user or the provider broke it off",
            Self::Late => "it began too long ago, or in another browser",
            Self::Provider(failure) => failure.reason(),
            Self::Refused(SignOnRefusal::Changed) => "single sign-on was changed meanwhile",
            Self::Refused(SignOnRefusal::Unknown) => "no user is meant",
            Self::Refused(SignOnRefusal::Inactive) => "the user is deactivated",
            Self::Refused(SignOnRefusal::NoRole) => "the provider names no role that there is",
            Self::Refused(SignOnRefusal::Another) => "another user is signed in here",
            Self::Failed(_) => "something failed in Sideline",
        }
    }
}

impl Desk {
    /// How single sign-on is set up.
    ///
    /// # Errors
    /// `NotFound` for those who do not manage users.
    pub(crate) async fn sign_on_managed(&self, actor: &Actor) -> ApiResult<SignOnManaged> {
        self.allow(actor, Action::UserManage).await?;
        let mut rows = self.snapshot().await?;
        Ok(SignOnManaged {
            row: rows.sign_on_find().await.map_err(to_app_error)?,
            customs: rows.custom_role_list().await.map_err(to_app_error)?,
        })
    }

    /// Sets it up, or changes how it is; an empty secret stays as it was. The caller has proved themselves a short while ago.
    pub(crate) async fn sign_on_save(
        &self,
        caller: &Caller,
        key: CommandKey,
        version: Option<i64>,
        change: SignOnChange,
        secret: &Secret,
    ) -> Result<(), NotSetUp> {
        self.allow(&caller.actor, Action::UserManage).await?;
        let usable = self.sign_on_issuer_check(&change.issuer);
        usable.map_err(NotSetUp::Issuer)?;
        self.only_way_in_answers(&change, secret).await?;
        let secret = secret.reveal();
        let actual = secret.chars().count();
        if actual > SECRET_MAX {
            let (max, actual) = (SECRET_MAX as i64, actual as i64);
            return Err(AppError::invalid("secret", Problem::TooLong { max, actual }).into());
        }
        let seal = |secret: &str| self.config().keys.seal(PLACE, secret);
        let save = SignOnSave {
            change,
            secret: (!secret.is_empty()).then(|| seal(secret)),
            version,
            session: caller.session.clone(),
            context: self.context(&caller.actor, key),
        };
        Ok(self.execute(save).await?)
    }

    /// Whether a provider's identifier can be used at all. Nobody is asked for it.
    pub(crate) fn sign_on_issuer_check(&self, issuer: &str) -> Result<(), ProviderFailure> {
        let speaker = self.config().identity_providers.speaker()?;
        speaker.address(issuer)
    }

    /// Asks the provider whether it answers, where a change makes it the only way in: one that does not would shut out everybody who
    /// does not manage users.
    async fn only_way_in_answers(
        &self,
        change: &SignOnChange,
        secret: &Secret,
    ) -> Result<(), NotSetUp> {
        let row = self.sign_on_stored().await?.filter(|row| row.active);
        let Some(row) = row.filter(|_| !change.settings.passwords) else {
            return Ok(());
        };
        let other = row.issuer != change.issuer;
        // Another provider without its secret is refused in the transaction.
        let asks = row.settings.passwords || other;
        if !asks || (other && secret.reveal().is_empty()) {
            return Ok(());
        }
        let at = Registration {
            issuer: change.issuer.clone(),
            client_id: change.client_id.clone(),
            secret: secret.clone(),
            redirect: NOWHERE.to_owned(),
        };
        self.answers(&at).await.map_err(NotSetUp::Issuer)
    }

    async fn sign_on_stored(&self) -> ApiResult<Option<SignOnRow>> {
        let mut rows = self.snapshot().await?;
        let found = rows.sign_on_find().await;
        found.map_err(to_app_error)
    }

    /// Whether a provider's documents can be used, as they are now.
    async fn answers(&self, at: &Registration) -> Result<(), ProviderFailure> {
        let speaker = self.config().identity_providers.speaker()?;
        speaker.check(at).await
    }

    /// Switches it on or off. A provider that is the only way in has to answer then.
    pub(crate) async fn sign_on_activate(
        &self,
        caller: &Caller,
        key: CommandKey,
        active: bool,
    ) -> Result<(), NotSetUp> {
        self.allow(&caller.actor, Action::UserManage).await?;
        let row = self.sign_on_stored().await?;
        if let Some(row) = row.filter(|row| active && !row.settings.passwords) {
            let at = self.registration(&row, NOWHERE);
            let at = at.map_err(NotSetUp::Issuer)?;
            self.answers(&at).await.map_err(NotSetUp::Issuer)?;
        }
        let activate = SignOnActivate {
            active,
            session: caller.session.clone(),
            context: self.context(&caller.actor, key),
        };
        Ok(self.execute(activate).await?)
    }

    /// Removes it.
    pub(crate) async fn sign_on_delete(&self, actor: &Actor, key: CommandKey) -> ApiResult<()> {
        self.allow(actor, Action::UserManage).await?;
        let context = self.context(actor, key);
        self.execute(SignOnDelete { context }).await
    }

    /// Whether the provider's documents can be used, as they are now.
    pub(crate) async fn sign_on_check(
        &self,
        actor: &Actor,
        redirect: &str,
    ) -> ApiResult<Result<(), ProviderFailure>> {
        self.allow(actor, Action::UserManage).await?;
        let row = self.sign_on_stored().await?;
        let row = row.ok_or(AppError::NotFound)?;
        let checked = async {
            let at = self.registration(&row, redirect)?;
            self.answers(&at).await
        };
        Ok(checked.await)
    }

    /// What pages offer.
    pub(crate) async fn sign_on_offered(&self) -> Option<SignOnOffered> {
        let found = async { self.store().snapshot().await?.sign_on_find().await };
        // A page without the offer is better than none.
        let row = found.await.ok().flatten().filter(|row| row.active)?;
        Some(SignOnOffered {
            name: row.name,
            passwords: row.settings.passwords,
        })
    }

    fn registration(
        &self,
        row: &SignOnRow,
        redirect: &str,
    ) -> Result<Registration, ProviderFailure> {
        let secret = self.config().keys.open(PLACE, &row.key_id, &row.sealed);
        let secret = secret.map_err(|error| {
            tracing::error!(%error, "the secret of single sign-on cannot be opened");
            ProviderFailure::ClientRefused
        })?;
        Ok(Registration {
            issuer: row.issuer.clone(),
            client_id: row.client_id.clone(),
            secret,
            redirect: redirect.to_owned(),
        })
    }

    async fn sign_on_row(&self) -> Result<SignOnRow, NotSignedOn> {
        let row = self.store().snapshot().await?.sign_on_find().await?;
        row.filter(|row| row.active).ok_or(NotSignedOn::Off)
    }

    /// Sends a browser to the provider: where it goes, and what its cookie holds.
    pub(crate) async fn sign_on_begin(
        &self,
        redirect: &str,
        next: Option<String>,
        fresh: bool,
    ) -> Result<(String, String), NotSignedOn> {
        let row = self.sign_on_row().await?;
        let at = self.registration(&row, redirect)?;
        let speaker = self.config().identity_providers.speaker()?;
        let sent = speaker.begin(&at, fresh).await?;
        let attempt = SignOnAttempt {
            state: sent.state,
            nonce: sent.nonce,
            verifier: sent.verifier,
            at: self.now().0,
            version: row.version,
            next,
            fresh,
        };
        let text = serde_json::to_string(&attempt).map_err(StoreError::from)?;
        let (key, sealed) = self.config().keys.seal(ATTEMPT, &text);
        let sealed = BASE64_URL_SAFE_NO_PAD.encode(sealed);
        Ok((sent.address, format!("{key}.{sealed}")))
    }

    /// What a browser's cookie holds, if it was sealed here and is not too old.
    pub(crate) fn sign_on_attempt(&self, cookie: &str) -> Option<SignOnAttempt> {
        let (key, sealed) = cookie.split_once('.')?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let text = self.config().keys.open(ATTEMPT, key, &sealed).ok()?;
        let attempt: SignOnAttempt = serde_json::from_str(text.reveal()).ok()?;
        let lasts = (0..LASTS_US).contains(&(self.now().0 - attempt.at));
        lasts.then_some(attempt)
    }

    /// What the provider says of the user of a browser that came back, and how single sign-on is set up.
    async fn sign_on_claims(
        &self,
        attempt: &SignOnAttempt,
        back: CameBack,
        redirect: &str,
    ) -> Result<(SignOnRow, Claims), NotSignedOn> {
        if attempt.state != back.state {
            return Err(NotSignedOn::Late);
        }
        let row = self.sign_on_row().await?;
        if row.version != attempt.version {
            return Err(NotSignedOn::Refused(SignOnRefusal::Changed));
        }
        // A provider that says who it is says it in refusals as well.
        if back.issuer.is_some_and(|issuer| issuer != row.issuer) {
            return Err(ProviderFailure::OtherToken.into());
        }
        if !back.error.is_empty() || back.code.is_empty() {
            return Err(NotSignedOn::Declined);
        }
        let at = self.registration(&row, redirect)?;
        let speaker = self.config().identity_providers.speaker()?;
        let returned = Returned {
            code: back.code,
            nonce: attempt.nonce.clone(),
            verifier: attempt.verifier.clone(),
        };
        let claims = speaker.finish(&at, returned).await?;
        Ok((row, claims))
    }

    /// Signs in the user of a browser that came back. `begin` is the session; whose it is is found out.
    pub(crate) async fn sign_on_finish(
        &self,
        attempt: &SignOnAttempt,
        back: CameBack,
        redirect: &str,
        begin: SessionBegin,
    ) -> Result<UserId, NotSignedOn> {
        let (row, claims) = self.sign_on_claims(attempt, back, redirect).await?;
        let who = who(&row, &claims, self.now());
        let signing_in = SignOnUse {
            version: row.version,
            new_user: begin.user.clone(),
            begin,
            context: CommandContext {
                actor: None,
                key: self.key_fresh(),
                at: self.now(),
            },
            who,
        };
        let done = self.store().execute(signing_in).await?;
        self.publish(done).map_err(NotSignedOn::Refused)
    }

    /// Notes that the user of a session has just signed in at the provider once more.
    pub(crate) async fn sign_on_prove(
        &self,
        attempt: &SignOnAttempt,
        back: CameBack,
        redirect: &str,
        session: &str,
    ) -> Result<UserId, NotSignedOn> {
        let (row, claims) = self.sign_on_claims(attempt, back, redirect).await?;
        let now = self.now();
        // A provider that does not say when would let an old sign-in pass for a new one.
        let long_ago = |then: Timestamp| then.0 < now.0 - FRESH_S * 1_000_000;
        if signed_in_at(&claims, now).is_none_or(long_ago) {
            return Err(ProviderFailure::Claim.into());
        }
        let prove = SignOnProve {
            session: session.to_owned(),
            issuer: row.issuer,
            subject: subject(&claims),
            provider_session: provider_session(&claims),
            at: now,
        };
        let done = self.store().execute(prove).await;
        let done = done.map_err(|error| match error {
            // The session ended meanwhile.
            StoreError::NotFound => NotSignedOn::Late,
            error => error.into(),
        })?;
        self.publish(done).map_err(NotSignedOn::Refused)
    }

    /// Ends the sessions that a provider's message says are over. Whether the message counts.
    pub(crate) async fn sign_on_logout(&self, token: &str) -> Result<(), NotSignedOn> {
        let row = self.sign_on_row().await?;
        let at = self.registration(&row, NOWHERE)?;
        let speaker = self.config().identity_providers.speaker()?;
        let claims = speaker.logout(&at, token).await?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let ends = time(&claims, "exp").unwrap_or_default();
        let command = SignOnLogout {
            issuer: row.issuer,
            token: text("jti").unwrap_or_default(),
            // Clocks differ.
            expires_at: Timestamp(ends.saturating_add(120).saturating_mul(1_000_000)),
            subject: text("sub"),
            session: text("sid"),
            at: self.now(),
        };
        let done = self.store().execute(command).await?;
        match self.publish(done) {
            true => Ok(()),
            false => Err(NotSignedOn::Late),
        }
    }

    /// A line of the log about somebody who was not signed in, or a message that does not count.
    pub(crate) fn sign_on_failed(&self, what: &'static str, failed: &NotSignedOn) {
        static LINES: LazyLock<LineLimit> = LazyLock::new(LineLimit::default);
        if LINES.admits(self.now()) {
            tracing::warn!(reason = failed.reason(), "single sign-on: {what}");
        }
    }
}

/// When somebody signed in at the provider, if it says that and it is no time to come.
fn signed_in_at(claims: &Claims, now: Timestamp) -> Option<Timestamp> {
    let then = Timestamp(time(claims, "auth_time")?.saturating_mul(1_000_000));
    (0..=now.0 + FRESH_S * 1_000_000)
        .contains(&then.0)
        .then_some(then)
}

fn subject(claims: &Claims) -> String {
    let subject = claims.get("sub").and_then(Value::as_str);
    subject.unwrap_or_default().to_owned()
}

/// What the provider calls its own session, if it says that.
fn provider_session(claims: &Claims) -> Option<String> {
    let session = claims.get("sid").and_then(Value::as_str);
    session.map(str::to_owned)
}

/// A claim by its name, or by the way to it: `realm_access.roles`.
fn claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    let start = claims.get(first)?;
    rest.split('.')
        .try_fold(start, |value, name| value.get(name))
}

/// What the provider calls somebody. An address whose owner it has not verified may be anybody's (OpenID Connect Core, 5.7).
fn called(name: &str, claims: &Claims) -> Option<ProviderName> {
    let verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    };
    let text = claim(claims, name).and_then(Value::as_str)?;
    match name == "email" && !verified {
        true => None,
        false => ProviderName::parse(text).ok(),
    }
}

/// Who signs in, by the claims that are set up.
fn who(row: &SignOnRow, claims: &Claims, now: Timestamp) -> ProviderUser {
    let settings = &row.settings;
    let text = |name: &str| claim(claims, name).and_then(Value::as_str);
    let roles = match claim(claims, &settings.roles_claim) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => {
            let texts = all.iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    ProviderUser {
        issuer: row.issuer.clone(),
        subject: subject(claims),
        session: provider_session(claims),
        signed_in_at: signed_in_at(claims, now),
        called: called(&settings.username_claim, claims),
        name: text("name").and_then(|name| DisplayName::parse(name).ok()),
        roles,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_counts_when_the_provider_has_verified_it() {
        for (verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(null), false),
        ] {
            let claims = json!({ "email": "amy@example.com", "email_verified": verified, "upn": "amy@example.com" });
            let claims = claims.as_object().unwrap();
            let name = |claim: &str| called(claim, claims).map(String::from);
            let address = Some("amy@example.com".to_owned());
            assert_eq!(
                name("email"),
                address.clone().filter(|_| counts),
                "{verified}"
            );
            assert_eq!(name("upn"), address, "{verified}");
        }
    }

    #[test]
    fn a_claim_is_found_by_its_name_and_by_the_way_to_it() {
        let claims = json!({
            "https://desk.example.com/roles": ["agent"],
            "realm_access": { "roles": ["supervisor"] },
            "a.b": "as it stands",
            "a": { "b": "below" },
        });
        let claims = claims.as_object().unwrap();
        for (name, value) in [
            ("https://desk.example.com/roles", Some(json!(["agent"]))),
            ("realm_access.roles", Some(json!(["supervisor"]))),
            ("a.b", Some(json!("as it stands"))),
            ("realm_access.groups", None),
            ("", None),
        ] {
            assert_eq!(claim(claims, name), value.as_ref(), "{name}");
        }
    }
}
