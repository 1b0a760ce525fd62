//! Times on screen: a point in time as people read it, and a wait that counts. Nothing is shown in local time before the
//! page is mounted: the host does not know it.

use std::cell::OnceCell;

use js_sys::Intl::DateTimeFormat;
use js_sys::{Array, Date, Function, Object, Reflect};
use leptos::prelude::*;
use shared::time::Timestamp;
use wasm_bindgen::JsValue;

use crate::clock::{local_day, use_now, use_today, year_of};
use crate::language::language;

/// Local time, on a 24-hour clock in every language: `13:05` today, `21 Nov, 13:05` on other days, with the year when it
/// is another one.
fn local_text(at: Timestamp, today: i32) -> String {
    let date = Date::new(&JsValue::from_f64(at.millis() as f64));
    let time = format!("{:02}:{:02}", date.get_hours(), date.get_minutes());
    let day = local_day(&date);
    if day == today {
        return time;
    }
    let this_year = year_of(day) == year_of(today);
    t!(time.on_day, day = day_text(&date, this_year), time = time)
}

/// The day as the language writes it.
fn day_text(date: &Date, this_year: bool) -> String {
    thread_local! {
        /// The formats without and with a year: making one takes longer than using it.
        static FORMATS: [OnceCell<Function>; 2] = const { [OnceCell::new(), OnceCell::new()] };
    }
    let text = FORMATS.with(|formats| {
        let format = formats[usize::from(!this_year)].get_or_init(|| day_format(!this_year));
        format.call1(&JsValue::UNDEFINED, date)
    });
    // Fails only for a time that no calendar has.
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

fn day_format(with_year: bool) -> Function {
    let options = Object::new();
    let mut fields = vec![("day", "numeric"), ("month", "short")];
    if with_year {
        fields.push(("year", "numeric"));
    }
    for (name, value) in fields {
        // Fails only for an object that is frozen.
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let locales = Array::of1(&language().intl().into());
    DateTimeFormat::new(&locales, &options).format()
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
