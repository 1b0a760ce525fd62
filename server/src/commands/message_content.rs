//! What a customer's message holds.

use shared::files::FileRef;
use shared::ids::{ChannelKey, FileId};
use shared::text::MessageText;

use super::messages::one_line;
use crate::checked_file::CheckedFile;

/// What a customer's message holds: a text, files, or both. There is none that holds nothing.
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
    pub(super) fn shown(&self) -> FileRef {
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
        Self {
            text: None,
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
