//! From which day to which day, on the clock of which time zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan};
use shared::time::Timestamp;

/// The most days.
pub(super) const DAYS_MAX: i64 = 366;
/// How many days there are unless somebody says so.
const DAYS: i64 = 28;

/// What is wrong with a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Problem {
    /// The first day is none, or not one of the years 2000 to 2199.
    From,
    /// The same of the last day.
    To,
    /// The last day lies before the first one.
    Order,
    /// More than [`DAYS_MAX`].
    TooLong,
    /// No time zone of the IANA database.
    Zone,
}

impl Problem {
    /// The field.
    pub(in crate::http) fn field(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To | Self::Order | Self::TooLong => "to",
            Self::Zone => "zone",
        }
    }
}

/// The first field of a range that is wrong; a file names no other.
pub(in crate::http) fn first_field(problems: &[Problem]) -> &'static str {
    problems.first().map_or("from", |problem| problem.field())
}

/// Whole days of a time zone, the last one included.
#[derive(Clone, Debug)]
pub(in crate::http) struct Range {
    zone: TimeZone,
    /// The first day.
    pub(in crate::http) from: Date,
    /// The last day.
    pub(in crate::http) to: Date,
}

/// A moment on the clock of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Which day of the range, from 0.
    pub(super) day: usize,
    /// 0 is Monday.
    pub(super) weekday: usize,
    /// 0 to 23.
    pub(super) hour: usize,
}

impl Range {
    /// Reads days such as `2026-11-26`; nothing means the last four weeks until today, and UTC.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the form.
    pub(in crate::http) fn parse(
        from: &str,
        to: &str,
        zone: &str,
        now: Timestamp,
    ) -> Result<Self, Vec<Problem>> {
        let zone = named(zone.trim());
        let instant = Instant::from_microsecond(now.0).unwrap_or_default();
        let clock = zone.clone().unwrap_or(TimeZone::UTC);
        let to = match to.trim() {
            "" => Ok(clock.to_datetime(instant).date()),
            text => date(text).ok_or(Problem::To),
        };
        let from = match (from.trim(), to) {
            ("", Ok(to)) => Ok(to.saturating_sub((DAYS - 1).days())),
            // The last day is what is wrong.
            ("", Err(problem)) => Err(problem),
            (text, _) => date(text).ok_or(Problem::From),
        };
        let length = match (from, to) {
            (Ok(from), Ok(to)) => match days(from, to) {
                ..1 => Some(Problem::Order),
                1..=DAYS_MAX => None,
                _ => Some(Problem::TooLong),
            },
            _ => None,
        };
        let of_zone = zone.is_none().then_some(Problem::Zone);
        let all = [from.err(), to.err(), length, of_zone];
        let mut wrong: Vec<Problem> = all.into_iter().flatten().collect();
        wrong.dedup();
        match (zone, from, to) {
            (Some(zone), Ok(from), Ok(to)) if wrong.is_empty() => Ok(Self { zone, from, to }),
            _ => Err(wrong),
        }
    }

    /// How many days.
    pub(super) fn days(&self) -> i64 {
        days(self.from, self.to)
    }

    /// The day of this number.
    pub(super) fn date(&self, day: usize) -> Date {
        let day = i64::try_from(day).unwrap_or_default();
        self.from.saturating_add(day.days())
    }

    /// The name of the zone.
    pub(super) fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The first moment that counts, and the first one that counts no more.
    pub(in crate::http) fn bounds(&self) -> (Timestamp, Timestamp) {
        let after = self.to.saturating_add(1.days());
        (self.midnight(self.from), self.midnight(after))
    }

    /// When a day begins. Where the clock is put forward at midnight that is later than 0:00.
    fn midnight(&self, date: Date) -> Timestamp {
        let start = self.zone.to_timestamp(date.at(0, 0, 0, 0));
        Timestamp(start.map_or(0, Instant::as_microsecond))
    }

    /// The day of a moment.
    pub(super) fn day_of(&self, at: Timestamp) -> Date {
        let at = Instant::from_microsecond(at.0).unwrap_or_default();
        self.zone.to_datetime(at).date()
    }

