//! The chain of the audit log: each row carries a digest of itself and of the row before, so that no row can be changed or
//! taken out of the middle without a trace. It proves nothing against somebody who can rewrite the whole file; a digest that
//! was exported earlier does.
//!
//! The digest is SHA-256 of the digest before in hex, a line feed, and the row as a JSON array without blanks:
//! `[id,at,actor,what,about,outcome,changes,skipped]`, in which `changes` is a text. What retention deletes from the front
//! leaves its last number and digest in `audit_anchor`, and the chain goes on from there.

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::verify::Finding;

/// What [`verify`] is called in front of a finding.
const RULE: &str = "audit chain";
/// How many broken links are listed.
const LISTED: usize = 100;

/// The columns of a row that its digest is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link<'a> {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) actor: Option<&'a str>,
    pub(super) what: &'a str,
    pub(super) about: &'a str,
    pub(super) outcome: &'a str,
    pub(super) changes: &'a str,
    pub(super) skipped: i64,
}

impl Link<'_> {
    /// The digest of this row behind the one with the digest `before`.
    pub(super) fn digest(&self, before: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let row = serde_json::to_string(&(
            self.id,
            self.at,
            self.actor,
            self.what,
            self.about,
            self.outcome,
            self.changes,
            self.skipped,
        ))?;
        let mut digest = Sha256::new();
        digest.update(hex::encode(before));
        digest.update("\n");
        digest.update(row);
        Ok(digest.finalize().to_vec())
    }
}

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
