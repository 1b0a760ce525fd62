//! Times on screen: a point in time as people read it, and a wait that counts. Nothing is shown in local time before the
//! page is mounted: the host does not know it. A wait has units, so that nobody takes it for a time of day.

use std::cell::OnceCell;

use js_sys::Intl::DateTimeFormat;
use js_sys::{Array, Date, Function, Object, Reflect};
use leptos::prelude::*;
use shared::time::Timestamp;
use wasm_bindgen::JsValue;

use crate::clock::{local_day, use_now, use_today, year_of};
use crate::language::language;

/// Local time, on a 24-hour clock in every language: `13:05` today, `21 Nov, 13:05` on other days, with the year when it
/// is another one, and with seconds where they count.
fn local_text(at: Timestamp, today: i32, seconds: bool) -> String {
    let date = Date::new(&JsValue::from_f64(at.millis() as f64));
    let mut time = format!("{:02}:{:02}", date.get_hours(), date.get_minutes());
    if seconds {
        time += &format!(":{:02}", date.get_seconds());
    }
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

/// The name of the day of a moment, in milliseconds: today, yesterday, or the weekday with its date.
pub fn day_name(millis: i64, today: i32) -> String {
    let date = Date::new(&JsValue::from_f64(millis as f64));
    let day = local_day(&date);
    if day == today {
        return t!(time.today).to_owned();
    }
    let tomorrow = Date::new_with_year_month_day(
        date.get_full_year(),
        date.get_month() as i32,
        date.get_date() as i32 + 1,
    );
    if local_day(&tomorrow) == today {
        return t!(time.yesterday).to_owned();
    }
    let mut fields = vec![("weekday", "long"), ("day", "numeric"), ("month", "long")];
    if year_of(day) != year_of(today) {
        fields.push(("year", "numeric"));
    }
    let text = format_with(&fields).call1(&JsValue::UNDEFINED, &date);
    // Fails only for a time that no calendar has.
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

fn day_format(with_year: bool) -> Function {
    let mut fields = vec![("day", "numeric"), ("month", "short")];
    if with_year {
        fields.push(("year", "numeric"));
    }
    format_with(&fields)
}

fn format_with(fields: &[(&str, &str)]) -> Function {
    let options = Object::new();
    for (name, value) in fields {
        // Fails only for an object that is frozen.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    let locales = Array::of1(&language().intl().into());
    DateTimeFormat::new(&locales, &options).format()
}

/// The day with its year, and the time to the second: what stands in a tooltip.
fn exact_text(at: Timestamp) -> Option<String> {
    thread_local! {
        static FORMAT: OnceCell<Function> = const { OnceCell::new() };
    }
    let date = Date::new(&JsValue::from_f64(at.millis() as f64));
    let text = FORMAT.with(|format| {
        let format = format.get_or_init(|| {
            format_with(&[
                ("dateStyle", "full"),
                ("timeStyle", "medium"),
                ("hourCycle", "h23"),
            ])
        });
        format.call1(&JsValue::UNDEFINED, &date)
    });
    // Fails only for a time that no calendar has.
    text.ok()?.as_string()
}

/// A point in time as people read it; programs find it in `datetime`, and the exact one is its tooltip.
#[component]
pub fn LocalTime(
    /// When it is.
    at: Timestamp,
    /// When that which ended then began.
    #[prop(optional, into)]
    from: Option<Timestamp>,
    /// Whether the seconds are shown.
    #[prop(optional)]
    seconds: bool,
) -> impl IntoView {
    let day = use_today();
    let iso = at.rfc3339();
    let length = if seconds { 8 } else { 5 };
    let utc = iso.get(11..11 + length).unwrap_or_default().to_owned();
    let local = move |today| {
        let end = local_text(at, today, seconds);
        match from.map(|from| local_text(from, today, seconds)) {
            Some(begin) if begin != end => [&begin, "–", &end].concat(),
            _ => end,
        }
    };
    view! {
        <time class="time" datetime=iso title=move || day.get().and_then(|_| exact_text(at))>
            {move || day.get().map_or_else(|| utc.clone(), local)}
        </time>
    }
}

/// How long something takes or took, in its two largest units: `45 s`, `22 min`, `1 h 18 min`, `2 d 3 h`.
pub fn duration_text(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    if days > 0 {
        t!(time.days, days = days, hours = hours)
    } else if hours > 0 {
        t!(time.hours, hours = hours, minutes = minutes)
    } else if minutes > 0 {
        t!(time.minutes, minutes = minutes)
    } else {
        t!(time.seconds, seconds = seconds)
    }
}

/// How long somebody has waited, counting, with the moment when it began as its tooltip; nothing while nobody waits.
#[component]
pub fn Waiting(#[prop(into)] since: Signal<Option<Timestamp>>) -> impl IntoView {
    let now = use_now();
    let day = use_today();
    let text = Memo::new(move |_| {
        let (since, now) = (since.get()?, now.get()?);
        Some(duration_text(now.seconds_since(since)))
    });
    view! {
        // A length of time, and no moment, so it has no `datetime`.
        <time class="waiting" title=move || day.get().and(since.get()).and_then(exact_text)>
            {move || text.get()}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::duration_text;

    #[test]
    fn u12_a_wait_reads_as_its_two_largest_units() {
        assert_eq!(duration_text(0), "0 s");
        assert_eq!(duration_text(59), "59 s");
        assert_eq!(duration_text(185), "3 min");
        assert_eq!(duration_text(4_700), "1 h 18 min");
        assert_eq!(duration_text(2 * 86_400 + 3 * 3_600 + 5), "2 d 3 h");
    }
}
