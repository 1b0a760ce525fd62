//! The panels of one user: name, roles and an agent's capacity, or a new password.
//!
//! A password is shown while it is chosen, because somebody has to be told it; it is never loaded from anywhere.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::UserAccount;
use shared::error::AppError;
use shared::people::Role;

use super::capacity_field::{Capacity, CapacityField};
use super::editor::EditorPanel;
use super::focus_soon;
use super::meanwhile::{Meanwhile, rival};
use super::roles_field::RolesField;
use super::users::{Page, UserEdit};
use crate::api::ApiError;
use crate::api::administration::{user_create, user_list, user_password_reset, user_update};
use crate::attempt::Attempt;
use crate::clock::new_key;
use crate::components::Field;
use crate::routes::refusal::Refusal;

/// The names of the inputs on the wire.
const FIELDS: &[&str] = &[
    "display_name",
    "username",
    "roles",
    "password",
    "capacity",
    "capacity_chat",
    "capacity_social",
    "capacity_sms",
    "capacity_phone",
    "capacity_email",
];

/// The form for one user; `None` creates a new one.
#[component]
pub(super) fn UserEditor(page: Page, user: Option<UserAccount>) -> impl IntoView {
    let (name, roles) = match &user {
        Some(user) => (user.name.clone(), user.roles.clone()),
        None => (String::new(), Vec::new()),
    };
    let name = RwSignal::new(name);
    let roles = RwSignal::new(roles);
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let capacity = Capacity::new(user.as_ref().and_then(|user| user.capacity));
    let saving = RwSignal::new(false);
    let refusal = Refusal::new();
    let is_new = user.is_none();
    let agent = Memo::new(move |_| !is_new && roles.with(|roles| roles.contains(&Role::Agent)));
    let heading = user.as_ref().map_or_else(
        || "New user".to_owned(),
        |user| format!("Edit {}", user.name),
    );
    let original = StoredValue::new(user);
    let attempt = Attempt::new();
    // The account as somebody else has saved it since.
    let theirs = RwSignal::new(None::<UserAccount>);

    let dirty = page.editor().dirty;
    Effect::new(move |_| {
        let (name, roles) = (name.get(), roles.get());
        dirty.set(original.with_value(|original| match original {
            Some(user) => {
                let capacity = agent.get() && capacity.differs(user.capacity);
                user.name != name || user.roles != roles || capacity
            }
            None => {
                let blank = name.is_empty() && roles.is_empty();
                !blank
                    || username.with(|text| !text.is_empty())
                    || password.with(|text| !text.is_empty())
            }
        }));
    });

    let again = StoredValue::new(None);
    let on_save = Callback::new(move |()| {
        refusal.clear();
        theirs.set(None);
        let chosen = roles.get_untracked();
        if chosen.is_empty() {
            refusal.set(AppError::invalid("roles", "need at least one choice"));
            focus_soon(".roles input".to_owned());
            return;
        }
        let gives = agent.get_untracked().then(|| capacity.chosen());
        let gives = match gives.transpose() {
            Ok(gives) => gives,
            Err(error) => {
                refusal.set(error);
                focus_soon(".editor [aria-invalid=true]".to_owned());
                return;
            }
        };
        saving.set(true);
        let called = name.get_untracked();
        spawn_local(async move {
            let answer = match original.get_value() {
                Some(user) => {
                    let key = attempt.key(&(&user.id, user.version, &called, &chosen, gives));
                    user_update(key, user.id, Some(user.version), called, chosen, gives).await
                }
                None => {
                    let (username, password) = (username.get_untracked(), password.get_untracked());
                    let key = attempt.key(&(&username, &called, &chosen, &password));
                    user_create(key, username, called, chosen, password).await
                }
            };
            attempt.answered(&answer);
            let error = match answer {
                Ok(user) => {
                    saving.set(false);
                    page.saved(user);
                    return;
                }
                Err(error) => error,
            };
            if page
                .proof()
                .takes(&error.0, again.try_get_value().flatten())
            {
                saving.try_set(false);
                return;
            }
            if let Some(user) = original.try_get_value().flatten() {
                let load = async {
                    let users = user_list().await?;
                    Ok(users.into_iter().find(|known| known.id == user.id))
                };
                let now = rival(&error, user.version, |now: &UserAccount| now.version, load).await;
                theirs.try_set(now);
            }
            saving.try_set(false);
            refusal.set(error);
            focus_soon(".editor [aria-invalid=true], .editor__theirs".to_owned());
        });
    });
    again.set_value(Some(on_save));
    let on_theirs = Callback::new(move |()| {
        if let Some(user) = theirs.get_untracked() {
            page.put(user.clone());
            page.editor().reopen(UserEdit::Change(user));
        }
    });
    let on_mine = Callback::new(move |()| {
        original.set_value(theirs.get_untracked());
        on_save.run(());
    });
    let on_cancel = Callback::new(move |()| {
        page.cancelled(&original.get_value().map_or(UserEdit::New, UserEdit::Change));
    });
    view! {
        <EditorPanel title=heading refused=refusal.above(FIELDS) saving held=page.editor().held() on_save on_cancel>
            <Meanwhile shown=Signal::derive(move || theirs.with(Option::is_some)) on_theirs on_mine />
            <Field
                label="Name"
                name="user-name"
                value=name
                error=refusal.at("Name", "display_name")
                hint="As everybody sees it."
                required=true
            />
            {is_new.then(|| view! {
                <Field
                    label="Username"
                    name="user-username"
                    value=username
                    error=refusal.at("Username", "username")
                    hint="For signing in: 2 to 40 letters, digits, dots, dashes or underscores."
                    required=true
                />
            }.into_any())}
            <RolesField roles error=refusal.at("Roles", "roles") />
            {move || agent.get().then(|| view! { <CapacityField capacity refusal /> }.into_any())}
            {is_new.then(|| view! { <NewPassword password refusal /> }.into_any())}
            {(!is_new).then(|| view! {
                <p class="field__hint">"When the roles change, the user is signed out and signs in again."</p>
            }.into_any())}
        </EditorPanel>
    }
}

