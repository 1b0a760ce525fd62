//! What is Meta's about its stand-in: access tokens and their proof, and signatures.

use std::ops::Deref;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::vendor::{self, Vendor};
pub use crate::vendor::{Asked, Next, Odd};

pub const TOKEN: &str = "EAAG-a-token-that-nobody-may-see";
pub const SECRET: &str = "an-app-secret-that-nobody-may-see";

#[derive(Default)]
pub struct Meta {
    taken: Vec<String>,
}

impl Vendor for Meta {
    /// As Meta does, when the app asks for the proof.
    fn otherwise(&mut self, asked: &Asked) -> Option<(u16, Value)> {
        let body = asked.json();
        let knows = match body["messaging_product"].as_str() {
            Some(_) => asked.header("authorization") == format!("Bearer {TOKEN}"),
            None => {
                body["access_token"] == TOKEN
                    && body["appsecret_proof"] == hex::encode(mac(SECRET, TOKEN.as_bytes()))
            }
        };
        let refusal = json!({ "error": { "message": "Invalid OAuth access token.", "type": "OAuthException",
            "code": 190, "fbtrace_id": "A1" } });
        (!knows).then_some((401, refusal))
    }

    fn take(&mut self, asked: &Asked) -> (u16, Value) {
        let body = asked.json();
        let texts = ["/message/text", "/text/body"];
        let text = texts.iter().find_map(|path| body.pointer(path)?.as_str());
        self.taken.push(text.unwrap().to_owned());
        let id = id(self.taken.len());
        let answer = match body["messaging_product"].as_str() {
            Some(_) => {
                json!({ "messaging_product": "whatsapp", "contacts": [{ "input": body["to"], "wa_id": body["to"] }],
                "messages": [{ "id": id }] })
            }
            None => json!({ "recipient_id": body["recipient"]["id"], "message_id": id }),
        };
        (200, answer)
    }
}

/// What Meta calls the message that it took as this one, from one.
pub fn id(number: usize) -> String {
    format!("m_{number}-and/more+than==an.id{}", "x".repeat(100))
}

pub struct StandIn(vendor::StandIn<Meta>);

impl StandIn {
    pub async fn start() -> Self {
        Self(vendor::StandIn::of(Meta::default()).await)
    }

    /// The texts that were taken, in order.
    pub fn taken(&self) -> Vec<String> {
        self.inspect(|meta| meta.taken.clone())
    }
}

impl Deref for StandIn {
    type Target = vendor::StandIn<Meta>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// What Meta puts into `X-Hub-Signature-256`.
pub fn signature(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(mac(secret, body)))
}

fn mac(secret: &str, data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}
