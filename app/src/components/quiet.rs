//! A log that is not read aloud while older lines are put in front of the others.

use std::time::Duration;

use leptos::prelude::*;

/// A screen reader looks at what was added some time after it was.
const AFTER: Duration = Duration::from_millis(500);

/// What `aria-live` of a log says: `off` while lines from before are loaded, and shortly after.
pub fn use_quiet(loading: Signal<bool>) -> impl Fn() -> &'static str + Copy {
    let quiet = RwSignal::new(loading.get_untracked());
    Effect::new(move || {
        if loading.get() {
            quiet.set(true);
            return;
        }
        let over = move || {
            if loading.try_get_untracked() == Some(false) {
                quiet.try_set(false);
            }
        };
        set_timeout(over, AFTER);
    });
    move || if quiet.get() { "off" } else { "polite" }
}
