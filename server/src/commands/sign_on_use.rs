//! Whom a provider lets in: a subject of the provider's becomes a user's session. What the provider said was verified before; the
//! transaction looks again how single sign-on is set up, whose the subject is and whether they are active.

use async_trait::async_trait;
use shared::admin::UserAccount;
use shared::fold::composed;
use shared::ids::UserId;
use shared::text::{DisplayName, ProviderName, Username};
use shared::time::Timestamp;

use super::sign_on_roles::{follow, give, not_given, roles_of, there};
use super::{SessionBegin, audit, sign_ins, users};
use crate::store::rows::{GivenRole, SignOnRow};
use crate::store::{Change, Command, CommandContext, Snapshot, Stored, Transaction, Written};

/// What the audit log calls somebody whom the provider knows and Sideline does not let in.
const REFUSED: &str = "sign_on_refused";

/// Who signs in, as the provider says.
#[derive(Clone, Debug)]
pub struct ProviderUser {
    /// The provider's identifier.
    pub issuer: String,
    /// What the provider calls them, for good.
    pub subject: String,
    /// What it calls its own session, if it says that.
    pub session: Option<String>,
    /// When they signed in there, if it says that: a provider lets a browser that it knows pass without asking.
    pub signed_in_at: Option<Timestamp>,
    /// What it calls them by now, if the claim holds a name: a username, or what it calls them by SCIM.
    pub called: Option<ProviderName>,
    /// How they are called on screen.
    pub name: Option<DisplayName>,
    /// The roles that the claim names; none: it is not there.
    pub roles: Vec<String>,
}

/// Why somebody whom the provider knows is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOnRefusal {
    /// It was switched off or changed meanwhile.
    Changed,
    /// No user is meant.
    Unknown,
    /// The user is deactivated.
    Inactive,
    /// The provider names no role that there is.
    NoRole,
    /// It is somebody else who has to prove themselves.
    Another,
}

/// Begins the session of a user whom the provider has verified. Links or creates the user where that is set up, and gives them the
/// roles that the provider names. The provider's second factor counts; Sideline asks for none. The session proves itself by when its
/// user signed in there.
#[derive(Clone, Debug)]
pub struct SignOnUse {
    /// Who, as the provider says.
    pub who: ProviderUser,
    /// How it was set up when the provider was asked.
    pub version: i64,
    /// The id of the user, should one be created.
    pub new_user: UserId,
    /// The session; whose it is is found here.
    pub begin: SessionBegin,
    /// The operator, when, and under a key of its own.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SignOnUse {
    type Answer = Result<UserId, SignOnRefusal>;
    const NAME: &'static str = "sign_on_use";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Self::Answer>> {
        let (who, at) = (&self.who, self.context.at);
        let found = rows.sign_on_find().await?;
        let Some(row) = found.filter(|row| row.active && row.version == self.version) else {
            return Ok(Written::unchanged(Err(SignOnRefusal::Changed)));
        };
        let customs = rows.custom_role_list().await?;
        let claims = !row.settings.roles_claim.is_empty();
        let claimed = claims.then(|| roles_of(&who.roles, &customs));
        let (claimed, ambiguous) = claimed.map_or((None, Vec::new()), |claimed| {
            (Some(claimed.given), claimed.ambiguous)
        });
        let mut changes = Vec::new();
        let found = self
            .user(rows, &row, claimed.as_deref(), &mut changes)
            .await?;
        if !ambiguous.is_empty() {
            let about = found.as_ref().map_or("", |(user, _)| user.as_str());
            not_given(rows, about, &ambiguous, at).await?;
        }
        let (user, new) = match found {
            Ok(found) => found,
            Err(refusal) => return refused(rows, refusal, "", at).await,
        };
        let known = rows.credentials_of(&user).await?;
        if known.is_none_or(|known| !known.active) {
            return refused(rows, SignOnRefusal::Inactive, user.as_str(), at).await;
        }
        if let (Some(claimed), false) = (claimed, new)
            && !follow(rows, (&user, &claimed), &customs, at, &mut changes).await?
        {
            return refused(rows, SignOnRefusal::NoRole, user.as_str(), at).await;
        }
        let begin = SessionBegin {
            user: user.clone(),
            ..self.begin.clone()
        };
        sign_ins::insert(rows, &begin, &mut changes).await?;
        let session = (&begin.session, &who.issuer, who.session.as_deref());
        rows.session_set_provider(session.0, session.1, session.2)
            .await?;
        // The session has proved as much as the sign-in there, and nothing where nobody knows when that was.
        let proved = who.signed_in_at.map_or(Timestamp(0), |then| then.min(at));
        rows.session_set_proved(&begin.session, proved).await?;
        Ok(Written {
            value: Ok(user),
            changes,
        })
    }
}

