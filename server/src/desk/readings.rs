//! What others have or had is shown to nobody in silence.

use app::backend::ApiResult;
use shared::ids::UserId;
use shared::workitem::Workitem;

use super::{Desk, to_app_error};
use crate::commands::readings::{readings, unsaid};
use crate::commands::{ConversationRead, Shown};
use crate::store::{StoreError, Stored};

impl Desk {
    /// Writes down what somebody was found to read, before they are shown it. The log is looked into first, so that nothing waits for a
    /// transaction that would write nothing. `Refused` where the right is gone by then.
    async fn reading_record(
        &self,
        reader: &UserId,
        shown: Shown,
        workitems: &[&Workitem],
    ) -> Stored<()> {
        let found = readings(reader, shown, workitems.iter().copied());
        if found.is_empty() {
            return Ok(());
        }
        let at = self.now();
        let mut rows = self.store().snapshot().await?;
        let due = unsaid(&mut *rows, reader, found, at).await;
        drop(rows);
        let due = due?;
        if due.is_empty() {
            return Ok(());
        }
        let command = ConversationRead {
            workitems: due.into_iter().map(|reading| reading.workitem).collect(),
            reader: reader.clone(),
            shown,
            at,
        };
        let written = self.store().execute(command).await?;
        self.publish(written);
        Ok(())
    }

    /// Of one workitem that they asked for: who may not read it any more gets nothing.
    pub(crate) async fn reading_recorded(
        &self,
        reader: &UserId,
        shown: Shown,
        workitem: &Workitem,
    ) -> ApiResult<()> {
        match self.reading_record(reader, shown, &[workitem]).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.answered(error).await),
        }
    }

    /// Of what was found for them. `false`: a right to some of it is gone, so it is to be found once more, without that.
    pub(super) async fn finding_recorded(
        &self,
        reader: &UserId,
        shown: Shown,
        workitems: &[&Workitem],
    ) -> ApiResult<bool> {
        match self.reading_record(reader, shown, workitems).await {
            Ok(()) => Ok(true),
            Err(StoreError::Refused { .. } | StoreError::NotFound) => Ok(false),
            Err(error) => Err(to_app_error(error)),
        }
    }
}
