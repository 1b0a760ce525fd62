//! Asks the administrator for their own password once more, where an act needs it, and then goes on with the act.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::{AppError, PROOF};

use super::focus_soon;
use crate::answer::login_url;
use crate::api::ApiError;
use crate::api::account::password_prove;
use crate::components::dialog::DialogFoot;
use crate::components::{Dialog, Field};
use crate::language::error_text;
use crate::sign_on::sign_on_offered;
use crate::state::use_session;

/// What waits for the proof. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Proof(RwSignal<Option<Callback<()>>>);

impl Proof {
    /// Nothing waits.
    pub(super) fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Whether the refusal is none, because the act is tried again as soon as the password was entered.
    pub(super) fn takes(self, refused: &AppError, again: Option<Callback<()>>) -> bool {
        let takes = refused.asks_for_proof() && again.is_some();
        if takes {
            self.0.try_set(again);
        }
        takes
    }
}

/// The dialog, as long as something waits.
#[component]
pub(super) fn ProofDialog(proof: Proof) -> impl IntoView {
    move || {
        proof
            .0
            .get()
            .map(|again| view! { <Ask proof again /> }.into_any())
    }
}

/// The password as it is entered, and what came of it. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Proving {
    password: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
    trouble: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Proving {
    fn new() -> Self {
        Self {
            password: RwSignal::new(String::new()),
            wrong: RwSignal::new(None),
            trouble: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    fn refuse(self, reason: &str) {
        self.wrong.try_set(Some(reason.to_owned()));
        focus_soon(FIELD.to_owned());
    }

    fn submit(self, proof: Proof, again: Callback<()>) {
        if self.busy.get_untracked() {
            return;
        }
        self.wrong.set(None);
        self.trouble.set(None);
        let typed = self.password.get_untracked();
        if typed.is_empty() {
            return self.refuse(t!(proof.empty));
        }
        self.busy.set(true);
        spawn_local(async move {
            let answer = password_prove(typed).await;
            self.busy.try_set(false);
            match answer {
                Ok(()) => {
                    proof.0.try_set(None);
                    again.run(());
                }
                Err(ApiError(AppError::Invalid { field, .. })) if field == PROOF => {
                    self.refuse(t!(password.current_wrong));
                }
                Err(error) => {
                    self.trouble.try_set(Some(error_text(&error.0)));
                }
            }
        });
    }
}

#[component]
fn Ask(proof: Proof, again: Callback<()>) -> impl IntoView {
    let session = use_session();
    let proving = Proving::new();
    let close = Callback::new(move |()| proof.0.set(None));
    Effect::new(move || focus_soon(FIELD.to_owned()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        proving.submit(proof, again);
    };
    view! {
        <Dialog title=t!(proof.title).to_owned() on_close=close class="dialog--narrow">
            <form method="post" novalidate on:submit=submit>
                <div class="dialog__body">
                    <p>{t!(proof.line)}</p>
                    // Tells the browser's password store whose password it is.
                    <input
                        type="text"
                        name="username"
                        autocomplete="username"
                        value=move || session.me.with(|me| me.username.clone())
                        readonly
                        hidden
                    />
                    {move || proving.trouble.get().map(|text| view! {
                        <p class="notice notice--error" role="alert">{text}</p>
                    }.into_any())}
                    <Field
                        label=t!(proof.password)
                        name="your-password"
                        kind="password"
                        autocomplete="current-password"
                        value=proving.password
                        error=proving.wrong
                        required=true
                    />
                    {sign_on_offered().map(|offered| view! {
                        <p>
                            <a class="button" href=again_at(&location_path()) rel="external">
                                {t!(proof.provider, name = offered.name)}
                            </a>
                        </p>
                    }.into_any())}
                </div>
                <DialogFoot label=t!(proof.submit) busy=proving.busy on_cancel=close />
            </form>
        </Dialog>
    }
}

/// Where a fresh sign-in at the provider counts in place of the password. It leads back to this page.
fn again_at(path: &str) -> String {
    ["/sso/again", login_url(path).trim_start_matches("/login")].concat()
}

/// The page's path. The dialog is never rendered by the host.
fn location_path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Finds the field.
const FIELD: &str = "#your-password";
