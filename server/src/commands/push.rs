//! Browsers that get notifications while no page of Sideline is open in them.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use crate::store::rows::PushSubscription;
use crate::store::{Command, StoreError, Stored, Transaction, Written};

/// Subscribes a browser, or changes its subscription. `NotFound` when its session is over.
#[derive(Clone, Debug)]
pub struct PushSubscribe {
    /// What it wants.
    pub subscription: PushSubscription,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for PushSubscribe {
    type Answer = ();
    const NAME: &'static str = "push_subscribe";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let wanted = &self.subscription;
        let session = rows.session_find(&wanted.session, self.at).await?;
        if session.is_none_or(|session| session.actor.id != wanted.user) {
            return Err(StoreError::NotFound);
        }
        rows.push_save(wanted).await?;
        Ok(Written::unchanged(()))
    }
}

/// Unsubscribes the browser of a session: its user switched that off, or its push service no longer knows it.
#[derive(Clone, Debug)]
pub struct PushUnsubscribe {
    /// The session's id.
    pub session: String,
    /// Only if the browser is still reached here.
    pub endpoint: Option<String>,
    /// Whose session it is.
    pub user: UserId,
}

#[async_trait]
impl Command for PushUnsubscribe {
    type Answer = ();
    const NAME: &'static str = "push_unsubscribe";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let found = rows.push_find(&self.session).await?;
        let is_meant = found.is_some_and(|found| {
            let here = self.endpoint.as_ref();
            found.user == self.user && here.is_none_or(|here| *here == found.endpoint)
        });
        if is_meant {
            rows.push_delete(&self.session).await?;
        }
        Ok(Written::unchanged(()))
    }
}
