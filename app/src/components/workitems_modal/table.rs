//! The rows of the modal: select with a click, unfold with a double-click or Enter, edit from there. The rows
//! are what `shown` says; nothing here asks for newer ones.

use std::collections::BTreeSet;

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use leptos_router::hooks::use_url;
use shared::ids::{UserId, WorkitemId};
use shared::transcript::names;
use shared::workitem::{Channel, Workitem};

use super::LONGEST_WAIT;
use super::details::Details;
use crate::components::alert_marks::{AlertMarks, alerts_listed};
use crate::components::row_focus::{move_between_rows, on_control, on_row};
use crate::components::{Icon, LocalTime, Waiting};
use crate::language::label;
use crate::navigation::use_navigation;
use crate::outbox::{Destination, use_unsent};
use crate::query;

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
    let url = use_url();
    let asked = |name: &str| url.with_untracked(|url| query::value(url.search(), name));
    let channel = asked("channel").and_then(|code| Channel::from_code(&code));
    let wanted = asked("show")
        .filter(|what| what == LONGEST_WAIT)
        .and_then(|_| shown.with_untracked(|shown| longest_wait(shown, channel)));
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
                    <p class="empty__title">{t!(workitems.none)}</p>
                    <p>{t!(workitems.none_line)}</p>
                </div>
            }.into_any()
        >
            <table class="table workitems__table" role="table" aria-label=t!(workitems.table)>
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">{t!(workitems.channel)}</th>
                        <th scope="col" role="columnheader">{t!(workitems.customer)}</th>
                        <th scope="col" role="columnheader">{t!(workitems.subject)}</th>
                        <th scope="col" role="columnheader">{t!(workitems.state)}</th>
                        <th scope="col" role="columnheader">{t!(workitems.started)}</th>
                        <th scope="col" role="columnheader">{t!(workitems.last_activity)}</th>
                        <th scope="col" role="columnheader">{t!(workitems.waiting_for)}</th>
                        <th scope="col" role="columnheader">{t!(workitems.monitors)}</th>
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

/// One workitem as the cells of its row share it. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Row {
    id: StoredValue<WorkitemId>,
    workitem: Memo<Workitem>,
    is_selected: Memo<bool>,
    is_stop: Memo<bool>,
    is_unfolded: Memo<bool>,
    rows: Rows,
}

impl Row {
    fn new(first: Workitem, rows: Rows) -> Self {
        let id = StoredValue::new(first.id.clone());
        let is = move |found: &Option<WorkitemId>| id.with_value(|id| found.as_ref() == Some(id));
        Self {
            id,
            // A row that a refresh takes away shows its last state until it has left the page.
            workitem: Memo::new(move |before: Option<&Workitem>| {
                rows.shown.with(|shown| {
                    let now = id.with_value(|id| shown.iter().find(|row| row.id == *id).cloned());
                    now.or_else(|| before.cloned())
                        .unwrap_or_else(|| first.clone())
                })
            }),
            is_selected: Memo::new(move |_| rows.selected.with(is)),
            is_stop: Memo::new(move |_| rows.tab_stop.with(is)),
            is_unfolded: Memo::new(move |_| id.with_value(|id| rows.is_unfolded(id))),
            rows,
        }
    }

    fn select(self) {
        self.rows.selected.set(Some(self.id.get_value()));
    }

    fn toggle(self) {
        self.id.with_value(|id| self.rows.toggle(id));
    }

    fn key_pressed(self, event: &KeyboardEvent) {
        if on_row(event) && event.key() == "Enter" {
            event.prevent_default();
            self.toggle();
        } else if on_row(event) && event.key() == " " {
            event.prevent_default();
            self.select();
        } else {
            move_between_rows(event);
        }
    }

    fn double_clicked(self, event: &MouseEvent) {
        if !on_control(event) {
            self.toggle();
        }
    }

    fn tabindex(self) -> &'static str {
        if self.is_stop.get() { "0" } else { "-1" }
    }

    fn details_id(self) -> String {
        self.id.with_value(|id| format!("workitem-details-{id}"))
    }
}

