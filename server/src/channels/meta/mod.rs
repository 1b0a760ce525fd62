//! Messenger, Instagram and WhatsApp by Meta's Graph API. The three differ in what a customer is called by, in what Meta is
//! asked, and in the shape of what it brings.
//!
//! `api` speaks to Meta, `webhook` is what Meta calls, `events` reads what it says there; `signature` tells whether it is Meta
//! who calls.

mod api;
mod events;
mod signature;
mod webhook;

use std::time::Duration;

use app::backend::ApiResult;
use async_trait::async_trait;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use shared::channels::ChannelKind;
use shared::error::{AppError, Problem};
use shared::ids::ChannelKey;
use shared::phone::{PHONE_NUMBER_MAX, PHONE_NUMBER_MIN, PhoneNumber};
use shared::text::{MESSAGE_MAX, TextLimit};
use shared::workitem::Channel;

use self::api::Api;
use super::ProviderConfig;
use crate::desk::Desk;
use crate::desk::providers::{Account, FetchError, Outgoing, Provider, SendError};
use crate::http::BATCH_MAX;
use crate::http::routes::Routes;
use crate::http_client::HttpClient;

/// The names of a channel's settings and secrets.
const PAGE_ID: &str = "page_id";
const RATE: &str = "rate";
const ACCESS_TOKEN: &str = "access_token";
const APP_SECRET: &str = "app_secret";
/// The most messages a second that an administrator can let a channel hand over: what Meta raises numbers to.
const RATE_MAX: i64 = 1_000;
/// The longest id of Meta's, in digits. Those of today have 15 to 17.
const META_ID_MAX: usize = 32;
/// For how long after a customer's message Meta takes an answer.
const ANSWER_WINDOW: Duration = Duration::from_secs(24 * 3_600);

/// What customers write with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Product {
    Messenger,
    Instagram,
    Whatsapp,
}

impl Product {
    const ALL: [Self; 3] = [Self::Messenger, Self::Instagram, Self::Whatsapp];

    /// The code of the kind.
    const fn code(self) -> &'static str {
        match self {
            Self::Messenger => "meta_messenger",
            Self::Instagram => "meta_instagram",
            Self::Whatsapp => "meta_whatsapp",
        }
    }

    /// How Meta's events call it.
    fn object(self) -> &'static str {
        match self {
            Self::Messenger => "page",
            Self::Instagram => "instagram",
            Self::Whatsapp => "whatsapp_business_account",
        }
    }

    /// Meta's limits: 2,000 characters, 1,000 bytes, and 4,096 characters, which is more than anybody writes here.
    fn text_limit(self) -> TextLimit {
        match self {
            Self::Messenger => TextLimit::characters(2_000),
            Self::Instagram => TextLimit::bytes(1_000),
            Self::Whatsapp => TextLimit::characters(MESSAGE_MAX),
        }
    }

    /// How many messages a second Meta takes, where it has agreed on nothing else: of a page, of an account, of a number
    /// (<https://developers.facebook.com/docs/messenger-platform/overview/rate-limiting>,
    /// <https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput>).
    fn rate(self) -> u32 {
        match self {
            Self::Messenger | Self::Instagram => 300,
            Self::Whatsapp => 80,
        }
    }
}

/// The codes of all kinds.
const KINDS: [&str; 3] = [
    Product::Messenger.code(),
    Product::Instagram.code(),
    Product::Whatsapp.code(),
];

/// One of the three kinds.
pub(super) struct Meta {
    product: Product,
    api: Api,
}

impl Meta {
    /// All kinds.
    pub(super) fn kinds(client: &HttpClient, config: &ProviderConfig) -> [Box<dyn Provider>; 3] {
        Product::ALL.map(|product| {
            let api = Api::new(client, config);
            Box::new(Self { product, api }) as Box<dyn Provider>
        })
    }
}

/// The route that Meta calls, for all kinds. A batch may be larger than other requests.
pub(super) fn router(desk: Desk) -> Routes {
    let methods = get(webhook::verification).post(webhook::events);
    Routes::new()
        .route("/channels/meta/{key}", methods)
        .layer(DefaultBodyLimit::max(BATCH_MAX))
        .with_state(webhook::Webhook::new(desk))
}

