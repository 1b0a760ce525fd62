//! Users as an identity provider has them (SCIM): it creates, changes, deactivates and deletes them. The right is that of its token;
//! what happens to a user is what happens on the page of users (`users`).

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use shared::admin::UserAccount;
use shared::error::Problem;
use shared::ids::{EntryId, TokenId, UserId};
use shared::people::Role;
use shared::policy::TokenAct;
use shared::text::{DisplayName, ExternalId, ProviderName, USERNAME_MAX, USERNAME_MIN, Username};
use shared::time::Timestamp;
use shared::tokens::Scope;

use super::audit::Sender;
use super::{audit, rights, sessions, users};
use crate::store::rows::{ProvisionedRow, provider_key};
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// How many users may be told apart by a number behind one username.
const NAMESAKES_MAX: u32 = 999;

/// By which token a user is provisioned, and when.
#[derive(Clone, Debug)]
pub struct ProvisionContext {
    /// The token.
    pub token: TokenId,
    /// When.
    pub at: Timestamp,
}

impl ProvisionContext {
    /// Asks whether the token may. `TokenRefused` otherwise.
    async fn ask(&self, rows: &mut dyn Snapshot) -> Stored<()> {
        let act = TokenAct::UseEverywhere(Scope::UsersWrite);
        rights::ask_token(rows, &self.token, act, self.at)
            .await
            .map(drop)
    }

    fn sender(&self) -> Sender<'_> {
        Sender::Bearer(&self.token, self.at)
    }
}

/// A user as the identity provider sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionedUser {
    /// The account.
    pub account: UserAccount,
    /// What the provider calls them; the username, as long as none has called them otherwise.
    pub user_name: String,
    /// The provider's own id of them.
    pub external_id: Option<String>,
}

impl ProvisionedUser {
    /// An account with what a provider said of it; nobody for whom the provider deleted, while they are deactivated.
    pub fn of(account: UserAccount, said: Option<ProvisionedRow>) -> Option<Self> {
        let Some(row) = said else {
            let user_name = account.username.clone();
            return Some(Self {
                account,
                user_name,
                external_id: None,
            });
        };
        (account.active || row.removed_at.is_none()).then_some(Self {
            account,
            user_name: row.name,
            external_id: row.external_id,
        })
    }

    /// Another one for everything of them that a provider sees, and for each edit.
    pub fn version(&self) -> String {
        let account = &self.account;
        let seen = (
            (account.version, &account.name, &account.roles),
            (account.active, &self.user_name, &self.external_id),
        );
        // Numbers and texts have a JSON.
        let seen = serde_json::to_vec(&seen).unwrap_or_default();
        hex::encode(&Sha256::digest(seen)[..8])
    }

    /// Whether they have one of these versions; nothing: any will do.
    fn has_one_of(&self, versions: Option<&[String]>) -> bool {
        versions.is_none_or(|versions| versions.contains(&self.version()))
    }

    fn row(&self) -> ProvisionedRow {
        ProvisionedRow {
            user: self.account.id.clone(),
            name: self.user_name.clone(),
            external_id: self.external_id.clone(),
            removed_at: None,
        }
    }
}

/// What a provider says of a user who is new to it.
#[derive(Clone, Debug)]
pub struct UserProfile {
    /// What it calls them.
    pub user_name: ProviderName,
    /// Its own id of them.
    pub external_id: Option<ExternalId>,
    /// Display name.
    pub name: DisplayName,
    /// First one first.
    pub roles: Vec<Role>,
    /// Whether they can sign in.
    pub active: bool,
}

/// One thing that a provider changes of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileEdit {
    /// What it calls them.
    UserName(ProviderName),
    /// Its own id of them; nothing: it has none any more.
    ExternalId(Option<ExternalId>),
    /// Display name.
    Name(DisplayName),
    /// These roles and no others, the first one first.
    Roles(Vec<Role>),
    /// These roles as well.
    RolesAdd(Vec<Role>),
    /// These roles no longer.
    RolesRemove(Vec<Role>),
    /// Whether they can sign in.
    Active(bool),
}

impl ProfileEdit {
    fn apply(&self, user: &mut ProvisionedUser) {
        let roles = &mut user.account.roles;
        match self {
            Self::UserName(name) => name.as_str().clone_into(&mut user.user_name),
            Self::ExternalId(id) => user.external_id = id.clone().map(String::from),
            Self::Name(name) => name.as_str().clone_into(&mut user.account.name),
            Self::Roles(wanted) => *roles = distinct(wanted),
            Self::RolesAdd(more) => *roles = distinct(&[&roles[..], &more[..]].concat()),
            Self::RolesRemove(fewer) => roles.retain(|role| !fewer.contains(role)),
            Self::Active(active) => user.account.active = *active,
        }
    }
}

