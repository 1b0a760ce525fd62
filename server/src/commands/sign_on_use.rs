//! Whom a provider lets in: a subject of the provider's becomes a user's session, a proof, or the end of sessions. What the provider
//! said was verified before; the transaction looks again how single sign-on is set up, whose the subject is and whether they are
//! active.

use async_trait::async_trait;
use shared::admin::UserAccount;
use shared::fold::{composed, folded};
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
/// What it calls roles that a provider gives, or names without giving one.
const ROLES: &str = "sign_on_roles";

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

/// What a provider's claim comes to.
#[derive(Default)]
struct Claimed {
    /// At most one role of each kind.
    given: Vec<GivenRole>,
    /// The roles that values stand for which stand for more than one. None of them is given.
    ambiguous: Vec<GivenRole>,
}

/// What a claim's values stand for: the code of a kind of role, or the name of a role that was built. Of several roles of one kind
/// the first one counts; what stands for nothing is left out, because providers list more than is meant for Sideline. Roles of an
/// earlier release may share a name: which one is meant, nobody knows.
fn roles_of(claimed: &[String], customs: &[CustomRole]) -> Claimed {
    let mut roles = Claimed::default();
    for value in claimed {
        let wanted = folded(value.trim());
        let kinds = Role::ALL.into_iter().filter(|kind| kind.code() == wanted);
        let kinds = kinds.map(|kind| GivenRole { kind, role: None });
        let built = customs.iter().filter(|role| folded(&role.name) == wanted);
        let built = built.map(|role| GivenRole {
            kind: role.kind,
            role: Some(role.id.clone()),
        });
        let mut meant: Vec<GivenRole> = kinds.chain(built).collect();
        if meant.len() > 1 {
            roles.ambiguous.append(&mut meant);
        }
        for given in meant {
            if !roles.given.iter().any(|known| known.kind == given.kind) {
                roles.given.push(given);
            }
        }
    }
    roles
}

/// Says that a provider named roles by a name that more than one has.
async fn not_given(
    rows: &mut dyn Transaction,
    about: &str,
    ambiguous: &[GivenRole],
    at: Timestamp,
) -> Stored<()> {
    let roles = listed(ambiguous);
    tracing::warn!(%roles, "single sign-on: roles that share a name are not given; rename them");
    let said = [audit::noted("ambiguous", &roles)];
    audit::refused_saying(rows, (ROLES, about), &said, at).await
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
    audit::done(rows, Some(user), (ROLES, user.as_str()), &said, at).await?;
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
    /// What the provider calls its session by now, if it says that.
    pub provider_session: Option<String>,
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
        self.follow_session(rows, &user).await?;
        let act = ("sign_on_prove", user.as_str());
        audit::done(rows, Some(&user), act, &[], self.at).await?;
        Ok(Written::unchanged(Ok(user)))
    }
}

impl SignOnProve {
    /// The provider may have begun another session of its own, and says by that one's name when it is over. A session that began with a
    /// password stays one of Sideline's alone.
    async fn follow_session(&self, rows: &mut dyn Transaction, user: &UserId) -> Stored<()> {
        let Some(session) = &self.provider_session else {
            return Ok(());
        };
        let begun = rows.sessions_begun_at(&self.issuer, user).await?;
        if begun.contains(&self.session) {
            rows.session_set_provider(&self.session, &self.issuer, Some(session))
                .await?;
        }
        Ok(())
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

    #[test]
    fn a_name_that_several_roles_have_gives_none_of_them() {
        let of = |id: &str, kind: Role, name: &str| CustomRole {
            id: RoleId::parse(id).unwrap(),
            kind,
            name: name.to_owned(),
            ..lead()
        };
        let customs = [
            of("r2", Role::Administrator, "Team LEAD"),
            of("r3", Role::Agent, "Team lead"),
            of("r4", Role::Agent, "Administrator"),
            lead(),
        ];
        for (claimed, given, ambiguous) in [
            ("Team lead", "", "administrator/r2, agent/r3"),
            ("administrator", "", "administrator, agent/r4"),
            ("Lead Supervisor", "supervisor/r1", ""),
        ] {
            let read = roles_of(&[claimed.to_owned()], &customs);
            let lists = (listed(&read.given), listed(&read.ambiguous));
            assert_eq!(lists, (given.to_owned(), ambiguous.to_owned()), "{claimed}");
        }
    }

    fn read(claimed: &[&str]) -> String {
        let claimed: Vec<String> = claimed.iter().map(|value| (*value).to_owned()).collect();
        listed(&roles_of(&claimed, &[lead()]).given)
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
