//! What users see of their own sign-ins.

use serde::{Deserialize, Serialize};

use crate::ids::SessionId;
use crate::time::Timestamp;

/// In which browser somebody signed in, by the names that its maker uses. Empty: not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInFrom {
    /// `Firefox`.
    pub browser: String,
    /// `Windows`.
    pub system: String,
}

/// One session of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// Which; it is not the token.
    pub id: SessionId,
    /// Where it was begun.
    pub from: SignedInFrom,
    /// When it was begun.
    pub since: Timestamp,
    /// When it was last used, to the minute.
    pub used: Timestamp,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// What a sign-in still asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInStep {
    /// Nothing: the session has begun.
    Done,
    /// A code of the authenticator app, or a recovery code.
    Code,
    /// A password of the user's own, in the place of one that somebody else chose.
    Password,
    /// Setting up a second factor, because the organisation requires one.
    SetUp,
}
