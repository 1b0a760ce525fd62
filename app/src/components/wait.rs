//! How long a customer has waited for an answer: the longer, the more it catches the eye.

use leptos::prelude::*;
use shared::time::Timestamp;

use crate::clock::use_now;
use crate::components::{Icon, Waiting};

/// Seconds after which a wait is highlighted.
const LONG_S: i64 = 120;
/// Seconds after which a wait needs somebody.
const TOO_LONG_S: i64 = 300;

/// The wait, counting; nothing while nobody waits.
#[component]
pub fn Wait(#[prop(into)] since: Signal<Option<Timestamp>>) -> impl IntoView {
    let now = use_now();
    let class = Memo::new(move |_| {
        let waited = now.get()?.seconds_since(since.get()?);
        Some(match waited {
            waited if waited > TOO_LONG_S => "wait wait--danger",
            waited if waited > LONG_S => "wait wait--warn",
            _ => "wait",
        })
    });
    let waits = Memo::new(move |_| since.get().is_some());
    move || {
        waits.get().then(|| {
            view! {
                <span class=move || class.get().unwrap_or("wait")>
                    <Icon name="clock" />
                    <span class="visually-hidden">{t!(common.waiting_word)}" "</span>
                    <Waiting since=since />
                </span>
            }
            .into_any()
        })
    }
}
