//! Opening hours: for each weekday the hours on the clock of one time zone. The zone's rules come from the IANA database that
//! the program carries, so a change of daylight-saving time moves the hours as it moves the clock on the wall.

use jiff::Timestamp as Instant;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::time::Timestamp;

/// The names of the days, as settings and forms call them.
pub const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// How many times a day can open.
pub const SPANS_MAX: usize = 6;
/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// How many days ahead the next opening is looked for: a week, and one more where a change of the clock swallows it.
const AHEAD: usize = 15;

/// What is wrong with the hours of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoursProblem {
    /// Not written as `09:00-17:00`, several with commas.
    Form,
    /// An end that does not lie behind its beginning.
    Reversed,
    /// Two of them share some time.
    Overlap,
    /// More than [`SPANS_MAX`].
    TooMany,
}

/// From one minute of a day to before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: u16,
    to: u16,
}

/// The hours of one day, in order; none: closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayHours(Vec<Span>);

impl DayHours {
    /// Reads `09:00-12:30, 13:30-18:00`; a day that ends at midnight ends at `24:00`. Nothing means closed.
    pub fn parse(text: &str) -> Result<Self, HoursProblem> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let spans: Result<Vec<Span>, HoursProblem> = text.split(',').map(span).collect();
        let mut spans = spans?;
        if spans.len() > SPANS_MAX {
            return Err(HoursProblem::TooMany);
        }
        spans.sort();
        if spans.windows(2).any(|pair| pair[1].from < pair[0].to) {
            return Err(HoursProblem::Overlap);
        }
        Ok(Self(spans))
    }

    /// As [`DayHours::parse`] reads it.
    pub fn text(&self) -> String {
        let spans = self
            .0
            .iter()
            .map(|span| [clock(span.from), clock(span.to)].join("-"));
        spans.collect::<Vec<_>>().join(", ")
    }

    /// Whether the day stays closed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn holds(&self, minute: u16) -> bool {
        self.0
            .iter()
            .any(|span| (span.from..span.to).contains(&minute))
    }
}

fn span(text: &str) -> Result<Span, HoursProblem> {
    // What word processors make of a hyphen.
    let text = text.replace(['–', '—', '‑'], "-");
    let (from, to) = text.split_once('-').ok_or(HoursProblem::Form)?;
    let (from, to) = (minute(from)?, minute(to)?);
    match from < to {
        true => Ok(Span { from, to }),
        false => Err(HoursProblem::Reversed),
    }
}

fn minute(text: &str) -> Result<u16, HoursProblem> {
    let number = |digits: &str, lengths: std::ops::RangeInclusive<usize>| {
        let good = lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        good.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = text.trim().split_once(':').ok_or(HoursProblem::Form)?;
    let (hour, minute) = number(hour, 1..=2)
        .zip(number(minute, 2..=2))
        .ok_or(HoursProblem::Form)?;
    let of_day = hour * 60 + minute;
    match minute < 60 && of_day <= DAY {
        true => Ok(of_day),
        false => Err(HoursProblem::Form),
    }
}

/// Whether it is a time of a day as `22:00`.
pub fn is_clock(text: &str) -> bool {
    text.len() == 5 && minute(text).is_ok_and(|minute| minute < DAY)
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A time zone of the IANA database.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Reads a name such as `Europe/Berlin`; `None` for one that the database does not have.
    pub fn parse(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name.trim()).ok()?;
        zone.iana_name()?;
        Some(Self(zone))
    }

    /// Its name, as the database writes it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or_default()
    }

    /// When a day begins; `None` beyond the calendar. Where the clock is put forward at midnight that is later than 0:00.
    pub(crate) fn midnight(&self, date: Date) -> Option<Timestamp> {
        let start = self.0.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        Some(Timestamp(start.as_microsecond()))
    }

    /// The clock of the zone at a time: `09:00`.
    pub fn clock(&self, at: Timestamp) -> String {
        let at = instant(at).map(|at| self.0.to_datetime(at));
        at.map_or_else(String::new, |at| {
            format!("{:02}:{:02}", at.hour(), at.minute())
        })
    }

    /// Date and clock of the zone at a time: `2026-11-30 09:00`.
    pub fn written(&self, at: Timestamp) -> String {
        let Some(at) = instant(at) else {
            return String::new();
        };
        let shown = self.0.to_datetime(at);
        format!("{} {:02}:{:02}", shown.date(), shown.hour(), shown.minute())
    }
}

