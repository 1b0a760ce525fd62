//! Where providers have files that are coming.

use async_trait::async_trait;
use shared::files::FileRef;
use shared::ids::{ChannelKey, EntryId, FileId, WorkitemId};

use crate::store::Stored;

/// The kind of a job that fetches a file. Its queue is the channel.
pub const FILE_FETCH: &str = "file_fetch";

/// A file that is coming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSource {
    /// What is known of it.
    pub file: FileRef,
    /// The conversation of its message.
    pub workitem: WorkitemId,
    /// The staff's entry of its message.
    pub entry: EntryId,
    /// The channel whose provider has it.
    pub channel: ChannelKey,
    /// An address or a name of the provider's.
    pub source: String,
}

/// Reads of what is coming.
#[async_trait]
pub trait FileSourceReads: Send {
    /// A file that is coming.
    async fn file_source_find(&mut self, file: &FileId) -> Stored<Option<FileSource>>;
}

/// Writes of what is coming.
#[async_trait]
pub trait FileSourceRows: Send {
    /// Sets where a file comes from.
    async fn file_source_insert(
        &mut self,
        file: &FileId,
        entry: &EntryId,
        channel: &ChannelKey,
        source: &str,
    ) -> Stored<()>;
    /// Forgets where a file comes from.
    async fn file_source_delete(&mut self, file: &FileId) -> Stored<()>;
}
