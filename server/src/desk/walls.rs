//! Walls: links to them, as supervisors and administrators make and revoke them, and what a wall shows.

use app::backend::{ApiResult, Caller};
use shared::error::AppError;
use shared::ids::{CommandKey, TeamId, WallId};
use shared::people::Actor;
use shared::policy::{Action, can};
use shared::text::WallName;
use shared::time::Timestamp;
use shared::walls::Wall;
use shared::workitem::Dashboard;

use super::tokens::hash_of;
use super::{Desk, to_app_error};
use crate::commands::{WallCreate, WallRevoke, WallSeen};

/// What a secret begins with.
pub(crate) const PREFIX: &str = "slw_";
/// How exact the time of the last use is, so that a screen costs no more writes than this.
const SEEN_EVERY_US: i64 = 60 * 1_000_000;

/// What the page of links shows.
pub(crate) struct WallsManaged {
    /// The links that the reader may revoke, the newest first, each with whether it shows something.
    pub(crate) walls: Vec<(Wall, bool)>,
    /// The teams that they may show, by name.
    pub(crate) teams: Vec<(TeamId, String)>,
}

/// What a wall shows. Nothing of it is a customer's.
pub(crate) struct WallShown {
    /// What it is called.
    pub(crate) name: String,
    /// Agents and queues. Of requests a page counts how many there are, and says no words.
    pub(crate) dashboard: Dashboard,
    /// When this was so.
    pub(crate) at: Timestamp,
}

/// Whether a wall shows something: it was not revoked, and its maker could make it now.
fn lasts(wall: &Wall, maker: Option<&Actor>) -> bool {
    let may = |maker: &Actor| {
        let mut teams = wall.teams.iter();
        teams.all(|team| can(maker, Action::WallManage(team)).is_ok())
    };
    wall.revoked_at.is_none() && maker.is_some_and(may)
}

impl Desk {
    /// The links that `actor` may revoke, and the teams for which they may make one.
    pub(crate) async fn walls_managed(&self, actor: &Actor) -> ApiResult<WallsManaged> {
        self.allow(actor, Action::WallView).await?;
        let mut rows = self.snapshot().await?;
        let list = rows.wall_list().await.map_err(to_app_error)?;
        let administers = can(actor, Action::TeamManage).is_ok();
        let list = list.into_iter();
        let mut walls = Vec::new();
        for wall in list.filter(|wall| administers || wall.created_by.id == actor.id) {
            let maker = rows.actor_find(&wall.created_by.id).await;
            let lasts = lasts(&wall, maker.map_err(to_app_error)?.as_ref());
            walls.push((wall, lasts));
        }
        let mut teams = rows.team_names().await.map_err(to_app_error)?;
        teams.retain(|(team, _)| can(actor, Action::WallManage(team)).is_ok());
        Ok(WallsManaged { walls, teams })
    }

    /// Makes a link and answers its secret, which is stored nowhere; `None` when the key was repeated: it was answered then. Asks for
    /// the caller's password once more.
    pub async fn wall_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        name: WallName,
        mut teams: Vec<TeamId>,
    ) -> ApiResult<Option<String>> {
        let actor = &caller.actor;
        self.allow(actor, Action::WallView).await?;
        for team in &teams {
            self.allow(actor, Action::WallManage(team)).await?;
        }
        self.proved(caller).await?;
        teams.sort();
        teams.dedup();
        let secret = [PREFIX, &self.ids().secret()].concat();
        let context = self.context(actor, key);
        let create = WallCreate {
            wall: Wall {
                id: WallId::parse(self.ids().next())?,
                name: name.into(),
                teams,
                created_by: actor.person(),
                created_at: context.at,
                last_used_at: None,
                revoked_at: None,
            },
            hash: hash_of(&secret),
            session: Some(caller.session.clone()),
            context,
        };
        let made = self.execute(create).await?;
        Ok(made.then_some(secret))
    }

    /// Revokes a link.
    pub async fn wall_revoke(&self, actor: &Actor, key: CommandKey, wall: WallId) -> ApiResult<()> {
        self.allow(actor, Action::WallView).await?;
        let revoke = WallRevoke {
            wall,
            context: self.context(actor, key),
        };
        self.execute(revoke).await
    }

    /// What the wall of a secret shows now. It shows nothing once it was revoked, and nothing once its maker could not make it any
    /// more: both are asked each time.
    pub(crate) async fn wall_show(&self, secret: &str) -> ApiResult<WallShown> {
        let mut rows = self.snapshot().await?;
        let found = rows.wall_of(&hash_of(secret)).await;
        let Some(wall) = found.map_err(to_app_error)? else {
            drop(rows);
            self.refused(None, "refused_wall", "").await;
            return Err(AppError::NotFound);
        };
        let maker = rows.actor_find(&wall.created_by.id).await;
        let maker = maker.map_err(to_app_error)?;
        drop(rows);
        if !lasts(&wall, maker.as_ref()) {
            self.refused(None, "refused_wall", wall.id.as_str()).await;
            return Err(AppError::NotFound);
        }
        let dashboard = self.reads().dashboard(&wall.teams).await;
        let mut dashboard = dashboard.map_err(to_app_error)?;
        for row in &mut dashboard.agents {
            row.presence = self.presence_seen(&row.id, row.presence);
        }
        let at = self.now();
        if wall
            .last_used_at
            .is_none_or(|seen| at.0 - seen.0 >= SEEN_EVERY_US)
        {
            let seen = WallSeen { wall: wall.id, at };
            // A wall is shown even while nothing can be written.
            if let Err(error) = self.store().execute(seen).await {
                tracing::warn!(%error, "the last use of a wall was not noted");
            }
        }
        Ok(WallShown {
            name: wall.name,
            dashboard,
            at,
        })
    }
}
