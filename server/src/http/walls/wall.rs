//! What a wall looks like: large, read only, without words of conversations and without customers. Where there is a script it takes the
//! page again every few seconds; where there is none the browser loads it again.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse, Response};
use i18n::{Label, Language, t};
use maud::{DOCTYPE, Markup, html};
use shared::people::Presence;
use shared::time::Timestamp;
use shared::workitem::{AgentRow, TeamQueue};

use crate::desk::walls::WallShown;
use crate::http::assets;
use crate::http::plain_page::time;

/// That of plain pages, and the script may ask this host.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// So many agents fit onto a screen of 1920 by 1080; more of them are written smaller.
const LARGE: usize = 40;
/// After how many seconds a browser without scripts loads the page again.
const RELOAD_S: &str = "10";

/// The page.
pub(super) fn page(language: Language, shown: &WallShown) -> Response {
    let (agents, queues) = (&shown.dashboard.agents, &shown.dashboard.queues);
    let main = html! {
        main class="wall" {
            header class="wall__head" {
                h1 class="wall__title" dir="auto" { (shown.name) }
                p class="wall__requests" { (requests(language, agents, shown.at)) }
                p class="wall__at" { (t!(language, walls.as_of)) " " (time(shown.at)) }
                p class="wall__stale" role="status" hidden { (t!(language, walls.stale)) }
            }
            section aria-labelledby="wall-queues" {
                h2 class="wall__part" id="wall-queues" { (t!(language, dashboard.queues)) }
                ul class="wall__queues" role="list" {
                    @for queue in queues { (queue_card(language, queue, shown.at)) }
                }
            }
            section aria-labelledby="wall-agents" {
                h2 class="wall__part" id="wall-agents" { (t!(language, dashboard.agents)) }
                div class={ "wall__presences" (if agents.len() > LARGE { " wall__presences--many" } else { "" }) } {
                    @for presence in Presence::ALL { (present(language, presence, agents)) }
                }
            }
        }
    };
    document(language, &shown.name, &main, true)
}

/// What a screen shows whose link opens nothing, or nothing any more. It does not load itself again.
pub(super) fn ended(language: Language) -> Response {
    let title = t!(language, walls.ended);
    let main = html! {
        main class="wall wall--ended" {
            h1 class="wall__title" { (title) }
            p { (t!(language, walls.ended_line)) }
        }
    };
    document(language, title, &main, false)
}

fn document(language: Language, title: &str, main: &Markup, lives: bool) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang=(language.code()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                // The address is a secret.
                meta name="referrer" content="no-referrer";
                title { (title) " · Sideline" }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                script src=(assets::url("early.js")) {}
                link rel="stylesheet" href=(assets::url("sideline.css"));
                @if lives {
                    noscript { meta http-equiv="refresh" content=(RELOAD_S); }
                    script type="module" src=(assets::url("wall.js")) {}
                }
            }
            body { (main) }
        }
    };
    let mut response = Html(document.into_string()).into_response();
    let policy = HeaderValue::from_static(POLICY);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// How many requests are open and how many of them wait longer than they should.
fn requests(language: Language, agents: &[AgentRow], now: Timestamp) -> Markup {
    let mut hands = agents.iter().flat_map(|agent| &agent.hands);
    let all = hands.clone().count();
    let overdue = hands
        .clone()
        .filter(|hand| hand.due().is_some_and(|due| now >= due));
    let overdue = overdue.count();
    let urgent = hands.any(|hand| hand.claim.is_none());
    html! {
        span class={ "badge " (if urgent { "badge--danger" } else { "badge--closed" }) } {
            (t!(language, walls.requests, count = all))
            @if overdue > 0 { " · " (t!(language, dashboard.hands_overdue, number = overdue)) }
        }
    }
}

fn queue_card(language: Language, queue: &TeamQueue, now: Timestamp) -> Markup {
    let since = queue.since.filter(|_| queue.queued > 0);
    html! {
        li class={ "card wall__queue" (if queue.queued > 0 { " wall__queue--waiting" } else { "" }) } {
            h3 class="wall__team" dir="auto" { (queue.name) }
            p class="wall__number" { (queue.queued) }
            p class="wall__words" {
                @if queue.queued == 0 { (t!(language, dashboard.queue_empty)) }
                @else { (t!(language, walls.waiting)) }
                @if let Some(since) = since {
                    " · " (t!(language, dashboard.queue_longest)) " " span class="wall__time" { (wait(now.0 - since.0)) }
                }
            }
        }
    }
}

/// The agents with one presence, and how much each has to do.
fn present(language: Language, presence: Presence, agents: &[AgentRow]) -> Markup {
    let there: Vec<_> = agents
        .iter()
        .filter(|agent| agent.presence == presence)
        .collect();
    html! {
        section class={ "wall__presence wall__presence--" (presence.code()) } {
            h3 class="wall__team" { (presence.label(language)) " · " (there.len()) }
            ul class="wall__agents" role="list" {
                @for agent in there {
                    li class="wall__agent" {
                        span class="wall__name" dir="auto" { (agent.name) }
                        span class="wall__load" {
                            (agent.counts.total())
                            span class="visually-hidden" { " " (t!(language, dashboard.workitems)) }
                        }
                    }
                }
            }
        }
    }
}

/// A wait as a clock shows it.
fn wait(micros: i64) -> String {
    let seconds = (micros / 1_000_000).max(0);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_reads_as_a_clock() {
        for (seconds, text) in [(-5, "0:00"), (59, "0:59"), (61, "1:01"), (3_661, "1:01:01")] {
            assert_eq!(wait(seconds * 1_000_000), text);
        }
    }
}
