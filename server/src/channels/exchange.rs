//! From a request to a vendor's API to what the outbox goes by. What an answer other than success means differs from vendor to
//! vendor.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::Full;
use shared::delivery::DeliveryReason;
use shared::time::Timestamp;

use crate::clock_and_ids::Clock;
use crate::desk::providers::{Account, SendError};
use crate::http_client::{HttpAnswer, HttpClient};

/// How long to wait when a vendor says that there were too many requests, and not for how long.
pub(super) const THROTTLED: Duration = Duration::from_secs(1);
/// The longest text of a vendor's that an administrator is shown, in characters.
const DETAIL_MAX: usize = 300;
/// How much of a vendor's text is read, in characters: more than is shown, so that a secret at the end of that is seen whole.
const READ_MAX: usize = 2_000;
/// How long a part of a secret is that is hidden, in characters: vendors repeat some of one as well.
const PART_MIN: usize = 8;

/// What nobody reads in a vendor's text: the secrets of a channel, and what is sent of them.
#[derive(Default)]
pub(super) struct Hidden(Vec<Vec<char>>);

impl Hidden {
    /// The secrets of this account, what is sent of them in other words, and both in Base64.
    pub(super) fn of(account: &Account, sent: &[String]) -> Self {
        let secrets = account.secrets.iter().map(|(_, secret)| secret.reveal());
        let plain: Vec<&str> = secrets.chain(sent.iter().map(String::as_str)).collect();
        let encoded = plain.iter().map(|form| BASE64_STANDARD.encode(form));
        let encoded: Vec<String> = encoded.collect();
        let forms = plain.into_iter().chain(encoded.iter().map(String::as_str));
        Self(forms.map(|form| form.chars().collect()).collect())
    }

    /// The text with `…` for each secret and each part of one.
    fn hide(&self, text: &str) -> String {
        let text: Vec<char> = text.chars().take(READ_MAX).collect();
        let mut hidden = vec![false; text.len()];
        for secret in self.0.iter().filter(|secret| !secret.is_empty()) {
            let length = secret.len().min(PART_MIN);
            for (at, window) in text.windows(length).enumerate() {
                if secret.windows(length).any(|part| is_same(part, window)) {
                    hidden[at..at + length].fill(true);
                }
            }
        }
        let mut shown = String::new();
        let mut before = false;
        for (sign, is_hidden) in text.into_iter().zip(hidden) {
            match (is_hidden, before) {
                (false, _) => shown.push(sign),
                (true, false) => shown.push('…'),
                (true, true) => {}
            }
            before = is_hidden;
        }
        shown
    }
}

/// Whether two texts are the same but for the case of their letters.
fn is_same(one: &[char], other: &[char]) -> bool {
    let mut signs = one.iter().zip(other);
    signs.all(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// What another answer than one of success means that came at this time, without what is hidden in it.
type Refused = fn(&HttpAnswer, Timestamp, &Hidden) -> SendError;

/// An answer of success; `refused` says what another one means.
pub(super) async fn exchange(
    client: &HttpClient,
    clock: &dyn Clock,
    request: axum::http::Result<Request<Full<Bytes>>>,
    hidden: &Hidden,
    refused: Refused,
) -> Result<HttpAnswer, SendError> {
    let request = request.map_err(|_| SendError::Refused {
        reason: DeliveryReason::NotSetUp,
        code: None,
        status: None,
        detail: "the account or the address cannot be part of a request".to_owned(),
    })?;
    match client.send(request).await {
        Ok(answer) if answer.status.is_success() => Ok(answer),
        Ok(answer) => Err(refused(&answer, clock.now(), hidden)),
        Err(failure) => Err(later(failure.maybe_received, None, failure.reason)),
    }
}

/// It may work later; `unsettled`, when it may have been carried out.
pub(super) fn later(unsettled: bool, status: Option<StatusCode>, detail: &str) -> SendError {
    SendError::Later {
        after: None,
        unsettled,
        throttled: false,
        status: status.map(|status| status.as_u16()),
        detail: detail.to_owned(),
    }
}

/// The vendor said yes, and nobody can read to what.
pub(super) fn unreadable(status: StatusCode) -> SendError {
    later(true, Some(status), "an answer that cannot be read")
}

/// The status, and the vendor's own words with its number for them. Some vendors repeat what they were sent.
pub(super) fn detail(
    status: StatusCode,
    words: &str,
    code: Option<i64>,
    hidden: &Hidden,
) -> String {
    let words = hidden.hide(words);
    let words: String = words.chars().take(DETAIL_MAX).collect();
    let detail = match code {
        Some(code) => format!("{} {words} ({code})", status.as_u16()),
        None => format!("{} {words}", status.as_u16()),
    };
    detail.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use shared::ids::ChannelKey;

    use super::*;
    use crate::secrets::Secret;

    const TOKEN: &str = "EAAG0123456789abcdefgh";

    fn hidden(sent: &[String]) -> Hidden {
        let secret = |name: &str, text: &str| (name.to_owned(), Secret::new(text));
        let account = Account {
            channel: ChannelKey::parse("care").unwrap(),
            address: "1".to_owned(),
            active: true,
            settings: Vec::new(),
            secrets: vec![secret("access_token", TOKEN), secret("app_secret", "short")],
        };
        Hidden::of(&account, sent)
    }

    #[test]
    fn a_secret_that_a_vendor_repeats_is_hidden() {
        let encoded = BASE64_STANDARD.encode(TOKEN);
        let shouted = TOKEN.to_ascii_uppercase();
        let hidden = hidden(&["Zm9yIHRoZSBoZWFkZXI=".to_owned()]);
        for (said, shown) in [
            ("No such number.".to_owned(), "No such number."),
            (
                format!("Malformed access token {TOKEN}."),
                "Malformed access token ….",
            ),
            (format!("{TOKEN}{TOKEN} {shouted}"), "… …"),
            (format!("a part: {}", &TOKEN[3..14]), "a part: …"),
            ("a short one".to_owned(), "a … one"),
            (format!("Basic Zm9yIHRoZSBoZWFkZXI= {encoded}"), "Basic … …"),
        ] {
            let detail = detail(StatusCode::UNAUTHORIZED, &said, Some(190), &hidden);
            assert_eq!(detail, format!("401 {shown} (190)"));
        }
    }

    #[test]
    fn a_secret_at_the_end_of_what_is_shown_is_hidden() {
        let before = "x ".repeat(DETAIL_MAX / 2 - 2);
        let said = format!("{before}{TOKEN} and more");
        let detail = detail(StatusCode::BAD_REQUEST, &said, None, &hidden(&[]));
        assert_eq!(detail, format!("400 {before}… an"));
        assert_eq!(
            super::detail(
                StatusCode::BAD_REQUEST,
                &"é".repeat(5_000),
                None,
                &Hidden::default()
            ),
            format!("400 {}", "é".repeat(DETAIL_MAX))
        );
    }
}
