//! Changing the password.
//!
//! Every rule but one is the host's; only the browser knows whether the new password was repeated alike.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;

use crate::api::ApiError;
use crate::api::account::password_change;
use crate::attempt::Attempt;
use crate::components::Field;
use crate::components::focus::focus_in;
use crate::language::{error_text, problem_text};
use crate::state::use_session;

/// What is wrong, and with which of the three.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wrong {
    Current(String),
    New(String),
    Repeat(String),
    Whole(String),
}

/// What is typed, and what came of sending it. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Change {
    current: RwSignal<String>,
    new: RwSignal<String>,
    repeat: RwSignal<String>,
    wrong: RwSignal<Option<Wrong>>,
    said: RwSignal<String>,
    saving: RwSignal<bool>,
    attempt: Attempt,
    form: NodeRef<html::Form>,
}

impl Change {
    fn begin() -> Self {
        Self {
            current: RwSignal::new(String::new()),
            new: RwSignal::new(String::new()),
            repeat: RwSignal::new(String::new()),
            wrong: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            saving: RwSignal::new(false),
            attempt: Attempt::new(),
            form: NodeRef::new(),
        }
    }

    fn refuse(self, reason: Wrong) {
        self.wrong.set(Some(reason));
        request_animation_frame(move || {
            if let Some(form) = self.form.try_get_untracked().flatten() {
                focus_in(&form, "[aria-invalid=true]");
            }
        });
    }

    fn submit(self) {
        if self.saving.get_untracked() {
            return;
        }
        self.wrong.set(None);
        self.said.set(String::new());
        let (old, chosen) = (self.current.get_untracked(), self.new.get_untracked());
        if let Some(reason) = check(&old, &chosen, &self.repeat.get_untracked()) {
            self.refuse(reason);
            return;
        }
        self.saving.set(true);
        spawn_local(async move {
            let key = self.attempt.key(&(&old, &chosen));
            let answer = password_change(key, old, chosen).await;
            self.attempt.answered(&answer);
            match answer {
                Ok(()) => {
                    for field in [self.current, self.new, self.repeat] {
                        field.set(String::new());
                    }
                    self.said.set(t!(password.changed).to_owned());
                }
                Err(ApiError(error)) => self.refuse(refused(error)),
            }
            self.saving.set(false);
        });
    }
}

/// The form that changes the password.
#[component]
pub(super) fn PasswordSection() -> impl IntoView {
    let session = use_session();
    let change = Change::begin();
    let Change {
        current,
        new,
        repeat,
        wrong,
        ..
    } = change;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        change.submit();
    };
    let at =
        move |pick: fn(Wrong) -> Option<String>| Signal::derive(move || wrong.get().and_then(pick));
    view! {
        <section class="settings__section card" aria-labelledby="settings-password">
            <h2 class="settings__title" id="settings-password">{t!(password.title)}</h2>
            <form class="settings__form" method="post" novalidate node_ref=change.form on:submit=submit>
                // Tells the browser's password store whose password it is.
                <input
                    type="text"
                    name="username"
                    autocomplete="username"
                    value=move || session.me.with(|me| me.username.clone())
                    readonly
                    hidden
                />
                {move || wrong.get().and_then(|wrong| match wrong {
                    Wrong::Whole(text) => Some(view! {
                        <p class="notice notice--error" role="alert">{text}</p>
                    }.into_any()),
                    _ => None,
                })}
                <Field
                    label=t!(password.current)
                    name="current-password"
                    kind="password"
                    autocomplete="current-password"
                    value=current
                    error=at(|wrong| if let Wrong::Current(text) = wrong { Some(text) } else { None })
                    required=true
                />
                <Field
                    label=t!(password.new)
                    name="new-password"
                    kind="password"
                    autocomplete="new-password"
                    value=new
                    error=at(|wrong| if let Wrong::New(text) = wrong { Some(text) } else { None })
                    hint=t!(password.hint)
                    required=true
                />
                <Field
                    label=t!(password.repeat)
                    name="repeat-password"
                    kind="password"
                    autocomplete="new-password"
                    value=repeat
                    error=at(|wrong| if let Wrong::Repeat(text) = wrong { Some(text) } else { None })
                    required=true
                />
                <p class="field__hint">{t!(password.sessions)}</p>
                <div class="row">
                    <button
                        class="button button--primary"
                        type="submit"
                        aria-disabled=move || change.saving.get().then_some("true")
                    >
                        {t!(password.submit)}
                    </button>
                    <p class="settings__said" role="status">{move || change.said.get()}</p>
                </div>
            </form>
        </section>
    }
}

/// What can be checked without asking the host.
fn check(current: &str, new: &str, repeat: &str) -> Option<Wrong> {
    if current.is_empty() {
        return Some(Wrong::Current(t!(password.current_empty).to_owned()));
    }
    if new.is_empty() {
        return Some(Wrong::New(t!(password.new_empty).to_owned()));
    }
    (new != repeat).then(|| Wrong::Repeat(t!(password.repeat_differs).to_owned()))
}

/// What the host refused, which knows all rules but the one above.
fn refused(error: AppError) -> Wrong {
    match error {
        AppError::Invalid { field, problem } if field == "new" => {
            Wrong::New(problem_text(&problem))
        }
        AppError::Invalid { field, .. } if field == "old" => {
            Wrong::Current(t!(password.current_wrong).to_owned())
        }
        error => Wrong::Whole(error_text(&error)),
    }
}

#[cfg(test)]
mod tests {
    use shared::error::Problem;

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
        let wrong = refused(AppError::invalid("new", Problem::BlanksOnly));
        assert_eq!(
            wrong,
            Wrong::New("Use at least one visible character.".to_owned())
        );
        assert!(matches!(
            refused(AppError::invalid("old", Problem::WrongPassword)),
            Wrong::Current(_)
        ));
        assert!(matches!(
            refused(AppError::rate_limited(9)),
            Wrong::Whole(_)
        ));
    }
}
