//! What unfolds below a row of the modal: what was said last, and the ways on. It has its height from the start, so that
//! nothing moves when the messages arrive.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::people::Permission;
use shared::text::isolated;
use shared::transcript::{Entry, EntryBody};
use shared::workitem::Workitem;
use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::api::stepping_in::workitem_peek;
use crate::components::Icon;
use crate::components::alert_marks::{AlertMarks, alerts_of};
use crate::components::reassign::ReassignButton;
use crate::paths::watch_path;
use crate::state::use_session;

/// How many messages are shown.
const LAST: usize = 3;

/// The unfolded part of a row.
#[component]
pub fn Details(
    /// As the list shows it.
    workitem: Memo<Workitem>,
    /// The element's id.
    id: String,
    /// Opens it on the Coaching Page.
    edit: Callback<()>,
) -> impl IntoView {
    let monitors = use_session()
        .me
        .with_untracked(|me| me.holds(Permission::WorkitemMonitor));
    let row = NodeRef::<html::Tr>::new();
    Effect::new(move || {
        if let Some(row) = row.get() {
            show_ways(&row);
        }
    });
    view! {
        <tr class="workitems__details" role="row" id=id node_ref=row>
            <td colspan="8" role="cell" aria-colspan="8">
                <div class="workitems__details-in">
                    <dl class="workitems__facts">
                        <div>
                            <dt>{t!(workitems.team)}</dt>
                            <dd><bdi>{move || workitem.with(|workitem| workitem.team_name.clone())}</bdi></dd>
                        </div>
                        <div class="workitems__preview">
                            <dt>{t!(workitems.last_messages)}</dt>
                            <dd class="workitems__messages"><LastMessages workitem /></dd>
                        </div>
                    </dl>
                    <p class="coaching__alerts">
                        <AlertMarks alerts=workitem.with_untracked(|workitem| alerts_of(workitem.id.clone())) dismiss=true/>
                    </p>
                    {monitors.then(|| view! {
                        <button type="button" class="button button--primary" on:click=move |_| edit.run(())>
                            <Icon name="edit"/>
                            {t!(common.edit)}
                        </button>
                        <a class="button" href=move || workitem.with(|workitem| watch_path(&workitem.id))>
                            {t!(watch.to_wall)}
                        </a>
                    }.into_any())}
                    <ReassignButton workitem />
                </div>
            </td>
        </tr>
    }
}

/// Scrolls to what has unfolded where its ways on would be out of sight, below the window's last row or its pop-ups. Elsewhere no row
/// moves (E26).
fn show_ways(row: &Element) {
    let way = row.query_selector(".button--primary").ok().flatten();
    let body = row.closest(".dialog__body").ok().flatten();
    let ends = |element: &Element| element.get_bounding_client_rect().bottom();
    if body.is_some_and(|body| ends(way.as_ref().unwrap_or(row)) > ends(&body)) {
        let nearest = ScrollIntoViewOptions::new();
        nearest.set_block(ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&nearest);
    }
}

/// The last messages, each in a line; until they are there, and when they cannot be had, the one of the list.
#[component]
fn LastMessages(workitem: Memo<Workitem>) -> impl IntoView {
    let messages = RwSignal::new(None::<Vec<(String, String)>>);
    let id = workitem.with_untracked(|workitem| workitem.id.clone());
    let holds = |permission| use_session().me.with_untracked(|me| me.holds(permission));
    let may = holds(Permission::WorkitemPeek);
    let reads = holds(Permission::WorkitemMonitor);
    // Not on the host, which draws a row that is unfolded by its address.
    Effect::new(move || {
        if !may {
            return;
        }
        let id = id.clone();
        spawn_local(async move {
            // Reading is not monitoring: nobody is notified, and it is recorded.
            if let Ok(peek) = workitem_peek(id).await {
                messages.try_set(Some(last_messages(&peek.entries)));
            }
        });
    });
    let line = |(author, text): (String, String)| {
        view! {
            <p class="workitems__message" title=isolated(&text).into_owned()>
                <span class="workitems__author"><bdi>{author}</bdi>": "</span>
                <bdi>{text.clone()}</bdi>
            </p>
        }
        .into_any()
    };
    move || match messages.get().filter(|messages| !messages.is_empty()) {
        Some(messages) => messages.into_iter().map(line).collect_view().into_any(),
        None => workitem.with(|workitem| {
            let preview = match workitem.preview.is_empty() {
                // "No message" would be untrue for somebody who may not read the conversation.
                true if reads => t!(workitems.no_message).to_owned(),
                _ => workitem.preview.clone(),
            };
            view! { <p class="workitems__message" dir="auto">{preview}</p> }.into_any()
        }),
    }
}

/// Who said what, oldest first.
fn last_messages(entries: &[Entry]) -> Vec<(String, String)> {
    let said = |entry: &Entry| match &entry.body {
        EntryBody::Message {
            name, text, files, ..
        } => {
            let file = files.first().map(|file| file.name.clone());
            let text = Some(text.clone()).filter(|text| !text.is_empty());
            Some((name.clone(), text.or(file).unwrap_or_default()))
        }
        _ => None,
    };
    let mut last: Vec<_> = entries.iter().rev().filter_map(said).take(LAST).collect();
    last.reverse();
    last
}
