//! Searching what was said, and reading what is over.

use app::backend::{ApiResult, History};
use async_trait::async_trait;
use shared::history::{HistoryPage, HistoryQuery, HistoryReading};
use shared::ids::WorkitemId;
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct};
use shared::workitem::Workitem;

use super::Desk;
use crate::commands::{HistoryRead, Shown};
use crate::queries::{self, HISTORY_PAGE};

#[async_trait]
impl History for Desk {
    async fn history_search(&self, actor: &Actor, query: HistoryQuery) -> ApiResult<HistoryPage> {
        self.allow(actor, Action::HistoryUse).await?;
        let asked = query.parse()?;
        if asked.search.is_some() {
            self.history_indexed().await?;
        }
        loop {
            let mut rows = self.snapshot().await?;
            let found = queries::history_page(&mut *rows, &actor.id, &asked, HISTORY_PAGE).await;
            drop(rows);
            let page = match found {
                Ok(page) => page,
                Err(error) => return Err(self.answered(error).await),
            };
            let shown = page.hits.iter().filter(|hit| hit.entry.is_some());
            let shown: Vec<&Workitem> = shown.map(|hit| &hit.workitem).collect();
            let recorded = self.finding_recorded(&actor.id, Shown::Excerpt, &shown);
            if recorded.await? {
                return Ok(page);
            }
        }
    }

    async fn history_read(&self, actor: &Actor, workitem: WorkitemId) -> ApiResult<HistoryReading> {
        let record = self.workitem_for(actor, &workitem, WorkitemAct::Read);
        let record = record.await?;
        let command = HistoryRead {
            workitem: workitem.clone(),
            reader: actor.id.clone(),
            at: self.now(),
        };
        let conversation = match self.execute(command).await? {
            true => Some(self.conversation(&actor.id, &workitem).await?),
            false => None,
        };
        Ok(HistoryReading {
            workitem: record.workitem,
            conversation,
        })
    }

    async fn conversations_before(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
    ) -> ApiResult<Vec<Workitem>> {
        let mut rows = self.snapshot().await?;
        let found = queries::conversations_before(&mut *rows, &actor.id, &workitem).await;
        drop(rows);
        match found {
            Ok(before) => Ok(before),
            Err(error) => Err(self.answered(error).await),
        }
    }
}
