//! Codes of authenticator apps (TOTP, RFC 6238: SHA-1, six digits, steps of 30 seconds, which is what every app knows)
//! and recovery codes. Pure: who may use which code is the business of `commands::second_factors`.

use qrcodegen::{QrCode, QrCodeEcc};
use sha2::{Digest, Sha256};
use shared::ids::UserId;
use shared::time::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use crate::secrets::{self, Keyring, SecretError};

/// The length of a time step, in microseconds.
const STEP_US: i64 = 30_000_000;
/// How many steps the clocks of app and host may differ, each way (RFC 6238, 5.2).
const SKEW: u16 = 1;
/// How many recovery codes a user gets.
pub const RECOVERY_CODES: usize = 10;
/// Letters and digits of a recovery code; each is one of 32, so there are 120 bits. (80 in codes of earlier releases.)
const RECOVERY_LENGTH: usize = 24;
/// Without `0`, `1`, `i` and `o`, which are mistaken for each other. 32 signs.
const RECOVERY_SIGNS: &[u8; 32] = b"23456789abcdefghjklmnpqrstuvwxyz";

/// What the text of a sealed key begins with. It is no base32: to the release before it is a key for which no code is right,
/// and not a user without one.
const SEALED: &str = "sealed:";

/// A key of an authenticator app as it is stored: sealed for its user.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKey(String);

impl StoredKey {
    /// Seals a key, in base32, for its user.
    pub fn seal(keys: &Keyring, user: &UserId, key: &str) -> Self {
        let (key_id, sealed) = keys.seal(&place_of(user), key);
        Self([SEALED, &key_id, ":", &hex::encode(sealed)].concat())
    }

    /// One from the database. Releases before stored them as they are.
    pub fn of_text(text: String) -> Self {
        Self(text)
    }

    /// As it stands in the database.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// With which key it is sealed, if it is.
    pub fn key_id(&self) -> Option<&str> {
        let (key_id, _) = self.0.strip_prefix(SEALED)?.split_once(':')?;
        Some(key_id)
    }

    /// The key in the clear, in base32, if it was sealed for this user.
    pub fn open(&self, keys: &Keyring, user: &UserId) -> Result<secrets::Secret, SecretError> {
        let Some(sealed) = self.0.strip_prefix(SEALED) else {
            return Ok(secrets::Secret::new(&self.0));
        };
        let (key_id, digits) = sealed.split_once(':').ok_or(SecretError::Altered)?;
        let bytes = hex::decode(digits).map_err(|_| SecretError::Altered)?;
        keys.open(&place_of(user), key_id, &bytes)
    }
}

impl std::fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredKey(…)")
    }
}

/// What a key is bound to. One that waits for its first code becomes the one that counts as it is.
fn place_of(user: &UserId) -> String {
    format!("second_factors/{user}")
}

/// A new key for an authenticator app, in base32.
pub fn new_key() -> String {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    Secret::from(bytes).to_base32()
}

/// The time step of a moment.
pub fn step_at(now: Timestamp) -> i64 {
    now.0.div_euclid(STEP_US)
}

/// The time step whose code this is, at most `SKEW` steps away from `now`.
pub fn step_of(key: &str, code: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.0.div_euclid(1_000_000)).ok()?;
    let step = totp(key)?.check(code, seconds)?;
    i64::try_from(step).ok()
}

/// The code of a key at a moment, as an app shows it.
pub fn code_at(key: &str, now: Timestamp) -> Option<String> {
    let seconds = u64::try_from(now.0.div_euclid(1_000_000)).ok()?;
    Some(totp(key)?.generate(seconds).to_string())
}

fn totp(key: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(key).ok()?;
    let totp = Builder::new().with_secret(secret).with_skew(SKEW);
    totp.build().ok()
}

/// What an authenticator app reads from the QR code. A username needs no escapes.
pub fn uri(username: &str, key: &str) -> String {
    format!("otpauth://totp/Sideline:{username}?secret={key}&issuer=Sideline")
}

/// The path of an SVG picture with the QR code of a text, and how many units it is wide, quiet zone included.
pub fn qr_path(text: &str) -> Option<(String, i32)> {
    /// ISO/IEC 18004 asks for four empty modules on each side.
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let dark = (0..size)
        .flat_map(|y| (0..size).map(move |x| (x, y)))
        .filter(|(x, y)| code.get_module(*x, *y));
    let squares = dark.map(|(x, y)| format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET));
    Some((squares.collect(), size + 2 * QUIET))
}

