//! Assistance templates, in the administrators' order.

use async_trait::async_trait;
use shared::assistance::Template;
use shared::audit::AuditChange;
use shared::error::Difference;
use shared::ids::TemplateId;
use shared::policy::Action;

use super::edits::{difference, edited_meanwhile};
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::{Change, Command, CommandContext, StoreError, Stored, Transaction, Written};

fn changed<T>(value: T) -> Written<T> {
    Written {
        value,
        changes: vec![Change::Assistance],
    }
}

/// Adds a template at the end.
#[derive(Clone, Debug)]
pub struct TemplateCreate {
    /// The template.
    pub template: Template,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for TemplateCreate {
    type Answer = Template;
    const NAME: &'static str = "template_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Template>> {
        let Self { template, context } = self;
        let content = (&template.title, &template.text, template.active);
        // Without a target time the digest is that of the release before.
        let key = match template.target_min {
            None => IdempotencyKey::in_context(context, Self::NAME, &content)?,
            Some(_) => {
                let content = (content, template.target_min);
                IdempotencyKey::in_context(context, Self::NAME, &content)?
            }
        };
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::TemplateManage).await?;
        rows.template_insert(template).await?;
        let (id, changes) = (template.id.as_str(), audited(None, Some(template)));
        audit::changed(rows, context, Self::NAME, id, changes).await?;
        key.keep(rows, context.at, template).await?;
        Ok(changed(template.clone()))
    }
}

/// Replaces title, text, active and target time. `Conflict` when somebody else edited it since `template.version`.
#[derive(Clone, Debug)]
pub struct TemplateUpdate {
    /// The template as it shall be, and the version that this started from.
    pub template: Template,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for TemplateUpdate {
    type Answer = Template;
    const NAME: &'static str = "template_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Template>> {
        let Self { template, context } = self;
        let key = IdempotencyKey::in_context(context, Self::NAME, template)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::TemplateManage).await?;
        let stored = rows.template_find(&template.id).await?;
        let stored = stored.ok_or(StoreError::NotFound)?;
        let differences = differences(&stored, template);
        let (id, edited) = (template.id.as_str(), !differences.is_empty());
        if edited && stored.version != template.version {
            let refusal = edited_meanwhile(rows, id, Self::NAME, differences, false);
            return Err(refusal.await?);
        }
        let after = Template {
            version: stored.version + i64::from(edited),
            ..template.clone()
        };
        rows.template_set(&after).await?;
        let changes = audited(Some(&stored), Some(&after));
        audit::changed(rows, context, Self::NAME, id, changes).await?;
        key.keep(rows, context.at, &after).await?;
        Ok(changed(after))
    }
}

/// What the audit log says of a change.
fn audited(before: Option<&Template>, after: Option<&Template>) -> Vec<AuditChange> {
    let values = |template: &Template| {
        [
            template.title.clone(),
            template.text.clone(),
            template.active.to_string(),
            template
                .target_min
                .map_or_else(String::new, |minutes| minutes.to_string()),
        ]
    };
    let fields = ["title", "text", "active", "target"];
    let mut changes = audit::differences(fields, before.map(values), after.map(values));
    // One that never had a target time says nothing of it.
    let said = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
    changes.retain(|change| change.field != "target" || said(&change.was) || said(&change.is));
    changes
}

fn differences(stored: &Template, wanted: &Template) -> Vec<Difference> {
    [
        difference(&stored.title, &wanted.title, Difference::Title),
        difference(&stored.text, &wanted.text, Difference::Message),
        difference(&stored.active, &wanted.active, Difference::Active),
        difference(&stored.target_min, &wanted.target_min, Difference::Target),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Swaps with the neighbour. At the end of the list nothing happens.
#[derive(Clone, Debug)]
pub struct TemplateMove {
    /// Which.
    pub template: TemplateId,
    /// Up or down.
    pub up: bool,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for TemplateMove {
    type Answer = ();
    const NAME: &'static str = "template_move";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (template, context) = (&self.template, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(template, self.up))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::TemplateManage).await?;
        key.keep(rows, context.at, &()).await?;
        let place = rows.template_place(template).await?;
        let place = place.ok_or(StoreError::NotFound)?;
        let beside = rows.template_beside(place, self.up).await?;
        let is = beside.as_ref().map_or(place, |(_, beside)| *beside);
        let (was, is) = ([place.to_string()], [is.to_string()]);
        let changes = audit::differences(["place"], Some(was), Some(is));
        audit::changed(rows, context, Self::NAME, template.as_str(), changes).await?;
        let Some((neighbour, beside)) = beside else {
            return Ok(Written::unchanged(()));
        };
        rows.template_set_place(&neighbour, place).await?;
        rows.template_set_place(template, beside).await?;
        Ok(changed(()))
    }
}

/// Deletes a template; requests keep their text. `Conflict` when it is at another version than the one that was seen.
#[derive(Clone, Debug)]
pub struct TemplateDelete {
    /// Which.
    pub template: TemplateId,
    /// The version that was seen; `None`: whichever there is.
    pub version: Option<i64>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for TemplateDelete {
    type Answer = ();
    const NAME: &'static str = "template_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (template, context) = (&self.template, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(template, self.version))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::TemplateManage).await?;
        let stored = rows.template_find(template).await?;
        let stored = stored.ok_or(StoreError::NotFound)?;
        let id = template.as_str();
        if self.version.is_some_and(|seen| seen != stored.version) {
            let refusal = edited_meanwhile(rows, id, TemplateUpdate::NAME, Vec::new(), true);
            return Err(refusal.await?);
        }
        rows.template_delete(template).await?;
        let changes = audited(Some(&stored), None);
        audit::changed(rows, context, Self::NAME, id, changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(changed(()))
    }
}
