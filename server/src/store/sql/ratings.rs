//! How customers rated their chats.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId};
use shared::people::PersonRef;
use shared::text::RatingComment;
use shared::time::Timestamp;

use super::names::shown_name;
use super::rows::{at, before, id, id_maybe, int, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{ListedRating, NewRating, RatingReads, RatingRows};

const INSERT: &str =
    "INSERT INTO customer_ratings (workitem_id, at, rating, comment, team_id, agent_id)
    VALUES ($1, $2, $3, $4, $5, $6)";
macro_rules! select_ratings {
    ($index:literal, $tail:literal) => {
        concat!(
            "SELECT r.workitem_id, r.at, r.rating, r.comment, r.team_id, t.name AS team_name, r.agent_id, ",
            shown_name!("a"),
            " AS agent_name FROM customer_ratings r INDEXED BY ",
            $index,
            " CROSS JOIN teams t ON t.id = r.team_id LEFT JOIN users a ON a.id = r.agent_id WHERE ",
            $tail,
            " ORDER BY r.at DESC, r.workitem_id DESC LIMIT $3"
        )
    };
}
const BEFORE: &str = select_ratings!("customer_ratings_at", "(r.at, r.workitem_id) < ($1, $2)");
const OF_TEAM_BEFORE: &str = select_ratings!(
    "customer_ratings_figures",
    "r.team_id = $4 AND (r.at, r.workitem_id) < ($1, $2)
        AND EXISTS (SELECT 1 FROM workitems w WHERE w.id = r.workitem_id AND w.team_id = $4)"
);

fn listed(row: &Row) -> Stored<ListedRating> {
    let agent = match id_maybe(row, "agent_id")? {
        Some(id) => Some(PersonRef {
            id,
            name: text(row, "agent_name")?,
        }),
        None => None,
    };
    Ok(ListedRating {
        workitem: id(row, "workitem_id")?,
        at: at(row, "at")?,
        score: int(row, "rating")?,
        comment: text_maybe(row, "comment")?,
        team: id(row, "team_id")?,
        team_name: text(row, "team_name")?,
        agent,
    })
}

#[async_trait]
impl<R: Runner> RatingReads for Rows<R> {
    async fn ratings_before(
        &mut self,
        team: Option<&TeamId>,
        at: Timestamp,
        workitem: &str,
        limit: i64,
    ) -> Stored<Vec<ListedRating>> {
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
impl RatingRows for Rows<Inline<'_>> {
    async fn customer_rating_insert(&mut self, new: &NewRating) -> Stored<()> {
        sql(INSERT)
            .bind(new.workitem.as_str())
            .bind(new.at.0)
            .bind(new.rating.score.number())
            .bind(new.rating.comment.as_ref().map(RatingComment::as_str))
            .bind(new.team.as_str())
            .bind(new.agent.as_ref().map(UserId::as_str))
            .execute(self.connection())?;
        Ok(())
    }
}
