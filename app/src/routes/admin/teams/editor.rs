//! The panel of one team: its name, who works in it and who supervises it.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::{QueuePriority, Team, TeamChange};
use shared::deletion::Deletable;
use shared::ids::UserId;
use shared::people::{PersonRef, Role};

use super::state::{Shown, TeamsState};
use crate::api::ApiError;
use crate::api::administration::{team_create, team_list, team_update};
use crate::attempt::Attempt;
use crate::components::Field;
use crate::language::label;
use crate::routes::admin::deletion::Doomed;
use crate::routes::admin::editor::EditorPanel;
use crate::routes::admin::focus_soon;
use crate::routes::admin::meanwhile::{Meanwhile, rival};
use crate::routes::admin::people_picker::PeoplePicker;
use crate::routes::refusal::Refusal;

/// The names of the inputs on the wire.
const FIELDS: &[&str] = &["team_name", "members", "supervisors"];

/// What the form starts from; nothing for a new team.
#[derive(Default)]
struct Before {
    name: String,
    members: Vec<PersonRef>,
    supervisors: Vec<PersonRef>,
    priority: QueuePriority,
    version: i64,
}

impl Before {
    fn of(shown: Shown) -> Self {
        shown.team.with_value(|team| Self {
            name: team.name.clone(),
            members: team.members.clone(),
            supervisors: team.supervisors.clone(),
            priority: team.priority,
            version: team.version,
        })
    }
}

/// One team as it is being changed. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Form {
    state: TeamsState,
    /// `None` for a new one.
    shown: Option<Shown>,
    name: RwSignal<String>,
    members: RwSignal<BTreeSet<UserId>>,
    supervisors: RwSignal<BTreeSet<UserId>>,
    priority: RwSignal<QueuePriority>,
    /// The version that a save replaces.
    version: StoredValue<i64>,
    /// The team as somebody else has saved it since.
    theirs: RwSignal<Option<Team>>,
    attempt: Attempt,
    saving: RwSignal<bool>,
    refusal: Refusal,
}

impl Form {
    fn new(state: TeamsState, shown: Option<Shown>, before: &Before) -> Self {
        Self {
            state,
            shown,
            name: RwSignal::new(before.name.clone()),
            members: RwSignal::new(ids(&before.members)),
            supervisors: RwSignal::new(ids(&before.supervisors)),
            priority: RwSignal::new(before.priority),
            version: StoredValue::new(before.version),
            theirs: RwSignal::new(None),
            attempt: Attempt::new(),
            saving: RwSignal::new(false),
            refusal: Refusal::new(),
        }
    }

    fn change(self) -> TeamChange {
        TeamChange {
            name: self.name.get_untracked(),
            members: self.members.get_untracked().into_iter().collect(),
            supervisors: self.supervisors.get_untracked().into_iter().collect(),
            priority: Some(self.priority.get_untracked()),
            version: self.version.get_value(),
        }
    }

    fn save(self) {
        self.refusal.clear();
        self.state.said.set(String::new());
        self.theirs.set(None);
        self.saving.set(true);
        let change = self.change();
        spawn_local(async move {
            let seen = change.version;
            let answer = match self.shown {
                Some(shown) => team_update(self.attempt.key(&change), shown.id(), change).await,
                None => team_create(self.attempt.key_to_create(), change).await,
            };
            self.attempt.answered(&answer);
            match answer {
                Ok(team) => {
                    self.saving.set(false);
                    self.state.saved(self.shown, team);
                }
                Err(error) => {
                    // The form may have been closed meanwhile.
                    let open = self.version.try_get_value();
                    let again = open.map(|_| Callback::new(move |()| self.save()));
                    if self.state.proof.takes(&error.0, again) {
                        self.saving.try_set(false);
                    } else {
                        self.refused(error, seen).await;
                    }
                }
            }
        });
    }

    async fn refused(self, error: ApiError, seen: i64) {
        if let Some(id) = self.shown.map(Shown::id) {
            let load = async {
                let teams = team_list().await?;
                Ok(teams.into_iter().find(|team| team.id == id))
            };
            let now = rival(&error, seen, |team: &Team| team.version, load).await;
            self.theirs.try_set(now);
        }
        self.saving.try_set(false);
        self.refusal.set(error);
        focus_soon(".editor [aria-invalid=true], .editor__theirs".to_owned());
    }

