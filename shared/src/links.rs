//! What in a text leads somewhere. An address of the web is a link for everybody, an e-mail address and a telephone number
//! for staff; nothing else ever is one. `app/static/chat-text.js` has the same rules for the web's addresses, and both are
//! tested with `links.json`.

use std::borrow::Cow;
use std::ops::Range;

use crate::phone::PhoneNumber;
use crate::text::is_number_separator;

/// For whom a text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Addresses of the web.
    Customer,
    /// E-mail addresses and telephone numbers as well.
    Staff,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What is shown.
    pub text: &'a str,
    /// Where it leads; nothing for mere words.
    pub leads: Option<Target<'a>>,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A page, which opens apart and learns nothing of where the reader came from.
    Web(Cow<'a, str>),
    /// Another program of the reader's: `mailto:` or `tel:`.
    Program(String),
}

/// Digits of a telephone number in a text: fewer are rather an order, more a card.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// The longest telephone number, as people write it.
const WRITTEN_MAX: usize = 40;

/// The text in pieces, which say together what it says.
pub fn pieces(text: &str, reader: Reader) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut words, mut at, mut before) = (0, 0, None);
    while let Some(c) = text[at..].chars().next() {
        let Some((range, target)) = link(text, at, before, reader) else {
            at += c.len_utf8();
            before = Some(c);
            continue;
        };
        push(&mut pieces, &text[words..range.start], None);
        push(&mut pieces, &text[range.clone()], Some(target));
        (words, at) = (range.end, range.end);
        before = text[..at].chars().next_back();
    }
    push(&mut pieces, &text[words..], None);
    pieces
}

fn push<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str, leads: Option<Target<'a>>) {
    if !text.is_empty() {
        pieces.push(Piece { text, leads });
    }
}

fn link(
    text: &str,
    at: usize,
    before: Option<char>,
    reader: Reader,
) -> Option<(Range<usize>, Target<'_>)> {
    let rest = &text[at..];
    if !before.is_some_and(|c| c.is_ascii_alphanumeric())
        && let Some(length) = web(rest)
    {
        let link = &rest[..length];
        let leads = match starts_with(link, "www.") {
            true => ["https://", link].concat().into(),
            false => link.into(),
        };
        return Some((at..at + length, Target::Web(leads)));
    }
    if reader == Reader::Customer || before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    if !before.is_some_and(is_in_mailbox)
        && let Some(length) = mail(rest)
    {
        let leads = ["mailto:", &rest[..length]].concat();
        return Some((at..at + length, Target::Program(leads)));
    }
    let (length, number) = phone(rest, before)?;
    let leads = ["tel:", number.as_str()].concat();
    Some((at..at + length, Target::Program(leads)))
}

