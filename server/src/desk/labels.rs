//! Labels of workitems.

use app::backend::{ApiResult, Labels};
use async_trait::async_trait;
use shared::ids::{CommandKey, LabelId, TeamId, WorkitemId};
use shared::labels::{Label, LabelKind, LabelRef};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct};
use shared::text::LabelName;

use super::{Desk, to_app_error};
use crate::commands::{LabelCreate, LabelDelete, LabelSet, LabelUpdate};

/// What the page of labels shows.
pub(crate) struct LabelsManaged {
    /// All labels, by kind and name.
    pub(crate) labels: Vec<Label>,
    /// The teams of the organisation, by name.
    pub(crate) teams: Vec<(TeamId, String)>,
}

impl Desk {
    /// All labels.
    ///
    /// # Errors
    /// `NotFound` for those who do not set up the organisation.
    pub(crate) async fn labels_managed(&self, actor: &Actor) -> ApiResult<LabelsManaged> {
        self.allow(actor, Action::OrganisationManage).await?;
        let mut rows = self.snapshot().await?;
        Ok(LabelsManaged {
            labels: rows.label_list().await.map_err(to_app_error)?,
            teams: rows.team_names().await.map_err(to_app_error)?,
        })
    }

    /// Adds a label for every team, or for one.
    pub(crate) async fn label_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        kind: LabelKind,
        team: Option<TeamId>,
        name: LabelName,
    ) -> ApiResult<()> {
        self.allow(actor, Action::OrganisationManage).await?;
        let label = Label {
            id: LabelId::parse(self.ids().next())?,
            kind,
            name: name.into(),
            team,
            active: true,
            version: 0,
        };
        let context = self.context(actor, key);
        self.execute(LabelCreate { label, context }).await
    }

    /// Changes a label.
    pub(crate) async fn label_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        (label, version): (LabelId, i64),
        name: LabelName,
        active: bool,
    ) -> ApiResult<()> {
        self.allow(actor, Action::OrganisationManage).await?;
        let update = LabelUpdate {
            label,
            version,
            name: name.into(),
            active,
            context: self.context(actor, key),
        };
        self.execute(update).await
    }

    /// Deletes a label. Workitems that have it keep it.
    pub(crate) async fn label_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        label: LabelId,
        version: i64,
    ) -> ApiResult<()> {
        self.allow(actor, Action::OrganisationManage).await?;
        let delete = LabelDelete {
            label,
            version,
            context: self.context(actor, key),
        };
        self.execute(delete).await
    }
}

#[async_trait]
impl Labels for Desk {
    async fn label_list(&self, actor: &Actor, workitem: WorkitemId) -> ApiResult<Vec<LabelRef>> {
        let record = self
            .workitem_for(actor, &workitem, WorkitemAct::Label)
            .await?;
        let mut rows = self.snapshot().await?;
        let offered = rows.labels_offered(&record.workitem.team).await;
        offered.map_err(to_app_error)
    }

    async fn label_set(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        label: LabelId,
        on: bool,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Label, &key)
            .await?;
        let command = LabelSet {
            workitem,
            by: actor.id.clone(),
            label,
            on,
            at: self.now(),
            key,
        };
        self.execute(command).await
    }
}
