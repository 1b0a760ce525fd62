//! `POST …/messages`, which takes the messages of all three products.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::time::Timestamp;

use super::{ACCESS_TOKEN, APP_SECRET, Carried, Meta, Taken, digest};
use crate::demo::channels::DemoAccount;
use crate::demo::phones::{Phone, PhoneId, Service, Vendor};

/// For how long after a customer's message they can be answered, in seconds.
const ANSWER_WINDOW: i64 = 24 * 3_600;

/// A new message: WhatsApp's shape, and the one of Messenger and Instagram.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NewMessage {
    to: String,
    text: Body,
    biz_opaque_callback_data: Option<String>,
    recipient: Recipient,
    message: Text,
    access_token: String,
    appsecret_proof: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    body: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Recipient {
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Text {
    text: String,
}

/// Why a request is refused: the status, Meta's numbers and its words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused(StatusCode, i64, Option<i64>, &'static str);

impl Refused {
    const fn wrong(words: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, 100, None, words)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(status, code, subcode, message) = self;
        let mut error = json!({ "message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A" });
        if let Some(subcode) = subcode {
            error["error_subcode"] = json!(subcode);
        }
        (status, Json(json!({ "error": error }))).into_response()
    }
}

/// `POST …/messages`.
pub(super) async fn send(
    State(meta): State<Meta>,
    Path((_version, sender)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let new: NewMessage = serde_json::from_slice(&body)
        .map_err(|_| Refused::wrong("The parameters are no JSON object."))?;
    let own = meta
        .0
        .accounts(Vendor::Meta)
        .find(|own| sends_as(own) == sender);
    let own = own.ok_or(Refused(
        StatusCode::BAD_REQUEST,
        100,
        Some(33),
        "Unsupported post request. The object does not exist or cannot be loaded due to missing permissions.",
    ))?;
    admit(own, &headers, &new)?;
    let service = own.service;
    let phone = recipient(service, &new).ok_or(Refused::wrong("Param recipient is not valid."))?;
    let text = said(service, &new)?;
    let at = meta.0.now();
    answerable(service, &meta.0.prepare(&phone).await, at)?;
    let id = meta.id(service);
    let answer = match service {
        Service::WhatsAppByMeta => json!({
            "messaging_product": "whatsapp",
            "contacts": [{ "input": new.to, "wa_id": phone.address() }],
            "messages": [{ "id": id }],
        }),
        _ => json!({ "recipient_id": phone.address(), "message_id": id }),
    };
    let message = Carried {
        text: text.to_owned(),
        phone,
        id,
    };
    let taken = Taken {
        message,
        at,
        reference: new.biz_opaque_callback_data,
    };
    tokio::spawn(async move { meta.carry(taken).await });
    Ok(Json(answer))
}

/// As which page or number an account sends: an account on Instagram sends through its page.
fn sends_as(own: &DemoAccount) -> &str {
    match own.service {
        Service::Instagram => own.account.setting("page_id"),
        _ => &own.account.address,
    }
}

/// The token must be the account's, and on Messenger and Instagram be proven.
fn admit(own: &DemoAccount, headers: &HeaderMap, new: &NewMessage) -> Result<(), Refused> {
    let token = own.account.secret(ACCESS_TOKEN);
    let bearer = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
    let known = match own.service {
        Service::WhatsAppByMeta => bearer == Some(format!("Bearer {token}").as_bytes()),
        _ => new.access_token == token,
    };
    if !known {
        let words = "Invalid OAuth access token - Cannot parse access token";
        return Err(Refused(StatusCode::UNAUTHORIZED, 190, None, words));
    }
    let proof = digest(own.account.secret(APP_SECRET), token);
    match own.service == Service::WhatsAppByMeta || new.appsecret_proof == proof {
        true => Ok(()),
        false => Err(Refused::wrong(
            "Invalid appsecret_proof provided in the API argument",
        )),
    }
}

/// To whose phone; nothing where there can be none.
fn recipient(service: Service, new: &NewMessage) -> Option<PhoneId> {
    let is_number = |to: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&to.len()) && to.bytes().all(|byte| byte.is_ascii_digit())
    };
    match service {
        Service::WhatsAppByMeta => {
            let to = new.to.trim_start_matches('+');
            is_number(to, 7..=15).then(|| PhoneId::new(service, &format!("+{to}")))
        }
        _ => {
            let to = &new.recipient.id;
            is_number(to, 1..=32).then(|| PhoneId::new(service, to))
        }
    }
}

/// What is said: at most 2,000 characters on Messenger, 1,000 bytes on Instagram, 4,096 characters on WhatsApp.
fn said(service: Service, new: &NewMessage) -> Result<&str, Refused> {
    let (text, fits) = match service {
        Service::WhatsAppByMeta => {
            let text = new.text.body.as_str();
            (text, text.chars().count() <= 4_096)
        }
        Service::Instagram => {
            let text = new.message.text.as_str();
            (text, text.len() <= 1_000)
        }
        _ => {
            let text = new.message.text.as_str();
            (text, text.chars().count() <= 2_000)
        }
    };
    match (text, fits) {
        ("", _) => Err(Refused::wrong("(#100) The message has no text.")),
        (_, false) => Err(Refused::wrong("(#100) The text is too long.")),
        (text, true) => Ok(text),
    }
}

