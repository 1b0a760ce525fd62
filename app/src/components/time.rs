//! Times on screen: a point in time as people read it, and a wait that counts. Nothing is shown in local time before the
//! page is mounted: the host does not know it.

use js_sys::Date;
use leptos::prelude::*;
use shared::time::Timestamp;
use wasm_bindgen::JsValue;

use crate::clock::{local_day, use_now, use_today};

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
    let day = use_today();
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
