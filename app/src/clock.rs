//! The time on screen: one tick a second for the whole tab, corrected by the host's clock, and local time as
//! people read it. Nothing is shown in local time before the page is mounted: the host does not know it.

use gloo_timers::callback::Interval;
use js_sys::Date;
use leptos::prelude::*;
use shared::ids::CommandKey;
use shared::time::Timestamp;
use wasm_bindgen::JsValue;

/// The tab's clock. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<Option<Timestamp>>,
    /// The local day, changed at midnight only, so that times are not formatted anew each second.
    day: RwSignal<Option<i32>>,
    /// How far the host's clock is ahead, in microseconds.
    ahead: RwSignal<i64>,
}

impl Clock {
    /// Makes the clock of the app and starts it once mounted.
    pub fn provide() {
        let clock = Self {
            now: RwSignal::new(None),
            day: RwSignal::new(None),
            ahead: RwSignal::new(0),
        };
        provide_context(clock);
        Effect::new(move || {
            clock.tick();
            // Lives as long as the tab.
            Interval::new(1_000, move || clock.tick()).forget();
        });
    }

    /// The host told its time.
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

/// The host's time, each second; `None` until the page is mounted.
pub fn use_now() -> Signal<Option<Timestamp>> {
    use_clock().now.into()
}

/// The browser's clock in milliseconds; 0 on the host.
pub fn browser_ms() -> f64 {
    if cfg!(feature = "ssr") {
        0.0
    } else {
        Date::now()
    }
}

fn browser_micros() -> i64 {
    // Whole microseconds of this century fit an i64 many times over.
    (browser_ms() * 1_000.0) as i64
}

fn local_day(date: &Date) -> i32 {
    (date.get_full_year() * 400 + date.get_month() * 32 + date.get_date()) as i32
}

/// Local time: `13:05` today, `21 Nov, 13:05` on other days.
fn local_text(at: Timestamp, today: i32) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let date = Date::new(&JsValue::from_f64(at.millis() as f64));
    let time = format!("{:02}:{:02}", date.get_hours(), date.get_minutes());
    if local_day(&date) == today {
        return time;
    }
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or("");
    format!("{} {month}, {time}", date.get_date())
}

/// A point in time as people read it; programs find it in `datetime`.
#[component]
pub fn LocalTime(at: Timestamp) -> impl IntoView {
    let day = use_clock().day;
    let iso = at.rfc3339();
    let utc = iso.get(11..16).unwrap_or_default().to_owned();
    view! {
        <time class="time" datetime=iso>
            {move || day.get().map_or_else(|| utc.clone(), |today| local_text(at, today))}
        </time>
    }
}

/// Minutes and seconds, with hours when there are any: `3:05`, `1:02:07`.
pub fn duration_text(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// How long somebody has waited, counting; nothing while nobody waits.
#[component]
pub fn Waiting(#[prop(into)] since: Signal<Option<Timestamp>>) -> impl IntoView {
    let now = use_now();
    let text = Memo::new(move |_| {
        let (since, now) = (since.get()?, now.get()?);
        Some(duration_text(now.seconds_since(since)))
    });
    view! { <span class="waiting">{move || text.get()}</span> }
}

/// A new key for a command. Only in the browser.
pub fn new_key() -> CommandKey {
    let mut bytes = [0_u8; 16];
    let crypto = window().crypto();
    if crypto
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes))
        .is_err()
    {
        // A page that is not from a secure origin still has random numbers, only weaker ones. A key must
        // merely never come twice.
        for byte in &mut bytes {
            *byte = (js_sys::Math::random() * 256.0) as u8;
        }
    }
    let mut text = String::with_capacity(32);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    CommandKey::parse(text).expect("32 hexadecimal digits are a key")
}

#[cfg(test)]
mod tests {
    use super::duration_text;

    #[test]
    fn a_wait_reads_as_minutes_and_seconds() {
        assert_eq!(duration_text(0), "0:00");
        assert_eq!(duration_text(185), "3:05");
        assert_eq!(duration_text(3_727), "1:02:07");
    }
}
