//! What staff send: one outbox for the whole browser, with one rule (`rules`). Each text lies in the browser's
//! storage under a key of its own until the host has acknowledged it, whatever page is open, and is sent from there. What has
//! a file is kept by its tab alone (`files`).
//!
//! It never shows what was sent: transcripts do, when the host has stored it.

pub mod files;
pub mod rules;

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use i18n::{Label, Language};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::directory::DirectoryMessage;
use shared::error::AppError;
use shared::ids::{CommandKey, EntryId, RequestId, UserId, WorkitemId};
use shared::transcript::Sent;
use web_sys::{File, StorageEvent};

use crate::api::coaching::{coaching_forward, coaching_reply, coaching_send};
use crate::api::directory::directory_send;
use crate::api::files::file_send;
use crate::api::notes::note_add;
use crate::api::stepping_in::barge_send;
use crate::api::workitems::message_send;
use crate::clock::browser_ms;
use crate::drafts::DraftNames;
use crate::exit;
use crate::json;
use crate::live::{ConnectionState, use_live};
use crate::locks::{self, Held};
use crate::random::new_key;
use crate::state::use_session;
use crate::storage;

pub use rules::{DeliveryState, Destination, OutboxEntry, transfer_note};
use rules::{Effect as Act, Input, Outcome, Rules};

/// The host's answer to a text that it stored.
#[derive(Clone, Debug)]
pub enum Delivered {
    /// Into a conversation with a customer.
    Entry(Sent),
    /// To a colleague, as the answer to a raised hand or not.
    Message(DirectoryMessage, Option<RequestId>),
}

/// Is asked with a text and what is wrong with it; answers whether it was taken back.
pub type TakeBack = Box<dyn Fn(&OutboxEntry, &str) -> bool>;

/// A box that wants to hear what came of its texts.
pub struct Sender {
    /// Of these.
    pub to: Destination,
    /// A text is stored.
    pub delivered: Box<dyn Fn(&Delivered)>,
    /// A text was not stored, for this reason.
    pub refused: Box<dyn Fn(&AppError)>,
    /// A text is not valid, for this reason. Answers whether the box took it back.
    pub invalid: TakeBack,
}

/// What was not acknowledged, oldest first. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Outbox(RwSignal<Vec<(OutboxEntry, DeliveryState)>>);

/// The outbox of the frame around the caller.
pub fn use_outbox() -> Outbox {
    expect_context()
}

/// What was written and has not arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unsent {
    /// It was sent off and not acknowledged.
    Failed,
    /// It stands in its box.
    Draft,
}

impl Label for Unsent {
    fn label(self, language: Language) -> &'static str {
        match self {
            Unsent::Failed => i18n::t!(language, outbox.not_sent),
            Unsent::Draft => i18n::t!(language, common.draft),
        }
    }
}

/// What to say of one destination where its box may not be in sight.
pub fn use_unsent(to: Destination) -> Memo<Option<Unsent>> {
    let (outbox, drafts) = (use_outbox(), use_context::<DraftNames>());
    let draft = to.name();
    Memo::new(move |_| {
        if outbox.waits_for(&to) {
            Some(Unsent::Failed)
        } else if drafts.is_some_and(|drafts| drafts.contain(&draft)) {
            Some(Unsent::Draft)
        } else {
            None
        }
    })
}

/// To whom something in the Company Directory was not sent, or not finished: each once.
pub fn use_unsent_colleagues() -> Memo<Vec<(UserId, Unsent)>> {
    let (outbox, drafts) = (use_outbox(), use_context::<DraftNames>());
    Memo::new(move |_| {
        let waiting = outbox.every().into_iter().map(|entry| entry.to);
        let drafts = drafts.map(DraftNames::every).unwrap_or_default();
        let drafts = drafts.iter().filter_map(|name| Destination::named(name));
        let lanes = waiting.map(|to| (to, Unsent::Failed));
        let mut unsent: Vec<(UserId, Unsent)> = Vec::new();
        for lane in lanes.chain(drafts.map(|to| (to, Unsent::Draft))) {
            if let (Destination::Colleague(user), mark) = lane
                && unsent.iter().all(|(known, _)| known != &user)
            {
                unsent.push((user, mark));
            }
        }
        unsent
    })
}

