//! How a file is called.

use super::{FILE_NAME_MAX, FileKind};
use crate::clusters::beginning;
use crate::text::{is_mark, is_outer_blank, is_visible};

impl FileKind {
    /// The ends of names that agree with it; the first one is put behind a name that has none of them.
    fn extensions(self) -> &'static [&'static str] {
        match self {
            FileKind::Png => &["png"],
            FileKind::Jpeg => &["jpg", "jpeg"],
            FileKind::Gif => &["gif"],
            FileKind::WebP => &["webp"],
            FileKind::Pdf => &["pdf"],
            FileKind::Text => &["txt"],
            FileKind::Csv => &["csv"],
        }
    }

    /// The kind that the end of a name claims.
    pub fn of_name(name: &str) -> Option<FileKind> {
        let (_, end) = name.rsplit_once('.')?;
        let mut kinds = Self::ALL.into_iter();
        kinds.find(|kind| kind.agrees_with(end))
    }

    fn agrees_with(self, end: &str) -> bool {
        let mut ends = self.extensions().iter();
        ends.any(|known| known.eq_ignore_ascii_case(end))
    }

    /// A file's name without a folder, without control characters and marks of direction, at most [`FILE_NAME_MAX`] characters
    /// long, and with an end that agrees with what the file is.
    pub fn file_name(self, raw: &str) -> String {
        let name = raw.rsplit(['/', '\\']).next().unwrap_or_default();
        let unfit = |c: char| c.is_control() || is_mark(c) || matches!(c, '\u{2028}' | '\u{2029}');
        let name: String = name.chars().filter(|c| !unfit(*c)).collect();
        // What begins with a full stop is hidden on many machines.
        let name = name.trim_matches(|c| c == '.' || is_outer_blank(c));
        let agrees = |(_, end): &(&str, &str)| self.agrees_with(end);
        let (stem, end) = match name.rsplit_once('.').filter(agrees) {
            Some(parts) => parts,
            None => (name, self.extensions()[0]),
        };
        let stem = beginning(stem, FILE_NAME_MAX - end.len() - 1).trim_end();
        let stem = if is_visible(stem) { stem } else { "file" };
        [stem, ".", end].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_claims_a_kind() {
        for (name, kind) in [
            ("lamp.png", Some(FileKind::Png)),
            ("lamp.png.JPEG", Some(FileKind::Jpeg)),
            ("lamp.exe", None),
            ("png", None),
            ("", None),
        ] {
            assert_eq!(FileKind::of_name(name), kind, "{name}");
        }
    }

    #[test]
    fn a_name_has_no_folder_nothing_hidden_and_the_end_of_its_kind() {
        for (raw, kind, name) in [
            ("lamp.png", FileKind::Png, "lamp.png"),
            ("Lamp.JPEG", FileKind::Jpeg, "Lamp.JPEG"),
            ("lamp", FileKind::Png, "lamp.png"),
            ("invoice.pdf", FileKind::Png, "invoice.pdf.png"),
            ("page.html", FileKind::Text, "page.html.txt"),
            ("../../etc/passwd", FileKind::Text, "passwd.txt"),
            ("C:\\Users\\eve\\lamp.gif", FileKind::Gif, "lamp.gif"),
            (".htaccess", FileKind::Text, "htaccess.txt"),
            ("a\u{0}b\r\n.csv", FileKind::Csv, "ab.csv"),
            ("\u{202E}gnp.exe", FileKind::Png, "gnp.exe.png"),
            ("", FileKind::Pdf, "file.pdf"),
            ("lamp .png", FileKind::Png, "lamp.png"),
            (" \u{200B}.pdf", FileKind::Pdf, "pdf.pdf"),
            ("..", FileKind::WebP, "file.webp"),
            ("Größe 1.txt", FileKind::Text, "Größe 1.txt"),
        ] {
            assert_eq!(kind.file_name(raw), name, "{raw:?}");
        }
        let long = FileKind::Pdf.file_name(&"ä".repeat(500));
        assert_eq!(long.chars().count(), FILE_NAME_MAX);
        assert!(long.ends_with("ä.pdf"));
        assert_eq!(FileKind::Pdf.file_name(&long), long, "once is enough");
    }
}
