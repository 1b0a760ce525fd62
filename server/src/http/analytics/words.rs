//! What the page's numbers are called: times, shares and days of the week.

use i18n::{Language, t};

use super::figures::{Median, RatingSummary};

/// The name of a day of the week; 0 is Monday.
pub(super) fn weekday(language: Language, day: usize) -> &'static str {
    match day {
        0 => t!(language, chat_settings.monday),
        1 => t!(language, chat_settings.tuesday),
        2 => t!(language, chat_settings.wednesday),
        3 => t!(language, chat_settings.thursday),
        4 => t!(language, chat_settings.friday),
        5 => t!(language, chat_settings.saturday),
        _ => t!(language, chat_settings.sunday),
    }
}

/// A time as people say it: two units at most.
pub(super) fn duration(seconds: Option<i64>) -> String {
    let Some(seconds) = seconds else {
        return none();
    };
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let pair = |first: (i64, &str), second: (i64, &str)| match second.0 {
        0 => format!("{} {}", first.0, first.1),
        rest => format!("{} {} {rest} {}", first.0, first.1, second.1),
    };
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => pair((minutes, "min"), (seconds % 60, "s")),
        3_600..86_400 => pair((hours, "h"), (minutes % 60, "min")),
        _ => pair((days, "d"), (hours % 24, "h")),
    }
}

/// A median, and of how many times it is.
pub(super) fn median(language: Language, median: Median) -> String {
    match median.seconds {
        None => none(),
        seconds => {
            let time = duration(seconds);
            t!(language, analytics.with_n, time = time, number = median.of)
        }
    }
}

/// A mean with one decimal.
pub(super) fn mean(language: Language, summary: RatingSummary) -> String {
    let mean = summary.mean();
    mean.map_or_else(none, |(whole, tenth)| {
        t!(language, analytics.decimal, whole = whole, tenth = tenth)
    })
}

/// The share of 4 and 5.
pub(super) fn share(language: Language, summary: RatingSummary) -> String {
    let share = summary.share();
    share.map_or_else(none, |share| t!(language, analytics.percent, value = share))
}

/// Nothing was counted.
fn none() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use i18n::Language;

    use super::{Median, duration, median};

    #[test]
    fn a_time_has_two_units_at_most() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (125, "2 min 5 s"),
            (3_600, "1 h"),
            (3_660, "1 h 1 min"),
            (86_400 * 3 + 7_200, "3 d 2 h"),
        ] {
            assert_eq!(duration(Some(seconds)), text);
        }
        assert_eq!(duration(None), "–");
    }

    #[test]
    fn a_median_says_of_how_many_it_is_unless_there_are_none() {
        let of = |seconds, of| median(Language::En, Median { seconds, of });
        assert_eq!(of(Some(125), 3), "2 min 5 s (n = 3)");
        assert_eq!(of(None, 0), "–");
    }
}