#[derive(Default)]
struct Tab {
    rules: Rules,
    /// `None` while nobody is signed in.
    outbox: Option<Outbox>,
    user: String,
    senders: Vec<(u64, Rc<Sender>)>,
    next: u64,
    held: Vec<(Destination, Held)>,
    pauses: Vec<(Destination, Timeout)>,
    listeners: Vec<WindowListenerHandle>,
}

thread_local! {
    static TAB: RefCell<Tab> = RefCell::default();
}

fn with<T>(run: impl FnOnce(&mut Tab) -> T) -> T {
    TAB.with_borrow_mut(run)
}

/// Makes the outbox of the frame. What was on its way when the page went away is sent again.
pub fn provide_outbox() {
    let outbox = Outbox(RwSignal::new(Vec::new()));
    provide_context(outbox);
    let user = use_session().me.with_untracked(|me| me.id.to_string());
    let live = use_live().state;
    Effect::new(move || {
        start(outbox, user.clone());
        on_cleanup(stop);
    });
    Effect::new(move || {
        if live.get() == ConnectionState::Live {
            feed(Input::Woken);
        }
    });
}

fn start(outbox: Outbox, user: String) {
    let listeners = vec![
        window_event_listener(ev::online, |_| feed(Input::Woken)),
        window_event_listener_untyped("storage", |event| {
            use wasm_bindgen::JsCast;
            let key = event.dyn_ref::<StorageEvent>().and_then(StorageEvent::key);
            if key.is_none_or(|key| key.starts_with(storage::OUTBOX)) {
                feed(Input::Stored(stored()));
            }
        }),
        window_event_listener_untyped("beforeunload", |event| {
            if files::any() && !exit::is_leaving() {
                event.prevent_default();
            }
        }),
    ];
    with(|tab| {
        tab.rules = Rules::default();
        tab.outbox = Some(outbox);
        tab.user = user;
        tab.listeners = listeners;
    });
    take_over();
    feed(Input::Stored(stored()));
}

/// Sends nothing any more: the user signs out, or the frame is gone.
pub fn stop() {
    let (listeners, held) = with(|tab| {
        tab.outbox = None;
        tab.pauses.clear();
        tab.rules = Rules::default();
        (
            std::mem::take(&mut tab.listeners),
            std::mem::take(&mut tab.held),
        )
    });
    drop(held);
    files::clear();
    listeners.into_iter().for_each(WindowListenerHandle::remove);
}

fn prefix() -> String {
    with(|tab| [storage::OUTBOX, &tab.user, ":"].concat())
}

/// Every entry in the storage.
fn stored() -> Vec<OutboxEntry> {
    let keys = storage::keys(&prefix());
    keys.iter()
        .filter_map(|key| json::read(&storage::get(key)?))
        .collect()
}

/// What the release before left: one list for each box.
fn take_over() {
    #[derive(serde::Deserialize)]
    struct Before {
        key: CommandKey,
        text: String,
    }
    let drafts = with(|tab| [storage::DRAFTS, &tab.user, ":"].concat());
    for key in storage::keys(&drafts) {
        let name = key[drafts.len()..].strip_suffix("#outgoing");
        let Some(to) = name.and_then(Destination::named) else {
            continue;
        };
        let list: Vec<Before> = storage::get(&key)
            .and_then(|text| json::read(&text))
            .unwrap_or_default();
        let now = browser_ms();
        let count = list.len();
        for (place, Before { key, text }) in list.into_iter().enumerate() {
            keep(&OutboxEntry {
                at: now - (count - place) as f64,
                ..fresh(key, to.clone(), text)
            });
        }
        storage::remove(&key);
    }
}

fn keep(entry: &OutboxEntry) -> bool {
    let key = [&prefix(), entry.key.as_str()].concat();
    let storable = Some(entry).filter(|entry| entry.file.is_none());
    storable
        .and_then(json::write)
        .is_some_and(|text| storage::set(&key, &text))
}

