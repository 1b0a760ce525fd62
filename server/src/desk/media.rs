//! Files that providers have: fetched one by one, checked by their content like those of the chat page, and noted at their
//! message. What waits is in the database; to fetch a file twice does no harm.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use shared::error::{AppError, Problem};
use shared::files::{FILE_MAX, FileState};
use shared::time::Timestamp;
use tokio::sync::Notify;

use super::Desk;
use super::providers::FetchError;
use super::worker::{Work, backoff, jitter};
use crate::checked_file::CheckedFile;
use crate::commands::{FileJob, FileOutcome, FileSettle, FilesClaim};
use crate::store::Stored;
use crate::store::rows::{FILE_FETCH, JobRoom};

/// How many files of one channel are fetched at once. Each is held whole.
const SHARE: i64 = 4;
/// How long a lease lasts: longer than all requests for one file take together.
const LEASE_US: i64 = 180_000_000;
/// The longest pause before the second attempt, which doubles with each further one, and the longest of all.
const BACKOFF_US: (i64, i64) = (15_000_000, 1_800_000_000);
/// After how many attempts a file is given up: about three quarters of an hour with pauses as long as they are on average.
const ATTEMPTS_MAX: i64 = 10;

/// What the worker knows beside the database.
#[derive(Default)]
pub(super) struct MediaInbox {
    /// A file was added, or there is room again.
    pub(super) wake: Notify,
    /// How many files of each channel are being fetched.
    busy: Arc<Mutex<BTreeMap<String, i64>>>,
}

/// A file with the room that it takes.
pub(super) struct Taken {
    job: FileJob,
    busy: Arc<Mutex<BTreeMap<String, i64>>>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut busy = lock(&self.busy);
        if let Some(count) = busy.get_mut(self.job.channel.key.as_str()) {
            *count -= 1;
        }
        busy.retain(|_, count| *count > 0);
    }
}

/// Files on their way to us.
pub(super) struct Files;

#[async_trait]
impl Work for Files {
    type Job = Taken;
    const NAME: &'static str = "files";

    fn wake(desk: &Desk) -> &Notify {
        &desk.0.media.wake
    }

    async fn next(desk: &Desk) -> Stored<Option<Timestamp>> {
        desk.files_next().await
    }

    async fn take(desk: &Desk) -> Stored<Vec<Taken>> {
        desk.files_take().await
    }

    async fn carry_out(desk: &Desk, taken: &Taken) {
        desk.file_fetch(&taken.job).await;
    }
}

impl Desk {
    /// Fetches everything that is due, one after the other, and answers how much that was. The worker does the same with
    /// several at once.
    pub async fn files_round(&self) -> Stored<usize> {
        let taken = self.files_take().await?;
        for taken in &taken {
            self.file_fetch(&taken.job).await;
        }
        Ok(taken.len())
    }

    async fn files_next(&self) -> Stored<Option<Timestamp>> {
        let mut rows = self.store().snapshot().await?;
        rows.job_next_of_any(FILE_FETCH).await
    }

    /// Takes what is due, of each channel as many as it has room for. Costs no write while nothing is.
    async fn files_take(&self) -> Stored<Vec<Taken>> {
        let now = self.now();
        if self.files_next().await?.is_none_or(|next| next > now) {
            return Ok(Vec::new());
        }
        let busy = &self.0.media.busy;
        let claim = FilesClaim {
            lease: self.ids().next(),
            at: now,
            until: Timestamp(now.0 + LEASE_US),
            room: JobRoom {
                share: SHARE,
                busy: lock(busy).clone(),
            },
        };
        let jobs = self.publish(self.store().execute(claim).await?);
        let taken = jobs.into_iter().map(|job| {
            *lock(busy).entry(job.channel.key.to_string()).or_default() += 1;
            let busy = Arc::clone(busy);
            Taken { job, busy }
        });
        Ok(taken.collect())
    }

    /// Fetches one file and notes what came of it.
    async fn file_fetch(&self, job: &FileJob) {
        let outcome = self.file_attempt(job).await;
        let (channel, file) = (&job.channel.key, &job.source.file.id);
        match &outcome {
            FileOutcome::Failed(state) => tracing::warn!(
                %channel, %file, reason = state.code(), attempts = job.job.attempts,
                "a file of a customer could not be fetched; staff see so at its message"
            ),
            FileOutcome::Later(_) => tracing::debug!(
                %channel, %file, attempts = job.job.attempts,
                "a file of a customer was not fetched; it is tried again"
            ),
            FileOutcome::Here(_) => {}
        }
        let settle = FileSettle {
            job: job.job.id,
            lease: job.lease.clone(),
            file: file.clone(),
            outcome,
        };
        match self.store().execute(settle).await {
            Ok(written) => {
                self.publish(written);
            }
            // The lease ends, and the file is fetched once more.
            Err(error) => tracing::error!(%error, %file, "a file that was fetched was not stored"),
        }
    }

    async fn file_attempt(&self, job: &FileJob) -> FileOutcome {
        let channel = &job.channel.key;
        let Some(provider) = self.config().providers.find(&job.channel.kind) else {
            // A kind of a later release, whose nodes fetch it.
            return self.file_later(job, FileState::NotSetUp);
        };
        let account = match self.account_of(&job.channel, &job.secrets) {
            Ok(account) => account,
            Err(error) => {
                tracing::error!(%channel, %error, "the secrets of a channel cannot be opened");
                return FileOutcome::Failed(FileState::NotSetUp);
            }
        };
        match provider.fetch(&account, &job.source.source, FILE_MAX).await {
            Ok(content) => checked(&job.source.file.name, &content),
            Err(FetchError::Failed(state)) => FileOutcome::Failed(state),
            Err(FetchError::Later(state)) => self.file_later(job, state),
        }
    }

    /// Tries again later, or gives up.
    fn file_later(&self, job: &FileJob, state: FileState) -> FileOutcome {
        if job.job.attempts >= ATTEMPTS_MAX {
            return FileOutcome::Failed(state);
        }
        let pause = jitter(backoff(job.job.attempts, BACKOFF_US));
        FileOutcome::Later(Timestamp(self.now().0 + pause))
    }
}

/// What it is by its content. An empty one is as good as none.
fn checked(name: &str, content: &[u8]) -> FileOutcome {
    match CheckedFile::check(name, content) {
        Ok(file) => FileOutcome::Here(file),
        Err(AppError::Invalid {
            problem: Problem::FileTooLarge { .. },
            ..
        }) => FileOutcome::Failed(FileState::TooLarge),
        Err(AppError::Invalid {
            problem: Problem::FileEmpty,
            ..
        }) => FileOutcome::Failed(FileState::Gone),
        Err(_) => FileOutcome::Failed(FileState::Refused),
    }
}

fn lock(busy: &Mutex<BTreeMap<String, i64>>) -> MutexGuard<'_, BTreeMap<String, i64>> {
    // Nothing under this lock can panic half-way through a change.
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}
