//! A limit of the lines in the log that a stranger can cause.

use std::sync::{Mutex, PoisonError};

use shared::time::Timestamp;

/// How many lines a minute are written.
const LINES: u32 = 60;

/// Counts lines by the minute.
#[derive(Debug, Default)]
pub(crate) struct LineLimit(Mutex<(i64, u32)>);

impl LineLimit {
    /// Counts one more, and says whether it is written.
    pub(crate) fn admits(&self, now: Timestamp) -> bool {
        let minute = now.0 / 60_000_000;
        // Nothing under this lock can panic half-way through a change.
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= LINES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_causes_sixty_lines_a_minute_at_most() {
        let limit = LineLimit::default();
        let minute = |number: i64| Timestamp(number * 60_000_000);
        for number in [1, 2] {
            let written = (0..100).filter(|_| limit.admits(minute(number))).count();
            assert_eq!(written, 60);
        }
    }
}
