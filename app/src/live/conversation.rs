//! One conversation on screen: the reducer in signals, fed by the live connection. It is opened with a page's
//! first data and asks the host only for older pages.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::WorkitemId;
use shared::live::{Position, ServerFrame, Topic};
use shared::people::PersonRef;
use shared::reviews::Review;
use shared::transcript::{Conversation, Entry, Sent, WorkitemChange, data_entry};
use shared::workitem::Workitem;

use super::reducer::{Changed, Reducer, Shown};
use super::use_live;
use crate::api::workitems::{ConversationLoad, conversation_older};
use crate::components::print::print_page;
use crate::first_data::{FirstAnswer, first_answer};
use crate::outbox::Delivered;

/// How long it shows that the customer writes, in milliseconds.
const TYPING_MS: u32 = 6_000;

/// A conversation as views read it. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct ConversationView {
    /// The heading.
    pub workitem: RwSignal<Workitem>,
    /// Entries in order of their number.
    pub entries: RwSignal<Vec<Entry>>,
    /// Whether there are older ones.
    pub older: RwSignal<bool>,
    /// Its latest flag for review, as those know it who may review it.
    pub review: RwSignal<Option<Box<Review>>>,
    /// Why it is not live any longer.
    pub refused: RwSignal<Option<AppError>>,
    /// Whether an older page is on its way.
    pub loading: RwSignal<bool>,
    /// Whether the customer writes at the moment: zero, or how often that was announced.
    pub typing: RwSignal<i64>,
    /// Whether somebody writes who coaches or is coached here, as `typing` says it.
    pub coaching_typing: RwSignal<i64>,
    /// Who that is.
    writer: StoredValue<Option<PersonRef>>,
    reducer: StoredValue<Reducer>,
}

/// The conversation of the workitem that an address names; `None` is no workitem's id.
pub fn first_conversation(
    workitem: impl Fn() -> Option<WorkitemId> + Send + Sync + 'static,
) -> FirstAnswer<Conversation> {
    first_answer(move || workitem().map(|workitem| ConversationLoad { workitem }))
}

/// Follows a conversation from where its first data ends. With `monitor` the user is there as a supervisor.
pub fn follow_conversation(first: Conversation, monitor: bool) -> ConversationView {
    let topic = Topic::Workitem(first.workitem.id.clone());
    let after = Position {
        epoch: first.epoch.clone(),
        rev: first.rev,
    };
    let review = RwSignal::new(first.review.clone());
    let (reducer, shown) = Reducer::new(first);
    let view = ConversationView {
        workitem: RwSignal::new(shown.workitem),
        entries: RwSignal::new(shown.entries),
        older: RwSignal::new(shown.older),
        review,
        refused: RwSignal::new(None),
        loading: RwSignal::new(false),
        typing: RwSignal::new(0),
        coaching_typing: RwSignal::new(0),
        writer: StoredValue::new(None),
        reducer: StoredValue::new(reducer),
    };
    use_live().follow(topic, Some(after), monitor, move |frame| view.apply(frame));
    view
}

/// Shown until the announcements stop, which the writer's page repeats every few seconds.
fn show_typing(typing: RwSignal<i64>) {
    let count = typing.try_get_untracked().unwrap_or_default() + 1;
    typing.try_set(count);
    spawn_local(async move {
        TimeoutFuture::new(TYPING_MS).await;
        if typing.try_get_untracked() == Some(count) {
            typing.set(0);
        }
    });
}

impl ConversationView {
    /// Shows the entry that the host stored for a send.
    pub fn apply_sent(&self, sent: Sent) {
        self.reduce(|reducer, shown| reducer.sent(shown, &sent));
    }

    /// Shows what the outbox sent.
    pub fn apply_delivered(&self, delivered: Delivered) {
        if let Delivered::Entry(sent) = delivered {
            self.apply_sent(sent);
        }
    }

    /// Loads the page before the first entry shown.
    pub fn load_older(&self) {
        if !self.loading.get_untracked() {
            let view = *self;
            spawn_local(async move {
                let _ = view.page_before().await;
            });
        }
    }

    /// Loads all pages before the first entry shown, then prints.
    pub fn print_all(&self) {
        let view = *self;
        spawn_local(async move {
            while view.page_before().await {}
            print_page();
        });
    }