/// Each role once, where it stands first.
fn distinct(roles: &[Role]) -> Vec<Role> {
    let mut kept = Vec::with_capacity(roles.len());
    for role in roles {
        if !kept.contains(role) {
            kept.push(*role);
        }
    }
    kept
}

fn some_role(roles: &[Role]) -> Stored<()> {
    match roles.is_empty() {
        false => Ok(()),
        true => Err(StoreError::Invalid {
            field: "roles",
            problem: Problem::NoneChosen,
        }),
    }
}

fn taken() -> StoreError {
    StoreError::Invalid {
        field: "userName",
        problem: Problem::Taken,
    }
}

/// The user, if the provider finds them.
async fn find(rows: &mut dyn Snapshot, user: &UserId) -> Stored<Option<ProvisionedUser>> {
    let Some(account) = rows.user_find(user).await? else {
        return Ok(None);
    };
    let said = rows.provisioned_find(user).await?;
    Ok(ProvisionedUser::of(account, said))
}

/// Whom a provider deleted and calls so; nobody else is called so then. `Invalid` when the name is a user's whom it finds.
async fn holder(rows: &mut dyn Transaction, name: &str) -> Stored<Option<UserAccount>> {
    let mut deleted = None;
    for user in rows.provisioned_named(name).await? {
        if find(rows, &user).await?.is_some() {
            return Err(taken());
        }
        deleted = rows.user_find(&user).await?;
        if deleted.is_none() {
            // An administrator deleted them in a release that knew nothing of providers.
            rows.provisioned_delete(&user).await?;
        }
    }
    Ok(deleted)
}

/// Stores what a provider made of an account, with everything that follows.
async fn store(
    rows: &mut dyn Transaction,
    context: &ProvisionContext,
    (before, wanted): (&UserAccount, &UserAccount),
    entries: &[EntryId],
    changes: &mut Vec<Change>,
) -> Stored<UserAccount> {
    let (id, sender) = (before.id.as_str(), context.sender());
    let mut now = before.clone();
    if (&wanted.name, &wanted.roles) != (&before.name, &before.roles) {
        let agent = wanted.roles.contains(&Role::Agent);
        now = UserAccount {
            active: before.active,
            // Only agents have numbers of their own.
            capacity: before.capacity.filter(|_| agent),
            version: before.version + 1,
            ..wanted.clone()
        };
        let audited = users::audited(Some(before), Some(&now));
        audit::sent(rows, sender, ("user_update", id), audited).await?;
        users::apply(rows, context.at, (before, &now), changes).await?;
    }
    if wanted.active != now.active {
        let act = match wanted.active {
            true => "user_activate",
            false => "user_deactivate",
        };
        let switched = UserAccount {
            active: wanted.active,
            ..now.clone()
        };
        let audited = users::audited(Some(&now), Some(&switched));
        audit::sent(rows, sender, (act, id), audited).await?;
        users::switch(rows, context.at, &switched, entries, changes).await?;
        now = switched;
    }
    Ok(now)
}

/// Stores what a provider calls a user, if it is news.
async fn store_said(
    rows: &mut dyn Transaction,
    context: &ProvisionContext,
    before: Option<&ProvisionedUser>,
    after: &ProvisionedUser,
) -> Stored<()> {
    let said = |user: &ProvisionedUser| {
        let external_id = user.external_id.clone().unwrap_or_default();
        [user.user_name.clone(), external_id]
    };
    let fields = ["user_name", "external_id"];
    let news = audit::differences(fields, before.map(said), Some(said(after)));
    if news.is_empty() {
        return Ok(());
    }
    let act = ("user_update", after.account.id.as_str());
    audit::sent(rows, context.sender(), act, news).await?;
    rows.provisioned_set(&after.row()).await
}

/// A provider creates a user, who has no password. Whom it had deleted under this name is the same user again,
/// without anything that they signed in with before. `Invalid { field: "userName" }` when the name is somebody's.
#[derive(Clone, Debug)]
pub struct UserProvision {
    /// The id of a new user.
    pub user: UserId,
    /// What the provider says.
    pub profile: UserProfile,
    /// By which token, and when.
    pub context: ProvisionContext,
}

