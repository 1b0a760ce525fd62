//! What a coaching message has beside its entry: its text, the agent's reaction, and what became of it. Replies of agents, and
//! who has seen them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use shared::ids::{EntryId, TeamId, UserId, WorkitemId};
use shared::text::CoachingText;
use shared::time::Timestamp;
use shared::transcript::Reaction;
use shared::workitem::{Channel, ReplyNotice};

use crate::store::Stored;

/// A coaching message.
#[derive(Clone, Debug)]
pub struct CoachingRow {
    /// Who wrote it.
    pub author: UserId,
    /// What was said.
    pub text: CoachingText,
    /// What the agent thinks of it.
    pub reaction: Option<Reaction>,
    /// Which agent does, where that was kept.
    pub reaction_by: Option<UserId>,
    /// The agent's message that forwarded it.
    pub forwarded_entry: Option<EntryId>,
    /// The team that gave it, when the workitem has left that team.
    pub sealed_team: Option<TeamId>,
}

/// The conversation for which coaching that helped is looked for.
#[derive(Clone, Debug)]
pub struct HelpedLike {
    /// Its team.
    pub team: TeamId,
    /// Its channel.
    pub channel: Channel,
    /// Words that say what it is about, as they are compared. Each is looked for in the indexes of words.
    pub words: Vec<String>,
    /// The text of its open request for assistance.
    pub request: Option<String>,
}

/// A coaching message that helped.
#[derive(Clone, Debug)]
pub struct HelpedRow {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Which.
    pub entry: EntryId,
    /// When it was written.
    pub at: Timestamp,
    /// What its workitem was about.
    pub subject: String,
    /// What was said.
    pub text: String,
    /// Which of the words stand in it, or in what the customer of its workitem wrote.
    pub words: BTreeSet<String>,
    /// Whether the same was asked from its workitem.
    pub asked: bool,
}

/// Reads of coaching.
#[async_trait]
pub trait CoachingReads: Send {
    /// The coaching message of an entry, if the entry is one and belongs to this workitem. An agent's reply is none.
    async fn coaching_find(
        &mut self,
        workitem: &WorkitemId,
        entry: &EntryId,
    ) -> Stored<Option<CoachingRow>>;
    /// Who has coached in a workitem, but for coaching that stays with another team.
    async fn coaching_authors(&mut self, workitem: &WorkitemId) -> Stored<Vec<UserId>>;
    /// Coaching that was liked or forwarded in workitems of a team on a channel, and stays with no other team: the latest, and
    /// what is like a conversation. Each once, in no order.
    async fn coaching_helped(&mut self, like: &HelpedLike) -> Stored<Vec<HelpedRow>>;
    /// Whom replies in a workitem wait for.
    async fn replies_wait_for(&mut self, workitem: &WorkitemId) -> Stored<Vec<UserId>>;
    /// The replies that a supervisor has not seen, of each workitem the newest, but for those that stay with another team. In
    /// no order.
    async fn replies_unseen(&mut self, supervisor: &UserId) -> Stored<Vec<ReplyNotice>>;
}

/// Writes of coaching. A coaching message is inserted with its entry.
#[async_trait]
pub trait CoachingRows: Send {
    /// Sets or clears the agent's reaction.
    async fn coaching_set_reaction(
        &mut self,
        entry: &EntryId,
        reaction: Option<Reaction>,
        by: &UserId,
    ) -> Stored<()>;
    /// Sets when its notice was dismissed, unless it was. Answers whether it was not.
    async fn coaching_set_dismissed(&mut self, entry: &EntryId, at: Timestamp) -> Stored<bool>;
    /// Sets when the coaching up to entry number `through` was seen, where it was not and is not another team's. Answers
    /// its entries.
    async fn coaching_set_seen(
        &mut self,
        workitem: &WorkitemId,
        through: i64,
        at: Timestamp,
    ) -> Stored<Vec<EntryId>>;
    /// Notes to whom a reply goes.
    async fn reply_address(&mut self, entry: &EntryId, supervisor: &UserId) -> Stored<()>;
    /// Sets when a supervisor saw the replies up to entry number `through`, where they have not and it is not another team's.
    /// Answers their entries.
    async fn replies_set_seen(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        through: i64,
        at: Timestamp,
    ) -> Stored<Vec<EntryId>>;
    /// Marks the coaching in a workitem as this team's, where it is not yet another's.
    async fn coaching_seal(&mut self, workitem: &WorkitemId, team: &TeamId) -> Stored<()>;
    /// Sets which message forwarded it, and when.
    async fn coaching_set_forwarded(
        &mut self,
        entry: &EntryId,
        at: Timestamp,
        message: &EntryId,
    ) -> Stored<()>;
}
