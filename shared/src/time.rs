//! Points in time as both sides and the database see them.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z. The host's clock makes them; a browser only shows them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole milliseconds, the unit of JavaScript's clock.
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Whole seconds from `earlier` to here; 0 when `earlier` lies ahead.
    pub fn seconds_since(self, earlier: Timestamp) -> i64 {
        (self.0 - earlier.0).max(0) / 1_000_000
    }

    /// RFC 3339 in UTC with milliseconds, as `<time datetime>` wants it: `2026-11-22T13:05:00.000Z`.
    pub fn rfc3339(self) -> String {
        let (days, rest) = (
            self.millis().div_euclid(86_400_000),
            self.millis().rem_euclid(86_400_000),
        );
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
        format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
            rest % 1_000
        )
    }
}

/// Days since the epoch to year, month and day of the proleptic Gregorian calendar
/// (the era arithmetic of Howard Hinnant's "chrono-compatible low-level date algorithms").
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_knows_leap_days_and_the_years_before_the_epoch() {
        assert_eq!(Timestamp(0).rfc3339(), "1970-01-01T00:00:00.000Z");
        assert_eq!(
            Timestamp(951_827_696_789_000).rfc3339(),
            "2000-02-29T12:34:56.789Z"
        );
        assert_eq!(Timestamp(-1_000).rfc3339(), "1969-12-31T23:59:59.999Z");
    }
}
