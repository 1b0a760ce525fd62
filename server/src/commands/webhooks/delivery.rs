//! Events on their way: taken under a lease, ended under it, and what their ends say about a receiver.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::ids::ReceiverId;
use shared::time::Timestamp;
use shared::webhooks::{EventFailure, EventKind, EventState, OffReason};

use crate::commands::{audit, rights};
use crate::store::rows::{
    EVENT_DELIVER, EventRow, EventTries, JobRow, ReceiverHealth, ReceiverRow, ReceiverSecret,
};
use crate::store::{Command, Stored, Transaction, Written};

/// For how long an event is tried. What is older is given up without an attempt.
const AGE_MAX_US: i64 = 3 * 24 * 3_600 * 1_000_000;
/// How long a node leaves an event alone that only a later release knows.
const LATER_US: i64 = 1_000_000;
/// A receiver that has failed for so long, and so often, is switched off.
const FAILING_MAX_US: i64 = 3 * 24 * 3_600 * 1_000_000;
const FAILURES_MAX: i64 = 10;
/// The act of the audit log.
const SWITCHED_OFF: &str = "webhook_switched_off";

/// Takes events that are due, for as long as the lease lasts. What waited too long is given up.
#[derive(Clone, Debug)]
pub struct EventsClaim {
    /// Names who does it; never used before.
    pub lease: String,
    /// When.
    pub at: Timestamp,
    /// When the lease ends.
    pub until: Timestamp,
    /// For which receivers, and how many at most.
    pub room: Vec<(ReceiverId, i64)>,
}

/// An event to be delivered, with all that it takes but its words.
#[derive(Clone, Debug)]
pub struct EventJob {
    /// The job, with how often it was tried.
    pub job: JobRow,
    /// Who does it.
    pub lease: String,
    /// The event.
    pub event: EventRow,
    /// How often its receiver failed since it last took one.
    pub failures: i64,
    /// The receiver's address and keys, sealed.
    pub secrets: Vec<ReceiverSecret>,
}

#[async_trait]
impl Command for EventsClaim {
    type Answer = Vec<EventJob>;
    const NAME: &'static str = "events_claim";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Vec<EventJob>>> {
        let mut taken = Vec::new();
        for (receiver, limit) in &self.room {
            let row = rows.receiver_find(receiver).await?;
            let ready = |row: &ReceiverRow| row.active && row.health.paused_until <= self.at;
            let Some(row) = row.filter(ready) else {
                continue;
            };
            let of = (EVENT_DELIVER, receiver.as_str());
            let jobs = rows
                .jobs_claim(of, &self.lease, self.at, self.until, *limit)
                .await?;
            let secrets = rows.receiver_secrets_of(receiver).await?;
            for job in jobs {
                let Some(event) = self.event(rows, &row, &job).await? else {
                    continue;
                };
                taken.push(EventJob {
                    job,
                    lease: self.lease.clone(),
                    event,
                    failures: row.health.failures,
                    secrets: secrets.clone(),
                });
            }
        }
        Ok(Written::unchanged(taken))
    }
}

impl EventsClaim {
    /// The event of a job; nothing where it is not to be delivered any more.
    async fn event(
        &self,
        rows: &mut dyn Transaction,
        receiver: &ReceiverRow,
        job: &JobRow,
    ) -> Stored<Option<EventRow>> {
        let Some(event) = rows.event_find(&job.about).await? else {
            if rows.event_is_there(&job.about).await? {
                // A node of a later release delivers it. What comes after it in its lane waits for it.
                let run_after = Timestamp(self.at.0 + LATER_US);
                rows.job_release(job.id, run_after, false, false).await?;
            } else {
                rows.job_delete(&job.about).await?;
            }
            return Ok(None);
        };
        // What it wants may have changed since, and whose workitem it is.
        let of = rows.event_teams(&event.facts).await?;
        let test = event.kind == EventKind::Test;
        let hears = test || rights::still_hears(rows, receiver, &of).await?;
        if !hears || !receiver.hears_of(event.kind, &of) {
            rows.job_delete(&event.id).await?;
            rows.event_set(&event.id, EventState::Dropped, &event.tries)
                .await?;
            return Ok(None);
        }
        if self.at.0 - job.created_at.0 <= AGE_MAX_US {
            return Ok(Some(event));
        }
        let tries = EventTries {
            failure: Some(EventFailure::TooOld),
            ..event.tries
        };
        rows.job_delete(&event.id).await?;
        rows.event_set(&event.id, EventState::Failed, &tries)
            .await?;
        Ok(None)
    }
}