/// New recovery codes, in groups of four signs.
pub fn new_recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let mut bytes = [0_u8; RECOVERY_LENGTH];
            getrandom::fill(&mut bytes).expect("the operating system gives randomness");
            let signs = bytes
                .iter()
                .map(|byte| char::from(RECOVERY_SIGNS[usize::from(byte % 32)]));
            let signs: Vec<char> = signs.collect();
            let groups = signs.chunks(4).map(|group| group.iter().collect());
            groups.collect::<Vec<String>>().join("-")
        })
        .collect()
}

/// What is stored of a recovery code, as it was typed. From 112 random bits on that needs no slow hash (ASVS 6.5.2).
pub fn recovery_hash(user: &UserId, typed: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(user.as_str());
    digest.update([0]);
    digest.update(plain(typed));
    hex::encode(digest.finalize())
}

/// A code without what people put between its signs.
pub fn plain(typed: &str) -> String {
    let signs = typed.chars().filter(|sign| sign.is_alphanumeric());
    signs.collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "12345678901234567890", the key of the test vectors in RFC 6238, appendix B.
    const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    #[test]
    fn s10_codes_are_those_of_rfc_6238() {
        // The appendix has eight digits; six are the last six of them.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(KEY, at(seconds)).as_deref(), Some(code));
            assert_eq!(step_of(KEY, code, at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn s10_clocks_may_differ_by_one_step() {
        let code = code_at(KEY, at(3_000)).unwrap();
        for (now, fits) in [
            (2_939, false),
            (2_970, true),
            (3_000, true),
            (3_059, true),
            (3_060, false),
        ] {
            let step = step_of(KEY, &code, at(now));
            assert_eq!(step, fits.then_some(100), "at {now}");
        }
        for other in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(step_of(KEY, other, at(3_000)), None, "{other}");
        }
        assert_eq!(step_of("not base32!", &code, at(3_000)), None);
    }

    #[test]
    fn s10_a_recovery_code_is_recognised_however_it_is_typed() {
        let (amy, ben) = (UserId::parse("amy").unwrap(), UserId::parse("ben").unwrap());
        let codes = new_recovery_codes();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = &codes[0];
        let signs = plain(code);
        assert!(signs.len() * 5 >= 112, "{code}");
        let hash = recovery_hash(&amy, code);
        let typed = code.replace('-', " ").to_uppercase();
        assert_eq!(recovery_hash(&amy, &format!(" {typed} ")), hash);
        assert_ne!(recovery_hash(&ben, code), hash);
        assert_ne!(recovery_hash(&amy, &codes[1]), hash);
    }

    #[test]
    fn s10_a_stored_key_opens_for_its_user_alone_and_says_nothing() {
        let keys = Keyring::default();
        let (amy, ben) = (UserId::parse("amy").unwrap(), UserId::parse("ben").unwrap());
        let stored = StoredKey::seal(&keys, &amy, KEY);
        assert!(!stored.as_text().contains(KEY) && !format!("{stored:?}").contains(KEY));
        let read = StoredKey::of_text(stored.as_text().to_owned());
        assert_eq!(read.open(&keys, &amy).unwrap().reveal(), KEY);
        assert_eq!(read.key_id(), Some(keys.current()));
        assert_eq!(read.open(&keys, &ben), Err(SecretError::Altered));
        for text in ["sealed:", "sealed:a", "sealed:a:zz"] {
            let broken = StoredKey::of_text(text.to_owned());
            assert_eq!(broken.open(&keys, &amy), Err(SecretError::Altered));
        }
        let other = Keyring::default();
        let missing = SecretError::UnknownKey(keys.current().to_owned());
        assert_eq!(read.open(&other, &amy), Err(missing));
    }

    /// The release before asks for a code all the same, and takes none.
    #[test]
    fn s10_a_sealed_key_is_no_key_to_the_release_before() {
        let amy = UserId::parse("amy").unwrap();
        let stored = StoredKey::seal(&Keyring::default(), &amy, KEY);
        let now = at(3_000);
        assert_eq!(code_at(stored.as_text(), now), None);
        let before = StoredKey::of_text(KEY.to_owned());
        assert_eq!(before.key_id(), None);
        let opened = before.open(&Keyring::default(), &amy).unwrap();
        assert_eq!(code_at(opened.reveal(), now), code_at(KEY, now));
    }

    #[test]
    fn s10_the_picture_has_a_quiet_zone() {
        let (path, width) = qr_path(&uri("amy", &new_key())).unwrap();
        assert!(width > 8 + 21);
        assert!(
            path.starts_with("M4,4h1v1h-1z"),
            "the finder pattern's corner"
        );
    }
}
