//! The topics that one connection follows: subscribing, asking the policy, asking it again, unsubscribing. `logs` and
//! `projections` send what belongs to them.

use app::backend::{ApiResult, Coaching as _};
use shared::error::{AppError, Problem};
use shared::ids::WorkitemId;
use shared::live::{CLOSE_OVERFLOW, Position, ServerFrame, Topic};
use shared::policy::{Action, WorkitemAct, can};
use shared::transcript::{EndReason, WorkitemChange};
use shared::workitem::{Workitem, WorkitemState};

use super::TOPICS;
use super::connection::{Connection, End};
use super::followed::{Holder, Stale};
use crate::bus::BusTopic;
use crate::desk::monitoring::Leaving;
use crate::desk::to_app_error;
use crate::store::WorkitemRecord;

/// The bus topics to subscribe to before a topic is read. The agents of a dashboard are known only after reading it.
pub(super) fn topics_of(connection: &Connection, topic: &Topic) -> Vec<BusTopic> {
    vec![match topic {
        Topic::Workitem(id) => BusTopic::Workitem(id.clone()),
        Topic::Notifications => BusTopic::Notifications(connection.actor.id.clone()),
        Topic::Dashboard => {
            // It shows names and memberships too.
            let teams = connection.actor.supervises.iter().cloned();
            return teams
                .map(BusTopic::Queue)
                .chain([BusTopic::People])
                .collect();
        }
        Topic::Agent(agent) => BusTopic::Agent(agent.clone()),
        Topic::People => BusTopic::Directory,
        Topic::Assistance => BusTopic::Assistance,
        Topic::Alerts => {
            // They name agents and rules.
            let teams = connection.actor.supervises.iter().cloned();
            return teams
                .map(BusTopic::Alerts)
                .chain([BusTopic::People])
                .collect();
        }
    }]
}

impl Connection {
    pub(super) async fn subscribe(
        &mut self,
        topic: Topic,
        after: Option<Position>,
        monitor: bool,
        patches: bool,
        number: u64,
    ) -> Result<(), End> {
        if self.followed.len() >= TOPICS && !self.followed.contains_key(&topic) {
            let problem = Problem::TooMany { max: TOPICS as i64 };
            let error = AppError::invalid("topic", problem);
            return self.send(&ServerFrame::Refused { topic, error }).await;
        }
        // Subscribe first, then ask the policy, then read: a right that is revoked after the policy was asked arrives as
        // an event, and a change that is both read and delivered is dropped by its number.
        let followed = self.followed.entry(topic.clone()).or_default();
        followed.patches = patches;
        followed.answered = 0;
        self.set_subscriptions(&topic, topics_of(self, &topic));
        self.refresh().await?;
        if !self.followed.contains_key(&topic) {
            return Ok(());
        }
        if let Err(error) = self.admit(&topic, monitor).await {
            self.record_refusal(&topic, &error).await;
            return self.refuse(topic, error).await;
        }
        let known = after
            .filter(|position| position.epoch == self.desk.store().epoch())
            .map(|position| position.rev);
        match &topic {
            Topic::Workitem(id) => {
                self.catch_up(id, known).await?;
                // A snapshot has it.
                if known.is_some() && self.followed.contains_key(&topic) {
                    self.send_review(id).await?;
                }
            }
            Topic::Notifications => {
                self.catch_up_notifications(known).await?;
                self.send_replies().await?;
            }
            projection => self.send_projection(&projection.clone()).await?,
        }
        // It may have been refused meanwhile.
        let Some(followed) = self.followed.get_mut(&topic) else {
            return Ok(());
        };
        followed.answered = number;
        let rev = match topic {
            Topic::Workitem(_) | Topic::Notifications => followed.rev,
            _ => 0,
        };
        self.send(&ServerFrame::Subscribed { topic, rev, number })
            .await
    }

