//! A host with a Twilio number of team Care.

use std::ops::Deref;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use server::channels::ProviderConfig;
use server::clock_and_ids::Ids;
use server::commands::CustomerErase;
use server::http::HttpConfig;
use server::store::CommandContext;
use shared::channels::{NamedSecret, NamedValue, ProviderChannelChange, TypedSecret};
use shared::ids::{EntryId, TeamId, WorkitemId};

use crate::deterministic::FixedClock;
pub use crate::provided::{Answered, PUBLIC};
use crate::provided::{Provided, TIME_LIMIT};
use crate::stand_in::{ACCOUNT, StandIn, TOKEN, signature};

/// Sideline's number, and the customer's.
pub const OURS: &str = "+15550006789";
pub const DANAS: &str = "+15551230000";

/// The kinds of channels, and the same numbers as WhatsApp has them.
pub const SMS: &str = "twilio_sms";
pub const WHATSAPP: &str = "twilio_whatsapp";
pub const US_ON_WHATSAPP: &str = "whatsapp:+15550006789";
pub const DANA_ON_WHATSAPP: &str = "whatsapp:+15551230000";

pub struct Host {
    pub twilio: StandIn,
    kind: String,
    provided: Provided,
}

impl Deref for Host {
    type Target = Provided;

    fn deref(&self) -> &Provided {
        &self.provided
    }
}

/// What an administrator fills in.
pub fn change(kind: &str, team: &str) -> ProviderChannelChange {
    ProviderChannelChange {
        kind: kind.to_owned(),
        name: "Care by text".to_owned(),
        team: TeamId::parse(team).unwrap(),
        address: OURS.to_owned(),
        settings: vec![NamedValue {
            name: "account_sid".to_owned(),
            value: ACCOUNT.to_owned(),
        }],
        secrets: vec![NamedSecret {
            name: "auth_token".to_owned(),
            value: TypedSecret::new(TOKEN.to_owned()),
        }],
        version: 0,
    }
}

impl Host {
    pub async fn start() -> Self {
        Self::start_as(SMS).await
    }

    pub async fn start_as(kind: &str) -> Self {
        Self::start_with(kind, Some(PUBLIC), &HttpConfig::default()).await
    }

    /// One whose operator has set no public address, behind a proxy that is trusted or not.
    pub async fn start_behind_proxy(trust_forwarded: bool) -> Self {
        let http = HttpConfig {
            trust_forwarded,
            ..HttpConfig::default()
        };
        Self::start_with(SMS, None, &http).await
    }

    async fn start_with(kind: &str, public_url: Option<&str>, http: &HttpConfig) -> Self {
        let clock = Arc::<FixedClock>::default();
        let twilio = StandIn::start(clock.clone()).await;
        let provider = ProviderConfig {
            twilio_url: twilio.url.clone(),
            time_limit: TIME_LIMIT,
            ..ProviderConfig::default()
        };
        let channel = change(kind, "care");
        let provided = Provided::start_with(clock, provider, channel, public_url, http);
        Self {
            twilio,
            kind: kind.to_owned(),
            provided: provided.await,
        }
    }

    /// A call of Twilio's, signed over the public address.
    pub async fn twilio_calls(&self, path: &str, form: &[(&str, &str)]) -> Answered {
        let signature = signature(TOKEN, &format!("{PUBLIC}{path}"), form);
        self.called(path, form, Some(&signature)).await
    }

    /// A call with this signature.
    pub async fn called(
        &self,
        path: &str,
        form: &[(&str, &str)],
        signature: Option<&str>,
    ) -> Answered {
        let signature = signature.map(|signature| ("x-twilio-signature", signature));
        self.called_with(path, form, signature.as_slice()).await
    }

    /// A call with these headers.
    pub async fn called_with(
        &self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answered {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = Request::post(path).header(
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.request(request.body(Body::from(body)).unwrap()).await
    }

    /// A message of Dana's, as Twilio brings it on this kind of channel.
    pub fn danas<'a>(&self, sid: &'a str, body: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut form = message(sid, body);
        if self.kind == WHATSAPP {
            for (name, value) in &mut form {
                match *name {
                    "From" => *value = DANA_ON_WHATSAPP,
                    "To" => *value = US_ON_WHATSAPP,
                    _ => {}
                }
            }
        }
        form
    }

    /// Dana texts; `sid` is Twilio's name for it.
    pub async fn dana_texts(&self, sid: &str, body: &str) -> Answered {
        let form = self.danas(sid, body);
        self.twilio_calls(self.webhook(), &form).await
    }

    /// A conversation that Dana began and amy has.
    pub async fn conversation(&self) -> WorkitemId {
        let taken = self.dana_texts("SM-first", "My lamp hums").await;
        assert_eq!(taken.status, 200);
        self.given_to_amy().await
    }

    /// The customer of a workitem is erased.
    pub async fn erases(&self, workitem: WorkitemId) {
        let erase = CustomerErase {
            workitem,
            by: self.actor("ada").await.person(),
            entry: EntryId::parse(self.ids.next()).unwrap(),
            session: None,
            context: CommandContext {
                actor: None,
                key: self.key(),
                at: self.desk.clock().now(),
            },
        };
        self.desk.store().execute(erase).await.unwrap();
    }

    /// Twilio reports on the message that it was handed in this request.
    pub async fn reports(&self, number: usize, sid: &str, more: &[(&str, &str)]) -> Answered {
        let sends = self.twilio.sends();
        let report_to = sends[number].get("StatusCallback").to_owned();
        let path = report_to.strip_prefix(PUBLIC).unwrap();
        let form = [&[("MessageSid", sid), ("AccountSid", ACCOUNT)], more].concat();
        self.twilio_calls(path, &form).await
    }
}

/// A text message of Dana's, as Twilio brings it.
pub fn message<'a>(sid: &'a str, body: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("MessageSid", sid),
        ("AccountSid", ACCOUNT),
        ("From", DANAS),
        ("To", OURS),
        ("Body", body),
        ("NumMedia", "0"),
        ("SomethingNew", "without notice"),
    ]
}
