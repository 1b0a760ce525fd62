//! Following topics on one connection: joining, replaying what was missed, going on, letting go.
//!
//! Order and completeness rest on one rule: a change of a log is handed on only if it is the next number;
//! anything further on makes the connection read the gap from the database first.

use app::backend::{Answer, Coaching as _, Workitems as _};
use shared::error::AppError;
use shared::ids::WorkitemId;
use shared::live::{CLOSE_OVERFLOW, Position, ServerFrame, Topic};
use shared::policy::{Action, WorkitemAct, can};
use shared::transcript::{EndReason, WorkitemChange};
use shared::workitem::{Dashboard, WorkitemState};

use super::connection::{Connection, End};
use super::{REPLAY_MAX, TOPICS};
use crate::bus::{BusTopic, Hint};
use crate::desk::monitoring::Leaving;
use crate::desk::outward;

/// How one topic is followed.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The last number handed on; 0 for a projection.
    rev: i64,
    /// Whether the actor is there as a supervisor.
    monitor: bool,
    /// For a conversation: who had it last.
    agent: Option<String>,
    /// What makes it look different; few, so a list takes the least room.
    taps: Vec<BusTopic>,
}

/// What is joined before anything is read. Whose rows are on a dashboard is known when it has been read.
fn taps(connection: &Connection, topic: &Topic) -> Vec<BusTopic> {
    vec![match topic {
        Topic::Workitem(id) => BusTopic::Workitem(id.clone()),
        Topic::Own => BusTopic::Own(connection.actor.id.clone()),
        Topic::Dashboard => {
            // Names and memberships stand on it too.
            let teams = connection.actor.supervises.iter().cloned();
            return teams
                .map(BusTopic::Queue)
                .chain([BusTopic::People])
                .collect();
        }
        Topic::Agent(agent) => BusTopic::Agent(agent.clone()),
        Topic::People => BusTopic::People,
        Topic::Assistance => BusTopic::Assistance,
    }]
}

impl Connection {
    pub(super) async fn subscribe(
        &mut self,
        topic: Topic,
        after: Option<Position>,
        monitor: bool,
    ) -> Result<(), End> {
        if self.followed.len() >= TOPICS && !self.followed.contains_key(&topic) {
            let error = AppError::invalid("topic", format!("at most {TOPICS} on one connection"));
            return self.send(&ServerFrame::Refused { topic, error }).await;
        }
        let followed = match self.admit(&topic, monitor).await {
            Ok(followed) => followed,
            Err(error) => return self.refuse(topic, error).await,
        };
        // Join first, read then: what comes in between is known twice and dropped once.
        self.followed.insert(topic.clone(), followed);
        self.attend(&topic, taps(self, &topic));
        let known = after
            .filter(|position| position.epoch == self.desk.store().epoch())
            .map(|position| position.rev);
        match &topic {
            Topic::Workitem(id) => self.catch_up(id, known).await?,
            Topic::Own => self.catch_up_own(known).await?,
            projection => self.send_projection(&projection.clone()).await?,
        }
        // What was refused after all is not followed.
        let Some(rev) = self.followed.get(&topic).map(|followed| followed.rev) else {
            return Ok(());
        };
        self.send(&ServerFrame::Subscribed { topic, rev }).await
    }

    /// Asks the policy, and notes the monitoring where one begins.
    async fn admit(&mut self, topic: &Topic, monitor: bool) -> Answer<Followed> {
        match topic {
            Topic::Workitem(id) => {
                let (agent, open) = self.may_read(id).await?;
                // Closed work can be read; there is nobody left to stand beside.
                let monitor = monitor && open;
                if monitor {
                    self.desk.monitoring_join(&self.actor, id, self.id).await?;
                }
                Ok(Followed {
                    monitor,
                    agent,
                    ..Followed::default()
                })
            }
            Topic::Dashboard => {
                can(&self.actor, Action::DashboardView).map(|()| Followed::default())
            }
            Topic::Agent(agent) if *agent == self.actor.id => {
                can(&self.actor, Action::WorkspaceUse).map(|()| Followed::default())
            }
            Topic::Agent(agent) => self
                .desk
                .agent_workitems_load(&self.actor, agent.clone())
                .await
                .map(|_| Followed::default()),
            Topic::Assistance => {
                can(&self.actor, Action::AssistanceRequest).map(|()| Followed::default())
            }
            Topic::Own | Topic::People => {
                can(&self.actor, Action::DirectoryUse).map(|()| Followed::default())
            }
        }
    }

    /// Who has the workitem, if the actor may read it, and whether it is open.
    async fn may_read(&self, id: &WorkitemId) -> Answer<(Option<String>, bool)> {
        let record = self
            .desk
            .store()
            .workitem_find(id)
            .await
            .map_err(outward)?
            .ok_or(AppError::NotFound)?;
        can(
            &self.actor,
            Action::Workitem(WorkitemAct::Read, &record.facts),
        )?;
        let open = record.workitem.state != WorkitemState::Closed;
        Ok((
            record.workitem.agent.map(|agent| agent.id.to_string()),
            open,
        ))
    }

