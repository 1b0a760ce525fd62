//! Users, teams and chat channels, as administrators run them. Every act is in the audit log.

use app::backend::{Administration, ApiResult, Caller};
use async_trait::async_trait;
use shared::admin::{ChatChannel, MembershipChange, Team, TeamChange, UserAccount, UserChange};
use shared::error::{AppError, ConflictCause, Problem};
use shared::ids::{ChannelKey, CommandKey, EntryId, TeamId, UserId};
use shared::people::{Actor, Role};
use shared::policy::Action;
use shared::text::{CustomerName, DisplayName, Password, TeamName, Username};

use super::{Desk, to_app_error};
use crate::commands::{
    ChannelActivate, ChannelCreate, ChannelUpdate, MembershipsChange, PasswordSet,
    SecondFactorReset, SessionsEnd, TeamSave, UserActivate, UserCreate, UserUpdate,
};
use crate::queries;

/// How many open workitems of one agent a deactivation puts back into the queue at most.
const REQUEUE_MAX: usize = 500;

fn distinct(roles: Vec<Role>) -> ApiResult<Vec<Role>> {
    let mut kept: Vec<Role> = Vec::with_capacity(roles.len());
    for role in roles {
        if !kept.contains(&role) {
            kept.push(role);
        }
    }
    if kept.is_empty() {
        Err(AppError::invalid("roles", Problem::NoneChosen))
    } else {
        Ok(kept)
    }
}

impl Desk {
    pub(super) fn entry_ids(&self) -> Vec<EntryId> {
        (0..REQUEUE_MAX).map(|_| self.entry_id()).collect()
    }

    async fn team_save(
        &self,
        caller: &Caller,
        key: CommandKey,
        (team, create): (TeamId, bool),
        change: TeamChange,
    ) -> ApiResult<Team> {
        let name = TeamName::parse(&change.name)?;
        let save = TeamSave {
            team,
            create,
            change: TeamChange {
                name: name.as_str().to_owned(),
                ..change
            },
            session: Some(caller.session.clone()),
            context: self.context(&caller.actor, key),
        };
        self.execute(save).await
    }

    /// All users by name.
    pub(crate) async fn user_accounts(&self) -> ApiResult<Vec<UserAccount>> {
        let mut rows = self.snapshot().await?;
        let users = queries::accounts(&mut *rows).await;
        users.map_err(to_app_error)
    }
}

#[async_trait]
impl Administration for Desk {
    async fn user_list(&self, actor: &Actor) -> ApiResult<Vec<UserAccount>> {
        // Filling teams needs the list of those who can be put there.
        if self.allow(actor, Action::TeamManage).await.is_err() {
            self.allow(actor, Action::UserManage).await?;
        }
        self.user_accounts().await
    }

