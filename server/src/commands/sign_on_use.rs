//! Whom a provider lets in: a subject of the provider's becomes a user's session, a proof, or the end of sessions. What the provider
//! said was verified before; the transaction looks again how single sign-on is set up, whose the subject is and whether they are
//! active.

use async_trait::async_trait;
use shared::admin::UserAccount;
use shared::fold::folded;
use shared::ids::UserId;
use shared::people::Role;
use shared::roles::CustomRole;
use shared::text::{DisplayName, ProviderName, Username};
use shared::time::Timestamp;

use super::sign_on::listed;
use super::{SessionBegin, audit, requests, sessions, sign_ins, users};
use crate::store::rows::{GivenRole, SignOnRow};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

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
        let claimed =
            (!row.settings.roles_claim.is_empty()).then(|| roles_of(&who.roles, &customs));
        let mut changes = Vec::new();
        let (user, new) = match self
            .user(rows, &row, claimed.as_deref(), &mut changes)
            .await?
        {
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
async fn refused(
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
        };
        // A hash that no password has.
        users::insert(
            rows,
            audit::Sender::Of(&self.context),
            &account,
            ("", false),
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

/// Of these roles those that are still there. One that was deleted is none: what its kind has may be more.
async fn there(rows: &mut dyn Snapshot, roles: &[GivenRole]) -> Stored<Vec<GivenRole>> {
    let mut left = Vec::new();
    for given in roles {
        let gone = match &given.role {
            Some(role) => rows.custom_role_find(role).await?.is_none(),
            None => false,
        };
        if !gone {
            left.push(given.clone());
        }
    }
    Ok(left)
}

/// What a claim's values stand for: the code of a kind of role, or the name of a role that was built. Of several roles of one kind
/// the first one counts; what stands for nothing is left out, because providers list more than is meant for Sideline.
fn roles_of(claimed: &[String], customs: &[CustomRole]) -> Vec<GivenRole> {
    let mut roles: Vec<GivenRole> = Vec::new();
    for value in claimed {
        let wanted = folded(value.trim());
        let kind = Role::ALL.into_iter().find(|kind| kind.code() == wanted);
        let custom = customs.iter().find(|role| folded(&role.name) == wanted);
        let given = match (kind, custom) {
            (Some(kind), _) => GivenRole { kind, role: None },
            (None, Some(custom)) => GivenRole {
                kind: custom.kind,
                role: Some(custom.id.clone()),
            },
            (None, None) => continue,
        };
        if !roles.iter().any(|known| known.kind == given.kind) {
            roles.push(given);
        }
    }
    roles
}

async fn give(rows: &mut dyn Transaction, user: &UserId, roles: &[GivenRole]) -> Stored<()> {
    for given in roles {
        rows.custom_role_give(user, given.kind, given.role.as_ref())
            .await?;
    }
    Ok(())
}

/// What a user holds now.
async fn held(
    rows: &mut dyn Snapshot,
    account: &UserAccount,
    customs: &[CustomRole],
) -> Stored<Vec<GivenRole>> {
    let plain = |kind: &Role| GivenRole {
        kind: *kind,
        role: None,
    };
    let mut held: Vec<GivenRole> = account.roles.iter().map(plain).collect();
    for custom in customs {
        let place = held.iter().position(|given| given.kind == custom.kind);
        let Some(place) = place else { continue };
        let holders = rows.custom_role_holders(&custom.id).await?;
        if holders.contains(&account.id) {
            held[place].role = Some(custom.id.clone());
        }
    }
    Ok(held)
}

/// Gives a user the roles that the provider names, and ends the sessions of before when they are others. Whether any are left: the
/// last one who can let others in stays that, whatever the provider says.
async fn follow(
    rows: &mut dyn Transaction,
    (user, claimed): (&UserId, &[GivenRole]),
    customs: &[CustomRole],
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<bool> {
    let before = rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
    let held = held(rows, &before, customs).await?;
    let mut wanted = claimed.to_vec();
    let administers = held.iter().find(|given| given.kind == Role::Administrator);
    if let Some(administers) = administers
        && rows.administrators_beside(Some(user)).await? == 0
    {
        wanted.retain(|given| given.kind != Role::Administrator);
        wanted.push(administers.clone());
    }
    if wanted.is_empty() {
        return Ok(false);
    }
    // Their order is the administrator's, who decides where the user lands.
    if wanted.len() == held.len() && wanted.iter().all(|given| held.contains(given)) {
        return Ok(true);
    }
    let roles: Vec<Role> = wanted.iter().map(|given| given.kind).collect();
    let after = UserAccount {
        capacity: before.capacity.filter(|_| roles.contains(&Role::Agent)),
        version: before.version + 1,
        roles,
        ..before.clone()
    };
    users::apply(rows, at, (&before, &after), changes).await?;
    give(rows, user, &wanted).await?;
    requests::review(rows, at, changes).await?;
    sessions::end_of(rows, user, None, changes).await?;
    let values = (Some([listed(&held)]), Some([listed(&wanted)]));
    let said = audit::differences(["roles"], values.0, values.1);
    audit::done(
        rows,
        Some(user),
        ("sign_on_roles", user.as_str()),
        &said,
        at,
    )
    .await?;
    Ok(true)
}

/// A session has proved whose it is: its user has just signed in at the provider once more.
#[derive(Clone, Debug)]
pub struct SignOnProve {
    /// The session.
    pub session: String,
    /// The provider's identifier.
    pub issuer: String,
    /// Who signed in there.
    pub subject: String,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SignOnProve {
    type Answer = Result<UserId, SignOnRefusal>;
    const NAME: &'static str = "sign_on_prove";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Self::Answer>> {
        let row = rows.sign_on_find().await?;
        if row.is_none_or(|row| !row.active || row.issuer != self.issuer) {
            return Ok(Written::unchanged(Err(SignOnRefusal::Changed)));
        }
        let user = rows.session_user(&self.session).await?;
        let user = user.ok_or(StoreError::NotFound)?;
        let meant = rows.subject_find(&self.issuer, &self.subject).await?;
        let known = rows.credentials_of(&user).await?;
        let right = meant.as_ref() == Some(&user) && known.is_some_and(|known| known.active);
        if !right {
            return refused(rows, SignOnRefusal::Another, user.as_str(), self.at).await;
        }
        rows.session_set_proved(&self.session, self.at).await?;
        let act = ("sign_on_prove", user.as_str());
        audit::done(rows, Some(&user), act, &[], self.at).await?;
        Ok(Written::unchanged(Ok(user)))
    }
}

/// Ends the sessions that a provider says are over: those of one session of the provider's where it names one, else all of the user.
/// Answers whether the message counts: it came for the first time.
#[derive(Clone, Debug)]
pub struct SignOnLogout {
    /// The provider's identifier.
    pub issuer: String,
    /// The message's own id.
    pub token: String,
    /// When it is not taken any more.
    pub expires_at: Timestamp,
    /// Whose sessions.
    pub subject: Option<String>,
    /// What the provider calls its session.
    pub session: Option<String>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SignOnLogout {
    type Answer = bool;
    const NAME: &'static str = "sign_on_logout";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let (issuer, at) = (&self.issuer, self.at);
        let taken = rows.logout_token_take(issuer, &self.token, self.expires_at);
        if !taken.await? {
            return Ok(Written::unchanged(false));
        }
        let mut changes = Vec::new();
        if let Some(session) = &self.session {
            for session in rows.sessions_of_provider(issuer, session).await? {
                if let Some(user) = rows.session_delete(&session).await? {
                    let act = (Self::NAME, user.as_str());
                    audit::done(rows, Some(&user), act, &[], at).await?;
                    changes.push(Change::SignedOut { user, session });
                }
            }
        } else if let Some(subject) = &self.subject
            && let Some(user) = rows.subject_find(issuer, subject).await?
        {
            sessions::end_of(rows, &user, None, &mut changes).await?;
            let act = (Self::NAME, user.as_str());
            audit::done(rows, Some(&user), act, &[], at).await?;
        }
        Ok(Written {
            value: true,
            changes,
        })
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::RoleId;

    use super::*;

    fn lead() -> CustomRole {
        CustomRole {
            id: RoleId::parse("r1").unwrap(),
            kind: Role::Supervisor,
            name: "Lead Supervisor".to_owned(),
            permissions: Vec::new(),
            version: 0,
        }
    }

    fn read(claimed: &[&str]) -> String {
        let claimed: Vec<String> = claimed.iter().map(|value| (*value).to_owned()).collect();
        listed(&roles_of(&claimed, &[lead()]))
    }

    #[test]
    fn a_claim_names_kinds_by_their_codes_and_roles_by_their_names() {
        for (claimed, roles) in [
            (&["agent"][..], "agent"),
            (&["Agent", "SUPERVISOR"], "agent, supervisor"),
            (&["lead supervisor", "agent"], "supervisor/r1, agent"),
            (&["supervisor", "Lead Supervisor"], "supervisor"),
            (&["offline_access", "agents", ""], ""),
            (&[], ""),
        ] {
            assert_eq!(read(claimed), roles, "{claimed:?}");
        }
    }
}
