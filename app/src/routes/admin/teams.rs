//! `/admin/teams`: who works in which team, who supervises it, and the chat channels that feed it.
//!
//! Authority follows from what is set here: a supervisor sees the agents of the teams that they supervise.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::{ChatChannel, Team, TeamChange, UserAccount};
use shared::ids::{TeamId, UserId};
use shared::people::{PersonRef, Role};

use super::channels::Channels;
use super::editor::{Editor, EditorPanel};
use super::meanwhile::{Meanwhile, rival};
use super::people_picker::PeoplePicker;
use super::{focus_soon, loading_view};
use crate::api::administration::{TeamList, UserList, team_create, team_list, team_update};
use crate::attempt::Attempt;
use crate::components::{Field, Icon, PageTitle};
use crate::first_data::first_answer;
use crate::order::by_text;
use crate::routes::refusal::Refusal;

/// Finds the button that begins a new team.
const NEW: &str = "#team-new";
/// The names of the inputs on the wire.
const FIELDS: &[&str] = &["team_name", "members", "supervisors"];

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
        <PageTitle text="Teams" />
        {shown}
    }
}

/// A team as its card shows it. Its parts change on their own, so that nothing typed in the card is lost.
#[derive(Clone, Copy)]
struct Shown {
    team: StoredValue<Team>,
    /// Counts changes of name and people.
    changed: RwSignal<u32>,
    channels: RwSignal<Vec<ChatChannel>>,
}

impl Shown {
    fn new(team: Team) -> Self {
        Self {
            channels: RwSignal::new(team.channels.clone()),
            team: StoredValue::new(team),
            changed: RwSignal::new(0),
        }
    }

    /// Shows the team as the host has it now.
    fn put(self, team: Team) {
        self.team.set_value(team);
        self.changed.update(|changed| *changed += 1);
    }

    fn id(self) -> TeamId {
        self.team.with_value(|team| team.id.clone())
    }

    fn name(self) -> String {
        self.team.with_value(|team| team.name.clone())
    }
}

/// What the page's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Page {
    teams: RwSignal<Vec<Shown>>,
    users: StoredValue<Vec<UserAccount>>,
    /// `None` is a new one.
    editor: Editor<Option<Shown>>,
    said: RwSignal<String>,
    /// Owns what belongs to single teams: it lives as long as the page.
    owner: StoredValue<Owner>,
}

impl Page {
    fn saved(self, shown: Option<Shown>, team: Team) {
        self.said.set(format!("Saved {}.", team.name));
        let focus = format!("[data-edit=\"{}\"]", team.id);
        match shown {
            Some(shown) => shown.put(team),
            None => {
                let shown = self
                    .owner
                    .with_value(|owner| owner.with(|| Shown::new(team)));
                self.teams.update(|teams| teams.push(shown));
            }
        }
        self.teams
            .update(|teams| *teams = by_text(std::mem::take(teams), |team| team.name()));
        self.editor.close(focus);
    }

    /// Everybody active who holds the role, and who is chosen already.
    fn eligible(self, role: Role, chosen: &[PersonRef]) -> Vec<PersonRef> {
        let mut people: Vec<PersonRef> = self.users.with_value(|users| {
            users
                .iter()
                .filter(|user| user.active && user.roles.contains(&role))
                .map(|user| PersonRef {
                    id: user.id.clone(),
                    name: user.name.clone(),
                })
                .collect()
        });
        for person in chosen {
            if !people.iter().any(|known| known.id == person.id) {
                people.push(person.clone());
            }
        }
        by_text(people, |person| person.name.clone())
    }
}

#[component]
fn Teams(teams: Vec<Team>, users: Vec<UserAccount>) -> impl IntoView {
    let page = Page {
        teams: RwSignal::new(teams.into_iter().map(Shown::new).collect()),
        users: StoredValue::new(users),
        editor: Editor::new(),
        said: RwSignal::new(String::new()),
        owner: StoredValue::new(Owner::current().unwrap_or_default()),
    };
    view! {
        <div class="page admin">
            <div class="page__head">
                <h1 class="page__title">"Teams"</h1>
                <p class="admin__said" role="status">{move || page.said.get()}</p>
                <button
                    class="button button--primary"
                    type="button"
                    id="team-new"
                    on:click=move |_| page.editor.open(None)
                >
                    <Icon name="plus" />
                    "New team"
                </button>
            </div>
            <div class="admin__split">
                {move || page.editor.get().map(|shown| view! { <TeamEditor page shown /> }.into_any())}
                <div class="admin__list teams">
                    <For each=move || page.teams.get() key=|shown| shown.id() let:shown>
                        <Card page shown />
                    </For>
                    {move || page.teams.with(Vec::is_empty).then(|| view! {
                        <div class="empty card">
                            <Icon name="team" />
                            <p class="empty__title">"No teams yet"</p>
                            <p class="empty__line">
                                "A team joins agents, who supervises them and the chat pages that bring them work."
                            </p>
                        </div>
                    }.into_any())}
                </div>
            </div>
        </div>
    }
}

