//! `/admin/users`: everybody who can sign in.
//!
//! What somebody wrote keeps its author: a deactivated or deleted user is only no longer offered anywhere.

mod editor;
mod memberships;
mod password;
mod state;

use leptos::prelude::*;
use shared::admin::{Team, UserAccount};

use self::editor::UserEditor;
use self::password::PasswordEditor;
use self::state::{UserEdit, UsersState, roles_line};
use super::deletion::DeletionDialog;
use super::proof::ProofDialog;
use super::{focus_soon, loading_view, trouble_view};
use crate::api::administration::{TeamList, UserList};
use crate::components::{Icon, PageTitle};
use crate::first_data::first_answer;
use crate::language::number;
use crate::state::use_session;

/// The page of the people who can sign in.
#[component]
pub fn UsersPage() -> impl IntoView {
    let loaded = first_answer(|| Some(UserList {}));
    // Without the right to see teams, users are shown without them.
    let teams = first_answer(|| Some(TeamList {})).answer;
    let teams = Signal::derive(move || teams.get().and_then(Result::ok).unwrap_or_default());
    view! {
        <PageTitle text=t!(users.title) />
        {loaded.show(loading_view, move |users| view! { <Users users teams /> }.into_any())}
    }
}

#[component]
fn Users(users: Vec<UserAccount>, teams: Signal<Vec<Team>>) -> impl IntoView {
    let state = UsersState::new(users, teams);
    view! {
        <div class="page admin">
            <div class="page__head">
                <h1 class="page__title">{t!(users.title)}</h1>
                <p class="admin__said" role="status">{move || state.said.get()}</p>
                <a class="button" rel="external" href="/admin/roles">{t!(users.roles)}</a>
                <a class="button" rel="external" href="/admin/users/import">{t!(users.import)}</a>
                <a class="button" rel="external" href="/admin/users/export" download="">{t!(common.export_csv)}</a>
                <a class="button" rel="external" href="/admin/single-sign-on">{t!(users.single_sign_on)}</a>
                <button
                    class="button button--primary"
                    type="button"
                    id="user-new"
                    on:click=move |_| state.editor.open(UserEdit::New)
                >
                    <Icon name="plus" />
                    {t!(users.new)}
                </button>
            </div>
            {trouble_view(state.trouble)}
            <DeletionDialog deletion=state.deletion />
            <ProofDialog proof=state.proof />
            <div class="admin__split">
                {move || state.editor.get().map(|edit| match edit {
                    UserEdit::New => view! { <UserEditor state user=None /> }.into_any(),
                    UserEdit::Change(user) => view! { <UserEditor state user=Some(user) /> }.into_any(),
                    UserEdit::Password(user) => view! { <PasswordEditor state user /> }.into_any(),
                })}
                <UserTable state />
            </div>
        </div>
    }
}

/// The users that the search finds.
#[component]
fn UserTable(state: UsersState) -> impl IntoView {
    let shown = state.found();
    view! {
        <div class="admin__list card">
            <div class="admin__search">
                <Icon name="search" />
                <input
                    class="input"
                    dir="auto"
                    type="search"
                    aria-label=t!(users.search)
                    placeholder=t!(users.search_hint)
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || state.search.get()
                    on:input=move |event| state.search.set(event_target_value(&event))
                />
                <span class="admin__count" role="status">
                    {move || count_line(shown.with(Vec::len), state.users.with(Vec::len))}
                </span>
            </div>
            <table class="table admin__table admin__table--people" aria-label=t!(users.title)>
                <thead>
                    <tr>
                        <th scope="col">{t!(users.name)}</th>
                        <th scope="col">{t!(users.username)}</th>
                        <th scope="col">{t!(users.roles)}</th>
                        <th scope="col">{t!(users.teams)}</th>
                        <th scope="col">{t!(users.state)}</th>
                        <th scope="col"><span class="visually-hidden">{t!(common.actions)}</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || shown.get()
                        key=|user| (user.id.clone(), user.version, user.name.clone(), user.roles.clone(), user.active)
                        let:user
                    >
                        <Row state user />
                    </For>
                </tbody>
            </table>
            {move || shown.with(Vec::is_empty).then(|| view! {
                <div class="empty">
                    <Icon name="search" />
                    <p class="empty__title">{t!(admin.nobody_found)}</p>
                </div>
            }.into_any())}
        </div>
    }
}