/// The hours of a week.
#[derive(Clone, Debug, PartialEq)]
pub struct OpeningHours {
    /// Where its clock hangs.
    pub zone: Zone,
    /// Its days, Monday first.
    pub days: [DayHours; 7],
}

impl OpeningHours {
    /// Whether it is open at a time.
    pub fn is_open(&self, at: Timestamp) -> bool {
        instant(at).is_some_and(|at| self.holds(at))
    }

    /// When it opens next; `None` when it is open, or never opens.
    pub fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        let now = instant(now)?;
        if self.holds(now) {
            return None;
        }
        let today = self.zone.0.to_datetime(now).date();
        let days = std::iter::successors(Some(today), |day| day.tomorrow().ok());
        let openings = days.take(AHEAD).flat_map(|day| self.openings(day));
        let next = openings
            .filter(|at| *at > now && self.holds(*at))
            .min()
            .map(Instant::as_microsecond);
        next.map(Timestamp)
    }

    /// The hours of the day on which a date falls.
    fn of(&self, date: Date) -> &DayHours {
        let day = usize::try_from(date.weekday().to_monday_zero_offset());
        &self.days[day.unwrap_or_default()]
    }

    fn holds(&self, at: Instant) -> bool {
        let shown = self.zone.0.to_datetime(at);
        let minute = i32::from(shown.hour()) * 60 + i32::from(shown.minute());
        u16::try_from(minute).is_ok_and(|minute| self.of(shown.date()).holds(minute))
    }

    /// When the spans of a date begin. What begins while the clock is set forward begins when it was set; what begins in
    /// the hour that comes twice begins with each of the two.
    fn openings(&self, date: Date) -> Vec<Instant> {
        let begins = self.of(date).0.iter().flat_map(|span| {
            let (hour, minute) = (span.from / 60, span.from % 60);
            // A span that begins at midnight's end holds nothing, and is refused.
            let (hour, minute) = (i8::try_from(hour).ok(), i8::try_from(minute).ok());
            let begin = hour
                .zip(minute)
                .map(|(hour, minute)| date.at(hour, minute, 0, 0));
            let found = begin.map(|begin| self.zone.0.to_ambiguous_timestamp(begin));
            let Some(found) = found else {
                return [None, None];
            };
            match found.offset() {
                AmbiguousOffset::Gap { .. } => {
                    let before = found.earlier().ok();
                    let set = before.and_then(|at| self.zone.0.following(at).next());
                    [set.map(|set| set.timestamp()), None]
                }
                _ => [found.earlier().ok(), found.later().ok()],
            }
        });
        begins.flatten().collect()
    }
}

