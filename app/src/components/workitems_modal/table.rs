//! The rows of the modal: select with a click, unfold with a double-click or Enter, edit from there. The rows
//! are what `shown` says; nothing here asks for newer ones.

use std::collections::BTreeSet;

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shared::ids::{UserId, WorkitemId};
use shared::transcript::names;
use shared::workitem::Workitem;

use super::LONGEST_WAIT;
use crate::clock::{LocalTime, Waiting};
use crate::components::Icon;
use crate::components::reassign::ReassignButton;
use crate::components::row_focus::{move_between_rows, on_control, on_row};
use crate::navigation::use_navigation;
use crate::outbox::{Destination, use_unsent};

/// What the rows share.
#[derive(Clone, Copy)]
struct Rows {
    shown: RwSignal<Vec<Workitem>>,
    selected: RwSignal<Option<WorkitemId>>,
    unfolded: RwSignal<BTreeSet<WorkitemId>>,
    /// The one row that Tab reaches.
    tab_stop: Memo<Option<WorkitemId>>,
    edit: Callback<WorkitemId>,
}

impl Rows {
    fn toggle(&self, id: &WorkitemId) {
        self.unfolded.update(|unfolded| {
            if !unfolded.remove(id) {
                unfolded.insert(id.clone());
            }
        });
    }

    fn is_unfolded(&self, id: &WorkitemId) -> bool {
        self.unfolded.with(|unfolded| unfolded.contains(id))
    }
}

/// The table.
#[component]
pub fn WorkitemsTable(shown: RwSignal<Vec<Workitem>>, agent: UserId) -> impl IntoView {
    let navigation = use_navigation();
    // The row that the address leads to; otherwise one begins at the first.
    let wanted = use_query_map()
        .with_untracked(|query| query.get("show"))
        .filter(|what| what == LONGEST_WAIT)
        .and_then(|_| shown.with_untracked(|shown| longest_wait(shown)));
    let selected = RwSignal::new(wanted.clone());
    let rows = Rows {
        shown,
        selected,
        unfolded: RwSignal::new(wanted.into_iter().collect()),
        tab_stop: Memo::new(move |_| {
            let selected = selected.get();
            shown.with(|shown| {
                shown
                    .iter()
                    .find(|row| Some(&row.id) == selected.as_ref())
                    .or_else(|| shown.first())
                    .map(|row| row.id.clone())
            })
        }),
        edit: Callback::new(move |workitem: WorkitemId| {
            navigation.go(&format!("/coaching/{agent}/{workitem}"));
        }),
    };
    view! {
        <Show
            when=move || shown.with(|shown| !shown.is_empty())
            fallback=|| view! {
                <div class="empty">
                    <Icon name="check"/>
                    <p class="empty__title">"No open workitems"</p>
                    <p>"The agent has nothing to do right now."</p>
                </div>
            }.into_any()
        >
            <table class="table workitems__table" role="table" aria-label="Workitems">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Channel"</th>
                        <th scope="col" role="columnheader">"Customer"</th>
                        <th scope="col" role="columnheader">"Subject"</th>
                        <th scope="col" role="columnheader">"State"</th>
                        <th scope="col" role="columnheader">"Started"</th>
                        <th scope="col" role="columnheader">"Last activity"</th>
                        <th scope="col" role="columnheader">"Waiting for"</th>
                        <th scope="col" role="columnheader">"Monitors"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || shown.get() key=|row| row.id.clone() let:row>
                        <WorkitemRow first=row rows=rows/>
                    </For>
                </tbody>
            </table>
        </Show>
    }
}

