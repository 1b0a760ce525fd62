//! Escalation of requests for assistance that nobody has claimed: a check every few seconds, which also finds what became due
//! while the program did not run.

use std::time::Duration;

use app::backend::ApiResult;
use shared::admin::Team;
use shared::escalation::Escalation;
use shared::ids::{CommandKey, UserId};
use shared::people::{Actor, Role};
use shared::policy::Action;
use tokio::time::{MissedTickBehavior, interval};

use super::{Desk, to_app_error};
use crate::commands::{EscalationSave, RequestsEscalate};
use crate::store::Stored;

const EVERY: Duration = Duration::from_secs(5);

/// What the page of escalation shows.
pub(crate) struct EscalationsManaged {
    /// The teams of the organisation, by name.
    pub(crate) teams: Vec<Team>,
    /// The steps of those that have some.
    pub(crate) steps: Vec<Escalation>,
    /// Who can be on call, by name, each with whether they are active.
    pub(crate) supervisors: Vec<(UserId, String, bool)>,
}

/// Checks as long as the process lives.
pub(super) async fn run(desk: Desk) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if !desk.0.nodes.on_duty() {
            continue;
        }
        if let Err(error) = desk.requests_escalate().await {
            tracing::warn!(%error, "requests that are due could not be escalated");
        }
    }
}

impl Desk {
    /// Takes the steps that are due now. Answers how many requests took one.
    pub async fn requests_escalate(&self) -> Stored<usize> {
        let at = self.now();
        let mut rows = self.store().snapshot().await?;
        let none = rows.requests_due(at).await?.is_empty();
        drop(rows);
        if none {
            return Ok(0);
        }
        let written = self.store().execute(RequestsEscalate { at }).await?;
        Ok(self.publish(written))
    }

    /// The steps of all teams.
    ///
    /// # Errors
    /// `NotFound` for those who do not set up the organisation.
    pub(crate) async fn escalations_managed(&self, actor: &Actor) -> ApiResult<EscalationsManaged> {
        self.allow(actor, Action::OrganisationManage).await?;
        let mut rows = self.snapshot().await?;
        let holders = rows.role_holders().await.map_err(to_app_error)?;
        let supervisors = holders.into_iter();
        let supervisors = supervisors.filter(|holder| holder.kind == Role::Supervisor);
        Ok(EscalationsManaged {
            teams: rows.team_list().await.map_err(to_app_error)?,
            steps: rows.escalation_list().await.map_err(to_app_error)?,
            supervisors: supervisors
                .map(|one| (one.user, one.name, one.active))
                .collect(),
        })
    }

    /// Sets the steps of a team.
    pub(crate) async fn escalation_save(
        &self,
        actor: &Actor,
        key: CommandKey,
        escalation: Escalation,
    ) -> ApiResult<()> {
        self.allow(actor, Action::OrganisationManage).await?;
        let save = EscalationSave {
            escalation,
            context: self.context(actor, key),
        };
        self.execute(save).await
    }
}
