//! Command keys of forms and switches: a repeat after a lost answer changes nothing twice, and the last choice counts.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use shared::error::AppError;
use shared::ids::CommandKey;

use crate::api::ApiError;
use crate::json;
use crate::random::new_key;

/// One form's attempts to save. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Attempt(StoredValue<Option<(String, CommandKey)>>);

impl Default for Attempt {
    fn default() -> Self {
        Self::new()
    }
}

impl Attempt {
    /// Nothing was tried yet.
    pub fn new() -> Self {
        Self(StoredValue::new(None))
    }

    /// The key for this content: the same one as long as the same is tried and no answer has come.
    pub fn key(self, content: &impl Serialize) -> Option<CommandKey> {
        self.key_of(json::write(content).unwrap_or_default())
    }

    fn key_of(self, content: String) -> Option<CommandKey> {
        let known = self.0.try_get_value().flatten();
        if let Some((_, key)) = known.filter(|(tried, _)| *tried == content) {
            return Some(key);
        }
        let key = new_key();
        self.0.try_set_value(Some((content, key.clone())));
        Some(key)
    }

    /// The key for making something: the same one whatever stands in the form, as long as no answer has come. Then the host refuses
    /// what was corrected meanwhile, in place of making a second thing beside one that nobody saw.
    pub fn key_to_create(self) -> Option<CommandKey> {
        self.key(&())
    }

    /// After an answer the next attempt is another command, though it may say the same.
    pub fn answered<T>(self, answer: &Result<T, ApiError>) {
        if !matches!(answer, Err(ApiError(AppError::Unavailable))) {
            self.0.try_set_value(None);
        }
    }
}

/// The answer to a choice, when it comes.
type Choosing = Pin<Box<dyn Future<Output = Result<(), AppError>>>>;
type Send<T> = Arc<dyn Fn(T, Option<CommandKey>) -> Choosing + std::marker::Send + Sync>;
type Done<T> = Arc<dyn Fn(T, Result<(), AppError>) + std::marker::Send + Sync>;

/// Something of which only the last choice counts. One choice is sent at a time, the next after its answer, so they
/// cannot overtake each other on the way; a choice that was overtaken here is not sent at all.
#[derive(Clone)]
pub struct LastChoice<T> {
    // Not a cell of the view: a choice is sent although its view is gone.
    line: Arc<Mutex<Line<T>>>,
    send: Send<T>,
    done: Done<T>,
}

struct Line<T> {
    next: Option<T>,
    sending: bool,
}

impl<T: Clone + std::marker::Send + 'static> LastChoice<T> {
    /// `send` sends a choice under a key; `done` gets the answer to the last one.
    pub fn new<F>(
        send: impl Fn(T, Option<CommandKey>) -> F + std::marker::Send + Sync + 'static,
        done: impl Fn(T, Result<(), AppError>) + std::marker::Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), AppError>> + 'static,
    {
        Self {
            line: Arc::new(Mutex::new(Line {
                next: None,
                sending: false,
            })),
            send: Arc::new(move |choice, key| Box::pin(send(choice, key)) as Choosing),
            done: Arc::new(done),
        }
    }

    /// This is what counts from now on.
    pub fn choose(&self, choice: T) {
        {
            let mut line = self.line();
            line.next = Some(choice);
            if line.sending {
                return;
            }
            line.sending = true;
        }
        let this = self.clone();
        spawn_local(async move {
            while let Some(choice) = this.take() {
                let answer = (this.send)(choice.clone(), Some(new_key())).await;
                if !this.overtaken() {
                    (this.done)(choice, answer);
                }
            }
        });
    }

    /// Whether a choice has not been answered yet.
    pub fn pending(&self) -> bool {
        self.line().sending
    }

    fn take(&self) -> Option<T> {
        let mut line = self.line();
        let next = line.next.take();
        line.sending = next.is_some();
        next
    }

    fn overtaken(&self) -> bool {
        self.line().next.is_some()
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Line<T>> {
        // Nothing under this lock can panic half-way through a change.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
