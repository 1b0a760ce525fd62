//! Web push (RFC 8030): a message for a browser, encrypted so that its push service cannot read it (RFC 8291), and signed so that
//! the service knows the host (VAPID, RFC 8292). Where it goes is an address that a browser sent, so the rules for addresses of
//! webhooks hold for it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderValue, Request, Uri};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::json;
use web_push_native::p256::ecdsa::signature::Signer;
use web_push_native::p256::ecdsa::{Signature, SigningKey};
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::p256::{PublicKey, SecretKey};
use web_push_native::{Auth, encrypt};

use crate::clock_and_ids::Clock;
use crate::desk::event_sender::EventSender;
use crate::desk::push::{PushFailure, PushMessage, PushRefusal, PushSender};
use crate::secrets::Keyring;
use crate::store::rows::PushSubscription;
use crate::webhooks::{HttpSender, WebhookConfig};

/// How long a push service keeps a message for a browser that is not connected. Later it is no news any more.
const LASTS: Duration = Duration::from_secs(120);
/// How long a push service may take; it only has to accept the message.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// How long a signature is good, in seconds; no service takes more than a day.
const SIGNED_S: i64 = 12 * 3_600;
/// The length of the secret that browser and host share, in bytes.
const AUTH: usize = 16;

/// Sends pushes over HTTP.
pub struct WebPush {
    sender: HttpSender,
    clock: Arc<dyn Clock>,
    signing: SigningKey,
    key: String,
    contact: Option<String>,
}

impl WebPush {
    /// A sender. Its key follows from that of the host's secrets, so every node has the same one and none is stored. `contact` is
    /// where a push service finds who sends.
    pub fn new(
        config: WebhookConfig,
        clock: Arc<dyn Clock>,
        keys: &Keyring,
        contact: Option<String>,
    ) -> Self {
        let secret = secret_of(keys);
        let config = WebhookConfig {
            time_limit: TIME_LIMIT,
            ..config
        };
        let point = secret.public_key().to_encoded_point(false);
        Self {
            sender: HttpSender::new(config, clock.clone()),
            clock,
            key: BASE64_URL_SAFE_NO_PAD.encode(point),
            signing: secret.into(),
            contact: contact.filter(|contact| contact.starts_with("https:")),
        }
    }

    /// What tells the push service who sends.
    fn signature(&self, endpoint: &str) -> Option<HeaderValue> {
        let uri: Uri = endpoint.parse().ok()?;
        let audience = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
        let expires = self.clock.now().0.div_euclid(1_000_000) + SIGNED_S;
        let mut claims = json!({ "aud": audience, "exp": expires });
        if let Some(contact) = &self.contact {
            claims["sub"] = contact.as_str().into();
        }
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let head = encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = [&head, ".", &encode(&claims.to_string())].concat();
        let signature: Signature = self.signing.sign(signed.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes());
        let key = &self.key;
        HeaderValue::try_from(format!("vapid t={signed}.{signature}, k={key}")).ok()
    }
}

/// The host's key. Nearly every number is one; where one is not, the next is taken.
fn secret_of(keys: &Keyring) -> SecretKey {
    let mut number = 0_u32;
    loop {
        let bytes = keys.derived(&format!("web push {number}"));
        if let Ok(secret) = SecretKey::from_slice(&bytes) {
            return secret;
        }
        number += 1;
    }
}

fn public_key(text: &str) -> Option<PublicKey> {
    PublicKey::from_sec1_bytes(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn auth(text: &str) -> Option<Auth> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes: [u8; AUTH] = bytes.try_into().ok()?;
    Some(Auth::from(bytes))
}

/// Whether a push service takes nothing from a host that does not say who it is: Apple's refuses a token without `sub`.
fn wants_contact(endpoint: &str) -> bool {
    let endpoint = endpoint.parse::<Uri>().ok();
    let host = endpoint.as_ref().and_then(Uri::host);
    host.is_some_and(|host| host.to_ascii_lowercase().ends_with(".push.apple.com"))
}

#[async_trait]
impl PushSender for WebPush {
    fn key(&self) -> &str {
        &self.key
    }

    async fn check(&self, to: &PushSubscription) -> Result<(), PushRefusal> {
        public_key(&to.p256dh).ok_or(PushRefusal::Field("p256dh"))?;
        auth(&to.auth).ok_or(PushRefusal::Field("auth"))?;
        if self.contact.is_none() && wants_contact(&to.endpoint) {
            return Err(PushRefusal::NoContact);
        }
        let checked = self.sender.check(&to.endpoint).await;
        checked
            .map(drop)
            .map_err(|_| PushRefusal::Field("endpoint"))
    }

    async fn push(&self, to: &PushSubscription, message: &PushMessage) -> Result<(), PushFailure> {
        let PushMessage { body, path, tag } = message;
        let content = json!({ "body": body, "path": path, "tag": tag }).to_string();
        let (key, auth) = public_key(&to.p256dh)
            .zip(auth(&to.auth))
            .ok_or(PushFailure::Gone)?;
        let content = encrypt(content.into_bytes(), &key, &auth);
        let content = content.map_err(|_| PushFailure::Failed)?;
        let signature = self.signature(&to.endpoint).ok_or(PushFailure::Gone)?;
        let request = Request::builder()
            .header(AUTHORIZATION, signature)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("ttl", LASTS.as_secs())
            .header("urgency", "high");
        let sent = self
            .sender
            .post(&to.endpoint, request, Bytes::from(content));
        match sent.await {
            Ok(_) => Ok(()),
            Err(failure) => Err(match failure.status {
                // It was subscribed under another key of this host, or the service wants to know more of it.
                Some(status @ (401 | 403)) => {
                    let service = to.endpoint.parse::<Uri>().ok();
                    let service = service.as_ref().and_then(Uri::host);
                    tracing::warn!(status, service, "a push service refuses this host");
                    PushFailure::Gone
                }
                Some(404 | 410) => PushFailure::Gone,
                _ => PushFailure::Failed,
            }),
        }
    }
}