/// One workitem, and its details while they are unfolded.
#[component]
fn WorkitemRow(first: Workitem, rows: Rows) -> impl IntoView {
    let id = StoredValue::new(first.id.clone());
    let unsent = use_unsent(Destination::Agent(first.id.clone()));
    // A row that a refresh takes away shows its last state until it has left the page.
    let row = Memo::new(move |before: Option<&Workitem>| {
        rows.shown.with(|shown| {
            let now = id.with_value(|id| shown.iter().find(|row| row.id == *id).cloned());
            now.or_else(|| before.cloned())
                .unwrap_or_else(|| first.clone())
        })
    });
    let is_selected = Memo::new(move |_| {
        rows.selected
            .with(|selected| id.with_value(|id| selected.as_ref() == Some(id)))
    });
    let is_stop = Memo::new(move |_| {
        rows.tab_stop
            .with(|stop| id.with_value(|id| stop.as_ref() == Some(id)))
    });
    let is_unfolded = Memo::new(move |_| id.with_value(|id| rows.is_unfolded(id)));
    // The window opens with the focus on one row.
    let opens_here = is_stop.get_untracked();
    let select = move || rows.selected.set(Some(id.get_value()));
    let toggle = move || id.with_value(|id| rows.toggle(id));

    let on_keys = move |event: KeyboardEvent| {
        if on_row(&event) && event.key() == "Enter" {
            event.prevent_default();
            toggle();
        } else if on_row(&event) && event.key() == " " {
            event.prevent_default();
            select();
        } else {
            move_between_rows(&event);
        }
    };
    let on_double_click = move |event: MouseEvent| {
        if !on_control(&event) {
            toggle();
        }
    };
    let details_id = id.with_value(|id| format!("workitem-details-{id}"));

    view! {
        <tr
            class="workitems__row"
            class:workitems__row--selected=move || is_selected.get()
            role="row"
            data-row=""
            data-state=move || row.with(|row| row.state.code())
            tabindex=move || if is_stop.get() { "0" } else { "-1" }
            autofocus=opens_here
            aria-current=move || is_selected.get().then_some("true")
            on:click=move |_| select()
            on:focus=move |_| select()
            on:dblclick=on_double_click
            on:keydown=on_keys
        >
            <td class="workitems__channel" role="cell">
                <span class="workitems__channel-in">
                    <button
                        type="button"
                        class="button button--quiet button--icon workitems__unfold"
                        tabindex=move || if is_stop.get() { "0" } else { "-1" }
                        aria-expanded=move || is_unfolded.get().to_string()
                        aria-controls=move || is_unfolded.get().then(|| details_id.clone())
                        aria-label="Details"
                        on:click=move |_| toggle()
                    >
                        <Icon name="chevron-down"/>
                    </button>
                    {move || row.with(|row| view! { <Icon name=row.channel.code()/> }.into_any())}
                    <span>{move || row.with(|row| row.channel.label())}</span>
                    {move || row.with(|row| (!row.channel.coachable()).then(|| view! {
                        <span class="tag">"view only"</span>
                    }.into_any()))}
                </span>
            </td>
            <td role="cell" data-label="Customer">{move || row.with(|row| row.customer.clone())}</td>
            <th scope="row" role="rowheader" class="workitems__subject" data-label="Subject">
                {move || row.with(|row| row.subject.clone())}
                {move || unsent.get().map(|mark| view! {
                    " "
                    <span class="badge badge--warn">{mark}</span>
                }.into_any())}
            </th>
            <td role="cell" data-label="State">
                <span class=move || row.with(|row| format!("badge badge--{}", row.state.code()))>
                    {move || row.with(|row| row.state.label())}
                </span>
            </td>
            <td role="cell" data-label="Started">
                {move || view! { <LocalTime at=row.with(|row| row.started_at)/> }.into_any()}
            </td>
            <td role="cell" data-label="Last activity">
                {move || view! { <LocalTime at=row.with(|row| row.last_activity_at)/> }.into_any()}
            </td>
            <td role="cell" data-label="Waiting for">
                <span>{move || row.with(Workitem::waiting_for)}</span>
                " "
                <Waiting since=Signal::derive(move || row.with(|row| row.waiting_since))/>
            </td>
            <td role="cell" data-label="Monitors">
                {move || row.with(|row| monitors(row, "–"))}
            </td>
        </tr>
        {move || is_unfolded.get().then(|| view! { <Details id=id.get_value() row=row edit=rows.edit/> }.into_any())}
    }
}

/// What unfolds below a row.
#[component]
fn Details(id: WorkitemId, row: Memo<Workitem>, edit: Callback<WorkitemId>) -> impl IntoView {
    let element_id = format!("workitem-details-{id}");
    view! {
        <tr class="workitems__details" role="row" id=element_id>
            <td colspan="8" role="cell" aria-colspan="8">
                <div class="workitems__details-in">
                    <dl class="workitems__facts">
                        <div>
                            <dt>"Started"</dt>
                            <dd>{move || view! { <LocalTime at=row.with(|row| row.started_at)/> }.into_any()}</dd>
                        </div>
                        <div>
                            <dt>"Last activity"</dt>
                            <dd>{move || view! { <LocalTime at=row.with(|row| row.last_activity_at)/> }.into_any()}</dd>
                        </div>
                        <div>
                            <dt>"Team"</dt>
                            <dd>{move || row.with(|row| row.team_name.clone())}</dd>
                        </div>
                        <div>
                            <dt>"Monitors"</dt>
                            <dd>{move || row.with(|row| monitors(row, "nobody"))}</dd>
                        </div>
                        <div class="workitems__preview">
                            <dt>"Last message"</dt>
                            <dd>
                                {move || row.with(|row| {
                                    if row.preview.is_empty() {
                                        "none yet".to_owned()
                                    } else {
                                        row.preview.clone()
                                    }
                                })}
                            </dd>
                        </div>
                    </dl>
                    <button type="button" class="button button--primary" on:click=move |_| edit.run(id.clone())>
                        <Icon name="edit"/>
                        "Edit"
                    </button>
                    <ReassignButton workitem=row />
                </div>
            </td>
        </tr>
    }
}

/// Whose customer waits longest.
fn longest_wait(rows: &[Workitem]) -> Option<WorkitemId> {
    let waiting = rows.iter().filter(|row| row.waiting_since.is_some());
    let longest = waiting.min_by_key(|row| row.waiting_since);
    longest.map(|row| row.id.clone())
}

fn monitors(row: &Workitem, nobody: &str) -> String {
    if row.monitors.is_empty() {
        nobody.to_owned()
    } else {
        names(&row.monitors)
    }
}