#[async_trait]
impl Command for UserProvision {
    type Answer = ProvisionedUser;
    const NAME: &'static str = "user_provision";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<ProvisionedUser>> {
        let (profile, context) = (&self.profile, &self.context);
        context.ask(rows).await?;
        some_role(&profile.roles)?;
        let deleted = holder(rows, profile.user_name.as_str()).await?;
        let mut changes = Vec::new();
        let account = match deleted {
            Some(before) => self.again(rows, &before, &mut changes).await?,
            None => {
                changes.push(Change::People);
                self.create(rows).await?
            }
        };
        let user = ProvisionedUser {
            account,
            user_name: profile.user_name.clone().into(),
            external_id: profile.external_id.clone().map(String::from),
        };
        store_said(rows, context, None, &user).await?;
        Ok(Written {
            value: user,
            changes,
        })
    }
}

impl UserProvision {
    async fn create(&self, rows: &mut dyn Transaction) -> Stored<UserAccount> {
        let profile = &self.profile;
        let account = UserAccount {
            id: self.user.clone(),
            username: free_username(rows, profile.user_name.as_str()).await?,
            name: profile.name.as_str().to_owned(),
            roles: distinct(&profile.roles),
            active: profile.active,
            version: 0,
            capacity: None,
            built: Vec::new(),
        };
        // Nobody has to choose another one: who sets a password for them makes it a temporary one.
        let password = (users::NO_PASSWORD, false);
        users::insert(rows, self.context.sender(), &account, password).await?;
        Ok(account)
    }

    /// The user whom the provider had deleted. What they signed in with may be in somebody else's hands by now.
    async fn again(
        &self,
        rows: &mut dyn Transaction,
        before: &UserAccount,
        changes: &mut Vec<Change>,
    ) -> Stored<UserAccount> {
        let (user, profile) = (&before.id, &self.profile);
        rows.account_set_password(user, users::NO_PASSWORD).await?;
        rows.account_set_temporary(user, false).await?;
        rows.second_factor_delete(user).await?;
        rows.passkeys_delete_of(user).await?;
        rows.recovery_codes_set(user, &[]).await?;
        rows.sign_ins_delete_of(user).await?;
        rows.subjects_delete_of(user).await?;
        sessions::end_of(rows, user, None, changes).await?;
        let wanted = UserAccount {
            name: profile.name.as_str().to_owned(),
            roles: distinct(&profile.roles),
            active: profile.active,
            ..before.clone()
        };
        store(rows, &self.context, (before, &wanted), &[], changes).await
    }
}

/// A username made of a provider's name, and nobody's yet.
async fn free_username(rows: &mut dyn Snapshot, name: &str) -> Stored<String> {
    let base = username_of(name);
    for number in 1..=NAMESAKES_MAX {
        let candidate = numbered(&base, number);
        if rows.username_holder(&candidate).await?.is_none() {
            return Ok(candidate);
        }
    }
    Err(taken())
}

/// What a username can have of a provider's name: of an address what stands before the `@`.
fn username_of(name: &str) -> String {
    if let Ok(name) = Username::parse(name) {
        return name.as_str().to_owned();
    }
    let local = name.trim().split('@').next().unwrap_or_default();
    let mut username: String = local
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'a'..='z' | '0'..='9' | '.' | '-' | '_' => c,
            _ => '-',
        })
        .collect();
    let begins = username.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || username.len() < USERNAME_MIN {
        username.insert_str(0, "u-");
    }
    username.truncate(USERNAME_MAX);
    username
}

/// The username, from the second one on with its number.
fn numbered(base: &str, number: u32) -> String {
    if number == 1 {
        return base.to_owned();
    }
    let end = format!("-{number}");
    // It is ASCII.
    let room = base.len().min(USERNAME_MAX - end.len());
    [&base[..room], &end].concat()
}

/// A provider changes a user; what it does not name stays. `NotFound` for whom it does not find, `Invalid` when the name is somebody
/// else's or no role is left, `Conflict` for the last active administrator. Answers nothing, and changes nothing, where the user has
/// another version than is expected.
#[derive(Clone, Debug)]
pub struct UserReprovision {
    /// Whom.
    pub user: UserId,
    /// The versions of which the user must have one; nothing: any.
    pub expected: Option<Vec<String>>,
    /// What changes, in this order.
    pub edits: Vec<ProfileEdit>,
    /// Ids for the entries that a deactivation writes, one for each open workitem.
    pub entries: Vec<EntryId>,
    /// By which token, and when.
    pub context: ProvisionContext,
}

#[async_trait]
impl Command for UserReprovision {
    type Answer = Option<ProvisionedUser>;
    const NAME: &'static str = "user_reprovision";

