//! One act on several workitems: each is a command of its own, so that one that is refused keeps no other from being done.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::{CommandKey, WorkitemId};
use shared::workitem::Workitem;

use super::to_confirm;
use crate::api::ApiError;
use crate::language::error_text;
use crate::random::new_key;
use crate::state::SessionState;

/// The workitems to choose from, and how far the act has come. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Bulk {
    /// Those that are still to be done.
    pub(super) workitems: RwSignal<Vec<Workitem>>,
    /// Which of them.
    pub(super) chosen: RwSignal<BTreeSet<WorkitemId>>,
    /// Why some could not be done.
    pub(super) refused: RwSignal<BTreeMap<WorkitemId, String>>,
    /// What is to be confirmed before it goes on.
    pub(super) warning: RwSignal<Option<String>>,
    pub(super) busy: RwSignal<bool>,
    /// By the workitem and what is done to it.
    keys: StoredValue<BTreeMap<(WorkitemId, String), CommandKey>>,
}

impl Bulk {
    /// A single workitem is chosen from the start.
    pub(super) fn new(workitems: Vec<Workitem>) -> Self {
        let only = match &workitems[..] {
            [only] => Some(only.id.clone()),
            _ => None,
        };
        Self {
            chosen: RwSignal::new(only.into_iter().collect()),
            workitems: RwSignal::new(workitems),
            refused: RwSignal::default(),
            warning: RwSignal::new(None),
            busy: RwSignal::new(false),
            keys: StoredValue::default(),
        }
    }

    /// Those that are chosen, in the order of the list.
    fn chosen_ones(self) -> Vec<Workitem> {
        let chosen = self.chosen.get_untracked();
        self.workitems.with_untracked(|workitems| {
            let ones = workitems.iter().filter(|one| chosen.contains(&one.id));
            ones.cloned().collect()
        })
    }

    /// Chooses a workitem, or no longer.
    pub(super) fn choose(self, id: &WorkitemId, on: bool) {
        self.warning.set(None);
        self.chosen.update(|chosen| {
            if on {
                chosen.insert(id.clone());
            } else {
                chosen.remove(id);
            }
        });
    }

    /// Chooses all, or none.
    pub(super) fn choose_all(self, on: bool) {
        self.warning.set(None);
        let all = self.workitems.with_untracked(|workitems| {
            let ids = workitems.iter().filter(|_| on);
            ids.map(|workitem| workitem.id.clone()).collect()
        });
        self.chosen.set(all);
    }

    /// Whether all are chosen. Tracked.
    pub(super) fn all_chosen(self) -> bool {
        let all = self.workitems.with(Vec::len);
        self.chosen.with(BTreeSet::len) == all
    }

    fn key(self, workitem: &WorkitemId, what: &str) -> CommandKey {
        let key = (workitem.clone(), what.to_owned());
        let known = self.keys.try_update_value(|keys| {
            let key = keys.entry(key).or_insert_with(new_key);
            key.clone()
        });
        known.unwrap_or_else(new_key)
    }

    /// Acts on those that are chosen, one after another, and stops at a warning. Tried again, `act` gets the same key for
    /// the same workitem and the same `what`. `done` gets those that were done, and whether these are all.
    pub(super) fn run<Acting>(
        self,
        what: &str,
        act: impl Fn(Workitem, CommandKey) -> Acting + 'static,
        done: impl Fn(&[Workitem], bool) + 'static,
    ) where
        Acting: Future<Output = Result<(), ApiError>> + 'static,
    {
        let ones = self.chosen_ones();
        if ones.is_empty() || self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.warning.set(None);
        self.refused.update(BTreeMap::clear);
        let keyed: Vec<_> = ones
            .into_iter()
            .map(|one| (self.key(&one.id, what), one))
            .collect();
        spawn_local(async move {
            let mut finished = Vec::new();
            let mut whole = true;
            for (key, workitem) in keyed {
                match act(workitem.clone(), key).await {
                    Ok(()) => {
                        self.over(&workitem.id);
                        finished.push(workitem);
                    }
                    Err(ApiError(refused)) => {
                        whole = false;
                        if self.refuse(&workitem.id, &refused) {
                            break;
                        }
                    }
                }
            }
            self.busy.try_set(false);
            done(&finished, whole);
        });
    }

    // The dialog may have been closed meanwhile: then the signals are gone.

    fn over(self, id: &WorkitemId) {
        self.workitems
            .try_update(|workitems| workitems.retain(|workitem| workitem.id != *id));
        self.chosen.try_update(|chosen| chosen.remove(id));
    }

    /// Whether it is to be confirmed first.
    fn refuse(self, id: &WorkitemId, refused: &AppError) -> bool {
        if let Some(reason) = to_confirm(refused) {
            self.warning.try_set(Some(reason));
            return true;
        }
        self.refused
            .try_update(|all| all.insert(id.clone(), error_text(refused)));
        false
    }
}

/// Says what was done: of one workitem its subject, of several how many.
pub(super) fn say_done(
    session: SessionState,
    done: &[Workitem],
    one: impl Fn(&str) -> String,
    several: impl Fn(usize) -> String,
) {
    match done {
        [] => {}
        [only] => session.toast(one(&only.subject)),
        several_done => session.toast(several(several_done.len())),
    }
}
