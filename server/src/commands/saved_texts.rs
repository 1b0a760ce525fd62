//! Texts that people keep to use again: their own, and those that a team shares.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::error::{Difference, Problem};
use shared::ids::{SavedTextId, UserId};
use shared::policy::Action;
use shared::saved_texts::{SAVED_TEXTS_MAX, SavedText};

use super::edits::{difference, edited_meanwhile};
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::rows::SavedTextHolder;
use crate::store::{Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written};

/// Keeps a text: of the team that it names, or the sender's own. `Invalid` when there are too many.
#[derive(Clone, Debug)]
pub struct SavedTextCreate {
    /// The text.
    pub text: SavedText,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SavedTextCreate {
    type Answer = ();
    const NAME: &'static str = "saved_text_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self { text, context } = self;
        let team = text.team.as_ref().map(|team| &team.id);
        let content = (text.written_for, team, &text.title, &text.text);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let action = Action::SavedTextManage(text.written_for, team);
        rights::ask_for(rows, context, action).await?;
        let holder = match (team, &context.actor) {
            (Some(team), _) => SavedTextHolder::Team(team),
            (None, Some(user)) => SavedTextHolder::User(user),
            // The operator writes nothing.
            (None, None) => return Err(StoreError::NotFound),
        };
        if let Some(team) = team
            && rows.team_find(team).await?.is_none()
        {
            return Err(StoreError::Invalid {
                field: "team",
                problem: Problem::NotATeam,
            });
        }
        if rows.saved_text_count(holder).await? >= SAVED_TEXTS_MAX {
            return Err(StoreError::Invalid {
                field: "texts",
                problem: Problem::TooMany {
                    max: SAVED_TEXTS_MAX,
                },
            });
        }
        rows.saved_text_insert(text, holder).await?;
        let changes = audited(None, Some(text));
        audit::changed(rows, context, Self::NAME, text.id.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Replaces title and text. `Conflict` when somebody else edited it since `version`.
#[derive(Clone, Debug)]
pub struct SavedTextUpdate {
    /// Which.
    pub text: SavedTextId,
    /// The version that this started from.
    pub version: i64,
    /// What it shall be called.
    pub title: String,
    /// What it shall say.
    pub body: String,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SavedTextUpdate {
    type Answer = ();
    const NAME: &'static str = "saved_text_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let content = (&self.text, self.version, &self.title, &self.body);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let stored = managed(rows, &self.text, context).await?;
        let now = [
            difference(&stored.title, &self.title, Difference::Title),
            difference(&stored.text, &self.body, Difference::Message),
        ];
        let now: Vec<Difference> = now.into_iter().flatten().collect();
        let edited = !now.is_empty();
        if edited && stored.version != self.version {
            let refusal = edited_meanwhile(rows, self.text.as_str(), Self::NAME, now, false);
            return Err(refusal.await?);
        }
        let after = SavedText {
            title: self.title.clone(),
            text: self.body.clone(),
            version: stored.version + i64::from(edited),
            ..stored.clone()
        };
        rows.saved_text_set(&after).await?;
        let changes = audited(Some(&stored), Some(&after));
        audit::changed(rows, context, Self::NAME, self.text.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Deletes a text. `Conflict` when it is at another version than the one that was seen.
#[derive(Clone, Debug)]
pub struct SavedTextDelete {
    /// Which.
    pub text: SavedTextId,
    /// The version that was seen.
    pub version: i64,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SavedTextDelete {
    type Answer = ();
    const NAME: &'static str = "saved_text_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let key = IdempotencyKey::in_context(context, Self::NAME, &(&self.text, self.version))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let stored = managed(rows, &self.text, context).await?;
        if stored.version != self.version {
            let act = SavedTextUpdate::NAME;
            let refusal = edited_meanwhile(rows, self.text.as_str(), act, Vec::new(), true);
            return Err(refusal.await?);
        }
        rows.saved_text_delete(&self.text).await?;
        let changes = audited(Some(&stored), None);
        audit::changed(rows, context, Self::NAME, self.text.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// The text as this transaction knows it, if the sender may change it. Somebody else's own is not there.
async fn managed(
    rows: &mut dyn Snapshot,
    text: &SavedTextId,
    context: &CommandContext,
) -> Stored<SavedText> {
    let found = rows.saved_text_find(text).await?;
    let (stored, owner): (SavedText, Option<UserId>) = found.ok_or(StoreError::NotFound)?;
    if owner.is_some() && owner != context.actor {
        return Err(StoreError::NotFound);
    }
    let team = stored.team.as_ref().map(|team| &team.id);
    let action = Action::SavedTextManage(stored.written_for, team);
    rights::ask_for(rows, context, action).await?;
    Ok(stored)
}

/// What the audit log says of a change: of a team's text everything, of somebody's own nothing of its words.
fn audited(before: Option<&SavedText>, after: Option<&SavedText>) -> Vec<AuditChange> {
    let values = |text: &SavedText| {
        let team = text.team.as_ref()?;
        Some([
            team.id.to_string(),
            text.written_for.code().to_owned(),
            text.title.clone(),
            text.text.clone(),
        ])
    };
    let (was, is) = (before.and_then(values), after.and_then(values));
    audit::differences(["team", "written_for", "title", "text"], was, is)
}
