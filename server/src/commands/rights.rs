//! Rights, asked inside the transaction that rests on them.
//!
//! The use-case asks before it executes a command, so that most refusals cost no write. Between that check and the commit
//! a right can be taken away: the transaction asks the same policy again, with the facts of its own.

use shared::directory::DirectoryMessage;
use shared::error::{PROOF, Problem};
use shared::ids::{TeamId, TokenId, UserId};
use shared::people::Actor;
use shared::policy::{Action, TokenAct, WorkitemAct, can, gives, lets_hear, token_can};
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};

use crate::store::rows::{ReceiverRow, WorkitemRow};
use crate::store::{CommandContext, Snapshot, StoreError, Stored};

/// For how long a session that has proved its password may do what is sensitive.
const PROOF_LASTS_US: i64 = 15 * 60 * 1_000_000;

/// The actor as this transaction knows them, if they may do this. `Refused` otherwise.
pub(crate) async fn ask(
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

/// `Invalid` unless this session of the user has proved its password within [`PROOF_LASTS_US`].
pub(crate) async fn proved(
    rows: &mut dyn Snapshot,
    user: &UserId,
    session: &str,
    at: Timestamp,
) -> Stored<()> {
    let whose = rows.session_user(session).await?;
    let proved = rows.session_proved_at(session).await?;
    let proved = proved.filter(|_| whose.as_ref() == Some(user));
    let proved = proved.ok_or(StoreError::NotFound)?;
    // One from the future was made by a clock that was wrong.
    if (0..PROOF_LASTS_US).contains(&(at.0 - proved.0)) {
        return Ok(());
    }
    Err(StoreError::Invalid {
        field: PROOF,
        problem: Problem::ProofNeeded {
            minutes: PROOF_LASTS_US / 60_000_000,
        },
    })
}

/// The same for the sender of a command. The operator of the program proves nothing.
pub(super) async fn proved_for(
    rows: &mut dyn Snapshot,
    context: &CommandContext,
    session: Option<&str>,
) -> Stored<()> {
    match &context.actor {
        Some(actor) => proved(rows, actor, session.unwrap_or_default(), context.at).await,
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

/// Asks the same in each of these. `Refused` names the first in which they may not.
pub(crate) async fn ask_in_each(
    rows: &mut dyn Snapshot,
    user: &UserId,
    act: WorkitemAct,
    workitems: &[WorkitemRow],
) -> Stored<()> {
    let actor = rows.actor_find(user).await?;
    for row in workitems {
        let facts = row.facts();
        let may = |actor: &Actor| can(actor, Action::Workitem(act, &facts)).is_ok();
        if !actor.as_ref().is_some_and(may) {
            return Err(StoreError::Refused {
                user: user.clone(),
                what: "workitem",
                about: row.workitem.id.to_string(),
            });
        }
    }
    Ok(())
}

/// Marks a request whose workitem its recipient may not read, so that nobody is offered a way that is closed to them. What is read
/// asks again.
pub(crate) async fn mark_unreadable(
    rows: &mut dyn Snapshot,
    message: &mut DirectoryMessage,
) -> Stored<()> {
    let Some(request) = &mut message.request else {
        return Ok(());
    };
    let Some((workitem, _)) = &request.workitem else {
        return Ok(());
    };
    let actor = rows.actor_find(&message.to.id).await?;
    let row = rows.workitem_find(workitem).await?;
    let reads = actor.zip(row).is_some_and(|(actor, row)| {
        let facts = row.facts();
        can(&actor, Action::Workitem(WorkitemAct::Monitor, &facts)).is_ok()
    });
    request.unreadable = !reads;
    Ok(())
}

/// Asks whether the sender of a command may make a token of this. Its maker gives no more than they have.
pub(super) async fn ask_to_give(
    rows: &mut dyn Snapshot,
    context: &CommandContext,
    scopes: &[Scope],
    team: Option<&TeamId>,
) -> Stored<()> {
    let Some(user) = &context.actor else {
        return Ok(());
    };
    let actor = ask(rows, user, Action::TokenManage).await?;
    match scopes.iter().all(|scope| gives(&actor, *scope, team)) {
        true => Ok(()),
        false => Err(refused(user, Action::TokenManage)),
    }
}

/// The same for a receiver of webhooks of these teams; nothing: of all.
pub(super) async fn ask_to_hear(
    rows: &mut dyn Snapshot,
    context: &CommandContext,
    teams: Option<&[TeamId]>,
) -> Stored<()> {
    let Some(user) = &context.actor else {
        return Ok(());
    };
    let actor = ask(rows, user, Action::WebhookManage).await?;
    match lets_hear(&actor, teams) {
        true => Ok(()),
        false => Err(refused(user, Action::WebhookManage)),
    }
}

fn refused(user: &UserId, action: Action<'_>) -> StoreError {
    StoreError::Refused {
        user: user.clone(),
        what: "action",
        about: action.name().to_owned(),
    }
}

/// The token with those of its scopes that its maker could still give. When they are gone, it keeps what they gave.
pub(crate) async fn still_given(rows: &mut dyn Snapshot, mut token: ApiToken) -> Stored<ApiToken> {
    if let Some(maker) = rows.actor_find(&token.created_by.id).await? {
        let team = token.team.clone();
        token
            .scopes
            .retain(|scope| gives(&maker, *scope, team.as_ref()));
    }
    Ok(token)
}

/// Whether the one on whom a receiver rests may still let it hear of one of these teams. When they are gone, it hears what they let it.
pub(super) async fn still_hears(
    rows: &mut dyn Snapshot,
    receiver: &ReceiverRow,
    of: &[TeamId],
) -> Stored<bool> {
    let who = rows.actor_find(&receiver.rests_on.id).await?;
    Ok(who.is_none_or(|who| {
        let mut of = of.iter();
        lets_hear(&who, None) || of.any(|team| lets_hear(&who, Some(std::slice::from_ref(team))))
    }))
}

/// The token as this transaction knows it, if its bearer may do this now. `TokenRefused` otherwise.
pub(crate) async fn ask_token(
    rows: &mut dyn Snapshot,
    token: &TokenId,
    act: TokenAct<'_>,
    at: Timestamp,
) -> Stored<ApiToken> {
    let found = rows.token_find(token).await?;
    let lasting = match found.filter(|found| found.lasts(at)) {
        Some(found) => Some(still_given(rows, found).await?),
        None => None,
    };
    let ended = lasting.is_none();
    lasting
        .filter(|found| token_can(found, act).is_ok())
        .ok_or_else(|| StoreError::TokenRefused {
            token: token.clone(),
            ended,
        })
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
