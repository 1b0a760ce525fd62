//! The teams of one user, chosen on the user's panel: those that an agent works in, and those that a supervisor supervises.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::admin::{MembershipChange, Team};
use shared::ids::{TeamId, UserId};
use shared::people::{PersonRef, Role};

use crate::routes::admin::people_picker::choice;

/// What is chosen. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Memberships {
    teams: StoredValue<Vec<Team>>,
    works_in: RwSignal<BTreeSet<TeamId>>,
    supervises: RwSignal<BTreeSet<TeamId>>,
    /// Both, as the teams are stored.
    before: StoredValue<[BTreeSet<TeamId>; 2]>,
}

impl Memberships {
    /// Of a user; nobody: a new one.
    pub(super) fn new(teams: Vec<Team>, user: Option<&UserId>) -> Self {
        let of = |people: fn(&Team) -> &Vec<PersonRef>| -> BTreeSet<TeamId> {
            let with = |team: &&Team| people(team).iter().any(|one| Some(&one.id) == user);
            let teams = teams.iter().filter(with);
            teams.map(|team| team.id.clone()).collect()
        };
        let before = [of(|team| &team.members), of(|team| &team.supervisors)];
        Self {
            teams: StoredValue::new(teams),
            works_in: RwSignal::new(before[0].clone()),
            supervises: RwSignal::new(before[1].clone()),
            before: StoredValue::new(before),
        }
    }

    /// Whether something else is chosen than is stored. Tracked.
    pub(super) fn differ(self) -> bool {
        let now = [self.works_in.get(), self.supervises.get()];
        self.before.with_value(|before| *before != now)
    }

    /// What is to be changed for a user with these roles: who loses a role leaves its teams anyway.
    pub(super) fn change(self, roles: &[Role]) -> MembershipChange {
        let without = |one: &BTreeSet<TeamId>, other: &BTreeSet<TeamId>, role| -> Vec<TeamId> {
            let differ = one.difference(other);
            differ.filter(|_| roles.contains(&role)).cloned().collect()
        };
        let works_in = self.works_in.get_untracked();
        let supervises = self.supervises.get_untracked();
        self.before
            .with_value(|[worked_in, supervised]| MembershipChange {
                works_in: without(&works_in, worked_in, Role::Agent),
                leaves: without(worked_in, &works_in, Role::Agent),
                supervises: without(&supervises, supervised, Role::Supervisor),
                hands_over: without(supervised, &supervises, Role::Supervisor),
            })
    }
}

/// A list of teams for each role that has teams; nothing while there are none.
#[component]
pub(super) fn MembershipFields(
    memberships: Memberships,
    roles: RwSignal<Vec<Role>>,
) -> impl IntoView {
    let holds = move |role| roles.with(|roles| roles.contains(&role));
    let agent = Memo::new(move |_| holds(Role::Agent));
    let supervisor = Memo::new(move |_| holds(Role::Supervisor));
    let any = memberships.teams.with_value(|teams| !teams.is_empty());
    any.then(|| {
        view! {
            {move || agent.get().then(|| list_view(memberships, t!(users.works_in), memberships.works_in))}
            {move || supervisor.get().then(|| list_view(memberships, t!(users.supervises), memberships.supervises))}
        }
        .into_any()
    })
}

fn list_view(
    memberships: Memberships,
    legend: &'static str,
    chosen: RwSignal<BTreeSet<TeamId>>,
) -> AnyView {
    let line = |team: &Team| {
        view! { <li>{choice(team.id.clone(), team.name.clone(), chosen)}</li> }.into_any()
    };
    let lines = (memberships.teams).with_value(|teams| teams.iter().map(line).collect_view());
    view! {
        <fieldset class="field picker">
            <legend class="field__label">{legend}</legend>
            <ul class="picker__people" role="list">{lines}</ul>
        </fieldset>
    }
    .into_any()
}