    /// Asks the policy about a subscribed topic, and begins or ends the monitoring.
    async fn admit(&mut self, topic: &Topic, monitor: bool) -> ApiResult<()> {
        match topic {
            Topic::Workitem(id) => {
                let record = self.find_readable(id).await?;
                self.note_holder(topic, &record.workitem);
                // Closed work can be read, but not monitored.
                let open = record.workitem.state != WorkitemState::Closed;
                self.monitor(id, monitor && open).await?;
                match record.workitem.is_at_another(&self.actor.id) && !monitor {
                    // What another agent has is followed by nobody in silence.
                    true => Err(AppError::NotFound),
                    false => Ok(()),
                }
            }
            Topic::Dashboard | Topic::Alerts => can(&self.actor, Action::DashboardView),
            Topic::Agent(agent) if *agent == self.actor.id => {
                can(&self.actor, Action::WorkspaceUse)
            }
            Topic::Agent(agent) => self
                .desk
                .agent_workitems_load(&self.actor, agent.clone())
                .await
                .map(|_| ()),
            Topic::Assistance => can(&self.actor, Action::AssistanceRequest),
            Topic::Notifications | Topic::People => can(&self.actor, Action::DirectoryUse),
        }
    }

    /// The audit log names the topic that was refused. What the desk was asked for, the desk has recorded.
    async fn record_refusal(&self, topic: &Topic, error: &AppError) {
        let about = match topic {
            Topic::Workitem(id) => id.as_str(),
            Topic::Agent(agent) if *agent != self.actor.id => return,
            Topic::Agent(_) => "agent",
            Topic::Notifications => "notifications",
            Topic::Dashboard => "dashboard",
            Topic::People => "people",
            Topic::Assistance => "assistance",
            Topic::Alerts => "alerts",
        };
        if *error == AppError::NotFound {
            let user = Some(&self.actor.id);
            self.desk.refused(user, "refused_topic", about).await;
        }
    }

    /// Begins or ends the monitoring of this connection, as its browser asked last.
    pub(super) async fn monitor(&mut self, id: &WorkitemId, wanted: bool) -> ApiResult<()> {
        let Some(followed) = self.followed.get_mut(&Topic::Workitem(id.clone())) else {
            return Ok(());
        };
        let held = std::mem::replace(&mut followed.monitor, wanted);
        if wanted {
            return match self.desk.monitoring_join(&self.actor, id, self.id).await {
                // The workitem was closed meanwhile: it can still be read.
                Err(AppError::Conflict { .. }) => Ok(()),
                joined => joined,
            };
        }
        if held {
            let leaving = Leaving::Now(EndReason::Left);
            self.desk
                .monitoring_leave(&self.actor.id, id, self.id, leaving)
                .await;
        }
        Ok(())
    }

    /// Whether this connection's browser asks to monitor it.
    pub(super) fn monitors(&self, topic: &Topic) -> bool {
        self.followed
            .get(topic)
            .is_some_and(|followed| followed.monitor)
    }

    fn note_holder(&mut self, topic: &Topic, workitem: &Workitem) {
        if let Some(followed) = self.followed.get_mut(topic) {
            followed.holder = Some(Holder::of(workitem));
        }
    }

    /// A workitem that the actor may read.
    async fn find_readable(&self, id: &WorkitemId) -> ApiResult<WorkitemRecord> {
        let record = self.desk.reads().workitem_find(id).await;
        let record = record.map_err(to_app_error)?.ok_or(AppError::NotFound)?;
        self.may_read(&record)?;
        Ok(record)
    }

    fn may_read(&self, record: &WorkitemRecord) -> ApiResult<()> {
        let read = Action::Workitem(WorkitemAct::Read, &record.facts);
        can(&self.actor, read)
    }

    /// The holder of one that was looked up, for those who may read it.
    pub(super) fn holder_shown(
        &self,
        record: Option<&WorkitemRecord>,
    ) -> ApiResult<Option<Holder>> {
        let record = record.ok_or(AppError::NotFound)?;
        self.may_read(record)?;
        Ok(Some(Holder::of(&record.workitem)))
    }

