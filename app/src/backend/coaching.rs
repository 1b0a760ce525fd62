//! Coaching, requests for assistance, and the texts that are kept for both.

use async_trait::async_trait;
use shared::assistance::{Ask, Asked, AssistanceOptions, Claim, Settled, Template};
use shared::helped::HelpedBefore;
use shared::ids::{CommandKey, EntryId, RequestId, TeamId, TemplateId, UserId, WorkitemId};
use shared::people::Actor;
use shared::saved_texts::{SavedFor, SavedText};
use shared::text::{CoachingText, ReplyText, TemplateText, TemplateTitle};
use shared::transcript::{Reaction, Sent};
use shared::workitem::{AgentWorkitems, Dashboard, Workitem};

use super::ApiResult;

/// A supervisor beside an agent.
#[async_trait]
pub trait Coaching: Send + Sync {
    /// The agents under the caller's authority.
    async fn dashboard_load(&self, actor: &Actor) -> ApiResult<Dashboard>;
    /// The open workitems of an agent under the caller's authority.
    async fn agent_workitems_load(&self, actor: &Actor, agent: UserId)
    -> ApiResult<AgentWorkitems>;
    /// The same, beside a workitem that the caller may read. None where the agent who has it is not under the caller's authority, and
    /// where it stands under the caller's own name: a page that goes along with its workitem asks for what it may not see, and nobody
    /// has tried anything.
    async fn agent_workitems_beside(
        &self,
        actor: &Actor,
        agent: UserId,
        workitem: WorkitemId,
    ) -> ApiResult<Option<AgentWorkitems>>;
    /// The workitems that wait in the queue of a team that the caller supervises, the first in turn first; a hundred at most.
    async fn queue_load(&self, actor: &Actor, team: TeamId) -> ApiResult<Vec<Workitem>>;
    /// Says something to the agent inside a workitem; to this agent alone, where one is named. Never reaches the customer.
    async fn coaching_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: CoachingText,
        agent: Option<UserId>,
    ) -> ApiResult<Sent>;
    /// Coaching that helped before in conversations like this one, which the caller may coach: of the same team and channel, with
    /// words in common or the same request for assistance, liked or forwarded.
    async fn coaching_helped(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
    ) -> ApiResult<Vec<HelpedBefore>>;
    /// Answers those who coach inside a workitem of the caller. Never reaches the customer. `Conflict` where nobody coaches.
    async fn coaching_reply(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: ReplyText,
    ) -> ApiResult<Sent>;
    /// The caller, a supervisor, has had the replies in a workitem in front of them, up to entry number `through`. May be
    /// repeated.
    async fn coaching_reply_seen(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        through: i64,
    ) -> ApiResult<()>;
    /// Sends the notice of a coaching message in a workitem of the caller away; it counts as unseen all the same. May be
    /// repeated.
    async fn coaching_dismiss(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
    ) -> ApiResult<()>;
    /// The agent's opinion of a coaching message; `None` takes it back.
    async fn reaction_set(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
        key: CommandKey,
        reaction: Option<Reaction>,
    ) -> ApiResult<()>;
    /// Sends a coaching message's text to the customer as the agent's own. Happens once however often it is
    /// called and under whatever key: later calls answer the first message.
    async fn coaching_forward(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
        key: CommandKey,
    ) -> ApiResult<Sent>;
}

/// Raising a hand.
#[async_trait]
pub trait Assistance: Send + Sync {
    /// Active templates, and the caller's supervisors with their presence.
    async fn assistance_options_load(&self, actor: &Actor) -> ApiResult<AssistanceOptions>;
    /// Raises a hand. `Conflict` when nobody can be reached this way, the template is gone, or it no longer says what
    /// the agent saw.
    async fn assistance_request(
        &self,
        actor: &Actor,
        key: CommandKey,
        ask: Ask,
    ) -> ApiResult<Asked>;
    /// Takes a request of the caller back. Answers how it was settled, which may have happened before.
    async fn request_withdraw(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> ApiResult<Settled>;
    /// Takes a request on: who supervises the agent. `Conflict` when somebody else has it, or it is over.
    async fn request_claim(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> ApiResult<Claim>;
    /// Gives a request back that the caller has claimed. `Conflict` as above.
    async fn request_hand_back(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> ApiResult<()>;
    /// Settles a request without a word: its agent, who was asked, and who supervises the agent. Answers how it was
    /// settled, which may have happened before.
    async fn request_handle(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> ApiResult<Settled>;
}

/// Assistance templates.
#[async_trait]
pub trait Templates: Send + Sync {
    /// All of them, in order.
    async fn template_list(&self, actor: &Actor) -> ApiResult<Vec<Template>>;
    /// Adds one at the end.
    #[allow(clippy::too_many_arguments)]
    async fn template_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        title: TemplateTitle,
        text: TemplateText,
        active: bool,
        target_min: Option<i64>,
    ) -> ApiResult<Template>;
    /// Changes one; without a target time the stored one stays. Requests already sent keep their text. `Conflict` when
    /// somebody else edited it since `version`.
    #[allow(clippy::too_many_arguments)]
    async fn template_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        version: i64,
        title: TemplateTitle,
        text: TemplateText,
        active: bool,
        target_min: Option<Option<i64>>,
    ) -> ApiResult<Template>;
    /// Moves one place up (`true`) or down; at the end it stays where it is.
    async fn template_move(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        up: bool,
    ) -> ApiResult<()>;
    /// Deletes one. `Conflict` when it is at another version than the one that was seen, if one is named.
    async fn template_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        version: Option<i64>,
    ) -> ApiResult<()>;
}

/// Texts that people keep to use again.
#[async_trait]
pub trait SavedTexts: Send + Sync {
    /// One's own and those of one's teams for customers or for coaching, by title.
    async fn saved_text_list(
        &self,
        actor: &Actor,
        written_for: SavedFor,
    ) -> ApiResult<Vec<SavedText>>;
}
