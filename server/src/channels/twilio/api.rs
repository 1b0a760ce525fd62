//! Twilio's API: handing over a message, and finding one that was handed over.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use form_urlencoded::Serializer;
use http_body_util::Full;
use serde::Deserialize;
use shared::delivery::DeliveryReason;
use shared::files::FileState;
use shared::time::Timestamp;

use super::{ACCOUNT_SID, AUTH_TOKEN};
use crate::channels::ProviderConfig;
use crate::channels::exchange::{Hidden, THROTTLED, detail, exchange, later, unreadable};
use crate::channels::media::{Credentials, MediaClient};
use crate::clock_and_ids::Clock;
use crate::desk::providers::{Account, FetchError, Outgoing, SendError};
use crate::http_client::{HttpAnswer, HttpClient, retry_after};

/// How many of the last messages to a customer are looked at: also those that were sent between giving one up and sending it
/// again.
const LOOKED_AT: &str = "100";

/// The API of one host.
pub(super) struct Api {
    client: HttpClient,
    clock: Arc<dyn Clock>,
    media: MediaClient,
    base: String,
}

/// Of an answer to a new message, and of an item of a list.
#[derive(Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    date_created: String,
    #[serde(default)]
    status: String,
}

/// Of an answer to a list.
#[derive(Deserialize)]
struct Messages {
    messages: Vec<Message>,
}

/// Of a refusal.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    code: Option<i64>,
    #[serde(default)]
    message: String,
}

impl Api {
    pub(super) fn new(client: &HttpClient, config: &ProviderConfig) -> Self {
        Self {
            client: client.clone(),
            clock: config.clock.clone(),
            media: MediaClient::new(&config.twilio_url, config.time_limit),
            base: config.twilio_url.clone(),
        }
    }

    /// `POST …/Messages.json`: the message's SID.
    pub(super) async fn send(
        &self,
        account: &Account,
        prefix: &str,
        message: &Outgoing,
    ) -> Result<String, SendError> {
        let request = self
            .request(account, "POST", "")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form(account, prefix, message))));
        let answer = self.exchange(account, request).await?;
        let taken = serde_json::from_slice::<Message>(&answer.body);
        match taken {
            Ok(taken) if !taken.sid.is_empty() => Ok(taken.sid),
            _ => Err(unreadable(answer.status)),
        }
    }

    /// `GET …/Messages.json`: the SIDs of messages with this text to this customer that were made since then.
    pub(super) async fn find(
        &self,
        account: &Account,
        prefix: &str,
        message: &Outgoing,
        since: Timestamp,
    ) -> Result<Vec<String>, SendError> {
        let query = Serializer::for_suffix(String::from("?"), 1)
            .append_pair("To", &[prefix, &message.to].concat())
            .append_pair("From", &[prefix, &account.address].concat())
            .append_pair("PageSize", LOOKED_AT)
            .finish();
        let request = self
            .request(account, "GET", &query)
            .body(Full::new(Bytes::new()));
        let answer = self.exchange(account, request).await?;
        let list = serde_json::from_slice::<Messages>(&answer.body);
        let list = list.map_err(|_| unreadable(answer.status))?;
        let own = list.messages.into_iter().filter(|found| {
            let made = jiff::fmt::rfc2822::parse(&found.date_created);
            let made = made.map(|made| made.timestamp().as_microsecond());
            // What Twilio took and could not deliver is no reason not to send.
            let lost = ["failed", "undelivered", "canceled"].contains(&found.status.as_str());
            let same = found.body == message.text.as_str();
            same && !lost && made.is_ok_and(|made| made >= since.0)
        });
        Ok(own.map(|found| found.sid).collect())
    }

    /// A file of a message, at the address that Twilio has named. Twilio asks there who wants it, and leads to where it stands.
    pub(super) async fn fetch(
        &self,
        account: &Account,
        address: &str,
        max: usize,
    ) -> Result<Vec<u8>, FetchError> {
        if !self.media.is_own(address) {
            return Err(FetchError::Failed(FileState::NotSetUp));
        }
        let credentials = Credentials {
            header: &authorization(account),
            hosts: &[],
        };
        self.media.get(address, Some(credentials), max).await
    }

    async fn exchange(
        &self,
        account: &Account,
        request: axum::http::Result<Request<Full<Bytes>>>,
    ) -> Result<HttpAnswer, SendError> {
        let hidden = Hidden::of(account, &[credentials(account)]);
        exchange(&self.client, &*self.clock, request, &hidden, refused).await
    }

    fn request(
        &self,
        account: &Account,
        method: &str,
        query: &str,
    ) -> axum::http::request::Builder {
        let sid = account.setting(ACCOUNT_SID);
        let base = &self.base;
        Request::builder()
            .method(method)
            .uri(format!(
                "{base}/2010-04-01/Accounts/{sid}/Messages.json{query}"
            ))
            .header(AUTHORIZATION, authorization(account))
            .header(ACCEPT, "application/json")
    }
}

