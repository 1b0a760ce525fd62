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

/// The figure. It has its room from the start, so that nothing moves.
#[component]
pub fn Trend(
    /// How many waited at most in each part of the hour, the present one last.
    first: Vec<i64>,
) -> impl IntoView {
    let waited = RwSignal::new(first);
    Effect::new(move || {
        let again = move || {
            spawn_local(async move {
                if let Ok(now) = view_list().await {
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
    let words = move || {
        waited.with(|waited| match waited.iter().max() {
            None => t!(dashboard.trend_none).to_owned(),
            Some(most) if waited.len() < WAITED_PARTS => {
                let minutes = waited.len() as i64 * WAITED_PART_MIN;
                match most {
                    0 => t!(dashboard.trend_quiet_young, minutes = minutes),
                    most => t!(dashboard.trend_young, minutes = minutes, most = *most),
                }
            }
            Some(0) => t!(dashboard.trend_quiet).to_owned(),
            Some(most) => t!(dashboard.trend, most = *most),
        })
    };
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
