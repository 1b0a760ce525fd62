//! The desk is the application's use-cases, one file an area. Each asks the policy, hands the store
//! one command, and publishes what changed. The desk never writes SQL, never sees a socket, and nothing else publishes.

mod absence;
mod account;
mod administration;
pub(crate) mod alerts;
pub(crate) mod analytics;
pub(crate) mod api;
mod assignment;
mod assistance;
pub(crate) mod audit;
pub mod channels;
pub mod chat_channels;
mod coaching;
pub(crate) mod custom_roles;
pub mod customers;
mod day_figures;
mod deletions;
mod directory;
mod erasure;
pub(crate) mod escalation;
pub mod event_sender;
mod events;
mod history;
pub(crate) mod history_export;
mod history_index;
pub mod identity_provider;
mod in_steps;
pub(crate) mod labels;
mod later;
pub(crate) mod list_export;
mod media;
pub mod monitoring;
mod monitors;
pub mod nodes;
mod notes;
mod organisation;
mod outbox;
pub(crate) mod people;
pub mod presence;
pub mod providers;
pub mod push;
mod readings;
mod refusals;
mod retention;
mod reviews;
pub(crate) mod saved_texts;
mod sealed;
pub(crate) mod sign_on;
mod stepping_in;
mod sweep;
mod templates;
pub mod tokens;
mod typing;
pub(crate) mod user_import;
pub(crate) mod views;
mod waited;
pub(crate) mod walls;
pub mod webhooks;
mod worker;
mod workitems;

use std::sync::Arc;
use std::time::Duration;

