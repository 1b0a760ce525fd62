//! Questions that come at the same time are answered together, in rounds.
//!
//! One change wakes many who then need the same few rows: their session, a workitem, what is new in it. A round takes everything that was
//! asked so far and answers it from one snapshot that begins afterwards. So nobody is told anything older than what they would have read
//! alone, and nothing is kept behind a round: this is no cache. Where nobody else asks, a question is a round of its own and waits for
//! nothing but its turn on the processor.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::queries::{self, LiveAnswer, LiveQuestion};
use crate::store::{Store, StoreError, Stored};

/// How many questions a round answers at most, so that none waits for a crowd.
const QUESTIONS: usize = 64;
/// A read that fails sooner than this may fail because of one row; one that takes longer fails because of the database.
const ROW_AT_FAULT: Duration = Duration::from_secs(1);

type Asked = (LiveQuestion, oneshot::Sender<Stored<LiveAnswer>>);

/// The rounds over one store.
pub(super) struct Rounds {
    store: Arc<dyn Store>,
    /// How many rounds are under way at most. What is asked meanwhile waits for the next one: the more there is to do, the more shares a
    /// round.
    at_once: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    under_way: usize,
    waiting: VecDeque<Asked>,
}

impl Rounds {
    /// Rounds over a store, of which so many are under way at most.
    pub(super) fn over(store: Arc<dyn Store>, at_once: usize) -> Self {
        Self {
            store,
            at_once,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and waits for the round that answers. A caller that stops waiting costs the others nothing.
    pub(super) async fn ask(self: &Arc<Self>, question: LiveQuestion) -> Stored<LiveAnswer> {
        let (sender, answer) = oneshot::channel();
        let begins = {
            let mut state = self.state();
            state.waiting.push_back((question, sender));
            let begins = state.under_way < self.at_once;
            state.under_way += usize::from(begins);
            begins
        };
        if begins {
            let turn = Turn(Some(Arc::clone(self)));
            tokio::spawn(turn.run());
        }
        let given_up = || StoreError::Storage("a round of reads was given up".to_owned());
        answer.await.unwrap_or_else(|_| Err(given_up()))
    }

    /// The questions of the next round. Without any the turn of who asks has ended.
    fn next(&self) -> Option<Vec<Asked>> {
        let mut state = self.state();
        state.waiting.retain(|(_, sender)| !sender.is_closed());
        let count = state.waiting.len().min(QUESTIONS);
        if count == 0 {
            state.under_way -= 1;
            return None;
        }
        Some(state.waiting.drain(..count).collect())
    }

    /// Answers them. A row that cannot be read fails those who ask about it and nobody else: a round that meets one is halved until
    /// they are alone. Each half has a snapshot of its own, which begins after it was asked as well.
    async fn round(&self, asked: Vec<Asked>) {
        let mut groups = vec![asked];
        while let Some(asked) = groups.pop() {
            let (questions, senders): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
            let answers = self.answers(&questions).await;
            match answers {
                Ok(answers) => {
                    for (sender, answer) in senders.into_iter().zip(answers) {
                        // Who asked may have gone.
                        let _ = sender.send(Ok(answer));
                    }
                }
                Err(Failed::Row(_)) if questions.len() > 1 => {
                    let mut first: Vec<Asked> = questions.into_iter().zip(senders).collect();
                    let second = first.split_off(first.len() / 2);
                    groups.extend([second, first]);
                }
                Err(Failed::Row(error) | Failed::Database(error)) => {
                    for sender in senders {
                        let _ = sender.send(Err(for_each(&error)));
                    }
                }
            }
        }
    }

    async fn answers(&self, questions: &[LiveQuestion]) -> Result<Vec<LiveAnswer>, Failed> {
        let rows = match queries::are_read_together(questions) {
            true => self.store.look().await,
            false => self.store.snapshot().await,
        };
        let mut rows = rows.map_err(Failed::Database)?;
        let begun = Instant::now();
        let answers = queries::live_answers(&mut *rows, questions).await;
        answers.map_err(|error| match error {
            StoreError::Closed => Failed::Database(error),
            error if begun.elapsed() > ROW_AT_FAULT => Failed::Database(error),
            error => Failed::Row(error),
        })
    }
}

/// What a round fails because of.
enum Failed {
    /// Perhaps one of the rows that it reads.
    Row(StoreError),
    /// The database, so that nothing else can be read either.
    Database(StoreError),
}

/// Why a round failed, for each who shares it.
fn for_each(error: &StoreError) -> StoreError {
    match error {
        StoreError::Closed => StoreError::Closed,
        StoreError::Damaged(reason) => StoreError::Damaged(reason.clone()),
        error => StoreError::Storage(error.to_string()),
    }
}

/// A task that makes rounds as long as anybody asks.
struct Turn(Option<Arc<Rounds>>);

impl Turn {
    async fn run(mut self) {
        // Whom the same event has woken asks first: they share the round.
        yield_now().await;
        while let Some(rounds) = &self.0 {
            match rounds.next() {
                Some(asked) => rounds.round(asked).await,
                None => self.0 = None,
            }
        }
    }
}

impl Drop for Turn {
    /// It was given up half-way, with its runtime or by a panic. Who waits must not wait for ever: another turn answers them, or none
    /// is left and they are told so.
    fn drop(&mut self) {
        if let Some(rounds) = self.0.take() {
            let mut state = rounds.state();
            state.under_way -= 1;
            let left = match state.under_way {
                0 => std::mem::take(&mut state.waiting),
                _ => VecDeque::new(),
            };
            drop(state);
            drop(left);
        }
    }
}

#[cfg(test)]
mod tests;