fn feed(input: Input) {
    let now = browser_ms();
    let acts = with(|tab| {
        if tab.outbox.is_none() {
            return Vec::new();
        }
        tab.rules.take(input, now, js_sys::Math::random())
    });
    for act in acts {
        run(act);
    }
    show();
}

/// Tells those who show it, if it looks different.
fn show() {
    let now = browser_ms();
    if let Some((Outbox(signal), states)) = with(|tab| Some((tab.outbox?, tab.rules.states(now))))
        && signal.try_with_untracked(|shown| shown != &states) == Some(true)
    {
        signal.set(states);
    }
}

fn run(act: Act) {
    match act {
        Act::Keep(entry) => {
            if !keep(&entry) {
                feed(Input::Unkept(entry.key));
            }
        }
        Act::Forget(key) => {
            storage::remove(&[&prefix(), key.as_str()].concat());
            files::put(key.as_str(), None);
        }
        Act::Lock(to) => {
            let user = with(|tab| tab.user.clone());
            spawn_local(async move {
                let name = ["sideline-outbox:", &user, ":", &to.name()].concat();
                let held = locks::wait_for(&name).await;
                if with(|tab| tab.outbox.is_some() && tab.user == user) {
                    with(|tab| tab.held.push((to.clone(), held)));
                    feed(Input::Granted(to, stored()));
                }
            });
        }
        Act::Unlock(to) => {
            let held = with(|tab| {
                let at = tab.held.iter().position(|(held, _)| held == &to);
                at.map(|at| tab.held.swap_remove(at))
            });
            drop(held);
        }
        Act::Send(entry) => spawn_local(attempt(entry)),
        Act::Wait(to, pause_ms) => {
            let due = to.clone();
            let timer = Timeout::new(pause_ms as u32, move || feed(Input::Due(due)));
            with(|tab| {
                tab.pauses.retain(|(waiting, _)| waiting != &to);
                tab.pauses.push((to, timer));
            });
        }
    }
}

/// A text that is sent for the first time now.
fn fresh(key: CommandKey, to: Destination, text: String) -> OutboxEntry {
    let now = browser_ms();
    OutboxEntry {
        key,
        to,
        text,
        answers: None,
        reader: None,
        forwards: None,
        at: now,
        asked: now,
        error: None,
        file: None,
    }
}

async fn attempt(entry: OutboxEntry) {
    let answer = deliver(&entry).await;
    let senders = with(|tab| {
        let of_lane = tab
            .senders
            .iter()
            .filter(|(_, sender)| sender.to == entry.to);
        of_lane
            .map(|(_, sender)| Rc::clone(sender))
            .collect::<Vec<_>>()
    });
    let outcome = match &answer {
        Ok(delivered) => {
            for sender in &senders {
                (sender.delivered)(delivered);
            }
            Outcome::Acknowledged
        }
        Err(error) => {
            for sender in &senders {
                (sender.refused)(error);
            }
            Outcome::of(error)
        }
    };
    let refused = match (&answer, &outcome) {
        (Err(AppError::Invalid { .. }), Outcome::Refused(reason)) => Some(reason.clone()),
        _ => None,
    };
    feed(Input::Answered(
        entry.to.clone(),
        entry.key.clone(),
        outcome,
    ));
    // A text that is not valid belongs back into its box, unless others wait behind it. What is forwarded stood in none.
    if let Some(reason) = refused
        && entry.forwards.is_none()
        && with(|tab| tab.rules.alone(&entry.key))
        && senders
            .iter()
            .any(|sender| (sender.invalid)(&entry, &reason))
    {
        feed(Input::Remove(entry.key));
    }
}