    async fn user_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        username: Username,
        name: DisplayName,
        roles: Vec<Role>,
        password: Password,
    ) -> ApiResult<UserAccount> {
        let actor = &caller.actor;
        self.allow(actor, Action::UserManage).await?;
        if roles.contains(&Role::Administrator) {
            self.proved(caller).await?;
        }
        self.password_check(&password, &[username.as_str(), name.as_str()])
            .await?;
        let account = UserAccount {
            id: UserId::parse(self.ids().next())?,
            username: username.as_str().to_owned(),
            name: name.into(),
            roles: distinct(roles)?,
            active: true,
            version: 0,
            capacity: None,
            built: Vec::new(),
        };
        if self.repeated(actor, &key).await? {
            self.password_is(actor, &account.username, &password)
                .await?;
        }
        let create = UserCreate {
            account,
            password_hash: self.passwords().hash(&actor.id, password).await?,
            temporary: true,
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        self.execute(create).await
    }

    async fn user_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        change: UserChange,
    ) -> ApiResult<UserAccount> {
        let actor = &caller.actor;
        self.allow(actor, Action::UserManage).await?;
        let roles = distinct(change.roles)?;
        let update = UserUpdate {
            user,
            name: change.name.into(),
            roles,
            capacity: change.capacity,
            version: change.version,
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        let account = self.execute(update).await?;
        // More capacity may place what waits.
        self.0.queue.notify_one();
        Ok(account)
    }

    async fn user_password_reset(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        password: Password,
    ) -> ApiResult<()> {
        let actor = &caller.actor;
        self.allow(actor, Action::UserManage).await?;
        if user == actor.id {
            return Err(AppError::conflict(ConflictCause::OwnPassword));
        }
        self.proved(caller).await?;
        let accounts = self.user_accounts().await?;
        let account = accounts.into_iter().find(|account| account.id == user);
        let account = account.ok_or(AppError::NotFound)?;
        if self.repeated(actor, &key).await? {
            self.password_is(actor, &account.username, &password)
                .await?;
        }
        self.password_check(&password, &[&account.username, &account.name])
            .await?;
        let hash = self.passwords().hash(&actor.id, password).await?;
        let set = PasswordSet {
            user,
            hash,
            verified: None,
            except: None,
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        self.execute(set).await
    }

    async fn user_activate(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        active: bool,
    ) -> ApiResult<UserAccount> {
        let actor = &caller.actor;
        self.allow(actor, Action::UserManage).await?;
        if user == actor.id && !active {
            return Err(AppError::conflict(ConflictCause::OwnDeactivation));
        }
        if active {
            self.proved(caller).await?;
        }
        let activate = UserActivate {
            user,
            active,
            entries: self.entry_ids(),
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        self.execute(activate).await
    }

    async fn user_sessions_end(
        &self,
        actor: &Actor,
        key: CommandKey,
        user: UserId,
    ) -> ApiResult<()> {
        self.allow(actor, Action::UserManage).await?;
        let end = SessionsEnd {
            user,
            except: None,
            context: self.context(actor, key),
        };
        self.execute(end).await
    }

    async fn user_second_factor_reset(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
    ) -> ApiResult<()> {
        let actor = &caller.actor;
        self.allow(actor, Action::UserManage).await?;
        let reset = SecondFactorReset {
            user,
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        self.execute(reset).await
    }

    async fn team_list(&self, actor: &Actor) -> ApiResult<Vec<Team>> {
        self.allow(actor, Action::TeamManage).await?;
        self.snapshot()
            .await?
            .team_list()
            .await
            .map_err(to_app_error)
    }

    async fn team_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        change: TeamChange,
    ) -> ApiResult<Team> {
        self.allow(&caller.actor, Action::TeamManage).await?;
        let team = TeamId::parse(self.ids().next())?;
        self.team_save(caller, key, (team, true), change).await
    }

    async fn team_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        team: TeamId,
        change: TeamChange,
    ) -> ApiResult<Team> {
        self.allow(&caller.actor, Action::TeamManage).await?;
        self.team_save(caller, key, (team, false), change).await
    }

    async fn memberships_change(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        change: MembershipChange,
    ) -> ApiResult<()> {
        self.allow(&caller.actor, Action::TeamManage).await?;
        let change = MembershipsChange {
            user,
            change,
            session: Some(caller.session.clone()),
            context: self.context(&caller.actor, key),
        };
        self.execute(change).await?;
        // Another agent may place what waits.
        self.0.queue.notify_one();
        Ok(())
    }

    async fn channel_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        team: TeamId,
        name: CustomerName,
        address: Option<ChannelKey>,
    ) -> ApiResult<ChatChannel> {
        self.allow(actor, Action::TeamManage).await?;
        let chosen = address.is_some();
        let channel = ChatChannel {
            key: address.map_or_else(|| ChannelKey::parse(self.secret_id()), Ok)?,
            name: name.into(),
            active: true,
            version: 0,
            heard_at: None,
        };
        let create = ChannelCreate {
            team,
            channel,
            chosen,
            context: self.context(actor, key),
        };
        self.execute(create).await
    }

    async fn channel_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
        version: i64,
        name: CustomerName,
    ) -> ApiResult<ChatChannel> {
        self.allow(actor, Action::TeamManage).await?;
        let update = ChannelUpdate {
            channel,
            name: name.into(),
            version,
            context: self.context(actor, key),
        };
        self.execute(update).await
    }

    async fn channel_activate(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
        active: bool,
    ) -> ApiResult<()> {
        self.allow(actor, Action::TeamManage).await?;
        let activate = ChannelActivate {
            channel,
            active,
            context: self.context(actor, key),
        };
        self.execute(activate).await
    }
}
