//! The outbox: hands messages to the providers that carry them, in each customer's order, and tries again what did not work.
//!
//! What waits is in the database, so a crash loses nothing. A message is taken with a lease; an answer that comes after the lease
//! was given to somebody else changes nothing. After an attempt of which nobody knows the end the provider is asked first
//! whether it has the message already; where it cannot be asked, the message goes out once more, and staff see so. Each channel
//! has room of its own, so that one whose provider hangs delays no other, and hands over no faster than its provider takes. A pause
//! that a provider asks for is in the database as well, so every node obeys it, and a program that starts again.

mod pace;
mod room;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use shared::delivery::DeliveryReason;
use shared::ids::ChannelKey;
use shared::time::Timestamp;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use self::pace::Pace;
use self::room::{Busy, Taken};
use super::Desk;
use super::providers::{Account, Outgoing, Provider, SendError};
use super::worker::{Work, backoff, jitter};
use crate::commands::deliveries::MESSAGE_DELIVER;
use crate::commands::{
    ChannelPause, DeliveriesClaim, DeliveryJob, DeliveryOutcome, DeliverySettle,
};
use crate::store::{StoreError, Stored};

/// How long a lease lasts: longer than asking, waiting for a turn (`pace::WAIT_MAX`) and sending take together
/// (`http_client::TIME_LIMIT`).
pub(super) const LEASE_US: i64 = 60_000_000;
/// The longest pause before the second attempt, which doubles with each further one, and the longest of all.
const BACKOFF_US: (i64, i64) = (2_000_000, 600_000_000);
/// After how many attempts a message is given up.
const ATTEMPTS_MAX: i64 = 10;
/// After which time, however few attempts there were: a provider that says "later" for that long.
const AGE_MAX_US: i64 = 4 * 3_600_000_000;
/// The longest that a provider's "later" is obeyed.
const AFTER_MAX: Duration = Duration::from_secs(3_600);
/// The provider's clock may be another one by as much.
const CLOCKS_US: i64 = 120_000_000;

/// What the outbox knows beside the database.
#[derive(Default)]
pub(super) struct Outbox {
    /// Something was added, or somebody is free again.
    pub(super) wake: Notify,
    /// Who has how much of the room.
    busy: Busy,
    /// When whose turn is.
    pace: Pace,
}

/// What an attempt came to.
struct Attempt {
    outcome: DeliveryOutcome,
    /// Until when the provider wants the channel to leave it alone.
    pause_until: Option<Timestamp>,
}

impl From<DeliveryOutcome> for Attempt {
    fn from(outcome: DeliveryOutcome) -> Self {
        Self {
            outcome,
            pause_until: None,
        }
    }
}

/// Messages on their way to the providers that carry them.
pub(super) struct Messages;

#[async_trait]
impl Work for Messages {
    type Job = Taken;
    const NAME: &'static str = "messages";

    fn wake(desk: &Desk) -> &Notify {
        &desk.0.outbox.wake
    }

    async fn next(desk: &Desk) -> Stored<Option<Timestamp>> {
        desk.outbox_next().await
    }

    async fn take(desk: &Desk) -> Stored<Vec<Self::Job>> {
        desk.outbox_take().await
    }

    async fn carry_out(desk: &Desk, job: &Self::Job) {
        desk.outbox_deliver(job).await;
    }
}

impl Desk {
    /// Hands over everything that is due, one after the other, and answers how much that was. The worker does the same with
    /// several at once.
    pub async fn outbox_round(&self) -> Stored<usize> {
        let taken = self.outbox_take().await?;
        let count = taken.len();
        for taken in taken {
            self.outbox_deliver(&taken).await;
        }
        Ok(count)
    }

    /// When the next message is due: not before the pause of its channel ends.
    async fn outbox_next(&self) -> Stored<Option<Timestamp>> {
        let mut rows = self.store().snapshot().await?;
        rows.job_next_of_any(MESSAGE_DELIVER).await
    }

    /// Takes what is due, of each channel as many as it has room for, and of one that pauses nothing. Costs no write while nothing
    /// is due.
    pub async fn outbox_take(&self) -> Stored<Vec<Taken>> {
        let now = self.now();
        let next = self.outbox_next().await?;
        if next.is_none_or(|next| next > now) {
            return Ok(Vec::new());
        }
        let busy = &self.0.outbox.busy;
        let claim = DeliveriesClaim {
            lease: self.ids().next(),
            at: now,
            until: Timestamp(now.0 + LEASE_US),
            room: busy.room(),
        };
        let jobs = self.publish(self.store().execute(claim).await?);
        Ok(jobs.into_iter().map(|job| busy.with(job)).collect())
    }

