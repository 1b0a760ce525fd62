//! Texts that have left a composer and whose arrival is not certain. Each keeps its key, so that trying again
//! cannot send it twice, and lies in the browser's storage until the host has acknowledged it.

use std::pin::Pin;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use shared::error::AppError;
use shared::ids::CommandKey;

use crate::clock::new_key;
use crate::drafts::{Kept, use_kept};
use crate::json;
use crate::prelude::*;

/// One text on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Under which it is sent, always the same.
    pub key: CommandKey,
    /// What.
    pub text: String,
    /// Why it did not arrive; `None` while it is on its way.
    pub error: Option<String>,
}

/// The answer to a send, when it comes.
pub type Sending = Pin<Box<dyn Future<Output = Result<(), AppError>>>>;

/// Sends a text under a key.
pub type Send = Rc<dyn Fn(CommandKey, String) -> Sending>;
type Refused = Rc<dyn Fn(&str, &str) -> bool>;

/// The texts of one composer. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct OutgoingList {
    /// Oldest first.
    pub lines: RwSignal<Vec<Outgoing>>,
    kept: Kept,
    /// `None` on the host, where a value of one thread must not be kept.
    send: Option<LocalValue<Send>>,
    refused: Option<LocalValue<Option<Refused>>>,
}

impl OutgoingList {
    /// The list that belongs to a draft. What was on its way when the page went away is sent again.
    pub fn new(draft: &str, send: Send) -> Self {
        let browser = !cfg!(feature = "ssr");
        let list = Self {
            lines: RwSignal::new(Vec::new()),
            kept: use_kept(&[draft, "#outgoing"].concat()),
            send: browser.then(|| LocalValue::new_local(send)),
            refused: browser.then(|| LocalValue::new_local(None)),
        };
        Effect::new(move || list.restore());
        list
    }

    /// `take` is asked whether it takes a text that the host called invalid, with the reason.
    pub fn on_refused(&self, take: impl Fn(&str, &str) -> bool + 'static) {
        if let Some(refused) = self.refused {
            refused.set_value(Some(Rc::new(take)));
        }
    }

    /// Sends a new text.
    pub fn send(self, text: String) {
        let line = Outgoing {
            key: new_key(),
            text,
            error: None,
        };
        self.lines.update(|lines| lines.push(line.clone()));
        self.keep();
        self.attempt(line);
    }

    /// Sends a failed text again, under its own key.
    pub fn retry(self, key: &CommandKey) {
        self.set_error(key, None);
        let line = self
            .lines
            .with_untracked(|lines| lines.iter().find(|line| &line.key == key).cloned());
        if let Some(line) = line {
            self.attempt(line);
        }
    }

    /// Forgets a text.
    pub fn remove(self, key: &CommandKey) {
        self.lines
            .try_update(|lines| lines.retain(|line| &line.key != key));
        self.keep();
    }

    fn restore(self) {
        let lines: Vec<Outgoing> = self
            .kept
            .load()
            .and_then(|text| json::read(&text))
            .unwrap_or_default();
        if lines.is_empty() {
            return;
        }
        self.lines.update(|present| {
            present.splice(0..0, lines.iter().cloned());
        });
        for line in lines.into_iter().filter(|line| line.error.is_none()) {
            self.attempt(line);
        }
    }

    fn attempt(self, line: Outgoing) {
        let Some(send) = self.send.and_then(|send| send.try_get_value()) else {
            return;
        };
        let answer = send(line.key.clone(), line.text.clone());
        spawn_local(async move {
            match answer.await {
                Ok(()) => self.remove(&line.key),
                Err(error) => self.failed(&line, &error),
            }
        });
    }

    fn failed(self, line: &Outgoing, error: &AppError) {
        let reason = match error {
            AppError::Invalid { reason, .. } => format!("The text {reason}."),
            other => other.to_string(),
        };
        if matches!(error, AppError::Invalid { .. }) {
            let take = self
                .refused
                .and_then(|refused| refused.try_get_value().flatten());
            if take.is_some_and(|take| take(&line.text, &reason)) {
                self.remove(&line.key);
                return;
            }
        }
        self.set_error(&line.key, Some(reason));
    }

    fn set_error(self, key: &CommandKey, error: Option<String>) {
        self.lines.try_update(|lines| {
            if let Some(line) = lines.iter_mut().find(|line| &line.key == key) {
                line.error = error;
            }
        });
        self.keep();
    }

    /// Puts the list into the storage. When the composer is gone its list stays there as it was last, and is
    /// sent again under the same keys by the next one.
    fn keep(self) {
        let text = self
            .lines
            .try_with_untracked(|lines| (!lines.is_empty()).then(|| json::write(lines)).flatten());
        if let Some(text) = text {
            self.kept.store(text.as_deref());
        }
    }
}
