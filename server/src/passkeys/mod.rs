//! Passkeys (WebAuthn): what a browser is asked to sign, and whether its answer counts. Pure: who may add or use which
//! passkey is the business of `commands::passkeys`.
//!
//! What is needed to verify an answer is a text that the store keeps until the answer comes; no client ever holds it. Every
//! answer is verified with the passkey as it is stored then, so one that was removed meanwhile counts for nothing.

mod party;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::ids::UserId;
use webauthn_rs::prelude::{
    CreationChallengeResponse, CredentialID, DiscoverableAuthentication, Passkey,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

pub use self::party::{NoParty, Party};

/// The longest answer of a browser that is read, in bytes. One with a key of 4,096 bits and its statement has some 5,000.
const ANSWER_MAX: usize = 16_384;

/// What a browser is asked for.
#[derive(Clone)]
pub struct Challenge {
    /// What verifies the answer. Stays on the host.
    pub state: String,
    /// What the browser is given, as `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`
    /// reads it.
    pub options: String,
}

/// A passkey that a browser has made.
#[derive(Clone, Debug)]
pub struct Made {
    /// What its authenticator calls it, in base64url.
    pub credential_id: String,
    /// The public key, as it is stored.
    pub credential: String,
    /// What its user calls it.
    pub name: String,
    /// The host for which it was made.
    pub host: String,
}

/// A passkey that was used: what is stored of it from now on.
#[derive(Clone, Debug)]
pub struct Used {
    /// What its authenticator calls it, in base64url.
    pub credential_id: String,
    /// The public key with what was said now.
    pub credential: String,
    /// The authenticator's count of uses.
    pub counter: i64,
}

/// Why an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read, or is not an answer to what was asked.
    Wrong,
    /// The authenticator has counted backwards: there are two of it.
    Cloned,
}

/// What was asked, and for which host.
#[derive(Serialize, Deserialize)]
struct State {
    host: String,
    asked: Asked,
}

#[derive(Serialize, Deserialize)]
enum Asked {
    /// To make a passkey of this name.
    Make(PasskeyRegistration, String),
    /// To use one.
    Use(DiscoverableAuthentication),
}

/// What somebody who adds a passkey is called on their device.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// Who.
    pub user: &'a UserId,
    /// What they sign in with.
    pub username: &'a str,
    /// How they are called.
    pub name: &'a str,
}

/// Asks a browser for a passkey, which its device keeps so that it is found without a username. One of `known` (what their
/// authenticators call them) is made on no device a second time.
pub fn ask_to_make(
    party: &Party,
    owner: Owner<'_>,
    name: &str,
    known: &[String],
) -> Option<Challenge> {
    let known: Vec<CredentialID> = known
        .iter()
        .filter_map(|id| URL_SAFE_NO_PAD.decode(id).ok())
        .collect();
    let handle = handle_of(owner.user);
    let started = webauthn(party)?.start_passkey_registration(
        handle,
        owner.username,
        owner.name,
        Some(known),
    );
    let (CreationChallengeResponse { public_key, .. }, asked) = started.ok()?;
    let mut options = serde_json::to_value(public_key).ok()?;
    // It is found without a username, and asks who its user is.
    options["authenticatorSelection"] = json!({
        "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
    });
    challenge(party, Asked::Make(asked, name.to_owned()), &options)
}

/// Asks a browser for one of these passkeys (what their authenticators call them), or for any if there are none.
pub fn ask_to_use(party: &Party, known: &[String]) -> Option<Challenge> {
    let started = webauthn(party)?.start_discoverable_authentication();
    let (RequestChallengeResponse { public_key, .. }, asked) = started.ok()?;
    let mut options = serde_json::to_value(public_key).ok()?;
    let known = known
        .iter()
        .map(|id| json!({ "type": "public-key", "id": id }));
    options["allowCredentials"] = known.collect();
    challenge(party, Asked::Use(asked), &options)
}

fn challenge(party: &Party, asked: Asked, options: &Value) -> Option<Challenge> {
    let state = State {
        host: party.host().to_owned(),
        asked,
    };
    Some(Challenge {
        state: serde_json::to_string(&state).ok()?,
        options: options.to_string(),
    })
}

/// Verifies the answer to [`ask_to_make`].
pub fn made(party: &Party, state: &str, answer: &str) -> Result<Made, Refusal> {
    let Asked::Make(asked, name) = asked_in(party, state)? else {
        return Err(Refusal::Wrong);
    };
    let answer: RegisterPublicKeyCredential = read(answer)?;
    let webauthn = webauthn(party).ok_or(Refusal::Wrong)?;
    let passkey = webauthn.finish_passkey_registration(&answer, &asked);
    let passkey = passkey.map_err(refusal)?;
    Ok(Made {
        credential_id: coded(passkey.cred_id()),
        credential: serde_json::to_string(&passkey).map_err(|_| Refusal::Wrong)?,
        name,
        host: party.host().to_owned(),
    })
}

