//! The state of the live connection in words. Quiet while all is well, and for the moment that a connection
//! normally takes.

use std::time::Duration;

use leptos::prelude::*;

use crate::live::{ConnectionState, use_live};

/// A connection that takes no longer than this is nobody's concern.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// A line that offers to load the page again once the host is of another release. What is typed outlives it.
#[component]
pub fn ReleaseBanner() -> impl IntoView {
    let newer = use_live().newer;
    let reload = move |_| {
        // Fails only while the page is already being left.
        let _ = window().location().reload();
    };
    view! {
        <div role="status" aria-live="polite" class="connection">
            {move || newer.get().then(|| view! {
                <p class="connection__line connection__line--newer">
                    {t!(connection.newer)}" "
                    <button type="button" class="button button--quiet" on:click=reload>{t!(connection.reload)}</button>
                </p>
            }.into_any())}
        </div>
    }
}

/// A line below the header while the page is not live.
#[component]
pub fn ConnectionBanner() -> impl IntoView {
    let state = use_live().state;
    let late = RwSignal::new(false);
    Effect::new(move || {
        late.set(false);
        if state.get() == ConnectionState::Connecting
            && let Ok(timer) = set_timeout_with_handle(move || late.set(true), PATIENCE)
        {
            on_cleanup(move || timer.clear());
        }
    });
    let text = move || match state.get() {
        ConnectionState::Live => None,
        ConnectionState::Connecting => late.get().then_some(t!(connection.connecting)),
        ConnectionState::Offline => Some(t!(connection.offline)),
    };
    view! {
        <div role="status" aria-live="polite" class="connection">
            {move || text().map(|text| {
                let offline = state.get() == ConnectionState::Offline;
                view! {
                    <p class="connection__line" class:connection__line--offline=offline>{text}</p>
                }.into_any()
            })}
        </div>
    }
}