/// What came of delivering an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventOutcome {
    /// The receiver took it, and said so with this status.
    Delivered(i64),
    /// It is tried again.
    Later {
        /// Not before.
        run_after: Timestamp,
        /// Until when its receiver is left alone.
        pause_until: Timestamp,
        /// What happened.
        failure: EventFailure,
        /// The status that it was answered with.
        status: Option<i64>,
    },
    /// It is given up.
    Failed {
        /// Until when its receiver is left alone.
        pause_until: Timestamp,
        /// What happened.
        failure: EventFailure,
        /// The status that it was answered with.
        status: Option<i64>,
    },
    /// The receiver wants nothing any more: it answered 410.
    Gone,
    /// What it was about is gone, so nothing was sent.
    Dropped,
}

/// Notes what came of an event, unless somebody else has taken it since. Answers whether it was noted.
#[derive(Clone, Debug)]
pub struct EventSettle {
    /// The job.
    pub job: i64,
    /// Who did it.
    pub lease: String,
    /// The event.
    pub event: String,
    /// What came of it.
    pub outcome: EventOutcome,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for EventSettle {
    type Answer = bool;
    const NAME: &'static str = "event_settle";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let held = rows.job_held(self.job, &self.lease).await?;
        let event = rows.event_find(&self.event).await?;
        let Some(event) = event.filter(|_| held) else {
            return Ok(Written::unchanged(false));
        };
        let state = match self.outcome {
            EventOutcome::Delivered(_) => EventState::Delivered,
            EventOutcome::Later { .. } => EventState::Pending,
            EventOutcome::Failed { .. } | EventOutcome::Gone => EventState::Failed,
            EventOutcome::Dropped => EventState::Dropped,
        };
        match &self.outcome {
            // Others need not wait for one that may take long.
            EventOutcome::Later { run_after, .. } => {
                rows.job_release(self.job, *run_after, true, true).await?;
                rows.job_leave_lane(self.job).await?;
            }
            _ => rows.job_delete(&event.id).await?,
        }
        let tries = self.tries(&event);
        rows.event_set(&event.id, state, &tries).await?;
        // One that is deleted meanwhile has no health.
        if let Some(receiver) = rows.receiver_find(&event.receiver).await? {
            self.judge(rows, &receiver).await?;
        }
        Ok(Written::unchanged(true))
    }
}

impl EventSettle {
    fn tries(&self, event: &EventRow) -> EventTries {
        let (status, failure) = match &self.outcome {
            EventOutcome::Delivered(status) => (Some(*status), None),
            EventOutcome::Later {
                status, failure, ..
            }
            | EventOutcome::Failed {
                status, failure, ..
            } => (*status, Some(*failure)),
            EventOutcome::Gone => (Some(410), Some(EventFailure::Status)),
            EventOutcome::Dropped => return event.tries.clone(),
        };
        EventTries {
            attempts: event.tries.attempts + 1,
            tried_at: Some(self.at),
            status,
            failure,
        }
    }

    /// What the end of an event says about its receiver.
    async fn judge(&self, rows: &mut dyn Transaction, receiver: &ReceiverRow) -> Stored<()> {
        let before = &receiver.health;
        let pause_until = match &self.outcome {
            EventOutcome::Delivered(_) => {
                let health = ReceiverHealth {
                    succeeded_at: Some(self.at),
                    ..ReceiverHealth::default()
                };
                return rows.receiver_set_health(&receiver.id, &health).await;
            }
            EventOutcome::Dropped => return Ok(()),
            EventOutcome::Later { pause_until, .. } | EventOutcome::Failed { pause_until, .. } => {
                *pause_until
            }
            EventOutcome::Gone => self.at,
        };
        let failing_since = before.failing_since.unwrap_or(self.at);
        let health = ReceiverHealth {
            succeeded_at: before.succeeded_at,
            failing_since: Some(failing_since),
            failures: before.failures + 1,
            paused_until: before.paused_until.max(pause_until),
            off: None,
        };
        rows.receiver_set_health(&receiver.id, &health).await?;
        let failing = self.at.0 - failing_since.0 >= FAILING_MAX_US;
        let reason = match self.outcome {
            EventOutcome::Gone => OffReason::Gone,
            _ if failing && health.failures >= FAILURES_MAX => OffReason::Failing,
            _ => return Ok(()),
        };
        if !receiver.active {
            return Ok(());
        }
        let off = Some((reason, self.at));
        rows.receiver_set_active(&receiver.id, false, off).await?;
        let changes = [AuditChange {
            field: "reason".to_owned(),
            was: None,
            is: Some(reason.code().to_owned()),
        }];
        let act = (SWITCHED_OFF, receiver.id.as_str());
        audit::done(rows, None, act, &changes, self.at).await
    }
}
