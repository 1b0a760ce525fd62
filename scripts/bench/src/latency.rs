//! Times in HDR histograms, and what is said of them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// In microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

/// Times that many tasks add to. Three significant digits, from a microsecond; what is longer than an hour counts
/// as an hour.
#[derive(Debug)]
pub struct Latency(Mutex<Histogram<u64>>);

/// Times in milliseconds. All are 0 when nothing was timed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    pub count: u64,
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Default for Latency {
    fn default() -> Self {
        let histogram =
            Histogram::new_with_bounds(1, LONGEST, 3).expect("constant bounds are allowed");
        Self(Mutex::new(histogram))
    }
}

impl Latency {
    pub fn add(&self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let mut histogram = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        histogram.saturating_record(microseconds.max(1));
    }

    pub fn summary(&self) -> Summary {
        let histogram = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
        Summary {
            count: histogram.len(),
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1_000.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_added() {
        let latency = Latency::default();
        for millisecond in 1..=1_000 {
            latency.add(Duration::from_millis(millisecond));
        }
        let summary = latency.summary();
        assert_eq!(summary.count, 1_000);
        for (said, right) in [
            (summary.p50, 500.0),
            (summary.p99, 990.0),
            (summary.p999, 999.0),
            (summary.max, 1_000.0),
        ] {
            assert!(
                (said - right).abs() <= right / 1_000.0,
                "{said} for {right}"
            );
        }
    }

    #[test]
    fn nothing_is_nothing_and_an_hour_is_an_hour() {
        let latency = Latency::default();
        assert_eq!(latency.summary(), Summary::default());
        latency.add(Duration::from_secs(3_600));
        assert!(latency.summary().max >= 3_599_000.0);
    }
}
