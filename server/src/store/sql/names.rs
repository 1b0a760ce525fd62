//! Names in the database: the keys by which they are compared, and how two people of one name are told apart.

use std::collections::BTreeSet;

use shared::fold::folded;
use unicode_security::skeleton;

/// What the key of a person's name looks like, from the parts of an expression: a capital I is a small l and the figure 1 to the eye,
/// and an O is a 0. Spelled as the index `users_looks` is.
macro_rules! looks {
    ($($key:literal),+) => {
        concat!("replace(replace(replace(", $($key,)+ ", 'i', 'l'), '1', 'l'), '0', 'o')")
    };
}
pub(super) use looks;

/// Whether an active user beside this one, of the alias of the table, has the same name, or one that looks the same.
macro_rules! has_namesake {
    ($user:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM users namesake WHERE ",
            $crate::store::sql::names::looks!("namesake.name_key"),
            " = ",
            $crate::store::sql::names::looks!($user, ".name_key"),
            " AND namesake.id <> ",
            $user,
            ".id AND namesake.active = 1)"
        )
    };
}
pub(super) use has_namesake;

/// The name of somebody as it was written then, as staff read it: the columns of the name and of the user's id.
macro_rules! name_then {
    ($name:literal, $user:literal) => {
        concat!(
            $name,
            " || COALESCE((SELECT ' (' || author.username || ')' FROM users author WHERE author.id = ",
            $user,
            " AND ",
            $crate::store::sql::names::has_namesake!("author"),
            "), '')"
        )
    };
}
pub(super) use name_then;

/// The name of a user as staff read it, from the alias of the table: with the username behind it, where somebody else has
/// the same name. Customers read the name alone.
macro_rules! shown_name {
    ($user:literal) => {
        concat!(
            "CASE WHEN ",
            $crate::store::sql::names::has_namesake!($user),
            " THEN ",
            $user,
            ".name || ' (' || ",
            $user,
            ".username || ')' ELSE ",
            $user,
            ".name END"
        )
    };
}
pub(super) use shown_name;

/// The key of a person's name. A letter of another script counts as the one of ASCII that looks like it, where it stands beside
/// such letters: "Аmy" with a Cyrillic А is a namesake of Amy. Words of another script alone stay, because names are sorted by
/// their keys.
pub(super) fn person_key(name: &str) -> String {
    // Accents hide what a letter looks like, and lower case hides it of capital letters.
    in_ascii(&folded(&in_ascii(name)))
}

fn in_ascii(name: &str) -> String {
    let mut written = String::with_capacity(name.len());
    for word in name.split_inclusive(|c: char| !c.is_alphabetic()) {
        match word.contains(|c: char| c.is_ascii_alphabetic()) {
            true => written.extend(word.chars().map(|c| ascii_like(c).unwrap_or(c))),
            false => written.push_str(word),
        }
    }
    written
}

/// The letter of ASCII that this one looks like, as Unicode has it (UTS 39).
fn ascii_like(c: char) -> Option<char> {
    if c.is_ascii() {
        return None;
    }
    let mut small = c.to_lowercase();
    let small = small.next().filter(|_| small.next().is_none());
    small.into_iter().chain([c]).find_map(|c| {
        let mut bytes = [0; 4];
        let mut seen = skeleton(c.encode_utf8(&mut bytes));
        let letter = seen.next().filter(char::is_ascii_alphabetic)?;
        seen.next().is_none().then_some(letter)
    })
}

/// The words of a name, as they are compared: what stands between blanks and punctuation. A name without any is one word.
pub(in crate::store) fn words(name: &str) -> BTreeSet<String> {
    let name = folded(name);
    let between = |c: char| c.is_whitespace() || c.is_ascii_punctuation() || "–—’·".contains(c);
    let words = name.split(between).filter(|word| !word.is_empty());
    let words: BTreeSet<String> = words.map(str::to_owned).collect();
    match words.is_empty() {
        true => BTreeSet::from([name]),
        false => words,
    }
}

#[cfg(test)]
mod tests {
    use super::{person_key, words};

    #[test]
    fn e34_a_name_that_looks_like_another_has_its_key() {
        for (name, same) in [
            ("\u{410}my Adler", "Amy Adler"),
            ("\u{410}m\u{443} Adl\u{435}r", "amy  Ádler"),
            // A capital letter looks like one whose small letter looks like none.
            ("\u{41C}artha \u{412}ell", "Martha Bell"),
            ("\u{406}an", "Ian"),
            // Greek, with an accent, and with what nobody sees between.
            ("Z\u{3CC}e", "Zoé"),
            ("\u{410}\u{301}my", "Amy"),
            ("\u{410}\u{200B}my", "Amy"),
        ] {
            assert_eq!(person_key(name), person_key(same), "{name} {same}");
        }
        for (name, other) in [
            ("Амина", "Amina"),
            ("Anna Сара", "Anna Capa"),
            ("Amy", "Any"),
        ] {
            assert_ne!(person_key(name), person_key(other), "{name} {other}");
        }
        assert_eq!(person_key("Сара Ζωή"), "сара ζωη");
    }

    #[test]
    fn e34_a_name_has_the_words_that_people_search_for() {
        for (name, found) in [
            ("Zoë Müller", &["muller", "zoe"][..]),
            ("Anne-Marie O'Brien", &["anne", "brien", "marie", "o"]),
            ("Dr. Dr. Kim", &["dr", "kim"]),
            ("+493012", &["493012"]),
            ("🙂", &["🙂"]),
            ("…!", &["...!"]),
        ] {
            let words = words(name);
            assert!(words.iter().eq(found.iter().copied()), "{name}: {words:?}");
        }
    }
}
