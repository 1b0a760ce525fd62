//! The panel of one team: its name, who works in it and who supervises it.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::{QueuePriority, Team, TeamChange};
use shared::deletion::Deletable;
use shared::error::Difference;
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
use crate::routes::admin::meanwhile::{Meanwhile, follow, only_theirs, rival};
use crate::routes::admin::people_picker::PeoplePicker;
use crate::routes::refusal::Refusal;

/// The names of the inputs on the wire.
const FIELDS: &[&str] = &["team_name", "members", "supervisors"];

/// What the form starts from; nothing for a new team.
#[derive(Clone, Default)]
struct Before {
    name: String,
    members: Vec<PersonRef>,
    supervisors: Vec<PersonRef>,
    priority: QueuePriority,
    version: i64,
}

impl Before {
    fn of(team: &Team) -> Self {
        Self {
            name: team.name.clone(),
            members: team.members.clone(),
            supervisors: team.supervisors.clone(),
            priority: team.priority,
            version: team.version,
        }
    }

    /// As a refusal would name it.
    fn differences(&self) -> [Difference; 4] {
        let names =
            |people: &[PersonRef]| people.iter().map(|person| person.name.clone()).collect();
        [
            Difference::Name(self.name.clone()),
            Difference::Agents(names(&self.members)),
            Difference::Supervisors(names(&self.supervisors)),
            Difference::Priority(self.priority),
        ]
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
    /// Who can be chosen as either.
    possible_agents: RwSignal<Vec<PersonRef>>,
    possible_supervisors: RwSignal<Vec<PersonRef>>,
    /// What a save replaces.
    before: StoredValue<Before>,
    /// The team as somebody else has saved it since.
    theirs: RwSignal<Option<Team>>,
    attempt: Attempt,
    saving: RwSignal<bool>,
    refusal: Refusal,
}

impl Form {
    fn new(state: TeamsState, shown: Option<Shown>) -> Self {
        let before = shown.map(|shown| shown.team.with_value(Before::of));
        let before = before.unwrap_or_default();
        Self {
            state,
            shown,
            name: RwSignal::new(before.name.clone()),
            members: RwSignal::new(ids(&before.members)),
            supervisors: RwSignal::new(ids(&before.supervisors)),
            priority: RwSignal::new(before.priority),
            possible_agents: RwSignal::new(state.eligible(Role::Agent, &before.members)),
            possible_supervisors: RwSignal::new(
                state.eligible(Role::Supervisor, &before.supervisors),
            ),
            before: StoredValue::new(before),
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
            version: self.before.with_value(|before| before.version),
        }
    }

    fn save(self) {
        self.refusal.clear();
        self.state.said.set(String::new());
        self.theirs.set(None);
        self.saving.set(true);
        let change = self.change();
        spawn_local(async move {
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
                    let open = self.before.try_get_value();
                    let again = open.map(|_| Callback::new(move |()| self.save()));
                    if self.state.proof.takes(&error.0, again) {
                        self.saving.try_set(false);
                    } else {
                        self.refused(error).await;
                    }
                }
            }
        });
    }

    async fn refused(self, mut error: ApiError) {
        if let Some(id) = self.shown.map(Shown::id)
            && let Some(shown) = self.before.try_get_value()
        {
            let load = async {
                let teams = team_list().await?;
                Ok(teams.into_iter().find(|team| team.id == id))
            };
            let now = rival(&error, shown.version, |team: &Team| team.version, load).await;
            if let Some(now) = now
                && self.saving.try_get_untracked().is_some()
            {
                only_theirs(&mut error, &shown.differences());
                self.start_from(now, &shown);
            }
        }
        self.saving.try_set(false);
        self.refusal.set(error);
        focus_soon(".editor [aria-invalid=true], .editor__theirs".to_owned());
    }

    /// Goes on from the team as it is by now; before, the form was shown with another one.
    fn start_from(self, now: Team, shown: &Before) {
        let stored = Before::of(&now);
        follow(self.name, &shown.name, &stored.name);
        follow(self.priority, &shown.priority, &stored.priority);
        let people = [
            (self.members, &shown.members, &stored.members),
            (self.supervisors, &shown.supervisors, &stored.supervisors),
        ];
        for (chosen, shown, stored) in people {
            chosen.update(|chosen| follow_people(chosen, &ids(shown), &ids(stored)));
        }
        let eligible = |role, chosen: &[PersonRef]| self.state.eligible(role, chosen);
        (self.possible_agents).set(eligible(Role::Agent, &stored.members));
        (self.possible_supervisors).set(eligible(Role::Supervisor, &stored.supervisors));
        self.before.set_value(stored);
        self.theirs.set(Some(now));
    }

    fn take_theirs(self) {
        if let (Some(shown), Some(team)) = (self.shown, self.theirs.get_untracked()) {
            shown.put(team);
            self.state.editor.reopen(Some(shown));
        }
    }
}

/// Puts in whom somebody else put in, and takes out whom they took out. What was changed here stays.
fn follow_people(chosen: &mut BTreeSet<UserId>, shown: &BTreeSet<UserId>, now: &BTreeSet<UserId>) {
    chosen.retain(|user| now.contains(user) || !shown.contains(user));
    chosen.extend(now.difference(shown).cloned());
}

/// Tells the page whether something differs from what is stored.
fn use_dirty(form: Form) {
    let dirty = form.state.editor.dirty;
    Effect::new(move |_| {
        let before = form.before.get_value();
        dirty.set(
            form.name.with(|name| *name != before.name)
                | (form.members).with(|chosen| *chosen != ids(&before.members))
                | (form.supervisors).with(|chosen| *chosen != ids(&before.supervisors))
                | (form.priority.get() != before.priority),
        );
    });
}

/// The form for one team; `None` creates a new one.
#[component]
pub(super) fn TeamEditor(state: TeamsState, shown: Option<Shown>) -> impl IntoView {
    let heading = match shown {
        Some(shown) => t!(admin.edit_name, name = shown.name()),
        None => t!(teams.new).to_owned(),
    };
    let form = Form::new(state, shown);
    use_dirty(form);
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
                on_mine=Callback::new(move |()| form.save())
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
                people=form.possible_agents
                chosen=form.members
                error=refusal.at("members")
            />
            <PeoplePicker
                legend=t!(teams.supervisors)
                search_label=t!(teams.search_supervisors)
                hint=t!(teams.supervisors_hint)
                people=form.possible_supervisors
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e03_people_whom_somebody_else_put_in_or_took_out_are_put_in_and_taken_out_beside_ones_own() {
        let people = |names: &[&str]| -> BTreeSet<UserId> {
            let ids = names.iter().map(|name| UserId::parse(*name).unwrap());
            ids.collect()
        };
        let followed = |mine: &[&str], shown: &[&str], now: &[&str]| {
            let mut chosen = people(mine);
            follow_people(&mut chosen, &people(shown), &people(now));
            chosen
        };
        // Left alone.
        let now = followed(&["amy", "ben"], &["amy", "ben"], &["amy", "cleo"]);
        assert_eq!(now, people(&["amy", "cleo"]));
        // Each puts somebody in and takes somebody out.
        let now = followed(&["amy", "dan"], &["amy", "ben"], &["ben", "cleo"]);
        assert_eq!(now, people(&["cleo", "dan"]));
        // Both do the same.
        let now = followed(&["cleo"], &["amy"], &["cleo"]);
        assert_eq!(now, people(&["cleo"]));
    }
}
