//! Password hashes: argon2id with 46 MiB, one pass, one lane, as the OWASP Password Storage Cheat Sheet names
//! it. Hashing runs beside the requests, two at a time, so that a burst of sign-ins cannot take all memory.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use shared::text::Password;
use tokio::sync::Semaphore;

static TURNS: Semaphore = Semaphore::const_new(2);

/// Verified against when there is no such user, so that the answer takes as long as for a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password"));

fn hasher() -> Argon2<'static> {
    let params = Params::new(46 * 1024, 1, 1, None).expect("constant parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> String {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).expect("the operating system gives randomness");
    let salt = SaltString::encode_b64(&salt).expect("16 bytes make a salt");
    hasher()
        .hash_password(password.as_bytes(), &salt)
        .expect("constant parameters hash")
        .to_string()
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let _turn = TURNS.acquire().await;
    tokio::task::spawn_blocking(work)
        .await
        .expect("hashing does not panic")
}

/// The PHC string to store.
pub async fn hash(password: &Password) -> String {
    let password = password.clone();
    aside(move || hash_now(password.expose())).await
}

/// Whether the password belongs to the stored PHC string.
pub async fn verify(password: &Password, stored: String) -> bool {
    let password = password.clone();
    aside(move || {
        PasswordHash::new(&stored).is_ok_and(|parsed| {
            hasher()
                .verify_password(password.expose().as_bytes(), &parsed)
                .is_ok()
        })
    })
    .await
}

/// Takes as long as [`verify`], for a user who does not exist.
pub async fn verify_nobody() {
    aside(|| {
        let parsed = PasswordHash::new(&NOBODY).expect("made here");
        let _ = hasher().verify_password(b"", &parsed);
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let right = Password::parse("sideline-demo").unwrap();
        let wrong = Password::parse("sideline-dema").unwrap();
        let stored = hash(&right).await;
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify(&right, stored.clone()).await);
        assert!(!verify(&wrong, stored).await);
        assert!(!verify(&right, "not a hash".to_owned()).await);
    }
}
