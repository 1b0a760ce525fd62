//! Events on their way to other systems: each receiver has room and pauses of its own, so none keeps another waiting. What is
//! sent is read when it is sent; what is gone by then is not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use shared::ids::ReceiverId;
use shared::time::Timestamp;
use shared::webhooks::EventFailure;
use shared::workitem::Workitem;
use tokio::sync::Notify;

use super::Desk;
use super::event_sender::{EventContent, OutgoingEvent, SendFailure};
use super::webhooks::place_of;
use super::worker::{Work, backoff, jitter};
use crate::commands::{EventJob, EventOutcome, EventSettle, EventsClaim};
use crate::secrets::{Secret, SecretError};
use crate::store::rows::{EventFacts, EventRow, ReceiverSecret};
use crate::store::{Snapshot, StoreError, Stored};

/// How many events are on their way to one receiver at once.
const AT_ONCE: usize = 4;
/// How long a lease lasts: longer than an attempt takes.
const LEASE_US: i64 = 60_000_000;
/// The longest pause of an event before its second attempt, which doubles with each further one, and the longest of all.
const BACKOFF_US: (i64, i64) = (2_000_000, 3_600_000_000);
/// The same of a receiver that fails: whatever waits for it waits as well. It is found again soon after it is back.
const PAUSE_US: (i64, i64) = (2_000_000, 600_000_000);
/// After how many attempts an event is given up; `EventsClaim` gives it up after three days.
const ATTEMPTS_MAX: i64 = 50;
/// The longest that a receiver's "later" is obeyed.
const AFTER_MAX: Duration = Duration::from_secs(3_600);

/// How many events are on their way to each receiver.
type Busy = Arc<Mutex<HashMap<ReceiverId, usize>>>;

/// What the worker knows beside the database.
#[derive(Default)]
pub(super) struct EventOutbox {
    /// An event was added, or there is room again.
    pub(super) wake: Notify,
    busy: Busy,
}

/// One of the events of a receiver that are on their way; dropping it makes room.
pub(super) struct EventPermit {
    receiver: ReceiverId,
    busy: Busy,
}

impl EventPermit {
    fn acquire(receiver: ReceiverId, busy: &Busy) -> Self {
        *lock(busy).entry(receiver.clone()).or_default() += 1;
        let busy = Arc::clone(busy);
        Self { receiver, busy }
    }
}

impl Drop for EventPermit {
    fn drop(&mut self) {
        let mut busy = lock(&self.busy);
        if let Some(count) = busy.get_mut(&self.receiver) {
            *count -= 1;
            if *count == 0 {
                busy.remove(&self.receiver);
            }
        }
    }
}

/// Events on their way to receivers.
pub(super) struct Events;

#[async_trait]
impl Work for Events {
    type Job = (EventJob, EventPermit);
    const NAME: &'static str = "events";

    fn wake(desk: &Desk) -> &Notify {
        &desk.0.events.wake
    }

    async fn next(desk: &Desk) -> Stored<Option<Timestamp>> {
        let due = desk.store().snapshot().await?.receivers_due().await?;
        Ok(due.into_iter().map(|(_, at)| at).min())
    }

    async fn take(desk: &Desk) -> Stored<Vec<Self::Job>> {
        let busy = &desk.0.events.busy;
        let jobs = desk.events_take().await?.into_iter();
        let jobs = jobs.map(|job| {
            let permit = EventPermit::acquire(job.event.receiver.clone(), busy);
            (job, permit)
        });
        Ok(jobs.collect())
    }

    async fn carry_out(desk: &Desk, (job, _): &Self::Job) {
        desk.event_deliver(job).await;
    }
}

impl Desk {
    /// Delivers everything that is due, one after the other, and answers how much that was. The worker does the same with
    /// several at once.
    pub async fn events_round(&self) -> Stored<usize> {
        let jobs = self.events_take().await?;
        for job in &jobs {
            self.event_deliver(job).await;
        }
        Ok(jobs.len())
    }

