//! What stands between the entries of a conversation: the day on which the next ones were written, and where begins what its
//! agent had not read.

use js_sys::Date;
use leptos::prelude::*;
use shared::transcript::{Author, Entry, EntryBody};
use wasm_bindgen::JsValue;

use crate::clock::{local_day, use_today};
use crate::components::time::day_name;
use crate::live::ConversationView;

/// A line of the log, as its list recognises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Line {
    /// The first entry of a local day follows.
    Day(Day),
    /// What follows was unread when the conversation was opened.
    Unread,
    /// An entry by number and time in microseconds, and whether its customer is erased.
    Entry(i64, i64, bool),
}

/// A local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Day {
    /// Its number, as `local_day` has it.
    number: i32,
    /// The first moment of the next one, in milliseconds.
    end: i64,
}

impl Day {
    /// The day of a moment, in milliseconds.
    fn of(millis: i64) -> Self {
        let date = Date::new(&JsValue::from_f64(millis as f64));
        let next = Date::new_with_year_month_day(
            date.get_full_year(),
            date.get_month() as i32,
            date.get_date() as i32 + 1,
        );
        Self {
            number: local_day(&date),
            end: next.get_time() as i64,
        }
    }
}

/// The lines of a conversation. Days are marked once the browser knows `today`, and not where everything is of today: entries
/// have a time of their own, and only the one before tells whether a day is worth a line.
fn lines(
    entries: &[Entry],
    today: Option<i32>,
    unread: Option<i64>,
    erased: bool,
    day_of: impl Fn(i64) -> Day,
) -> Vec<Line> {
    let mut lines = Vec::with_capacity(entries.len() + 2);
    let mut day: Option<Day> = None;
    for entry in entries {
        let millis = entry.at.millis();
        if today.is_some() && day.is_none_or(|day| millis >= day.end) {
            let next = day_of(millis);
            if day.is_some() || today != Some(next.number) {
                lines.push(Line::Day(next));
            }
            day = Some(next);
        }
        if unread == Some(entry.seq) {
            lines.push(Line::Unread);
        }
        lines.push(Line::Entry(entry.seq, entry.at.0, erased));
    }
    lines
}

/// The number of the first entry that the agent had not read when the conversation was opened.
fn first_unread(view: ConversationView) -> Option<i64> {
    let unread = view.workitem.with_untracked(|workitem| workitem.unread);
    let behind = usize::try_from(unread).ok()?.checked_sub(1)?;
    let of_customer = |entry: &&Entry| {
        let author = match &entry.body {
            EntryBody::Message { author, .. } => Some(*author),
            _ => None,
        };
        author == Some(Author::Customer)
    };
    view.entries.with_untracked(|entries| {
        let mut messages = entries.iter().rev().filter(of_customer);
        messages.nth(behind).map(|entry| entry.seq)
    })
}

/// The lines of the conversation on screen. Tracked where it is called.
pub(super) fn use_lines(
    view: ConversationView,
    is_agent: bool,
    erased: Memo<bool>,
) -> impl Fn() -> Vec<Line> + Copy {
    let today = use_today();
    let unread = is_agent.then(|| first_unread(view)).flatten();
    move || {
        let (today, erased) = (today.get(), erased.get());
        view.entries
            .with(|entries| lines(entries, today, unread, erased, Day::of))
    }
}

/// The line of a day. Its name changes at midnight.
pub(super) fn day_mark(day: Day) -> AnyView {
    let today = use_today();
    let name = Memo::new(move |_| today.get().map(|today| day_name(day.end - 1, today)));
    view! {
        <p class="transcript__mark" role="separator" aria-label=name>
            <span>{name}</span>
        </p>
    }
    .into_any()
}

/// The line in front of what was unread.
pub(super) fn unread_mark() -> AnyView {
    view! {
        <p class="transcript__mark transcript__mark--unread" role="separator" aria-label=t!(transcript.unread)>
            <span>{t!(transcript.unread)}</span>
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use shared::ids::EntryId;
    use shared::time::Timestamp;

    use super::*;

    /// Days of a hundred milliseconds.
    fn day_of(millis: i64) -> Day {
        Day {
            number: (millis / 100) as i32,
            end: (millis / 100 + 1) * 100,
        }
    }

    fn entry(seq: i64, millis: i64) -> Entry {
        Entry {
            id: EntryId::parse(format!("e{seq}")).expect("an id"),
            seq,
            at: Timestamp(millis * 1_000),
            body: EntryBody::Message {
                author: Author::Customer,
                name: "Dana".to_owned(),
                text: "Hello".to_owned(),
                files: Vec::new(),
                delivery: None,
            },
        }
    }

    /// The lines in a few words.
    fn drawn(entries: &[Entry], today: Option<i32>, unread: Option<i64>) -> Vec<String> {
        let lines = lines(entries, today, unread, false, day_of);
        let words = lines.iter().map(|line| match line {
            Line::Day(day) => format!("day {}", day.number),
            Line::Unread => "unread".to_owned(),
            Line::Entry(seq, ..) => seq.to_string(),
        });
        words.collect()
    }

    #[test]
    fn a_day_is_marked_where_it_begins_and_not_while_everything_is_of_today() {
        let talk = [entry(1, 120), entry(2, 199), entry(3, 200), entry(4, 450)];
        let marked = ["day 1", "1", "2", "day 2", "3", "day 4", "4"];
        assert_eq!(drawn(&talk, Some(4), None), marked);
        assert_eq!(drawn(&talk[..2], Some(1), None), ["1", "2"]);
        assert_eq!(drawn(&talk[..3], Some(1), None), ["1", "2", "day 2", "3"]);
        assert_eq!(
            drawn(&talk, None, None),
            ["1", "2", "3", "4"],
            "on the host"
        );
    }

    #[test]
    fn what_was_unread_has_a_line_in_front_of_it_behind_the_one_of_its_day() {
        let talk = [entry(1, 120), entry(2, 230)];
        assert_eq!(
            drawn(&talk, Some(2), Some(2)),
            ["day 1", "1", "day 2", "unread", "2"]
        );
        assert_eq!(drawn(&talk, Some(2), Some(7)).len(), 4, "not loaded");
    }
}
