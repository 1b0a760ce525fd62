//! Tokens of a provider: ID tokens, and those by which it ends sessions (OpenID Connect Core 3.1.3.7, Back-Channel Logout 2.6). One
//! check serves both, because the library knows ID tokens alone; signatures and keys are its own.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::JsonWebKey;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::Value;

use crate::desk::identity_provider::{Claims, ProviderFailure, time};

/// The longest name that a token gives a user, a session or itself, in bytes. A subject has no more (OpenID Connect Core, 2).
const NAME_MAX: usize = 255;
/// How far clocks may differ, in seconds.
const SKEW_S: i64 = 60;
/// The longest token that is looked at, in bytes.
const TOKEN_MAX: usize = 32 * 1024;
/// How long a message that ends sessions counts which names no end itself, in seconds.
const LOGOUT_LASTS_S: i64 = 600;
/// The event of a message that ends sessions.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The header of a token.
#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    /// What its reader has to understand. Nothing of that is understood here.
    crit: Option<Value>,
}

/// A token that was read and not yet verified.
pub(super) struct Token<'a> {
    header: Header,
    /// What is signed.
    signed: &'a str,
    signature: Vec<u8>,
    claims: Claims,
}

/// For whom a token must be, and when.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    /// Seconds since 1970.
    pub(super) now: i64,
}

fn decoded(part: &str) -> Result<Vec<u8>, ProviderFailure> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part);
    bytes.map_err(|_| ProviderFailure::NoToken)
}

impl<'a> Token<'a> {
    /// Reads a signed token.
    pub(super) fn read(text: &'a str) -> Result<Self, ProviderFailure> {
        let unreadable = ProviderFailure::NoToken;
        if text.len() > TOKEN_MAX {
            return Err(unreadable);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(unreadable)?;
        let (header, claims) = signed.split_once('.').ok_or(unreadable)?;
        let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| unreadable)?;
        let claims = serde_json::from_slice(&decoded(claims)?).map_err(|_| unreadable)?;
        Ok(Self {
            header,
            signed,
            signature: decoded(signature)?,
            claims,
        })
    }

    /// Whether none of the keys verifies a token that a key of the provider might: it may have new ones, even under the names of
    /// before.
    pub(super) fn needs_another_key(&self, keys: &CoreJsonWebKeySet) -> bool {
        self.may_be_signed() && !self.is_signed(keys)
    }

    /// The claims, if the token is the provider's, for this client, and valid now.
    pub(super) fn verified(
        self,
        keys: &CoreJsonWebKeySet,
        expected: &Expected<'_>,
    ) -> Result<Claims, ProviderFailure> {
        self.check_signature(keys)?;
        let Self { claims, .. } = self;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(expected.issuer) || !is_for(&claims, expected.client_id) {
            return Err(ProviderFailure::OtherToken);
        }
        let ends = time(&claims, "exp");
        if ends.is_some_and(|ends| expected.now >= ends.saturating_add(SKEW_S)) {
            return Err(ProviderFailure::Expired);
        }
        let issued = time(&claims, "iat").ok_or(ProviderFailure::Claim)?;
        if issued > expected.now.saturating_add(SKEW_S) {
            return Err(ProviderFailure::Expired);
        }
        Ok(claims)
    }

    fn check_signature(&self, keys: &CoreJsonWebKeySet) -> Result<(), ProviderFailure> {
        let signed = self.may_be_signed() && self.is_signed(keys);
        signed.then_some(()).ok_or(ProviderFailure::Signature)
    }

    /// Only keys that the provider publishes count, and no algorithm whose key is a secret of both sides.
    fn may_be_signed(&self) -> bool {
        use CoreJwsSigningAlgorithm as Algorithm;
        let published = matches!(
            self.header.alg,
            Algorithm::RsaSsaPkcs1V15Sha256
                | Algorithm::RsaSsaPkcs1V15Sha384
                | Algorithm::RsaSsaPkcs1V15Sha512
                | Algorithm::RsaSsaPssSha256
                | Algorithm::RsaSsaPssSha384
                | Algorithm::RsaSsaPssSha512
                | Algorithm::EcdsaP256Sha256
                | Algorithm::EcdsaP384Sha384
                | Algorithm::EdDsa
        );
        published && self.header.crit.is_none()
    }

    fn is_signed(&self, keys: &CoreJsonWebKeySet) -> bool {
        let (kid, message) = (self.header.kid.as_deref(), self.signed.as_bytes());
        let mut named = keys.keys().iter().filter(|key| named(*key, kid));
        // The library asks as well whether the key is for signatures and for this algorithm.
        named.any(|key| {
            key.verify_signature(&self.header.alg, message, &self.signature)
                .is_ok()
        })
    }
}

