//! The list of everything that Sideline can do on behalf of a signed-in user, as the server functions call it.
//!
//! `server` implements it (in its `desk`); a test can implement it with a fake. Server functions know nothing
//! else of the host. Every method decides through `shared::policy`; `NotFound` also means "not yours".
//! Methods that take a [`CommandKey`] may be repeated: the first answer comes again, nothing happens twice.

mod administration;
mod coaching;
mod people;
mod work;

use std::sync::Arc;

use leptos::prelude::use_context;
use shared::error::AppError;
use shared::ids::CommandKey;
use shared::people::Actor;

pub use self::administration::{
    Administration, Audit, Channels, Customers, Deletions, Organisation,
};
pub use self::coaching::{Assistance, Coaching, SavedTexts, Templates};
pub use self::people::{Account, Directory, Views};
pub use self::work::{Alerts, History, Labels, Notes, Reviews, SteppingIn, Workitems};

/// What a method answers.
pub type ApiResult<T> = Result<T, AppError>;

/// Who calls: the actor, and the session in which they are signed in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// On whose behalf.
    pub actor: Actor,
    /// The session's id (not its token), so that "everywhere else" differs from "here".
    pub session: String,
}

/// Everything at once; the supertraits are the areas.
pub trait Backend:
    Keys
    + Workitems
    + Coaching
    + SteppingIn
    + Notes
    + Alerts
    + Labels
    + Reviews
    + Assistance
    + Templates
    + SavedTexts
    + Views
    + Directory
    + Account
    + Administration
    + Deletions
    + Organisation
    + Audit
    + Channels
    + Customers
    + History
{
}

impl<T> Backend for T where
    T: Keys
        + Workitems
        + Coaching
        + SteppingIn
        + Notes
        + Alerts
        + Labels
        + Reviews
        + Assistance
        + Templates
        + SavedTexts
        + Views
        + Directory
        + Account
        + Administration
        + Deletions
        + Organisation
        + Audit
        + Channels
        + Customers
        + History
{
}

/// Keys for commands that came without one.
pub trait Keys: Send + Sync {
    /// A key that was never used. For tabs of the release before, which send none with some commands: these are carried
    /// out as often as they come.
    fn key_fresh(&self) -> CommandKey;
}

/// The caller and the backend of the request that is being answered.
pub fn signed_in() -> ApiResult<(Caller, Arc<dyn Backend>)> {
    let backend = use_context::<Arc<dyn Backend>>().ok_or(AppError::Unavailable)?;
    let caller = use_context::<Option<Caller>>()
        .flatten()
        .ok_or(AppError::Unauthenticated)?;
    Ok((caller, backend))
}
