//! Refuses passwords that are tried first: the commonly used ones, keyboard rows, sequences, repeats, dates, and what
//! is known of the user.

use shared::error::{AppError, Problem};
use shared::text::Password;
use zxcvbn::{Score, zxcvbn};

/// Beyond this many characters nobody's list has any.
const LISTED_MAX: usize = 32;

/// `Invalid` for a password that would be guessed within some hundred thousand tries by somebody who knows `known`:
/// the username, the name. Says nothing of how it was recognised.
pub fn check(password: &Password, known: &[&str]) -> Result<(), AppError> {
    let text = password.expose();
    let lower = text.to_lowercase();
    let is_known = known.iter().any(|word| word.to_lowercase() == lower);
    let listed = text.chars().count() <= LISTED_MAX && zxcvbn(text, known).score() < Score::Two;
    if is_known || listed {
        return Err(AppError::invalid("password", Problem::Guessable));
    }
    Ok(())
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
}