    fn take_theirs(self) {
        if let (Some(shown), Some(team)) = (self.shown, self.theirs.get_untracked()) {
            shown.put(team);
            self.state.editor.reopen(Some(shown));
        }
    }

    fn keep_mine(self) {
        if let Some(team) = self.theirs.get_untracked() {
            self.version.set_value(team.version);
            self.save();
        }
    }
}

/// Tells the page whether something differs from what is stored.
fn use_dirty(form: Form, before: Before) {
    let dirty = form.state.editor.dirty;
    let (members, supervisors) = (ids(&before.members), ids(&before.supervisors));
    Effect::new(move |_| {
        dirty.set(
            form.name.with(|name| *name != before.name)
                | form.members.with(|chosen| *chosen != members)
                | form.supervisors.with(|chosen| *chosen != supervisors)
                | (form.priority.get() != before.priority),
        );
    });
}

/// The form for one team; `None` creates a new one.
#[component]
pub(super) fn TeamEditor(state: TeamsState, shown: Option<Shown>) -> impl IntoView {
    let before = shown.map_or_else(Before::default, Before::of);
    let heading = match shown {
        Some(_) => t!(admin.edit_name, name = before.name),
        None => t!(teams.new).to_owned(),
    };
    let agents = state.eligible(Role::Agent, &before.members);
    let supervisors = state.eligible(Role::Supervisor, &before.supervisors);
    let form = Form::new(state, shown, &before);
    use_dirty(form, before);
    let Form {
        theirs, refusal, ..
    } = form;
    view! {
        <EditorPanel
            title=heading
            refused=refusal.above(FIELDS)
            saving=form.saving
            held=state.editor.held()
            on_save=Callback::new(move |()| form.save())
            on_cancel=Callback::new(move |()| state.cancelled(shown))
            further=move || shown.map(|shown| delete_view(state, shown))
        >
            <Meanwhile
                shown=Signal::derive(move || theirs.with(Option::is_some))
                on_theirs=Callback::new(move |()| form.take_theirs())
                on_mine=Callback::new(move |()| form.keep_mine())
            />
            <Field
                label=t!(teams.name)
                name="team-name"
                value=form.name
                error=refusal.at("team_name")
                required=true
            />
            <PeoplePicker
                legend=t!(teams.agents)
                search_label=t!(teams.search_agents)
                hint=t!(teams.agents_hint)
                people=agents
                chosen=form.members
                error=refusal.at("members")
            />
            <PeoplePicker
                legend=t!(teams.supervisors)
                search_label=t!(teams.search_supervisors)
                hint=t!(teams.supervisors_hint)
                people=supervisors
                chosen=form.supervisors
                error=refusal.at("supervisors")
            />
            <PriorityField priority=form.priority />
        </EditorPanel>
    }
}

/// How the team's queue stands beside those of other teams.
#[component]
fn PriorityField(priority: RwSignal<QueuePriority>) -> impl IntoView {
    let option = move |one: QueuePriority| {
        view! {
            <option value=one.code() prop:selected=move || priority.get() == one>{label(one)}</option>
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label class="field__label" for="team-priority">{t!(teams.priority)}</label>
            <select
                class="select"
                id="team-priority"
                aria-describedby="team-priority-hint"
                on:change=move |event| {
                    if let Some(chosen) = QueuePriority::from_code(&event_target_value(&event)) {
                        priority.set(chosen);
                    }
                }
            >
                {QueuePriority::ALL.into_iter().map(option).collect_view()}
            </select>
            <p class="field__hint" id="team-priority-hint">{t!(teams.priority_hint)}</p>
        </div>
    }
}

/// Deletes the team, after a question.
fn delete_view(state: TeamsState, shown: Shown) -> AnyView {
    let delete = move |_| {
        let (id, name) = (shown.id(), shown.name());
        state.delete(Doomed {
            of: Deletable::Team(id),
            name,
            version: shown.team.with_value(|team| team.version),
            address: None,
        });
    };
    view! {
        <button class="button button--danger editor__delete" type="button" on:click=delete>
            {t!(common.delete)}
        </button>
    }
    .into_any()
}

fn ids(people: &[PersonRef]) -> BTreeSet<UserId> {
    people.iter().map(|person| person.id.clone()).collect()
}
