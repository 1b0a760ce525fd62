//! Patches of projections. They carry whole rows: applying one twice changes nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ServerFrame;
use crate::ids::UserId;
use crate::people::{Person, Presence};
use crate::workitem::{AgentRow, Dashboard, TeamQueue};

/// People who changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeoplePatch {
    /// New ones, and those whose name, roles or teams changed.
    #[serde(
        default,
        deserialize_with = "crate::lenient::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub people: Vec<Person>,
    /// Those of whom only the presence changed.
    #[serde(
        default,
        deserialize_with = "crate::lenient::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub presences: Vec<(UserId, Presence)>,
    /// Those who are no longer in the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<UserId>,
}

/// Rows of the dashboard that changed. Who is on it and in which order changes only with a whole dashboard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardPatch {
    /// Agents whose rows changed.
    #[serde(
        default,
        deserialize_with = "crate::lenient::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub agents: Vec<AgentRow>,
    /// All queues, when one of them changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queues: Option<Vec<TeamQueue>>,
}

impl PeoplePatch {
    /// What makes `after` of `before`.
    pub fn between(before: &[Person], after: &[Person]) -> Self {
        let known: BTreeMap<_, _> = before.iter().map(|person| (&person.id, person)).collect();
        let mut gone = known.clone();
        let mut patch = Self::default();
        for person in after {
            gone.remove(&person.id);
            match known.get(&person.id) {
                Some(had) if *had == person => {}
                Some(had) if had.presence != person.presence && had.same_but_presence(person) => {
                    patch.presences.push((person.id.clone(), person.presence));
                }
                _ => patch.people.push(person.clone()),
            }
        }
        patch.gone = gone.into_keys().cloned().collect();
        patch
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.presences.is_empty() && self.gone.is_empty()
    }

    /// Applies it. New people stand last.
    pub fn apply(&self, people: &mut Vec<Person>) {
        people.retain(|person| !self.gone.contains(&person.id));
        let mut rows: BTreeMap<_, _> = (self.people.iter())
            .map(|person| (&person.id, person))
            .collect();
        let presences: BTreeMap<_, _> = (self.presences.iter())
            .map(|(user, presence)| (user, *presence))
            .collect();
        for person in people.iter_mut() {
            if let Some(row) = rows.remove(&person.id) {
                *person = row.clone();
            }
            if let Some(presence) = presences.get(&person.id) {
                person.presence = *presence;
            }
        }
        people.extend(rows.into_values().cloned());
    }
}

impl DashboardPatch {
    /// Applies it.
    pub fn apply(&self, dashboard: &mut Dashboard) {
        for row in &self.agents {
            let mut shown = dashboard.agents.iter_mut();
            if let Some(shown) = shown.find(|shown| shown.id == row.id) {
                *shown = row.clone();
            }
        }
        if let Some(queues) = &self.queues {
            dashboard.queues.clone_from(queues);
        }
    }
}

impl ServerFrame {
    /// Whether it is a patch of a projection.
    pub fn is_patch(&self) -> bool {
        matches!(
            self,
            ServerFrame::PeoplePatch(_) | ServerFrame::DashboardPatch(_)
        )
    }

    /// Applies a patch to this projection. `false`: it is a patch of another one.
    pub fn absorb(&mut self, patch: &ServerFrame) -> bool {
        match (self, patch) {
            (ServerFrame::People(people), ServerFrame::PeoplePatch(patch)) => patch.apply(people),
            (ServerFrame::Dashboard(dashboard), ServerFrame::DashboardPatch(patch)) => {
                patch.apply(dashboard);
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, presence: Presence) -> Person {
        Person {
            id: UserId::parse(id).expect("a test id"),
            name: id.to_owned(),
            roles: Vec::new(),
            teams: Vec::new(),
            presence,
        }
    }

    #[test]
    fn f60_a_patch_makes_the_new_list_of_the_old_one_and_twice_is_once() {
        let before = [
            person("amy", Presence::Available),
            person("ben", Presence::Away),
            person("cleo", Presence::Busy),
        ];
        let mut renamed = person("ben", Presence::Offline);
        renamed.name = "Ben Brooks".to_owned();
        let after = [
            person("amy", Presence::Busy),
            renamed.clone(),
            person("dan", Presence::Offline),
        ];
        let patch = PeoplePatch::between(&before, &after);
        assert_eq!(
            patch,
            PeoplePatch {
                people: vec![renamed, after[2].clone()],
                presences: vec![(after[0].id.clone(), Presence::Busy)],
                gone: vec![before[2].id.clone()],
            }
        );
        let mut people = before.to_vec();
        patch.apply(&mut people);
        assert_eq!(people, after);
        patch.apply(&mut people);
        assert_eq!(people, after);
        assert!(PeoplePatch::between(&after, &people).is_empty());
    }

    #[test]
    fn f60_a_patch_of_one_presence_is_small() {
        let before = [person("amy", Presence::Available)];
        let after = [person("amy", Presence::Busy)];
        let frame = ServerFrame::PeoplePatch(PeoplePatch::between(&before, &after));
        let text = serde_json::to_string(&frame).expect("a frame");
        assert_eq!(text, r#"{"people_patch":{"presences":[["amy","busy"]]}}"#);
    }

    #[test]
    fn f60_a_patch_is_taken_by_its_own_projection_only() {
        let mut people = ServerFrame::People(vec![person("amy", Presence::Available)]);
        let dashboard = ServerFrame::DashboardPatch(DashboardPatch::default());
        assert!(!people.absorb(&dashboard));
        assert!(ServerFrame::Dashboard(Dashboard::default()).absorb(&dashboard));
    }
}
