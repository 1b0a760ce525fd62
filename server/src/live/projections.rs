//! Projections on one connection: sent whole at first, then as batches of changes, a few times a second at most.
//!
//! A tab that asked for patches gets the rows of a dashboard that changed, and the same patches of people as every other
//! such tab. A tab that did not gets the whole each time.

use std::sync::Arc;

use app::backend::ApiResult;
use shared::error::AppError;
use shared::ids::UserId;
use shared::live::{CLOSE_SIGNED_OUT, DashboardPatch, ServerFrame, Topic};
use shared::workitem::Dashboard;
use tokio::time::Instant;

use super::connection::{Connection, End};
use super::followed::Stale;
use super::topics::topics_of;
use super::{LIST_PAUSE, ROWS};
use crate::bus::{BusTopic, Event};
use crate::desk::people::{PROJECTION_PAUSE, PeopleSnapshot};
use crate::desk::to_app_error;
use crate::queries::{DashboardPart, LiveQuestion};
use crate::reads::View;
use crate::store::Change;

/// What one frame carries.
enum Part {
    Whole(Topic),
    /// Rows of the dashboard.
    Rows {
        agents: Vec<UserId>,
        queues: bool,
    },
}

impl Part {
    fn topic(&self) -> &Topic {
        match self {
            Part::Whole(topic) => topic,
            Part::Rows { .. } => &Topic::Dashboard,
        }
    }
}

/// What was read for a [`Part`].
enum Content {
    Frame(Box<ServerFrame>),
    People(Arc<PeopleSnapshot>),
}

impl Content {
    fn frame(frame: ServerFrame) -> Self {
        Content::Frame(Box::new(frame))
    }
}

impl Connection {
    /// Marks what the event changes. `project` sends it, a few times a second at most.
    pub(super) fn on_projection(&mut self, event: &Event) {
        let stale: Vec<Stale> = self
            .followed
            .iter()
            .filter(|(_, followed)| followed.bus_topics.contains(event.topic()))
            .filter_map(|(topic, followed)| match (topic, &**event) {
                // Not even a frame that says the same goes to the agent.
                (Topic::Agent(agent), Change::Monitors { .. }) if *agent == self.actor.id => None,
                (
                    Topic::Dashboard,
                    Change::Agent(agent)
                    | Change::Hands(agent)
                    | Change::Presence(agent)
                    | Change::Monitors {
                        agent: Some(agent), ..
                    },
                ) if followed.patches => Some(Stale::Row(agent.clone())),
                (Topic::Dashboard, Change::Queue(_)) if followed.patches => Some(Stale::Queues),
                _ => Some(Stale::Whole(topic.clone())),
            })
            .collect();
        for stale in stale {
            self.mark_stale(stale);
        }
    }

    pub(super) fn mark_stale(&mut self, stale: Stale) {
        let of_dashboard = |stale: &Stale| *stale.topic() == Topic::Dashboard;
        let whole = Stale::Whole(Topic::Dashboard);
        if self.stale.contains(&stale) || (of_dashboard(&stale) && self.stale.contains(&whole)) {
            return;
        }
        let rows = self.stale.iter().filter(|known| of_dashboard(known));
        if stale == whole || (of_dashboard(&stale) && rows.count() >= ROWS) {
            // The whole contains every row.
            self.stale.retain(|known| !of_dashboard(known));
            self.stale.push(whole);
        } else {
            self.stale.push(stale);
        }
    }

    /// When what is stale is sent. Where projections are read in rounds, that is at the same time for all connections of the node.
    pub(super) fn projection_due(&mut self) -> Option<Instant> {
        if self.stale.is_empty() {
            self.projection_due = None;
            return None;
        }
        let (desk, last) = (&self.desk, self.projected);
        let due = self.projection_due.get_or_insert_with(|| {
            if !desk.reads().is_cached() {
                return desk.projections_due();
            }
            let now = Instant::now();
            last.map_or(now, |last| now.max(last + PROJECTION_PAUSE))
        });
        Some(*due)
    }

