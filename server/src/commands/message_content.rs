//! What a message holds that a customer sent, or gets.

use shared::error::Problem;
use shared::files::{CONVERSATION_FILES_MAX, FileRef, MIB};
use shared::ids::{ChannelKey, FileId, WorkitemId};
use shared::text::MessageText;
use shared::workitem::Channel;

use super::one_line::one_line;
use crate::checked_file::CheckedFile;
use crate::store::{Snapshot, StoreError, Stored, Transaction};

/// The name of a file as an input, in errors.
const FIELD: &str = "file";

/// What a message holds: a text, files, or both. There is none that holds nothing.
#[derive(Clone, Debug)]
pub struct MessageContent {
    pub(super) text: Option<MessageText>,
    pub(super) files: Vec<NewFile>,
}

/// A file of a message.
#[derive(Clone, Debug)]
pub(super) enum NewFile {
    /// It came with the message.
    Here(FileId, CheckedFile),
    /// The provider of a channel has it.
    Coming(ChannelKey, ComingFile),
}

/// A file that a provider has.
#[derive(Clone, Debug)]
pub struct ComingFile {
    /// What is known of it: it is [`FileState::Coming`](shared::files::FileState::Coming).
    pub file: FileRef,
    /// Where: an address or a name of the provider's.
    pub source: String,
}

impl NewFile {
    fn shown(&self) -> FileRef {
        match self {
            NewFile::Here(id, checked) => checked.with_id(id.clone()),
            NewFile::Coming(_, coming) => coming.file.clone(),
        }
    }
}

impl MessageContent {
    /// Words alone.
    pub fn text(text: MessageText) -> Self {
        Self {
            text: Some(text),
            files: Vec::new(),
        }
    }

    /// A file alone, under a new id.
    pub fn file(id: FileId, file: CheckedFile) -> Self {
        Self::words_and_file(None, id, file)
    }

    /// A file, under a new id, and words if there are any.
    pub fn words_and_file(text: Option<MessageText>, id: FileId, file: CheckedFile) -> Self {
        Self {
            text,
            files: vec![NewFile::Here(id, file)],
        }
    }

    /// Words and files that the provider of a channel has; nothing where there is neither.
    pub(super) fn provided(
        text: Option<MessageText>,
        channel: &ChannelKey,
        coming: &[ComingFile],
    ) -> Option<Self> {
        let files = coming.iter().cloned();
        let files = files.map(|coming| NewFile::Coming(channel.clone(), coming));
        let files = Vec::from_iter(files);
        (text.is_some() || !files.is_empty()).then_some(Self { text, files })
    }

    /// What messages say of its files.
    pub(super) fn shown(&self) -> Vec<FileRef> {
        self.files.iter().map(NewFile::shown).collect()
    }

    /// Whether customers get it on this channel: providers carry text alone. `Invalid { field: "file" }` otherwise.
    pub(super) fn carried_by(&self, channel: Channel) -> Stored<()> {
        if self.files.is_empty() || channel == Channel::Chat {
            return Ok(());
        }
        Err(StoreError::Invalid {
            field: FIELD,
            problem: Problem::FileChannel,
        })
    }

    /// Adds its files to line `seq` of the customer's view. `Invalid { field: "file" }` where the conversation has no room for
    /// one that is here.
    pub(super) async fn insert_files(
        &self,
        rows: &mut dyn Transaction,
        workitem: &WorkitemId,
        seq: i64,
    ) -> Stored<()> {
        for (position, new) in (0..).zip(&self.files) {
            let file = new.shown();
            let content = match new {
                NewFile::Here(_, checked) => Some(checked.content()),
                NewFile::Coming(..) => None,
            };
            if content.is_some() && !has_room_for(rows, workitem, &file).await? {
                let max_mib = (CONVERSATION_FILES_MAX / MIB) as i64;
                let (field, problem) = (FIELD, Problem::FilesFull { max_mib });
                return Err(StoreError::Invalid { field, problem });
            }
            rows.customer_file_insert(workitem, (seq, position), &file, content)
                .await?;
        }
        Ok(())
    }

    /// What tells it from another content, for the key of its command.
    pub(super) fn told_apart(&self) -> String {
        let mut all = self.text.clone().map_or_else(String::new, String::from);
        for file in &self.files {
            if let NewFile::Here(_, checked) = file {
                // No text has this sign.
                all += "\0";
                all += &checked.digest();
            }
        }
        all
    }

    /// What it is about, in a line of at most so many characters: its words, or else how its file is called.
    pub(super) fn in_one_line(&self, max: usize) -> String {
        let name = self.files.first().map(|file| file.shown().name);
        let text = self.text.clone().map(String::from);
        one_line(&text.or(name).unwrap_or_default(), max)
    }
}

/// Whether a file makes those of its conversation no larger together than they may be.
pub(super) async fn has_room_for(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    file: &FileRef,
) -> Stored<bool> {
    let size = rows.customer_files_size(workitem).await? + file.size;
    Ok(size <= CONVERSATION_FILES_MAX as i64)
}
