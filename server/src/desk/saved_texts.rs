//! Texts that people keep to use again.

use std::collections::BTreeSet;

use app::backend::{ApiResult, SavedTexts};
use async_trait::async_trait;
use shared::fold::folded;
use shared::ids::{CommandKey, SavedTextId, TeamId};
use shared::people::{Actor, Permission};
use shared::policy::{Action, can};
use shared::saved_texts::{SavedFor, SavedText, SavedTextTeam};
use shared::text::{SavedBody, SavedTitle};

use super::{Desk, to_app_error};
use crate::commands::{SavedTextCreate, SavedTextDelete, SavedTextUpdate};
use crate::store::Snapshot;

/// What the page of saved texts shows.
pub(crate) struct SavedTextsManaged {
    /// The texts that the reader may use or change, by title; and whether they may change it.
    pub(crate) texts: Vec<(SavedText, bool)>,
    /// Whom one's own texts can be written for.
    pub(crate) own: Vec<SavedFor>,
    /// The teams whose texts the reader writes, by name.
    pub(crate) teams: Vec<SavedTextTeam>,
    /// Whom a team's texts can be written for.
    pub(crate) of_teams: Vec<SavedFor>,
}

impl Desk {
    /// The texts that `actor` may use or change.
    ///
    /// # Errors
    /// `NotFound` for those who may neither use nor change any.
    pub(crate) async fn saved_texts_managed(&self, actor: &Actor) -> ApiResult<SavedTextsManaged> {
        let may = |action: Action<'_>| can(actor, action).is_ok();
        let own: Vec<_> = SavedFor::ALL
            .into_iter()
            .filter(|kind| may(Action::SavedTextManage(*kind, None)))
            .collect();
        let administers = actor.holds(Permission::TeamManage);
        if own.is_empty() && !administers {
            // For the audit log.
            self.allow(actor, Action::SavedTextUse(SavedFor::Customer))
                .await?;
        }
        let mut rows = self.snapshot().await?;
        let names = rows.team_names().await.map_err(to_app_error)?;
        let writes = |team: &TeamId| {
            let mut kinds = SavedFor::ALL.into_iter();
            kinds.any(|kind| may(Action::SavedTextManage(kind, Some(team))))
        };
        let teams: Vec<_> = names
            .into_iter()
            .filter(|(id, _)| writes(id))
            .map(|(id, name)| SavedTextTeam { id, name })
            .collect();
        let mut seen = teams_of(actor);
        seen.extend(teams.iter().map(|team| team.id.clone()));
        let texts = listed(&mut *rows, actor, &seen).await?;
        let texts = texts.into_iter().filter_map(|text| {
            let team = text.team.as_ref().map(|team| &team.id);
            let manages = may(Action::SavedTextManage(text.written_for, team));
            let uses = may(Action::SavedTextUse(text.written_for));
            (manages || uses).then_some((text, manages))
        });
        Ok(SavedTextsManaged {
            texts: texts.collect(),
            of_teams: match administers {
                true => SavedFor::ALL.into(),
                false => own.clone(),
            },
            own,
            teams,
        })
    }

    /// Keeps a text of a team, or one's own.
    pub(crate) async fn saved_text_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        written_for: SavedFor,
        team: Option<TeamId>,
        title: SavedTitle,
        body: SavedBody,
    ) -> ApiResult<()> {
        self.allow(actor, Action::SavedTextManage(written_for, team.as_ref()))
            .await?;
        let text = SavedText {
            id: SavedTextId::parse(self.ids().next())?,
            written_for,
            // The name is the team's own.
            team: team.map(|id| SavedTextTeam {
                id,
                name: String::new(),
            }),
            title: title.into(),
            text: body.into(),
            version: 0,
        };
        let context = self.context(actor, key);
        self.execute(SavedTextCreate { text, context }).await
    }

    /// Changes a text. The right depends on whose it is, which the transaction knows.
    pub(crate) async fn saved_text_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        text: SavedTextId,
        version: i64,
        title: SavedTitle,
        body: SavedBody,
    ) -> ApiResult<()> {
        let update = SavedTextUpdate {
            text,
            version,
            title: title.into(),
            body: body.into(),
            context: self.context(actor, key),
        };
        self.execute(update).await
    }

    /// Deletes a text.
    pub(crate) async fn saved_text_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        text: SavedTextId,
        version: i64,
    ) -> ApiResult<()> {
        let delete = SavedTextDelete {
            text,
            version,
            context: self.context(actor, key),
        };
        self.execute(delete).await
    }
}

#[async_trait]
impl SavedTexts for Desk {
    async fn saved_text_list(
        &self,
        actor: &Actor,
        written_for: SavedFor,
    ) -> ApiResult<Vec<SavedText>> {
        self.allow(actor, Action::SavedTextUse(written_for)).await?;
        let mut rows = self.snapshot().await?;
        let mut texts = listed(&mut *rows, actor, &teams_of(actor)).await?;
        texts.retain(|text| text.written_for == written_for);
        Ok(texts)
    }
}

/// The teams whose texts somebody may use.
fn teams_of(actor: &Actor) -> BTreeSet<TeamId> {
    let teams = actor.member_of.iter().chain(&actor.supervises);
    teams.cloned().collect()
}

/// One's own texts and those of teams, by title.
async fn listed(
    rows: &mut dyn Snapshot,
    actor: &Actor,
    teams: &BTreeSet<TeamId>,
) -> ApiResult<Vec<SavedText>> {
    let teams: Vec<TeamId> = teams.iter().cloned().collect();
    let found = rows.saved_text_list(&actor.id, &teams).await;
    let mut texts = found.map_err(to_app_error)?;
    texts.sort_by_cached_key(|text| folded(&text.title));
    Ok(texts)
}
