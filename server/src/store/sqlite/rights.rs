//! Rights, asked inside the transaction that rests on them.
//!
//! The use-case asks before it hands a command to the store, so that most refusals cost no write. Between its asking
//! and the commit a right can be taken away: the transaction asks the same policy again, with the facts of its own.

use shared::ids::UserId;
use shared::people::Actor;
use shared::policy::{Action, can};

use super::sessions;
use super::statement::Connection;
use crate::store::{CommandContext, StoreError, Stored};

/// The actor as this transaction knows them, if they may do this. `Refused` otherwise.
pub(super) fn ask(connection: &Connection, user: &UserId, action: Action<'_>) -> Stored<Actor> {
    sessions::load_actor(connection, user)?
        .filter(|actor| can(actor, action).is_ok())
        .ok_or_else(|| StoreError::Refused {
            user: user.clone(),
            what: "action",
            about: action.name().to_owned(),
        })
}

/// Asks for the sender of a command. The operator of the program may do everything.
pub(super) fn ask_for(
    connection: &Connection,
    context: &CommandContext,
    action: Action<'_>,
) -> Stored<()> {
    match &context.actor {
        Some(actor) => ask(connection, actor, action).map(drop),
        None => Ok(()),
    }
}
