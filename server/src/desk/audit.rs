//! The audit log, as those who may view it read and export it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use app::backend::{ApiResult, Audit};
use async_trait::async_trait;
use i18n::audit_value;
use shared::audit::{
    AuditChange, AuditCursor, AuditFilter, AuditPage, AuditQuery, AuditRow, SHOWN, Says, says,
};
use shared::fold::folded;
use shared::ids::UserId;
use shared::language::Language;
use shared::people::Actor;
use shared::policy::{Action, can};
use shared::text::{isolated, listed};

use super::{Desk, to_app_error};
use crate::commands::AuditExport;
use crate::store::{Snapshot, Stored};

/// How many rows a page has.
const PAGE: i64 = 50;
/// How many rows of an export are read at once.
const CHUNK: i64 = 500;

/// The beginnings of the acts whose objects have names, beside users and teams.
const NAMED: [&str; 12] = [
    "alert_rule_",
    "channel_",
    "chat_",
    "label_",
    "provider_channel_",
    "role_",
    "saved_text_",
    "template_",
    "token_",
    "view_",
    "wall_",
    "webhook_",
];
/// What stands between several ids.
pub(crate) const BETWEEN: &str = ", ";

/// A row of an export, which says the names beside the ids.
#[derive(Debug)]
pub(crate) struct Exported {
    /// The row.
    pub(crate) row: AuditRow,
    /// The names behind the ids in its values, as far as there are any.
    pub(crate) names: BTreeMap<String, String>,
}

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
    async fn audit_list(
        &self,
        actor: &Actor,
        query: AuditQuery,
        language: Option<Language>,
    ) -> ApiResult<AuditPage> {
        self.allow(actor, Action::AuditView).await?;
        let (filter, before) = query.parse()?;
        let mut snapshot = self.snapshot().await?;
        // One more than is shown tells whether there are older ones.
        let found = rows_of(&mut *snapshot, &filter, before, PAGE + 1).await;
        let mut rows = found.map_err(to_app_error)?;
        let older = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let last = rows.last().filter(|_| older);
        let next = last.map(|row| place(row).text());
        let mut names = Names::default();
        let named = name_objects(&mut *snapshot, &mut rows, &mut names).await;
        named.map_err(to_app_error)?;
        let named = name_values(&mut *snapshot, &mut rows, &mut names).await;
        named.map_err(to_app_error)?;
        if let Some(language) = language {
            for row in &mut rows {
                let said = say_values(&mut *snapshot, row, &mut names, language).await;
                said.map_err(to_app_error)?;
            }
        }
        Ok(AuditPage { rows, next })
    }
}

/// The rows that pass a filter, whose object is an id or a name: then those of everything that is called so now.
async fn rows_of(
    snapshot: &mut dyn Snapshot,
    filter: &AuditFilter,
    before: AuditCursor,
    limit: i64,
) -> Stored<Vec<AuditRow>> {
    let Some(object) = &filter.object else {
        return snapshot.audit_page(filter, before, limit).await;
    };
    let mut ids = snapshot.audit_objects_named(object).await?;
    if !ids.contains(object) {
        ids.push(object.clone());
    }
    let mut rows = Vec::new();
    for id in ids {
        let of_one = AuditFilter {
            object: Some(id),
            ..filter.clone()
        };
        rows.extend(snapshot.audit_page(&of_one, before, limit).await?);
    }
    rows.sort_by_key(|row| Reverse(place(row)));
    rows.truncate(limit as usize);
    Ok(rows)
}

/// Names that were looked up, by id; of what is gone the one that it had then. Nothing: what has this id has no name, or none that the
/// log may say.
#[derive(Debug, Default)]
struct Names(HashMap<String, Option<String>>);

impl Names {
    async fn of(&mut self, snapshot: &mut dyn Snapshot, id: &str) -> Stored<Option<String>> {
        if let Some(known) = self.0.get(id) {
            return Ok(known.clone());
        }
        let mut name = snapshot.audit_name(id).await?;
        if name.is_none() {
            name = name_in(&snapshot.audit_deleted(id).await?);
        }
        self.0.insert(id.to_owned(), name.clone());
        Ok(name)
    }
}

/// Names the objects that have a name, or had one when the row was written.
async fn name_objects(
    snapshot: &mut dyn Snapshot,
    rows: &mut [AuditRow],
    names: &mut Names,
) -> Stored<()> {
    for row in rows {
        let kind = |prefix: &&str| row.what.starts_with(*prefix);
        if row.about_name.is_none() && NAMED.iter().any(kind) {
            let now = names.of(snapshot, &row.about).await?;
            row.about_name = now.or_else(|| name_in(&row.changes));
        }
    }
    Ok(())
}

/// The name that an act gave or took.
fn name_in(changes: &[AuditChange]) -> Option<String> {
    let mut changes = changes.iter();
    let named = changes.find(|change| matches!(&change.field[..], "name" | "title"))?;
    named.is.clone().or_else(|| named.was.clone())
}