async fn deliver(entry: &OutboxEntry) -> Result<Delivered, AppError> {
    let (key, text) = (entry.key.clone(), entry.text.clone());
    let answer = match &entry.to {
        Destination::Customer(workitem) => match (&entry.forwards, files::find(key.as_str())) {
            (Some(coaching), _) => {
                coaching_forward(workitem.clone(), coaching.clone(), Some(key)).await
            }
            (None, Some(file)) => file_send(workitem, &key, &text, &file).await,
            (None, None) => message_send(workitem.clone(), key, text).await,
        }
        .map(Delivered::Entry),
        Destination::Agent(workitem) => {
            coaching_send(workitem.clone(), key, text, entry.reader.clone())
                .await
                .map(Delivered::Entry)
        }
        Destination::Coach(workitem) => coaching_reply(workitem.clone(), key, text)
            .await
            .map(Delivered::Entry),
        Destination::Barge(workitem) => barge_send(workitem.clone(), key, text)
            .await
            .map(Delivered::Entry),
        Destination::Staff(workitem) => note_add(workitem.clone(), key, text)
            .await
            .map(Delivered::Entry),
        Destination::Colleague(user) => {
            directory_send(user.clone(), key, text, entry.answers.clone())
                .await
                .map(|message| Delivered::Message(message, entry.answers.clone()))
        }
    };
    answer.map_err(AppError::from)
}

impl Outbox {
    /// What waits for one destination, oldest first. Tracked.
    pub fn of(self, to: &Destination) -> Vec<(OutboxEntry, DeliveryState)> {
        self.0.with(|entries| {
            let of_lane = entries.iter().filter(|(entry, _)| &entry.to == to);
            of_lane.cloned().collect()
        })
    }

    /// Whether something waits for one destination. Tracked.
    pub fn waits_for(self, to: &Destination) -> bool {
        self.0
            .with(|entries| entries.iter().any(|(entry, _)| &entry.to == to))
    }

    /// Everything that waits. Tracked.
    pub fn every(self) -> Vec<OutboxEntry> {
        self.0
            .with(|entries| entries.iter().map(|(entry, _)| entry.clone()).collect())
    }

    /// Sends a text, with the file that was chosen beside it. Coaching is for one agent, where one is named.
    pub fn send(
        self,
        to: Destination,
        text: String,
        answers: Option<RequestId>,
        reader: Option<UserId>,
    ) {
        let (key, draft) = (new_key(), to.name());
        let file = files::find(&draft);
        let name = file.as_ref().map(File::name);
        files::put(&draft, None);
        files::put(key.as_str(), file);
        // Another tab may have sent something a moment ago: what lies in the storage comes before this.
        feed(Input::Stored(stored()));
        feed(Input::Submit(OutboxEntry {
            answers,
            reader,
            file: name,
            ..fresh(key, to, text)
        }));
    }

    /// Sends a coaching message to the customer, behind what was sent before. What waits already is not sent again.
    pub fn forward(self, workitem: WorkitemId, coaching: EntryId, text: String) {
        feed(Input::Stored(stored()));
        if !untrack(|| self.forwards(&coaching)) {
            feed(Input::Submit(OutboxEntry {
                forwards: Some(coaching),
                ..fresh(new_key(), Destination::Customer(workitem), text)
            }));
        }
    }

    /// Whether a coaching message waits to be forwarded. Tracked.
    pub fn forwards(self, coaching: &EntryId) -> bool {
        self.0.with(|entries| {
            let mut forwarded = entries
                .iter()
                .filter_map(|(entry, _)| entry.forwards.as_ref());
            forwarded.any(|forwarded| forwarded == coaching)
        })
    }

    /// Sends the first one of its destination now.
    pub fn retry(self, key: &CommandKey) {
        feed(Input::Retry(key.clone()));
    }

    /// Takes a text out.
    pub fn remove(self, key: &CommandKey) {
        feed(Input::Remove(key.clone()));
    }

    /// Lets a box hear what comes of its texts, for the life of the current owner.
    pub fn attend(self, sender: Sender) {
        if cfg!(feature = "ssr") {
            return;
        }
        let id = with(|tab| {
            tab.next += 1;
            tab.senders.push((tab.next, Rc::new(sender)));
            tab.next
        });
        on_cleanup(move || with(|tab| tab.senders.retain(|(sender, _)| *sender != id)));
    }
}
