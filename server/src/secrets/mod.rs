//! Secrets that have to be used and so cannot be stored as hashes: sealed with a key that is not in the database
//! (XChaCha20-Poly1305), each bound to the key's id and to the row in which it stands, so that it opens nowhere else.

mod key_file;

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

pub use key_file::{KeyFileError, load, load_or_create, rekey};

/// The length of a key, in bytes.
const KEY: usize = 32;
/// The length of a nonce, in bytes. At random it never comes twice.
const NONCE: usize = 24;

/// A secret in the clear. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// One in the clear.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a secret cannot be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SecretError {
    /// It was sealed with another key.
    #[error("the key {0} is not in the key file")]
    UnknownKey(String),
    /// It was altered, or stands in another place than the one it was sealed for.
    #[error("a sealed secret was altered or moved")]
    Altered,
}

/// A key with its id.
#[derive(Clone)]
struct NamedKey {
    id: String,
    key: [u8; KEY],
}

impl NamedKey {
    /// A new one.
    fn random() -> Self {
        let mut key = [0; KEY];
        // Without randomness there are no secrets, so the process must not continue.
        getrandom::fill(&mut key).expect("the operating system gives randomness");
        Self::of(key)
    }

    fn of(key: [u8; KEY]) -> Self {
        let id = hex::encode(&Sha256::digest(key)[..4]);
        Self { id, key }
    }
}

/// The keys of this host: the first one seals, all of them open. Cheap to clone.
#[derive(Clone)]
pub struct Keyring(Arc<Vec<NamedKey>>);

impl Default for Keyring {
    /// One new key, which is gone with the process: for tests, and for what stores no secret.
    fn default() -> Self {
        Self::of(vec![NamedKey::random()])
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().map(|key| &key.id);
        f.debug_list().entries(ids).finish()
    }
}

impl Keyring {
    fn of(keys: Vec<NamedKey>) -> Self {
        debug_assert!(!keys.is_empty());
        Self(Arc::new(keys))
    }

    /// The id of the key that seals.
    pub fn current(&self) -> &str {
        &self.0[0].id
    }

    /// Whether what this key sealed can be opened.
    pub fn has(&self, key_id: &str) -> bool {
        self.0.iter().any(|key| key.id == key_id)
    }

    /// Bytes for a purpose, the same on every host with this key, of which nobody without it knows anything.
    pub fn derived(&self, purpose: &str) -> [u8; KEY] {
        let digest = Sha256::new().chain_update(self.0[0].key);
        digest.chain_update(purpose).finalize().into()
    }

    /// Seals a secret for its place: table, row and column. Answers the key's id and what is stored.
    pub fn seal(&self, place: &str, secret: &str) -> (String, Vec<u8>) {
        let key = &self.0[0];
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).expect("the operating system gives randomness");
        let bound = bound(place, &key.id);
        let payload = Payload {
            msg: secret.as_bytes(),
            aad: bound.as_bytes(),
        };
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a short text can be encrypted");
        (key.id.clone(), [&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &str, key_id: &str, sealed: &[u8]) -> Result<Secret, SecretError> {
        let key = self.0.iter().find(|key| key.id == key_id);
        let key = key.ok_or_else(|| SecretError::UnknownKey(key_id.to_owned()))?;
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE>()
            .ok_or(SecretError::Altered)?;
        let bound = bound(place, key_id);
        let payload = Payload {
            msg: sealed,
            aad: bound.as_bytes(),
        };
        let opened = cipher(key).decrypt(&XNonce::from(*nonce), payload);
        let opened = opened.map_err(|_| SecretError::Altered)?;
        let text = String::from_utf8(opened).map_err(|_| SecretError::Altered)?;
        Ok(Secret(text))
    }
}

fn cipher(key: &NamedKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(key.key))
}

/// What a sealed secret is bound to.
fn bound(place: &str, key_id: &str) -> String {
    format!("{place}/{key_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "channel_secrets/care/auth_token";

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let keys = Keyring::default();
        let (id, sealed) = keys.seal(PLACE, "hunter2");
        assert_eq!(keys.open(PLACE, &id, &sealed).unwrap().reveal(), "hunter2");
        assert!(!sealed.windows(7).any(|bytes| bytes == b"hunter2"));

        let elsewhere = keys.open("channel_secrets/sales/auth_token", &id, &sealed);
        assert_eq!(elsewhere, Err(SecretError::Altered));
        let (_, again) = keys.seal(PLACE, "hunter2");
        assert_ne!(sealed, again, "a nonce is never used twice");
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert_eq!(keys.open(PLACE, &id, &altered), Err(SecretError::Altered));
        }
        assert_eq!(keys.open(PLACE, &id, b"short"), Err(SecretError::Altered));
    }

    #[test]
    fn a_secret_of_another_key_names_the_key() {
        let (id, sealed) = Keyring::default().seal(PLACE, "hunter2");
        let other = Keyring::default().open(PLACE, &id, &sealed);
        assert_eq!(other, Err(SecretError::UnknownKey(id)));
    }

    #[test]
    fn nothing_prints_a_secret_or_a_key() {
        let keys = Keyring::default();
        let printed = format!("{:?} {keys:?}", Secret::new("hunter2"));
        assert!(!printed.contains("hunter2"));
        assert!(!printed.contains(&hex::encode(keys.0[0].key)));
    }
}
