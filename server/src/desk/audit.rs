//! The audit log, as those who may view it read and export it.

use std::collections::HashMap;

use app::backend::{ApiResult, Audit};
use async_trait::async_trait;
use shared::audit::{AuditChange, AuditCursor, AuditFilter, AuditPage, AuditQuery, AuditRow};
use shared::ids::UserId;
use shared::people::Actor;
use shared::policy::{Action, can};

use super::{Desk, to_app_error};
use crate::commands::AuditExport;
use crate::store::{Snapshot, Stored};

/// How many rows a page has.
const PAGE: i64 = 50;
/// How many rows of an export are read at once.
const CHUNK: i64 = 500;

/// An export under way: what it asks for, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    actor: UserId,
    filter: AuditFilter,
    /// `None`: it is complete.
    before: Option<AuditCursor>,
}

fn place(row: &AuditRow) -> AuditCursor {
    AuditCursor(row.at, row.id)
}

#[async_trait]
impl Audit for Desk {
    async fn audit_list(&self, actor: &Actor, query: AuditQuery) -> ApiResult<AuditPage> {
        self.allow(actor, Action::AuditView).await?;
        let (filter, before) = query.parse()?;
        let mut snapshot = self.snapshot().await?;
        // One more than is shown tells whether there are older ones.
        let found = snapshot.audit_page(&filter, before, PAGE + 1).await;
        let mut rows = found.map_err(to_app_error)?;
        let older = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let last = rows.last().filter(|_| older);
        let next = last.map(|row| place(row).text());
        let named = name_agents(&mut *snapshot, &mut rows).await;
        named.map_err(to_app_error)?;
        Ok(AuditPage { rows, next })
    }
}

/// Puts the names of agents in place of their ids, for those who read a page. An export has the ids.
async fn name_agents(snapshot: &mut dyn Snapshot, page: &mut [AuditRow]) -> Stored<()> {
    let mut names: HashMap<String, String> = HashMap::new();
    for row in page {
        for change in &mut row.changes {
            if change.field != "agent" {
                continue;
            }
            for value in [&mut change.was, &mut change.is].into_iter().flatten() {
                let name = match names.get(value.as_str()) {
                    Some(known) => known.clone(),
                    None => {
                        let name = staff_name(snapshot, value).await?;
                        let name = name.unwrap_or_else(|| value.clone());
                        names.insert(value.clone(), name.clone());
                        name
                    }
                };
                *value = name;
            }
        }
    }
    Ok(())
}

/// The name of a user as staff read it; nothing for what is nobody's id.
async fn staff_name(snapshot: &mut dyn Snapshot, id: &str) -> Stored<Option<String>> {
    let Ok(user) = UserId::parse(id) else {
        return Ok(None);
    };
    let Some(person) = snapshot.person_find(&user, false).await? else {
        return Ok(None);
    };
    let namesake = snapshot.username_of_namesake(&user).await?;
    Ok(Some(match namesake {
        Some(username) => format!("{} ({username})", person.name),
        None => person.name,
    }))
}

impl Desk {
    /// Begins an export, which is in the log itself.
    pub(crate) async fn audit_export(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> ApiResult<Export> {
        self.allow(actor, Action::AuditView).await?;
        let (filter, before) = query.parse()?;
        let asked = query.fields().into_iter();
        let asked = asked.filter(|(_, value)| !value.is_empty());
        let asked = asked.map(|(field, value)| AuditChange {
            field: field.to_owned(),
            was: None,
            is: Some(value.to_owned()),
        });
        let command = AuditExport {
            actor: actor.id.clone(),
            asked: asked.collect(),
            at: self.now(),
        };
        self.execute(command).await?;
        Ok(Export {
            actor: actor.id.clone(),
            filter,
            before: Some(before),
        })
    }

    /// The next rows of an export; none when it is complete, or when the right to it is gone.
    pub(crate) async fn audit_export_next(&self, export: &mut Export) -> ApiResult<Vec<AuditRow>> {
        let Some(before) = export.before.take() else {
            return Ok(Vec::new());
        };
        let actor = self.actor_load(&export.actor).await.map_err(to_app_error)?;
        if actor.is_none_or(|actor| can(&actor, Action::AuditView).is_err()) {
            return Ok(Vec::new());
        }
        let mut rows = self.snapshot().await?;
        let found = rows.audit_page(&export.filter, before, CHUNK).await;
        let rows = found.map_err(to_app_error)?;
        export.before = rows.last().map(place);
        Ok(rows)
    }
}
