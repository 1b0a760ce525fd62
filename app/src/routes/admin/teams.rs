//! `/admin/teams`: who works in which team, who supervises it, and the chat channels that feed it.
//!
//! Authority follows from what is set here: a supervisor sees the agents of the teams that they supervise.

mod channels;
mod editor;
mod rename;
mod state;

use leptos::prelude::*;
use shared::admin::{QueuePriority, Team, UserAccount};
use shared::people::PersonRef;

use self::channels::Channels;
use self::editor::TeamEditor;
use self::state::{Shown, TeamsState};
use super::deletion::DeletionDialog;
use super::proof::ProofDialog;
use super::{loading_view, no_agents_view};
use crate::api::administration::{TeamList, UserList};
use crate::components::{Icon, PageTitle};
use crate::first_data::first_answer;
use crate::language::label;

/// The page of the teams.
#[component]
pub fn TeamsPage() -> impl IntoView {
    let teams = first_answer(|| Some(TeamList {}));
    let users = first_answer(|| Some(UserList {}));
    let shown = teams.show(loading_view, move |teams| {
        users.show(loading_view, move |users| {
            view! { <Teams teams=teams.clone() users /> }.into_any()
        })
    });
    view! {
        <PageTitle text=t!(teams.title) />
        {shown}
    }
}

#[component]
fn Teams(teams: Vec<Team>, users: Vec<UserAccount>) -> impl IntoView {
    let state = TeamsState::new(teams, users);
    view! {
        <div class="page admin">
            <div class="page__head">
                <h1 class="page__title">{t!(teams.title)}</h1>
                <p class="admin__said" role="status">{move || state.said.get()}</p>
                <button
                    class="button button--primary"
                    type="button"
                    id="team-new"
                    on:click=move |_| state.editor.open(None)
                >
                    <Icon name="plus" />
                    {t!(teams.new)}
                </button>
            </div>
            <DeletionDialog deletion=state.deletion />
            <ProofDialog proof=state.proof />
            <div class="admin__split">
                {move || state.editor.get().map(|shown| view! { <TeamEditor state shown /> }.into_any())}
                <div class="admin__list teams">
                    <For each=move || state.teams.get() key=|shown| shown.id() let:shown>
                        <Card state shown />
                    </For>
                    {move || state.teams.with(Vec::is_empty).then(|| view! {
                        <div class="empty card">
                            <Icon name="team" />
                            <p class="empty__title">{t!(teams.none)}</p>
                            <p class="empty__line">
                                {t!(teams.none_line)}
                            </p>
                        </div>
                    }.into_any())}
                </div>
            </div>
        </div>
    }
}

#[component]
fn Card(state: TeamsState, shown: Shown) -> impl IntoView {
    let id = shown.id();
    let heading = format!("team-{id}");
    let heading_id = heading.clone();
    let team = move || {
        shown.changed.track();
        shown.team.get_value()
    };
    let idle = move || team().members.is_empty() && !shown.channels.with(Vec::is_empty);
    view! {
        <article class="team card" aria-labelledby=heading>
            <header class="team__head">
                <h2 class="team__name" dir="auto" id=heading_id>{move || team().name}</h2>
                {move || priority_view(team().priority)}
                <button
                    class="button button--quiet"
                    type="button"
                    data-edit=id.to_string()
                    on:click=move |_| state.editor.open(Some(shown))
                >
                    <Icon name="edit" />
                    {t!(common.edit)}
                </button>
            </header>
            <dl class="team__people">
                <div>
                    <dt>{t!(teams.agents)}</dt>
                    <dd>{move || names(&team().members)}</dd>
                </div>
                <div>
                    <dt>{t!(teams.supervisors)}</dt>
                    <dd>{move || names(&team().supervisors)}</dd>
                </div>
            </dl>
            {move || idle().then(no_agents_view)}
            <Channels state team=id team_name=shown.name() channels=shown.channels />
        </article>
    }
}

/// A priority that is not the usual one.
fn priority_view(priority: QueuePriority) -> Option<AnyView> {
    let text = t!(teams.priority_shown, priority = label(priority));
    (priority != QueuePriority::default())
        .then(|| view! { <span class="badge">{text}</span> }.into_any())
}

fn names(people: &[PersonRef]) -> String {
    if people.is_empty() {
        return t!(teams.nobody).to_owned();
    }
    shared::transcript::names(people)
}
