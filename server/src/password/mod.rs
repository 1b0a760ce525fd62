//! Password hashes: argon2id with 46 MiB, one pass, one lane, as the OWASP Password Storage Cheat Sheet names it.
//!
//! While the host runs, every password is hashed and verified through a [`Gate`], which limits attempts and takes
//! turns. What stands here directly takes the time of the thread that calls it.

mod attempts;
mod gate;
mod guessable;
mod shared_attempts;
mod turns;

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use shared::text::{Password, TypedPassword};

pub use self::gate::{Claim, CodeClaim, Gate, Refused, Verdict};
pub use self::guessable::check as check_uncommon;

/// Verified against when there is no such user, so that the answer takes as long as for a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_text("nobody has this password"));

fn params() -> Params {
    Params::new(46 * 1024, 1, 1, None).expect("constant parameters are valid")
}

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params())
}

fn hash_text(password: &str) -> String {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).expect("the operating system gives randomness");
    let salt = SaltString::encode_b64(&salt).expect("16 bytes make a salt");
    hasher()
        .hash_password(password.as_bytes(), &salt)
        .expect("constant parameters hash")
        .to_string()
}

/// The PHC string to store. Takes some 50 ms of this thread.
pub fn hash_now(password: &Password) -> String {
    hash_text(password.expose())
}

/// Whether the password belongs to the stored PHC string; where there is none, takes as long and answers
/// [`Verdict::Wrong`]. A hash that was made with other parameters, or before passwords were normalised, is renewed.
fn verify_now(typed: &TypedPassword, stored: Option<String>) -> Verdict {
    let against = stored.as_deref().unwrap_or(&NOBODY);
    let Ok(parsed) = PasswordHash::new(against) else {
        return Verdict::Wrong;
    };
    let fits = |text: &str| hasher().verify_password(text.as_bytes(), &parsed).is_ok();
    let right = fits(typed.normalised());
    let right_as_typed = !right && typed.as_typed().is_some_and(fits);
    match (right || right_as_typed, stored.as_deref()) {
        (true, Some(stored)) => Verdict::Right {
            renewed: (right_as_typed || !is_current(&parsed))
                .then(|| hash_text(typed.normalised())),
            verified: stored.to_owned(),
        },
        _ => Verdict::Wrong,
    }
}

fn is_current(hash: &PasswordHash<'_>) -> bool {
    let current = params();
    hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && Params::try_from(hash).is_ok_and(|used| {
            (used.m_cost(), used.t_cost(), used.p_cost())
                == (current.m_cost(), current.t_cost(), current.p_cost())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> TypedPassword {
        TypedPassword::new(text)
    }

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let stored = hash_now(&Password::parse("sideline-demo").unwrap());
        assert!(stored.starts_with("$argon2id$"));
        let right = Verdict::Right {
            verified: stored.clone(),
            renewed: None,
        };
        assert_eq!(
            verify_now(&typed("sideline-demo"), Some(stored.clone())),
            right
        );
        for (password, stored) in [
            ("sideline-dema", Some(stored)),
            ("sideline-demo", Some("not a hash".to_owned())),
            ("nobody has this password", None),
        ] {
            assert_eq!(verify_now(&typed(password), stored), Verdict::Wrong);
        }
    }

    #[test]
    fn a_hash_of_other_parameters_is_renewed() {
        let cheap = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 2, 1, None).unwrap(),
        );
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        let old = cheap.hash_password(b"sideline-demo", &salt).unwrap();
        let Verdict::Right {
            renewed: Some(renewed),
            ..
        } = verify_now(&typed("sideline-demo"), Some(old.to_string()))
        else {
            panic!("it is right, and its hash is old");
        };
        assert!(matches!(
            verify_now(&typed("sideline-demo"), Some(renewed)),
            Verdict::Right { renewed: None, .. }
        ));
    }

    #[test]
    fn e50_a_password_that_was_hashed_before_normalisation_still_fits() {
        let decomposed = "Ame\u{301}lie's password";
        let Verdict::Right {
            renewed: Some(renewed),
            ..
        } = verify_now(&typed(decomposed), Some(hash_text(decomposed)))
        else {
            panic!("it fits as it was typed");
        };
        let composed = verify_now(&typed("Am\u{e9}lie's password"), Some(renewed));
        assert!(matches!(composed, Verdict::Right { renewed: None, .. }));
    }
}
