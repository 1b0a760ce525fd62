//! Tokens of the HTTP API: what another system may do, and for which team.

use serde::{Deserialize, Serialize};

use crate::ids::{TeamId, TokenId};
use crate::people::PersonRef;
use crate::time::Timestamp;

/// How many tokens there may be that are neither revoked nor expired.
pub const TOKENS_MAX: i64 = 100;

/// One thing that a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Begin, go on with and end workitems of phone and email.
    #[serde(rename = "workitems:write")]
    WorkitemsWrite,
    /// See workitems: state, agent, subject, never what was said.
    #[serde(rename = "workitems:read")]
    WorkitemsRead,
    /// Read what the customer of a workitem was shown.
    #[serde(rename = "transcripts:customer")]
    TranscriptsCustomer,
    /// Read what staff see of a workitem, coaching included.
    #[serde(rename = "transcripts:staff")]
    TranscriptsStaff,
    /// See assistance templates.
    #[serde(rename = "templates:read")]
    TemplatesRead,
    /// See users.
    #[serde(rename = "users:read")]
    UsersRead,
    /// See teams.
    #[serde(rename = "teams:read")]
    TeamsRead,
    /// See requests for assistance.
    #[serde(rename = "requests:read")]
    RequestsRead,
    /// Create, change and deactivate users, as an identity provider does by SCIM.
    #[serde(rename = "users:write")]
    UsersWrite,
    /// See flags for review with their comments.
    #[serde(rename = "reviews:read")]
    ReviewsRead,
}

impl Scope {
    /// Every scope, in the order in which they are shown.
    pub const ALL: [Scope; 10] = [
        Scope::WorkitemsWrite,
        Scope::WorkitemsRead,
        Scope::TranscriptsCustomer,
        Scope::TranscriptsStaff,
        Scope::TemplatesRead,
        Scope::UsersRead,
        Scope::TeamsRead,
        Scope::RequestsRead,
        Scope::UsersWrite,
        Scope::ReviewsRead,
    ];

    /// The word in the database and on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Scope::WorkitemsWrite => "workitems:write",
            Scope::WorkitemsRead => "workitems:read",
            Scope::TranscriptsCustomer => "transcripts:customer",
            Scope::TranscriptsStaff => "transcripts:staff",
            Scope::TemplatesRead => "templates:read",
            Scope::UsersRead => "users:read",
            Scope::TeamsRead => "teams:read",
            Scope::RequestsRead => "requests:read",
            Scope::UsersWrite => "users:write",
            Scope::ReviewsRead => "reviews:read",
        }
    }

    /// The scope of a code.
    pub fn from_code(code: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.code() == code)
    }
}

/// A token, without its secret, which nobody can read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Which.
    pub id: TokenId,
    /// What it is for. Conversations name it as who reported something.
    pub name: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// The one team that it is for; `None`: all of them.
    pub team: Option<TeamId>,
    /// Who made it.
    pub created_by: PersonRef,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it opens anything at this time.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_reads_back_what_it_wrote() {
        for scope in Scope::ALL {
            assert_eq!(Scope::from_code(scope.code()), Some(scope));
            let text = serde_json::to_value(scope).expect("a text");
            assert_eq!(text, scope.code());
        }
    }
}
