//! The agents of the dashboard as rows that stay: each frame brings the whole table, and what has not changed
//! keeps its place, its focus and its element on the page.

use leptos::prelude::*;
use shared::ids::UserId;
use shared::workitem::{AgentRow, Dashboard};

/// One agent, for as long as they are on the dashboard. Two are the same when they are about the same agent.
#[derive(Clone)]
pub struct LiveRow {
    /// Who.
    pub id: UserId,
    /// What is known of them now.
    pub now: ArcRwSignal<AgentRow>,
}

impl PartialEq for LiveRow {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// The agents of a dashboard, each with how much work they may have.
pub fn agents_of(dashboard: &Dashboard) -> Vec<AgentRow> {
    let mut agents = dashboard.agents.clone();
    for agent in &mut agents {
        agent.capacity = agent.capacity.or(dashboard.capacity);
    }
    agents
}

/// Takes a frame over: rows that were there keep their signal, and it changes only when the agent did.
pub fn take_over(rows: RwSignal<Vec<LiveRow>>, agents: Vec<AgentRow>) {
    let before = rows.get_untracked();
    let after: Vec<LiveRow> = agents
        .into_iter()
        .map(|agent| {
            let Some(row) = before.iter().find(|row| row.id == agent.id) else {
                return LiveRow {
                    id: agent.id.clone(),
                    now: ArcRwSignal::new(agent),
                };
            };
            if row.now.with_untracked(|now| *now != agent) {
                row.now.set(agent);
            }
            row.clone()
        })
        .collect();
    if before != after {
        rows.set(after);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use shared::people::Presence;
    use shared::workitem::ChannelCounts;

    use super::*;

    /// An agent of team Care who does nothing.
    pub(in super::super) fn agent(id: &str) -> AgentRow {
        AgentRow {
            id: UserId::parse(id).expect("a test id"),
            name: format!("{id} Adler"),
            teams: vec!["Care".to_owned()],
            presence_since: None,
            lost_since: None,
            presence: Presence::Available,
            counts: Default::default(),
            wrap_up: Default::default(),
            capacity: None,
            waiting_since: None,
            waits: vec![],
            hands: vec![],
            monitored: 0,
        }
    }

    #[test]
    fn a_row_that_stays_keeps_its_signal() {
        let owner = Owner::new();
        owner.with(|| {
            let rows = RwSignal::new(Vec::new());
            take_over(rows, vec![agent("amy"), agent("ben")]);
            let amy = rows.get_untracked()[0].now.clone();
            let mut busy = agent("amy");
            busy.presence = Presence::Busy;
            take_over(rows, vec![busy, agent("cleo")]);
            assert_eq!(amy.get_untracked().presence, Presence::Busy);
            let names: Vec<_> = rows
                .get_untracked()
                .iter()
                .map(|row| row.id.to_string())
                .collect();
            assert_eq!(names, ["amy", "cleo"]);
        });
    }

    #[test]
    fn e11_an_agents_own_numbers_come_before_those_of_everybody() {
        let of = |chat| ChannelCounts {
            chat,
            ..ChannelCounts::default()
        };
        let mut own = agent("ben");
        own.capacity = Some(of(2));
        let dashboard = Dashboard {
            agents: vec![agent("amy"), own],
            queues: Vec::new(),
            capacity: Some(of(8)),
        };
        let capacities: Vec<_> = agents_of(&dashboard)
            .into_iter()
            .map(|row| row.capacity)
            .collect();
        assert_eq!(capacities, [Some(of(8)), Some(of(2))]);
    }
}
