//! Rights, asked inside the transaction that rests on them.
//!
//! The use-case asks before it hands a command to the store, so that most refusals cost no write. Between its asking
//! and the commit a right can be taken away: the transaction asks the same policy again, with the facts of its own.

use shared::ids::UserId;
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};

use super::statement::Connection;
use super::{sessions, workitems};
use crate::store::{StoreError, Stored};

/// The actor as this transaction knows them, if they may do this. `NotFound` otherwise.
pub(super) fn ask(connection: &Connection, user: &UserId, action: Action<'_>) -> Stored<Actor> {
    let actor = sessions::load_actor(connection, user)?.ok_or(StoreError::NotFound)?;
    can(&actor, action).map_err(|_| StoreError::NotFound)?;
    Ok(actor)
}

/// The actor as this transaction knows them, if they may do this in the workitem. `NotFound` otherwise.
pub(super) fn ask_in(
    connection: &Connection,
    user: &UserId,
    act: WorkitemAct,
    workitem: &workitems::WorkitemRow,
) -> Stored<Actor> {
    ask(connection, user, Action::Workitem(act, &workitem.facts()))
}
