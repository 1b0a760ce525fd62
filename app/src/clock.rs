//! The time of the whole tab: one tick a second, corrected by the host's clock. A page begins with the moment at which the
//! host rendered it, so that both halves draw the same waits; the local day is known to the browser alone.

use gloo_timers::callback::Interval;
use js_sys::Date;
use leptos::prelude::*;
use shared::time::Timestamp;

/// The attribute of the document that says when the host rendered it, in microseconds.
pub const RENDERED_AT: &str = "data-now";

/// When the page was rendered. The host provides it; in the browser it comes from the document.
#[derive(Clone, Copy, Debug)]
pub struct RenderedAt(pub Timestamp);

/// When this page was rendered, if that is known.
pub fn rendered_at() -> Option<Timestamp> {
    if cfg!(feature = "ssr") {
        return use_context::<RenderedAt>().map(|rendered| rendered.0);
    }
    let html = document().document_element()?;
    let micros = html.get_attribute(RENDERED_AT)?.parse().ok()?;
    Some(Timestamp(micros))
}

/// The tab's clock. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<Option<Timestamp>>,
    /// The local day, changed at midnight only, so that times are not formatted again each second.
    day: RwSignal<Option<i32>>,
    /// How far the host's clock is ahead, in microseconds.
    ahead: RwSignal<i64>,
}

impl Clock {
    /// Makes the clock of the app and starts it once mounted.
    pub fn provide() {
        let rendered = rendered_at();
        let clock = Self {
            now: RwSignal::new(rendered),
            day: RwSignal::new(None),
            ahead: RwSignal::new(rendered.map_or(0, |at| at.0 - browser_micros())),
        };
        provide_context(clock);
        Effect::new(move || {
            clock.tick();
            // Lives as long as the tab.
            Interval::new(1_000, move || clock.tick()).forget();
        });
    }

    /// The host sent its time.
    pub fn correct(&self, host: Timestamp) {
        self.ahead.set(host.0 - browser_micros());
    }

    fn tick(&self) {
        let ahead = self.ahead.get_untracked();
        self.now.set(Some(Timestamp(browser_micros() + ahead)));
        let today = local_day(&Date::new_0());
        if self.day.get_untracked() != Some(today) {
            self.day.set(Some(today));
        }
    }
}

/// The clock of the app.
pub fn use_clock() -> Clock {
    expect_context()
}

/// The host's time, each second; until the page is mounted the moment at which it was rendered.
pub fn use_now() -> Signal<Option<Timestamp>> {
    use_clock().now.into()
}

/// The number of the local day; `None` until the page is mounted.
pub fn use_today() -> Signal<Option<i32>> {
    use_clock().day.into()
}

/// The browser's clock in milliseconds; 0 on the host.
pub fn browser_ms() -> f64 {
    if cfg!(feature = "ssr") {
        0.0
    } else {
        Date::now()
    }
}

/// A time of [`browser_ms`] that was kept as a text. It is a whole number, and a parser for any other takes 12,000 bytes of
/// the first load.
pub fn whole_ms(text: &str) -> Option<f64> {
    text.parse::<i64>().ok().map(|ms| ms as f64)
}

fn browser_micros() -> i64 {
    // Whole microseconds of this century fit an i64 many times over.
    (browser_ms() * 1_000.0) as i64
}

/// A number for each day, in order but with gaps.
pub fn local_day(date: &Date) -> i32 {
    (date.get_full_year() * 400 + date.get_month() * 32 + date.get_date()) as i32
}

/// The year of such a day.
pub fn year_of(day: i32) -> i32 {
    day / 400
}

#[cfg(test)]
mod tests {
    use super::whole_ms;

    #[test]
    fn a_time_is_read_as_it_was_written() {
        let written = 1_796_000_000_123.0_f64;
        assert_eq!(whole_ms(&written.to_string()), Some(written));
        for other in ["", "soon", "1.5"] {
            assert_eq!(whole_ms(other), None, "{other}");
        }
    }
}