fn instant(at: Timestamp) -> Option<Instant> {
    Instant::from_microsecond(at.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: Instant = text.parse().expect("a time");
        Timestamp(at.as_microsecond())
    }

    fn berlin(every_day: &str) -> OpeningHours {
        week("Europe/Berlin", [every_day; 7])
    }

    fn week(zone: &str, days: [&str; 7]) -> OpeningHours {
        OpeningHours {
            zone: Zone::parse(zone).expect("a zone"),
            days: days.map(|day| DayHours::parse(day).expect("hours")),
        }
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        for (text, written) in [
            ("", ""),
            ("9:00-17:00", "09:00-17:00"),
            (" 13:30 – 18:00 ,09:00—12:30", "09:00-12:30, 13:30-18:00"),
            ("00:00-24:00", "00:00-24:00"),
            ("09:00-12:00,12:00-13:00", "09:00-12:00, 12:00-13:00"),
        ] {
            let hours = DayHours::parse(text).expect(text);
            assert_eq!(hours.text(), written, "{text}");
            assert_eq!(DayHours::parse(written), Ok(hours));
        }
        for (text, problem) in [
            ("nine to five", HoursProblem::Form),
            ("9-17", HoursProblem::Form),
            ("09:60-17:00", HoursProblem::Form),
            ("09:00-24:01", HoursProblem::Form),
            ("09:00-17:00,", HoursProblem::Form),
            ("009:00-17:00", HoursProblem::Form),
            ("17:00-09:00", HoursProblem::Reversed),
            ("09:00-09:00", HoursProblem::Reversed),
            ("09:00-12:00, 11:59-13:00", HoursProblem::Overlap),
            (
                "1:00-2:00,2:00-3:00,3:00-4:00,4:00-5:00,5:00-6:00,6:00-7:00,7:00-8:00",
                HoursProblem::TooMany,
            ),
        ] {
            assert_eq!(DayHours::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn zones_are_those_of_the_database() {
        assert_eq!(
            Zone::parse("europe/berlin").expect("one").name(),
            "Europe/Berlin"
        );
        assert_eq!(Zone::parse(" UTC ").expect("one").name(), "UTC");
        for none in ["", "Berlin", "Europe/Atlantis", "+01:00", "../etc/passwd"] {
            assert!(Zone::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn e14_a_week_has_its_days() {
        let care = week(
            "Europe/Berlin",
            [
                "09:00-17:00",
                "",
                "",
                "",
                "09:00-12:00, 13:00-17:00",
                "",
                "",
            ],
        );
        // Monday, the 30th of November 2026, in winter: one hour ahead of UTC.
        assert!(!care.is_open(at("2026-11-30T07:59:59Z")));
        assert!(care.is_open(at("2026-11-30T08:00:00Z")));
        assert!(care.is_open(at("2026-11-30T15:59:59Z")));
        assert!(!care.is_open(at("2026-11-30T16:00:00Z")));
        let opens = |now| care.opens(at(now));
        assert_eq!(opens("2026-11-30T12:00:00Z"), None);
        assert_eq!(
            opens("2026-11-30T16:00:00Z"),
            Some(at("2026-12-04T08:00:00Z"))
        );
        assert_eq!(
            opens("2026-12-04T11:30:00Z"),
            Some(at("2026-12-04T12:00:00Z"))
        );
        assert_eq!(
            opens("2026-12-04T20:00:00Z"),
            Some(at("2026-12-07T08:00:00Z"))
        );
        assert_eq!(berlin("").opens(at("2026-11-30T16:00:00Z")), None);
        assert_eq!(
            care.zone.written(at("2026-12-07T08:00:00Z")),
            "2026-12-07 09:00"
        );
    }

    #[test]
    fn e14_hours_move_with_the_clock_on_the_wall() {
        let day = berlin("09:00-17:00");
        // The clock is set forward on the 29th of March 2026, and back on the 25th of October.
        for (opens, closes) in [
            ("2026-03-28T08:00:00Z", "2026-03-28T16:00:00Z"),
            ("2026-03-29T07:00:00Z", "2026-03-29T15:00:00Z"),
            ("2026-10-24T07:00:00Z", "2026-10-24T15:00:00Z"),
            ("2026-10-25T08:00:00Z", "2026-10-25T16:00:00Z"),
        ] {
            let (opens, closes) = (at(opens), at(closes));
            let just_before = |at: Timestamp| Timestamp(at.0 - 1);
            assert!(day.is_open(opens) && day.is_open(just_before(closes)));
            assert!(!day.is_open(just_before(opens)) && !day.is_open(closes));
            assert_eq!(day.opens(just_before(opens)), Some(opens));
        }
        let over_night = day.opens(at("2026-03-28T16:00:00Z"));
        assert_eq!(over_night, Some(at("2026-03-29T07:00:00Z")));
    }

    #[test]
    fn e14_what_begins_in_an_hour_that_is_left_out_begins_when_the_clock_was_set() {
        let early = berlin("02:30-05:00");
        let night = at("2026-03-29T00:00:00Z");
        // At 01:00 UTC the clock jumps from two to three.
        assert_eq!(early.opens(night), Some(at("2026-03-29T01:00:00Z")));
        // What lies within that hour does not come that day.
        let swallowed = berlin("02:10-02:50");
        assert_eq!(swallowed.opens(night), Some(at("2026-03-30T00:10:00Z")));
    }

    #[test]
    fn e14_an_hour_that_comes_twice_is_open_twice() {
        let half = berlin("02:30-02:45");
        let first = at("2026-10-25T00:30:00Z");
        let second = at("2026-10-25T01:30:00Z");
        assert_eq!(half.opens(at("2026-10-25T00:00:00Z")), Some(first));
        assert_eq!(half.opens(at("2026-10-25T00:45:00Z")), Some(second));
        assert!(half.is_open(first) && half.is_open(second));
    }

    #[test]
    fn e14_a_night_is_two_days() {
        let night = week(
            "America/New_York",
            ["22:00-24:00", "00:00-06:00", "", "", "", "", ""],
        );
        assert!(night.is_open(at("2026-12-01T04:59:59Z")));
        assert!(night.is_open(at("2026-12-01T05:00:00Z")));
        assert!(!night.is_open(at("2026-12-01T11:00:00Z")));
    }
}
