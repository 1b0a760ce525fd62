//! A host with a page, an account or a number of team Care.

use std::ops::Deref;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use server::channels::ProviderConfig;
use server::clock_and_ids::Clock;
use shared::channels::{NamedSecret, NamedValue, ProviderChannelChange, TypedSecret};
use shared::ids::{TeamId, WorkitemId};

use crate::deterministic::FixedClock;
pub use crate::provided::{Answered, PUBLIC};
use crate::provided::{Provided, TIME_LIMIT};
use crate::stand_in::{SECRET, StandIn, TOKEN, signature};

pub const MESSENGER: &str = "meta_messenger";
pub const INSTAGRAM: &str = "meta_instagram";
pub const WHATSAPP: &str = "meta_whatsapp";
/// What customers write to, and the page behind an Instagram account.
pub const OURS: &str = "104060501234567";
pub const PAGE: &str = "990000000000001";
/// What Meta calls the customer: on WhatsApp it is a number.
pub const DANA: &str = "6543217890123456";

pub struct Host {
    pub meta: StandIn,
    pub kind: &'static str,
    provided: Provided,
}

impl Deref for Host {
    type Target = Provided;

    fn deref(&self) -> &Provided {
        &self.provided
    }
}

/// What an administrator fills in.
pub fn change(kind: &str) -> ProviderChannelChange {
    let secret = |name: &str, value: &str| NamedSecret {
        name: name.to_owned(),
        value: TypedSecret::new(value.to_owned()),
    };
    let page = NamedValue {
        name: "page_id".to_owned(),
        value: PAGE.to_owned(),
    };
    ProviderChannelChange {
        kind: kind.to_owned(),
        name: "Care at Meta".to_owned(),
        team: TeamId::parse("care").unwrap(),
        address: OURS.to_owned(),
        settings: Vec::from_iter((kind == INSTAGRAM).then_some(page)),
        secrets: vec![secret("access_token", TOKEN), secret("app_secret", SECRET)],
        version: 0,
    }
}

impl Host {
    pub async fn start() -> Self {
        Self::start_as(MESSENGER).await
    }

    pub async fn start_as(kind: &'static str) -> Self {
        let meta = StandIn::start().await;
        let provider = ProviderConfig {
            meta_url: meta.url.clone(),
            time_limit: TIME_LIMIT,
            ..ProviderConfig::default()
        };
        let provided = Provided::start(Arc::<FixedClock>::default(), provider, change(kind)).await;
        Self {
            meta,
            kind,
            provided,
        }
    }

    /// Milliseconds of the host's clock, as Messenger and Instagram count.
    pub fn millis(&self) -> i64 {
        self.clock.now().0 / 1_000
    }

    /// A batch, signed over its bytes.
    pub async fn meta_calls(&self, body: &Value) -> Answered {
        let body = body.to_string();
        let signature = signature(SECRET, body.as_bytes());
        self.called(body.into_bytes(), Some(&signature)).await
    }

    /// A call with this signature.
    pub async fn called(&self, body: Vec<u8>, signature: Option<&str>) -> Answered {
        let mut request =
            Request::post(self.webhook()).header(header::CONTENT_TYPE, "application/json");
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        self.request(request.body(Body::from(body)).unwrap()).await
    }

    /// A batch of one item, as the kind of channel has it.
    pub fn batch(&self, item: Value) -> Value {
        match self.kind {
            WHATSAPP => {
                json!({ "object": "whatsapp_business_account", "entry": [whatsapp_entry(item)] })
            }
            INSTAGRAM => json!({ "object": "instagram", "entry": [entry(OURS, [item])] }),
            _ => json!({ "object": "page", "entry": [entry(OURS, [item])] }),
        }
    }

    /// A message of Dana's, as Meta brings it.
    pub fn message(&self, mid: &str, text: &str) -> Value {
        match self.kind {
            WHATSAPP => {
                let seconds = (self.millis() / 1_000).to_string();
                json!({
                    "contacts": [{ "profile": { "name": "Dana Dietz" }, "wa_id": DANA }],
                    "messages": [{ "from": DANA, "id": mid, "timestamp": seconds, "type": "text", "text": { "body": text } }],
                })
            }
            _ => self.item(json!({ "message": { "mid": mid, "text": text } })),
        }
    }

    /// An item of Dana's on Messenger or Instagram.
    pub fn item(&self, mut item: Value) -> Value {
        item["sender"] = json!({ "id": DANA });
        item["recipient"] = json!({ "id": OURS });
        item["timestamp"] = json!(self.millis());
        item
    }

    pub async fn dana_writes(&self, mid: &str, text: &str) -> Answered {
        let batch = self.batch(self.message(mid, text));
        self.meta_calls(&batch).await
    }

    /// A conversation that Dana began and amy has.
    pub async fn conversation(&self) -> WorkitemId {
        let taken = self.dana_writes("mid-first", "My lamp hums").await;
        assert_eq!(taken.status, 200);
        self.given_to_amy().await
    }
}

/// An entry of Messenger or Instagram.
pub fn entry(id: &str, items: impl IntoIterator<Item = Value>) -> Value {
    json!({ "id": id, "time": 1, "messaging": items.into_iter().collect::<Vec<_>>() })
}

/// An entry of WhatsApp about our number.
pub fn whatsapp_entry(mut value: Value) -> Value {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({ "display_phone_number": "15550006789", "phone_number_id": OURS });
    json!({ "id": "the-business", "changes": [{ "field": "messages", "value": value }] })
}
