//! What is kept of days that are over, compared with their conversations.

use futures_util::TryStreamExt;
use shared::workitem::Channel;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::finding::Finding;
use crate::store::sql::conversation_counts::{Counts, DAY, Times};

/// What [`verify`] is called in front of a finding.
const RULE: &str = "day figures";
/// How many days are listed.
const LISTED: usize = 100;

/// Days that have closed conversations, or of which something is kept, and have not changed since they were counted.
const DAYS: &str = "SELECT team_id, day FROM (
        SELECT DISTINCT team_id, started_at / 86400000000 AS day FROM workitems WHERE state = 'closed'
        UNION SELECT team_id, day FROM conversation_days) days
    WHERE NOT EXISTS (SELECT 1 FROM workitems_changed c WHERE c.day = days.day AND c.team_id = days.team_id)
    ORDER BY team_id, day";
const CONVERSATIONS: &str =
    "SELECT channel, started_at, first_answer_at, first_given_at, last_activity_at, shut_at
    FROM workitems INDEXED BY workitems_figures
    WHERE state = 'closed' AND team_id = ?1 AND started_at >= ?2 AND started_at < ?3";
const KEPT: &str = "SELECT channel, figures FROM conversation_days WHERE team_id = ?1 AND day = ?2 ORDER BY channel";

fn add(counts: &mut Counts, row: &SqliteRow) -> Result<(), sqlx::Error> {
    // The rule about stored values names a channel that nobody knows.
    if let Some(channel) = Channel::from_code(row.try_get("channel")?) {
        let times = Times {
            began: row.try_get("started_at")?,
            answered: row.try_get("first_answer_at")?,
            given: row.try_get("first_given_at")?,
            last: row.try_get("last_activity_at")?,
            shut: row.try_get("shut_at")?,
        };
        counts.add(channel, &times);
    }
    Ok(())
}

/// Whether what is kept of a day is what its conversations come to.
async fn is_right(
    connection: &mut SqliteConnection,
    team: &str,
    day: i64,
) -> Result<bool, sqlx::Error> {
    let mut counts = Counts::default();
    let mut rows = sqlx::query(CONVERSATIONS)
        .bind(team)
        .bind(day * DAY)
        .bind((day + 1) * DAY)
        .fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        add(&mut counts, &row)?;
    }
    drop(rows);
    let counted = counts.kept(day).into_iter();
    let mut counted: Vec<(String, Vec<u8>)> = counted
        .map(|(channel, figures)| (channel.code().to_owned(), figures))
        .collect();
    counted.sort_unstable();
    let kept: Vec<(String, Vec<u8>)> = sqlx::query_as(KEPT)
        .bind(team)
        .bind(day)
        .fetch_all(connection)
        .await?;
    Ok(counted == kept)
}

/// Days of which something else is kept than their conversations come to.
pub(super) async fn verify(connection: &mut SqliteConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let mut findings = Vec::new();
    let days: Vec<(String, i64)> = sqlx::query_as(DAYS).fetch_all(&mut *connection).await?;
    for (team, day) in days {
        if findings.len() == LISTED {
            break;
        }
        if !is_right(connection, &team, day).await? {
            findings.push(Finding {
                rule: RULE,
                what: format!(
                    "day {day} of team {team} is kept with other figures than its conversations have"
                ),
            });
        }
    }
    Ok(findings)
}
