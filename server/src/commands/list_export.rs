//! Saving a list of a page as a file, which is recorded.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::ids::UserId;
use shared::policy::Action;
use shared::time::Timestamp;

use super::{audit, rights};
use crate::store::{Command, Stored, Transaction, Written};

/// A list that can be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The agents of the User Dashboard.
    Agents,
    /// Their requests for assistance.
    Requests,
    /// Everybody who can sign in.
    Users,
}

impl List {
    /// The word in the audit log.
    pub fn code(self) -> &'static str {
        match self {
            List::Agents => "agents",
            List::Requests => "requests",
            List::Users => "users",
        }
    }

    /// What its page asks for.
    pub(crate) fn right(self) -> Action<'static> {
        match self {
            List::Agents | List::Requests => Action::DashboardView,
            List::Users => Action::UserManage,
        }
    }
}

/// Somebody is about to save a list as a file.
#[derive(Clone, Debug)]
pub struct ListExport {
    /// Which.
    pub list: List,
    /// Who.
    pub reader: UserId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for ListExport {
    type Answer = ();
    const NAME: &'static str = "list_export";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rights::ask(rows, &self.reader, self.list.right()).await?;
        let list = AuditChange {
            field: "list".to_owned(),
            was: None,
            is: Some(self.list.code().to_owned()),
        };
        let act = (Self::NAME, "");
        audit::done(rows, Some(&self.reader), act, &[list], self.at).await?;
        Ok(Written::unchanged(()))
    }
}
