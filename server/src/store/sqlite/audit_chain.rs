//! The chain of the audit log as a whole: begun by its migration, and verified.

use futures_util::TryStreamExt;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::finding::Finding;
use crate::store::sql::audit_chain::Link;

/// What [`verify`] is called in front of a finding.
const RULE: &str = "audit chain";
/// How many broken links are listed.
const LISTED: usize = 100;

const ANCHOR: &str = "SELECT last_id, digest FROM audit_anchor WHERE one = 1";
const ROWS: &str = "SELECT id, at, actor_id, what, about, outcome, changes, skipped, digest FROM audit ORDER BY id";

fn digest_of(row: &SqliteRow, before: &[u8]) -> Result<Vec<u8>, sqlx::Error> {
    let link = Link {
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor_id")?,
        what: row.try_get("what")?,
        about: row.try_get("about")?,
        outcome: row.try_get("outcome")?,
        changes: row.try_get("changes")?,
        skipped: row.try_get("skipped")?,
    };
    link.digest(before)
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// Puts the rows of the releases before into a chain. Belongs to the migration that begins it.
pub(super) async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut before: Vec<u8> = sqlx::query(ANCHOR)
        .fetch_one(&mut *connection)
        .await?
        .try_get("digest")?;
    let rows = sqlx::query(ROWS).fetch_all(&mut *connection).await?;
    for row in &rows {
        before = digest_of(row, &before)?;
        sqlx::query("UPDATE audit SET digest = $1 WHERE id = $2")
            .bind(&before)
            .bind(row.try_get::<i64, _>("id")?)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Where the chain is broken.
pub(super) async fn verify(connection: &mut SqliteConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let anchor = sqlx::query(ANCHOR).fetch_one(&mut *connection).await?;
    let (mut last, mut before): (i64, Vec<u8>) =
        (anchor.try_get("last_id")?, anchor.try_get("digest")?);
    let mut findings = Vec::new();
    let mut rows = sqlx::query(ROWS).fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        let id: i64 = row.try_get("id")?;
        let digest: Vec<u8> = row.try_get("digest")?;
        let what = if id != last + 1 {
            Some(format!("rows {} to {} are missing", last + 1, id - 1))
        } else if digest_of(&row, &before)? != digest {
            Some(format!("row {id} is not the one that was written there"))
        } else {
            None
        };
        if let Some(what) = what.filter(|_| findings.len() < LISTED) {
            findings.push(Finding { rule: RULE, what });
        }
        (last, before) = (id, digest);
    }
    Ok(findings)
}
