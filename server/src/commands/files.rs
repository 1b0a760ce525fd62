//! Files that providers have: queued with their message, and noted when they were fetched or cannot be.

use async_trait::async_trait;
use shared::files::{FileRef, FileState};
use shared::ids::{ChannelKey, EntryId, FileId};
use shared::time::Timestamp;

use super::entries;
use super::message_content::{ComingFile, has_room_for};
use crate::checked_file::CheckedFile;
use crate::store::rows::{
    FILE_FETCH, FileSource, JobRoom, JobRow, NewJob, ProviderChannelRow, SealedSecret,
};
use crate::store::{Change, Command, Stored, Transaction, Written};

/// Queues a file of this entry, which is in its place.
pub(super) async fn queue(
    rows: &mut dyn Transaction,
    entry: &EntryId,
    (channel, coming): (&ChannelKey, &ComingFile),
    at: Timestamp,
) -> Stored<()> {
    let id = &coming.file.id;
    rows.file_source_insert(id, entry, channel, &coming.source)
        .await?;
    let job = NewJob {
        kind: FILE_FETCH,
        queue: channel.as_str(),
        about: id.as_str(),
        // No file waits for another one.
        lane: id.as_str(),
    };
    rows.job_insert(&job, at).await
}

/// Takes files that are due, of each channel as many as it has room for, for as long as the lease lasts.
#[derive(Clone, Debug)]
pub struct FilesClaim {
    /// Names who does it; never used before.
    pub lease: String,
    /// When.
    pub at: Timestamp,
    /// When the lease ends.
    pub until: Timestamp,
    /// For how many of each channel there is room.
    pub room: JobRoom,
}

/// A file to be fetched, with all that it takes.
#[derive(Clone, Debug)]
pub struct FileJob {
    /// The job, with how often it was tried.
    pub job: JobRow,
    /// Who does it.
    pub lease: String,
    /// What is fetched, and from where.
    pub source: FileSource,
    /// On which channel.
    pub channel: ProviderChannelRow,
    /// The channel's secrets, sealed.
    pub secrets: Vec<SealedSecret>,
}

#[async_trait]
impl Command for FilesClaim {
    type Answer = Vec<FileJob>;
    const NAME: &'static str = "files_claim";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Vec<FileJob>>> {
        let Self {
            lease,
            at,
            until,
            room,
        } = self;
        let taken = rows
            .jobs_claim_of_each(FILE_FETCH, lease, *at, *until, room)
            .await?;
        let mut jobs = Vec::with_capacity(taken.len());
        let mut changes = Vec::new();
        for job in taken {
            let source = match FileId::parse(job.about.clone()) {
                Ok(file) => rows.file_source_find(&file).await?,
                Err(_) => None,
            };
            let Some(source) = source else {
                rows.job_delete(&job.about).await?;
                continue;
            };
            match rows.provider_channel_find(&source.channel).await? {
                Some(channel) => jobs.push(FileJob {
                    job,
                    lease: lease.clone(),
                    secrets: rows.channel_secrets_of(&channel.key).await?,
                    source,
                    channel,
                }),
                // It was deleted meanwhile.
                None => {
                    end(
                        rows,
                        &source,
                        failed(&source, FileState::NotSetUp),
                        None,
                        &mut changes,
                    )
                    .await?
                }
            }
        }
        Ok(Written {
            value: jobs,
            changes,
        })
    }
}

/// What came of fetching a file.
#[derive(Clone, Debug)]
pub enum FileOutcome {
    /// It is here.
    Here(CheckedFile),
    /// It will not come.
    Failed(FileState),
    /// It is tried again.
    Later(Timestamp),
}

/// Notes what came of fetching a file. Answers whether the lease was still the present one; else nothing is changed.
#[derive(Clone, Debug)]
pub struct FileSettle {
    /// The job.
    pub job: i64,
    /// Who did it.
    pub lease: String,
    /// Which file.
    pub file: FileId,
    /// What came of it.
    pub outcome: FileOutcome,
}

#[async_trait]
impl Command for FileSettle {
    type Answer = bool;
    const NAME: &'static str = "file_settle";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        if !rows.job_held(self.job, &self.lease).await? {
            return Ok(Written::unchanged(false));
        }
        let source = rows.file_source_find(&self.file).await?;
        let Some(source) = source else {
            return Ok(Written::unchanged(false));
        };
        let mut changes = Vec::new();
        match &self.outcome {
            FileOutcome::Later(run_after) => {
                rows.job_release(self.job, *run_after, true, false).await?;
            }
            FileOutcome::Failed(state) => {
                end(rows, &source, failed(&source, *state), None, &mut changes).await?;
            }
            FileOutcome::Here(checked) => {
                let file = checked.with_id(self.file.clone());
                match has_room_for(rows, &source.workitem, &file).await? {
                    true => end(rows, &source, file, Some(checked.content()), &mut changes).await?,
                    false => {
                        let file = failed(&source, FileState::NoRoom);
                        end(rows, &source, file, None, &mut changes).await?;
                    }
                }
            }
        }
        Ok(Written {
            value: true,
            changes,
        })
    }
}

fn failed(source: &FileSource, state: FileState) -> FileRef {
    FileRef {
        state,
        ..source.file.clone()
    }
}

/// Nothing is to be done any more: the message shows the file as it is now.
async fn end(
    rows: &mut dyn Transaction,
    source: &FileSource,
    file: FileRef,
    content: Option<&[u8]>,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    rows.customer_file_settle(&file, content).await?;
    rows.file_source_delete(&file.id).await?;
    rows.job_delete(file.id.as_str()).await?;
    entries::touch(rows, &source.workitem, &source.entry, changes).await
}
