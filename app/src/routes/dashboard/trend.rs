//! How many waited in the last hour: a small picture, and what it shows in words.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::views::{WAITED_PART_MIN, WAITED_PARTS};

use crate::api::views::view_list;

/// The height of the picture and the width of a bar with its gap, in the picture's own units.
const HEIGHT: i64 = 24;
const STEP: usize = 10;
/// How often it is asked for again.
const AGAIN: Duration = Duration::from_secs(150);
/// How many minutes the whole figure covers.
const HOUR: i64 = WAITED_PARTS as i64 * WAITED_PART_MIN;

/// The figure. It has its room from the start, so that nothing moves.
#[component]
pub fn Trend(
    /// How many waited at most in each part of the hour, the present one last.
    first: Vec<i64>,
    /// How many minutes that is.
    minutes: i64,
) -> impl IntoView {
    let (waited, minutes) = (RwSignal::new(first), RwSignal::new(minutes));
    Effect::new(move || {
        let again = move || {
            spawn_local(async move {
                if let Ok(now) = view_list().await {
                    minutes.try_set(now.waited_min);
                    waited.try_set(now.waited);
                }
            });
        };
        let timer = set_interval_with_handle(again, AGAIN).ok();
        on_cleanup(move || {
            if let Some(timer) = timer {
                timer.clear();
            }
        });
    });
    let words = move || waited.with(|waited| words(waited, minutes.get()));
    let bars = move || {
        waited.with(|waited| {
            let most = waited.iter().max().copied().unwrap_or_default().max(1);
            let young = WAITED_PARTS - waited.len().min(WAITED_PARTS);
            // What is nothing is a line at the bottom; before the start of Sideline there is not even that.
            let heights = waited
                .iter()
                .map(|waiting| (HEIGHT * waiting / most).max(1));
            let heights = std::iter::repeat_n(0, young).chain(heights);
            let bar = |(place, height): (usize, i64)| {
                view! {
                    <rect
                        x=(place * STEP).to_string()
                        y=(HEIGHT - height).to_string()
                        width="8"
                        height=height.to_string()
                    />
                }
                .into_any()
            };
            heights.enumerate().map(bar).collect_view()
        })
    };
    view! {
        <figure class="trend">
            <svg class="trend__plot" viewBox="0 0 120 24" aria-hidden="true">{bars}</svg>
            <figcaption>{words}</figcaption>
        </figure>
    }
}

/// What the picture shows: how many waited at most in the last so many minutes. One minute says nothing.
fn words(waited: &[i64], minutes: i64) -> String {
    match waited.iter().max() {
        Some(0) if minutes >= HOUR => t!(dashboard.trend_quiet).to_owned(),
        Some(most) if minutes >= HOUR => t!(dashboard.trend, most = *most),
        Some(0) if minutes > 1 => t!(dashboard.trend_quiet_young, minutes = minutes),
        Some(most) if minutes > 1 => t!(dashboard.trend_young, minutes = minutes, most = *most),
        _ => t!(dashboard.trend_none).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_words_claim_no_minute_before_the_start() {
        let none = "How many waited in the last hour is shown in a minute.";
        assert_eq!(words(&[], 0), none);
        assert_eq!(words(&[0], 0), none, "twenty seconds after the start");
        let young = "Nobody waited in the last 4 minutes, since Sideline started.";
        assert_eq!(words(&[0, 0], 4), young, "of two parts");
        let most = "At most 3 waited at once in the last 58 minutes, since Sideline started.";
        assert_eq!(words(&[1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 58), most);
        assert_eq!(words(&[0; 12], 60), "Nobody waited in the last hour.");
    }
}
