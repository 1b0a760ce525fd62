//! Projections on one connection: sent whole, together, a few times a second at most.

use app::backend::{Answer, Coaching as _, Workitems as _};
use shared::error::AppError;
use shared::live::{ServerFrame, Topic};
use shared::workitem::Dashboard;

use super::connection::{Connection, End};
use super::topics::taps;
use crate::bus::{BusTopic, Hint};

impl Connection {
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

    pub(super) fn mark_stale(&mut self, topic: Topic) {
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

    /// Sends a projection as it stands, if it is followed still. A right that was taken away while it was read makes it
    /// be read again.
    pub(super) async fn send_projection(&mut self, topic: &Topic) -> Result<(), End> {
        let frame = loop {
            self.refresh().await?;
            if !self.followed.contains_key(topic) {
                return Ok(());
            }
            let asked = self.actor.clone();
            let frame = self.read_projection(topic).await;
            self.refresh().await?;
            if self.actor == asked {
                break frame;
            }
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

    async fn read_projection(&mut self, topic: &Topic) -> Answer<ServerFrame> {
        match topic {
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
            // Logs are handed on change by change.
            Topic::Workitem(_) | Topic::Own => Err(AppError::NotFound),
        }
    }
}
