//! Figures as pictures: bars, and hours of a week. Each has its numbers in a table beside it, so nobody has to see it. The policy of
//! plain pages allows no styles in the markup; what depends on numbers is said by attributes of SVG and by classes.

use i18n::{Language, t};
use maud::{Markup, html};

use super::figures::{Bar, Heat};
use super::words::{duration, weekday};

/// The size of a picture of bars, in its own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 150;
/// Where the bars stand.
const FLOOR: i64 = 140;
const TOP: i64 = 10;
/// The height of a picture of two bars, one below the other, and of each of them.
const PAIR: i64 = 22;
const PAIR_BAR: i64 = 8;
/// How many shades a heat map has, beside that of nothing.
const SHADES: i64 = 5;

/// The days of a bar: one, or a first and a last.
fn days(bar: &Bar) -> String {
    match bar.from == bar.to {
        true => bar.from.to_string(),
        false => format!("{} – {}", bar.from, bar.to),
    }
}

/// Bars with what they mean: a caption in words, and a table of the same numbers.
pub(super) fn bars(language: Language, id: &str, title: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().max_by_key(|bar| bar.count);
    let (highest, day) = most.map_or((0, String::new()), |bar| (bar.count, days(bar)));
    let total: i64 = bars.iter().map(|bar| bar.count).sum();
    let caption = match total {
        0 => t!(language, analytics.nothing).to_owned(),
        _ => t!(
            language,
            analytics.caption,
            total = total,
            highest = highest,
            day = day
        ),
    };
    let step = WIDTH / i64::try_from(bars.len().max(1)).unwrap_or(1);
    let height = |count: i64| (FLOOR - TOP) * count / highest.max(1);
    html! {
        figure class="analytics__figure" aria-labelledby=(id) {
            figcaption id=(id) { strong { (title) } " " span class="analytics__caption" { (caption) } }
            @if total > 0 {
                svg class="analytics__plot" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" aria-hidden="true" {
                    line class="analytics__floor" x1="0" x2=(WIDTH) y1=(FLOOR) y2=(FLOOR) {}
                    @for (place, bar) in (0i64..).zip(bars) {
                        rect class="analytics__bar" x=(place * step + 1) width=((step - 2).max(1))
                            y=(FLOOR - height(bar.count)) height=(height(bar.count)) {
                            title { (days(bar)) ": " (bar.count) }
                        }
                    }
                }
                p class="analytics__axis" aria-hidden="true" {
                    @for bar in [bars.first(), bars.last()].into_iter().flatten() { span { (days(bar)) } }
                }
                details {
                    summary { (t!(language, analytics.numbers)) }
                    div class="table-wrap analytics__numbers" tabindex="0" role="region" aria-label=(title) {
                        table class="table" aria-label=(title) {
                            thead { tr {
                                th scope="col" { (t!(language, analytics.days)) }
                                th scope="col" { (t!(language, analytics.count)) }
                            } }
                            tbody { @for bar in bars { tr { th scope="row" { (days(bar)) } td { (bar.count) } } } }
                        }
                    }
                }
            }
        }
    }
}

/// Somebody's times before and after something, in seconds; nothing where there is none.
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) before: Option<i64>,
    pub(super) after: Option<i64>,
}