    async fn execute(
        &self,
        rows: &mut dyn Transaction,
    ) -> Stored<Written<Option<ProvisionedUser>>> {
        let context = &self.context;
        context.ask(rows).await?;
        let before = find(rows, &self.user).await?.ok_or(StoreError::NotFound)?;
        if !before.has_one_of(self.expected.as_deref()) {
            return Ok(Written::unchanged(None));
        }
        let mut wanted = before.clone();
        for edit in &self.edits {
            edit.apply(&mut wanted);
        }
        some_role(&wanted.account.roles)?;
        if wanted == before {
            return Ok(Written::unchanged(Some(before)));
        }
        // A name of somebody deleted goes on being theirs: they may come back.
        let renamed = provider_key(&wanted.user_name) != provider_key(&before.user_name);
        if renamed && holder(rows, &wanted.user_name).await?.is_some() {
            return Err(taken());
        }
        let mut changes = Vec::new();
        let accounts = (&before.account, &wanted.account);
        let account = store(rows, context, accounts, &self.entries, &mut changes).await?;
        let after = ProvisionedUser { account, ..wanted };
        store_said(rows, context, Some(&before), &after).await?;
        Ok(Written {
            value: Some(after),
            changes,
        })
    }
}

/// A provider deletes a user: they are deactivated, and it does not find them until it creates them once more or an administrator
/// activates them. `NotFound` for whom it does not find, `Conflict` for the last active administrator. Answers whether it did: not
/// where the user has another version than is expected.
#[derive(Clone, Debug)]
pub struct UserUnprovision {
    /// Whom.
    pub user: UserId,
    /// The versions of which the user must have one; nothing: any.
    pub expected: Option<Vec<String>>,
    /// Ids for the entries that this writes, one for each open workitem.
    pub entries: Vec<EntryId>,
    /// By which token, and when.
    pub context: ProvisionContext,
}

#[async_trait]
impl Command for UserUnprovision {
    type Answer = bool;
    const NAME: &'static str = "user_unprovision";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let context = &self.context;
        context.ask(rows).await?;
        let before = find(rows, &self.user).await?.ok_or(StoreError::NotFound)?;
        if !before.has_one_of(self.expected.as_deref()) {
            return Ok(Written::unchanged(false));
        }
        let wanted = UserAccount {
            active: false,
            ..before.account.clone()
        };
        let mut changes = Vec::new();
        let accounts = (&before.account, &wanted);
        store(rows, context, accounts, &self.entries, &mut changes).await?;
        let removed = vec![audit::noted("removed_at", &context.at.rfc3339())];
        let act = ("user_update", self.user.as_str());
        audit::sent(rows, context.sender(), act, removed).await?;
        let row = ProvisionedRow {
            removed_at: Some(context.at),
            ..before.row()
        };
        rows.provisioned_set(&row).await?;
        Ok(Written {
            value: true,
            changes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_made_of_what_the_provider_calls_somebody() {
        for (name, username) in [
            ("amy", "amy"),
            ("Amy.Adams@example.com", "amy.adams"),
            ("amy+desk@example.com", "amy-desk"),
            ("zoë@example.com", "zo-"),
            ("7amy@example.com", "u-7amy"),
            ("a@example.com", "u-a"),
            ("@", "u-"),
        ] {
            assert_eq!(username_of(name), username, "{name}");
        }
        let long = username_of(&["a".repeat(60), "@example.com".to_owned()].concat());
        for number in [1, 2, NAMESAKES_MAX] {
            let username = numbered(&long, number);
            let parsed = Username::parse(&username).expect("a username");
            assert_eq!(parsed.as_str(), username);
        }
        assert_eq!(numbered("amy", 2), "amy-2");
    }

    #[test]
    fn a_role_is_held_once() {
        use Role::{Administrator, Agent, Supervisor};
        let mut user = ProvisionedUser {
            account: UserAccount {
                id: UserId::parse("amy").expect("an id"),
                username: "amy".to_owned(),
                name: "Amy".to_owned(),
                roles: vec![Agent],
                active: true,
                version: 0,
                capacity: None,
                built: Vec::new(),
            },
            user_name: "amy".to_owned(),
            external_id: None,
        };
        for (edit, roles) in [
            (
                ProfileEdit::RolesAdd(vec![Supervisor, Agent]),
                vec![Agent, Supervisor],
            ),
            (ProfileEdit::RolesRemove(vec![Agent]), vec![Supervisor]),
            (
                ProfileEdit::Roles(vec![Administrator, Administrator]),
                vec![Administrator],
            ),
        ] {
            edit.apply(&mut user);
            assert_eq!(user.account.roles, roles);
        }
    }
}
