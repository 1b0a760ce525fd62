//! Customers, as administrators find and erase them.

use app::backend::{ApiResult, Caller, Customers};
use async_trait::async_trait;
use shared::erasure::{CustomerWorkitem, Erasure, SEARCH_MAX};
use shared::error::{AppError, Problem};
use shared::fold::folded;
use shared::ids::{CommandKey, WorkitemId};
use shared::people::Actor;
use shared::policy::Action;

use super::{Desk, to_app_error};
use crate::commands::{CustomerErase, erasure};

/// How many customers a search answers at most.
const FOUND_MAX: i64 = 100;

#[async_trait]
impl Customers for Desk {
    async fn customer_find(&self, actor: &Actor, name: String) -> ApiResult<Vec<CustomerWorkitem>> {
        self.allow(actor, Action::CustomerErase).await?;
        let name = name.trim();
        let length = name.chars().count();
        if length > SEARCH_MAX {
            let (max, actual) = (SEARCH_MAX as i64, length as i64);
            return Err(AppError::invalid("name", Problem::TooLong { max, actual }));
        }
        // A mark that nobody sees would be in every name.
        if folded(name).is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = self.snapshot().await?;
        let found = rows.customers_find(name, FOUND_MAX).await;
        found.map_err(to_app_error)
    }

    async fn erasure_preview(&self, actor: &Actor, workitem: WorkitemId) -> ApiResult<Erasure> {
        self.allow(actor, Action::CustomerErase).await?;
        let mut rows = self.snapshot().await?;
        let extent = erasure::extent(&mut *rows, &workitem).await;
        extent.map(|(_, extent)| extent).map_err(to_app_error)
    }

    async fn customer_erase(
        &self,
        caller: &Caller,
        key: CommandKey,
        workitem: WorkitemId,
    ) -> ApiResult<Erasure> {
        let actor = &caller.actor;
        self.allow(actor, Action::CustomerErase).await?;
        self.proved(caller).await?;
        let erase = CustomerErase {
            workitem,
            by: actor.person(),
            entry: self.entry_id(),
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        self.execute(erase).await
    }
}