    pub(super) async fn project(&mut self) -> Result<(), End> {
        self.projection_due = None;
        self.projected = Some(Instant::now());
        let mut rows = Vec::new();
        let mut queues = false;
        for stale in std::mem::take(&mut self.stale) {
            match stale {
                Stale::Row(agent) => rows.push(agent),
                Stale::Queues => queues = true,
                Stale::Whole(Topic::People) if self.list_was_sent_just_now() => {
                    self.stale.push(Stale::Whole(Topic::People));
                }
                Stale::Whole(topic) => self.send_projection(&topic).await?,
            }
        }
        if queues || !rows.is_empty() {
            let agents = rows;
            self.send_part(&Part::Rows { agents, queues }).await?;
        }
        Ok(())
    }

    /// The whole list is large, so it is sent less often.
    fn list_was_sent_just_now(&self) -> bool {
        self.list_sent
            .is_some_and(|sent| sent.elapsed() < LIST_PAUSE)
    }

    /// The dashboard, read after the connection subscribed to every agent on it.
    async fn read_dashboard(&mut self, view: &mut View<'_>) -> ApiResult<Dashboard> {
        loop {
            let dashboard = self.desk.dashboard_in(view, &self.actor, None).await?;
            let mut topics = topics_of(self, &Topic::Dashboard);
            let agents = dashboard.agents.iter();
            topics.extend(agents.map(|row| BusTopic::Agent(row.id.clone())));
            if !self.set_subscriptions(&Topic::Dashboard, topics) {
                return Ok(dashboard);
            }
            view.renew();
        }
    }

    /// Sends a projection whole, if it is still followed.
    pub(super) async fn send_projection(&mut self, topic: &Topic) -> Result<(), End> {
        self.send_part(&Part::Whole(topic.clone())).await
    }

    /// Sends a projection or a part of it, if it is still followed. When the actor's rights changed while it was read, it
    /// is read again.
    async fn send_part(&mut self, part: &Part) -> Result<(), End> {
        if let Some(asked) = self.question_of(part) {
            return self.send_of_round(part, asked).await;
        }
        let desk = self.desk.clone();
        let frame = loop {
            let mut view = desk.reads().view();
            self.refresh_in(&mut view).await?;
            if !self.followed.contains_key(part.topic()) {
                return Ok(());
            }
            let asked = self.actor.clone();
            let frame = self.read_part(part, &mut view).await;
            if view.is_one_state() {
                break frame;
            }
            drop(view);
            self.refresh().await?;
            if self.actor == asked {
                break frame;
            }
        };
        let topic = part.topic().clone();
        match frame {
            Ok(Content::Frame(frame)) => self.send(&frame).await,
            Ok(Content::People(snapshot)) => {
                self.list_sent = Some(Instant::now());
                self.note(&topic, snapshot.version);
                match snapshot.frame() {
                    Some(text) => self.text(text).await,
                    None => Ok(()),
                }
            }
            Err(error) => self.not_read(topic, error).await,
        }
    }

    /// A projection was not read. Where the database is busy or broken, the browser keeps what it shows, and the next time tries again.
    async fn not_read(&mut self, topic: Topic, error: AppError) -> Result<(), End> {
        if error == AppError::Unavailable {
            self.mark_stale(Stale::Whole(topic));
            return Ok(());
        }
        self.refuse(topic, error).await
    }

    /// What to ask for a part that is read in rounds: where nothing is cached, of those that change all the time.
    fn question_of(&self, part: &Part) -> Option<LiveQuestion> {
        if self.desk.reads().is_cached() {
            return None;
        }
        match part {
            Part::Rows { agents, queues } => Some(LiveQuestion {
                dashboard: Some(DashboardPart {
                    agents: agents.clone(),
                    queues: *queues,
                }),
                ..self.question()
            }),
            Part::Whole(Topic::Agent(agent)) if *agent == self.actor.id => Some(LiveQuestion {
                worklist: Some(agent.clone()),
                ..self.question()
            }),
            Part::Whole(_) => None,
        }
    }