/// Whether a key has this name; where a token gives none, every key may be meant.
fn named(key: &impl JsonWebKey, kid: Option<&str>) -> bool {
    kid.is_none_or(|kid| key.key_id().is_some_and(|id| id.as_str() == kid))
}

/// Whether a token is for this client; one for several says that this one asked for it.
fn is_for(claims: &Claims, client_id: &str) -> bool {
    let party = claims.get("azp").map(Value::as_str);
    match claims.get("aud") {
        Some(Value::String(audience)) => {
            audience == client_id && party.is_none_or(|party| party == Some(client_id))
        }
        Some(Value::Array(audiences)) => {
            let one = audiences.len() == 1;
            audiences.iter().any(|one| one.as_str() == Some(client_id))
                && party.map_or(one, |party| party == Some(client_id))
        }
        _ => false,
    }
}

/// Whether a text can be stored as a name: an index has no room for one of any length, and PostgreSQL none for NUL.
fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.len()) && !text.contains(char::is_control)
}

/// What an ID token has to say beside: it is the answer to this question, and ends.
pub(super) fn check_identity(claims: &Claims, nonce: &str) -> Result<(), ProviderFailure> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("nonce") != Some(nonce) {
        return Err(ProviderFailure::OtherToken);
    }
    let names = text("sub").is_some_and(is_name) && text("sid").is_none_or(is_name);
    match names && time(claims, "exp").is_some() {
        true => Ok(()),
        false => Err(ProviderFailure::Claim),
    }
}

/// What a message has to say that ends sessions. It is no ID token, which holds a nonce. Adds `exp` to one without.
pub(super) fn check_logout(claims: &mut Claims, now: i64) -> Result<(), ProviderFailure> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let event = claims.get("events").and_then(|events| events.get(LOGOUT));
    let (user, session) = (text("sub"), text("sid"));
    let whose = user.or(session).is_some() && [user, session].into_iter().flatten().all(is_name);
    let named = text("jti").is_some_and(is_name);
    if !event.is_some_and(Value::is_object) || claims.contains_key("nonce") || !whose || !named {
        return Err(ProviderFailure::Claim);
    }
    if time(claims, "exp").is_none() {
        let ends = time(claims, "iat").unwrap_or_default();
        let ends = ends.saturating_add(LOGOUT_LASTS_S);
        if now >= ends.saturating_add(SKEW_S) {
            return Err(ProviderFailure::Expired);
        }
        claims.insert("exp".to_owned(), ends.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn a_token_is_for_the_client_that_asked_for_it() {
        for (value, fits) in [
            (json!({ "aud": "desk" }), true),
            (json!({ "aud": ["desk"] }), true),
            (json!({ "aud": ["desk", "other"], "azp": "desk" }), true),
            (json!({ "aud": ["desk", "other"] }), false),
            (json!({ "aud": "desk", "azp": "other" }), false),
            (json!({ "aud": ["desk", "other"], "azp": "other" }), false),
            (json!({ "aud": "desk2" }), false),
            (json!({ "aud": [] }), false),
            (json!({}), false),
        ] {
            assert_eq!(is_for(&claims(value.clone()), "desk"), fits, "{value}");
        }
    }

    #[test]
    fn an_id_token_names_its_user_by_something_that_can_be_stored() {
        let of = |subject: Value| {
            let token = json!({ "nonce": "n", "exp": 2_000, "sub": subject });
            check_identity(&claims(token), "n")
        };
        assert_eq!(of(json!("s".repeat(255))), Ok(()));
        for wrong in [
            json!(""),
            json!(null),
            json!(7),
            json!("s".repeat(256)),
            json!("s\u{0}"),
        ] {
            assert_eq!(of(wrong.clone()), Err(ProviderFailure::Claim), "{wrong}");
        }
    }

    #[test]
    fn an_id_token_ends_no_sessions_and_a_message_that_does_is_no_id_token() {
        let message = || {
            let events = json!({ LOGOUT: {} });
            claims(json!({ "events": events, "jti": "1", "sub": "s", "iat": 1_000 }))
        };
        let mut good = message();
        assert_eq!(check_logout(&mut good, 1_000), Ok(()));
        assert_eq!(time(&good, "exp"), Some(1_600));
        assert_eq!(
            check_logout(&mut message(), 1_660),
            Err(ProviderFailure::Expired)
        );
        assert_eq!(check_identity(&good, "n"), Err(ProviderFailure::OtherToken));
        for (name, value) in [
            ("nonce", json!("n")),
            ("events", json!({})),
            ("jti", json!("")),
            ("jti", json!("j".repeat(256))),
            ("sub", json!(1)),
            ("sub", json!("s\u{0}")),
            ("sid", json!("s".repeat(256))),
        ] {
            let mut bad = message();
            bad.insert(name.to_owned(), value);
            assert_eq!(
                check_logout(&mut bad, 1_000),
                Err(ProviderFailure::Claim),
                "{name}"
            );
        }
    }
}
