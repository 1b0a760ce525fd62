//! What is being typed, kept in the browser's storage under the user's id, so that a reload loses nothing. Each tab
//! writes into a slot of its own, so that two tabs do not overwrite each other; what a tab left that is gone is taken
//! over by the next one that shows the same box. Never leaves the browser.

use std::cell::RefCell;
use std::rc::Rc;

use futures::lock::Mutex;
use gloo_timers::callback::Interval;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::StorageEvent;

use crate::clock::{browser_ms, whole_ms};
use crate::json;
use crate::locks::{self, Held};
use crate::state::SessionState;
use crate::storage;

/// A tab that has not said for so long that it is there, is gone. Timers of a hidden tab run once a minute.
const SILENCE_MS: f64 = 150_000.0;
/// How often it says so.
const BEAT_MS: u32 = 20_000;
/// How long a tab waits for its own name: the page before it may still be going.
const NAME_MS: u32 = 2_000;

thread_local! {
    /// The lock on this tab's name, as long as the tab is there.
    static NAME: RefCell<Option<Held>> = const { RefCell::new(None) };
    /// Boxes of this page inherit one after the other: the lock that one of them has taken would look to another as if the tab
    /// were there.
    static INHERITING: Rc<Mutex<()>> = Rc::default();
}

/// The names of all boxes in which something was typed, in any tab. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct DraftNames(RwSignal<Vec<String>>);

impl DraftNames {
    /// Whether something stands in the box of this name. Tracked.
    pub fn contain(self, name: &str) -> bool {
        self.0.with(|names| names.iter().any(|known| known == name))
    }

    /// All of them. Tracked.
    pub fn every(self) -> Vec<String> {
        self.0.get()
    }

    fn renew(self, prefix: &str) {
        let mut names: Vec<String> = storage::keys(prefix)
            .iter()
            .filter_map(|key| Some(key[prefix.len()..].rsplit_once(':')?.0.to_owned()))
            .collect();
        names.sort();
        names.dedup();
        if self.0.try_with_untracked(|before| before != &names) == Some(true) {
            self.0.set(names);
        }
    }
}

/// The beginning of the storage keys of the signed-in user's drafts.
fn prefix() -> String {
    let user = use_context::<SessionState>()
        .map(|session| session.me.with_untracked(|me| me.id.to_string()))
        .unwrap_or_default();
    [storage::DRAFTS, &user, ":"].concat()
}

/// Makes known in which boxes something stands, and that this tab is there.
pub fn provide_drafts() {
    let names = DraftNames(RwSignal::new(Vec::new()));
    provide_context(names);
    let prefix = prefix();
    Effect::new(move || {
        names.renew(&prefix);
        let prefix = prefix.clone();
        let changed = window_event_listener_untyped("storage", move |event| {
            use wasm_bindgen::JsCast;
            let key = event.dyn_ref::<StorageEvent>().and_then(StorageEvent::key);
            if key.is_none_or(|key| key.starts_with(&prefix)) {
                names.renew(&prefix);
            }
        });
        on_cleanup(move || changed.remove());
        be_there();
    });
}

fn be_there() {
    if locks::exist() {
        if NAME.with_borrow(Option::is_some) {
            return;
        }
        spawn_local(async {
            let mut held = locks::take_within(&name_of(&storage::tab()), NAME_MS).await;
            if held.is_none() {
                // A copy of a tab that is still there.
                held = locks::take(&name_of(&storage::new_tab())).await;
            }
            NAME.set(held);
        });
    } else {
        let beat = || {
            storage::set(
                &[storage::TABS, &storage::tab()].concat(),
                &browser_ms().to_string(),
            );
        };
        beat();
        let timer = Interval::new(BEAT_MS, beat);
        let leave = window_event_listener_untyped("pagehide", |_| {
            storage::remove(&[storage::TABS, &storage::tab()].concat());
        });
        let timer = StoredValue::new_local(Some(timer));
        on_cleanup(move || {
            timer.try_update_value(Option::take);
            leave.remove();
        });
    }
}

fn name_of(tab: &str) -> String {
    ["sideline-tab:", tab].concat()
}

/// A text that outlives the page: loaded after mount, stored while it changes, removed when emptied.
pub fn use_draft(name: String) -> RwSignal<String> {
    let text = RwSignal::new(String::new());
    let kept = use_draft_slot(&name);
    Effect::new(move |loaded: Option<()>| {
        let current = text.get();
        if loaded.is_none() && current.is_empty() {
            match kept.own() {
                Some(own) => text.set(own),
                None => kept.inherit(move |left| {
                    // What is typed by now is not disturbed; what was left waits for the next time.
                    let empty = text.try_with_untracked(String::is_empty) == Some(true);
                    if empty {
                        text.set(left.to_owned());
                    }
                    empty
                }),
            }
        } else {
            kept.store((!current.is_empty()).then_some(&current));
        }
    });
    text
}

