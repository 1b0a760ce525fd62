//! The agent's workitems that were closed last, below the open ones: folded until somebody wants them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use shared::error::AppError;
use shared::ids::WorkitemId;
use shared::lenient::List;
use shared::workitem::Workitem;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::list::channel_icon;
use crate::api::ApiError;
use crate::api::workitems::closed_list;
use crate::components::{Icon, LocalTime};
use crate::language::{error_text, label};
use crate::state::use_session;

/// The line that unfolds them. They are asked for when it is unfolded, and again when a workitem leaves the list above.
#[component]
pub fn ClosedWorkitems() -> impl IntoView {
    let worklist = use_session().worklist;
    let open = RwSignal::new(false);
    let found = RwSignal::new(None::<Result<Vec<Workitem>, AppError>>);
    let listed = Memo::new(move |_| {
        worklist.with(|list| {
            let workitems = list.iter().flat_map(|list| &list.workitems);
            let ids = workitems.map(|workitem| workitem.id.clone());
            ids.collect::<Vec<WorkitemId>>()
        })
    });
    Effect::new(move || {
        listed.track();
        if open.get() {
            spawn_local(async move {
                let answer = closed_list().await;
                found.try_set(Some(
                    answer
                        .map(|List(list)| list)
                        .map_err(|ApiError(error)| error),
                ));
            });
        }
    });
    let toggled = move |event: web_sys::Event| {
        let details = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        open.set(details.is_some_and(|details| details.has_attribute("open")));
    };
    view! {
        <details class="closed-work" on:toggle=toggled>
            <summary class="workspace__title">{t!(workspace.closed_list)}</summary>
            {move || found.get().map(|found| match found {
                Ok(workitems) if workitems.is_empty() => view! {
                    <p class="worklist__empty">{t!(workspace.closed_none)}</p>
                }.into_any(),
                Ok(workitems) => view! {
                    <ul class="worklist">{workitems.into_iter().map(line_view).collect_view()}</ul>
                }.into_any(),
                Err(error) => view! { <p class="worklist__empty">{error_text(&error)}</p> }.into_any(),
            })}
        </details>
    }
}

fn line_view(workitem: Workitem) -> AnyView {
    let href = format!("/workspace/{}", workitem.id);
    view! {
        <li class="worklist__item">
            <A href attr:class="worklist__link">
                <span class="worklist__head">
                    <Icon name=channel_icon(workitem.channel) />
                    <span class="worklist__channel">{label(workitem.channel)}</span>
                    <span class="worklist__customer" dir="auto">{workitem.customer}</span>
                    <LocalTime at=workitem.last_activity_at />
                </span>
                <span class="worklist__subject" dir="auto">{workitem.subject}</span>
            </A>
        </li>
    }
    .into_any()
}
