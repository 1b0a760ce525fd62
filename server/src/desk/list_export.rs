//! Lists of pages as files: the agents of the User Dashboard, their requests, and the users. Each is recorded before it is read.

use app::backend::{ApiResult, Coaching};
use shared::admin::{Team, UserAccount};
use shared::agent_filter::AgentFilter;
use shared::ids::TeamId;
use shared::people::Actor;
use shared::time::Timestamp;
use shared::workitem::AgentRow;

use super::Desk;
use crate::commands::{List, ListExport};
use crate::queries::{self, RequestsAsked};
use crate::store::rows::ListedRequest;

/// How many days of requests a file holds unless somebody says which.
const REQUEST_DAYS: i64 = 30;
/// How many requests it holds at most.
pub(crate) const REQUESTS_MAX: usize = 5_000;
/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// An agent of the file.
#[derive(Clone, Debug)]
pub(crate) struct ListedAgent {
    /// As the dashboard shows them, with how much work they may have.
    pub(crate) row: AgentRow,
    /// How many open alerts their work has.
    pub(crate) alerts: usize,
}

/// The requests of the file.
#[derive(Clone, Debug)]
pub(crate) struct ListedRequests {
    /// The newest first.
    pub(crate) requests: Vec<ListedRequest>,
    /// Whether there are older ones that have no room.
    pub(crate) cut: bool,
}

impl Desk {
    /// Begins the file of a list, which is in the audit log.
    ///
    /// # Errors
    /// `NotFound` for those who may not see the page that shows it.
    pub async fn list_export(&self, actor: &Actor, list: List) -> ApiResult<()> {
        self.allow(actor, list.right()).await?;
        let export = ListExport {
            list,
            reader: actor.id.clone(),
            at: self.now(),
        };
        self.execute(export).await
    }

    /// The agents of the actor's dashboard who pass the filter, by name.
    pub(crate) async fn agents_exported(
        &self,
        actor: &Actor,
        filter: &AgentFilter,
    ) -> ApiResult<Vec<ListedAgent>> {
        self.list_export(actor, List::Agents).await?;
        let dashboard = self.dashboard_load(actor).await?;
        let alerts = self.alerts_open(actor).await?;
        let mut listed = Vec::new();
        for mut row in dashboard.agents {
            let of = alerts.iter().filter_map(|alert| alert.agent.as_ref());
            let alerts = of.filter(|agent| agent.id == row.id).count();
            if filter.shows(&row, alerts > 0, &filter.find) {
                row.capacity = row.capacity.or(dashboard.capacity);
                listed.push(ListedAgent { row, alerts });
            }
        }
        Ok(listed)
    }

    /// The requests of agents over whom the actor has authority, of one of their teams or of all, open or not. `range` says from when
    /// and until when; without it they are those of the last days.
    pub(crate) async fn requests_exported(
        &self,
        actor: &Actor,
        team: Option<TeamId>,
        range: Option<(Timestamp, Timestamp)>,
    ) -> ApiResult<ListedRequests> {
        self.list_export(actor, List::Requests).await?;
        let last_days = || {
            let from = Timestamp(self.now().0 - REQUEST_DAYS * DAY_US);
            (from, Timestamp(i64::MAX))
        };
        let (from, until) = range.unwrap_or_else(last_days);
        let asked = RequestsAsked { team, from, until };
        let mut rows = self.snapshot().await?;
        // One more than there is room for tells whether there are older ones.
        let limit = REQUESTS_MAX as i64 + 1;
        let found = queries::requests_between(&mut *rows, &actor.id, &asked, limit).await;
        drop(rows);
        match found {
            Ok(mut requests) => {
                let cut = requests.len() > REQUESTS_MAX;
                requests.truncate(REQUESTS_MAX);
                Ok(ListedRequests { requests, cut })
            }
            Err(error) => Err(self.answered(error).await),
        }
    }

    /// Everybody who can sign in, by name, and the teams that the actor may see.
    pub(crate) async fn users_exported(
        &self,
        actor: &Actor,
    ) -> ApiResult<(Vec<UserAccount>, Vec<Team>)> {
        self.list_export(actor, List::Users).await?;
        let mut rows = self.snapshot().await?;
        let found = queries::users_listed(&mut *rows, &actor.id).await;
        drop(rows);
        match found {
            Ok(found) => Ok(found),
            Err(error) => Err(self.answered(error).await),
        }
    }
}