    /// Sends a part that is read together with what other connections ask. Its session is of the same snapshot.
    async fn send_of_round(&mut self, part: &Part, asked: LiveQuestion) -> Result<(), End> {
        let topic = part.topic().clone();
        let answer = loop {
            if !self.followed.contains_key(&topic) {
                return Ok(());
            }
            let answer = match self.desk.reads().ask_projection(asked.clone()).await {
                Ok(answer) => answer,
                Err(error) => return self.not_read(topic, to_app_error(error)).await,
            };
            match answer.session.as_ref().map(|session| &session.actor) {
                None => return Err(End::Close(CLOSE_SIGNED_OUT)),
                Some(actor) if *actor == self.actor => {}
                Some(_) => {
                    self.review().await?;
                    continue;
                }
            }
            break answer;
        };
        let frame = match (part, answer.dashboard, answer.worklist) {
            (Part::Rows { queues, .. }, Some(rows), _) => {
                let rows = self.desk.dashboard_seen(&self.actor, rows);
                ServerFrame::DashboardPatch(DashboardPatch {
                    agents: rows.agents,
                    queues: queues.then_some(rows.queues),
                })
            }
            (Part::Whole(_), _, Some(open)) => {
                ServerFrame::Agent(self.desk.worklist_seen(&self.actor, open))
            }
            _ => return self.refuse(topic, AppError::NotFound).await,
        };
        self.send(&frame).await
    }

    async fn read_part(&mut self, part: &Part, view: &mut View<'_>) -> ApiResult<Content> {
        Ok(Content::frame(match part {
            Part::Rows { agents, queues } => {
                let rows = self.desk.dashboard_in(view, &self.actor, Some(agents));
                let rows = rows.await?;
                ServerFrame::DashboardPatch(DashboardPatch {
                    agents: rows.agents,
                    queues: queues.then_some(rows.queues),
                })
            }
            Part::Whole(Topic::Dashboard) => {
                ServerFrame::Dashboard(self.read_dashboard(view).await?)
            }
            Part::Whole(Topic::Agent(agent)) if *agent == self.actor.id => {
                ServerFrame::Agent(self.desk.worklist_in(view, &self.actor).await?)
            }
            Part::Whole(Topic::Agent(agent)) => {
                let (desk, agent) = (&self.desk, agent.clone());
                let list = desk.agent_workitems_in(view, &self.actor, agent);
                ServerFrame::Agent(list.await?)
            }
            Part::Whole(topic) => {
                // Rare, so each reads for itself.
                view.renew();
                return self.read_other(topic).await;
            }
        }))
    }

    async fn read_other(&mut self, topic: &Topic) -> ApiResult<Content> {
        Ok(Content::frame(match topic {
            Topic::People => return self.desk.people_snapshot().await.map(Content::People),
            Topic::Assistance => ServerFrame::Assistance(self.desk.assistance_offered().await?),
            Topic::Alerts => {
                // Other rights may mean other teams.
                let teams = topics_of(self, &Topic::Alerts);
                self.set_subscriptions(&Topic::Alerts, teams);
                ServerFrame::Alerts(self.desk.alerts_open(&self.actor).await?)
            }
            // Logs are sent change by change.
            Topic::Workitem(_) | Topic::Notifications | Topic::Dashboard | Topic::Agent(_) => {
                return Err(AppError::NotFound);
            }
        }))
    }

    /// Sends a patch if it is the next one. After a gap, and to a tab that knows no patches, the whole list is sent.
    pub(super) async fn on_people(&mut self, version: i64, event: &Event) -> Result<(), End> {
        let Some(followed) = self.followed.get(&Topic::People) else {
            return Ok(());
        };
        if version <= followed.rev {
            return Ok(());
        }
        if !followed.patches || version > followed.rev + 1 {
            self.mark_stale(Stale::Whole(Topic::People));
            return Ok(());
        }
        self.note(&Topic::People, version);
        match event.frame() {
            Some(text) => self.text(text).await,
            None => Ok(()),
        }
    }

    /// A head beyond what was sent means that an event was lost.
    pub(super) fn on_people_head(&mut self, version: i64) {
        let known = self.known(&Topic::People);
        if known.is_some_and(|known| known < version) {
            self.mark_stale(Stale::Whole(Topic::People));
        }
    }
}
