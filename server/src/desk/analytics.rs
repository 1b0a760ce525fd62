//! Figures of requests, coaching and conversations.

use app::backend::ApiResult;
use shared::people::Actor;
use shared::policy::Action;

use super::Desk;
use crate::queries::{self, Analytics, AnalyticsAsked};

impl Desk {
    /// What happened within some time in the teams of which `actor` may see figures.
    ///
    /// # Errors
    /// `NotFound` for those who may see none, and for a team that is not among theirs.
    pub(crate) async fn analytics(
        &self,
        actor: &Actor,
        asked: &AnalyticsAsked,
    ) -> ApiResult<Analytics> {
        self.allow(actor, Action::AnalyticsView).await?;
        let mut rows = self.snapshot().await?;
        let found = queries::analytics(&mut *rows, &actor.id, asked).await;
        drop(rows);
        match found {
            Ok(figures) => Ok(figures),
            Err(error) => Err(self.answered(error).await),
        }
    }
}
