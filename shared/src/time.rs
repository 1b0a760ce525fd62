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

    /// RFC 3339 in UTC with milliseconds, as `<time datetime>` wants it: `2026-11-22T13:05:00.000Z`. Host and browser
    /// write the same. A time outside of the years 0 to 9998, which no calendar library has to know, is not written.
    pub fn rfc3339(self) -> String {
        if (YEAR_0..YEAR_9999).contains(&self.millis()) {
            written(self.millis())
        } else {
            String::new()
        }
    }
}

/// The first milliseconds of the year 0 and of the year 9999, the last of which `jiff` does not reach in every zone.
const YEAR_0: i64 = -62_167_219_200_000;
const YEAR_9999: i64 = 253_370_764_800_000;

#[cfg(not(target_arch = "wasm32"))]
fn written(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map(|at| format!("{at:.3}"))
        .unwrap_or_default()
}

#[cfg(target_arch = "wasm32")]
fn written(millis: i64) -> String {
    let date = js_sys::Date::new_0();
    date.set_time(millis as f64);
    date.to_iso_string().into()
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
        assert_eq!(Timestamp(999).rfc3339(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_time_that_no_calendar_shows_is_nothing() {
        let last = Timestamp(YEAR_9999 * 1_000 - 1);
        assert_eq!(last.rfc3339(), "9998-12-31T23:59:59.999Z");
        let first = Timestamp(YEAR_0 * 1_000);
        assert_eq!(first.rfc3339(), "0000-01-01T00:00:00.000Z");
        for beyond in [i64::MIN, first.0 - 1, last.0 + 1, i64::MAX] {
            assert_eq!(Timestamp(beyond).rfc3339(), "");
        }
    }
}
