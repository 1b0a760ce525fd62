//! How customers rated their chats.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::text::RatingComment;

use super::runner::{Inline, Rows};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{NewRating, RatingRows};

const INSERT: &str =
    "INSERT INTO customer_ratings (workitem_id, at, rating, comment, team_id, agent_id)
    VALUES ($1, $2, $3, $4, $5, $6)";

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
