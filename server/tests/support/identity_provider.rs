//! A stand-in for a provider of OpenID Connect on loopback. It signs with a key of its own (ES256), takes each code once, and does
//! wrong what a story asks for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use server::clock_and_ids::Clock;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

/// What Sideline is called there.
pub const CLIENT: &str = "sideline";
/// What proves that it is Sideline.
pub const SECRET: &str = "a secret of the client";

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Well,
    /// With an error.
    Failing,
    /// With a page.
    Nonsense,
    /// Not at all.
    Silent,
}

/// Changes a token before it is signed: its header, its claims.
pub type Change = fn(&mut Value, &mut Value);

struct Key {
    id: String,
    pair: EcdsaKeyPair,
}

impl Key {
    fn new(id: String) -> Self {
        let (of, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(of, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(of, document.as_ref(), &random).expect("a key");
        Self { id, pair }
    }

    fn published(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": text(x), "y": text(y) })
    }
}

/// Somebody who has signed in and is on the way back.
struct Pending {
    challenge: String,
    redirect: String,
    nonce: String,
    person: Value,
}

struct Inner {
    issuer: String,
    clock: Arc<dyn Clock>,
    key: Mutex<Key>,
    codes: Mutex<HashMap<String, Pending>>,
    bearers: Mutex<HashMap<String, Value>>,
    change: Mutex<Option<Change>>,
    mood: Mutex<Mood>,
    published: Mutex<Value>,
    count: AtomicU64,
}

/// The provider.
pub struct Provider(Arc<Inner>);

fn query(uri: &str) -> HashMap<String, String> {
    let (_, query) = uri.split_once('?').expect("a query");
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

impl Provider {
    /// One with this clock, on a free port.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let (provider, routes) = Self::at(format!("http://{address}"), clock);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    /// One that calls itself so, and what has to be served there.
    pub fn at(issuer: String, clock: Arc<dyn Clock>) -> (Self, Router) {
        let inner = Arc::new(Inner {
            issuer,
            clock,
            key: Mutex::new(Key::new("first".to_owned())),
            codes: Mutex::default(),
            bearers: Mutex::default(),
            change: Mutex::default(),
            mood: Mutex::new(Mood::Well),
            published: Mutex::new(json!({})),
            count: AtomicU64::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(user_info))
            .with_state(Arc::clone(&inner));
        (Self(inner), router)
    }

    /// What it calls itself.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// How it answers from now on.
    pub fn is(&self, mood: Mood) {
        *self.0.mood.lock().expect("a mood") = mood;
    }

    /// Changes every token from now on.
    pub fn changes(&self, change: Change) {
        *self.0.change.lock().expect("a change") = Some(change);
    }

    /// Signs with another key from now on.
    pub fn rotates(&self) {
        let id = format!("key-{}", self.0.next());
        *self.0.key.lock().expect("a key") = Key::new(id);
    }

    /// Signs with another key from now on, which has the name of the one before.
    pub fn replaces_its_key(&self) {
        let mut key = self.0.key.lock().expect("a key");
        *key = Key::new(key.id.clone());
    }

    /// Publishes this about itself from now on, beside what it does otherwise or in its place.
    pub fn publishes(&self, more: Value) {
        *self.0.published.lock().expect("what it publishes") = more;
    }

    /// Somebody signs in there, whose browser was sent to this address: the path of Sideline to which it is sent back.
    pub fn signs_in(&self, address: &str, person: Value) -> String {
        assert!(address.starts_with(&self.0.issuer), "{address}");
        let asked = query(address);
        let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
        assert_eq!(text("response_type"), "code", "{address}");
        assert_eq!(text("client_id"), CLIENT, "{address}");
        assert_eq!(text("code_challenge_method"), "S256", "{address}");
        assert!(text("scope").split(' ').any(|scope| scope == "openid"));
        let code = format!("code-{}", self.0.next());
        let pending = Pending {
            challenge: text("code_challenge"),
            redirect: text("redirect_uri"),
            nonce: text("nonce"),
            person,
        };
        let mut codes = self.0.codes.lock().expect("codes");
        codes.insert(code.clone(), pending);
        self.back(&[("code", &code), ("state", &text("state"))])
    }

    /// Whether a browser was sent there to sign in once more.
    pub fn asks_again(address: &str) -> bool {
        let asked = query(address);
        asked.get("prompt").is_some_and(|prompt| prompt == "login")
            && asked.get("max_age").is_some_and(|age| age == "0")
    }

    /// Somebody does not want to.
    pub fn declines(&self, address: &str) -> String {
        let asked = query(address);
        self.back(&[("error", "access_denied"), ("state", &asked["state"])])
    }

    fn back(&self, pairs: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs).append_pair("iss", &self.0.issuer);
        format!("/sso/callback?{}", query.finish())
    }

    /// A message that ends sessions. `more` is beside what every one says.
    pub fn logout_token(&self, more: &Value) -> String {
        let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        let now = self.0.seconds();
        let mut claims = json!({
            "iss": self.0.issuer, "aud": CLIENT, "iat": now, "exp": now + 120,
            "jti": format!("message-{}", self.0.next()), "events": event,
        });
        add(&mut claims, more);
        self.0.signed(claims)
    }
}

fn add(claims: &mut Value, more: &Value) {
    let claims = claims.as_object_mut().expect("claims");
    for (name, value) in more.as_object().expect("claims") {
        match value {
            Value::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name.clone(), value.clone())),
        }
    }
}

impl Inner {
    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    fn seconds(&self) -> i64 {
        self.clock.now().0 / 1_000_000
    }