/// Puts names in place of the ids in values, for those who read a page. An export has both.
async fn name_values(
    snapshot: &mut dyn Snapshot,
    rows: &mut [AuditRow],
    names: &mut Names,
) -> Stored<()> {
    for row in rows {
        for change in &mut row.changes {
            if !holds_ids(&change.field) {
                continue;
            }
            for value in [&mut change.was, &mut change.is].into_iter().flatten() {
                let mut shown = Vec::new();
                for id in value.split(BETWEEN) {
                    let name = names.of(snapshot, id).await?;
                    shown.push(name.unwrap_or_else(|| id.to_owned()));
                }
                // As they stand in other lists.
                shown.sort_by_cached_key(|name| folded(name));
                *value = listed(shown.iter().map(String::as_str));
            }
        }
    }
    Ok(())
}

/// Puts words in place of the codes in the values of a row, for those who read a page. An export has the codes.
async fn say_values(
    snapshot: &mut dyn Snapshot,
    row: &mut AuditRow,
    names: &mut Names,
    language: Language,
) -> Stored<()> {
    let mut said = Vec::new();
    for change in std::mem::take(&mut row.changes) {
        match (&change.field[..], &change.was, &change.is) {
            ("permissions", Some(was), Some(is)) => {
                said.extend(permissions_changed(language, was, is));
            }
            (field @ ("ambiguous" | "roles"), was, is) => {
                let was = say_roles(snapshot, was.as_deref(), names, language).await?;
                let is = say_roles(snapshot, is.as_deref(), names, language).await?;
                let field = field.to_owned();
                said.push(AuditChange { field, was, is });
            }
            (field, was, is) => {
                let words = |value: &String| audit_value(language, field, value);
                said.push(AuditChange {
                    field: field.to_owned(),
                    was: was.as_ref().map(words),
                    is: is.as_ref().map(words),
                });
            }
        }
    }
    // Nothing that became nothing.
    said.retain(|change| {
        let mut sides = [&change.was, &change.is].into_iter().flatten();
        change.was.is_none() || !sides.all(String::is_empty)
    });
    row.changes = said;
    Ok(())
}

/// What a role has now and had not before, and what it had and has not: each where there is any.
fn permissions_changed(language: Language, was: &str, is: &str) -> Vec<AuditChange> {
    let beyond = |codes: &str, others: &str| -> Vec<String> {
        let codes = codes.split(BETWEEN).filter(|code| !code.is_empty());
        let beyond = codes.filter(|code| !others.split(BETWEEN).any(|other| other == *code));
        beyond.map(str::to_owned).collect()
    };
    let [added, removed] = SHOWN;
    let lists = [(added, beyond(is, was)), (removed, beyond(was, is))];
    let lists = lists.into_iter().filter(|(_, codes)| !codes.is_empty());
    lists
        .map(|(field, codes)| AuditChange {
            field: field.to_owned(),
            was: None,
            is: Some(audit_value(language, "permissions", &codes.join(BETWEEN))),
        })
        .collect()
}

/// Roles in words: `supervisor/ID` is one that was built.
async fn say_roles(
    snapshot: &mut dyn Snapshot,
    roles: Option<&str>,
    names: &mut Names,
    language: Language,
) -> Stored<Option<String>> {
    let Some(roles) = roles else {
        return Ok(None);
    };
    let mut said = Vec::new();
    for role in roles.split(BETWEEN) {
        let (kind, built) = match role.split_once('/') {
            Some((kind, id)) => (kind, Some(id)),
            None => (role, None),
        };
        let kind = audit_value(language, "roles", kind);
        said.push(match built {
            Some(id) => {
                let name = names.of(snapshot, id).await?;
                format!("{kind}: {}", isolated(name.as_deref().unwrap_or(id)))
            }
            None => kind,
        });
    }
    Ok(Some(said.join(BETWEEN)))
}

/// The names behind the ids in the values of a row.
async fn names_in(
    snapshot: &mut dyn Snapshot,
    row: &AuditRow,
    names: &mut Names,
) -> Stored<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for change in row.changes.iter().filter(|change| holds_ids(&change.field)) {
        for value in [&change.was, &change.is].into_iter().flatten() {
            for id in value.split(BETWEEN) {
                if let Some(name) = names.of(snapshot, id).await? {
                    found.insert(id.to_owned(), name);
                }
            }
        }
    }
    Ok(found)
}

/// Whether a change of this field says ids.
pub(crate) fn holds_ids(field: &str) -> bool {
    says(field) == Some(Says::Ids)
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
    pub(crate) async fn audit_export_next(&self, export: &mut Export) -> ApiResult<Vec<Exported>> {
        let Some(before) = export.before.take() else {
            return Ok(Vec::new());
        };
        let actor = self.actor_load(&export.actor).await.map_err(to_app_error)?;
        if actor.is_none_or(|actor| can(&actor, Action::AuditView).is_err()) {
            return Ok(Vec::new());
        }
        let mut snapshot = self.snapshot().await?;
        let found = rows_of(&mut *snapshot, &export.filter, before, CHUNK).await;
        let mut rows = found.map_err(to_app_error)?;
        export.before = rows.last().map(place);
        let mut names = Names::default();
        let named = name_objects(&mut *snapshot, &mut rows, &mut names).await;
        named.map_err(to_app_error)?;
        let mut exported = Vec::with_capacity(rows.len());
        for row in rows {
            let names = names_in(&mut *snapshot, &row, &mut names).await;
            let names = names.map_err(to_app_error)?;
            exported.push(Exported { row, names });
        }
        Ok(exported)
    }
}