/// Who asks.
fn authorization(account: &Account) -> String {
    format!("Basic {}", credentials(account))
}

fn credentials(account: &Account) -> String {
    let (sid, token) = (account.setting(ACCOUNT_SID), account.secret(AUTH_TOKEN));
    BASE64_STANDARD.encode(format!("{sid}:{token}"))
}

/// The parameters of a new message.
fn form(account: &Account, prefix: &str, message: &Outgoing) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("To", &[prefix, &message.to].concat())
        .append_pair("From", &[prefix, &account.address].concat())
        .append_pair("Body", message.text.as_str());
    if let Some(report_to) = &message.report_to {
        form.append_pair("StatusCallback", report_to);
    }
    form.finish()
}

/// What an answer other than success means that came at this time.
fn refused(answer: &HttpAnswer, now: Timestamp, hidden: &Hidden) -> SendError {
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let (status, code) = (answer.status, refusal.code);
    let detail = detail(status, &refusal.message, code, hidden);
    match status {
        StatusCode::TOO_MANY_REQUESTS => SendError::Later {
            after: Some(retry_after(&answer.headers, now).unwrap_or(THROTTLED)),
            unsettled: false,
            throttled: true,
            status: Some(status.as_u16()),
            detail,
        },
        StatusCode::REQUEST_TIMEOUT => later(true, Some(status), &detail),
        // It may have been taken before something broke.
        status if status.is_server_error() => SendError::Later {
            after: retry_after(&answer.headers, now),
            unsettled: true,
            throttled: false,
            status: Some(status.as_u16()),
            detail,
        },
        status => SendError::Refused {
            reason: reason(status, code),
            code,
            status: Some(status.as_u16()),
            detail,
        },
    }
}

/// What a refusal means to an agent.
fn reason(status: StatusCode, code: Option<i64>) -> DeliveryReason {
    match (status, code) {
        // The customer has said STOP.
        (_, Some(21_610)) => DeliveryReason::Stopped,
        // Outside of WhatsApp's window after the customer's last message.
        (_, Some(63_016)) => DeliveryReason::WindowClosed,
        // Wrong credentials, no such account or number, an account that was closed.
        (_, Some(20_003 | 20_005 | 20_404 | 21_212 | 21_606 | 21_659 | 63_007)) => {
            DeliveryReason::NotSetUp
        }
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, None) => {
            DeliveryReason::NotSetUp
        }
        _ => DeliveryReason::Refused,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    /// 14 November 2023, 22:13:20 UTC.
    const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> HttpAnswer {
        let headers = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        HttpAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.collect(),
            body: Bytes::from(body.to_owned()),
        }
    }

    #[test]
    fn what_may_work_later_is_told_from_what_never_will() {
        for (after, expected) in [
            ("7", 7),
            ("Tue, 14 Nov 2023 22:14:20 GMT", 60),
            ("soon", THROTTLED.as_secs()),
        ] {
            let throttled = refused(
                &answer(429, &[("retry-after", after)], ""),
                NOW,
                &Hidden::default(),
            );
            assert!(matches!(throttled, SendError::Later {
                after: Some(after), unsettled: false, throttled: true, ..
            } if after.as_secs() == expected));
        }
        let broken = refused(&answer(500, &[], "<html>"), NOW, &Hidden::default());
        assert!(matches!(
            broken,
            SendError::Later {
                unsettled: true,
                throttled: false,
                ..
            }
        ));
        for (status, body, expected, number) in [
            (
                400,
                r#"{"code": 21211, "message": "No."}"#,
                DeliveryReason::Refused,
                Some(21_211),
            ),
            (
                400,
                r#"{"code": 21610}"#,
                DeliveryReason::Stopped,
                Some(21_610),
            ),
            (
                401,
                r#"{"code": 20003}"#,
                DeliveryReason::NotSetUp,
                Some(20_003),
            ),
            (404, "nonsense", DeliveryReason::NotSetUp, None),
            (400, "nonsense", DeliveryReason::Refused, None),
        ] {
            let refused = refused(&answer(status, &[], body), NOW, &Hidden::default());
            assert!(
                matches!(refused, SendError::Refused { reason, code, .. }
                    if reason == expected && code == number),
                "{status} {body}"
            );
        }
        let answer = answer(400, &[], r#"{"code": 21211, "message": "No."}"#);
        let detail = refused(&answer, NOW, &Hidden::default());
        assert_eq!(detail.detail(), "400 No. (21211)");
    }
}