    fn mood(&self) -> Mood {
        *self.mood.lock().expect("a mood")
    }

    /// Signed with its key, whatever the header says; nothing is signed where the header says so.
    fn signed(&self, mut claims: Value) -> String {
        let key = self.key.lock().expect("a key");
        let mut header = json!({ "alg": "ES256", "typ": "JWT", "kid": key.id });
        if let Some(change) = *self.change.lock().expect("a change") {
            change(&mut header, &mut claims);
        }
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = match header["alg"].as_str() {
            Some("none") => String::new(),
            _ => {
                let random = SystemRandom::new();
                let made = key.pair.sign(&random, signed.as_bytes());
                BASE64_URL_SAFE_NO_PAD.encode(made.expect("a signature"))
            }
        };
        format!("{signed}.{signature}")
    }
}

/// The answer in its mood.
async fn answer(inner: &Inner, value: Value) -> Response {
    match inner.mood() {
        Mood::Well => Json(value).into_response(),
        Mood::Failing => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mood::Nonsense => "<h1>It works!</h1>".into_response(),
        Mood::Silent => std::future::pending().await,
    }
}

async fn discovery(State(inner): State<Arc<Inner>>) -> Response {
    let at = |path: &str| format!("{}{path}", inner.issuer);
    let mut document = json!({
        "issuer": inner.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    add(
        &mut document,
        &inner.published.lock().expect("what it publishes"),
    );
    answer(&inner, document).await
}

async fn keys(State(inner): State<Arc<Inner>>) -> Response {
    let published = inner.key.lock().expect("a key").published();
    answer(&inner, json!({ "keys": [published] })).await
}

async fn token(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    match exchanged(&inner, &headers, &form) {
        Ok(body) => answer(&inner, body).await,
        Err(code) => {
            let body = Json(json!({ "error": code }));
            (StatusCode::BAD_REQUEST, body).into_response()
        }
    }
}

/// What a code is exchanged for, or the code of the refusal.
fn exchanged(
    inner: &Inner,
    headers: &HeaderMap,
    form: &HashMap<String, String>,
) -> Result<Value, &'static str> {
    let escaped: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let basic = BASE64_STANDARD.encode(format!("{CLIENT}:{escaped}"));
    let given = headers.get(AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    if given != Some(format!("Basic {basic}").as_str()) {
        return Err("invalid_client");
    }
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let pending = inner.codes.lock().expect("codes").remove(&text("code"));
    let pending = pending.ok_or("invalid_grant")?;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier")));
    if challenge != pending.challenge || text("redirect_uri") != pending.redirect {
        return Err("invalid_grant");
    }
    let now = inner.seconds();
    let mut claims = json!({
        "iss": inner.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now,
        "nonce": pending.nonce, "sub": pending.person["sub"],
    });
    if let Some(session) = pending.person.get("sid") {
        claims["sid"] = session.clone();
    }
    let access = format!("access-{}", inner.next());
    let id_token = inner.signed(claims);
    let mut bearers = inner.bearers.lock().expect("bearers");
    bearers.insert(access.clone(), pending.person);
    Ok(
        json!({ "access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": id_token }),
    )
}

async fn user_info(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let given = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let access = given.and_then(|value| value.strip_prefix("Bearer "));
    let person = access.and_then(|access| {
        let bearers = inner.bearers.lock().expect("bearers");
        bearers.get(access).cloned()
    });
    match person {
        Some(person) => answer(&inner, person).await,
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}
