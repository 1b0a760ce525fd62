//! A stand-in of Twilio in this process: takes every message at once and reports it as delivered, signed as Twilio signs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::Sha1;
use tokio::net::TcpListener;

use crate::failure::{Outcome, While};
use crate::wire::{Call, Wire};

/// By what name providers call the program; it listens elsewhere.
pub const PUBLIC: &str = "https://desk.example.com";
/// The account of all numbers. It need not be secret: nothing leaves this machine.
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "only-for-the-bench";

/// A message that was handed over: to whom, what, and when.
pub struct HandedOver {
    pub to: String,
    pub text: String,
    pub at: Instant,
}

#[derive(Default)]
struct Inner {
    handed_over: Mutex<Vec<HandedOver>>,
    program: OnceLock<Arc<Wire>>,
    /// Reports that the program did not take.
    refused: AtomicUsize,
}

/// The stand-in. Cheap to clone.
#[derive(Clone)]
pub struct StandIn {
    inner: Arc<Inner>,
    pub url: String,
}

impl StandIn {
    /// Answers on a free port until the process ends.
    pub async fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let inner = Arc::<Inner>::default();
        let take = axum::routing::post(take);
        let router = Router::new().fallback(take).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { inner, url })
    }

    /// Reports go there from now on.
    pub fn reports_to(&self, program: &Arc<Wire>) {
        self.inner.program.get_or_init(|| Arc::clone(program));
    }

    /// How much was handed over so far.
    pub fn count(&self) -> usize {
        self.handed_over().len()
    }

    /// What was handed over, in order.
    pub fn handed_over(&self) -> MutexGuard<'_, Vec<HandedOver>> {
        let all = self.inner.handed_over.lock();
        all.unwrap_or_else(PoisonError::into_inner)
    }

    /// Reports that the program did not take.
    pub fn refused(&self) -> usize {
        self.inner.refused.load(Relaxed)
    }
}

async fn take(
    State(inner): State<Arc<Inner>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let number = {
        let all = inner.handed_over.lock();
        let mut all = all.unwrap_or_else(PoisonError::into_inner);
        all.push(HandedOver {
            to: field("To"),
            text: field("Body"),
            at: Instant::now(),
        });
        all.len()
    };
    let sid = format!("SM{number:032x}");
    if let Some(url) = form.get("StatusCallback").cloned() {
        let sid = sid.clone();
        tokio::spawn(async move { inner.report(&sid, &url).await });
    }
    let taken = json!({ "sid": sid, "status": "queued", "body": field("Body") });
    (StatusCode::CREATED, Json(taken)).into_response()
}

impl Inner {
    async fn report(&self, sid: &str, url: &str) {
        let form = [
            ("AccountSid", ACCOUNT),
            ("MessageSid", sid),
            ("MessageStatus", "delivered"),
        ];
        let taken = match self.program.get() {
            Some(program) => call(program, url, &form).await.is_ok_and(|taken| taken),
            None => false,
        };
        self.refused.fetch_add(usize::from(!taken), Relaxed);
    }
}

/// Calls the program as Twilio does; whether it took that. The form is in the order of its names, as it is signed.
pub async fn call(program: &Wire, url: &str, form: &[(&str, &str)]) -> Outcome<bool> {
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).when("a key")?;
    mac.update(url.as_bytes());
    for (name, value) in form {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let path = url.strip_prefix(PUBLIC).ok_or("a URL of somebody else")?;
    let call = Call::form(path, body).signed(&signature);
    let status = program.call(call).await?.status;
    Ok((200..300).contains(&status))
}
