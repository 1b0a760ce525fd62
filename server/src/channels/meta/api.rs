//! Meta's Graph API: handing over a message. It takes no key with one and lists none, so nobody can ask whether it has a message;
//! on WhatsApp its reports name what was sent with it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use http_body_util::Full;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::delivery::DeliveryReason;
use shared::files::FileState;
use shared::time::Timestamp;

use super::{ACCESS_TOKEN, APP_SECRET, PAGE_ID, Product, signature};
use crate::channels::ProviderConfig;
use crate::channels::exchange::{Hidden, THROTTLED, detail, exchange, later, unreadable};
use crate::channels::media::{Credentials, LATER, MediaClient};
use crate::clock_and_ids::Clock;
use crate::desk::providers::{Account, FetchError, Outgoing, SendError};
use crate::http_client::{HttpAnswer, HttpClient, retry_after};

/// The release of the API.
const VERSION: &str = "v25.0";
/// How long to wait when an app, a page or a number has had its share: Meta counts by the hour and does not say when to come
/// back.
const SHARE_USED: Duration = Duration::from_secs(60);

/// The ends of the names of hosts that keep files of WhatsApp.
const MEDIA_HOSTS: [&str; 3] = [".fbsbx.com", ".facebook.com", ".whatsapp.net"];

/// Where there is no code: none of Meta's.
const NO_CODE: i64 = -1;

/// The API of one host.
pub(super) struct Api {
    client: HttpClient,
    clock: Arc<dyn Clock>,
    media: MediaClient,
    base: String,
}

/// Of an answer to a new message: Messenger and Instagram name it at the top, WhatsApp in a list of one.
#[derive(Deserialize)]
struct Taken {
    #[serde(default)]
    message_id: String,
    #[serde(default)]
    messages: Vec<TakenMessage>,
}

#[derive(Deserialize)]
struct TakenMessage {
    id: String,
}

/// Of a refusal.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: GraphError,
}

#[derive(Default, Deserialize)]
struct GraphError {
    #[serde(default)]
    message: String,
    code: Option<i64>,
    error_subcode: Option<i64>,
    #[serde(default)]
    is_transient: bool,
    #[serde(default)]
    error_data: ErrorData,
}

/// Where WhatsApp says what is the matter.
#[derive(Default, Deserialize)]
struct ErrorData {
    #[serde(default)]
    details: String,
}

impl Api {
    pub(super) fn new(client: &HttpClient, config: &ProviderConfig) -> Self {
        Self {
            client: client.clone(),
            clock: config.clock.clone(),
            media: MediaClient::new(&config.meta_url, config.time_limit),
            base: config.meta_url.clone(),
        }
    }

    /// `POST …/messages`: Meta's id of the message.
    pub(super) async fn send(
        &self,
        product: Product,
        account: &Account,
        message: &Outgoing,
    ) -> Result<String, SendError> {
        let sender = match product {
            Product::Instagram => account.setting(PAGE_ID),
            Product::Messenger | Product::Whatsapp => &account.address,
        };
        let mut request = Request::post(format!("{}/{VERSION}/{sender}/messages", self.base))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        if product == Product::Whatsapp {
            let token = account.secret(ACCESS_TOKEN);
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = body(product, account, message).to_string();
        let request = request.body(Full::new(Bytes::from(body)));
        let answer = self.exchange(account, request).await?;
        let taken = serde_json::from_slice::<Taken>(&answer.body);
        let taken = taken.map_err(|_| unreadable(answer.status))?;
        let listed = taken.messages.into_iter().next().map(|message| message.id);
        let id = listed.unwrap_or(taken.message_id);
        match id.is_empty() {
            true => Err(unreadable(answer.status)),
            false => Ok(id),
        }
    }

    async fn exchange(
        &self,
        account: &Account,
        request: axum::http::Result<Request<Full<Bytes>>>,
    ) -> Result<HttpAnswer, SendError> {
        let (token, secret) = (account.secret(ACCESS_TOKEN), account.secret(APP_SECRET));
        let hidden = Hidden::of(account, &[signature::proof(secret, token)]);
        exchange(&self.client, &*self.clock, request, &hidden, refused).await
    }
}

/// Of an answer to a file's name.
#[derive(Deserialize)]
struct Located {
    url: String,
}

impl Api {
    /// A file of a message. Messenger and Instagram name an address that is open for a while; WhatsApp a name, which Meta makes an
    /// address of, and both ask who wants it.
    pub(super) async fn fetch(
        &self,
        product: Product,
        account: &Account,
        source: &str,
        max: usize,
    ) -> Result<Vec<u8>, FetchError> {
        if product != Product::Whatsapp {
            return self.media.get(source, None, max).await;
        }
        if source.is_empty() || !source.bytes().all(|sign| sign.is_ascii_alphanumeric()) {
            return Err(FetchError::Failed(FileState::Gone));
        }
        let token = account.secret(ACCESS_TOKEN);
        let credentials = Credentials {
            header: &format!("Bearer {token}"),
            hosts: &MEDIA_HOSTS,
        };
        let request = Request::get(format!("{}/{VERSION}/{source}", self.base))
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, credentials.header)
            .body(Full::default());
        let found = self.exchange(account, request).await;
        let found = found.map_err(|error| not_located(&error))?;
        let found = serde_json::from_slice::<Located>(&found.body);
        // An answer that cannot be read says nothing of the file.
        let found = found.map_err(|_| LATER)?;
        self.media.get(&found.url, Some(credentials), max).await
    }
}

