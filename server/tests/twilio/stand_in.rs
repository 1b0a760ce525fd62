//! What is Twilio's about its stand-in: credentials, the list of messages, and signatures.

use std::ops::Deref;
use std::sync::Arc;

use axum::http::Uri;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use server::clock_and_ids::Clock;
use sha1::Sha1;

use crate::deterministic::FixedClock;
use crate::vendor::{self, Vendor};
pub use crate::vendor::{Asked, Next, Odd};

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "a-token-that-nobody-may-see";

pub struct Twilio {
    taken: Vec<Value>,
    clock: Arc<FixedClock>,
    /// Whether lists are refused.
    unasked: bool,
}

impl Vendor for Twilio {
    fn otherwise(&mut self, asked: &Asked) -> Option<(u16, Value)> {
        let credentials = BASE64_STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
        if asked.header("authorization") != format!("Basic {credentials}") {
            let refusal = json!({ "code": 20003, "message": "Authenticate", "status": 401 });
            return Some((401, refusal));
        }
        (asked.method == "GET").then(|| match self.unasked {
            true => (404, json!({ "code": 20404, "message": "Not found" })),
            false => (200, self.list(&asked.path)),
        })
    }

    fn take(&mut self, asked: &Asked) -> (u16, Value) {
        let now = jiff::Timestamp::from_microsecond(self.clock.now().0).unwrap();
        let now = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&now);
        let message = json!({
            "sid": format!("SM{:032}", self.taken.len() + 1),
            "status": "queued",
            "to": asked.get("To"),
            "from": asked.get("From"),
            "body": asked.get("Body"),
            "date_created": now.unwrap(),
        });
        self.taken.push(message.clone());
        (201, message)
    }
}

impl Twilio {
    /// The newest first.
    fn list(&self, path: &str) -> Value {
        let uri: Uri = path.parse().unwrap();
        let query = uri.query().unwrap_or_default();
        let asked: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let value = |name: &str| {
            let found = asked.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str()).unwrap()
        };
        let found = self.taken.iter().rev();
        let found = found
            .filter(|message| message["to"] == value("To") && message["from"] == value("From"));
        json!({ "messages": found.collect::<Vec<_>>() })
    }
}

pub struct StandIn(vendor::StandIn<Twilio>);

impl StandIn {
    /// Its clock is the host's.
    pub async fn start(clock: Arc<FixedClock>) -> Self {
        let twilio = Twilio {
            taken: Vec::new(),
            clock,
            unasked: false,
        };
        Self(vendor::StandIn::of(twilio).await)
    }

    /// The texts that were taken, in order.
    pub fn taken(&self) -> Vec<String> {
        let text = |message: &Value| message["body"].as_str().unwrap().to_owned();
        self.inspect(|twilio| twilio.taken.iter().map(text).collect())
    }

    /// From now on it refuses to list messages, or lists them again.
    pub fn lists(&self, lists: bool) {
        self.change(|twilio| twilio.unasked = !lists);
    }

    /// What was taken has this status in lists.
    pub fn all_are(&self, status: &str) {
        self.change(|twilio| {
            for message in &mut twilio.taken {
                message["status"] = json!(status);
            }
        });
    }
}

impl Deref for StandIn {
    type Target = vendor::StandIn<Twilio>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// What Twilio puts into `X-Twilio-Signature`.
pub fn signature(token: &str, url: &str, form: &[(&str, &str)]) -> String {
    let mut form = form.to_vec();
    form.sort();
    let pairs: String = form
        .iter()
        .flat_map(|(name, value)| [*name, *value])
        .collect();
    signature_over(token, url, pairs.as_bytes())
}

/// The same over what the parameters are, name and value of each in the order of names.
pub fn signature_over(token: &str, url: &str, pairs: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    mac.update(pairs);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}