    /// Asks again about a workitem. A monitoring that has ended meanwhile, as when its supervisor took the work over and gave it back,
    /// begins once more where the browser still asks for it.
    async fn review_workitem(&mut self, id: &WorkitemId) -> ApiResult<Option<Holder>> {
        let record = self.find_readable(id).await?;
        let topic = Topic::Workitem(id.clone());
        if self.monitors(&topic) && record.workitem.is_unrecorded_for(&self.actor.id) {
            self.monitor(id, true).await?;
        }
        Ok(Some(Holder::of(&record.workitem)))
    }

    /// Ends the following of a workitem that another agent has by now: its heading, which says who has it, is the last that comes.
    pub(super) async fn hand_off(
        &mut self,
        topic: Topic,
        rev: i64,
        workitem: &Workitem,
    ) -> Result<(), End> {
        self.pass_over(&topic, rev).await?;
        self.note(&topic, rev);
        self.send(&ServerFrame::Workitem {
            id: workitem.id.clone(),
            rev,
            change: WorkitemChange::Workitem(Box::new(workitem.clone())),
        })
        .await?;
        self.refuse(topic, AppError::NotFound).await
    }

    /// Asks the policy again about a followed topic.
    pub(super) async fn review_topic(&mut self, topic: Topic) -> Result<(), End> {
        let allowed = match &topic {
            Topic::Workitem(id) => self.review_workitem(id).await,
            Topic::Dashboard | Topic::Alerts => {
                self.mark_stale(Stale::Whole(topic.clone()));
                can(&self.actor, Action::DashboardView).map(|()| None)
            }
            other => self.admit(other, false).await.map(|()| None),
        };
        self.reviewed(topic, allowed).await
    }

    /// Takes up what the policy answered about a followed topic.
    pub(super) async fn reviewed(
        &mut self,
        topic: Topic,
        allowed: ApiResult<Option<Holder>>,
    ) -> Result<(), End> {
        match allowed {
            Ok(holder) => {
                if let (Some(holder), Some(followed)) = (holder, self.followed.get_mut(&topic)) {
                    followed.holder = Some(holder);
                }
                Ok(())
            }
            Err(error) => self.refuse(topic, error).await,
        }
    }

    /// A refusal is final. A database that cannot be read says nothing about rights: the connection is closed as after an
    /// overflow, and the browser reconnects and resumes.
    pub(super) async fn refuse(&mut self, topic: Topic, error: AppError) -> Result<(), End> {
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
        self.unsubscribe_unused(followed.bus_topics);
        self.stale.retain(|stale| stale.topic() != topic);
        if let (Topic::Workitem(id), true) = (topic, followed.monitor) {
            self.desk
                .monitoring_leave(&self.actor.id, id, self.id, leaving)
                .await;
        }
    }

    /// Makes `topics` the bus topics of a followed topic. Returns whether the connection subscribed to any of them just now:
    /// then what was read before may be out of date.
    pub(super) fn set_subscriptions(&mut self, topic: &Topic, topics: Vec<BusTopic>) -> bool {
        let Some(followed) = self.followed.get_mut(topic) else {
            return false;
        };
        let mut added = false;
        for topic in &topics {
            if !followed.bus_topics.contains(topic) {
                added |= self.subscription.join(topic.clone());
            }
        }
        let mut removed = std::mem::replace(&mut followed.bus_topics, topics);
        removed.retain(|topic| !followed.bus_topics.contains(topic));
        self.unsubscribe_unused(removed);
        added
    }

    /// Leaves those bus topics that no followed topic needs any more.
    fn unsubscribe_unused(&self, topics: Vec<BusTopic>) {
        for topic in topics {
            let mut others = self.followed.values();
            if !others.any(|other| other.bus_topics.contains(&topic)) {
                self.subscription.leave(&topic);
            }
        }
    }

    pub(super) async fn leave_all(&mut self, leaving: Leaving) {
        for topic in self.followed.keys().cloned().collect::<Vec<_>>() {
            self.leave(&topic, leaving).await;
        }
    }

    pub(super) fn note(&mut self, topic: &Topic, rev: i64) {
        if let Some(followed) = self.followed.get_mut(topic) {
            followed.rev = rev;
        }
    }

    pub(super) fn known(&self, topic: &Topic) -> Option<i64> {
        self.followed.get(topic).map(|followed| followed.rev)
    }
}