/// Keeps what is typed into the fields of a form where it outlives the page, and brings back what was left. Only what was typed
/// comes back: what others saved meanwhile in further fields stays. Where they saved something in the same fields, `overtaken` gets
/// what the fields and `version` were when the typing began: the form goes on from there, so that the host refuses to save over what
/// its user has not seen. Answers whether something came back.
pub fn use_fields_draft(
    slot: DraftSlot,
    fields: Vec<RwSignal<String>>,
    version: i64,
    overtaken: Callback<(Vec<String>, i64)>,
) -> RwSignal<bool> {
    let first: Vec<String> = fields.iter().map(|field| field.get_untracked()).collect();
    // What comes back keeps what it began with: it may be left and brought back several times.
    let began = StoredValue::new((first.clone(), version.to_string()));
    let restored = RwSignal::new(false);
    Effect::new(move |loaded: Option<()>| {
        let typed: Vec<String> = fields.iter().map(|field| field.get()).collect();
        if typed != first {
            let (before, version) = began.get_value();
            slot.store(json::write(&[before, typed, vec![version]]).as_deref());
        } else if loaded.is_some() {
            slot.store(None);
        } else {
            let fields = fields.clone();
            slot.load(move |left| {
                let left: Vec<Vec<String>> = json::read(&left).unwrap_or_default();
                // Another release may have had other fields.
                if let [before, typed, version @ ..] = &left[..]
                    && typed.len() == fields.len()
                    && restored.try_set(true).is_none()
                {
                    let (now, _) = began.get_value();
                    let mut then = now.clone();
                    let typed = before.iter().zip(typed);
                    for ((field, then), (was, is)) in fields.iter().zip(&mut then).zip(typed) {
                        if was != is {
                            field.set(is.clone());
                            if is != then {
                                then.clone_from(was);
                            }
                        }
                    }
                    if then != now {
                        // The release before did not keep it: none is refused as well.
                        let version = version.iter().flatten().next().cloned().unwrap_or_default();
                        began.set_value((then.clone(), version.clone()));
                        overtaken.run((then, version.parse().unwrap_or_default()));
                    }
                }
            });
        }
    });
    restored
}

/// Where a draft of one user is stored, by name. Made in a component, used in its effects and handlers.
#[derive(Clone, Copy)]
pub struct DraftSlot {
    slots: StoredValue<String>,
    prefix: StoredValue<String>,
    names: Option<DraftNames>,
}

/// The slot of the signed-in user under `name`.
pub fn use_draft_slot(name: &str) -> DraftSlot {
    let prefix = prefix();
    DraftSlot {
        slots: StoredValue::new([&prefix, name, ":"].concat()),
        prefix: StoredValue::new(prefix),
        names: use_context(),
    }
}

impl DraftSlot {
    fn slot(self) -> String {
        self.slots
            .with_value(|slots| [slots, &storage::tab()[..]].concat())
    }

    /// What this tab put there; else what the release before did, which had one slot for all tabs.
    fn own(self) -> Option<String> {
        storage::get(&self.slot()).or_else(|| {
            let shared = self
                .slots
                .with_value(|slots| slots.trim_end_matches(':').to_owned());
            let left = storage::get(&shared)?;
            storage::remove(&shared);
            self.store(Some(&left));
            Some(left)
        })
    }

    /// What lies there, in this tab's slot or one whose tab is gone. Only in the browser.
    pub fn load(self, take: impl FnOnce(String) + 'static) {
        match self.own() {
            Some(own) => take(own),
            None => {
                let take = RefCell::new(Some(take));
                self.inherit(move |left| match take.take() {
                    Some(take) => {
                        take(left.to_owned());
                        true
                    }
                    None => false,
                });
            }
        }
    }

    /// Hands on what a tab left that is gone. What is taken is this tab's from then on.
    fn inherit(self, take: impl Fn(&str) -> bool + 'static) {
        let (Some(slots), own) = (self.slots.try_get_value(), self.slot()) else {
            return;
        };
        let left: Vec<String> = storage::keys(&slots)
            .into_iter()
            .filter(|key| key != &own)
            .collect();
        let turn = INHERITING.with(Rc::clone);
        spawn_local(async move {
            let _turn = turn.lock().await;
            for slot in left {
                let tab = slot[slots.len()..].to_owned();
                let gone = if locks::exist() {
                    locks::take(&name_of(&tab)).await
                } else {
                    let beat = storage::get(&[storage::TABS, &tab].concat());
                    let last = beat.and_then(|beat| whole_ms(&beat)).unwrap_or(0.0);
                    if browser_ms() - last < SILENCE_MS {
                        continue;
                    }
                    storage::remove(&[storage::TABS, &tab].concat());
                    None
                };
                if locks::exist() && gone.is_none() {
                    continue;
                }
                if let Some(text) = storage::get(&slot)
                    && self.slots.try_get_value().is_some()
                    && take(&text)
                {
                    storage::remove(&slot);
                    self.store(Some(&text));
                    drop(gone);
                    // The browser gives the lock back after this task.
                    TimeoutFuture::new(0).await;
                    return;
                }
            }
        });
    }

    /// What clears this tab's slot, also when its box has gone by then.
    pub fn clearing(self) -> impl FnOnce() + 'static {
        let (slot, prefix) = (self.slot(), self.prefix.get_value());
        move || {
            storage::remove(&slot);
            if let Some(names) = self.names {
                names.renew(&prefix);
            }
        }
    }

    /// Puts something into this tab's slot; `None` clears it. Only in the browser.
    pub fn store(self, text: Option<&str>) {
        let slot = self.slot();
        match text {
            // A full or forbidden storage must not keep anybody from working.
            Some(text) => {
                storage::set(&slot, text);
            }
            None => storage::remove(&slot),
        }
        if let Some(names) = self.names {
            self.prefix.with_value(|prefix| names.renew(prefix));
        }
    }
}
