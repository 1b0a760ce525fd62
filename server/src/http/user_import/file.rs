//! The file: a header and a row for each user, as spreadsheets save it.

use crate::desk::user_import::{ImportRow, ROWS_MAX};

/// The largest file, in KiB.
pub(crate) const KIB_MAX: usize = 200;
/// The columns, in the order of [`ImportRow::texts`]. The last one may be missing.
pub(super) const COLUMNS: [&str; 4] = ["username", "name", "roles", "teams"];
const NEEDED: usize = 3;
/// Columns of the file of *Export CSV* that say nothing of a new user.
const IGNORED: [&str; 2] = ["active", "user"];

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It has more than [`KIB_MAX`].
    TooLarge,
    /// It is no text in UTF-8.
    NotText,
    /// There is no row in it.
    Empty,
    /// It has more than [`ROWS_MAX`].
    TooManyRows,
    /// A column is missing.
    ColumnMissing(&'static str),
    /// A column is not known.
    ColumnUnknown(String),
    /// A column stands there twice.
    ColumnTwice(&'static str),
}

/// The text of a file. A browser ends lines of a form in two signs; they are counted as one.
pub(super) fn text(content: &[u8]) -> Result<&str, Unreadable> {
    let size = content.iter().filter(|byte| **byte != b'\r').count();
    if size > KIB_MAX * 1024 {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(content).map_err(|_| Unreadable::NotText)?;
    Ok(text.trim_start_matches('\u{feff}'))
}

/// The rows of a file. Blank ones are left out.
pub(super) fn rows(text: &str) -> Result<Vec<ImportRow>, Unreadable> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    // What is text is read: the reader takes any quotes.
    let header = records.next().ok_or(Unreadable::Empty)?;
    let header = header.map_err(|_| Unreadable::NotText)?;
    let columns = columns(&header)?;
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|_| Unreadable::NotText)?;
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if rows.len() == ROWS_MAX {
            return Err(Unreadable::TooManyRows);
        }
        let field = |place: &Option<usize>| place.and_then(|place| record.get(place));
        rows.push(ImportRow {
            line: line_of(text, &record),
            fields: (record.len(), header.len()),
            texts: columns.map(|place| field(&place).unwrap_or_default().trim().to_owned()),
        });
    }
    match rows.is_empty() {
        true => Err(Unreadable::Empty),
        false => Ok(rows),
    }
}

/// In which line of the file a row begins. The reader's own count leaves out blank lines, and lines that end in two signs.
fn line_of(text: &str, record: &::csv::StringRecord) -> u64 {
    let begin = record.position().map_or(0, ::csv::Position::byte);
    let begin = usize::try_from(begin).unwrap_or(text.len()).min(text.len());
    let (before, rest) = text.as_bytes().split_at(begin);
    let skipped = rest
        .iter()
        .take_while(|byte| b"\r\n".contains(byte))
        .count();
    let before = [before, &rest[..skipped]].concat();
    // A line ends in a line feed, or in a carriage return without one.
    let ends = (0..before.len()).filter(|place| match before[*place] {
        b'\n' => true,
        b'\r' => before.get(place + 1) != Some(&b'\n'),
        _ => false,
    });
    1 + ends.count() as u64
}

/// What stands between the fields of the header.
fn separator(text: &str) -> u8 {
    let header = text.trim_start().lines().next().unwrap_or_default();
    let count = |sign| header.matches(char::from(sign)).count();
    let separators = [b'\t', b';', b','];
    separators
        .into_iter()
        .max_by_key(|sign| count(*sign))
        .unwrap_or(b',')
}

/// In which field each of [`COLUMNS`] stands.
fn columns(header: &::csv::StringRecord) -> Result<[Option<usize>; 4], Unreadable> {
    let mut places = [None; 4];
    for (place, name) in header.iter().enumerate() {
        let name = name.trim().to_lowercase();
        if IGNORED.contains(&name.as_str()) {
            continue;
        }
        let known = COLUMNS.iter().position(|known| *known == name);
        let Some(known) = known else {
            let name = name.chars().take(40).collect();
            return Err(Unreadable::ColumnUnknown(name));
        };
        if places[known].replace(place).is_some() {
            return Err(Unreadable::ColumnTwice(COLUMNS[known]));
        }
    }
    let missing = COLUMNS
        .iter()
        .zip(&places)
        .take(NEEDED)
        .find(|(_, place)| place.is_none());
    match missing {
        Some((name, _)) => Err(Unreadable::ColumnMissing(name)),
        None => Ok(places),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8]) -> Result<Vec<(u64, [String; 4])>, Unreadable> {
        let rows = rows(text(content)?)?;
        Ok(rows.into_iter().map(|row| (row.line, row.texts)).collect())
    }

    fn row(line: u64, texts: [&str; 4]) -> (u64, [String; 4]) {
        (line, texts.map(str::to_owned))
    }

    #[test]
    fn spreadsheets_write_the_same_in_many_ways() {
        let expected = vec![
            row(2, ["una", "Una \"U\" Umber", "agent", "Care|Sales"]),
            row(3, ["vic", "Vic, the second", "supervisor", ""]),
        ];
        for file in [
            "username,name,roles,teams\nuna,\"Una \"\"U\"\" Umber\",agent,Care|Sales\nvic,\"Vic, the second\",supervisor,\n",
            "\u{feff}Username;NAME;roles;teams\r\nuna;\"Una \"\"U\"\" Umber\";agent;Care|Sales\r\nvic;Vic, the second;supervisor;\r\n",
            "roles\tteams\tusername\tname\nagent\tCare|Sales\tuna\t\"Una \"\"U\"\" Umber\"\nsupervisor\t\tvic\tVic, the second",
        ] {
            assert_eq!(read(file.as_bytes()), Ok(expected.clone()), "{file}");
        }
    }

    #[test]
    fn what_an_export_says_beside_a_new_user_is_left_out() {
        let file = "username,name,roles,teams,active,user\nuna,Una,agent,Care,no,u1\n";
        let expected = vec![row(2, ["una", "Una", "agent", "Care"])];
        assert_eq!(read(file.as_bytes()), Ok(expected));
    }

    #[test]
    fn blank_rows_count_as_lines_and_nothing_else() {
        let file =
            "username,name,roles\n\nuna,Una,agent\n,,\n \nvic,\"Vic\nTwo\",agent\nwim,Wim,agent\n";
        let lines: Vec<u64> = read(file.as_bytes())
            .unwrap()
            .iter()
            .map(|row| row.0)
            .collect();
        assert_eq!(lines, [3, 6, 8]);
    }

    #[test]
    fn what_is_no_such_file_is_named() {
        let many = "username,name,roles\n".to_owned() + &"una,Una,agent\n".repeat(ROWS_MAX + 1);
        for (file, problem) in [
            (&b""[..], Unreadable::Empty),
            (b"username,name,roles\n\n,,\n", Unreadable::Empty),
            (
                b"username,name\nuna,Una",
                Unreadable::ColumnMissing("roles"),
            ),
            (
                b"username,name,roles,password\n",
                Unreadable::ColumnUnknown("password".to_owned()),
            ),
            (
                b"username,name,roles,Name\n",
                Unreadable::ColumnTwice("name"),
            ),
            (b"username,name,roles\nz\xfc,Z,agent", Unreadable::NotText),
            (&vec![b'x'; KIB_MAX * 1024 + 1], Unreadable::TooLarge),
            (many.as_bytes(), Unreadable::TooManyRows),
        ] {
            assert_eq!(read(file), Err(problem));
        }
    }
}
