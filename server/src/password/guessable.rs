//! Refuses passwords that are tried first: the commonly used ones, keyboard rows, sequences, repeats, dates, and what
//! is known of the user and of the place where they work.
//!
//! Two lists: the 30,000 of `zxcvbn`, with its rules for what people make of them, and [`COMMON`], which has what the first
//! one lacks among passwords of a length that can be set. `server/data/README.md` says where it comes from.

use shared::error::{AppError, Problem};
use shared::text::Password;
use zxcvbn::{Score, zxcvbn};

/// Beyond this many characters nobody's list has any.
const LISTED_MAX: usize = 32;
/// Common passwords, one a line, folded and sorted by their bytes.
const COMMON: &str = include_str!("../../data/common-passwords.txt");
/// The product, which is tried wherever it is used.
const PRODUCT: &str = "sideline";
/// A shorter word of a name says nothing.
const WORD_MIN: usize = 3;

/// `Invalid` for a password that would be guessed within some hundred thousand tries by somebody who knows `known`:
/// the username, names of the user and of the organisation. Says nothing of how it was recognised.
pub fn check(password: &Password, known: &[&str]) -> Result<(), AppError> {
    let text = password.expose();
    let folded = fold(text);
    let is_known = known.iter().any(|word| fold(word) == folded);
    let listed = text.chars().count() <= LISTED_MAX
        && (is_common(&folded) || zxcvbn(text, known).score() < Score::Two);
    if is_known || listed || is_made_of(&folded, known) {
        return Err(AppError::invalid("password", Problem::Guessable));
    }
    Ok(())
}

/// Text that differs in case alone is the same: upper case first, because `ß` and `ſ` have a partner only there.
fn fold(text: &str) -> String {
    text.to_uppercase().to_lowercase()
}

/// Whether the folded text is a line of [`COMMON`].
fn is_common(folded: &str) -> bool {
    let (mut from, mut to) = (0, COMMON.len());
    while from < to {
        // The line around the middle; line breaks are single bytes in UTF-8.
        let middle = from + (to - from) / 2;
        let before = &COMMON.as_bytes()[from..middle];
        let start = before.iter().rposition(|byte| *byte == b'\n');
        let start = start.map_or(from, |at| from + at + 1);
        let length = COMMON.as_bytes()[start..to]
            .iter()
            .position(|byte| *byte == b'\n');
        let end = length.map_or(to, |length| start + length);
        match COMMON.as_bytes()[start..end].cmp(folded.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => from = end + 1,
            std::cmp::Ordering::Greater => to = start,
        }
    }
    false
}

/// Whether its letters are nothing but words of what is known, once or several times: `Sideline2026!`, `amy.adler`.
fn is_made_of(folded: &str, known: &[&str]) -> bool {
    let letters: String = folded.chars().filter(|c| c.is_alphabetic()).collect();
    let known = known.iter().map(|word| fold(word));
    let mut words: Vec<String> = known
        .chain([PRODUCT.to_owned()])
        .flat_map(|name| {
            let parts = name.split(|c: char| !c.is_alphabetic()).map(str::to_owned);
            parts.collect::<Vec<_>>()
        })
        .filter(|word| word.chars().count() >= WORD_MIN)
        .collect();
    // The longest first: a short word may stand inside it.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words
        .iter()
        .fold(letters.clone(), |rest, word| rest.replace(word, ""));
    !letters.is_empty() && rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        let password = Password::parse(text).expect("its length is right");
        check(&password, &["administrator", "Ada Almond"]).is_err()
    }

    #[test]
    fn e50_what_is_guessed_first_is_refused() {
        for common in [
            "1234567890",
            "password",
            "Password1",
            "P@ssw0rd",
            "qwertyuiop",
            "qwerty123",
            "iloveyou",
            "sunshine1",
            "aaaaaaaa",
            "00000000",
            "abcdefgh",
            "letmein1",
            "football",
            "asdfghjkl",
            "11111111",
            "administrator",
            "Administrator1",
            "princess",
            "trustno1",
            "baseball",
            "superman",
            "michael1",
            "password123",
            "12345678",
            "qazwsxedc",
            "zaq12wsx",
            "1q2w3e4r5t",
            "changeme",
            "welcome1",
            "dragon123",
            "passwort",
            "hallo123",
            "01.01.1990",
            // Of the list that is shipped, in any case.
            "1234qwerasdf",
            "1234QWERasdf",
            // Made of what is known.
            "ada.almond",
            "Almond-2026",
            "AdaAdaAda!",
            "Sideline2026!",
            "administrator#7Q",
        ] {
            assert!(refused(common), "{common}");
        }
    }

    #[test]
    fn e50_characters_of_any_kind_are_taken() {
        for good in [
            "correct-horse",
            "a-new-password",
            "another password",
            "a long password",
            "stone-by-stone",
            "sideline-demo",
            "only-for-the-bench",
            "pferd heftklammer batterie",
            "šílený kůň žere",
            "пароль от сейфа",
            "安全なパスワードです",
            "🙂🐴🔋📎🙃🦄🎈🧨",
            "x7#Kq9!z",
            &"ä".repeat(128),
        ] {
            assert!(!refused(good), "{good}");
        }
    }

    #[test]
    fn e50_every_line_of_the_list_is_found_and_its_neighbours_are_not() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() > 20_000, "{}", lines.len());
        assert!(lines.is_sorted(), "the search needs an order");
        for line in &lines {
            assert!(is_common(line), "{line}");
            assert_eq!(*line, fold(line), "it is stored as it is compared");
        }
        for other in ["", " ", "\n", "~~~~~~~~~~", "1234qwerasdf\n", "x7#kq9!z"] {
            assert!(!is_common(other), "{other:?}");
        }
    }
}
