//! What the parts of the teams' page share: the teams as their cards show them, and which one is edited.

use leptos::prelude::*;
use shared::admin::{ChatChannel, Team, UserAccount};
use shared::deletion::Deletable;
use shared::fold::folded;
use shared::ids::TeamId;
use shared::people::{PersonRef, Role};

use crate::order::by_text;
use crate::routes::admin::deletion::{Deletion, Doomed};
use crate::routes::admin::editor::Editor;
use crate::routes::admin::proof::Proof;

/// Finds the button that begins a new team.
const NEW: &str = "#team-new";

/// A team as its card shows it. Its parts change on their own, so that nothing typed in the card is lost.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) team: StoredValue<Team>,
    /// Counts changes of name and people.
    pub(super) changed: RwSignal<u32>,
    pub(super) channels: RwSignal<Vec<ChatChannel>>,
}

impl Shown {
    pub(super) fn new(team: Team) -> Self {
        Self {
            channels: RwSignal::new(team.channels.clone()),
            team: StoredValue::new(team),
            changed: RwSignal::new(0),
        }
    }

    /// Shows the team as the host has it now.
    pub(super) fn put(self, team: Team) {
        self.team.set_value(team);
        self.changed.update(|changed| *changed += 1);
    }

    pub(super) fn id(self) -> TeamId {
        self.team.with_value(|team| team.id.clone())
    }

    pub(super) fn name(self) -> String {
        self.team.with_value(|team| team.name.clone())
    }
}

/// What the page's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct TeamsState {
    pub(super) teams: RwSignal<Vec<Shown>>,
    users: StoredValue<Vec<UserAccount>>,
    /// `None` is a new one.
    pub(super) editor: Editor<Option<Shown>>,
    pub(super) said: RwSignal<String>,
    pub(super) proof: Proof,
    pub(super) deletion: Deletion,
    /// Owns what belongs to single teams: it lives as long as the page.
    owner: StoredValue<Owner>,
}

impl TeamsState {
    pub(super) fn new(teams: Vec<Team>, users: Vec<UserAccount>) -> Self {
        let teams: Vec<Shown> = teams.into_iter().map(Shown::new).collect();
        let (teams, editor) = (RwSignal::new(teams), Editor::new());
        let (said, proof) = (RwSignal::new(String::new()), Proof::new());
        let on_deleted = Callback::new(move |doomed: Doomed| {
            said.set(t!(deletion.deleted, name = doomed.name));
            match doomed.of {
                Deletable::Channel(key) => {
                    for shown in teams.get_untracked() {
                        shown
                            .channels
                            .update(|channels| channels.retain(|channel| channel.key != key));
                    }
                }
                Deletable::Team(team) => {
                    teams.update(|teams| teams.retain(|shown| shown.id() != team));
                    editor.close(NEW.to_owned());
                }
                Deletable::User(_) => {}
            }
        });
        Self {
            teams,
            users: StoredValue::new(users),
            editor,
            said,
            proof,
            deletion: Deletion::new(proof, on_deleted),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    /// Asks whether to delete something.
    pub(super) fn delete(self, doomed: Doomed) {
        self.said.set(String::new());
        self.deletion.ask(doomed);
    }

    /// The panel was left without saving.
    pub(super) fn cancelled(self, shown: Option<Shown>) {
        self.editor.close(shown.map_or_else(
            || NEW.to_owned(),
            |shown| format!("[data-edit=\"{}\"]", shown.id()),
        ));
    }

    /// The panel has stored a new or changed team.
    pub(super) fn saved(self, shown: Option<Shown>, team: Team) {
        self.said.set(t!(admin.saved_name, name = team.name));
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
    pub(super) fn eligible(self, role: Role, chosen: &[PersonRef]) -> Vec<PersonRef> {
        let mut people: Vec<PersonRef> = self.users.with_value(|users| {
            let active = || users.iter().filter(|user| user.active);
            let eligible = active().filter(|user| user.roles.contains(&role));
            let person = |user: &UserAccount| {
                let key = folded(&user.name);
                let same = active().filter(|other| folded(&other.name) == key);
                // As the host tells people of one name apart.
                let name = match same.count() {
                    0..=1 => user.name.clone(),
                    _ => format!("{} ({})", user.name, user.username),
                };
                let id = user.id.clone();
                PersonRef { id, name }
            };
            eligible.map(person).collect()
        });
        for person in chosen {
            if !people.iter().any(|known| known.id == person.id) {
                people.push(person.clone());
            }
        }
        by_text(people, |person| person.name.clone())
    }
}
