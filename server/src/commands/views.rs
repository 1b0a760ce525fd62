//! Views of the dashboard: kept, changed and deleted by their makers; and what the dashboard keeps for somebody.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::error::{Difference, Problem};
use shared::ids::{TeamId, UserId, ViewId};
use shared::policy::Action;
use shared::views::{DashboardChoice, DashboardView, VIEWS_MAX};

use super::edits::{difference, edited_meanwhile};
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::{Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written};

/// Keeps a view for its maker, who may share it with a team. `Invalid` when there are too many.
#[derive(Clone, Debug)]
pub struct ViewCreate {
    /// The view.
    pub view: DashboardView,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ViewCreate {
    type Answer = ();
    const NAME: &'static str = "view_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self { view, context } = self;
        let content = (&view.name, &view.filter, &view.team);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        may_keep(rows, view.team.as_ref(), context).await?;
        if rows.view_count(&view.by.id).await? >= VIEWS_MAX {
            return Err(StoreError::Invalid {
                field: "views",
                problem: Problem::TooMany { max: VIEWS_MAX },
            });
        }
        rows.view_insert(view).await?;
        let changes = audited(None, Some(view));
        audit::changed(rows, context, Self::NAME, view.id.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Changes a view of the sender's own. `Conflict` when it was changed since `version`, in another tab for example.
#[derive(Clone, Debug)]
pub struct ViewUpdate {
    /// Which.
    pub view: ViewId,
    /// The version that this started from.
    pub version: i64,
    /// What it shall be called.
    pub name: String,
    /// What it shall show; nothing: what it shows.
    pub filter: Option<String>,
    /// The team that it shall be shared with.
    pub team: Option<TeamId>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ViewUpdate {
    type Answer = ();
    const NAME: &'static str = "view_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let content = (
            &self.view,
            self.version,
            &self.name,
            &self.filter,
            &self.team,
        );
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        may_keep(rows, self.team.as_ref(), context).await?;
        let stored = own(rows, &self.view, context).await?;
        let after = DashboardView {
            name: self.name.clone(),
            filter: self.filter.clone().unwrap_or(stored.filter.clone()),
            team: self.team.clone(),
            ..stored.clone()
        };
        let edited = after != stored;
        if edited && stored.version != self.version {
            let now = difference(&stored.name, &self.name, Difference::Name);
            let now = now.into_iter().collect();
            let refusal = edited_meanwhile(rows, self.view.as_str(), Self::NAME, now, false);
            return Err(refusal.await?);
        }
        let after = DashboardView {
            version: stored.version + i64::from(edited),
            ..after
        };
        rows.view_set(&after).await?;
        let changes = audited(Some(&stored), Some(&after));
        audit::changed(rows, context, Self::NAME, self.view.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Deletes a view of the sender's own. `Conflict` when it is at another version than the one that was seen.
#[derive(Clone, Debug)]
pub struct ViewDelete {
    /// Which.
    pub view: ViewId,
    /// The version that was seen.
    pub version: i64,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ViewDelete {
    type Answer = ();
    const NAME: &'static str = "view_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let key = IdempotencyKey::in_context(context, Self::NAME, &(&self.view, self.version))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        may_keep(rows, None, context).await?;
        let stored = own(rows, &self.view, context).await?;
        if stored.version != self.version {
            let act = ViewUpdate::NAME;
            let refusal = edited_meanwhile(rows, self.view.as_str(), act, Vec::new(), true);
            return Err(refusal.await?);
        }
        rows.view_delete(&self.view).await?;
        let changes = audited(Some(&stored), None);
        audit::changed(rows, context, Self::NAME, self.view.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Sets what the dashboard keeps for the sender.
#[derive(Clone, Debug)]
pub struct ViewChoose {
    /// Whose dashboard.
    pub user: UserId,
    /// What it keeps.
    pub choice: DashboardChoice,
}

#[async_trait]
impl Command for ViewChoose {
    type Answer = ();
    const NAME: &'static str = "view_choose";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rights::ask(rows, &self.user, Action::DashboardView).await?;
        rows.dashboard_choice_set(&self.user, &self.choice).await?;
        Ok(Written::unchanged(()))
    }
}

/// Keeping views needs the right to see the dashboard, and sharing one needs supervision of the team.
async fn may_keep(
    rows: &mut dyn Snapshot,
    team: Option<&TeamId>,
    context: &CommandContext,
) -> Stored<()> {
    rights::ask_for(rows, context, Action::DashboardView).await?;
    match team {
        Some(team) => rights::ask_for(rows, context, Action::ViewShare(team)).await,
        None => Ok(()),
    }
}

/// The view, if it is the sender's own. Somebody else's is not there, shared or not.
async fn own(
    rows: &mut dyn Snapshot,
    view: &ViewId,
    context: &CommandContext,
) -> Stored<DashboardView> {
    let found = rows.view_find(view).await?;
    let is_own = |view: &DashboardView| context.actor.as_ref() == Some(&view.by.id);
    found.filter(is_own).ok_or(StoreError::NotFound)
}

/// What the audit log says of a change: of a view that is shared everything, of another nothing of its words.
fn audited(before: Option<&DashboardView>, after: Option<&DashboardView>) -> Vec<AuditChange> {
    let values = |view: &DashboardView| {
        let team = view.team.as_ref()?;
        Some([team.to_string(), view.name.clone(), view.filter.clone()])
    };
    let (was, is) = (before.and_then(values), after.and_then(values));
    audit::differences(["team", "name", "filter"], was, is)
}
