//! A file from outside: what it is by its content, whatever its name says. Nothing is unpacked and nothing is rendered.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use shared::error::{AppError, Problem};
use shared::files::{FILE_MAX, FileKind, FileRef, FileState, MIB};
use shared::ids::FileId;

use crate::picture_size::media_type;

/// The name of the input, in errors.
const FIELD: &str = "file";

/// A file that is taken. It prints no word of itself.
#[derive(Clone)]
pub struct CheckedFile {
    name: String,
    kind: FileKind,
    media_type: &'static str,
    content: Arc<[u8]>,
}

impl CheckedFile {
    /// Checks size and content. `Invalid { field: "file" }` with [`Problem::FileEmpty`], [`Problem::FileTooLarge`] or
    /// [`Problem::FileKind`].
    pub fn check(name: &str, content: &[u8]) -> Result<Self, AppError> {
        if content.is_empty() {
            return Err(AppError::invalid(FIELD, Problem::FileEmpty));
        }
        if content.len() > FILE_MAX {
            let max_mib = (FILE_MAX / MIB) as i64;
            return Err(AppError::invalid(FIELD, Problem::FileTooLarge { max_mib }));
        }
        let kind = kind_of(name, content);
        let kind = kind.ok_or_else(|| AppError::invalid(FIELD, Problem::FileKind))?;
        Ok(Self {
            name: kind.file_name(name),
            kind,
            media_type: media_type(kind, content),
            content: content.into(),
        })
    }

    /// What messages say of it, under this id.
    pub(crate) fn with_id(&self, id: FileId) -> FileRef {
        FileRef {
            id,
            name: self.name.clone(),
            media_type: self.media_type.to_owned(),
            size: self.content.len() as i64,
            state: FileState::Ready,
        }
    }

    /// Its content.
    pub(crate) fn content(&self) -> &[u8] {
        &self.content
    }

    /// What tells it from every other file: name and content.
    pub(crate) fn digest(&self) -> String {
        let digest = Sha256::new_with_prefix(self.name.as_bytes());
        hex::encode(
            digest
                .chain_update([0])
                .chain_update(&self.content)
                .finalize(),
        )
    }
}

impl fmt::Debug for CheckedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.kind.name(), self.content.len())
    }
}

/// What it is by its first bytes. A name decides nothing but which of two kinds of plain text it is.
fn kind_of(name: &str, content: &[u8]) -> Option<FileKind> {
    let begins = |with: &[u8]| content.starts_with(with);
    if begins(b"\x89PNG\r\n\x1a\n") {
        Some(FileKind::Png)
    } else if begins(b"\xff\xd8\xff") {
        Some(FileKind::Jpeg)
    } else if begins(b"GIF87a") || begins(b"GIF89a") {
        Some(FileKind::Gif)
    } else if begins(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        Some(FileKind::WebP)
    } else if begins(b"%PDF-") {
        Some(FileKind::Pdf)
    } else if !is_plain_text(content) {
        None
    } else if name.to_ascii_lowercase().ends_with(".csv") {
        Some(FileKind::Csv)
    } else {
        Some(FileKind::Text)
    }
}

/// What a file of none of the kinds is, as far as its bytes tell. For the log: none of its own words.
pub(crate) fn other_kind(content: &[u8]) -> &'static str {
    let begins = |with: &[u8]| content.starts_with(with);
    if begins(b"PK\x03\x04") {
        return "archive";
    }
    if begins(b"MZ") || begins(b"\x7fELF") {
        return "program";
    }
    match std::str::from_utf8(content) {
        Ok(text) if is_markup(text) => "markup",
        Ok(_) => "text with control characters",
        Err(_) => "unknown",
    }
}

/// UTF-8 without control characters, and no markup.
fn is_plain_text(content: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(content) else {
        return false;
    };
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{C}');
    !is_markup(text) && !text.contains(is_control)
}

