//! `/admin/users`: everybody who can sign in.
//!
//! Nobody is deleted here: what somebody wrote keeps its author. A deactivated user is offered nowhere.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::UserAccount;
use shared::error::AppError;
use shared::ids::UserId;

use super::editor::Editor;
use super::proof::{Proof, ProofDialog};
use super::user_editor::{PasswordEditor, UserEditor};
use super::{focus_soon, loading_view, trouble_view};
use crate::api::ApiError;
use crate::api::administration::{UserList, user_activate};
use crate::attempt::Attempt;
use crate::components::{Icon, PageTitle};
use crate::first_data::first_answer;
use crate::order::by_text;
use crate::state::use_desk;

/// Finds the button that begins a new user.
const NEW: &str = "#user-new";

/// The page of the people who can sign in.
#[component]
pub fn UsersPage() -> impl IntoView {
    let loaded = first_answer(|| Some(UserList {}));
    view! {
        <PageTitle text="Users" />
        {loaded.show(loading_view, |users| view! { <Users users /> }.into_any())}
    }
}

/// What the panel is open for.
#[derive(Clone)]
pub(super) enum UserEdit {
    New,
    Change(UserAccount),
    Password(UserAccount),
}

/// What the page's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Page {
    users: RwSignal<Vec<UserAccount>>,
    editor: Editor<UserEdit>,
    /// Of deactivating and activating.
    attempt: Attempt,
    search: RwSignal<String>,
    /// Who is about to be deactivated.
    confirming: RwSignal<Option<UserId>>,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<AppError>>,
    proof: Proof,
    said: RwSignal<String>,
}

impl Page {
    /// Puts a changed user into the list, by name.
    pub(super) fn put(self, user: UserAccount) {
        self.users.update(|users| {
            users.retain(|known| known.id != user.id);
            users.push(user);
            *users = by_text(std::mem::take(users), |user| user.name.clone());
        });
    }

