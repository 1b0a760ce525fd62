//! How large a population is, and who of it follows which conversations.

use std::ops::Range;

use serde::Serialize;

use crate::delivery_log::Viewer;

/// Agents in a team, all watched by one supervisor.
pub const TEAM: usize = 10;
/// Conversations of one agent.
pub const EACH: usize = 3;

/// The size of a population.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    pub agents: usize,
    pub supervisors: usize,
}

impl Size {
    pub fn of(agents: usize) -> Self {
        Self {
            agents,
            supervisors: agents.div_ceil(TEAM),
        }
    }

    /// A size with this many people in total.
    pub fn of_tabs(tabs: usize) -> Self {
        let supervisors = tabs.div_ceil(TEAM + 1);
        Self {
            agents: tabs - supervisors,
            supervisors,
        }
    }

    pub fn conversations(self) -> usize {
        self.agents * EACH
    }
}

/// The staff's sockets, agents first: whose each is, and which conversations it follows. An agent follows their own, a
/// supervisor those of the ten agents of a team.
pub fn spans(size: Size) -> Vec<(Viewer, Range<usize>)> {
    let all = size.conversations();
    let span = |each: usize| move |number: usize| number * each..((number + 1) * each).min(all);
    let agents = (0..size.agents).map(span(EACH));
    let supervisors = (0..size.supervisors).map(span(EACH * TEAM));
    agents
        .map(|span| (Viewer::Agent, span))
        .chain(supervisors.map(|span| (Viewer::Supervisor, span)))
        .collect()
}