/// What begins with a tag may be taken for a page or a drawing, which can hold scripts.
fn is_markup(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c == '\u{FEFF}' || c.is_whitespace());
    let tag = text.strip_prefix('<').and_then(|rest| rest.chars().next());
    tag.is_some_and(|c| c.is_alphabetic() || matches!(c, '!' | '?' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    // As much of pictures of one pixel as tells their size.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";
    const JPEG: &[u8] = b"\xff\xd8\xff\xc0\0\x11\x08\0\x01\0\x01";
    const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0";
    const WEBP: &[u8] = b"RIFF\x04\0\0\0WEBPVP8L\x05\0\0\0\x2f\0\0\0\0";

    fn taken(name: &str, content: &[u8]) -> Option<(String, &'static str)> {
        let file = CheckedFile::check(name, content).ok()?;
        Some((file.name, file.media_type))
    }

    #[test]
    fn the_content_says_what_a_file_is() {
        for (name, content, as_name, media_type) in [
            ("a.png", PNG, "a.png", "image/png"),
            ("a.png", JPEG, "a.png.jpg", "image/jpeg"),
            ("a.html", GIF, "a.html.gif", "image/gif"),
            ("a", WEBP, "a.webp", "image/webp"),
            ("a.pdf", b"%PDF-1.7\n...", "a.pdf", "application/pdf"),
            ("a.txt", "Grüße, <3".as_bytes(), "a.txt", "text/plain"),
            ("a.csv", b"a;b\r\n1;2\r\n", "a.csv", "text/csv"),
            ("a.svg", b"no drawing", "a.svg.txt", "text/plain"),
        ] {
            let expected = Some((as_name.to_owned(), media_type));
            assert_eq!(taken(name, content), expected, "{name}");
        }
    }

    #[test]
    fn what_is_none_of_the_kinds_is_refused_whatever_it_is_called() {
        for content in [
            &b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"[..],
            b"\xef\xbb\xbf \n<!DOCTYPE html><p>",
            b"<?xml version=\"1.0\"?><svg/>",
            b"<!-- --><script>alert(1)</script>",
            b"</p><script>",
            b"PK\x03\x04....",
            b"MZ\x90\0",
            b"\x7fELF",
            b"RIFF\x04\0\0\0WAVEfmt ",
            b"a\0b",
            b"\x1b[2J",
            b"Gr\xfc\xdfe in another encoding",
            b"<html>%PDF-1.7",
        ] {
            for name in ["a.png", "a.pdf", "a.txt", ""] {
                let refused = CheckedFile::check(name, content).unwrap_err();
                let expected = AppError::invalid("file", Problem::FileKind);
                assert_eq!(refused, expected, "{}", String::from_utf8_lossy(content));
            }
        }
        let empty = CheckedFile::check("a.txt", b"").unwrap_err();
        assert_eq!(empty, AppError::invalid("file", Problem::FileEmpty));
    }

    #[test]
    fn what_is_refused_has_a_word_for_the_log() {
        for (content, word) in [
            (&b"PK\x03\x04...."[..], "archive"),
            (b"MZ\x90\0", "program"),
            (b"\x7fELF", "program"),
            (b" <!DOCTYPE html><p>", "markup"),
            (b"a\0b", "text with control characters"),
            (b"Gr\xfc\xdfe", "unknown"),
        ] {
            assert_eq!(other_kind(content), word);
        }
    }

    #[test]
    fn the_largest_file_is_taken_and_one_byte_more_is_not() {
        let most = vec![b'a'; FILE_MAX];
        assert!(taken("a.txt", &most).is_some());
        let more = CheckedFile::check("a.txt", &[&most[..], b"a"].concat());
        let problem = Problem::FileTooLarge { max_mib: 5 };
        assert_eq!(more.unwrap_err(), AppError::invalid("file", problem));
    }

    #[test]
    fn a_file_prints_neither_its_name_nor_its_content() {
        let file = CheckedFile::check("secret.txt", b"the words").unwrap();
        assert_eq!(format!("{file:?}"), "TXT of 9 bytes");
    }
}
