//! What the parts of the users' page share: the list, what is searched and edited, and what is done with a user.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::{MembershipChange, Team, UserAccount};
use shared::deletion::Deletable;
use shared::error::AppError;
use shared::fold::finds;
use shared::ids::UserId;
use shared::text::listed;

use crate::api::ApiError;
use crate::api::administration::{
    memberships_change, team_list, user_activate, user_second_factor_reset, user_sessions_end,
};
use crate::attempt::Attempt;
use crate::language::label;
use crate::order::by_text;
use crate::random::new_key;
use crate::routes::admin::deletion::{Deletion, Doomed};
use crate::routes::admin::editor::Editor;
use crate::routes::admin::focus_soon;
use crate::routes::admin::proof::Proof;

/// Finds the button that begins a new user.
const NEW: &str = "#user-new";

/// What the panel is open for.
#[derive(Clone)]
pub(super) enum UserEdit {
    New,
    Change(UserAccount),
    Password(UserAccount),
}

/// What an administrator does about the sign-in of somebody.
#[derive(Clone, Copy)]
pub(super) enum SignInAct {
    EndSessions,
    ResetSecondFactor,
}

/// What the page's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct UsersState {
    pub(super) users: RwSignal<Vec<UserAccount>>,
    /// As the page loaded them, or as they are since somebody was put into one.
    pub(super) teams: Signal<Vec<Team>>,
    newer: RwSignal<Option<Vec<Team>>>,
    pub(super) editor: Editor<UserEdit>,
    /// Of deactivating and activating.
    attempt: Attempt,
    pub(super) search: RwSignal<String>,
    /// Who is about to be deactivated.
    pub(super) confirming: RwSignal<Option<UserId>>,
    busy: RwSignal<bool>,
    pub(super) trouble: RwSignal<Option<AppError>>,
    pub(super) proof: Proof,
    pub(super) deletion: Deletion,
    pub(super) said: RwSignal<String>,
}

impl UsersState {
    pub(super) fn new(users: Vec<UserAccount>, loaded: Signal<Vec<Team>>) -> Self {
        let newer = RwSignal::new(None::<Vec<Team>>);
        let (users, editor) = (RwSignal::new(users), Editor::new());
        let (proof, said) = (Proof::new(), RwSignal::new(String::new()));
        let on_deleted = Callback::new(move |doomed: Doomed| {
            users.update(|users| {
                users.retain(|user| Deletable::User(user.id.clone()) != doomed.of);
            });
            said.set(t!(deletion.deleted, name = doomed.name));
            editor.close(NEW.to_owned());
        });
        Self {
            users,
            teams: Signal::derive(move || newer.get().unwrap_or_else(|| loaded.get())),
            newer,
            editor,
            attempt: Attempt::new(),
            search: RwSignal::new(String::new()),
            confirming: RwSignal::new(None),
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
            proof,
            deletion: Deletion::new(proof, on_deleted),
            said,
        }
    }

    /// Asks whether to delete somebody.
    pub(super) fn delete(self, user: UserAccount) {
        self.said.set(String::new());
        self.deletion.ask(Doomed {
            of: Deletable::User(user.id),
            name: user.name,
            version: user.version,
            address: None,
        });
    }

    /// The users that the search finds, for as long as the caller's part of the page is there.
    pub(super) fn found(self) -> Memo<Vec<UserAccount>> {
        Memo::new(move |_| {
            let search = self.search.get();
            self.users.with(|users| {
                let found = users.iter().filter(|user| matches(user, &search));
                found.cloned().collect()
            })
        })
    }

    /// The teams of a user, whether they work in them or supervise them. Tracked.
    pub(super) fn teams_line(self, user: &UserId) -> String {
        self.teams.with(|teams| {
            let of_user = teams.iter().filter(|team| {
                let mut people = team.members.iter().chain(&team.supervisors);
                people.any(|person| &person.id == user)
            });
            listed(of_user.map(|team| &team.name[..]))
        })
    }

    /// Puts a user into teams and takes them out of others, and shows the teams as they are then.
    pub(super) async fn place(
        self,
        user: &UserId,
        change: MembershipChange,
    ) -> Result<(), AppError> {
        if change.teams().next().is_none() {
            return Ok(());
        }
        memberships_change(Some(new_key()), user.clone(), change).await?;
        // Without an answer the column stays as it is until the page is opened again.
        if let Ok(teams) = team_list().await {
            self.newer.try_set(Some(teams));
        }
        Ok(())
    }

