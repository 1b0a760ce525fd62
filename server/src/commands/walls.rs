//! Links to walls: made, revoked, used.

use async_trait::async_trait;
use shared::error::Problem;
use shared::ids::WallId;
use shared::policy::Action;
use shared::time::Timestamp;
use shared::walls::{WALLS_MAX, Wall};

use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::{Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written};

/// Makes a link. Answers whether it was made now: under a repeated key it was made before, and its secret was shown then. Needs a
/// session that has just proved its password.
#[derive(Clone)]
pub struct WallCreate {
    /// The link.
    pub wall: Wall,
    /// The SHA-256 of its secret, in hex.
    pub hash: String,
    /// The session of its maker.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WallCreate {
    type Answer = bool;
    const NAME: &'static str = "wall_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let Self { wall, context, .. } = self;
        // Id and secret are made by the host, each time it is asked.
        let key = IdempotencyKey::in_context(context, Self::NAME, &(&wall.name, &wall.teams))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(false));
        }
        rights::ask_for(rows, context, Action::WallView).await?;
        for team in &wall.teams {
            rights::ask_for(rows, context, Action::WallManage(team)).await?;
        }
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        self.check(rows).await?;
        rows.wall_insert(wall, &self.hash).await?;
        let teams = wall.teams.iter().map(|team| team.as_str());
        let is = [wall.name.clone(), audit::listed(teams)];
        let changes = audit::differences(["name", "teams"], None, Some(is));
        audit::changed(rows, context, Self::NAME, wall.id.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(true))
    }
}

impl WallCreate {
    async fn check(&self, rows: &mut dyn Snapshot) -> Stored<()> {
        let wall = &self.wall;
        let invalid = |field, problem| Err(StoreError::Invalid { field, problem });
        if wall.teams.is_empty() {
            return invalid("teams", Problem::NoneChosen);
        }
        for team in &wall.teams {
            if rows.team_find(team).await?.is_none() {
                return invalid("teams", Problem::NotATeam);
            }
        }
        let there = rows.wall_list().await?;
        let own = there.iter().filter(|there| {
            there.created_by.id == wall.created_by.id && there.revoked_at.is_none()
        });
        if own.count() as i64 >= WALLS_MAX {
            return invalid("walls", Problem::TooMany { max: WALLS_MAX });
        }
        Ok(())
    }
}

/// Revokes a link: it shows nothing any more. One's own, or another's as an administrator of teams. One that was revoked stays as it
/// is.
#[derive(Clone, Debug)]
pub struct WallRevoke {
    /// Which.
    pub wall: WallId,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WallRevoke {
    type Answer = ();
    const NAME: &'static str = "wall_revoke";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self { wall, context } = self;
        let key = IdempotencyKey::in_context(context, Self::NAME, wall)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::WallView).await?;
        let found = rows.wall_find(wall).await?;
        let found = found.ok_or(StoreError::NotFound)?;
        if context.actor.as_ref() != Some(&found.created_by.id) {
            rights::ask_for(rows, context, Action::TeamManage).await?;
        }
        if found.revoked_at.is_some() {
            return Ok(Written::unchanged(()));
        }
        rows.wall_set_revoked(wall, context.at).await?;
        let (was, is) = ([String::new()], [context.at.rfc3339()]);
        let changes = audit::differences(["revoked_at"], Some(was), Some(is));
        audit::changed(rows, context, Self::NAME, wall.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// A wall was shown.
#[derive(Clone, Debug)]
pub struct WallSeen {
    /// Which.
    pub wall: WallId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for WallSeen {
    type Answer = ();
    const NAME: &'static str = "wall_seen";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rows.wall_set_used(&self.wall, self.at).await?;
        Ok(Written::unchanged(()))
    }
}
