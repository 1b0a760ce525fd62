//! How long a pop-up stays: its time, counted down, unless somebody is in it or its raised hand waits (M10).

use std::time::Duration;

use leptos::prelude::*;

use crate::clock::browser_ms;
use crate::state::PopUp;

/// How long a pop-up stays when nobody is in it, in seconds.
const STAY_S: u32 = 10;
/// How often the remaining time is updated.
const TICK: Duration = Duration::from_millis(250);

/// How long it stays.
#[component]
pub(super) fn Remaining(
    pop_up: Memo<Option<PopUp>>,
    /// Whether somebody is in it.
    entered: RwSignal<bool>,
    /// Its time is over.
    on_end: Callback<()>,
) -> impl IntoView {
    let left = use_remaining(pop_up, entered, move || on_end.run(()));
    let waits = move || {
        if entered.get() {
            t!(pop_up.stays)
        } else {
            t!(pop_up.waits)
        }
    };
    move || match left.get() {
        Some(seconds) => view! {
            <span class="pop-up__left">{t!(pop_up.closes_in, seconds = seconds)}</span>
            <progress
                class="pop-up__bar"
                aria-hidden="true"
                max=STAY_S.to_string()
                value=seconds.to_string()
            ></progress>
        }
        .into_any(),
        None => view! { <span class="pop-up__left">{waits}</span> }.into_any(),
    }
}

/// The seconds that remain; `None` while it stays. A newer message and a settled request restart them; at
/// their end `close` is called.
fn use_remaining(
    pop_up: Memo<Option<PopUp>>,
    entered: RwSignal<bool>,
    close: impl Fn() + Copy + 'static,
) -> RwSignal<Option<u32>> {
    let left = RwSignal::new(Some(STAY_S));
    let message = Memo::new(move |_| pop_up.get().map(|pop_up| pop_up.message.id));
    let stays = Memo::new(move |_| {
        let open = |pop_up: &PopUp| pop_up.open_request().is_some();
        entered.get() || pop_up.with(|pop_up| pop_up.as_ref().is_some_and(open))
    });
    Effect::new(move |_| {
        message.track();
        if stays.get() {
            left.set(None);
            return;
        }
        let began = browser_ms();
        left.set(Some(STAY_S));
        let timer = set_interval_with_handle(
            move || match seconds_left(browser_ms() - began) {
                0 => close(),
                seconds if left.get_untracked() != Some(seconds) => left.set(Some(seconds)),
                _ => {}
            },
            TICK,
        );
        on_cleanup(move || {
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    });
    left
}

/// Whole seconds until the end, the one that has begun included.
fn seconds_left(passed_ms: f64) -> u32 {
    let left = f64::from(STAY_S) - passed_ms / 1_000.0;
    // Within 0 to STAY_S, even when the browser's clock was turned back.
    left.ceil().clamp(0.0, f64::from(STAY_S)) as u32
}

#[cfg(test)]
mod tests {
    use super::seconds_left;

    #[test]
    fn ten_seconds_are_counted_down() {
        assert_eq!(seconds_left(0.0), 10);
        assert_eq!(seconds_left(1.0), 10);
        assert_eq!(seconds_left(9_999.0), 1);
        assert_eq!(seconds_left(10_000.0), 0);
        assert_eq!(seconds_left(60_000.0), 0);
        assert_eq!(seconds_left(-5_000.0), 10);
    }
}