#[component]
fn Card(page: Page, shown: Shown) -> impl IntoView {
    let id = shown.id();
    let heading = format!("team-{id}");
    let heading_id = heading.clone();
    let team = move || {
        shown.changed.track();
        shown.team.get_value()
    };
    view! {
        <article class="team card" aria-labelledby=heading>
            <header class="team__head">
                <h2 class="team__name" id=heading_id>{move || team().name}</h2>
                <button
                    class="button button--quiet"
                    type="button"
                    data-edit=id.to_string()
                    on:click=move |_| page.editor.open(Some(shown))
                >
                    <Icon name="edit" />
                    "Edit"
                </button>
            </header>
            <dl class="team__people">
                <div>
                    <dt>"Agents"</dt>
                    <dd>{move || names(&team().members)}</dd>
                </div>
                <div>
                    <dt>"Supervisors"</dt>
                    <dd>{move || names(&team().supervisors)}</dd>
                </div>
            </dl>
            <Channels team=id team_name=shown.name() channels=shown.channels />
        </article>
    }
}

/// The form for one team; `None` creates a new one.
#[component]
fn TeamEditor(page: Page, shown: Option<Shown>) -> impl IntoView {
    let (before, members, supervisors) = match shown {
        Some(shown) => shown.team.with_value(|team| {
            (
                team.name.clone(),
                team.members.clone(),
                team.supervisors.clone(),
            )
        }),
        None => Default::default(),
    };
    let heading = match shown {
        Some(_) => format!("Edit {before}"),
        None => "New team".to_owned(),
    };
    let name = RwSignal::new(before.clone());
    let members_chosen = RwSignal::new(ids(&members));
    let supervisors_chosen = RwSignal::new(ids(&supervisors));
    let (old_members, old_supervisors) = (ids(&members), ids(&supervisors));
    let dirty = page.editor.dirty;
    Effect::new(move |_| {
        dirty.set(
            name.with(|name| *name != before)
                | members_chosen.with(|chosen| *chosen != old_members)
                | supervisors_chosen.with(|chosen| *chosen != old_supervisors),
        );
    });

    let saving = RwSignal::new(false);
    let refusal = Refusal::new();
    let attempt = Attempt::new();
    let seen = shown.map_or(0, |shown| shown.team.with_value(|team| team.version));
    let version = StoredValue::new(seen);
    // The team as somebody else has saved it since.
    let theirs = RwSignal::new(None::<Team>);
    let on_save = Callback::new(move |()| {
        refusal.clear();
        theirs.set(None);
        saving.set(true);
        let change = TeamChange {
            name: name.get_untracked(),
            members: members_chosen.get_untracked().into_iter().collect(),
            supervisors: supervisors_chosen.get_untracked().into_iter().collect(),
            version: version.get_value(),
        };
        spawn_local(async move {
            let seen = change.version;
            let key = attempt.key(&change);
            let answer = match shown {
                Some(shown) => team_update(key, shown.id(), change).await,
                None => team_create(key, change).await,
            };
            attempt.answered(&answer);
            let error = match answer {
                Ok(team) => {
                    saving.set(false);
                    page.saved(shown, team);
                    return;
                }
                Err(error) => error,
            };
            if let Some(id) = shown.map(Shown::id) {
                let load = async {
                    let teams = team_list().await?;
                    Ok(teams.into_iter().find(|team| team.id == id))
                };
                theirs.try_set(rival(&error, seen, |team: &Team| team.version, load).await);
            }
            saving.try_set(false);
            refusal.set(error);
            focus_soon(".editor [aria-invalid=true], .editor__theirs".to_owned());
        });
    });
    let on_theirs = Callback::new(move |()| {
        if let (Some(shown), Some(team)) = (shown, theirs.get_untracked()) {
            shown.put(team);
            page.editor.reopen(Some(shown));
        }
    });
    let on_mine = Callback::new(move |()| {
        if let Some(team) = theirs.get_untracked() {
            version.set_value(team.version);
            on_save.run(());
        }
    });
    let on_cancel = Callback::new(move |()| {
        page.editor.close(shown.map_or_else(
            || NEW.to_owned(),
            |shown| format!("[data-edit=\"{}\"]", shown.id()),
        ));
    });
    view! {
        <EditorPanel
            title=heading
            refused=refusal.above(FIELDS)
            saving
            held=page.editor.held()
            on_save
            on_cancel
        >
            <Meanwhile shown=Signal::derive(move || theirs.with(Option::is_some)) on_theirs on_mine />
            <Field
                label="Name"
                name="team-name"
                value=name
                error=refusal.at("Name", "team_name")
                required=true
            />
            <PeoplePicker
                legend="Agents"
                hint="Everybody with the agent role."
                people=page.eligible(Role::Agent, &members)
                chosen=members_chosen
                error=refusal.at("Agents", "members")
            />
            <PeoplePicker
                legend="Supervisors"
                hint="They see and coach the agents of this team."
                people=page.eligible(Role::Supervisor, &supervisors)
                chosen=supervisors_chosen
                error=refusal.at("Supervisors", "supervisors")
            />
        </EditorPanel>
    }
}

fn ids(people: &[PersonRef]) -> BTreeSet<UserId> {
    people.iter().map(|person| person.id.clone()).collect()
}

fn names(people: &[PersonRef]) -> String {
    if people.is_empty() {
        return "Nobody yet".to_owned();
    }
    shared::transcript::names(people)
}
