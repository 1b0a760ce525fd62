//! The list that stands still: what it shows, and what has become of it since.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::UserId;
use shared::live::{ServerFrame, Topic};
use shared::time::Timestamp;
use shared::workitem::{AgentWorkitems, Workitem};

use super::changes::waiting_changes;
use crate::api::coaching::agent_workitems_load;
use crate::live::use_live;
use crate::state::use_session;

/// An agent's workitems as of the last refresh. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct FrozenList {
    agent: StoredValue<UserId>,
    me: StoredValue<UserId>,
    /// What is on screen.
    pub shown: RwSignal<Vec<Workitem>>,
    /// What the live connection sent last; `None` until it has, and after a refresh that is newer.
    present: RwSignal<Option<Vec<Workitem>>>,
    frames: StoredValue<u64>,
    /// Since when the agent has no connection.
    pub lost: RwSignal<Option<Timestamp>>,
    /// Why the list cannot be refreshed.
    pub error: RwSignal<Option<AppError>>,
    /// Whether a refresh is on its way.
    pub loading: RwSignal<bool>,
}

/// Shows the first data, and follows what changes meanwhile.
pub fn use_frozen_list(first: AgentWorkitems) -> FrozenList {
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let topic = Topic::Agent(first.agent.id.clone());
    let list = FrozenList {
        agent: StoredValue::new(first.agent.id),
        shown: RwSignal::new(without(&me, first.workitems)),
        me: StoredValue::new(me),
        present: RwSignal::new(None),
        frames: StoredValue::new(0),
        lost: RwSignal::new(first.lost_since),
        error: RwSignal::new(None),
        loading: RwSignal::new(false),
    };
    use_live().follow(topic, None, false, move |frame| list.apply(frame));
    list
}

impl FrozenList {
    fn apply(self, frame: &ServerFrame) {
        let is_whose = |agent: &UserId| self.agent.with_value(|whose| whose == agent);
        match frame {
            ServerFrame::Agent(list) if is_whose(&list.agent.id) => {
                self.frames.update_value(|count| *count += 1);
                if self.error.get_untracked() == Some(AppError::NotFound) {
                    // They may again.
                    self.error.set(None);
                }
                self.lost.set(list.lost_since);
                let present = self.me.with_value(|me| without(me, list.workitems.clone()));
                self.present.set(Some(present));
            }
            ServerFrame::Refused {
                topic: Topic::Agent(refused),
                error: why,
            } if is_whose(refused) => self.error.set(Some(why.clone())),
            _ => {}
        }
    }

    /// How many changes are not on screen yet. Tracked.
    pub fn waiting(self) -> usize {
        self.shown.with(|shown| {
            self.present.with(|present| {
                present
                    .as_ref()
                    .map_or(0, |present| waiting_changes(shown, present))
            })
        })
    }

    /// Asks the host for the list as it is now.
    pub fn refresh(self) {
        if self.loading.get_untracked() {
            return;
        }
        self.loading.set(true);
        let (agent, me) = (self.agent.get_value(), self.me.get_value());
        let frames_before = self.frames.get_value();
        spawn_local(async move {
            let answer = agent_workitems_load(agent).await;
            // The window may have been closed while the answer was on its way: then the signals are gone.
            if self.loading.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(list) => {
                    // A frame that came meanwhile may be newer than the answer; an older one is not to be
                    // compared with it.
                    if self.frames.try_get_value() == Some(frames_before) {
                        self.present.set(None);
                    }
                    self.shown.set(without(&me, list.workitems));
                    self.error.set(None);
                }
                Err(refused) => self.error.set(Some(refused.0)),
            }
        });
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