fn starts_with(text: &str, beginning: &str) -> bool {
    let start = text.get(..beginning.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

/// How much of the text is an address of the web.
fn web(text: &str) -> Option<usize> {
    let named = starts_with(text, "www.");
    let beginning = ["https://", "http://", "www."]
        .into_iter()
        .find(|beginning| starts_with(text, beginning))?;
    let end = text.find(ends_address).unwrap_or(text.len());
    let end = without_punctuation(&text[..end]);
    let host = text.get(beginning.len()..end)?;
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let begins = host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    (begins && (!named || host.contains('.'))).then_some(end)
}

/// What no address has in it, though a sentence may have it right behind one.
fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || "<>\"`«»‹›“”„‟".contains(c)
        // Punctuation of Chinese and Japanese, in full width; marks that nobody sees.
        || matches!(c, '\u{3000}'..='\u{303F}' | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}')
        || matches!(c, '\u{FF5B}'..='\u{FF65}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
}

/// Where an address ends that a sentence goes on behind. A closing bracket belongs to it when it was opened in it.
fn without_punctuation(address: &str) -> usize {
    let mut rest = address;
    while let Some(c) = rest.chars().next_back() {
        let open = match c {
            ')' => '(',
            ']' => '[',
            '}' => '{',
            _ if ".,;:!?'*_~|…’‘،؛؟۔·".contains(c) => c,
            _ => break,
        };
        if open != c && rest.matches(c).count() <= rest.matches(open).count() {
            break;
        }
        rest = &rest[..rest.len() - c.len_utf8()];
    }
    rest.len()
}

fn is_in_mailbox(c: char) -> bool {
    c.is_alphanumeric() || "._+-".contains(c)
}

/// How much of the text is an e-mail address.
fn mail(text: &str) -> Option<usize> {
    let (mailbox, behind) = text.split_at(text.find(|c| !is_in_mailbox(c))?);
    let behind = behind.strip_prefix('@')?;
    if mailbox.is_empty() || mailbox.starts_with('.') {
        return None;
    }
    let end = behind.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-'));
    let host = behind[..end.unwrap_or(behind.len())].trim_end_matches(['.', '-']);
    let labels = host.split('.');
    let good = host.contains('.') && labels.into_iter().all(|label| !label.is_empty());
    good.then_some(mailbox.len() + 1 + host.len())
}

/// How much of the text is a telephone number, and which. Without the sign of a country, a zero or brackets at its front,
/// or the groups of North America, a row of digits is an order, a date or a price.
fn phone(text: &str, before: Option<char>) -> Option<(usize, PhoneNumber)> {
    let joined = |c: char| "+-./@#:_=&".contains(c);
    if !text.starts_with(|c: char| c.is_numeric() || "+(".contains(c)) || before.is_some_and(joined)
    {
        return None;
    }
    let (mut end, mut separators, mut digits) = (0, 0, 0);
    let mut signs = text.char_indices().take(WRITTEN_MAX).peekable();
    while let Some((at, c)) = signs.next() {
        let next = signs.peek().map(|(_, next)| *next);
        if c.is_numeric() {
            (end, separators, digits) = (at + c.len_utf8(), 0, digits + 1);
        } else if c == '+' && (at == 0 || text.starts_with("(+")) && digits == 0 {
        } else if is_number_separator(c) && c != '\n' && separators < 2 {
            // A full stop, not the dot of a number.
            if c == '.' && !next.is_some_and(char::is_numeric) {
                break;
            }
            separators += 1;
        } else {
            break;
        }
    }
    let behind = text[end..].chars().next();
    let written = &text[..end];
    let good = DIGITS.contains(&digits)
        && !behind.is_some_and(|c| c.is_alphanumeric() || "@:".contains(c))
        && written.matches('(').count() == written.matches(')').count()
        && is_written_as_number(written);
    let number = PhoneNumber::parse(written).ok().filter(|_| good)?;
    Some((end, number))
}

fn is_written_as_number(written: &str) -> bool {
    if written.starts_with(['+', '(']) {
        return true;
    }
    let groups = written.split(|c: char| !c.is_numeric());
    let groups: Vec<usize> = groups
        .map(|group| group.chars().count())
        .filter(|length| *length > 0)
        .collect();
    match groups[..] {
        // A day, such as 01.11.2026.
        [1..=2, 1..=2, 2 | 4] | [4, 1..=2, 1..=2] => false,
        [3, 3, 4] => true,
        _ => written.starts_with(['0', '\u{660}', '\u{6F0}', '\u{FF10}']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str, reader: Reader) -> Vec<(String, String)> {
        let pieces = pieces(text, reader);
        let whole: String = pieces.iter().map(|piece| piece.text).collect();
        assert_eq!(whole, text, "nothing is lost");
        let leading = pieces.into_iter().filter_map(|piece| {
            let leads = match piece.leads? {
                Target::Web(address) => address.into_owned(),
                Target::Program(address) => address,
            };
            Some((piece.text.to_owned(), leads))
        });
        leading.collect()
    }

    #[test]
    fn e33_addresses_of_the_web_are_links_and_nothing_else_is() {
        let cases: Vec<(String, Vec<String>)> =
            serde_json::from_str(include_str!("links.json")).unwrap();
        for (text, expected) in cases {
            for reader in [Reader::Customer, Reader::Staff] {
                let found = links(&text, reader);
                let found: Vec<_> = found.into_iter().map(|(shown, _)| shown).collect();
                assert_eq!(found, expected, "{text}");
            }
        }
        let named = links("WWW.Shop.example/a", Reader::Customer);
        assert_eq!(named[0].1, "https://WWW.Shop.example/a");
    }

    #[test]
    fn e33_e_mail_addresses_and_telephone_numbers_are_links_for_staff() {
        for (text, shown, leads) in [
            (
                "Mail dana.d+1@shop.example.",
                "dana.d+1@shop.example",
                "mailto:dana.d+1@shop.example",
            ),
            (
                "<müller@büro.example>",
                "müller@büro.example",
                "mailto:müller@büro.example",
            ),
            (
                "mailto:a@b.example?cc=c",
                "a@b.example",
                "mailto:a@b.example",
            ),
            ("Call +49 30 901820.", "+49 30 901820", "tel:+4930901820"),
            ("(030) 90 18-20, please", "(030) 90 18-20", "tel:030901820"),
            (
                "+49 (0)30/901820 - 5 boxes",
                "+49 (0)30/901820",
                "tel:+4930901820",
            ),
            ("555-123-4567", "555-123-4567", "tel:5551234567"),
            (
                "(see +1 555 123 4567)",
                "+1 555 123 4567",
                "tel:+15551234567",
            ),
            ("0301234567\n2 of them", "0301234567", "tel:0301234567"),
        ] {
            let found = links(text, Reader::Staff);
            assert_eq!(found, [(shown.to_owned(), leads.to_owned())], "{text}");
            assert!(links(text, Reader::Customer).is_empty(), "{text}");
        }
        for none in [
            "Order 4711, 12345678 and 2026-11-26",
            "01.11.2026",
            "4111 1111 1111 1111",
            "192.168.100.200",
            "10:30-12:00",
            "a@b",
            "@dana.example",
            "1.234.567,00",
            "x0301234567",
            "0301234567x",
            "07#0301234567",
        ] {
            assert_eq!(links(none, Reader::Staff), [], "{none}");
        }
    }
}
