//! The user's sessions: where they are signed in, and a way to end each.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::account::{SessionInfo, SignedInFrom};
use shared::ids::SessionId;

use crate::api::ApiError;
use crate::api::account::{session_end, session_list, sessions_end_elsewhere};
use crate::attempt::Attempt;
use crate::components::{Icon, LocalTime};
use crate::language::error_text;

/// What the section's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct State {
    list: RwSignal<Vec<SessionInfo>>,
    busy: RwSignal<bool>,
    attempt: Attempt,
    said: RwSignal<&'static str>,
    trouble: RwSignal<Option<String>>,
}

impl State {
    fn load(self) {
        spawn_local(async move {
            match session_list().await {
                Ok(list) => drop(self.list.try_set(list)),
                Err(ApiError(error)) => drop(self.trouble.try_set(Some(error_text(&error)))),
            }
        });
    }

    /// Ends one session, or all but this one.
    fn end(self, session: Option<SessionId>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.said.set("");
        self.trouble.set(None);
        spawn_local(async move {
            let key = self.attempt.key(&session);
            let (answer, said) = match session {
                Some(session) => (session_end(key, session).await, t!(settings.session_ended)),
                None => (
                    sessions_end_elsewhere(key).await,
                    t!(settings.signed_out_elsewhere),
                ),
            };
            self.attempt.answered(&answer);
            match answer {
                Ok(()) => drop(self.said.try_set(said)),
                Err(ApiError(error)) => drop(self.trouble.try_set(Some(error_text(&error)))),
            }
            self.busy.try_set(false);
            self.load();
        });
    }
}

/// The section of the sessions. They are not part of the first page: the list appears when it is there.
#[component]
pub(super) fn Sessions() -> impl IntoView {
    let state = State {
        list: RwSignal::new(Vec::new()),
        busy: RwSignal::new(false),
        attempt: Attempt::new(),
        said: RwSignal::new(""),
        trouble: RwSignal::new(None),
    };
    Effect::new(move || state.load());
    view! {
        <section class="settings__section card" aria-labelledby="settings-sessions">
            <h2 class="settings__title" id="settings-sessions">{t!(settings.sessions)}</h2>
            <ul class="settings__sessions" aria-labelledby="settings-sessions">
                {move || state.list.get().into_iter().map(|session| row(state, session)).collect_view()}
            </ul>
            <p class="field__hint">{t!(settings.sessions_hint)}</p>
            <div class="row">
                <button
                    class="button"
                    type="button"
                    aria-disabled=move || state.busy.get().then_some("true")
                    on:click=move |_| state.end(None)
                >
                    <Icon name="logout" />
                    {t!(settings.sign_out_elsewhere)}
                </button>
                <p class="settings__said" role="status">{move || state.said.get()}</p>
            </div>
            {move || state.trouble.get().map(|text| view! {
                <p class="notice notice--error" role="alert">{text}</p>
            }.into_any())}
        </section>
    }
}

fn row(state: State, session: SessionInfo) -> AnyView {
    let place = place_text(&session.from);
    let SessionInfo {
        id,
        since,
        used,
        here,
        ..
    } = session;
    let end = match here {
        true => {
            view! { <span class="badge badge--ok">{t!(settings.session_here)}</span> }.into_any()
        }
        false => view! {
            <button
                class="button button--quiet"
                type="button"
                aria-label=t!(settings.session_end_of, browser = place)
                aria-disabled=move || state.busy.get().then_some("true")
                on:click=move |_| state.end(Some(id.clone()))
            >
                {t!(settings.session_end)}
            </button>
        }
        .into_any(),
    };
    view! {
        <li class="settings__session">
            <div>
                <p class="settings__session-name">{place}</p>
                <p class="field__hint">
                    {t!(settings.session_since)}" "<LocalTime at=since />" · "
                    {t!(settings.session_used)}" "<LocalTime at=used />
                </p>
            </div>
            {end}
        </li>
    }
    .into_any()
}

/// The browser and the system, as far as they are known.
fn place_text(from: &SignedInFrom) -> String {
    match (&*from.browser, &*from.system) {
        ("", "") => t!(settings.session_unknown).to_owned(),
        ("", system) => system.to_owned(),
        (browser, "") => browser.to_owned(),
        (browser, system) => t!(settings.session_in, browser = browser, system = system),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_a_session_is_named_by_what_is_known_of_it() {
        let text = |browser: &str, system: &str| {
            place_text(&SignedInFrom {
                browser: browser.to_owned(),
                system: system.to_owned(),
            })
        };
        assert_eq!(text("Firefox", "Windows"), "Firefox on Windows");
        assert_eq!(text("Firefox", ""), "Firefox");
        assert_eq!(text("", "Linux"), "Linux");
        assert_eq!(text("", ""), "Unknown browser");
    }
}
