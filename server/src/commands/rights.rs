//! Rights, asked inside the transaction that rests on them.
//!
//! The use-case asks before it executes a command, so that most refusals cost no write. Between that check and the commit
//! a right can be taken away: the transaction asks the same policy again, with the facts of its own.

use shared::ids::UserId;
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};

use crate::store::rows::WorkitemRow;
use crate::store::{CommandContext, Snapshot, StoreError, Stored};

/// The actor as this transaction knows them, if they may do this. `Refused` otherwise.
pub(super) async fn ask(
    rows: &mut dyn Snapshot,
    user: &UserId,
    action: Action<'_>,
) -> Stored<Actor> {
    decide(rows, user, action, "action", action.name()).await
}

/// Asks for the sender of a command. The operator of the program may do everything.
pub(super) async fn ask_for(
    rows: &mut dyn Snapshot,
    context: &CommandContext,
    action: Action<'_>,
) -> Stored<()> {
    match &context.actor {
        Some(actor) => ask(rows, actor, action).await.map(drop),
        None => Ok(()),
    }
}

/// The actor as this transaction knows them, if they may do this in the workitem. `Refused` otherwise.
pub(crate) async fn ask_in(
    rows: &mut dyn Snapshot,
    user: &UserId,
    act: WorkitemAct,
    workitem: &WorkitemRow,
) -> Stored<Actor> {
    let facts = workitem.facts();
    let action = Action::Workitem(act, &facts);
    decide(
        rows,
        user,
        action,
        "workitem",
        workitem.workitem.id.as_str(),
    )
    .await
}

async fn decide(
    rows: &mut dyn Snapshot,
    user: &UserId,
    action: Action<'_>,
    what: &'static str,
    about: &str,
) -> Stored<Actor> {
    let actor = rows.actor_find(user).await?;
    actor
        .filter(|actor| can(actor, action).is_ok())
        .ok_or_else(|| StoreError::Refused {
            user: user.clone(),
            what,
            about: about.to_owned(),
        })
}