/// Nobody is let in. Who was linked in the same breath stays linked: that the provider means them is true all the same.
pub(super) async fn refused(
    rows: &mut dyn Transaction,
    refusal: SignOnRefusal,
    about: &str,
    at: Timestamp,
) -> Stored<Written<Result<UserId, SignOnRefusal>>> {
    audit::refused(rows, (REFUSED, about), at).await?;
    Ok(Written::unchanged(Err(refusal)))
}

impl SignOnUse {
    /// The user who is meant, and whether they were created now.
    async fn user(
        &self,
        rows: &mut dyn Transaction,
        row: &SignOnRow,
        claimed: Option<&[GivenRole]>,
        changes: &mut Vec<Change>,
    ) -> Stored<Result<(UserId, bool), SignOnRefusal>> {
        let who = &self.who;
        if let Some(user) = rows.subject_find(&who.issuer, &who.subject).await? {
            return Ok(Ok((user, false)));
        }
        let Some(called) = &who.called else {
            return Ok(Err(SignOnRefusal::Unknown));
        };
        let named = rows.provisioned_named(called.as_str()).await?;
        match &named[..] {
            [] => {}
            [user] => {
                if !is_called(rows, user, called.as_str()).await? {
                    return Ok(Err(SignOnRefusal::Unknown));
                }
                let linked = self.named(rows, row, user).await?;
                return Ok(linked.map(|()| (user.clone(), false)));
            }
            // One whom the provider calls so, and one whose username it is.
            _ => return Ok(Err(SignOnRefusal::Unknown)),
        }
        let Ok(username) = Username::parse(called.as_str()) else {
            return Ok(Err(SignOnRefusal::Unknown));
        };
        let free = rows.username_holder(username.as_str()).await?.is_none();
        if !row.settings.create || !free {
            return Ok(Err(SignOnRefusal::Unknown));
        }
        let roles = match claimed {
            Some(claimed) => claimed.to_vec(),
            None => there(rows, &row.settings.roles).await?,
        };
        if roles.is_empty() {
            return Ok(Err(SignOnRefusal::NoRole));
        }
        self.create(rows, &username, &roles).await?;
        changes.push(Change::People);
        Ok(Ok((self.new_user.clone(), true)))
    }

    /// Links the user who has the name. What a provider calls a user by SCIM is their name here; their username is that of those alone
    /// of whom none has said anything, because it may be made of what somebody else is called.
    async fn named(
        &self,
        rows: &mut dyn Transaction,
        row: &SignOnRow,
        user: &UserId,
    ) -> Stored<Result<(), SignOnRefusal>> {
        // A second subject of that name is somebody else.
        let taken = rows.subject_known(&self.who.issuer, user).await?;
        if !row.settings.link || taken {
            return Ok(Err(SignOnRefusal::Unknown));
        }
        let known = rows.credentials_of(user).await?;
        if known.is_none_or(|known| !known.active) {
            return Ok(Err(SignOnRefusal::Inactive));
        }
        self.link(rows, user).await?;
        Ok(Ok(()))
    }

    async fn create(
        &self,
        rows: &mut dyn Transaction,
        username: &Username,
        roles: &[GivenRole],
    ) -> Stored<()> {
        let name = self.who.name.as_ref();
        let account = UserAccount {
            id: self.new_user.clone(),
            username: username.as_str().to_owned(),
            name: name
                .map_or(username.as_str(), DisplayName::as_str)
                .to_owned(),
            roles: roles.iter().map(|given| given.kind).collect(),
            active: true,
            version: 0,
            capacity: None,
            built: Vec::new(),
        };
        users::insert(
            rows,
            audit::Sender::Of(&self.context),
            &account,
            (users::NO_PASSWORD, false),
        )
        .await?;
        give(rows, &account.id, roles).await?;
        self.link(rows, &account.id).await
    }

    async fn link(&self, rows: &mut dyn Transaction, user: &UserId) -> Stored<()> {
        let (who, at) = (&self.who, self.context.at);
        rows.subject_link(&who.issuer, &who.subject, user, at)
            .await?;
        let said = [audit::noted("issuer", &who.issuer)];
        audit::done(rows, Some(user), ("sign_on_link", user.as_str()), &said, at).await
    }
}

/// Whether a name is that of the user who was found by it, but for case and composition. Another width or a sign that nobody sees
/// makes no second user, but a provider may let somebody else be called so.
async fn is_called(rows: &mut dyn Snapshot, user: &UserId, called: &str) -> Stored<bool> {
    let name = match rows.provisioned_find(user).await? {
        Some(said) => Some(said.name),
        None => rows.user_find(user).await?.map(|account| account.username),
    };
    Ok(name.is_some_and(|name| composed(&name) == composed(called)))
}
