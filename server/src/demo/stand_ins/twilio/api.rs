//! The two operations on messages: `POST` and `GET …/Messages.json`.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::text::TEXT_MESSAGE_MAX;

use super::{Carried, Inner, Taken, Twilio, lock, own_sid, written};
use crate::demo::phones::{PhoneId, Service, Vendor};

/// How many messages are listed when Sideline asks what it has sent; older ones are forgotten.
const LISTED: usize = 500;
/// Twilio's number for a customer who said STOP.
const STOPPED: i64 = 21_610;

/// The parameters of a new message.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewMessage {
    #[serde(default)]
    to: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    status_callback: Option<String>,
}

/// What a list is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    from: Option<String>,
}

/// Why a request is refused: the status, Twilio's number and its words.
pub(super) struct Refused(StatusCode, i64, &'static str);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        let body = json!({ "code": code, "message": message, "status": status.as_u16() });
        (status, Json(body)).into_response()
    }
}

/// `POST …/Messages.json`.
pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(new): Form<NewMessage>,
) -> Result<Response, Refused> {
    let inner = &*twilio.0;
    inner.admit(&account, &headers)?;
    let (service, to) = read(&new.to).ok_or(Refused(
        StatusCode::BAD_REQUEST,
        21_211,
        "The 'To' number is not a valid phone number.",
    ))?;
    let from = inner.network.accounts(Vendor::Twilio).find(|own| {
        let address = written(service, &own.account.address);
        own.service == service && new.from == address && own_sid(&own.account) == account
    });
    let own = from.ok_or(Refused(
        StatusCode::BAD_REQUEST,
        21_606,
        "The 'From' phone number provided is not a valid message-capable phone number for this account.",
    ))?;
    if new.body.is_empty() {
        let words = "Message body is required.";
        return Err(Refused(StatusCode::BAD_REQUEST, 21_602, words));
    }
    if new.body.chars().count() > TEXT_MESSAGE_MAX {
        let words = "The concatenated message body exceeds the 1600 character limit.";
        return Err(Refused(StatusCode::BAD_REQUEST, 21_617, words));
    }
    let phone = PhoneId::new(service, to);
    if lock(&inner.stopped).contains(&phone) {
        let words = "Attempt to send to unsubscribed recipient.";
        return Err(Refused(StatusCode::BAD_REQUEST, STOPPED, words));
    }
    inner.network.prepare(&phone).await;
    let answer = inner.take(&new, &account);
    let message = Carried {
        phone,
        id: answer["sid"].as_str().unwrap_or_default().to_owned(),
        text: new.body,
    };
    let taken = Taken {
        message,
        account: own.account.clone(),
        report_to: new.status_callback,
    };
    tokio::spawn(async move { twilio.0.carry(taken).await });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// `GET …/Messages.json`: the newest first.
pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Query(filter): Query<Filter>,
) -> Result<Json<Value>, Refused> {
    twilio.0.admit(&account, &headers)?;
    let messages = lock(&twilio.0.messages);
    let fits = |message: &&Value| {
        let is = |name: &str, wanted: &Option<String>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| message[name] == wanted)
        };
        message["account_sid"] == account.as_str()
            && is("to", &filter.to)
            && is("from", &filter.from)
    };
    let found: Vec<&Value> = messages.iter().rev().filter(fits).collect();
    Ok(Json(json!({ "messages": found })))
}

impl Inner {
    /// The credentials must be those of the account.
    fn admit(&self, account: &str, headers: &HeaderMap) -> Result<(), Refused> {
        let accounts = self.network.accounts(Vendor::Twilio);
        let known = accounts.filter(|own| own_sid(&own.account) == account);
        let given = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        for own in known {
            let token = own.account.secret("auth_token");
            let wanted = BASE64_STANDARD.encode(format!("{account}:{token}"));
            if given == Some(format!("Basic {wanted}").as_bytes()) {
                return Ok(());
            }
        }
        Err(Refused(StatusCode::UNAUTHORIZED, 20_003, "Authenticate"))
    }

    fn take(&self, new: &NewMessage, account: &str) -> Value {
        let now = self.network.now();
        let now = jiff::Timestamp::from_microsecond(now.0).unwrap_or_default();
        let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
        let message = json!({
            "sid": self.sid(),
            "account_sid": account,
            "status": "queued",
            "direction": "outbound-api",
            "to": new.to,
            "from": new.from,
            "body": new.body,
            "date_created": printer.timestamp_to_string(&now).unwrap_or_default(),
            "error_code": null,
            "error_message": null,
        });
        let mut messages = lock(&self.messages);
        if messages.len() >= LISTED {
            messages.pop_front();
        }
        messages.push_back(message.clone());
        message
    }
}

/// A number as it was written; nothing for what is none.
fn read(written: &str) -> Option<(Service, &str)> {
    let (service, number) = match written.strip_prefix("whatsapp:") {
        Some(number) => (Service::WhatsApp, number),
        None => (Service::Sms, written),
    };
    let digits = number.strip_prefix('+')?;
    let plain = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then_some((service, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_its_service() {
        assert_eq!(read("+447700900142"), Some((Service::Sms, "+447700900142")));
        let number = Some((Service::WhatsApp, "+447700900142"));
        assert_eq!(read("whatsapp:+447700900142"), number);
        for wrong in ["447700900142", "+44", "+4477OO900142", "whatsapp:", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
