//! A supervisor beside an agent: dashboard, an agent's workitems, coaching, reactions, forwarding.

use app::backend::{ApiResult, Coaching};
use async_trait::async_trait;
use shared::error::AppError;
use shared::helped::HelpedBefore;
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::text::{CoachingText, ReplyText};
use shared::transcript::{Reaction, Sent};
use shared::workitem::{AgentWorkitems, Dashboard, Workitem};

use super::{Desk, to_app_error};
use crate::commands::{
    CoachingAppend, CoachingDismiss, CoachingForward, CoachingReply, CoachingReplySeen,
    ReactionSet, Shown,
};
use crate::queries;
use crate::reads::View;
use crate::store::{AgentRecord, StoreError};

impl Desk {
    /// The actor's dashboard; of these agents alone, where some are named, and with all queues.
    pub(crate) async fn dashboard_in(
        &self,
        view: &mut View<'_>,
        actor: &Actor,
        only: Option<&[UserId]>,
    ) -> ApiResult<Dashboard> {
        self.allow(actor, Action::DashboardView).await?;
        let teams = &actor.supervises;
        let dashboard = match only {
            Some(agents) => view.dashboard_rows(teams, agents).await,
            None => view.dashboard(teams).await,
        };
        Ok(self.dashboard_seen(actor, dashboard.map_err(to_app_error)?))
    }

    /// See [`Coaching::agent_workitems_load`].
    pub(crate) async fn agent_workitems_in(
        &self,
        view: &mut View<'_>,
        actor: &Actor,
        agent: UserId,
    ) -> ApiResult<AgentWorkitems> {
        let seen = |record: &AgentRecord| {
            agent != actor.id && can(actor, Action::AgentView(&record.facts)).is_ok()
        };
        let Some(record) = agent_record(view, &agent).await?.filter(seen) else {
            return self.refuse(actor, "agent", agent.as_str()).await;
        };
        let workitems = view.agent_workitems(&agent).await.map_err(to_app_error)?;
        let hands = view.requests_open(&agent).await.map_err(to_app_error)?;
        if !view.is_one_state() {
            // The agent may have left the team while their list was read.
            view.renew();
            if agent_record(view, &agent).await?.filter(seen).is_none() {
                return self.refuse(actor, "agent", agent.as_str()).await;
            }
        }
        let workitems: Vec<_> = workitems
            .into_iter()
            .map(|workitem| workitem.for_supervisors(actor))
            .collect();
        Ok(AgentWorkitems {
            presence: self.presence_seen(&agent, record.presence),
            lost_since: self.lost_since(&agent).filter(|_| !workitems.is_empty()),
            workitems,
            hands,
            agent: record.person,
        })
    }

    /// A dashboard as the actor may see it now.
    pub(crate) fn dashboard_seen(&self, actor: &Actor, mut dashboard: Dashboard) -> Dashboard {
        // Nobody supervises themselves.
        dashboard.agents.retain(|row| row.id != actor.id);
        for row in &mut dashboard.agents {
            row.presence_since = self.presence_since(&row.id, row.presence);
            row.presence = self.presence_seen(&row.id, row.presence);
            let has_work = row.counts.total() > 0;
            row.lost_since = self.lost_since(&row.id).filter(|_| has_work);
        }
        dashboard
    }
}

async fn agent_record(view: &mut View<'_>, agent: &UserId) -> ApiResult<Option<AgentRecord>> {
    let rows = view.rows().await.map_err(to_app_error)?;
    let record = queries::agent_record(rows, agent).await;
    record.map_err(to_app_error)
}

#[async_trait]
impl Coaching for Desk {
    async fn dashboard_load(&self, actor: &Actor) -> ApiResult<Dashboard> {
        self.dashboard_in(&mut self.reads().view(), actor, None)
            .await
    }

    async fn agent_workitems_load(
        &self,
        actor: &Actor,
        agent: UserId,
    ) -> ApiResult<AgentWorkitems> {
        self.agent_workitems_in(&mut self.reads().view(), actor, agent)
            .await
    }

    async fn agent_workitems_beside(
        &self,
        actor: &Actor,
        agent: UserId,
        workitem: WorkitemId,
    ) -> ApiResult<Option<AgentWorkitems>> {
        let found = self.workitem_for(actor, &workitem, WorkitemAct::Read);
        let has_it = found.await?.facts.agent.as_ref() == Some(&agent);
        if has_it || agent == actor.id {
            let record = agent_record(&mut self.reads().view(), &agent).await?;
            let seen = |record: AgentRecord| can(actor, Action::AgentView(&record.facts)).is_ok();
            if agent == actor.id || !record.is_some_and(seen) {
                return Ok(None);
            }
        }
        self.agent_workitems_load(actor, agent).await.map(Some)
    }

