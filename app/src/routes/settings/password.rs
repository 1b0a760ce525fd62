//! Changing one's own password.
//!
//! Every rule but one is the host's; only the browser knows whether the new password was repeated alike.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;
use shared::error::AppError;

use crate::api::ApiError;
use crate::api::account::password_change;
use crate::attempt::Attempt;
use crate::components::Field;
use crate::state::use_desk;

/// What is wrong, and with which of the three.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wrong {
    Current(String),
    New(String),
    Repeat(String),
    Whole(String),
}

/// The form that changes the password.
#[component]
pub(super) fn PasswordSection() -> impl IntoView {
    let desk = use_desk();
    let (current, new, repeat) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let wrong = RwSignal::new(None::<Wrong>);
    let said = RwSignal::new(String::new());
    let saving = RwSignal::new(false);
    let form = NodeRef::<leptos::html::Form>::new();

    let attempt = Attempt::new();
    let refuse = move |reason: Wrong| {
        wrong.set(Some(reason));
        request_animation_frame(move || {
            let field = form.try_get_untracked().flatten().and_then(|form| {
                form.query_selector("[aria-invalid=true]")
                    .ok()
                    .flatten()
                    .and_then(|field| field.dyn_into::<HtmlElement>().ok())
            });
            if let Some(field) = field {
                // Fails only for a field that left the page.
                let _ = field.focus();
            }
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if saving.get_untracked() {
            return;
        }
        wrong.set(None);
        said.set(String::new());
        let (old, chosen) = (current.get_untracked(), new.get_untracked());
        if let Some(reason) = check(&old, &chosen, &repeat.get_untracked()) {
            refuse(reason);
            return;
        }
        saving.set(true);
        spawn_local(async move {
            let key = attempt.key(&(&old, &chosen));
            let answer = password_change(key, old, chosen).await;
            attempt.answered(&answer);
            match answer {
                Ok(()) => {
                    for field in [current, new, repeat] {
                        field.set(String::new());
                    }
                    said.set("Password changed. Your other sessions have ended.".to_owned());
                }
                Err(ApiError(error)) => refuse(refused(error)),
            }
            saving.set(false);
        });
    };
    let at =
        move |pick: fn(Wrong) -> Option<String>| Signal::derive(move || wrong.get().and_then(pick));
    view! {
        <section class="settings__section card" aria-labelledby="settings-password">
            <h2 class="settings__title" id="settings-password">"Password"</h2>
            <form class="settings__form" method="post" novalidate node_ref=form on:submit=submit>
                // Tells the browser's password store whose password it is.
                <input
                    type="text"
                    name="username"
                    autocomplete="username"
                    value=move || desk.me.with(|me| me.username.clone())
                    readonly
                    hidden
                />
                {move || wrong.get().and_then(|wrong| match wrong {
                    Wrong::Whole(text) => Some(view! {
                        <p class="notice notice--error" role="alert">{text}</p>
                    }),
                    _ => None,
                })}
                <Field
                    label="Current password"
                    name="current-password"
                    kind="password"
                    autocomplete="current-password"
                    value=current
                    error=at(|wrong| if let Wrong::Current(text) = wrong { Some(text) } else { None })
                    required=true
                />
                <Field
                    label="New password"
                    name="new-password"
                    kind="password"
                    autocomplete="new-password"
                    value=new
                    error=at(|wrong| if let Wrong::New(text) = wrong { Some(text) } else { None })
                    hint="8 to 128 characters of any kind."
                    required=true
                />
                <Field
                    label="Repeat"
                    name="repeat-password"
                    kind="password"
                    autocomplete="new-password"
                    value=repeat
                    error=at(|wrong| if let Wrong::Repeat(text) = wrong { Some(text) } else { None })
                    required=true
                />
                <p class="field__hint">"Your other sessions end; this window stays signed in."</p>
                <div class="row">
                    <button
                        class="button button--primary"
                        type="submit"
                        aria-disabled=move || saving.get().then_some("true")
                    >
                        "Change password"
                    </button>
                    <p class="settings__said" role="status">{move || said.get()}</p>
                </div>
            </form>
        </section>
    }
}

/// What can be told without asking the host.
fn check(current: &str, new: &str, repeat: &str) -> Option<Wrong> {
    if current.is_empty() {
        return Some(Wrong::Current(
            "Current password must not be empty.".to_owned(),
        ));
    }
    if new.is_empty() {
        return Some(Wrong::New("New password must not be empty.".to_owned()));
    }
    (new != repeat).then(|| Wrong::Repeat("The two new passwords are not the same.".to_owned()))
}

/// What the host refused, which knows all rules but the one above.
fn refused(error: AppError) -> Wrong {
    match error {
        AppError::Invalid { field, reason } if field == "new" => {
            Wrong::New(format!("New password {reason}."))
        }
        AppError::Invalid { field, .. } if field == "old" => {
            Wrong::Current("This is not your current password.".to_owned())
        }
        error => Wrong::Whole(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_that_differs_is_told_at_the_repeat() {
        assert!(matches!(
            check("old old old", "a new password", "another one"),
            Some(Wrong::Repeat(_))
        ));
        assert_eq!(
            check("old old old", "a new password", "a new password"),
            None
        );
    }

    #[test]
    fn e50_what_the_host_refuses_is_told_at_its_field() {
        let wrong = refused(AppError::invalid("new", "has 5 characters"));
        assert_eq!(
            wrong,
            Wrong::New("New password has 5 characters.".to_owned())
        );
        assert!(matches!(
            refused(AppError::invalid("old", "is not your current password")),
            Wrong::Current(_)
        ));
        assert!(matches!(
            refused(AppError::RateLimited { retry_after_s: 9 }),
            Wrong::Whole(_)
        ));
    }
}
