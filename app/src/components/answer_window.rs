//! Until when a customer can be answered whose provider does not take an answer for ever: a clock that runs.

use leptos::prelude::*;
use shared::time::Timestamp;

use crate::clock::use_now;
use crate::components::time::duration_text;
use crate::components::{Icon, LocalTime};

/// Seconds before the end from which the clock is highlighted.
const SOON_S: i64 = 3_600;

/// The moment and the time that is left; nothing once it is over, or where it does not end.
#[component]
pub fn AnswerWindow(#[prop(into)] until: Signal<Option<Timestamp>>) -> impl IntoView {
    let now = use_now();
    let left = Memo::new(move |_| {
        let (until, now) = (until.get()?, now.get()?);
        (until > now).then(|| until.seconds_since(now))
    });
    let class = move || match left.get() {
        Some(left) if left < SOON_S => "answer-window answer-window--soon",
        _ => "answer-window",
    };
    let open = Memo::new(move |_| left.get().and(until.get()));
    let text = Memo::new(move |_| {
        let left = duration_text(left.get()?);
        Some(t!(workspace.answer_left, time = left))
    });
    move || {
        open.get().map(|until| {
            view! {
                <p class=class>
                    <Icon name="clock" />
                    <span>
                        {t!(workspace.answer_until)}" "<LocalTime at=until />" · "
                        {move || text.get()}
                    </span>
                </p>
            }
            .into_any()
        })
    }
}