/// One workitem, and its details while they are unfolded.
#[component]
fn WorkitemRow(first: Workitem, rows: Rows) -> impl IntoView {
    let unsent = use_unsent(Destination::Agent(first.id.clone()));
    let row = Row::new(first, rows);
    let Row {
        workitem,
        is_selected,
        ..
    } = row;
    // The window opens with the focus on one row.
    let opens_here = row.is_stop.get_untracked();
    view! {
        <tr
            class="workitems__row"
            class:workitems__row--selected=move || is_selected.get()
            role="row"
            data-row=""
            data-state=move || workitem.with(|workitem| workitem.state.code())
            tabindex=move || row.tabindex()
            autofocus=opens_here
            aria-current=move || is_selected.get().then_some("true")
            on:click=move |_| row.select()
            on:focus=move |_| row.select()
            on:dblclick=move |event| row.double_clicked(&event)
            on:keydown=move |event| row.key_pressed(&event)
        >
            <ChannelCell row />
            <td role="cell" class="workitems__customer" data-label=t!(workitems.customer)>
                <bdi>{move || workitem.with(|workitem| workitem.customer.clone())}</bdi>
            </td>
            <th scope="row" role="rowheader" class="workitems__subject" data-label=t!(workitems.subject)>
                <bdi>{move || workitem.with(|workitem| workitem.subject.clone())}</bdi>
                " "
                <AlertMarks alerts=alerts_listed(row.id.get_value(), row.rows.shown)/>
                {move || unsent.get().map(|mark| warning(label(mark)))}
                {move || workitem.with(Workitem::undelivered).then(|| warning(t!(delivery.not_delivered)))}
            </th>
            <td role="cell" class="workitems__state" data-label=t!(workitems.state)>
                <span class=move || workitem.with(|workitem| format!("badge badge--{}", workitem.state.code()))>
                    {move || workitem.with(|workitem| label(workitem.state))}
                </span>
            </td>
            <td role="cell" data-label=t!(workitems.started)>
                {move || view! { <LocalTime at=workitem.with(|workitem| workitem.started_at)/> }.into_any()}
            </td>
            <td role="cell" data-label=t!(workitems.last_activity)>
                {move || view! { <LocalTime at=workitem.with(|workitem| workitem.last_activity_at)/> }.into_any()}
            </td>
            <td role="cell" data-label=t!(workitems.waiting_for)>
                <span>{move || workitem.with(|workitem| label(workitem.waiting_for()))}</span>
                " "
                <Waiting since=Signal::derive(move || workitem.with(|workitem| workitem.waiting_since))/>
            </td>
            <td
                role="cell"
                class:workitems__nobody=move || workitem.with(|workitem| workitem.monitors.is_empty())
                data-label=t!(workitems.monitors)
            >
                {move || workitem.with(monitors)}
            </td>
        </tr>
        {move || row.is_unfolded.get().then(|| view! {
            <Details
                workitem
                id=row.details_id()
                edit=Callback::new(move |()| row.rows.edit.run(row.id.get_value()))
            />
        }.into_any())}
    }
}

/// What did not leave, or did not arrive.
fn warning(words: &'static str) -> AnyView {
    view! { " "<span class="badge badge--warn">{words}</span> }.into_any()
}

/// The button that unfolds the row, and the channel.
#[component]
fn ChannelCell(row: Row) -> impl IntoView {
    let Row {
        workitem,
        is_unfolded,
        ..
    } = row;
    view! {
        <td class="workitems__channel" role="cell">
            <span class="workitems__channel-in">
                <button
                    type="button"
                    class="button button--quiet button--icon workitems__unfold"
                    tabindex=move || row.tabindex()
                    aria-expanded=move || is_unfolded.get().to_string()
                    aria-controls=move || is_unfolded.get().then(|| row.details_id())
                    aria-label=t!(workitems.details)
                    on:click=move |_| row.toggle()
                >
                    <Icon name="chevron-down"/>
                </button>
                {move || workitem.with(|workitem| view! { <Icon name=workitem.channel.code()/> }.into_any())}
                <span>{move || workitem.with(|workitem| label(workitem.channel))}</span>
                {move || workitem.with(|workitem| (!workitem.channel.coachable()).then(|| view! {
                    <span class="tag">{t!(workitems.view_only)}</span>
                }.into_any()))}
            </span>
        </td>
    }
}

/// Whose customer waits longest, on a channel or at all.
fn longest_wait(rows: &[Workitem], channel: Option<Channel>) -> Option<WorkitemId> {
    let waits = |row: &&Workitem| {
        row.waiting_since.is_some() && channel.is_none_or(|channel| row.channel == channel)
    };
    let waiting = rows.iter().filter(waits);
    let longest = waiting.min_by_key(|row| row.waiting_since);
    longest.map(|row| row.id.clone())
}

fn monitors(row: &Workitem) -> String {
    if row.monitors.is_empty() {
        "–".to_owned()
    } else {
        names(&row.monitors)
    }
}

#[cfg(test)]
mod tests {
    use shared::time::Timestamp;

    use super::*;

    #[test]
    fn u06_the_longest_wait_of_a_channel_is_that_of_no_other() {
        let waits = |id, channel, since: Option<i64>| {
            let mut row = Workitem::sample(id);
            row.channel = channel;
            row.waiting_since = since.map(Timestamp);
            row
        };
        let rows = [
            waits("sms", Channel::Sms, Some(1)),
            waits("young", Channel::Chat, Some(3)),
            waits("old", Channel::Chat, Some(2)),
            waits("answered", Channel::Email, None),
        ];
        let longest = |channel| longest_wait(&rows, channel).map(|id| id.to_string());
        assert_eq!(longest(None).as_deref(), Some("sms"));
        assert_eq!(longest(Some(Channel::Chat)).as_deref(), Some("old"));
        assert_eq!(longest(Some(Channel::Email)), None);
    }
}
