//! Receivers of webhooks, as administrators keep them.

use app::backend::{ApiResult, Caller};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, ReceiverId, TeamId};
use shared::people::Actor;
use shared::policy::{Action, lets_hear};
use shared::text::TokenName;
use shared::time::Timestamp;
use shared::webhooks::{EventKind, URL_MAX};

use super::event_sender::UrlProblem;
use super::{Desk, to_app_error};
use crate::commands::{
    Again, ReceiverChange, WebhookActivate, WebhookAgain, WebhookCreate, WebhookDelete,
    WebhookRotate, WebhookTest, WebhookUpdate,
};
use crate::secrets::Secret;
use crate::store::rows::{EventRow, ReceiverRow, ReceiverSecret};

/// What a secret begins with, as Standard Webhooks has it.
pub const PREFIX: &str = "whsec_";

/// Where a secret of a receiver stands.
pub(crate) fn place_of(receiver: &ReceiverId, name: &str) -> String {
    format!("webhook_secrets/{receiver}/{name}")
}

/// What an administrator typed about a receiver.
#[derive(Clone, Debug)]
pub struct TypedReceiver {
    /// What it is called.
    pub name: TokenName,
    /// Its address; empty: as before.
    pub url: Secret,
    /// The events that it wants.
    pub events: Vec<EventKind>,
    /// Of whose workitems; none: of all.
    pub teams: Vec<TeamId>,
}

/// Why a receiver was not saved.
#[derive(Clone, Debug, PartialEq)]
pub enum NotSaved {
    /// Its address cannot be used.
    Url(UrlProblem),
    /// Anything else.
    App(AppError),
}

impl From<AppError> for NotSaved {
    fn from(error: AppError) -> Self {
        NotSaved::App(error)
    }
}

/// How many lines of the log a page shows.
pub const LOG_PAGE: i64 = 50;

/// A receiver with what its page shows.
#[derive(Clone, Debug)]
pub struct ReceiverPage {
    /// It.
    pub receiver: ReceiverRow,
    /// Its events, the newest first.
    pub events: Vec<EventRow>,
    /// Where older ones begin, if there are any.
    pub older: Option<i64>,
    /// Until when the key before signs as well.
    pub both_until: Option<Timestamp>,
}

impl Desk {
    /// The receivers of the actor's reach, by name.
    pub async fn webhook_list(&self, actor: &Actor) -> ApiResult<Vec<ReceiverRow>> {
        self.allow(actor, Action::WebhookManage).await?;
        let mut rows = self.snapshot().await?;
        let mut receivers = rows.receiver_list().await.map_err(to_app_error)?;
        receivers.retain(|receiver| lets_hear(actor, receiver.teams.as_deref()));
        Ok(receivers)
    }

    /// The teams that a receiver can be limited to, by name.
    pub(crate) async fn webhook_teams(&self, actor: &Actor) -> ApiResult<Vec<(TeamId, String)>> {
        self.allow(actor, Action::WebhookManage).await?;
        let mut rows = self.snapshot().await?;
        let mut teams = rows.team_names().await.map_err(to_app_error)?;
        teams.retain(|(team, _)| lets_hear(actor, Some(std::slice::from_ref(team))));
        Ok(teams)
    }

    /// A receiver with the events before this number.
    pub async fn webhook_page(
        &self,
        actor: &Actor,
        receiver: &ReceiverId,
        before: i64,
    ) -> ApiResult<ReceiverPage> {
        self.allow(actor, Action::WebhookManage).await?;
        let mut rows = self.snapshot().await?;
        let found = rows.receiver_find(receiver).await.map_err(to_app_error)?;
        let found = found.filter(|found| lets_hear(actor, found.teams.as_deref()));
        let found = found.ok_or(AppError::NotFound)?;
        let events = rows.events_before(receiver, before, LOG_PAGE + 1).await;
        let mut events = events.map_err(to_app_error)?;
        let secrets = rows.receiver_secrets_of(receiver).await;
        let ends = secrets.map_err(to_app_error)?.into_iter();
        let now = self.now();
        let older = (events.len() as i64 > LOG_PAGE).then(|| {
            events.pop();
            events.last().map_or(0, |event| event.number)
        });
        Ok(ReceiverPage {
            receiver: found,
            events,
            older,
            both_until: ends
                .filter_map(|secret| secret.expires_at)
                .find(|end| *end > now),
        })
    }

