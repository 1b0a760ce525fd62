//! A password that an administrator gives to somebody else.
//!
//! It is shown while it is chosen, because it has to be passed on to the user; it is never loaded from anywhere.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::UserAccount;

use super::state::{UserEdit, UsersState};
use crate::api::ApiError;
use crate::api::administration::user_password_reset;
use crate::attempt::Attempt;
use crate::components::Field;
use crate::random::random_hex;
use crate::routes::admin::editor::EditorPanel;
use crate::routes::admin::focus_soon;
use crate::routes::refusal::Refusal;

/// The form that gives somebody a new password.
#[component]
pub(super) fn PasswordEditor(state: UsersState, user: UserAccount) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let saving = RwSignal::new(false);
    let attempt = Attempt::new();
    let refusal = Refusal::new();
    let heading = t!(users.new_password_for, name = user.name);
    let user = StoredValue::new(user);
    let dirty = state.editor.dirty;
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
                Ok(()) => user.with_value(|user| state.password_set(user)),
                Err(ApiError(error))
                    if state.proof.takes(&error, again.try_get_value().flatten()) => {}
                Err(error) => {
                    refusal.set(error);
                    focus_soon(".editor [aria-invalid=true]".to_owned());
                }
            }
        });
    });
    again.set_value(Some(on_save));
    let on_cancel = Callback::new(move |()| state.cancelled(&UserEdit::Password(user.get_value())));
    view! {
        <EditorPanel
            title=heading
            refused=refusal.above(&["password"])
            saving
            held=state.editor.held()
            on_save
            on_cancel
        >
            <NewPassword password refusal />
            <p class="field__hint">{t!(users.password_hint)}</p>
        </EditorPanel>
    }
}

/// A password that is being chosen for somebody else, with a proposal on request.
#[component]
pub(super) fn NewPassword(password: RwSignal<String>, refusal: Refusal) -> impl IntoView {
    view! {
        <Field
            label=t!(users.password)
            name="user-password"
            value=password
            error=refusal.at("password")
            hint=t!(users.new_password_hint)
            required=true
        />
        <button
            class="button editor__suggest"
            type="button"
            on:click=move |_| password.set(proposal())
        >
            {t!(users.suggest)}
        </button>
    }
}

/// 64 random bits in groups that can be read out.
fn proposal() -> String {
    let digits: Vec<char> = random_hex().chars().take(16).collect();
    let groups: Vec<String> = digits
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}