#[async_trait]
impl Provider for Meta {
    fn kind(&self) -> ChannelKind {
        // For an Instagram account Meta sends what is configured at the account's page.
        let settings = match self.product {
            Product::Instagram => &[PAGE_ID, RATE][..],
            Product::Messenger | Product::Whatsapp => &[RATE],
        };
        ChannelKind {
            code: self.product.code().to_owned(),
            settings: settings.iter().map(|name| (*name).to_owned()).collect(),
            secrets: vec![ACCESS_TOKEN.to_owned(), APP_SECRET.to_owned()],
        }
    }

    fn channel(&self) -> Channel {
        Channel::Social
    }

    fn text_limit(&self) -> TextLimit {
        self.product.text_limit()
    }

    fn answer_window(&self) -> Option<Duration> {
        Some(ANSWER_WINDOW)
    }

    /// The id of a page, of an Instagram account, or of a number on WhatsApp.
    fn address(&self, typed: &str) -> ApiResult<String> {
        meta_id("address", typed)
    }

    /// The id that a page or an account knows somebody by; on WhatsApp their number, which Meta writes without its plus.
    fn recipient(&self, typed: &str) -> ApiResult<String> {
        if self.product != Product::Whatsapp {
            return meta_id("to", typed);
        }
        let number = PhoneNumber::parse(typed).map_err(|error| error.at("to"))?;
        let digits = number.as_str().trim_start_matches('+');
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(digits.to_owned());
        }
        let problem = Problem::PhoneNumberForm {
            min: PHONE_NUMBER_MIN as i64,
            max: PHONE_NUMBER_MAX as i64,
        };
        Err(AppError::invalid("to", problem))
    }

    fn setting(&self, name: &str, typed: &str) -> ApiResult<String> {
        match name {
            RATE => rate(typed),
            name => meta_id(name, typed),
        }
    }

    fn is_optional(&self, setting: &str) -> bool {
        setting == RATE
    }

    fn rate(&self, account: &Account) -> Option<u32> {
        let set = account.setting(RATE).parse::<u32>();
        Some(set.unwrap_or_else(|_| self.product.rate()))
    }

    fn webhook(&self, channel: &ChannelKey) -> String {
        format!("/channels/meta/{channel}")
    }

    /// Made of the app's secret, so that nobody has to think one up and none is stored.
    fn verify_token(&self, account: &Account) -> Option<String> {
        let secret = account.secret(APP_SECRET);
        (!secret.is_empty()).then(|| signature::verify_token(secret, &account.channel))
    }

    async fn send(&self, account: &Account, message: &Outgoing) -> Result<String, SendError> {
        self.api.send(self.product, account, message).await
    }

    async fn fetch(
        &self,
        account: &Account,
        source: &str,
        max: usize,
    ) -> Result<Vec<u8>, FetchError> {
        self.api.fetch(self.product, account, source, max).await
    }
}

/// An id of Meta's: digits. It is a part of addresses.
fn meta_id(field: &str, typed: &str) -> ApiResult<String> {
    let typed = typed.trim();
    let (max, actual) = (META_ID_MAX as i64, typed.chars().count() as i64);
    let problem = if typed.is_empty() {
        Problem::Empty { max }
    } else if !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        Problem::NotANumber
    } else if actual > max {
        Problem::TooLong { max, actual }
    } else {
        return Ok(typed.to_owned());
    };
    Err(AppError::invalid(field, problem))
}

/// How many messages a second, as an administrator sets it.
fn rate(typed: &str) -> ApiResult<String> {
    let (min, max) = (1, RATE_MAX);
    let problem = match typed.parse::<i64>() {
        Ok(actual) if (min..=max).contains(&actual) => return Ok(actual.to_string()),
        Ok(actual) => Problem::OutOfRange { min, max, actual },
        Err(_) => Problem::NotANumber,
    };
    Err(AppError::invalid(RATE, problem))
}