    /// Hands one message over and notes what came of it.
    pub async fn outbox_deliver(&self, job: &DeliveryJob) {
        let begun = self.now();
        let Attempt {
            outcome,
            pause_until,
        } = self.outbox_attempt(job).await;
        let (channel, number) = (&job.channel.key, job.job.attempts);
        if let DeliveryOutcome::Failed { reason, code, .. } = &outcome {
            tracing::warn!(
                %channel, entry = %job.entry, reason = reason.code(), code, attempts = number,
                "a message was given up; its agent sees it and can send it again"
            );
        }
        let pause = pause_until.map(|until| ChannelPause {
            channel: channel.clone(),
            until,
        });
        let at = self.now();
        let settle = DeliverySettle {
            job: job.job.id,
            lease: job.lease.clone(),
            entry: job.entry.clone(),
            outcome,
            pause,
            begun,
            at,
        };
        match self.store().execute(settle).await {
            Ok(written) => {
                let settled = self.publish(written);
                if let Some(until) = pause_until.filter(|_| settled.pause_begins) {
                    let seconds = (until.0 - at.0 + 999_999) / 1_000_000;
                    tracing::warn!(%channel, seconds, "the channel pauses, because its provider asks for fewer requests; what is to be sent waits");
                }
                if !settled.noted {
                    // Some providers report before they answer.
                    tracing::debug!(
                        entry = %job.entry,
                        "the end of a delivery was noted before: by a report, or after its lease was over"
                    );
                }
            }
            // The lease ends, and the provider is asked whether it has the message.
            Err(error) => {
                tracing::error!(%error, entry = %job.entry, "the end of a delivery was not stored");
            }
        }
    }

    async fn outbox_attempt(&self, job: &DeliveryJob) -> Attempt {
        let channel = &job.channel.key;
        let failed = |reason| {
            Attempt::from(DeliveryOutcome::Failed {
                reason,
                code: None,
                unsettled_since: job.unsettled_since,
            })
        };
        let Some(provider) = self.config().providers.find(&job.channel.kind) else {
            // A kind of a later release, whose nodes hand it over.
            let now = self.now().0;
            if now - job.job.created_at.0 > AGE_MAX_US {
                return failed(DeliveryReason::NotSetUp);
            }
            return Attempt::from(DeliveryOutcome::Later {
                run_after: Timestamp(now + BACKOFF_US.0),
                counted: false,
                unsettled: false,
            });
        };
        let account = match self.account_of(&job.channel, &job.secrets) {
            Ok(account) => account,
            Err(error) => {
                tracing::error!(%channel, %error, "the secrets of a channel cannot be opened");
                return failed(DeliveryReason::NotSetUp);
            }
        };
        let reference = format!("{}.{}", job.identity, job.number);
        let report_to = provider.report(channel).and_then(|path| {
            let base = self.config().public_url.as_ref()?;
            Some(format!("{base}{path}?message={reference}"))
        });
        let message = Outgoing {
            to: job.to.clone(),
            text: job.text.clone(),
            reference: Some(reference),
            report_to,
        };
        match self
            .outbox_hand_over(provider, &account, &message, job)
            .await
        {
            Ok(outcome) => outcome.into(),
            Err(error) => self.outbox_failed(job, error),
        }
    }

    /// Sends it, unless an attempt before turns out to have done that. A pause that began after it was taken holds for it as well.
    async fn outbox_hand_over(
        &self,
        provider: &dyn Provider,
        account: &Account,
        message: &Outgoing,
        job: &DeliveryJob,
    ) -> Result<DeliveryOutcome, SendError> {
        let sent = |id, maybe_twice| DeliveryOutcome::Sent { id, maybe_twice };
        if let Some(later) = self.outbox_paused(&account.channel).await? {
            return Ok(later);
        }
        let mut maybe_twice = false;
        if let Some(since) = job.unsettled_since {
            let since = Timestamp(since.0 - CLOCKS_US);
            let found = provider.find(account, message, since).await;
            let found = found.map_err(still_unsettled)?;
            // A message that comes twice is a smaller harm than one that never comes.
            maybe_twice = found.is_none();
            let found = found.unwrap_or_default();
            let known = self.provider_ids_known(&found).await;
            let known = known.map_err(|error| not_read(&error, true))?;
            // The oldest of those that nobody knows: two that say the same are sent one after the other.
            let own = found.into_iter().rev().find(|id| !known.contains(id));
            if let Some(own) = own {
                return Ok(sent(own, false));
            }
        }
        if let Some(reason) = job.barred {
            return Ok(DeliveryOutcome::Failed {
                reason,
                code: None,
                unsettled_since: job.unsettled_since,
            });
        }
        if let Some(rate) = provider.rate(account) {
            if let Some(later) = self.outbox_turn(&account.channel, rate).await {
                return Ok(later);
            }
            // What went out before may have been too much.
            if let Some(later) = self.outbox_paused(&account.channel).await? {
                return Ok(later);
            }
        }
        let id = provider.send(account, message).await?;
        Ok(sent(id, maybe_twice))
    }