    async fn queue_load(&self, actor: &Actor, team: TeamId) -> ApiResult<Vec<Workitem>> {
        let mut rows = self.snapshot().await?;
        let waiting = queries::queue_of(&mut *rows, &actor.id, &team).await;
        drop(rows);
        match waiting {
            Ok(waiting) => {
                let waiting = waiting.into_iter();
                Ok(waiting.map(|workitem| workitem.for_reader(actor)).collect())
            }
            Err(error) => Err(self.answered(error).await),
        }
    }

    async fn coaching_dismiss(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
    ) -> ApiResult<()> {
        self.workitem_for(actor, &workitem, WorkitemAct::Handle)
            .await?;
        let command = CoachingDismiss {
            workitem,
            agent: actor.id.clone(),
            entry,
            at: self.now(),
        };
        self.execute(command).await
    }

    async fn coaching_helped(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
    ) -> ApiResult<Vec<HelpedBefore>> {
        self.workitem_for(actor, &workitem, WorkitemAct::Coach)
            .await?;
        self.history_indexed().await?;
        loop {
            let mut rows = self.snapshot().await?;
            let helped = queries::helped_before(&mut *rows, &actor.id, &workitem).await;
            drop(rows);
            let helped = match helped {
                Ok(helped) => helped,
                Err(error) => return Err(self.answered(error).await),
            };
            let shown: Vec<&Workitem> = helped.iter().filter_map(|(_, of)| of.as_ref()).collect();
            let recorded = self.finding_recorded(&actor.id, Shown::Coaching, &shown);
            if recorded.await? {
                return Ok(helped.into_iter().map(|(helped, _)| helped).collect());
            }
        }
    }

    async fn coaching_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: CoachingText,
        agent: Option<UserId>,
    ) -> ApiResult<Sent> {
        if !self.repeated(actor, &key).await? {
            let record = self
                .workitem_for(actor, &workitem, WorkitemAct::Coach)
                .await?;
            if !record.workitem.channel.coachable() {
                return Err(AppError::NotCoachable);
            }
        }
        let command = CoachingAppend {
            workitem,
            supervisor: actor.person(),
            entry: self.entry_id(),
            at: self.now(),
            text,
            agent,
            key,
        };
        let mut written = self.store().execute(command.clone()).await;
        // A page that has just been opened, or that lost its connection, may send before it has said that it monitors.
        if matches!(written, Err(StoreError::NotMonitoring))
            && self.monitoring_arrives(actor, &command.workitem).await
        {
            written = self.store().execute(command).await;
        }
        self.complete(written).await
    }

    async fn coaching_reply(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: ReplyText,
    ) -> ApiResult<Sent> {
        if !self.repeated(actor, &key).await? {
            let record = self
                .workitem_for(actor, &workitem, WorkitemAct::Handle)
                .await?;
            if !record.workitem.channel.coachable() {
                return Err(AppError::NotCoachable);
            }
        }
        let command = CoachingReply {
            workitem,
            agent: actor.person(),
            entry: self.entry_id(),
            at: self.now(),
            text,
            key,
        };
        self.execute(command).await
    }

    async fn coaching_reply_seen(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        through: i64,
    ) -> ApiResult<()> {
        self.workitem_for(actor, &workitem, WorkitemAct::Monitor)
            .await?;
        let command = CoachingReplySeen {
            workitem,
            supervisor: actor.id.clone(),
            through,
            at: self.now(),
        };
        self.execute(command).await
    }

    async fn reaction_set(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
        key: CommandKey,
        reaction: Option<Reaction>,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Handle, &key)
            .await?;
        let command = ReactionSet {
            workitem,
            agent: actor.id.clone(),
            entry,
            reaction,
            context: self.context(actor, key),
        };
        self.execute(command).await
    }

    async fn coaching_forward(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
        key: CommandKey,
    ) -> ApiResult<Sent> {
        self.command_for(actor, &workitem, WorkitemAct::Handle, &key)
            .await?;
        let command = CoachingForward {
            workitem,
            source: entry,
            agent: actor.person(),
            entry: self.entry_id(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }
}