/// How many have both times, and for how many of them the later one is shorter and longer.
fn compared(pairs: &[Pair<'_>]) -> (usize, usize, usize) {
    let both = pairs.iter().filter_map(|pair| pair.before.zip(pair.after));
    both.fold((0, 0, 0), |(all, shorter, longer), (before, after)| {
        let (less, more) = (usize::from(after < before), usize::from(after > before));
        (all + 1, shorter + less, longer + more)
    })
}

/// One of two bars. That of before is an outline, so that nobody needs a colour to tell them apart.
fn pair_bar(seconds: i64, highest: i64, after: bool) -> Markup {
    let (class, y) = match after {
        false => ("analytics__bar analytics__bar--before", 2),
        true => ("analytics__bar", PAIR - PAIR_BAR - 2),
    };
    html! { rect class=(class) x="1" y=(y) width=((WIDTH - 2) * seconds / highest.max(1)) height=(PAIR_BAR) {} }
}

/// What the two kinds of bars mean.
fn pair_key(language: Language) -> Markup {
    let sides = [
        (
            t!(language, analytics.around_before),
            "analytics__bar analytics__bar--before",
        ),
        (t!(language, analytics.around_after), "analytics__bar"),
    ];
    html! {
        p class="analytics__sides" aria-hidden="true" {
            @for (name, class) in sides {
                span {
                    svg class="analytics__swatch" viewBox="0 0 12 12" { rect class=(class) x="1" y="1" width="10" height="10" {} }
                    (name)
                }
            }
        }
    }
}

/// A pair of bars for each person, with what they mean: a caption in words, and a table of the same numbers.
pub(super) fn pairs(language: Language, id: &str, title: &str, pairs: &[Pair<'_>]) -> Markup {
    let times = pairs.iter().flat_map(|pair| [pair.before, pair.after]);
    let highest = times.flatten().max();
    let caption = match (highest, compared(pairs)) {
        (None, _) => t!(language, analytics.nothing).to_owned(),
        (Some(_), (agents, shorter, longer)) => t!(
            language,
            analytics.around_caption,
            agents = agents,
            shorter = shorter,
            longer = longer
        ),
    };
    html! {
        figure class="analytics__figure" aria-labelledby=(id) {
            figcaption id=(id) { strong { (title) } " " span class="analytics__caption" { (caption) } }
            @if let Some(highest) = highest {
                (pair_key(language))
                div class="analytics__pairs" aria-hidden="true" {
                    @for pair in pairs {
                        bdi class="analytics__name" { (pair.name) }
                        svg class="analytics__pair" viewBox=(format!("0 0 {WIDTH} {PAIR}")) preserveAspectRatio="none" {
                            title { (pair.name) ": " (duration(pair.before)) " → " (duration(pair.after)) }
                            @for (seconds, after) in [(pair.before, false), (pair.after, true)] {
                                @if let Some(seconds) = seconds { (pair_bar(seconds, highest, after)) }
                            }
                        }
                    }
                }
                details {
                    summary { (t!(language, analytics.numbers)) }
                    div class="table-wrap analytics__numbers" tabindex="0" role="region" aria-label=(title) {
                        table class="table" aria-label=(title) {
                            thead { tr {
                                th scope="col" { (t!(language, analytics.around_agent)) }
                                th scope="col" { (t!(language, analytics.around_before)) }
                                th scope="col" { (t!(language, analytics.around_after)) }
                            } }
                            tbody { @for pair in pairs { tr {
                                th scope="row" { bdi { (pair.name) } }
                                td { (duration(pair.before)) }
                                td { (duration(pair.after)) }
                            } } }
                        }
                    }
                }
            }
        }
    }
}

/// The hours of a week. It is a table: the shade only repeats the number.
pub(super) fn heat_map(language: Language, title: &str, heat: &Heat) -> Markup {
    let highest = heat.iter().flatten().max().copied().unwrap_or_default();
    let shade = |count: i64| (count * SHADES + highest - 1) / highest.max(1);
    html! {
        div class="table-wrap" tabindex="0" role="region" aria-label=(title) {
            table class="analytics__heat" {
                caption { (title) }
                thead { tr {
                    td {}
                    @for hour in 0..24 { th scope="col" { (hour) } }
                } }
                tbody { @for (day, hours) in heat.iter().enumerate() {
                    tr {
                        th scope="row" { (weekday(language, day)) }
                        @for count in hours {
                            td class=(format!("analytics__hour analytics__hour--{}", shade(*count))) {
                                @if *count > 0 { (count) } @else { span class="visually-hidden" { "0" } }
                            }
                        }
                    }
                } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, Pair, compared, pairs};

    fn pair(name: &str, before: Option<i64>, after: Option<i64>) -> Pair<'_> {
        Pair {
            name,
            before,
            after,
        }
    }

    #[test]
    fn only_those_with_both_times_are_compared() {
        let all = [
            pair("Amy", Some(120), Some(60)),
            pair("Ben", Some(60), Some(90)),
            pair("Cleo", Some(60), Some(60)),
            pair("Sue", None, Some(30)),
            pair("Sid", Some(30), None),
        ];
        assert_eq!(compared(&all), (3, 1, 1));
    }

    #[test]
    fn a_picture_of_pairs_has_a_bar_for_each_time_and_all_of_them_in_a_table() {
        let all = [
            pair("Amy", Some(120), Some(60)),
            pair("<Ben>", None, Some(30)),
        ];
        let shown = pairs(Language::En, "answers", "First answer", &all).into_string();
        // Two of the key, and three.
        assert_eq!(shown.matches("<rect").count(), 5, "{shown}");
        assert!(shown.contains(r#"width="718""#) && shown.contains(r#"width="359""#));
        assert!(shown.contains("<td>2 min</td><td>1 min</td>"), "{shown}");
        assert!(shown.contains("<td>–</td><td>30 s</td>"), "{shown}");
        assert!(!shown.contains("<Ben>"), "{shown}");
        let none = pairs(Language::En, "answers", "First answer", &[]).into_string();
        assert!(!none.contains("<svg"), "{none}");
    }
}