    /// Decides anew about a topic that is followed.
    pub(super) async fn review_topic(&mut self, topic: Topic) -> Result<(), End> {
        let allowed = match &topic {
            Topic::Workitem(id) => self.may_read(id).await.map(|(agent, _)| Some(agent)),
            Topic::Dashboard => {
                self.mark_stale(topic.clone());
                can(&self.actor, Action::DashboardView).map(|()| None)
            }
            other => self.admit(other, false).await.map(|_| None),
        };
        match allowed {
            Ok(agent) => {
                if let (Some(agent), Some(followed)) = (agent, self.followed.get_mut(&topic)) {
                    followed.agent = agent;
                }
                Ok(())
            }
            Err(error) => self.refuse(topic, error).await,
        }
    }

    /// What is refused is refused for good. A database that cannot be read says nothing about rights: the connection
    /// ends as for one that lost frames, and the browser comes back and resumes.
    async fn refuse(&mut self, topic: Topic, error: AppError) -> Result<(), End> {
        if error == AppError::Unavailable {
            return Err(End::Close(CLOSE_OVERFLOW));
        }
        self.leave(&topic, Leaving::Now(EndReason::AuthorityLost))
            .await;
        self.send(&ServerFrame::Refused { topic, error }).await
    }

    pub(super) async fn leave(&mut self, topic: &Topic, leaving: Leaving) {
        let Some(followed) = self.followed.remove(topic) else {
            return;
        };
        self.let_go(followed.taps);
        self.stale.retain(|stale| stale != topic);
        if let (Topic::Workitem(id), true) = (topic, followed.monitor) {
            self.desk
                .monitoring_leave(&self.actor.id, id, self.id, leaving)
                .await;
        }
    }

    /// Hears of these changes from now on, and of no others, on account of a topic that is followed. Answers whether
    /// anything is new: then what was read before may be old.
    fn attend(&mut self, topic: &Topic, taps: Vec<BusTopic>) -> bool {
        let Some(followed) = self.followed.get_mut(topic) else {
            return false;
        };
        let mut news = false;
        for tap in taps.iter().filter(|tap| !followed.taps.contains(tap)) {
            news |= self.tap.join(tap.clone());
        }
        let mut gone = std::mem::replace(&mut followed.taps, taps);
        gone.retain(|tap| !followed.taps.contains(tap));
        self.let_go(gone);
        news
    }

    /// Leaves what none of the followed topics needs any more.
    fn let_go(&self, taps: Vec<BusTopic>) {
        for tap in taps {
            let mut others = self.followed.values();
            if !others.any(|other| other.taps.contains(&tap)) {
                self.tap.leave(&tap);
            }
        }
    }

    pub(super) async fn leave_all(&mut self, leaving: Leaving) {
        for topic in self.followed.keys().cloned().collect::<Vec<_>>() {
            self.leave(&topic, leaving).await;
        }
    }

    /// Hands on everything after `known`, or the whole when that is too long ago or nothing is known.
    async fn catch_up(&mut self, id: &WorkitemId, known: Option<i64>) -> Result<(), End> {
        let missed = match known {
            Some(after) => self
                .desk
                .store()
                .workitem_changes(id, after, REPLAY_MAX)
                .await
                .map_err(outward),
            None => Ok(None),
        };
        let topic = Topic::Workitem(id.clone());
        match missed {
            Ok(Some(changes)) => {
                let mut head = known.unwrap_or_default();
                for (rev, change) in changes {
                    head = rev;
                    self.send(&ServerFrame::Workitem {
                        id: id.clone(),
                        rev,
                        change,
                    })
                    .await?;
                }
                self.note(&topic, head);
                Ok(())
            }
            Ok(None) => match self.desk.conversation(id).await {
                Ok(conversation) => {
                    self.note(&topic, conversation.rev);
                    self.send(&ServerFrame::Snapshot(Box::new(conversation)))
                        .await
                }
                Err(error) => self.refuse(topic, error).await,
            },
            Err(error) => self.refuse(topic, error).await,
        }
    }

    async fn catch_up_own(&mut self, known: Option<i64>) -> Result<(), End> {
        let user = self.actor.id.clone();
        let missed = match known {
            Some(after) => self
                .desk
                .store()
                .own_changes(&user, after, REPLAY_MAX)
                .await
                .map_err(outward),
            None => Ok(None),
        };
        match missed {
            Ok(Some(events)) => {
                let mut head = known.unwrap_or_default();
                for (seq, event) in events {
                    head = seq;
                    self.send(&ServerFrame::Own { seq, event }).await?;
                }
                self.note(&Topic::Own, head);
                Ok(())
            }
            Ok(None) => match self.desk.store().own_head(&user).await.map_err(outward) {
                Ok(head) => {
                    self.note(&Topic::Own, head);
                    self.send(&ServerFrame::OwnReset).await
                }
                Err(error) => self.refuse(Topic::Own, error).await,
            },
            Err(error) => self.refuse(Topic::Own, error).await,
        }
    }