    /// Where a moment of the range lies.
    pub(super) fn moment(&self, at: Timestamp) -> Moment {
        let at = Instant::from_microsecond(at.0).unwrap_or_default();
        let local = self.zone.to_datetime(at);
        let day = (local.date() - self.from).get_days();
        let weekday = local.date().weekday().to_monday_zero_offset();
        Moment {
            day: usize::try_from(day).unwrap_or_default(),
            weekday: usize::try_from(weekday).unwrap_or_default(),
            hour: usize::try_from(local.hour()).unwrap_or_default(),
        }
    }
}

/// How many days there are from one to another, both included.
fn days(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days()) + 1
}

/// The zone of a name; UTC where there is none.
fn named(name: &str) -> Option<TimeZone> {
    let zone = match name {
        "" => TimeZone::UTC,
        name => TimeZone::get(name).ok()?,
    };
    zone.iana_name().is_some().then_some(zone)
}

fn date(text: &str) -> Option<Date> {
    let date = text.parse::<Date>().ok();
    date.filter(|date| text.len() == "2026-11-26".len() && (2000..2200).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-26 23:30 in UTC, which is the 27th in Berlin.
    const NOW: Timestamp = Timestamp(1_795_735_800_000_000);

    fn read(from: &str, to: &str, zone: &str) -> Result<(String, String, i64), Vec<Problem>> {
        let range = Range::parse(from, to, zone, NOW)?;
        Ok((range.from.to_string(), range.to.to_string(), range.days()))
    }

    #[test]
    fn a_range_is_the_last_four_weeks_unless_days_are_named() {
        let four_weeks = ("2026-10-30".into(), "2026-11-26".into(), 28);
        assert_eq!(read("", "", ""), Ok(four_weeks));
        let berlin = read("", "", "Europe/Berlin").expect("a range");
        assert_eq!(berlin.1, "2026-11-27");
        let year = ("2025-11-26".into(), "2026-11-26".into(), 366);
        assert_eq!(read("2025-11-26", "2026-11-26", "UTC"), Ok(year));
    }

    #[test]
    fn what_is_no_range_is_refused_by_field() {
        for (from, to, zone, problem) in [
            ("yesterday", "", "", Problem::From),
            ("1026-11-26", "", "", Problem::From),
            ("2026-11-26T00:00", "", "", Problem::From),
            ("", "2026-02-30", "", Problem::To),
            ("", "9999-12-31", "", Problem::To),
            ("2026-11-26", "2026-11-25", "", Problem::Order),
            ("2025-11-25", "2026-11-26", "", Problem::TooLong),
            ("2000-01-01", "2100-01-01", "", Problem::TooLong),
            ("", "", "Europe/Atlantis", Problem::Zone),
            ("", "", "+01:00", Problem::Zone),
        ] {
            let wrong = read(from, to, zone);
            assert_eq!(wrong, Err(vec![problem]), "{from} {to} {zone}");
        }
        let all = read("yesterday", "today", "Europe/Atlantis");
        assert_eq!(all, Err(vec![Problem::From, Problem::To, Problem::Zone]));
        let order = read("2026-11-26", "2026-11-25", "Europe/Atlantis");
        assert_eq!(order, Err(vec![Problem::Order, Problem::Zone]));
    }

    #[test]
    fn days_begin_and_end_on_the_clock_of_the_zone() {
        // The clock was put back on the 25th of October, a day of 25 hours.
        let range = Range::parse("2026-10-25", "2026-10-25", "Europe/Berlin", NOW);
        let range = range.expect("a range");
        let (from, until) = range.bounds();
        assert_eq!(from.rfc3339(), "2026-10-24T22:00:00.000Z");
        assert_eq!(until.rfc3339(), "2026-10-25T23:00:00.000Z");
        let last = range.moment(Timestamp(until.0 - 1));
        assert_eq!((last.day, last.weekday, last.hour), (0, 6, 23));
    }
}