/// The form that gives somebody a new password.
#[component]
pub(super) fn PasswordEditor(page: Page, user: UserAccount) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let saving = RwSignal::new(false);
    let attempt = Attempt::new();
    let refusal = Refusal::new();
    let heading = format!("New password for {}", user.name);
    let user = StoredValue::new(user);
    let dirty = page.editor().dirty;
    Effect::new(move |_| dirty.set(password.with(|text| !text.is_empty())));

    let again = StoredValue::new(None);
    let on_save = Callback::new(move |()| {
        refusal.clear();
        saving.set(true);
        spawn_local(async move {
            let id = user.with_value(|user| user.id.clone());
            let password = password.get_untracked();
            let key = attempt.key(&(&id, &password));
            let answer = user_password_reset(key, id, password).await;
            attempt.answered(&answer);
            saving.set(false);
            match answer {
                Ok(()) => user.with_value(|user| page.password_set(user)),
                Err(ApiError(error))
                    if page.proof().takes(&error, again.try_get_value().flatten()) => {}
                Err(error) => {
                    refusal.set(error);
                    focus_soon(".editor [aria-invalid=true]".to_owned());
                }
            }
        });
    });
    again.set_value(Some(on_save));
    let on_cancel = Callback::new(move |()| page.cancelled(&UserEdit::Password(user.get_value())));
    view! {
        <EditorPanel
            title=heading
            refused=refusal.above(&["password"])
            saving
            held=page.editor().held()
            on_save
            on_cancel
        >
            <NewPassword password refusal />
            <p class="field__hint">"The user is signed out everywhere and signs in with the new password."</p>
        </EditorPanel>
    }
}

/// A password that is being chosen for somebody else, with a proposal on request.
#[component]
fn NewPassword(password: RwSignal<String>, refusal: Refusal) -> impl IntoView {
    view! {
        <Field
            label="Password"
            name="user-password"
            value=password
            error=refusal.at("Password", "password")
            hint="8 to 128 characters of any kind. Tell the user; they can change it in their settings."
            required=true
        />
        <button
            class="button editor__suggest"
            type="button"
            on:click=move |_| {
                // 64 random bits in groups that can be read out.
                let key = new_key();
                let digits: Vec<char> = key.as_str().chars().take(16).collect();
                let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
                password.set(groups.join("-"));
            }
        >
            "Suggest one"
        </button>
    }
}
