//! Figures as pictures: bars, and hours of a week. Each has its numbers in a table beside it, so nobody has to see it. The policy of
//! plain pages allows no styles in the markup; what depends on numbers is said by attributes of SVG and by classes.

use i18n::{Language, t};
use maud::{Markup, html};

use super::figures::{Bar, Heat};
use super::view::weekday;

/// The size of a picture of bars, in its own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 150;
/// Where the bars stand.
const FLOOR: i64 = 140;
const TOP: i64 = 10;
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