/// The passkey with which an answer was made, as its authenticator calls it in base64url. Nothing has been verified of it.
pub fn named_in(answer: &str) -> Result<String, Refusal> {
    let answer: PublicKeyCredential = read(answer)?;
    Ok(coded(answer.get_credential_id()))
}

/// A passkey as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Whose it is.
    pub owner: &'a UserId,
    /// The public key, as it was written here.
    pub credential: &'a str,
    /// Whether it signs in alone: then the answer has to say whose it is. After a password it may.
    pub alone: bool,
}

/// Verifies the answer to [`ask_to_use`].
pub fn used(party: &Party, state: &str, answer: &str, known: Known<'_>) -> Result<Used, Refusal> {
    let Asked::Use(asked) = asked_in(party, state)? else {
        return Err(Refusal::Wrong);
    };
    let answer: PublicKeyCredential = read(answer)?;
    let mut passkey: Passkey =
        serde_json::from_str(known.credential).map_err(|_| Refusal::Wrong)?;
    let whose = match answer.get_user_unique_id() {
        Some(handle) => handle == handle_of(known.owner).as_bytes(),
        None => !known.alone,
    };
    if !whose {
        return Err(Refusal::Wrong);
    }
    let webauthn = webauthn(party).ok_or(Refusal::Wrong)?;
    let result = webauthn.finish_discoverable_authentication_v2(&answer, asked, &passkey);
    let result = result.map_err(refusal)?;
    if !result.user_verified() {
        return Err(Refusal::Wrong);
    }
    passkey.update_credential(&result).ok_or(Refusal::Wrong)?;
    Ok(Used {
        credential_id: coded(result.cred_id()),
        credential: serde_json::to_string(&passkey).map_err(|_| Refusal::Wrong)?,
        counter: i64::from(result.counter()),
    })
}

/// Whether an authenticator that had counted so far (`before`) may count `now`. One that does not count says 0.
pub fn counts_on(before: i64, now: i64) -> bool {
    (before, now) == (0, 0) || now > before
}

/// By what authenticators know a user: it stands on their devices, so it says nothing of them.
fn handle_of(user: &UserId) -> Uuid {
    let digest = Sha256::digest(format!("passkeys of {user}").as_bytes());
    let mut handle = [0; 16];
    handle.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(handle)
}

fn coded(id: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

fn webauthn(party: &Party) -> Option<Webauthn> {
    let builder = WebauthnBuilder::new(party.host(), party.origin()).ok()?;
    builder.rp_name("Sideline").build().ok()
}

/// What was asked of the browser, if this host asked it.
fn asked_in(party: &Party, state: &str) -> Result<Asked, Refusal> {
    let state: State = serde_json::from_str(state).map_err(|_| Refusal::Wrong)?;
    match state.host == party.host() {
        true => Ok(state.asked),
        false => Err(Refusal::Wrong),
    }
}

fn read<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, Refusal> {
    if answer.len() > ANSWER_MAX {
        return Err(Refusal::Wrong);
    }
    serde_json::from_str(answer).map_err(|_| Refusal::Wrong)
}

fn refusal(error: WebauthnError) -> Refusal {
    match error {
        WebauthnError::CredentialPossibleCompromise => Refusal::Cloned,
        error => {
            // Its words are of the protocol: no name, no key.
            tracing::debug!(%error, "a passkey was refused");
            Refusal::Wrong
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_an_authenticator_counts_on_or_not_at_all() {
        for (before, now, fits) in [
            (0, 0, true),
            (0, 1, true),
            (5, 6, true),
            (5, 5, false),
            (5, 4, false),
            (5, 0, false),
        ] {
            assert_eq!(counts_on(before, now), fits, "{before} -> {now}");
        }
    }

    #[test]
    fn s10_what_stands_on_a_device_says_nothing_of_its_user() {
        let [amy, ben] = ["amy", "ben"].map(|id| UserId::parse(id).unwrap());
        assert_eq!(handle_of(&amy), handle_of(&amy));
        assert_ne!(handle_of(&amy), handle_of(&ben));
    }

    #[test]
    fn s10_what_no_browser_says_is_wrong_and_no_more() {
        let party = Party::of(None, Some("localhost:3000"), false).unwrap();
        let asked = ask_to_use(&party, &[]).unwrap();
        let amy = UserId::parse("amy").unwrap();
        let long = format!("\"{}\"", "x".repeat(ANSWER_MAX));
        for answer in ["", "null", "{}", "[]", "\u{0}", "{\"id\":1}", &long] {
            assert_eq!(named_in(answer), Err(Refusal::Wrong), "{answer}");
            let known = Known {
                owner: &amy,
                credential: "{}",
                alone: true,
            };
            let used = used(&party, &asked.state, answer, known);
            assert_eq!(used.unwrap_err(), Refusal::Wrong, "{answer}");
            let made = made(&party, &asked.state, answer);
            assert_eq!(made.unwrap_err(), Refusal::Wrong, "{answer}");
        }
    }
}