    /// Somebody is stored, though not in these teams: the page says why, and asks for the password where the host does.
    pub(super) fn not_placed(self, user: UserId, change: MembershipChange, error: AppError) {
        let again = Callback::new(move |()| {
            let (user, change) = (user.clone(), change.clone());
            spawn_local(async move {
                let placed = self.place(&user, change).await;
                self.trouble.try_set(placed.err());
            });
        });
        self.proof.takes(&error, Some(again));
        self.trouble.try_set(Some(error));
    }

    /// Puts a changed user into the list, by name.
    pub(super) fn put(self, user: UserAccount) {
        self.users.update(|users| {
            let mut user = user;
            // Lists alone say which roles were built.
            let known = users.iter().find(|known| known.id == user.id);
            if let Some(known) = known.filter(|known| known.roles == user.roles) {
                user.built.clone_from(&known.built);
            }
            users.retain(|known| known.id != user.id);
            users.push(user);
            *users = by_text(std::mem::take(users), |user| user.name.clone());
        });
    }

    /// What was said of the act before counts no longer.
    fn begin(self) {
        self.busy.set(true);
        self.trouble.set(None);
        self.said.set(String::new());
    }

    /// Lets somebody sign in again, or not any more.
    pub(super) fn activate(self, user: UserAccount, active: bool) {
        if self.busy.get_untracked() {
            return;
        }
        self.begin();
        spawn_local(async move {
            let key = self.attempt.key(&(&user.id, active));
            let answer = user_activate(key, user.id.clone(), active).await;
            self.attempt.answered(&answer);
            match answer {
                Ok(user) => {
                    self.said.set(match active {
                        true => t!(users.is_active, name = user.name),
                        false => t!(users.is_deactivated, name = user.name),
                    });
                    focus_soon(format!("[data-activate=\"{}\"]", user.id));
                    self.confirming.set(None);
                    self.put(user);
                }
                Err(ApiError(error)) => {
                    let again = Callback::new(move |()| self.activate(user.clone(), active));
                    if !self.proof.takes(&error, Some(again)) {
                        self.trouble.set(Some(error));
                    }
                }
            }
            self.busy.set(false);
        });
    }

    /// Ends somebody's sessions, or takes their second factor away.
    pub(super) fn sign_in_act(self, user: UserAccount, act: SignInAct) {
        if self.busy.get_untracked() {
            return;
        }
        self.begin();
        spawn_local(async move {
            let key = self.attempt.key(&(&user.id, act as u8));
            let id = user.id.clone();
            let (answer, said) = match act {
                SignInAct::EndSessions => (
                    user_sessions_end(key, id).await,
                    t!(users.sessions_ended, name = user.name),
                ),
                SignInAct::ResetSecondFactor => (
                    user_second_factor_reset(key, id).await,
                    t!(users.second_factor_was_reset, name = user.name),
                ),
            };
            self.attempt.answered(&answer);
            self.busy.set(false);
            match answer {
                Ok(()) => self.said.set(said),
                Err(ApiError(error)) => {
                    let again = Callback::new(move |()| self.sign_in_act(user.clone(), act));
                    if !self.proof.takes(&error, Some(again)) {
                        self.trouble.set(Some(error));
                    }
                }
            }
        });
    }

    /// The panel has stored a new or changed user.
    pub(super) fn saved(self, user: UserAccount) {
        self.said.set(t!(admin.saved_name, name = user.name));
        self.search.update(|search| {
            // A new user must be seen, whatever was searched for.
            if !matches(&user, search) {
                search.clear();
            }
        });
        self.editor.close(format!("[data-edit=\"{}\"]", user.id));
        self.put(user);
    }

    /// The panel has set a password.
    pub(super) fn password_set(self, user: &UserAccount) {
        self.said.set(t!(users.password_set, name = user.name));
        self.editor
            .close(format!("[data-password=\"{}\"]", user.id));
    }

    /// The panel was left without saving.
    pub(super) fn cancelled(self, edit: &UserEdit) {
        self.editor.close(match edit {
            UserEdit::New => NEW.to_owned(),
            UserEdit::Change(user) => format!("[data-edit=\"{}\"]", user.id),
            UserEdit::Password(user) => format!("[data-password=\"{}\"]", user.id),
        });
    }
}

/// The kinds of roles, and the names of the built ones among them.
pub(super) fn roles_line(user: &UserAccount) -> String {
    let kinds: Vec<&str> = user.roles.iter().map(|role| label(*role)).collect();
    let mut line = kinds.join(", ");
    if !user.built.is_empty() {
        line = [&line[..], " (", &user.built.join(", "), ")"].concat();
    }
    line
}

/// Whether every word of the search is found in name, username or roles.
fn matches(user: &UserAccount, search: &str) -> bool {
    let text = format!("{} {} {}", user.name, user.username, roles_line(user));
    finds(search, &text)
}