/// Why Meta does not say where a file is, by the same codes as for messages.
fn not_located(error: &SendError) -> FetchError {
    match error {
        SendError::Later { .. } => LATER,
        SendError::Refused {
            reason: DeliveryReason::NotSetUp,
            ..
        } => FetchError::Failed(FileState::NotSetUp),
        SendError::Refused { .. } => FetchError::Later(FileState::Gone),
    }
}

/// What is asked. Nothing in it depends on anything but the message, its customer and the channel.
fn body(product: Product, account: &Account, message: &Outgoing) -> Value {
    let text = message.text.as_str();
    if product == Product::Whatsapp {
        let mut body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "type": "text",
            "text": { "body": text },
        });
        // A number, or the user id of somebody who withholds it.
        let number = message.to.bytes().all(|byte| byte.is_ascii_digit());
        let named = if number { "to" } else { "recipient" };
        body[named] = json!(message.to);
        if let Some(reference) = &message.reference {
            body["biz_opaque_callback_data"] = json!(reference);
        }
        return body;
    }
    let (token, secret) = (account.secret(ACCESS_TOKEN), account.secret(APP_SECRET));
    json!({
        "recipient": { "id": message.to },
        "messaging_type": "RESPONSE",
        "message": { "text": text },
        "access_token": token,
        "appsecret_proof": signature::proof(secret, token),
    })
}

/// What an answer other than success means that came at this time.
fn refused(answer: &HttpAnswer, now: Timestamp, hidden: &Hidden) -> SendError {
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let (status, error) = (answer.status, refusal.error);
    let words = match error.error_data.details.as_str() {
        "" => error.message,
        details => format!("{}: {details}", error.message),
    };
    let detail = detail(status, &words, error.code, hidden);
    let (code, subcode) = (
        error.code.unwrap_or(NO_CODE),
        error.error_subcode.unwrap_or_default(),
    );
    let after = retry_after(&answer.headers, now);
    let throttled = |after| SendError::Later {
        after,
        unsettled: false,
        throttled: true,
        status: Some(status.as_u16()),
        detail: detail.clone(),
    };
    match (status, code) {
        // Too many to one customer: nobody else has to wait.
        (_, 131_056) => throttled(None),
        // The shares of an app, a page, a business, a number.
        (_, 4 | 32 | 613 | 80_007 | 130_429) => throttled(Some(after.unwrap_or(SHARE_USED))),
        (StatusCode::TOO_MANY_REQUESTS, _) => throttled(Some(after.unwrap_or(THROTTLED))),
        // "Unknown" and "service": it may have been taken before something broke.
        (StatusCode::REQUEST_TIMEOUT, _) | (_, 1 | 2) => later(true, Some(status), &detail),
        (status, _) if status.is_server_error() => SendError::Later {
            after,
            unsettled: true,
            throttled: false,
            status: Some(status.as_u16()),
            detail,
        },
        _ if error.is_transient => later(false, Some(status), &detail),
        _ => SendError::Refused {
            reason: reason(status, code, subcode),
            code: error.code,
            status: Some(status.as_u16()),
            detail,
        },
    }
}

