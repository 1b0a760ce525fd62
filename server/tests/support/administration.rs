//! Commands and reads of administration, each in one call.

// Each test file uses some of them.
#![allow(dead_code)]

use server::commands::{ChannelActivate, ChannelCreate, UserActivate, UserCreate, UserUpdate};
use server::store::{CommandContext, Store, Stored, Written};
use shared::admin::{CapacityChange, ChatChannel, Team, UserAccount};
use shared::ids::{ChannelKey, EntryId, TeamId, UserId};
use shared::people::Role;

/// The session of the administrator who does it, for what needs a proof of the password.
pub const PROVED: &str = "proved";

/// What administrators do, on a store.
pub trait Administration {
    async fn user_list(&self) -> Stored<Vec<UserAccount>>;
    async fn user_create(
        &self,
        account: UserAccount,
        password_hash: &str,
        context: CommandContext,
    ) -> Stored<Written<UserAccount>>;
    async fn user_update(
        &self,
        user: &UserId,
        name: &str,
        roles: &[Role],
        capacity: Option<CapacityChange>,
        version: i64,
        context: CommandContext,
    ) -> Stored<Written<UserAccount>>;
    async fn user_activate(
        &self,
        user: &UserId,
        active: bool,
        entries: Vec<EntryId>,
        context: CommandContext,
    ) -> Stored<Written<UserAccount>>;
    async fn team_list(&self) -> Stored<Vec<Team>>;
    async fn channel_create(
        &self,
        team: &TeamId,
        channel: ChatChannel,
        context: CommandContext,
    ) -> Stored<Written<ChatChannel>>;
    async fn channel_activate(
        &self,
        channel: &ChannelKey,
        active: bool,
        context: CommandContext,
    ) -> Stored<Written<()>>;
}

impl Administration for dyn Store + '_ {
    async fn user_list(&self) -> Stored<Vec<UserAccount>> {
        self.snapshot().await?.user_list().await
    }

    async fn user_create(
        &self,
        account: UserAccount,
        password_hash: &str,
        context: CommandContext,
    ) -> Stored<Written<UserAccount>> {
        let create = UserCreate {
            account,
            password_hash: password_hash.to_owned(),
            temporary: false,
            session: Some(PROVED.to_owned()),
            context,
        };
        self.execute(create).await
    }

    async fn user_update(
        &self,
        user: &UserId,
        name: &str,
        roles: &[Role],
        capacity: Option<CapacityChange>,
        version: i64,
        context: CommandContext,
    ) -> Stored<Written<UserAccount>> {
        let update = UserUpdate {
            user: user.clone(),
            name: name.to_owned(),
            roles: roles.to_vec(),
            capacity,
            version,
            session: Some(PROVED.to_owned()),
            context,
        };
        self.execute(update).await
    }

    async fn user_activate(
        &self,
        user: &UserId,
        active: bool,
        entries: Vec<EntryId>,
        context: CommandContext,
    ) -> Stored<Written<UserAccount>> {
        let activate = UserActivate {
            user: user.clone(),
            active,
            entries,
            session: Some(PROVED.to_owned()),
            context,
        };
        self.execute(activate).await
    }

    async fn team_list(&self) -> Stored<Vec<Team>> {
        self.snapshot().await?.team_list().await
    }

    async fn channel_create(
        &self,
        team: &TeamId,
        channel: ChatChannel,
        context: CommandContext,
    ) -> Stored<Written<ChatChannel>> {
        let create = ChannelCreate {
            team: team.clone(),
            channel,
            chosen: false,
            context,
        };
        self.execute(create).await
    }

    async fn channel_activate(
        &self,
        channel: &ChannelKey,
        active: bool,
        context: CommandContext,
    ) -> Stored<Written<()>> {
        let activate = ChannelActivate {
            channel: channel.clone(),
            active,
            context,
        };
        self.execute(activate).await
    }
}