/// An answer is taken for 24 hours.
fn answerable(service: Service, phone: &Phone, now: Timestamp) -> Result<(), Refused> {
    let written = phone.texts.iter().rev();
    let mut written = written.filter(|text| text.mine && text.has_arrived());
    let last = written.next();
    if last.is_some_and(|text| now.seconds_since(text.at) <= ANSWER_WINDOW) {
        return Ok(());
    }
    let (code, subcode, words) = match service {
        Service::WhatsAppByMeta => (131_047, None, "(#131047) Re-engagement message"),
        Service::Instagram => (
            10,
            Some(2_534_022),
            "(#10) This message is sent outside of allowed window.",
        ),
        _ => (
            10,
            Some(2_018_278),
            "(#10) This message is sent outside of allowed window.",
        ),
    };
    Err(Refused(StatusCode::BAD_REQUEST, code, subcode, words))
}

#[cfg(test)]
mod tests {
    use shared::delivery::{Delivery, DeliveryReason, DeliveryState};

    use super::super::test_account;
    use super::*;
    use crate::demo::phones::PhoneText;

    fn new(body: Value) -> NewMessage {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn a_token_counts_with_its_proof_or_as_a_bearer() {
        let code = |service, headers: &HeaderMap, body| {
            let admitted = admit(&test_account(service), headers, &new(body));
            admitted.err().map(|Refused(_, code, ..)| code)
        };
        let proof = digest("the app_secret", "the access_token");
        let (none, mut bearer) = (HeaderMap::new(), HeaderMap::new());
        bearer.insert(AUTHORIZATION, "Bearer the access_token".parse().unwrap());
        let proven = json!({ "access_token": "the access_token", "appsecret_proof": proof });
        assert_eq!(code(Service::Messenger, &none, proven.clone()), None);
        let bare = json!({ "access_token": "the access_token" });
        assert_eq!(code(Service::Instagram, &none, bare), Some(100));
        let other = json!({ "access_token": "another", "appsecret_proof": proof });
        assert_eq!(code(Service::Messenger, &none, other), Some(190));
        assert_eq!(code(Service::WhatsAppByMeta, &bearer, json!({})), None);
        assert_eq!(code(Service::WhatsAppByMeta, &none, proven), Some(190));
    }

    #[test]
    fn a_recipient_is_a_number_and_a_text_has_its_limit() {
        let to = |service, body| recipient(service, &new(body));
        let whatsapp = PhoneId::new(Service::WhatsAppByMeta, "+447700900142");
        for written in ["447700900142", "+447700900142"] {
            let found = to(Service::WhatsAppByMeta, json!({ "to": written }));
            assert_eq!(found.as_ref(), Some(&whatsapp));
        }
        let dana = json!({ "recipient": { "id": "6543217890123456" } });
        let dana = to(Service::Messenger, dana);
        let known = PhoneId::new(Service::Messenger, "6543217890123456");
        assert_eq!(dana, Some(known));
        for wrong in ["", "+447700900142", "x", &"1".repeat(33)] {
            let found = to(Service::Instagram, json!({ "recipient": { "id": wrong } }));
            assert_eq!(found, None, "{wrong}");
        }
        for (service, sign, most) in [
            (Service::Messenger, "ä", 2_000),
            (Service::Instagram, "ä", 500),
            (Service::WhatsAppByMeta, "ä", 4_096),
        ] {
            let fits = |count: usize| {
                let text = sign.repeat(count);
                let body = json!({ "message": { "text": text }, "text": { "body": text } });
                said(service, &new(body)).is_ok()
            };
            assert!(fits(1) && fits(most), "{service:?}");
            assert!(!fits(0) && !fits(most + 1), "{service:?}");
        }
    }

    #[test]
    fn who_wrote_within_a_day_is_answered_and_nobody_else() {
        let wrote = |delivery| PhoneText {
            id: "m_1".to_owned(),
            mine: true,
            text: "Hello".to_owned(),
            at: Timestamp(0),
            delivery,
        };
        let phone = |texts| Phone {
            texts,
            ..Phone::default()
        };
        let after = |seconds: i64, phone: &Phone| {
            let now = Timestamp(seconds * 1_000_000);
            let answered = answerable(Service::Messenger, phone, now);
            answered
                .err()
                .map(|Refused(_, code, subcode, _)| (code, subcode))
        };
        let closed = Some((10, Some(2_018_278)));
        let arrived = phone(vec![wrote(Some(Delivery::of(DeliveryState::Delivered)))]);
        assert_eq!(after(ANSWER_WINDOW, &arrived), None);
        assert_eq!(after(ANSWER_WINDOW + 1, &arrived), closed);
        assert_eq!(after(1, &phone(vec![wrote(None)])), None);
        let refused = Delivery::failed(DeliveryReason::Refused, Some(403));
        assert_eq!(after(1, &phone(vec![wrote(Some(refused))])), closed);
        assert_eq!(after(1, &phone(Vec::new())), closed);
    }
}
