//! The strip above the agents: how many workitems wait in each team's queue, and since when. A click shows which.

mod waiting;

use leptos::prelude::*;
use shared::ids::TeamId;
use shared::workitem::TeamQueue;

use self::waiting::QueueDialog;

use crate::components::alert_marks::{alert_count, use_alerts};
use crate::components::{Icon, Waiting};

/// One part a team; nothing at all when the supervisor has no team.
#[component]
pub fn Queues(
    /// As the host sent them last.
    queues: RwSignal<Vec<TeamQueue>>,
) -> impl IntoView {
    let teams = Memo::new(move |_| {
        queues.with(|queues| {
            queues
                .iter()
                .map(|queue| queue.team.clone())
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || teams.with(|teams| !teams.is_empty())>
            <ul class="queues" role="list" aria-label=t!(dashboard.queues)>
                <For each=move || teams.get() key=|team| team.clone() let:team>
                    <QueueOfTeam queues=queues team=team/>
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn QueueOfTeam(queues: RwSignal<Vec<TeamQueue>>, team: TeamId) -> impl IntoView {
    let name_id = format!("queue-{team}");
    let of = team.clone();
    let alerts = use_alerts(move |alert| alert.agent.is_none() && alert.team == of);
    let describes = name_id.clone();
    let queue = Memo::new(move |_| {
        queues.with(|queues| queues.iter().find(|queue| queue.team == team).cloned())
    });
    let queued = move || queue.with(|queue| queue.as_ref().map_or(0, |queue| queue.queued));
    let since = Signal::derive(move || queue.with(|queue| queue.as_ref()?.since));
    let some_wait = Memo::new(move |_| queued() > 0);
    let open = RwSignal::new(false);
    view! {
        <li class="queue" class:queue--waiting=move || some_wait.get()>
            <Icon name="queue"/>
            <span class="queue__team" dir="auto" id=name_id>
                {move || queue.with(|queue| queue.as_ref().map(|queue| queue.name.clone()))}
            </span>
            <span class="queue__count">
                {move || match some_wait.get() {
                    false => t!(dashboard.queue_empty).into_any(),
                    true => view! {
                        <button
                            type="button"
                            class="queue__open"
                            aria-haspopup="dialog"
                            aria-describedby=describes.clone()
                            on:click=move |_| open.set(true)
                        >
                            {move || t!(dashboard.queue, count = queued())}
                        </button>
                    }.into_any(),
                }}
            </span>
            {move || since.get().is_some().then(|| view! {
                <span class="queue__since">
                    {alert_count(alerts)}
                    {t!(dashboard.queue_longest)}
                    " "
                    <Waiting since=since/>
                </span>
            }.into_any())}
            {move || open.get().then(|| view! {
                <QueueDialog queue on_close=Callback::new(move |()| open.set(false))/>
            }.into_any())}
        </li>
    }
}
