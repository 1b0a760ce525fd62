//! Puts a workitem on the wall: an agent, and one of that agent's workitems.

use leptos::prelude::*;
use shared::ids::{UserId, WorkitemId};
use shared::people::PersonRef;
use shared::workitem::Workitem;

use crate::api::coaching::{AgentWorkitemsLoad, DashboardLoad};
use crate::first_data::first_answer;

/// The two choices and the button.
#[component]
pub(super) fn AddWorkitem(
    /// What is on the wall.
    shown: Memo<Vec<WorkitemId>>,
    /// Puts one there.
    add: Callback<WorkitemId>,
) -> impl IntoView {
    let agents = use_agents();
    let agent = RwSignal::new(None::<UserId>);
    let chosen = RwSignal::new(None::<WorkitemId>);
    let list = first_answer(move || agent.get().map(|agent| AgentWorkitemsLoad { agent }));
    let offered = Memo::new(move |_| {
        list.answer.with(|answer| {
            let rows = answer.iter().flatten().flat_map(|list| &list.workitems);
            shown.with(|shown| {
                rows.filter(|row| !shown.contains(&row.id))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    // The first one is chosen until the user chooses.
    Effect::new(move || {
        chosen.set(offered.with(|offered| offered.first().map(|row| row.id.clone())))
    });
    let agent_options = move || {
        let option = |person: PersonRef| {
            let id = person.id.to_string();
            view! { <option value=id dir="auto">{person.name}</option> }.into_any()
        };
        agents.get().into_iter().map(option).collect_view()
    };
    let workitem_options = move || offered.get().into_iter().map(option_of).collect_view();
    view! {
        <form
            class="toolbar watch__add"
            on:submit=move |event| {
                event.prevent_default();
                if let Some(workitem) = chosen.get_untracked() {
                    add.run(workitem);
                }
            }
        >
            <label class="watch__choice">
                <span class="field__label">{t!(coaching.agent)}</span>
                <select
                    class="select"
                    on:change=move |event| agent.set(UserId::parse(event_target_value(&event)).ok())
                >
                    <option value="">{t!(watch.choose_agent)}</option>
                    {agent_options}
                </select>
            </label>
            <label class="watch__choice">
                <span class="field__label">{t!(stepping_in.peek_workitem)}</span>
                <select
                    class="select"
                    disabled=move || offered.with(Vec::is_empty)
                    on:change=move |event| chosen.set(WorkitemId::parse(event_target_value(&event)).ok())
                >
                    {workitem_options}
                </select>
            </label>
            <button type="submit" class="button" disabled=move || chosen.with(Option::is_none)>
                {t!(watch.add)}
            </button>
            <p role="status" class="watch__nothing">
                {move || {
                    let nothing = offered.with(Vec::is_empty)
                        && list.answer.with(|answer| matches!(answer, Some(Ok(_))));
                    nothing.then_some(t!(watch.nothing))
                }}
            </p>
        </form>
    }
}

/// The agents of the viewer's dashboard.
fn use_agents() -> Memo<Vec<PersonRef>> {
    let dashboard = first_answer(|| Some(DashboardLoad {}));
    Memo::new(move |_| {
        dashboard.answer.with(|answer| {
            let rows = answer
                .iter()
                .flatten()
                .flat_map(|dashboard| &dashboard.agents);
            rows.map(|row| PersonRef {
                id: row.id.clone(),
                name: row.name.clone(),
            })
            .collect::<Vec<_>>()
        })
    })
}

fn option_of(workitem: Workitem) -> AnyView {
    let words = t!(
        reassign.workitem_line,
        customer = workitem.customer,
        subject = workitem.subject
    );
    view! { <option value=workitem.id.to_string() dir="auto">{words}</option> }.into_any()
}