    /// Adds a receiver and answers its secret, which is never shown again; `None` when the key was repeated: it was answered
    /// then. Asks for the caller's password once more.
    pub async fn webhook_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        typed: TypedReceiver,
    ) -> Result<Option<(ReceiverId, String)>, NotSaved> {
        let actor = &caller.actor;
        self.allow(actor, Action::WebhookManage).await?;
        self.proved(caller).await?;
        let receiver = ReceiverId::parse(self.ids().next())?;
        let place = self.place(&typed.url).await?;
        let address = self.receiver_sealed(&receiver, "url", &typed.url);
        let (secret, signing) = self.signing_key(&receiver);
        let create = WebhookCreate {
            receiver: receiver.clone(),
            change: changed(typed, place),
            secrets: vec![address, signing],
            created_by: actor.person(),
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        let made = self.execute(create).await?;
        Ok(made.then_some((receiver, secret)))
    }

    /// Replaces what a receiver is. Asks for the caller's password once more.
    pub async fn webhook_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        receiver: ReceiverId,
        version: i64,
        typed: TypedReceiver,
    ) -> Result<(), NotSaved> {
        let actor = &caller.actor;
        self.allow(actor, Action::WebhookManage).await?;
        self.proved(caller).await?;
        let (place, address) = match typed.url.reveal() {
            "" => (String::new(), None),
            _ => {
                let place = self.place(&typed.url).await?;
                let address = self.receiver_sealed(&receiver, "url", &typed.url);
                (place, Some(address))
            }
        };
        let update = WebhookUpdate {
            receiver,
            change: changed(typed, place),
            version,
            address,
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        Ok(self.execute(update).await?)
    }

    /// Whether an address can be used, before anything is stored. Asks for the caller's password once more: the answer says which names
    /// are known on this network.
    pub async fn webhook_url_check(&self, caller: &Caller, url: &Secret) -> Result<(), NotSaved> {
        self.allow(&caller.actor, Action::WebhookManage).await?;
        if !url.reveal().is_empty() {
            self.proved(caller).await?;
        }
        self.place(url).await.map(drop)
    }

    /// Switches a receiver on or off.
    pub async fn webhook_activate(
        &self,
        actor: &Actor,
        key: CommandKey,
        receiver: ReceiverId,
        active: bool,
    ) -> ApiResult<()> {
        self.allow(actor, Action::WebhookManage).await?;
        let context = self.context(actor, key);
        self.execute(WebhookActivate {
            receiver,
            active,
            context,
        })
        .await
    }

    /// Deletes a receiver.
    pub async fn webhook_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        receiver: ReceiverId,
    ) -> ApiResult<()> {
        self.allow(actor, Action::WebhookManage).await?;
        let context = self.context(actor, key);
        self.execute(WebhookDelete { receiver, context }).await
    }

    /// Gives a receiver another key and answers it, which is never shown again; `None` when the key of the command was
    /// repeated. Asks for the caller's password once more.
    pub async fn webhook_rotate(
        &self,
        caller: &Caller,
        key: CommandKey,
        receiver: ReceiverId,
    ) -> ApiResult<Option<String>> {
        let actor = &caller.actor;
        self.allow(actor, Action::WebhookManage).await?;
        self.proved(caller).await?;
        let (shown, secret) = self.signing_key(&receiver);
        let rotate = WebhookRotate {
            receiver,
            secret,
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        let made = self.execute(rotate).await?;
        Ok(made.then_some(shown))
    }

    /// Queues a test for a receiver.
    pub async fn webhook_test(
        &self,
        actor: &Actor,
        key: CommandKey,
        receiver: ReceiverId,
    ) -> ApiResult<()> {
        self.allow(actor, Action::WebhookManage).await?;
        let context = self.context(actor, key);
        self.execute(WebhookTest { receiver, context }).await
    }

    /// Delivers events of a receiver again: how many.
    pub async fn webhook_again(
        &self,
        actor: &Actor,
        key: CommandKey,
        receiver: ReceiverId,
        what: Again,
    ) -> ApiResult<i64> {
        self.allow(actor, Action::WebhookManage).await?;
        let context = self.context(actor, key);
        self.execute(WebhookAgain {
            receiver,
            what,
            context,
        })
        .await
    }

    async fn place(&self, url: &Secret) -> Result<String, NotSaved> {
        let url = url.reveal();
        if url.is_empty() {
            let max = URL_MAX as i64;
            return Err(AppError::invalid("url", Problem::Empty { max }).into());
        }
        let place = self.config().webhooks.check(url).await;
        place.map_err(NotSaved::Url)
    }

    fn receiver_sealed(
        &self,
        receiver: &ReceiverId,
        name: &str,
        secret: &Secret,
    ) -> ReceiverSecret {
        let place = place_of(receiver, name);
        let (key_id, sealed) = self.config().keys.seal(&place, secret.reveal());
        ReceiverSecret {
            receiver: receiver.clone(),
            name: name.to_owned(),
            key_id,
            sealed,
            expires_at: None,
        }
    }

    /// A new key: as it is shown, and as it is stored.
    fn signing_key(&self, receiver: &ReceiverId) -> (String, ReceiverSecret) {
        let bytes = hex::decode(self.ids().secret()).unwrap_or_default();
        let shown = [PREFIX, &BASE64_STANDARD.encode(bytes)].concat();
        let name = ["key-", &self.ids().next()].concat();
        let sealed = self.receiver_sealed(receiver, &name, &Secret::new(shown.clone()));
        (shown, sealed)
    }
}

fn changed(mut typed: TypedReceiver, place: String) -> ReceiverChange {
    typed.teams.sort();
    typed.teams.dedup();
    let address_digest = match typed.url.reveal() {
        "" => String::new(),
        url => hex::encode(Sha256::digest(url)),
    };
    ReceiverChange {
        name: typed.name.into(),
        place,
        address_digest,
        events: typed.events,
        teams: (!typed.teams.is_empty()).then_some(typed.teams),
    }
}