    /// Loads the pages before the first entry shown until this entry is among them, or there are no more.
    pub async fn load_back_to(self, seq: i64) {
        let is_there = || {
            let first =
                |entries: &Vec<Entry>| entries.first().is_some_and(|entry| entry.seq <= seq);
            self.entries.try_with_untracked(first).unwrap_or(true)
        };
        while !is_there() && self.page_before().await {}
    }

    /// Answers whether a page came, or may come.
    async fn page_before(self) -> bool {
        if self.loading.try_get_untracked() == Some(true) {
            // Somebody else loads it.
            TimeoutFuture::new(50).await;
            return true;
        }
        let first = self
            .entries
            .try_with_untracked(|entries| entries.first().map(|entry| entry.seq))
            .flatten();
        let Some(before) = first.filter(|_| self.older.get_untracked()) else {
            return false;
        };
        self.loading.set(true);
        let workitem = self.workitem.with_untracked(|workitem| workitem.id.clone());
        let page = conversation_older(workitem, before).await;
        if self.loading.is_disposed() {
            return false;
        }
        // A page that did not come is asked for again by the next scroll to the top.
        let came = page.is_ok();
        if let Ok(page) = page {
            self.reduce(|reducer, shown| {
                reducer.older(shown, page.0);
                Changed {
                    workitem: false,
                    entries: true,
                }
            });
        }
        self.loading.set(false);
        came
    }

    fn apply(&self, frame: &ServerFrame) {
        match frame {
            ServerFrame::CustomerTyping { .. } => show_typing(self.typing),
            ServerFrame::CoachingTyping { by, .. } => {
                self.writer.try_set_value(Some(by.clone()));
                show_typing(self.coaching_typing);
            }
            ServerFrame::Workitem { rev, change, .. } => {
                self.typing.try_set(0);
                if let WorkitemChange::Entry(entry) = change
                    && data_entry(&entry.body) == "coaching"
                {
                    self.coaching_typing.try_set(0);
                }
                self.reduce(|reducer, shown| reducer.change(shown, *rev, change));
            }
            ServerFrame::Review { review, .. } => {
                self.set_review(Some(review.clone()));
            }
            ServerFrame::Snapshot(conversation) => {
                self.set_review(conversation.review.clone());
                self.reduce(|reducer, shown| {
                    reducer.snapshot(shown, (**conversation).clone());
                    Changed {
                        workitem: true,
                        entries: true,
                    }
                });
            }
            ServerFrame::Subscribed { .. }
                if self.refused.try_get_untracked().flatten().is_some() =>
            {
                self.refused.set(None);
            }
            ServerFrame::Refused { error, .. } => {
                self.refused.try_set(Some(error.clone()));
            }
            _ => {}
        }
    }

    /// The flag is sent again although it may be the same.
    fn set_review(&self, review: Option<Box<Review>>) {
        self.review.try_maybe_update(|known| {
            let changed = *known != review;
            *known = review;
            (changed, ())
        });
    }

    /// Who writes at the moment, of coaches and agent. Tracked.
    pub fn coaching_writer(&self) -> Option<PersonRef> {
        (self.coaching_typing.get() > 0)
            .then(|| self.writer.get_value())
            .flatten()
    }

    /// Takes the signals' contents out, reduces, puts them back, and tells only those who must hear it.
    fn reduce(&self, run: impl FnOnce(&mut Reducer, &mut Shown) -> Changed) {
        if self.entries.is_disposed() {
            return;
        }
        let mut shown = Shown {
            workitem: self.workitem.get_untracked(),
            entries: Vec::new(),
            older: self.older.get_untracked(),
        };
        self.entries
            .update_untracked(|entries| std::mem::swap(entries, &mut shown.entries));
        let changed = self
            .reducer
            .try_update_value(|reducer| run(reducer, &mut shown))
            .unwrap_or_default();
        self.entries
            .update_untracked(|entries| std::mem::swap(entries, &mut shown.entries));
        if changed.workitem {
            self.workitem.set(shown.workitem);
        }
        if changed.entries {
            if self.older.get_untracked() != shown.older {
                self.older.set(shown.older);
            }
            self.entries.notify();
        }
    }
}
