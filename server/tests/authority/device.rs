//! A device that keeps passkeys, and the browser in front of it: answers what a page asks as `navigator.credentials` does, with
//! an ES256 key and no attestation. What a liar would change can be changed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A user is present; was verified; a key follows.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const KEY_FOLLOWS: u8 = 0x40;

/// A passkey on the device.
struct Key {
    id: Vec<u8>,
    pair: EcdsaKeyPair,
    handle: Vec<u8>,
    counter: u32,
}

/// See the module's head.
pub struct Device {
    /// Where the browser believes to be.
    pub origin: String,
    /// For which host the device signs; nothing: for the one that the page names.
    pub host: Option<String>,
    /// Whether it asks who its user is.
    pub verifies: bool,
    /// How far it counts with each use.
    pub step: i64,
    keys: Vec<Key>,
}

impl Device {
    /// One at this address.
    pub fn at(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            host: None,
            verifies: true,
            step: 1,
            keys: Vec::new(),
        }
    }

    /// Makes a passkey. `None`: one of those that must not be there a second time is on this device.
    pub fn create(&mut self, options: &Value) -> Option<String> {
        let excluded = options["excludeCredentials"].as_array();
        let known = |entry: &Value| self.key(entry).is_some();
        if excluded.is_some_and(|excluded| excluded.iter().any(known)) {
            return None;
        }
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        let made = made.expect("a key");
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref(), &random);
        let key = Key {
            id: Sha256::digest(made.as_ref()).to_vec(),
            pair: pair.expect("a key"),
            handle: bytes(&options["user"]["id"]),
            counter: 0,
        };
        let client = self.client_data("webauthn.create", options);
        let host = self.host_of(&options["rp"]["id"]);
        let mut data = self.data(&host, KEY_FOLLOWS, 0);
        data.extend([0; 16]);
        data.extend(u16::try_from(key.id.len()).expect("short").to_be_bytes());
        data.extend(&key.id);
        data.extend(cose(key.pair.public_key().as_ref()));
        let mut statement = vec![0xA3];
        statement.extend(text("fmt"));
        statement.extend(text("none"));
        statement.extend(text("attStmt"));
        statement.push(0xA0);
        statement.extend(text("authData"));
        statement.extend(byte_string(&data));
        let answer = json!({
            "id": coded(&key.id), "rawId": coded(&key.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": coded(&client), "attestationObject": coded(&statement),
                "authenticatorData": coded(&data), "publicKeyAlgorithm": -7, "transports": ["internal", "hybrid"],
            },
        });
        self.keys.push(key);
        Some(answer.to_string())
    }

    /// Uses a passkey of those that are asked for, or its last one. `None`: it has none of them.
    pub fn get(&mut self, options: &Value) -> Option<String> {
        let allowed = options["allowCredentials"].as_array();
        let allowed = allowed.filter(|allowed| !allowed.is_empty());
        let place = match allowed {
            Some(allowed) => allowed.iter().find_map(|entry| self.key(entry))?,
            None => self.keys.len().checked_sub(1)?,
        };
        let counter = i64::from(self.keys[place].counter) + self.step;
        self.keys[place].counter = u32::try_from(counter.max(0)).expect("small");
        let key = &self.keys[place];
        let client = self.client_data("webauthn.get", options);
        let data = self.data(&self.host_of(&options["rpId"]), 0, key.counter);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature = key.pair.sign(&SystemRandom::new(), &signed);
        let signature = signature.expect("a signature");
        Some(
            json!({
                "id": coded(&key.id), "rawId": coded(&key.id), "type": "public-key",
                "authenticatorAttachment": "platform", "clientExtensionResults": {},
                "response": {
                    "clientDataJSON": coded(&client), "authenticatorData": coded(&data),
                    "signature": coded(signature.as_ref()), "userHandle": coded(&key.handle),
                },
            })
            .to_string(),
        )
    }

    fn key(&self, entry: &Value) -> Option<usize> {
        let id = bytes(&entry["id"]);
        self.keys.iter().position(|key| key.id == id)
    }

    fn host_of(&self, named: &Value) -> String {
        let named = named.as_str().expect("a host");
        self.host.clone().unwrap_or_else(|| named.to_owned())
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, host: &str, flags: u8, counter: u32) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = Sha256::digest(host.as_bytes()).to_vec();
        data.push(PRESENT | verified | flags);
        data.extend(counter.to_be_bytes());
        data
    }
}

/// The question on a page.
pub fn asked(body: &str) -> Value {
    let (_, rest) = body.split_once("data-options=\"").expect("a question");
    let (options, _) = rest.split_once('"').expect("its end");
    let options = options.replace("&quot;", "\"").replace("&lt;", "<");
    let options = options.replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&options).expect("JSON")
}

fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(coded: &Value) -> Vec<u8> {
    let coded = coded.as_str().expect("text");
    URL_SAFE_NO_PAD.decode(coded).expect("base64url")
}

/// A text of CBOR with fewer than 24 bytes.
fn text(text: &str) -> Vec<u8> {
    let head = 0x60 + u8::try_from(text.len()).expect("short");
    [&[head], text.as_bytes()].concat()
}

/// A byte string of CBOR with up to 65,535 bytes.
fn byte_string(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("short").to_be_bytes();
    [&[0x59][..], &length, bytes].concat()
}

/// An uncompressed point of P-256 as a COSE key for ES256.
fn cose(point: &[u8]) -> Vec<u8> {
    let (x, y) = (&point[1..33], &point[33..65]);
    let mut key = vec![0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    key.extend(x);
    key.extend([0x22, 0x58, 0x20]);
    key.extend(y);
    key
}