#[component]
fn Row(state: UsersState, user: UserAccount) -> impl IntoView {
    let me = use_session().me.with_untracked(|me| me.id == user.id);
    let whole = StoredValue::new(user.clone());
    let asked = {
        let id = user.id.clone();
        Memo::new(move |_| state.confirming.with(|asked| asked.as_ref() == Some(&id)))
    };
    let active = user.active;
    // The buttons keep their room below the question.
    let question = move || {
        (asked.get()).then(|| view! { <Confirm state user=whole.get_value() /> }.into_any())
    };
    view! {
        <tr class:admin__row--off=!active>
            <th scope="row" class="admin__name" dir="auto">{user.name.clone()}</th>
            <td>{user.username.clone()}</td>
            <td>{roles_line(&user)}</td>
            <td class="admin__text">{move || state.teams_line(&whole.with_value(|user| user.id.clone()))}</td>
            <td>
                {if active {
                    view! { <span class="badge badge--ok">{t!(users.active)}</span> }.into_any()
                } else {
                    view! { <span class="badge">{t!(common.deactivated)}</span> }.into_any()
                }}
            </td>
            <td class="admin__cell">
                <Actions state whole me />
                {question}
            </td>
        </tr>
    }
}

/// What can be done with a user; nobody deactivates themselves.
#[component]
fn Actions(state: UsersState, whole: StoredValue<UserAccount>, me: bool) -> impl IntoView {
    let (id, active) = whole.with_value(|user| (user.id.to_string(), user.active));
    view! {
        <div class="admin__actions">
            <button
                class="button button--quiet"
                type="button"
                data-edit=id.clone()
                on:click=move |_| state.editor.open(UserEdit::Change(whole.get_value()))
            >
                <Icon name="edit" />
                {t!(common.edit)}
            </button>
            {(!me).then(|| view! {
                <button
                    class="button button--quiet"
                    type="button"
                    data-password=id.clone()
                    on:click=move |_| state.editor.open(UserEdit::Password(whole.get_value()))
                >
                    <Icon name="key" />
                    {t!(users.reset_password)}
                </button>
            }.into_any())}
            {if me {
                view! { <span class="admin__you">{t!(users.you)}</span> }.into_any()
            } else if active {
                view! {
                    <button
                        class="button button--quiet button--danger"
                        type="button"
                        data-activate=id.clone()
                        on:click=move |_| {
                            state.confirming.set(Some(whole.with_value(|user| user.id.clone())));
                            focus_soon(".admin__keep".to_owned());
                        }
                    >
                        {t!(users.deactivate)}
                    </button>
                }.into_any()
            } else {
                view! {
                    <button
                        class="button button--quiet"
                        type="button"
                        data-activate=id.clone()
                        on:click=move |_| state.activate(whole.get_value(), true)
                    >
                        {t!(users.activate)}
                    </button>
                }.into_any()
            }}
        </div>
    }
}

/// The question before somebody is deactivated.
#[component]
fn Confirm(state: UsersState, user: UserAccount) -> impl IntoView {
    let user = StoredValue::new(user);
    let keep = move || {
        state.confirming.set(None);
        focus_soon(user.with_value(|user| format!("[data-activate=\"{}\"]", user.id)));
    };
    view! {
        <div
            class="admin__actions admin__question"
            role="group"
            aria-labelledby="user-question"
            on:keydown=move |event: leptos::ev::KeyboardEvent| {
                if event.key() == "Escape" {
                    keep();
                }
            }
        >
            <span id="user-question">
                {user.with_value(|user| t!(users.deactivate_question, name = user.name))}
            </span>
            <button
                class="button button--danger"
                type="button"
                aria-describedby="user-question"
                on:click=move |_| state.activate(user.get_value(), false)
            >
                {t!(users.deactivate)}
            </button>
            <button class="button admin__keep" type="button" on:click=move |_| keep()>{t!(common.cancel)}</button>
        </div>
    }
}

fn count_line(shown: usize, all: usize) -> String {
    if shown == all || all == 1 {
        t!(users.count, count = all)
    } else {
        t!(users.count_of, shown = number(shown), count = all)
    }
}