    /// Waits for the channel's next turn. What becomes of a message whose turn is too far away: it is given back until then, and no
    /// attempt is counted.
    async fn outbox_turn(&self, channel: &ChannelKey, rate: u32) -> Option<DeliveryOutcome> {
        let share = (rate, self.0.nodes.count());
        match self.0.outbox.pace.turn(channel, share, Instant::now()) {
            Ok(turn) => {
                sleep_until(turn).await;
                None
            }
            Err(wait) => {
                let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
                Some(DeliveryOutcome::Later {
                    run_after: Timestamp(self.now().0.saturating_add(wait)),
                    counted: false,
                    unsettled: false,
                })
            }
        }
    }

    async fn provider_ids_known(&self, ids: &[String]) -> Stored<Vec<String>> {
        let mut rows = self.store().snapshot().await?;
        rows.provider_ids_known(ids).await
    }

    /// What becomes of a message whose channel pauses: it waits for the end, and no attempt is counted.
    async fn outbox_paused(
        &self,
        channel: &ChannelKey,
    ) -> Result<Option<DeliveryOutcome>, SendError> {
        let until = self.outbox_paused_until(channel).await;
        let until = until.map_err(|error| not_read(&error, false))?;
        let run_after = until.filter(|until| *until > self.now());
        Ok(run_after.map(|run_after| DeliveryOutcome::Later {
            run_after,
            counted: false,
            unsettled: false,
        }))
    }

    async fn outbox_paused_until(&self, channel: &ChannelKey) -> Stored<Option<Timestamp>> {
        let mut rows = self.store().snapshot().await?;
        rows.job_paused_until(MESSAGE_DELIVER, channel.as_str())
            .await
    }

    /// Tries again later, or gives up.
    fn outbox_failed(&self, job: &DeliveryJob, error: SendError) -> Attempt {
        let (after, unsettled, throttled, status) = match error {
            SendError::Refused { reason, code, .. } => {
                return Attempt::from(DeliveryOutcome::Failed {
                    reason,
                    code,
                    unsettled_since: job.unsettled_since,
                });
            }
            SendError::Later {
                after,
                unsettled,
                throttled,
                status,
                ..
            } => (after, unsettled, throttled, status),
        };
        let channel = &job.channel.key;
        if !throttled {
            tracing::warn!(
                %channel, entry = %job.entry, attempts = job.job.attempts, status,
                "a message was not handed over and is tried again or given up; without a status there was no answer, with a good one none that can be read"
            );
        }
        let now = self.now();
        let asked = after.map(|after| after.min(AFTER_MAX).as_micros());
        let asked = asked.map_or(0, |asked| i64::try_from(asked).unwrap_or(i64::MAX));
        // Too many requests are the channel's: that holds for the others, whatever becomes of this one. What broke is this
        // one's, and it alone waits as long as the provider asks.
        let pauses = throttled && asked > 0;
        let pause_until = pauses.then_some(Timestamp(now.0 + asked));
        let old = now.0 - job.job.created_at.0 > AGE_MAX_US;
        if old || (job.job.attempts >= ATTEMPTS_MAX && !throttled) {
            let now_unsettled = unsettled.then_some(job.job.created_at);
            let outcome = DeliveryOutcome::Failed {
                reason: DeliveryReason::NoAnswer,
                code: None,
                unsettled_since: job.unsettled_since.or(now_unsettled),
            };
            return Attempt {
                outcome,
                pause_until,
            };
        }
        let pause = jitter(backoff(job.job.attempts, BACKOFF_US));
        let outcome = DeliveryOutcome::Later {
            run_after: Timestamp(now.0 + asked + pause),
            counted: !throttled,
            unsettled,
        };
        Attempt {
            outcome,
            pause_until,
        }
    }
}

/// The database did not answer what must be known before anything is sent: the message is tried again.
fn not_read(error: &StoreError, unsettled: bool) -> SendError {
    SendError::Later {
        after: None,
        unsettled,
        throttled: false,
        status: None,
        detail: error.to_string(),
    }
}

/// What went wrong with a question: whatever it is, a refusal too, the message may be there.
fn still_unsettled(error: SendError) -> SendError {
    match error {
        SendError::Refused { status, detail, .. } => SendError::Later {
            after: None,
            unsettled: true,
            throttled: false,
            status,
            detail,
        },
        SendError::Later {
            after,
            throttled,
            status,
            detail,
            ..
        } => SendError::Later {
            after,
            unsettled: true,
            throttled,
            status,
            detail,
        },
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing under this lock can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