    /// Takes what is due, as much as each receiver has room for. Costs no write while nothing is.
    pub async fn events_take(&self) -> Stored<Vec<EventJob>> {
        let now = self.now();
        let due = self.store().snapshot().await?.receivers_due().await?;
        let room: Vec<(ReceiverId, i64)> = {
            let busy = lock(&self.0.events.busy);
            let free = |receiver: &ReceiverId| {
                AT_ONCE.saturating_sub(busy.get(receiver).copied().unwrap_or_default())
            };
            let due = due.into_iter().filter(|(_, at)| *at <= now);
            let room = due.map(|(receiver, _)| {
                let free = i64::try_from(free(&receiver)).unwrap_or(i64::MAX);
                (receiver, free)
            });
            room.filter(|(_, free)| *free > 0).collect()
        };
        if room.is_empty() {
            return Ok(Vec::new());
        }
        let claim = EventsClaim {
            lease: self.ids().next(),
            at: now,
            until: Timestamp(now.0 + LEASE_US),
            room,
        };
        let written = self.store().execute(claim).await?;
        Ok(self.publish(written))
    }

    /// Delivers an event and notes what came of it.
    pub async fn event_deliver(&self, job: &EventJob) {
        let content = match self.event_content(&job.event).await {
            Ok(content) => content,
            // No fault of the receiver's: the lease ends, and it is read again.
            Err(error) => {
                tracing::error!(%error, event = job.event.id, "an event could not be read");
                return;
            }
        };
        let outcome = match content {
            Some(content) => self.event_attempt(job, content).await,
            None => EventOutcome::Dropped,
        };
        let (receiver, event) = (&job.event.receiver, &job.event.id);
        match &outcome {
            EventOutcome::Failed { failure, .. } => tracing::warn!(
                %receiver, event, failure = failure.code(), attempts = job.job.attempts,
                "an event was given up; an administrator can deliver it again"
            ),
            EventOutcome::Later { failure, .. } => tracing::debug!(
                %receiver, event, failure = failure.code(), attempts = job.job.attempts,
                "an event was not delivered; it is tried again"
            ),
            EventOutcome::Gone => tracing::warn!(
                %receiver, "a receiver of webhooks wants nothing any more (410); it was switched off"
            ),
            _ => {}
        }
        let settle = EventSettle {
            job: job.job.id,
            lease: job.lease.clone(),
            event: event.clone(),
            outcome,
            at: self.now(),
        };
        match self.store().execute(settle).await {
            Ok(written) => {
                if !self.publish(written) {
                    tracing::warn!(event, "the end of an event came after its lease was over");
                }
            }
            // The process ends.
            Err(StoreError::Closed) => {}
            // The lease ends, and the event is sent once more under its id.
            Err(error) => tracing::error!(%error, event, "the end of an event was not stored"),
        }
    }

