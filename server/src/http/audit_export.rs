//! The audit log as a file: `GET /admin/audit/export`, with the filter of the page and `format=csv` or `format=jsonl`; a filter that
//! is misspelt must not export everything, so other fields are refused. It is read and sent in pieces, so it may be of any length.

use axum::body::{Body, Bytes};
use axum::extract::{Extension, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use serde_json::json;
use shared::audit::{AuditChange, AuditQuery};
use shared::error::{AppError, Problem};

use super::SignedIn;
use super::csv;
use super::errors::error_response;
use super::query;
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::audit::{BETWEEN, Export, Exported, holds_ids};

/// The columns of a CSV file.
const COLUMNS: &str =
    "id,time,user,user_name,act,object,object_name,outcome,changes,skipped,digest\r\n";

/// The route of the export.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route("/admin/audit/export", get(export))
        .with_state(desk)
}

#[derive(Clone, Copy)]
enum Format {
    Csv,
    JsonLines,
}

async fn export(
    State(desk): State<Desk>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    let Some(signed_in) = signed_in else {
        let refused = desk.refused(None, "refused_signed_out", "admin/audit/export");
        refused.await;
        return error_response(&AppError::Unauthenticated);
    };
    let filters = AuditQuery::default();
    let known = filters.fields().map(|(name, _)| name);
    if let Err(error) = query::only(&asked, &[&known[..], &["format"]].concat()) {
        return error_response(&error);
    }
    let value = |name: &str| {
        let found = asked.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    let (format, file, kind) = match value("format").as_deref() {
        Some("csv") => (Format::Csv, "audit.csv", "text/csv; charset=utf-8"),
        Some("jsonl") => (Format::JsonLines, "audit.jsonl", "application/x-ndjson"),
        _ => {
            let detail = "csv, jsonl".to_owned();
            let error = AppError::invalid("format", Problem::Unreadable { detail });
            return error_response(&error);
        }
    };
    let query = AuditQuery::of(value);
    let export = match desk.audit_export(&signed_in.actor, &query).await {
        Ok(export) => export,
        Err(error) => return error_response(&error),
    };
    let disposition = format!("attachment; filename=\"{file}\"");
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, body(desk, export, format)).into_response()
}

/// The rows in pieces. A database that cannot be read breaks the answer off, so that nobody takes it for whole.
fn body(desk: Desk, export: Export, format: Format) -> Body {
    let head = match format {
        Format::Csv => Some(Bytes::from_static(COLUMNS.as_bytes())),
        Format::JsonLines => None,
    };
    let rows = stream::try_unfold((desk, export), move |(desk, mut export)| async move {
        let rows = desk.audit_export_next(&mut export).await;
        let rows = rows.map_err(|error| std::io::Error::other(format!("{error:?}")))?;
        let write = match format {
            Format::Csv => csv_row,
            Format::JsonLines => json_line,
        };
        let text: String = rows.iter().map(write).collect();
        Ok::<_, std::io::Error>((!text.is_empty()).then(|| (Bytes::from(text), (desk, export))))
    });
    let head = stream::iter(head.map(Ok));
    Body::from_stream(futures_util::StreamExt::chain(head, rows))
}

fn json_line(Exported { row, names }: &Exported) -> String {
    let actor = row.actor.as_ref();
    let line = json!({
        "id": row.id,
        "at": row.at,
        "time": row.at.rfc3339(),
        "actor": actor.map(|actor| &actor.id),
        "actor_name": actor.map(|actor| &actor.name),
        "what": row.what,
        "about": row.about,
        "about_name": row.about_name,
        "outcome": row.outcome,
        "changes": row.changes,
        "names": names,
        "skipped": row.skipped,
        "digest": row.digest,
    });
    format!("{line}\n")
}

fn csv_row(exported: &Exported) -> String {
    let row = &exported.row;
    let actor = row.actor.as_ref();
    let changes = row.changes.iter().map(|change| {
        let (was, is) = (&change.was, &change.is);
        let (was, is) = (
            value(exported, change, was.as_deref()),
            value(exported, change, is.as_deref()),
        );
        format!("{}: {was} → {is}", change.field)
    });
    let changes: Vec<String> = changes.collect();
    let fields = [
        row.id.to_string(),
        row.at.rfc3339(),
        actor.map_or_else(String::new, |actor| actor.id.to_string()),
        actor.map_or_else(String::new, |actor| actor.name.clone()),
        row.what.clone(),
        row.about.clone(),
        row.about_name.clone().unwrap_or_default(),
        row.outcome.code().to_owned(),
        changes.join("; "),
        row.skipped.to_string(),
        row.digest.clone(),
    ];
    csv::csv_line(fields.iter().map(String::as_str))
}

/// A value of a change, with the names of its ids.
fn value(exported: &Exported, change: &AuditChange, value: Option<&str>) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    if !holds_ids(&change.field) {
        return value.to_owned();
    }
    let named = value.split(BETWEEN).map(|id| match exported.names.get(id) {
        Some(name) => format!("{name} ({id})"),
        None => id.to_owned(),
    });
    let named: Vec<String> = named.collect();
    named.join(BETWEEN)
}
