//! Files that come with messages: their limits, what kinds there are, and what is known of one without its content.

// Only the host gives files their names.
#[cfg(not(target_arch = "wasm32"))]
mod name;

use serde::{Deserialize, Serialize};

use crate::ids::FileId;

/// The largest file, in bytes.
pub const FILE_MAX: usize = 5 * MIB;
/// How much all files of one conversation may have together, in bytes.
pub const CONVERSATION_FILES_MAX: usize = 50 * MIB;
/// The longest name of a file, in characters.
pub const FILE_NAME_MAX: usize = 120;

/// The bytes of a MiB.
pub const MIB: usize = 1024 * 1024;

/// The kinds of files that are taken. What is none of them is refused; pages and drawings that hold scripts (HTML, SVG) are
/// none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A picture.
    Png,
    /// A picture.
    Jpeg,
    /// A picture, which may move.
    Gif,
    /// A picture.
    WebP,
    /// A document.
    Pdf,
    /// Plain text in UTF-8.
    Text,
    /// A table as plain text in UTF-8.
    Csv,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [FileKind; 7] = [
        FileKind::Png,
        FileKind::Jpeg,
        FileKind::Gif,
        FileKind::WebP,
        FileKind::Pdf,
        FileKind::Text,
        FileKind::Csv,
    ];

    /// The media type, as it is stored and sent.
    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Png => "image/png",
            FileKind::Jpeg => "image/jpeg",
            FileKind::Gif => "image/gif",
            FileKind::WebP => "image/webp",
            FileKind::Pdf => "application/pdf",
            FileKind::Text => "text/plain",
            FileKind::Csv => "text/csv",
        }
    }

    /// The kind of a media type.
    pub fn of_media_type(media_type: &str) -> Option<FileKind> {
        let mut kinds = Self::ALL.into_iter();
        kinds.find(|kind| kind.media_type() == media_type)
    }

    /// How people call it.
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Png => "PNG",
            FileKind::Jpeg => "JPEG",
            FileKind::Gif => "GIF",
            FileKind::WebP => "WebP",
            FileKind::Pdf => "PDF",
            FileKind::Text => "TXT",
            FileKind::Csv => "CSV",
        }
    }
}

/// Whether the content of a file is here, and else why not. A file of a provider comes after its message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It is.
    #[default]
    Ready,
    /// It is being fetched.
    Coming,
    /// It is of a kind that is not taken, whatever the provider called it.
    Refused,
    /// It is larger than [`FILE_MAX`].
    TooLarge,
    /// Its conversation has no room for it ([`CONVERSATION_FILES_MAX`]).
    NoRoom,
    /// The provider does not have it, or not any more.
    Gone,
    /// The provider did not answer in time, however often it was asked.
    NoAnswer,
    /// The channel cannot fetch anything as it is set up.
    NotSetUp,
}

impl FileState {
    /// Every state.
    pub const ALL: [FileState; 8] = [
        FileState::Ready,
        FileState::Coming,
        FileState::Refused,
        FileState::TooLarge,
        FileState::NoRoom,
        FileState::Gone,
        FileState::NoAnswer,
        FileState::NotSetUp,
    ];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            FileState::Ready => "ready",
            FileState::Coming => "coming",
            FileState::Refused => "refused",
            FileState::TooLarge => "too_large",
            FileState::NoRoom => "no_room",
            FileState::Gone => "gone",
            FileState::NoAnswer => "no_answer",
            FileState::NotSetUp => "not_set_up",
        }
    }

    /// The state of a code.
    pub fn from_code(code: &str) -> Option<FileState> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the content is here.
    pub fn is_ready(&self) -> bool {
        *self == FileState::Ready
    }
}

/// A file of a message, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Which. It is random: it tells nobody how many files there are.
    pub id: FileId,
    /// Its name, as the sender's device calls it; see [`FileKind::file_name`].
    pub name: String,
    /// What it is, by its content; until that is here, as the provider says. A picture that is too large for a page is data
    /// without a type.
    pub media_type: String,
    /// How many bytes it has; 0 until it is here.
    pub size: i64,
    /// Whether its content is here.
    #[serde(default, skip_serializing_if = "FileState::is_ready")]
    pub state: FileState,
}

impl FileRef {
    /// Whether browsers show it in a page.
    pub fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }

    /// What it is, as people call it: where its media type says nothing, as its name ends.
    pub fn kind_name(&self) -> String {
        match FileKind::of_media_type(&self.media_type) {
            Some(kind) => kind.name().to_owned(),
            None => {
                let end = self.name.rsplit('.').next().unwrap_or_default();
                end.to_ascii_uppercase()
            }
        }
    }

    /// Its size in KB, rounded up.
    pub fn kilobytes(&self) -> i64 {
        (self.size + 1023) / 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_its_code() {
        for state in FileState::ALL {
            assert_eq!(FileState::from_code(state.code()), Some(state));
            let written = serde_json::to_value(state).expect("a code");
            assert_eq!(written, state.code());
        }
    }

    #[test]
    fn a_kind_is_known_by_its_media_type() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::of_media_type(kind.media_type()), Some(kind));
        }
        assert_eq!(FileKind::of_media_type("image/svg+xml"), None);
    }

    #[test]
    fn a_file_has_a_kind_that_people_know() {
        for (name, media_type, kind) in [
            ("plan.png", "image/png", "PNG"),
            ("plan.png", "application/octet-stream", "PNG"),
            ("plan.a.jpeg", "application/octet-stream", "JPEG"),
        ] {
            let file = FileRef {
                id: FileId::parse("f").expect("an id"),
                name: name.to_owned(),
                media_type: media_type.to_owned(),
                size: 1,
                state: FileState::Ready,
            };
            assert_eq!(file.kind_name(), kind, "{name}");
            assert_eq!(file.is_picture(), media_type.starts_with("image/"));
        }
    }
}
