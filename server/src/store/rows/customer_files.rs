//! Files of customers' messages. Their content stands apart and is read alone.

use async_trait::async_trait;
use shared::files::FileRef;
use shared::ids::{FileId, WorkitemId};

use crate::store::Stored;

/// A file with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileContent {
    /// What messages say of it.
    pub file: FileRef,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Reads of files. They touch what is the customers' own.
#[async_trait]
pub trait CustomerFileReads: Send {
    /// In which workitem's conversation the file is.
    async fn customer_file_place(&mut self, file: &FileId) -> Stored<Option<WorkitemId>>;
    /// A file of this workitem's conversation with its content.
    async fn customer_file_content(
        &mut self,
        workitem: &WorkitemId,
        file: &FileId,
    ) -> Stored<Option<FileContent>>;
    /// How many bytes all files of the conversation have together.
    async fn customer_files_size(&mut self, workitem: &WorkitemId) -> Stored<i64>;
}

/// Writes of files.
#[async_trait]
pub trait CustomerFileRows: Send {
    /// Adds a file, with its content if that is here, at its place: the number of the line whose body names it, and its position there, from 0.
    async fn customer_file_insert(
        &mut self,
        workitem: &WorkitemId,
        place: (i64, i64),
        file: &FileRef,
        content: Option<&[u8]>,
    ) -> Stored<()>;
    /// Sets what is known of a file that was coming, and its content if that is here now.
    async fn customer_file_settle(&mut self, file: &FileRef, content: Option<&[u8]>) -> Stored<()>;
}
