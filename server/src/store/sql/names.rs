//! Names in the database: the keys by which they are compared, and how two people of one name are told apart.

use std::collections::BTreeSet;

use shared::fold::folded;

/// Whether an active user beside this one, of the alias of the table, has the same name.
macro_rules! has_namesake {
    ($user:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM users namesake WHERE namesake.name_key = ",
            $user,
            ".name_key AND namesake.id <> ",
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
    use super::words;

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