use shared::error::{AppError, ConflictCause, Limit};
use shared::ids::{CommandKey, EntryId, UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::time::Timestamp;
use shared::transcript::WorkitemChange;

use event_sender::Webhooks;
use identity_provider::IdentityProviders;
pub use later::Unpublished;
use nodes::NodeConfig;
use providers::Providers;
use push::Pushes;

use app::backend::{ApiResult, Keys};

use crate::bus::Bus;
use crate::bus::hint::Holder;
use crate::clock_and_ids::{Clock, Ids};
use crate::commands::{RequestsReview, keys};
use crate::line_limit::LineLimit;
use crate::password::Gate;
use crate::reads::Reads;
use crate::secrets::Keyring;
use crate::store::{
    Change, Command, CommandContext, Snapshot, Store, StoreError, Stored, WorkitemRecord, Written,
};

/// What an operator can set.
#[derive(Clone, Debug)]
pub struct DeskConfig {
    /// Address that places a call; `{number}` is replaced. `tel:{number}` leaves it to the device.
    pub dial_pattern: String,
    /// How long a lost connection may be away before its monitorings and its presence end.
    pub grace: Duration,
    /// How long nothing may come from the browser of an agent who was just given work.
    pub proof: Duration,
    /// Whether frequent reads are answered from a cache of this process.
    pub read_cache: bool,
    /// The address of this host as browsers and providers reach it, without a slash at its end; unknown: providers cannot report
    /// anything, and passkeys are bound to the name that a request calls the host.
    pub public_url: Option<String>,
    /// The kinds of channels that go through a provider.
    pub providers: Providers,
    /// Sends events to other systems.
    pub webhooks: Webhooks,
    /// Tells browsers in which no page is open.
    pub pushes: Pushes,
    /// Speaks to the provider at which users sign in.
    pub identity_providers: IdentityProviders,
    /// Seals and opens the secrets of channels.
    pub keys: Keyring,
    /// For one of several nodes on one database: who it is, and the way to the others.
    pub node: Option<NodeConfig>,
}

impl Default for DeskConfig {
    fn default() -> Self {
        Self {
            dial_pattern: "tel:{number}".to_owned(),
            grace: Duration::from_secs(8),
            proof: Duration::from_secs(15),
            read_cache: true,
            public_url: None,
            providers: Providers::default(),
            webhooks: Webhooks::default(),
            pushes: Pushes::default(),
            identity_providers: IdentityProviders::default(),
            keys: Keyring::default(),
            node: None,
        }
    }
}

struct Inner {
    begun: tokio::time::Instant,
    reads: Reads,
    store: Arc<dyn Store>,
    bus: Bus,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    config: DeskConfig,
    presences: presence::Presences,
    people: people::PeopleList,
    absences: absence::Absences,
    monitors: monitors::Monitors,
    nodes: nodes::Nodes,
    /// Wakes the sweep: hints of other nodes may have been lost.
    gap: tokio::sync::Notify,
    passwords: Gate,
    queue: tokio::sync::Notify,
    outgoing: later::Outgoing,
    outbox: outbox::Outbox,
    events: events::EventOutbox,
    media: media::MediaInbox,
    refusals: refusals::Refusals,
    /// Lines of tokens that open nothing.
    token_lines: LineLimit,
    waited: waited::Waited,
    alerts: alerts::Alerts,
    push: push::PushQueue,
    retention: retention::RetentionMeasures,
}

/// The use-cases over one store. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

impl Desk {
    /// A desk over a store. No background task runs before [`Desk::open`].
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        config: DeskConfig,
    ) -> Self {
        let link = config.node.as_ref().map(|node| Arc::clone(&node.link));
        // A cache would not hear of what other nodes change in time for a decision about rights.
        let cached = config.read_cache && link.is_none();
        let passwords = match &link {
            Some(_) => Gate::shared(store.clone(), clock.clone()),
            None => Gate::default(),
        };
        Self(Arc::new(Inner {
            begun: tokio::time::Instant::now(),
            reads: Reads::new(store.clone(), cached),
            store,
            bus: Bus::linked(link),
            nodes: nodes::Nodes::new(config.node.clone()),
            gap: tokio::sync::Notify::new(),
            clock,
            ids,
            config,
            presences: presence::Presences::default(),
            people: people::PeopleList::default(),
            absences: absence::Absences::default(),
            monitors: monitors::Monitors::default(),
            passwords,
            queue: tokio::sync::Notify::new(),
            outgoing: later::Outgoing::default(),
            outbox: outbox::Outbox::default(),
            events: events::EventOutbox::default(),
            media: media::MediaInbox::default(),
            refusals: refusals::Refusals::default(),
            token_lines: LineLimit::default(),
            waited: waited::Waited::default(),
            alerts: alerts::Alerts::default(),
            push: push::PushQueue::default(),
            retention: retention::RetentionMeasures::default(),
        }))
    }

    /// Starts the background tasks: assigning queued work, ending the monitorings of a run before this one, the sweep that
    /// repairs lost events, and the workers of jobs.
    pub async fn open(&self) -> Result<(), StoreError> {
        self.secrets_check().await?;
        self.presences_read().await?;
        match self.0.nodes.id() {
            Some(_) => self.nodes_join().await?,
            None => drop(self.absences_adopt().await?),
        }
        self.monitoring_adopt().await?;
        let review = RequestsReview { at: self.now() };
        self.publish(self.store().execute(review).await?);
        tokio::spawn(assignment::run(self.clone()));
        tokio::spawn(sweep::run(self.clone()));
        tokio::spawn(people::run(self.clone()));
        tokio::spawn(retention::run(self.clone()));
        tokio::spawn(day_figures::run(self.clone()));
        tokio::spawn(history_index::run(self.clone()));
        tokio::spawn(escalation::run(self.clone()));
        tokio::spawn(self.clone().alerts_run());
        tokio::spawn(self.clone().push_run());
        tokio::spawn(worker::run::<outbox::Messages>(self.clone()));
        tokio::spawn(worker::run::<events::Events>(self.clone()));
        tokio::spawn(worker::run::<media::Files>(self.clone()));
        self.0.queue.notify_one();
        Ok(())
    }

    /// What is remembered.
    pub fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// Frequent reads of the store.
    pub fn reads(&self) -> &Reads {
        &self.0.reads
    }

    /// What time it is.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// Where ids come from.
    pub fn ids(&self) -> &dyn Ids {
        &*self.0.ids
    }

    /// Where changes are published.
    pub fn bus(&self) -> &Bus {
        &self.0.bus
    }

    /// Where passwords are verified and hashed.
    pub fn passwords(&self) -> &Gate {
        &self.0.passwords
    }

    /// What the operator set.
    pub fn config(&self) -> &DeskConfig {
        &self.0.config
    }

    /// Hands a write's changes to the live readers, wakes the assignment of queued work, and returns the value.
    pub fn publish<T>(&self, written: Written<T>) -> T {
        self.bus().tell(&written.changes);
        for change in written.changes {
            match &change {
                Change::Workitem {
                    change: WorkitemChange::Workitem(workitem),
                    ..
                } => {
                    let holder = Holder::of(workitem);
                    self.monitoring_review(self.0.monitors.moved(&workitem.id, holder));
                }
                Change::Workitem {
                    change: WorkitemChange::Entry(entry),
                    ..
                } if entry.waits_for_delivery() => self.0.outbox.wake.notify_one(),
                Change::Workitem {
                    change: WorkitemChange::Entry(entry),
                    ..
                } if entry.waits_for_file() => self.0.media.wake.notify_one(),
                Change::EventQueued => self.0.events.wake.notify_one(),
                _ => {}
            }
            self.0.push.on_change(&change);
            self.follow_up(&change);
            self.0.bus.publish_here(change);
        }
        written.value
    }

    /// What the desk itself does after a change, on whichever node it was made.
    fn follow_up(&self, change: &Change) {
        match change {
            Change::Queue(_) => self.0.queue.notify_one(),
            // Authority over somebody's work goes through the agent's teams, so a change of either side
            // may end a monitoring, and so may a workitem that moves.
            Change::Authority(user) => {
                self.monitoring_review(self.0.monitors.concerned(user));
            }
            Change::Presence(user) => {
                self.0.presences.chosen(user, self.now());
                self.0.people.touch(user);
            }
            Change::People => self.0.people.touch_all(),
            _ => {}
        }
        self.0.alerts.on_change(change);
    }

    /// One state of the data, for reading. It is dropped soon: it holds a read transaction.
    async fn snapshot(&self) -> ApiResult<Box<dyn Snapshot>> {
        self.store().snapshot().await.map_err(to_app_error)
    }

    /// Executes a command, publishes what it changed and answers its value.
    async fn execute<C: Command>(&self, command: C) -> ApiResult<C::Answer> {
        self.complete(self.store().execute(command).await).await
    }

    /// Publishes what a command changed and answers its value. A refusal of the transaction is audited like one before
    /// it.
    async fn complete<T>(&self, stored: Stored<Written<T>>) -> ApiResult<T> {
        match stored {
            Ok(written) => Ok(self.publish(written)),
            Err(error) => Err(self.answered(error).await),
        }
    }

    /// What the store answered, as the outside may know it; a refusal is audited.
    pub(crate) async fn answered(&self, error: StoreError) -> AppError {
        if let StoreError::Refused { user, what, about } = &error {
            let what = format!("refused_{what}");
            self.refused(Some(user), &what, about).await;
        }
        if let StoreError::TokenRefused { token, .. } = &error {
            self.refused(None, "refused_token", token.as_str()).await;
        }
        to_app_error(error)
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A command of somebody who is signed in.
    fn context(&self, actor: &Actor, key: CommandKey) -> CommandContext {
        CommandContext {
            actor: Some(actor.id.clone()),
            key,
            at: self.now(),
        }
    }

    /// An id for what customers see or are known by. Of secrets, which are apart from the count of ids: what goes to customers
    /// does not depend on what staff do.
    fn secret_id(&self) -> String {
        self.ids().secret().split_off(32)
    }

    fn entry_id(&self) -> EntryId {
        EntryId::parse(self.0.ids.next()).unwrap_or_else(|_| unreachable!("ids are ids"))
    }

    /// The workitem, if the actor may do this to it; `NotFound` otherwise, whatever the reason.
    async fn workitem_for(
        &self,
        actor: &Actor,
        id: &WorkitemId,
        act: WorkitemAct,
    ) -> ApiResult<WorkitemRecord> {
        let record = self.reads().workitem_find(id).await.map_err(to_app_error)?;
        let record = match record {
            Some(record) => record,
            None => return self.refuse(actor, "workitem", id.as_str()).await,
        };
        match can(actor, Action::Workitem(act, &record.facts)) {
            Ok(()) => {
                // An agent who works on it has received it, even where the live connection is slow to prove it.
                if record.facts.agent.as_ref() == Some(&actor.id) {
                    self.presence_heard(&actor.id);
                }
                Ok(record)
            }
            Err(_) => self.refuse(actor, "workitem", id.as_str()).await,
        }
    }

    /// As [`Desk::workitem_for`], for a command. A repeat gets the first answer, although it may have taken the
    /// workitem out of their hands: the transaction checks the key before anything else.
    async fn command_for(
        &self,
        actor: &Actor,
        id: &WorkitemId,
        act: WorkitemAct,
        key: &CommandKey,
    ) -> ApiResult<()> {
        let record = self.reads().workitem_find(id).await.map_err(to_app_error)?;
        let may = |record: WorkitemRecord| can(actor, Action::Workitem(act, &record.facts)).is_ok();
        if record.is_some_and(may) || self.repeated(actor, key).await? {
            return Ok(());
        }
        self.refuse(actor, "workitem", id.as_str()).await
    }

    /// The user as they are stored now; `None` when there is none or they are deactivated.
    pub(crate) async fn actor_load(&self, user: &UserId) -> Stored<Option<Actor>> {
        self.store().snapshot().await?.actor_find(user).await
    }

    /// Whether the actor has carried out a command under this key.
    async fn repeated(&self, actor: &Actor, key: &CommandKey) -> ApiResult<bool> {
        let mut rows = self.snapshot().await?;
        let known = keys::known(&mut *rows, &actor.id, key).await;
        known.map_err(to_app_error)
    }

    /// Asks the policy about something that needs no facts.
    async fn allow(&self, actor: &Actor, action: Action<'_>) -> ApiResult<()> {
        match can(actor, action) {
            Ok(()) => Ok(()),
            Err(_) => self.refuse(actor, "action", action.name()).await,
        }
    }

    /// Every refusal is in the audit log, and answers the same.
    async fn refuse<T>(&self, actor: &Actor, what: &str, about: &str) -> ApiResult<T> {
        let what = format!("refused_{what}");
        self.refused(Some(&actor.id), &what, about).await;
        Err(AppError::NotFound)
    }
}

impl Keys for Desk {
    fn key_fresh(&self) -> CommandKey {
        CommandKey::parse(self.0.ids.next()).unwrap_or_else(|_| unreachable!("ids are ids"))
    }
}

/// How long somebody waits who found the queue full, in seconds.
const QUEUE_FULL_S: i64 = 60;

/// What went wrong inside, as the outside may know it. Logged here, once.
pub fn to_app_error(error: StoreError) -> AppError {
    match error {
        StoreError::TokenRefused { ended: true, .. } => AppError::Unauthenticated,
        StoreError::NotFound | StoreError::Refused { .. } | StoreError::TokenRefused { .. } => {
            AppError::NotFound
        }
        StoreError::Conflict(cause) => AppError::Conflict { cause },
        StoreError::Invalid { field, problem } => AppError::invalid(field, problem),
        StoreError::NotMonitoring => AppError::conflict(ConflictCause::NotMonitoring),
        StoreError::WouldBegin => AppError::conflict(ConflictCause::ConversationEnded),
        StoreError::QueueFull => AppError::RateLimited {
            retry_after_s: QUEUE_FULL_S,
            limit: Limit::Queue,
        },
        StoreError::Storage(reason) | StoreError::Damaged(reason) => {
            tracing::error!(reason, "storage failed");
            AppError::Unavailable
        }
        // A caller who asks while the program ends comes back to the next one.
        StoreError::Closed => AppError::Unavailable,
    }
}
