//! The conversations that a customer had before, folded beside the one that is open; and where a workitem is read.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::{UserId, WorkitemId};
use shared::lenient::List;
use shared::workitem::Workitem;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::api::ApiError;
use crate::api::history::conversations_before;
use crate::components::{Icon, LocalTime};
use crate::language::{error_text, label};
use crate::state::use_session;

/// Where somebody reads a workitem: their own in the workspace, what an agent has on the Coaching Page, and else where it is read
/// alone. There an entry is marked.
pub fn place_of(workitem: &Workitem, me: &UserId, entry: Option<i64>) -> String {
    let id = &workitem.id;
    let open = workitem.state.is_at_agent();
    let page = match &workitem.agent {
        Some(agent) if agent.id == *me => format!("/workspace/{id}"),
        Some(agent) if open => format!("/coaching/{}/{id}", agent.id),
        _ => format!("/history/{id}"),
    };
    match entry {
        Some(entry) => format!("{page}?entry={entry}"),
        None => page,
    }
}

/// The line that unfolds them. They are asked for when it is unfolded.
#[component]
pub fn Earlier(
    /// Before which.
    workitem: WorkitemId,
) -> impl IntoView {
    let found = RwSignal::new(None::<Result<Vec<Workitem>, AppError>>);
    let toggled = move |event: web_sys::Event| {
        let details = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        // The browser says so a moment later, when the line may have gone.
        let unknown = found.try_with_untracked(|found| !matches!(found, Some(Ok(_))));
        if unknown != Some(true) || !details.is_some_and(|details| details.has_attribute("open")) {
            return;
        }
        let workitem = workitem.clone();
        spawn_local(async move {
            let answer = conversations_before(workitem).await;
            let answer = answer
                .map(|List(list)| list)
                .map_err(|ApiError(error)| error);
            found.try_set(Some(answer));
        });
    };
    let line = move |words: String| view! { <p class="earlier__line">{words}</p> }.into_any();
    view! {
        <details class="earlier" on:toggle=toggled>
            <summary class="earlier__title">{t!(history.earlier)}</summary>
            {move || match found.get() {
                None => line(t!(common.loading_more).to_owned()),
                Some(Ok(list)) if list.is_empty() => line(t!(history.earlier_none).to_owned()),
                Some(Ok(list)) => view! {
                    <ul class="earlier__list" role="list">{list.into_iter().map(earlier_view).collect_view()}</ul>
                }.into_any(),
                Some(Err(error)) => line(error_text(&error)),
            }}
        </details>
    }
}

fn earlier_view(workitem: Workitem) -> AnyView {
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let href = place_of(&workitem, &me, None);
    view! {
        <li class="earlier__line">
            <LocalTime at=workitem.started_at />
            <Icon name=workitem.channel.code() />
            <span>{label(workitem.channel)}</span>
            <a href=href dir="auto">{workitem.subject}</a>
            {workitem.agent.map(|agent| view! { <bdi>{agent.name}</bdi> }.into_any())}
        </li>
    }
    .into_any()
}
