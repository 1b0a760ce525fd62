//! The state of the live connection in words. Quiet while all is well, and for the moment that a connection
//! normally takes.

use std::time::Duration;

use crate::prelude::*;

use crate::live::{ConnectionState, use_live};

/// A connection that takes no longer than this is nobody's concern.
const PATIENCE: Duration = Duration::from_millis(1_500);

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
        ConnectionState::Connecting => late.get().then_some("Connecting…"),
        ConnectionState::Offline => Some("Offline: what you type is kept"),
    };
    view! {
        <div role="status" aria-live="polite" class="connection">
            {move || text().map(|text| {
                let offline = state.get() == ConnectionState::Offline;
                view! {
                    <p class="connection__line" class:connection__line--offline=offline>{text}</p>
                }
            })}
        </div>
    }
}