    async fn event_attempt(&self, job: &EventJob, content: EventContent) -> EventOutcome {
        let (url, keys) = match self.receiver_opened(&job.secrets) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!(
                    receiver = %job.event.receiver, %error,
                    "the address or the key of a receiver of webhooks cannot be opened"
                );
                return self.event_later(job, None, EventFailure::Sealed, None);
            }
        };
        let event = OutgoingEvent {
            id: job.event.id.clone(),
            kind: job.event.kind,
            happened_at: job.event.at,
            sequence: job.event.sequence,
            content,
            sent_at: self.now(),
            url,
            keys,
        };
        match self.config().webhooks.send(&event).await {
            Ok(status) => EventOutcome::Delivered(status),
            Err(failure) if failure.status == Some(410) => EventOutcome::Gone,
            Err(failure) => {
                let SendFailure {
                    failure,
                    status,
                    after,
                } = failure;
                self.event_later(job, after, failure, status)
            }
        }
    }

    /// Tries again later, or gives up.
    fn event_later(
        &self,
        job: &EventJob,
        after: Option<Duration>,
        failure: EventFailure,
        status: Option<i64>,
    ) -> EventOutcome {
        let now = self.now().0;
        let asked = after.map(|after| after.min(AFTER_MAX).as_micros());
        let asked = asked.map_or(0, |asked| i64::try_from(asked).unwrap_or(i64::MAX));
        let pause = jitter(backoff(job.failures + 1, PAUSE_US));
        let pause_until = Timestamp(now + pause.max(asked));
        if job.job.attempts >= ATTEMPTS_MAX {
            return EventOutcome::Failed {
                pause_until,
                failure,
                status,
            };
        }
        let wait = jitter(backoff(job.job.attempts, BACKOFF_US));
        EventOutcome::Later {
            run_after: Timestamp(now + asked + wait),
            pause_until,
            failure,
            status,
        }
    }

    /// The address and the keys that sign now, the present key first.
    fn receiver_opened(
        &self,
        secrets: &[ReceiverSecret],
    ) -> Result<(Secret, Vec<Secret>), SecretError> {
        let (now, mut url, mut keys) = (self.now(), Secret::new(""), Vec::new());
        for secret in secrets {
            if secret.expires_at.is_some_and(|end| end <= now) {
                continue;
            }
            let place = place_of(&secret.receiver, &secret.name);
            let opened = &self.config().keys;
            let opened = opened.open(&place, &secret.key_id, &secret.sealed)?;
            match &secret.name[..] {
                "url" => url = opened,
                _ => keys.push(opened),
            }
        }
        Ok((url, keys))
    }

    /// What an event says now; nothing where what it was about is gone.
    async fn event_content(&self, event: &EventRow) -> Stored<Option<EventContent>> {
        let mut rows = self.store().snapshot().await?;
        let rows = &mut *rows;
        // Since it was taken, its workitem may have gone to another team, or the receiver may have lost the team.
        let of = rows.event_teams(&event.facts).await?;
        let receiver = rows.receiver_find(&event.receiver).await?;
        if !receiver.is_some_and(|receiver| receiver.hears_of(event.kind, &of)) {
            return Ok(None);
        }
        match &event.facts {
            EventFacts::Test { .. } => Ok(Some(EventContent::Test)),
            EventFacts::Request { request } => {
                let request = rows.request_listed(request).await?;
                Ok(request.map(EventContent::Request))
            }
            facts => match facts.workitem() {
                Some(workitem) => {
                    let row = rows.workitem_find(workitem).await?;
                    let Some(row) = row else { return Ok(None) };
                    let erased = rows.workitem_erased(workitem).await? != Some(false);
                    of_workitem(rows, facts, row.workitem, erased).await
                }
                None => Ok(None),
            },
        }
    }
}

async fn of_workitem(
    rows: &mut dyn Snapshot,
    facts: &EventFacts,
    workitem: Workitem,
    erased: bool,
) -> Stored<Option<EventContent>> {
    let workitem = Box::new(workitem);
    Ok(match facts {
        EventFacts::Assigned { agent, .. } => Some(EventContent::Assigned {
            workitem,
            agent: agent.clone(),
        }),
        EventFacts::State { from, to, .. } => Some(EventContent::State {
            workitem,
            from: *from,
            to: *to,
        }),
        // Nothing is left of what was said.
        EventFacts::Message { .. } | EventFacts::Coaching { .. } if erased => None,
        EventFacts::Message { number, .. } => {
            let line = rows.customer_frame_find(&workitem.id, *number).await?;
            line.map(|line| EventContent::Message { workitem, line })
        }
        EventFacts::Coaching { entry, .. } => {
            let row = rows.entry_find(entry).await?;
            row.map(|row| EventContent::Coaching {
                workitem,
                entry: Box::new(row.entry),
            })
        }
        EventFacts::Review { number, .. } => {
            let review = rows.review_find(&workitem.id, *number).await?;
            review.map(|review| EventContent::Review {
                workitem,
                review: Box::new(review),
            })
        }
        _ => Some(EventContent::Workitem { workitem }),
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing under this lock can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