    fn note(&mut self, topic: &Topic, rev: i64) {
        if let Some(followed) = self.followed.get_mut(topic) {
            followed.rev = rev;
        }
    }

    fn known(&self, topic: &Topic) -> Option<i64> {
        self.followed.get(topic).map(|followed| followed.rev)
    }

    pub(super) async fn on_workitem(
        &mut self,
        id: &WorkitemId,
        rev: i64,
        change: &WorkitemChange,
        hint: &Hint,
    ) -> Result<(), End> {
        let topic = Topic::Workitem(id.clone());
        let Some(known) = self.known(&topic) else {
            return Ok(());
        };
        if rev <= known {
            return Ok(());
        }
        if let WorkitemChange::Workitem(workitem) = change {
            let had = self
                .followed
                .get(&topic)
                .and_then(|followed| followed.agent.as_deref());
            let has = workitem.agent.as_ref().map(|agent| agent.id.as_str());
            if had != has {
                // It moved: whoever may not see it any more must not see this change either.
                self.review_topic(topic.clone()).await?;
                if self.known(&topic).is_none() {
                    return Ok(());
                }
            }
        }
        if rev > known + 1 {
            return self.catch_up(id, Some(known)).await;
        }
        self.note(&topic, rev);
        match hint.frame() {
            Some(text) => self.text(text).await,
            None => Ok(()),
        }
    }

    pub(super) async fn on_workitem_head(&mut self, id: &WorkitemId, rev: i64) -> Result<(), End> {
        match self.known(&Topic::Workitem(id.clone())) {
            Some(known) if known < rev => self.catch_up(id, Some(known)).await,
            _ => Ok(()),
        }
    }

    pub(super) async fn on_own(&mut self, seq: i64, hint: &Hint) -> Result<(), End> {
        let Some(known) = self.known(&Topic::Own) else {
            return Ok(());
        };
        if seq <= known {
            return Ok(());
        }
        if seq > known + 1 {
            return self.catch_up_own(Some(known)).await;
        }
        self.note(&Topic::Own, seq);
        match hint.frame() {
            Some(text) => self.text(text).await,
            None => Ok(()),
        }
    }

    pub(super) async fn on_own_head(&mut self, seq: i64) -> Result<(), End> {
        match self.known(&Topic::Own) {
            Some(known) if known < seq => self.catch_up_own(Some(known)).await,
            _ => Ok(()),
        }
    }

    /// Notes which projections look different now; they are sent together, a few times a second at most.
    pub(super) fn on_projection(&mut self, hint: &Hint) {
        let stale: Vec<Topic> = self
            .followed
            .iter()
            .filter(|(_, followed)| followed.taps.contains(hint.topic()))
            .map(|(topic, _)| topic.clone())
            .collect();
        for topic in stale {
            self.mark_stale(topic);
        }
    }

    fn mark_stale(&mut self, topic: Topic) {
        if !self.stale.contains(&topic) {
            self.stale.push(topic);
        }
    }

    pub(super) async fn project(&mut self) -> Result<(), End> {
        for topic in std::mem::take(&mut self.stale) {
            if self.followed.contains_key(&topic) {
                self.send_projection(&topic).await?;
            }
        }
        Ok(())
    }

    /// The dashboard as it was after everybody on it was joined.
    async fn read_dashboard(&mut self) -> Answer<Dashboard> {
        loop {
            let dashboard = self.desk.dashboard_load(&self.actor).await?;
            let mut taps = taps(self, &Topic::Dashboard);
            let agents = dashboard.agents.iter();
            taps.extend(agents.map(|row| BusTopic::Agent(row.id.clone())));
            if !self.attend(&Topic::Dashboard, taps) {
                return Ok(dashboard);
            }
        }
    }

    async fn send_projection(&mut self, topic: &Topic) -> Result<(), End> {
        let frame = match topic {
            Topic::Dashboard => self.read_dashboard().await.map(ServerFrame::Dashboard),
            Topic::Agent(agent) if *agent == self.actor.id => self
                .desk
                .worklist_load(&self.actor)
                .await
                .map(ServerFrame::Agent),
            Topic::Agent(agent) => self
                .desk
                .agent_workitems_load(&self.actor, agent.clone())
                .await
                .map(ServerFrame::Agent),
            Topic::People => self.desk.people_seen().await.map(ServerFrame::People),
            Topic::Assistance => self
                .desk
                .assistance_offered()
                .await
                .map(ServerFrame::Assistance),
            Topic::Workitem(_) | Topic::Own => return Ok(()),
        };
        match frame {
            Ok(frame) => self.send(&frame).await,
            Err(AppError::Unavailable) => {
                // The database is busy or broken: what is shown stays, and is tried again.
                self.mark_stale(topic.clone());
                Ok(())
            }
            Err(error) => self.refuse(topic.clone(), error).await,
        }
    }
}
