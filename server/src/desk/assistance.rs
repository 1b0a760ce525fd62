//! Raising a hand: who can be asked, asking them, and what ends a request without an answer.

use std::collections::BTreeSet;

use app::backend::{ApiResult, Assistance, Coaching};
use async_trait::async_trait;
use shared::assistance::{Ask, Asked, AssistanceOptions, Claim, Recipient, Settled};
use shared::error::{AppError, ConflictCause};
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, UserId};
use shared::people::{Actor, PersonRef, Presence};
use shared::policy::{Action, WorkitemAct};

use super::{Desk, to_app_error};
use crate::commands::{
    RequestClaim, RequestCreate, RequestHandBack, RequestHandle, RequestWithdraw,
};

impl Desk {
    /// How many requests wait for the actor: those that nobody has claimed of agents over whom they have authority, and those that were
    /// sent to them and that nobody else has.
    pub(crate) async fn requests_waiting(&self, actor: &Actor) -> ApiResult<usize> {
        let dashboard = self.dashboard_load(actor).await?;
        let sent = self.snapshot().await?.requests_open_to(&actor.id).await;
        let sent = sent.map_err(to_app_error)?;
        let hands = dashboard.agents.iter().flat_map(|agent| &agent.hands);
        let unclaimed = hands.filter(|hand| hand.claim.is_none());
        let mut waiting: BTreeSet<&RequestId> = unclaimed.map(|hand| &hand.request).collect();
        let sent = sent.iter().filter_map(|message| message.request.as_ref());
        waiting.extend(sent.map(|request| &request.id));
        Ok(waiting.len())
    }

    async fn supervisors_seen(&self, agent: &UserId) -> ApiResult<Vec<(PersonRef, Presence)>> {
        let mut rows = self.snapshot().await?;
        let supervisors = rows.supervisors_of(agent).await.map_err(to_app_error)?;
        Ok(supervisors
            .into_iter()
            .map(|(person, chosen)| {
                let presence = self.presence_seen(&person.id, chosen);
                (person, presence)
            })
            .collect())
    }
}

#[async_trait]
impl Assistance for Desk {
    async fn assistance_options_load(&self, actor: &Actor) -> ApiResult<AssistanceOptions> {
        self.allow(actor, Action::AssistanceRequest).await?;
        Ok(AssistanceOptions {
            templates: self.templates_offered().await?,
            supervisors: self.supervisors_seen(&actor.id).await?,
        })
    }

    async fn assistance_request(
        &self,
        actor: &Actor,
        key: CommandKey,
        ask: Ask,
    ) -> ApiResult<Asked> {
        self.allow(actor, Action::AssistanceRequest).await?;
        // A repeat gets the first answer, although nobody is there any more.
        let repeated = self.repeated(actor, &key).await?;
        if let Some(workitem) = &ask.workitem {
            self.command_for(actor, workitem, WorkitemAct::Handle, &key)
                .await?;
        }
        let supervisors = self.supervisors_seen(&actor.id).await?;
        let (choice, none) = match &ask.recipient {
            Recipient::AllAvailable => ("all_available", ConflictCause::NobodyAvailable),
            Recipient::AllSignedIn => ("all_signed_in", ConflictCause::NobodySignedIn),
            Recipient::One(id)
                if repeated || supervisors.iter().any(|(person, _)| person.id == *id) =>
            {
                ("one", ConflictCause::SupervisorSignedOut)
            }
            // Only the agent's own supervisors are offered; anybody else is nobody.
            Recipient::One(_) => return Err(AppError::NotFound),
        };
        let recipients: Vec<PersonRef> = supervisors
            .into_iter()
            .filter(|(person, presence)| match &ask.recipient {
                Recipient::AllAvailable => *presence == Presence::Available,
                Recipient::AllSignedIn => *presence != Presence::Offline,
                Recipient::One(id) => person.id == *id && *presence != Presence::Offline,
            })
            .map(|(person, _)| person)
            .collect();
        if recipients.is_empty() && !repeated {
            return Err(AppError::conflict(none));
        }
        let mut addressed = Vec::with_capacity(recipients.len());
        for person in &recipients {
            addressed.push((
                person.clone(),
                DirectoryMessageId::parse(self.ids().next())?,
            ));
        }
        let command = RequestCreate {
            request: RequestId::parse(self.ids().next())?,
            agent: actor.person(),
            template: ask.template,
            choice,
            named: match ask.recipient {
                Recipient::One(id) => Some(id),
                _ => None,
            },
            recipients: addressed,
            workitem: ask.workitem,
            text: ask.text,
            at: self.now(),
            key,
        };
        let recipients = self.execute(command).await?;
        Ok(Asked { recipients })
    }

    async fn request_withdraw(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> ApiResult<Settled> {
        self.allow(actor, Action::AssistanceRequest).await?;
        let command = RequestWithdraw {
            request,
            agent: actor.person(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }

    async fn request_claim(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> ApiResult<Claim> {
        // As in `request_handle`, the transaction finds out whose it is.
        self.allow(actor, Action::DashboardView).await?;
        let command = RequestClaim {
            request,
            by: actor.person(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }

    async fn request_hand_back(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> ApiResult<()> {
        self.allow(actor, Action::DashboardView).await?;
        let command = RequestHandBack {
            request,
            by: actor.person(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }

    async fn request_handle(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> ApiResult<Settled> {
        // The transaction finds out whose request it is, and asks who may answer it.
        self.allow(actor, Action::DirectoryUse).await?;
        let command = RequestHandle {
            request,
            by: actor.person(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }
}
