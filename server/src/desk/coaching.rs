//! A supervisor beside an agent: dashboard, an agent's workitems, coaching, reactions, forwarding.

use app::backend::{Answer, Coaching};
use async_trait::async_trait;
use shared::error::AppError;
use shared::helped::HelpedBefore;
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::text::{CoachingText, ReplyText};
use shared::transcript::{Reaction, Sent};
use shared::workitem::{AgentWorkitems, Dashboard, ReplyNotice, Workitem};

use super::{Desk, to_app_error};
use crate::commands::{
    CoachingAppend, CoachingDismiss, CoachingForward, CoachingReply, CoachingReplySeen, ReactionSet,
};
use crate::queries;
use crate::store::{AgentRecord, StoreError};

impl Desk {
    /// Of the actor's dashboard the rows of these agents, and all queues.
    pub(crate) async fn dashboard_rows(
        &self,
        actor: &Actor,
        agents: &[UserId],
    ) -> Answer<Dashboard> {
        self.allow(actor, Action::DashboardView).await?;
        let rows = self.reads().dashboard_rows(&actor.supervises, agents).await;
        Ok(self.dashboard_seen(actor, rows.map_err(to_app_error)?))
    }

    /// The replies that a supervisor has not seen.
    pub(crate) async fn replies_unseen(&self, user: &UserId) -> Answer<Vec<ReplyNotice>> {
        let mut rows = self.snapshot().await?;
        let replies = queries::replies_unseen(&mut *rows, user).await;
        replies.map_err(to_app_error)
    }

    async fn agent_record(&self, agent: &UserId) -> Answer<Option<AgentRecord>> {
        let mut rows = self.snapshot().await?;
        let record = queries::agent_record(&mut *rows, agent).await;
        record.map_err(to_app_error)
    }

    /// A dashboard as the actor may see it now.
    fn dashboard_seen(&self, actor: &Actor, mut dashboard: Dashboard) -> Dashboard {
        // Nobody supervises themselves.
        dashboard.agents.retain(|row| row.id != actor.id);
        for row in &mut dashboard.agents {
            row.presence = self.presence_seen(&row.id, row.presence);
            let has_work = row.counts.total() > 0;
            row.lost_since = self.lost_since(&row.id).filter(|_| has_work);
        }
        dashboard
    }
}

#[async_trait]
impl Coaching for Desk {
    async fn dashboard_load(&self, actor: &Actor) -> Answer<Dashboard> {
        self.allow(actor, Action::DashboardView).await?;
        let dashboard = self.reads().dashboard(&actor.supervises).await;
        Ok(self.dashboard_seen(actor, dashboard.map_err(to_app_error)?))
    }

    async fn agent_workitems_load(&self, actor: &Actor, agent: UserId) -> Answer<AgentWorkitems> {
        let record = self.agent_record(&agent).await?;
        let record = match record {
            Some(record)
                if agent != actor.id && can(actor, Action::AgentView(&record.facts)).is_ok() =>
            {
                record
            }
            _ => return self.refuse(actor, "agent", agent.as_str()).await,
        };
        let workitems = self
            .reads()
            .agent_workitems(&agent)
            .await
            .map_err(to_app_error)?;
        let hands = self.requests_open(&agent).await?;
        // The agent may have left the team while their list was read.
        let after = self.agent_record(&agent).await?;
        if after.is_none_or(|now| can(actor, Action::AgentView(&now.facts)).is_err()) {
            return self.refuse(actor, "agent", agent.as_str()).await;
        }
        Ok(AgentWorkitems {
            presence: self.presence_seen(&agent, record.presence),
            lost_since: self.lost_since(&agent).filter(|_| !workitems.is_empty()),
            workitems: workitems
                .into_iter()
                .map(|workitem| workitem.for_supervisors(actor))
                .collect(),
            hands,
            agent: record.person,
        })
    }

    async fn queue_load(&self, actor: &Actor, team: TeamId) -> Answer<Vec<Workitem>> {
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
    ) -> Answer<()> {
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
    ) -> Answer<Vec<HelpedBefore>> {
        let mut rows = self.snapshot().await?;
        let helped = queries::helped_before(&mut *rows, &actor.id, &workitem).await;
        drop(rows);
        match helped {
            Ok(helped) => Ok(helped),
            Err(error) => Err(self.answered(error).await),
        }
    }

    async fn coaching_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: CoachingText,
    ) -> Answer<Sent> {
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
    ) -> Answer<Sent> {
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
    ) -> Answer<()> {
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
    ) -> Answer<()> {
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
    ) -> Answer<Sent> {
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
