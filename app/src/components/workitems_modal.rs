//! The modal window with an agent's workitems. It stands still: rows move only when Refresh is pressed; the live
//! connection feeds nothing but the number of changes that wait.

mod changes;
mod table;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::UserId;
use shared::live::{ServerFrame, Topic};
use shared::workitem::{AgentWorkitems, Workitem};

use self::changes::{changes_line, waiting_changes};
use self::table::WorkitemsTable;

use crate::api::coaching::agent_workitems_load;
use crate::clock::Waiting;
use crate::components::{Dialog, Icon};
use crate::live::use_live;
use crate::state::use_desk;

/// The value of `show` in the address with which the window opens on the workitem that waits longest.
pub const LONGEST_WAIT: &str = "longest-wait";

/// The window, open from the start.
#[component]
pub fn WorkitemsModal(first: AgentWorkitems, on_close: Callback<()>) -> impl IntoView {
    let agent = first.agent.id.clone();
    let me = use_desk().me.with_untracked(|me| me.id.clone());
    let shown = RwSignal::new(without(&me, first.workitems));
    // What the live connection told last; `None` until it has, and after a refresh that is newer.
    let present = RwSignal::new(None::<Vec<Workitem>>);
    let frames = StoredValue::new(0_u64);
    let error = RwSignal::new(None::<AppError>);
    let lost = RwSignal::new(first.lost_since);
    let name = first.agent.name.clone();
    let loading = RwSignal::new(false);

    let (whose, looker) = (agent.clone(), me.clone());
    use_live().follow(
        Topic::Agent(agent.clone()),
        None,
        false,
        move |frame| match frame {
            ServerFrame::Agent(list) if list.agent.id == whose => {
                frames.update_value(|count| *count += 1);
                lost.set(list.lost_since);
                present.set(Some(without(&looker, list.workitems.clone())));
            }
            ServerFrame::Refused {
                topic: Topic::Agent(refused),
                error: why,
            } if *refused == whose => error.set(Some(why.clone())),
            _ => {}
        },
    );

    let waiting = Memo::new(move |_| {
        shown.with(|shown| {
            present.with(|present| {
                present
                    .as_ref()
                    .map_or(0, |present| waiting_changes(shown, present))
            })
        })
    });

    let asked = agent.clone();
    let refresh = move |_| {
        if loading.get_untracked() {
            return;
        }
        loading.set(true);
        let (agent, me) = (asked.clone(), me.clone());
        let frames_before = frames.get_value();
        spawn_local(async move {
            let answer = agent_workitems_load(agent).await;
            // The window may have been closed while the answer was on its way: then the signals are gone.
            if loading.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(list) => {
                    // A frame that came meanwhile may be newer than the answer; an older one is not to be
                    // compared with it.
                    if frames.try_get_value() == Some(frames_before) {
                        present.set(None);
                    }
                    shown.set(without(&me, list.workitems));
                    error.set(None);
                }
                Err(refused) => error.set(Some(refused.0)),
            }
        });
    };

    view! {
        <Dialog
            title=format!("Workitems of {}", first.agent.name)
            on_close=on_close
            is_page=true
            class="dialog--wide workitems"
        >
            <div class="dialog__body workitems__body">
            <div class="toolbar workitems__bar">
                <button
                    type="button"
                    class="button"
                    class:button--primary=move || { waiting.get() > 0 }
                    aria-disabled=move || loading.get().to_string()
                    on:click=refresh
                >
                    <Icon name="refresh"/>
                    "Refresh"
                </button>
                <p class="workitems__changes" role="status">{move || changes_line(waiting.get())}</p>
                <p class="workitems__hint">
                    "Double-click a row, or press Enter, to see its details."
                </p>
            </div>
            {move || lost.get().map(|since| view! {
                <p class="notice notice--warn workitems__lost" role="status">
                    {format!("{name} has no connection. Waiting customers go back to the queue. ")}
                    <Waiting since=Signal::stored(Some(since))/>
                </p>
            }.into_any())}
            <div role="alert">
                {move || error.get().map(|error| view! {
                    <p class="notice notice--error">{refusal(&error)}</p>
                }.into_any())}
            </div>
            <WorkitemsTable shown=shown agent=agent/>
            </div>
        </Dialog>
    }
}

/// The workitems as somebody sees them who does not count their own coming and going as a change: after the back
/// arrow the list may be read before the monitoring has ended.
fn without(me: &UserId, mut workitems: Vec<Workitem>) -> Vec<Workitem> {
    for workitem in &mut workitems {
        workitem.monitors.retain(|monitor| monitor.id != *me);
    }
    workitems
}

/// In the words of this window: the agent was here a moment ago.
fn refusal(error: &AppError) -> String {
    match error {
        AppError::NotFound => {
            "You no longer have access to this agent's workitems. What you see may be out of date."
                .to_owned()
        }
        other => other.to_string(),
    }
}
