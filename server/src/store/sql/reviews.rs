//! Flags for review of workitems.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::reviews::{Review, ReviewDone};
use shared::text::ReviewComment;
use shared::time::Timestamp;

use super::names::shown_name;
use super::rows::{at, at_maybe, before, id, id_maybe, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{ListedReview, ReviewReads, ReviewRows};

macro_rules! reviews {
    ($from:literal, $tail:expr) => {
        concat!(
            "SELECT r.workitem_id, r.number, r.comment, r.flagged_at, r.flagged_by, ",
            shown_name!("f"),
            " AS flagged_name, r.reviewed_at, r.reviewed_by, ",
            shown_name!("d"),
            " AS reviewed_name FROM workitem_reviews r ",
            $from,
            " JOIN users f ON f.id = r.flagged_by LEFT JOIN users d ON d.id = r.reviewed_by WHERE ",
            $tail
        )
    };
}
macro_rules! select_reviews {
    ($tail:literal) => {
        reviews!("", concat!("r.workitem_id = $1 ", $tail))
    };
}
macro_rules! select_listed {
    ($of:literal) => {
        reviews!(
            "INDEXED BY workitem_reviews_at CROSS",
            concat!(
                "(r.flagged_at, r.workitem_id) < ($1, $2) ",
                $of,
                " ORDER BY r.flagged_at DESC, r.workitem_id DESC LIMIT $3"
            )
        )
    };
}
const LATEST: &str = select_reviews!("ORDER BY r.number DESC LIMIT 1");
const FIND: &str = select_reviews!("AND r.number = $2");
const BEFORE: &str = select_listed!("");
const OF_TEAM_BEFORE: &str = select_listed!(
    "AND EXISTS (SELECT 1 FROM workitems w WHERE w.id = r.workitem_id AND w.team_id = $4)"
);
const INSERT: &str =
    "INSERT INTO workitem_reviews (workitem_id, number, comment, flagged_by, flagged_at)
    VALUES ($1, $2, $3, $4, $5)";
const FINISH: &str = "UPDATE workitem_reviews SET reviewed_by = $3, reviewed_at = $4
    WHERE workitem_id = $1 AND number = $2";

fn read(row: &Row) -> Stored<Review> {
    let done = match (
        id_maybe::<UserId>(row, "reviewed_by")?,
        at_maybe(row, "reviewed_at")?,
    ) {
        (Some(id), Some(at)) => Some(ReviewDone {
            by: PersonRef {
                id,
                name: text(row, "reviewed_name")?,
            },
            at,
        }),
        _ => None,
    };
    Ok(Review {
        number: int(row, "number")?,
        by: PersonRef {
            id: id(row, "flagged_by")?,
            name: text(row, "flagged_name")?,
        },
        at: at(row, "flagged_at")?,
        comment: text(row, "comment")?,
        done,
    })
}

fn listed(row: &Row) -> Stored<ListedReview> {
    Ok(ListedReview {
        workitem: id(row, "workitem_id")?,
        review: read(row)?,
    })
}

#[async_trait]
impl<R: Runner> ReviewReads for Rows<R> {
    async fn review_latest(&mut self, workitem: &WorkitemId) -> Stored<Option<Review>> {
        self.quick(|connection| {
            let row = sql(LATEST)
                .bind(workitem.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn review_find(&mut self, workitem: &WorkitemId, number: i64) -> Stored<Option<Review>> {
        self.quick(|connection| {
            let row = sql(FIND)
                .bind(workitem.as_str())
                .bind(number)
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn reviews_before(
        &mut self,
        team: Option<&TeamId>,
        at: Timestamp,
        workitem: &str,
        limit: i64,
    ) -> Stored<Vec<ListedReview>> {
        let (team, workitem) = (team.cloned(), workitem.to_owned());
        self.slow(move |connection| {
            let statements = (OF_TEAM_BEFORE.into(), BEFORE.into());
            let place = (at, &workitem[..]);
            let rows = before(connection, statements, team.as_ref(), place, limit)?;
            rows.iter().map(listed).collect()
        })
        .await
    }
}

#[async_trait]
impl ReviewRows for Rows<Inline<'_>> {
    async fn review_insert(
        &mut self,
        workitem: &WorkitemId,
        number: i64,
        comment: &ReviewComment,
        by: &UserId,
        at: Timestamp,
    ) -> Stored<()> {
        sql(INSERT)
            .bind(workitem.as_str())
            .bind(number)
            .bind(comment.as_str())
            .bind(by.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn review_finish(
        &mut self,
        workitem: &WorkitemId,
        number: i64,
        by: &UserId,
        at: Timestamp,
    ) -> Stored<()> {
        sql(FINISH)
            .bind(workitem.as_str())
            .bind(number)
            .bind(by.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }
}