/// What a refusal means to an agent.
fn reason(status: StatusCode, code: i64, subcode: i64) -> DeliveryReason {
    match (code, subcode) {
        // The customer wrote more than 24 hours ago.
        (10, 2_018_278 | 2_534_022) | (470 | 131_047, _) => DeliveryReason::WindowClosed,
        // No right or a token that is no good, no such page or number, an account that is locked or does not pay.
        (0 | 3 | 10 | 102 | 104 | 190 | 200..=299 | 803, _)
        | (131_005 | 131_031 | 131_042 | 131_045 | 133_010, _)
        | (100, 33) => DeliveryReason::NotSetUp,
        _ if code == NO_CODE && matches!(status.as_u16(), 401 | 403 | 404) => {
            DeliveryReason::NotSetUp
        }
        _ => DeliveryReason::Refused,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    fn answered(status: u16, body: &str) -> SendError {
        let answer = HttpAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from(body.to_owned()),
        };
        refused(&answer, Timestamp(0), &Hidden::default())
    }

    fn error(code: i64, subcode: i64) -> SendError {
        let error =
            json!({ "error": { "message": "No.", "code": code, "error_subcode": subcode } });
        answered(400, &error.to_string())
    }

    #[test]
    fn what_was_too_much_is_no_attempt_and_pauses_who_sent_it() {
        for code in [4, 32, 613, 80_007, 130_429] {
            assert!(
                matches!(
                    error(code, 0),
                    SendError::Later {
                        after: Some(SHARE_USED),
                        throttled: true,
                        unsettled: false,
                        ..
                    }
                ),
                "{code}"
            );
        }
        let pair = error(131_056, 0);
        assert!(matches!(
            pair,
            SendError::Later {
                after: None,
                throttled: true,
                ..
            }
        ));
        let plain = answered(429, "nonsense");
        assert!(matches!(
            plain,
            SendError::Later {
                after: Some(THROTTLED),
                throttled: true,
                ..
            }
        ));
    }

    #[test]
    fn what_may_have_been_taken_is_told_from_what_was_not() {
        for (status, body, may_have) in [
            (500, "<html>", true),
            (503, r#"{"error": {"code": 2, "is_transient": true}}"#, true),
            (400, r#"{"error": {"code": 1}}"#, true),
            (
                400,
                r#"{"error": {"code": 131016, "is_transient": true}}"#,
                false,
            ),
        ] {
            let later = answered(status, body);
            assert!(
                matches!(later, SendError::Later { unsettled, throttled: false, .. } if unsettled == may_have),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn what_will_never_work_has_its_reason() {
        for (code, subcode, expected) in [
            (10, 2_018_278, DeliveryReason::WindowClosed),
            (131_047, 0, DeliveryReason::WindowClosed),
            (10, 0, DeliveryReason::NotSetUp),
            (190, 463, DeliveryReason::NotSetUp),
            (230, 0, DeliveryReason::NotSetUp),
            (100, 33, DeliveryReason::NotSetUp),
            (100, 2_018_001, DeliveryReason::Refused),
            (551, 0, DeliveryReason::Refused),
            (131_026, 0, DeliveryReason::Refused),
        ] {
            assert!(
                matches!(error(code, subcode), SendError::Refused { reason, code: Some(number), .. }
                    if reason == expected && number == code),
                "{code} {subcode}"
            );
        }
        assert!(matches!(
            answered(400, "nonsense"),
            SendError::Refused {
                reason: DeliveryReason::Refused,
                code: None,
                ..
            }
        ));
        let nothing = answered(404, "nonsense");
        assert!(matches!(
            nothing,
            SendError::Refused {
                reason: DeliveryReason::NotSetUp,
                code: None,
                ..
            }
        ));
    }

    #[test]
    fn metas_own_words_are_kept() {
        let body = r#"{"error": {"message": "(#131047) Re-engagement", "code": 131047,
            "error_data": {"details": "More than 24 hours"}}}"#;
        let detail = "400 (#131047) Re-engagement: More than 24 hours (131047)";
        assert_eq!(answered(400, body).detail(), detail);
    }
}
