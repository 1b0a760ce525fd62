//! Verifying a database: what must be true of it, asked of the whole file in one state. Reads only, also while a
//! Sideline runs on it.

mod rules;

use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};

use super::finding::Finding;
use super::open::{self, OpenError};
use super::{audit_chain, day_figures, history};
use rules::{FOREIGN_KEYS, INTEGRITY, RULES};

/// How many findings of one rule are listed; a broken file has no end of them.
const TOLD: usize = 100;

/// Everything that is wrong with the database at `path`. Empty: it is in order.
pub async fn verify(path: &Path) -> Result<Vec<Finding>, OpenError> {
    let mut connection = open::reading(path).await?;
    let failed = |error: sqlx::Error| open::database(path, &error);
    // Damage below the tables makes answers about them worthless, or impossible.
    let mut findings = integrity(&mut connection).await;
    if findings.is_empty() {
        let mut state = connection.begin().await.map_err(failed)?;
        findings = foreign_keys(&mut state).await.map_err(failed)?;
        for rule in RULES {
            let rows = sqlx::query(rule.broken_by)
                .fetch_all(&mut *state)
                .await
                .map_err(failed)?;
            for row in rows.iter().take(TOLD) {
                findings.push(Finding {
                    rule: rule.name,
                    what: row.try_get("what").map_err(failed)?,
                });
            }
        }
        findings.extend(audit_chain::verify(&mut state).await.map_err(failed)?);
        findings.extend(history::verify(&mut state).await.map_err(failed)?);
        findings.extend(day_figures::verify(&mut state).await.map_err(failed)?);
        state.rollback().await.map_err(failed)?;
    }
    // It was only read: how it is closed changes nothing.
    let _ = connection.close().await;
    Ok(findings)
}

/// A file that is damaged enough makes the question itself fail; that is an answer as well.
async fn integrity(connection: &mut SqliteConnection) -> Vec<Finding> {
    let asked = async {
        let rows = sqlx::query("SELECT integrity_check AS said FROM pragma_integrity_check")
            .fetch_all(connection)
            .await?;
        let said = rows.iter().map(|row| row.try_get::<String, _>("said"));
        said.collect::<Result<Vec<_>, _>>()
    };
    let said = asked.await.unwrap_or_else(|error| vec![error.to_string()]);
    said.into_iter()
        .filter(|said| said != "ok")
        .map(|what| Finding {
            rule: INTEGRITY,
            what,
        })
        .collect()
}

async fn foreign_keys(connection: &mut SqliteConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT \"table\" AS child, rowid, parent FROM pragma_foreign_key_check")
            .fetch_all(connection)
            .await?;
    rows.iter()
        .take(TOLD)
        .map(|row| {
            let (child, parent): (String, String) = (row.try_get("child")?, row.try_get("parent")?);
            let number: Option<i64> = row.try_get("rowid")?;
            let number = number.map_or_else(|| "?".to_owned(), |number| number.to_string());
            Ok(Finding {
                rule: FOREIGN_KEYS,
                what: format!("row {number} of {child} points to nothing in {parent}"),
            })
        })
        .collect()
}
