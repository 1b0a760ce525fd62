//! Views of the dashboard that people keep and share, and what it keeps for somebody.

use std::collections::BTreeMap;

use app::backend::{ApiResult, Views};
use async_trait::async_trait;
use shared::fold::folded;
use shared::ids::{CommandKey, TeamId, UserId, ViewId};
use shared::people::Actor;
use shared::policy::{Action, can};
use shared::text::ViewName;
use shared::views::{DashboardChoice, DashboardView, DashboardViews, ViewFilter};

use super::{Desk, to_app_error};
use crate::commands::{ViewChoose, ViewCreate, ViewDelete, ViewUpdate};
use crate::store::Snapshot;

/// What the page of views shows.
pub(crate) struct ViewsManaged {
    /// The views that the reader may open.
    pub(crate) views: DashboardViews,
    /// The teams that they may share one with, by name.
    pub(crate) teams: Vec<(TeamId, String)>,
}

impl Desk {
    /// The views that `actor` may open, with the teams that they may share one with.
    pub(crate) async fn views_managed(&self, actor: &Actor) -> ApiResult<ViewsManaged> {
        let views = self.view_list(actor).await?;
        let mut rows = self.snapshot().await?;
        let mut teams = rows.team_names().await.map_err(to_app_error)?;
        teams.retain(|(team, _)| can(actor, Action::ViewShare(team)).is_ok());
        Ok(ViewsManaged { views, teams })
    }

    /// Keeps a view, and shares it with a team.
    pub async fn view_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        name: ViewName,
        filter: ViewFilter,
        team: Option<TeamId>,
    ) -> ApiResult<()> {
        self.view_allowed(actor, team.as_ref()).await?;
        let view = DashboardView {
            id: ViewId::parse(self.ids().next())?,
            name: name.into(),
            filter: filter.as_str().to_owned(),
            team,
            by: actor.person(),
            version: 0,
        };
        let context = self.context(actor, key);
        self.execute(ViewCreate { view, context }).await
    }

    /// Changes a view: name and team, and what it shows if there is a filter.
    pub async fn view_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        (view, version): (ViewId, i64),
        name: ViewName,
        filter: Option<ViewFilter>,
        team: Option<TeamId>,
    ) -> ApiResult<()> {
        self.view_allowed(actor, team.as_ref()).await?;
        let update = ViewUpdate {
            view,
            version,
            name: name.into(),
            filter: filter.map(|filter| filter.as_str().to_owned()),
            team,
            context: self.context(actor, key),
        };
        self.execute(update).await
    }

    /// Deletes a view.
    pub async fn view_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        view: ViewId,
        version: i64,
    ) -> ApiResult<()> {
        self.view_allowed(actor, None).await?;
        let delete = ViewDelete {
            view,
            version,
            context: self.context(actor, key),
        };
        self.execute(delete).await
    }

    async fn view_allowed(&self, actor: &Actor, team: Option<&TeamId>) -> ApiResult<()> {
        self.allow(actor, Action::DashboardView).await?;
        match team {
            Some(team) => self.allow(actor, Action::ViewShare(team)).await,
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Views for Desk {
    async fn view_list(&self, actor: &Actor) -> ApiResult<DashboardViews> {
        self.allow(actor, Action::DashboardView).await?;
        let mut rows = self.snapshot().await?;
        let choice = rows.dashboard_choice(&actor.id).await;
        let choice = choice.map_err(to_app_error)?;
        let views = offered(&mut *rows, actor).await?;
        let is_offered = |last: &ViewId| views.iter().any(|view| view.id == *last);
        Ok(DashboardViews {
            last: choice.view.filter(is_offered),
            hidden: choice.hidden,
            waited: self.0.waited.of(&actor.supervises, self.now()),
            waited_min: self.0.waited.minutes(self.now()),
            views,
        })
    }

    async fn view_choose(&self, actor: &Actor, choice: DashboardChoice) -> ApiResult<()> {
        self.allow(actor, Action::DashboardView).await?;
        let user = actor.id.clone();
        self.execute(ViewChoose { user, choice }).await
    }
}

/// The views that somebody may open: their own, and those of others who may still share them. Their own come first, each by name.
async fn offered(rows: &mut dyn Snapshot, actor: &Actor) -> ApiResult<Vec<DashboardView>> {
    let found = rows.view_list(&actor.id, &actor.supervises).await;
    let found = found.map_err(to_app_error)?;
    let mut makers: BTreeMap<UserId, Option<Actor>> = BTreeMap::new();
    let mut offered = Vec::with_capacity(found.len());
    for view in found {
        if view.by.id != actor.id {
            let maker = &view.by.id;
            if !makers.contains_key(maker) {
                let known = rows.actor_find(maker).await.map_err(to_app_error)?;
                makers.insert(maker.clone(), known);
            }
            let maker = makers.get(maker).and_then(Option::as_ref);
            let shares = |maker: &Actor| {
                let team = view.team.as_ref();
                team.is_some_and(|team| can(maker, Action::ViewShare(team)).is_ok())
            };
            if !maker.is_some_and(shares) {
                continue;
            }
        }
        offered.push(view);
    }
    offered.sort_by_cached_key(|view| (view.by.id != actor.id, folded(&view.name)));
    Ok(offered)
}
