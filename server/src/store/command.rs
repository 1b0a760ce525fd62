//! Commands: what runs in one transaction, and how it gets there.

use std::any::Any;

use async_trait::async_trait;
use shared::ids::{CommandKey, UserId};
use shared::time::Timestamp;
use tracing::Instrument;

use super::rows::CustomerReads;
use super::{Store, Stored, Transaction, Written};
use crate::traces::traced;

/// One write: everything that its sender decided. What it may and what it does is `execute`.
#[async_trait]
pub trait Command: Send + Sync + 'static {
    /// What the sender is answered.
    type Answer: Send + 'static;

    /// Its name: the verb that `docs/RIGHTS.md` lists, and the kind that is kept with its key.
    const NAME: &'static str;

    /// Carries it out. What it wrote is undone when it answers an error.
    ///
    /// It awaits nothing but operations of `rows`, and it may run more than once: a database may have to repeat a
    /// transaction.
    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Self::Answer>>;

    /// Whether it deleted something, by its answer, of which nothing may be left, not even in what a database keeps of before.
    fn wiped(_answer: &Self::Answer) -> bool {
        false
    }
}

/// By whom, when and under which key something is changed.
#[derive(Clone, Debug)]
pub struct CommandContext {
    /// Who; nobody: the operator of the program.
    pub actor: Option<UserId>,
    /// Repeating it (per actor) gives the first answer.
    pub key: CommandKey,
    /// When.
    pub at: Timestamp,
}

/// An answer whose type only its command knows.
pub type ErasedAnswer = Box<dyn Any + Send>;

/// A command whose answer's type is erased, so that [`Store`] is object safe. Every [`Command`] is one.
#[async_trait]
pub trait ErasedCommand: Send + Sync {
    /// See [`Command::wiped`].
    fn has_wiped(&self, answer: &ErasedAnswer) -> bool;

    /// See [`Command::execute`].
    async fn execute_erased(&self, rows: &mut dyn Transaction) -> Stored<Written<ErasedAnswer>>;
}

#[async_trait]
impl<C: Command> ErasedCommand for C {
    fn has_wiped(&self, answer: &ErasedAnswer) -> bool {
        let answer = answer.downcast_ref::<C::Answer>();
        answer.is_some_and(C::wiped)
    }

    async fn execute_erased(&self, rows: &mut dyn Transaction) -> Stored<Written<ErasedAnswer>> {
        let Written { value, changes } = self.execute(rows).await?;
        Ok(Written {
            value: Box::new(value),
            changes,
        })
    }
}

impl dyn Store + '_ {
    /// For a customer's page: a snapshot that offers the customer's reads alone.
    pub async fn customer_snapshot(&self) -> Stored<Box<dyn CustomerReads>> {
        let rows = self.snapshot().await?;
        Ok(rows)
    }

    /// The same of a look.
    pub async fn customer_look(&self) -> Stored<Box<dyn CustomerReads>> {
        let rows = self.look().await?;
        Ok(rows)
    }

    /// Carries out a command in one transaction. Answers when it is on disk; goes on when nobody waits for the answer.
    pub async fn execute<C: Command>(&self, command: C) -> Stored<Written<C::Answer>> {
        let span = traced!("store", command = C::NAME);
        let executing = self.execute_erased(Box::new(command)).instrument(span);
        let Written { value, changes } = executing.await?;
        match value.downcast() {
            Ok(value) => Ok(Written {
                value: *value,
                changes,
            }),
            Err(_) => unreachable!("{} answers with its own type", C::NAME),
        }
    }
}
