//! SMS and WhatsApp by Twilio. The two differ in how an address is written and in what a workitem is.
//!
//! `api` speaks to Twilio, `webhook` is what Twilio calls; `signature` tells whether it is Twilio who calls.

mod api;
mod form;
mod signature;
mod webhook;

use std::time::Duration;

use app::backend::ApiResult;
use async_trait::async_trait;
use axum::routing::post;
use shared::channels::ChannelKind;
use shared::error::{AppError, Problem};
use shared::ids::ChannelKey;
use shared::phone::PhoneNumber;
use shared::text::{TEXT_MESSAGE_MAX, TextLimit};
use shared::time::Timestamp;
use shared::workitem::Channel;

use self::api::Api;
use super::ProviderConfig;
use crate::desk::Desk;
use crate::desk::providers::{Account, FetchError, Outgoing, Provider, SendError};
use crate::http::routes::Routes;
use crate::http_client::HttpClient;

/// The codes of the kinds.
const SMS: &str = "twilio_sms";
const WHATSAPP: &str = "twilio_whatsapp";
/// The names of a channel's settings and secrets.
const ACCOUNT_SID: &str = "account_sid";
const AUTH_TOKEN: &str = "auth_token";
/// What stands in front of a number on WhatsApp.
const WHATSAPP_PREFIX: &str = "whatsapp:";
/// The most digits of a short code.
const SHORT_CODE_MAX: usize = 8;
/// What the SID of an account begins with, and how many hexadecimal digits follow.
const ACCOUNT_PREFIX: &str = "AC";
const SID_DIGITS: usize = 32;
/// For how long after a customer's message WhatsApp takes an answer.
const ANSWER_WINDOW: Duration = Duration::from_secs(24 * 3_600);

/// One of the two kinds.
pub(super) struct Twilio {
    code: &'static str,
    channel: Channel,
    /// What stands in front of a number.
    prefix: &'static str,
    api: Api,
}

impl Twilio {
    /// Text messages.
    pub(super) fn sms(client: &HttpClient, config: &ProviderConfig) -> Self {
        Self {
            code: SMS,
            channel: Channel::Sms,
            prefix: "",
            api: Api::new(client, config),
        }
    }

    /// WhatsApp.
    pub(super) fn whatsapp(client: &HttpClient, config: &ProviderConfig) -> Self {
        Self {
            code: WHATSAPP,
            channel: Channel::Social,
            prefix: WHATSAPP_PREFIX,
            api: Api::new(client, config),
        }
    }
}

/// The routes that Twilio calls, for both kinds.
pub(super) fn router(desk: Desk, trust_forwarded: bool) -> Routes {
    let message = post(webhook::message).fallback(webhook::no_post);
    let status = post(webhook::status).fallback(webhook::no_post);
    Routes::new()
        .route("/channels/twilio/{key}", message)
        .route("/channels/twilio/{key}/status", status)
        .with_state(webhook::Webhook::new(desk, trust_forwarded))
}

#[async_trait]
impl Provider for Twilio {
    fn kind(&self) -> ChannelKind {
        ChannelKind {
            code: self.code.to_owned(),
            settings: vec![ACCOUNT_SID.to_owned()],
            secrets: vec![AUTH_TOKEN.to_owned()],
        }
    }

    fn channel(&self) -> Channel {
        self.channel
    }

    fn text_limit(&self) -> TextLimit {
        TextLimit::characters(TEXT_MESSAGE_MAX)
    }

    fn answer_window(&self) -> Option<Duration> {
        (self.code == WHATSAPP).then_some(ANSWER_WINDOW)
    }

    /// A number with its country code, or a short code, which WhatsApp does not have. No country code begins with a zero.
    fn address(&self, typed: &str) -> ApiResult<String> {
        let bare = typed.trim();
        let bare = bare.strip_prefix(WHATSAPP_PREFIX).unwrap_or(bare);
        let short_code = self.code == SMS;
        let refused = || AppError::invalid("address", Problem::InternationalNumber { short_code });
        let number = PhoneNumber::parse(bare).map_err(|error| match error {
            AppError::Invalid {
                problem: Problem::PhoneNumberForm { .. },
                ..
            } => refused(),
            error => error.at("address"),
        })?;
        let number = number.as_str();
        let (digits, good) = match number.strip_prefix('+') {
            Some(digits) => (digits, !digits.starts_with('0')),
            None => (number, short_code && number.len() <= SHORT_CODE_MAX),
        };
        match good && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(number.to_owned()),
            false => Err(refused()),
        }
    }

    /// The account's SID, which is a part of addresses: `AC` and 32 hexadecimal digits
    /// (<https://www.twilio.com/docs/iam/api/account>).
    fn setting(&self, name: &str, typed: &str) -> ApiResult<String> {
        let typed = typed.trim();
        let digits = typed.strip_prefix(ACCOUNT_PREFIX).unwrap_or_default();
        let good =
            digits.len() == SID_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match good {
            true => Ok(typed.to_owned()),
            false => Err(AppError::invalid(name, Problem::AccountSidForm)),
        }
    }

    fn webhook(&self, channel: &ChannelKey) -> String {
        format!("/channels/twilio/{channel}")
    }

    fn report(&self, channel: &ChannelKey) -> Option<String> {
        Some(format!("/channels/twilio/{channel}/status"))
    }

    async fn send(&self, account: &Account, message: &Outgoing) -> Result<String, SendError> {
        self.api.send(account, self.prefix, message).await
    }

    async fn find(
        &self,
        account: &Account,
        message: &Outgoing,
        since: Timestamp,
    ) -> Result<Option<Vec<String>>, SendError> {
        let found = self.api.find(account, self.prefix, message, since);
        found.await.map(Some)
    }

    async fn fetch(
        &self,
        account: &Account,
        source: &str,
        max: usize,
    ) -> Result<Vec<u8>, FetchError> {
        self.api.fetch(account, source, max).await
    }
}