    fn activate(self, user: UserAccount, active: bool) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.trouble.set(None);
        spawn_local(async move {
            let key = self.attempt.key(&(&user.id, active));
            let answer = user_activate(key, user.id.clone(), active).await;
            self.attempt.answered(&answer);
            match answer {
                Ok(user) => {
                    let state = if active {
                        "active again"
                    } else {
                        "deactivated"
                    };
                    self.said.set(format!("{} is {state}.", user.name));
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

    /// The panel has stored a new or changed user.
    pub(super) fn saved(self, user: UserAccount) {
        self.said.set(format!("Saved {}.", user.name));
        self.search.update(|search| {
            // A new user must be seen, whatever was searched for.
            if !matches(&user, search) {
                search.clear();
            }
        });
        self.editor.close(format!("[data-edit=\"{}\"]", user.id));
        self.put(user);
    }

    /// What waits for the administrator's own password.
    pub(super) fn proof(self) -> Proof {
        self.proof
    }

    /// The panel has set a password.
    pub(super) fn password_set(self, user: &UserAccount) {
        self.said.set(format!(
            "{} has a new password and is signed out.",
            user.name
        ));
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

    /// The panel whose changes are not saved yet.
    pub(super) fn editor(self) -> Editor<UserEdit> {
        self.editor
    }
}

#[component]
fn Users(users: Vec<UserAccount>) -> impl IntoView {
    let page = Page {
        users: RwSignal::new(users),
        editor: Editor::new(),
        attempt: Attempt::new(),
        search: RwSignal::new(String::new()),
        confirming: RwSignal::new(None),
        busy: RwSignal::new(false),
        trouble: RwSignal::new(None),
        proof: Proof::new(),
        said: RwSignal::new(String::new()),
    };
    let shown = Memo::new(move |_| {
        page.search.with(|search| {
            page.users.with(|users| {
                users
                    .iter()
                    .filter(|user| matches(user, search))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    view! {
        <div class="page admin">
            <div class="page__head">
                <h1 class="page__title">"Users"</h1>
                <p class="admin__said" role="status">{move || page.said.get()}</p>
                <button
                    class="button button--primary"
                    type="button"
                    id="user-new"
                    on:click=move |_| page.editor.open(UserEdit::New)
                >
                    <Icon name="plus" />
                    "New user"
                </button>
            </div>
            {trouble_view(page.trouble)}
            <ProofDialog proof=page.proof />
            <div class="admin__split">
                {move || page.editor.get().map(|edit| match edit {
                    UserEdit::New => view! { <UserEditor page user=None /> }.into_any(),
                    UserEdit::Change(user) => view! { <UserEditor page user=Some(user) /> }.into_any(),
                    UserEdit::Password(user) => view! { <PasswordEditor page user /> }.into_any(),
                })}
                <div class="admin__list card">
                    <div class="admin__search">
                        <Icon name="search" />
                        <input
                            class="input"
                            type="search"
                            aria-label="Search users"
                            placeholder="Name, username or role"
                            autocomplete="off"
                            spellcheck="false"
                            prop:value=move || page.search.get()
                            on:input=move |event| page.search.set(event_target_value(&event))
                        />
                        <span class="admin__count" role="status">
                            {move || count_line(shown.with(Vec::len), page.users.with(Vec::len))}
                        </span>
                    </div>
                    <table class="table admin__table" aria-label="Users">
                        <thead>
                            <tr>
                                <th scope="col">"Name"</th>
                                <th scope="col">"Username"</th>
                                <th scope="col">"Roles"</th>
                                <th scope="col">"State"</th>
                                <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            <For
                                each=move || shown.get()
                                key=|user| (user.id.clone(), user.version, user.name.clone(), user.roles.clone(), user.active)
                                let:user
                            >
                                <Row page user />
                            </For>
                        </tbody>
                    </table>
                    {move || shown.with(Vec::is_empty).then(|| view! {
                        <div class="empty">
                            <Icon name="search" />
                            <p class="empty__title">"Nobody found"</p>
                        </div>
                    }.into_any())}
                </div>
            </div>
        </div>
    }
}

#[component]
fn Row(page: Page, user: UserAccount) -> impl IntoView {
    let me = use_desk().me.with_untracked(|me| me.id == user.id);
    let whole = StoredValue::new(user.clone());
    let asked = {
        let id = user.id.clone();
        Memo::new(move |_| page.confirming.with(|asked| asked.as_ref() == Some(&id)))
    };
    let active = user.active;
    let actions = move || {
        if asked.get() {
            view! { <Confirm page user=whole.get_value() /> }.into_any()
        } else {
            view! { <Actions page whole me /> }.into_any()
        }
    };
    view! {
        <tr class:admin__row--off=!active>
            <th scope="row" class="admin__name">{user.name.clone()}</th>
            <td>{user.username.clone()}</td>
            <td>{roles_line(&user)}</td>
            <td>
                {if active {
                    view! { <span class="badge badge--ok">"Active"</span> }.into_any()
                } else {
                    view! { <span class="badge">"Deactivated"</span> }.into_any()
                }}
            </td>
            <td class="admin__cell">{actions}</td>
        </tr>
    }
}

/// What can be done with a user; nobody deactivates themselves.
#[component]
fn Actions(page: Page, whole: StoredValue<UserAccount>, me: bool) -> impl IntoView {
    let (id, active) = whole.with_value(|user| (user.id.to_string(), user.active));
    view! {
        <div class="admin__actions">
            <button
                class="button button--quiet"
                type="button"
                data-edit=id.clone()
                on:click=move |_| page.editor.open(UserEdit::Change(whole.get_value()))
            >
                <Icon name="edit" />
                "Edit"
            </button>
            {(!me).then(|| view! {
                <button
                    class="button button--quiet"
                    type="button"
                    data-password=id.clone()
                    on:click=move |_| page.editor.open(UserEdit::Password(whole.get_value()))
                >
                    <Icon name="key" />
                    "Reset password"
                </button>
            }.into_any())}
            {if me {
                view! { <span class="admin__you">"This is you"</span> }.into_any()
            } else if active {
                view! {
                    <button
                        class="button button--quiet button--danger"
                        type="button"
                        data-activate=id.clone()
                        on:click=move |_| {
                            page.confirming.set(Some(whole.with_value(|user| user.id.clone())));
                            focus_soon(".admin__keep".to_owned());
                        }
                    >
                        "Deactivate"
                    </button>
                }.into_any()
            } else {
                view! {
                    <button
                        class="button button--quiet"
                        type="button"
                        data-activate=id.clone()
                        on:click=move |_| page.activate(whole.get_value(), true)
                    >
                        "Activate"
                    </button>
                }.into_any()
            }}
        </div>
    }
}

/// The question before somebody is deactivated.
#[component]
fn Confirm(page: Page, user: UserAccount) -> impl IntoView {
    let user = StoredValue::new(user);
    let keep = move || {
        page.confirming.set(None);
        focus_soon(user.with_value(|user| format!("[data-activate=\"{}\"]", user.id)));
    };
    view! {
        <div
            class="admin__actions"
            role="group"
            aria-labelledby="user-question"
            on:keydown=move |event: leptos::ev::KeyboardEvent| {
                if event.key() == "Escape" {
                    keep();
                }
            }
        >
            <span id="user-question">"Signed out at once, open work goes back to the queue."</span>
            <button
                class="button button--danger"
                type="button"
                aria-describedby="user-question"
                on:click=move |_| page.activate(user.get_value(), false)
            >
                "Deactivate"
            </button>
            <button class="button admin__keep" type="button" on:click=move |_| keep()>"Keep"</button>
        </div>
    }
}

fn roles_line(user: &UserAccount) -> String {
    user.roles
        .iter()
        .map(|role| role.label())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Whether every word of the search is found in name, username or roles.
fn matches(user: &UserAccount, search: &str) -> bool {
    let text = format!("{} {} {}", user.name, user.username, roles_line(user)).to_lowercase();
    search
        .to_lowercase()
        .split_whitespace()
        .all(|word| text.contains(word))
}

fn count_line(shown: usize, all: usize) -> String {
    match (shown, all) {
        (_, 1) => "1 user".to_owned(),
        (shown, all) if shown == all => format!("{all} users"),
        (shown, all) => format!("{shown} of {all} users"),
    }
}
