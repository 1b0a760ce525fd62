//! A customer rates a chat that has ended: once, and for staff alone. Nothing here writes a line that a customer sees.

use async_trait::async_trait;
use shared::error::ConflictCause;
use shared::ids::{ChannelKey, CommandKey, EntryId, WorkitemId};
use shared::notice::Notice;
use shared::rating::Rating;
use shared::time::Timestamp;

use super::entries;
use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::workitems::list_change;
use crate::store::rows::{NewEntry, NewRating};
use crate::store::{Change, Command, CustomerVisit, StoreError, Stored, Transaction, Written};

/// Keeps what a visitor says of their latest conversation, with a line for staff. `NotFound` when they mean another one, or its
/// end asked nothing; `Conflict` while it goes on, and once it is rated.
#[derive(Clone, Debug)]
pub struct CustomerRate {
    /// The chat channel.
    pub channel: ChannelKey,
    /// Hash of the visitor's token, in hex.
    pub visitor: String,
    /// When the conversation that they mean began; nothing: their latest one.
    pub began: Option<Timestamp>,
    /// What they say.
    pub rating: Rating,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it (per visitor) gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for CustomerRate {
    type Answer = ();
    const NAME: &'static str = "customer_rate";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let sender = format!("visitor/{}/{}", self.channel, self.visitor);
        let content = (self.began, &self.rating);
        let key = IdempotencyKey::of(sender, &self.key, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let visit = rows.customer_visit_find(&self.channel, &self.visitor);
        let visit = visit.await?.filter(|visit| self.means(visit));
        let visit = visit.ok_or(StoreError::NotFound)?;
        if let Some(refusal) = refusal(&visit) {
            return Err(refusal);
        }
        let line = (&self.entry, self.at);
        let mut changes = insert(rows, &visit.workitem, &self.rating, line).await?;
        events::report(rows, &Event::rated(&visit.workitem), self.at, &mut changes).await?;
        key.keep(rows, self.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Keeps how a workitem was rated that was stored whole, by a customer of whom there is no visit.
#[derive(Clone, Debug)]
pub struct RatingImport {
    /// Which workitem; nobody rated it.
    pub workitem: WorkitemId,
    /// What its customer said.
    pub rating: Rating,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for RatingImport {
    type Answer = ();
    const NAME: &'static str = "rating_import";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let line = (&self.entry, self.at);
        let changes = insert(rows, &self.workitem, &self.rating, line).await?;
        Ok(Written { value: (), changes })
    }
}

/// Stores a rating with its line for staff.
async fn insert(
    rows: &mut dyn Transaction,
    id: &WorkitemId,
    rating: &Rating,
    (entry, at): (&EntryId, Timestamp),
) -> Stored<Vec<Change>> {
    let row = rows.workitem_find(id).await?;
    let workitem = row.ok_or(StoreError::NotFound)?.workitem;
    let new = NewRating {
        workitem: id.clone(),
        at,
        rating: rating.clone(),
        team: workitem.team,
        agent: workitem.agent.map(|agent| agent.id),
    };
    rows.customer_rating_insert(&new).await?;
    let comment = rating.comment.as_ref();
    let notice = Notice::Rated {
        score: rating.score,
        comment: comment.map(|comment| comment.as_str().to_owned()),
    };
    let mut changes = Vec::new();
    let line = NewEntry::notice(entry.clone(), at, notice);
    entries::append(rows, id, line, &mut changes).await?;
    let row = entries::touch_workitem(rows, id, &mut changes).await?;
    changes.push(list_change(&row.workitem));
    Ok(changes)
}

impl CustomerRate {
    fn means(&self, visit: &CustomerVisit) -> bool {
        self.began.is_none_or(|began| began == visit.began)
    }
}

/// Why the conversation cannot be rated.
fn refusal(visit: &CustomerVisit) -> Option<StoreError> {
    if visit.rated {
        return Some(StoreError::Conflict(ConflictCause::AlreadyRated));
    }
    if !visit.ended {
        return Some(StoreError::Conflict(ConflictCause::NotEnded));
    }
    (!visit.asks).then_some(StoreError::NotFound)
}
