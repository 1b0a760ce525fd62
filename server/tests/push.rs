//! Web push with a push service over loopback: who is notified of what while no page is open, and what the service can read of it.

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::post;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::{Value, json};
use server::clock_and_ids::Clock;
use server::commands::AlertRuleCreate;
use server::store::CommandContext;
use shared::alerts::{AlertCondition, AlertRule};
use shared::ids::{AlertRuleId, CommandKey, UserId};
use shared::people::Presence;
use shared::time::Timestamp;
use support::{Host, Staff, eventually, key};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use web_push_native::p256::SecretKey;
use web_push_native::p256::ecdsa::signature::Verifier;
use web_push_native::p256::ecdsa::{Signature, VerifyingKey};
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::{Auth, decrypt};

/// It is always 22:13 in UTC.
#[derive(Debug)]
struct Evening;

impl Clock for Evening {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000_000)
    }
}

/// What a push service got.
struct Pushed {
    headers: HeaderMap,
    body: Bytes,
}

/// A push service.
struct Service {
    address: SocketAddr,
    pushed: mpsc::UnboundedReceiver<Pushed>,
    status: Arc<Mutex<StatusCode>>,
}

type Shared = (mpsc::UnboundedSender<Pushed>, Arc<Mutex<StatusCode>>);

async fn take(
    State((sender, status)): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    sender
        .send(Pushed { headers, body })
        .expect("the story listens");
    *status.lock().expect("a status")
}

impl Service {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (sender, pushed) = mpsc::unbounded_channel();
        let status = Arc::new(Mutex::new(StatusCode::CREATED));
        let router = Router::new()
            .route("/{browser}", post(take))
            .with_state((sender, status.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            pushed,
            status,
        }
    }

    /// The next push, whichever browser it is for.
    async fn next(&mut self) -> Pushed {
        let next = timeout(Duration::from_secs(20), self.pushed.recv()).await;
        next.expect("a push in time").expect("the service runs")
    }

    fn answers(&self, status: StatusCode) {
        *self.status.lock().expect("a status") = status;
    }
}

/// A browser with a push service.
struct Browser {
    endpoint: String,
    secret: SecretKey,
}

const SHARED_SECRET: [u8; 16] = [7; 16];

impl Browser {
    fn of(service: &Service, name: &str) -> Self {
        let number = name.bytes().fold(1_u8, u8::wrapping_add);
        Self {
            endpoint: format!("http://{}/{name}", service.address),
            secret: SecretKey::from_slice(&[number.max(1); 32]).expect("a number below the order"),
        }
    }

    /// What the page sends after the browser subscribed.
    fn wanted(&self) -> Value {
        let point = self.secret.public_key().to_encoded_point(false);
        json!({
            "endpoint": self.endpoint,
            "p256dh": BASE64_URL_SAFE_NO_PAD.encode(point),
            "auth": BASE64_URL_SAFE_NO_PAD.encode(SHARED_SECRET),
            "alerts": true,
            "quiet_from": "",
            "quiet_until": "",
            "zone": "Etc/UTC",
        })
    }

    fn reads(&self, pushed: &Pushed) -> Value {
        let content = decrypt(
            pushed.body.to_vec(),
            &self.secret,
            &Auth::from(SHARED_SECRET),
        );
        serde_json::from_slice(&content.expect("it was encrypted for this browser")).expect("JSON")
    }
}

async fn ask(host: &Host, who: &Staff<'_>, method: &str, body: Value) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri("/push")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::COOKIE, who.cookies())
        .body(Body::from(body.to_string()))
        .expect("a request");
    let response = host.request(request).await;
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    let body = serde_json::from_slice(&body.expect("a body")).unwrap_or(Value::Null);
    (status, body)
}

async fn subscribe(host: &Host, who: &Staff<'_>, wanted: Value) {
    let (status, body) = ask(host, who, "PUT", wanted).await;
    assert_eq!(status, 204, "{body}");
}

async fn is_on(host: &Host, who: &Staff<'_>) -> bool {
    let (_, state) = ask(host, who, "GET", Value::Null).await;
    state["on"].as_bool().expect("a state")
}

async fn write(from: &Staff<'_>, to: &str, text: &str) {
    let input = json!({ "to": to, "key": key(), "text": text });
    from.call("directory/directory_send", input).await.ok();
}

fn claims(jwt: &str) -> Value {
    let claims = jwt.split('.').nth(1).expect("three parts");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    serde_json::from_slice(&claims).expect("JSON")
}

#[tokio::test]
async fn a_closed_browser_is_told_who_wrote_and_its_service_can_read_nothing() {
    let (host, mut service) = (Host::start().await, Service::start().await);
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let browser = Browser::of(&service, "sams");
    assert!(!is_on(&host, &sam).await);
    subscribe(&host, &sam, browser.wanted()).await;
    assert!(is_on(&host, &sam).await);

    write(&amy, "sam", "Can you look at the Miller case?").await;
    let pushed = service.next().await;
    assert_eq!(
        browser.reads(&pushed),
        json!({ "body": "Amy Adler wrote to you.", "path": "/", "tag": "message:amy" })
    );
    assert_eq!(pushed.headers["content-encoding"], "aes128gcm");
    assert_eq!(pushed.headers["ttl"], "120");
    let raw = String::from_utf8_lossy(&pushed.body).into_owned();
    assert!(!raw.contains("Amy") && !raw.contains("Miller"));

    // The service knows the host by the key that the browser subscribed with.
    let signed = pushed.headers["authorization"].to_str().expect("text");
    let (jwt, known) = signed
        .strip_prefix("vapid t=")
        .and_then(|rest| rest.split_once(", k="))
        .expect("a token and a key");
    let (_, state) = ask(&host, &sam, "GET", Value::Null).await;
    assert_eq!(state["key"], known);
    let (content, signature) = jwt.rsplit_once('.').expect("a signature");
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let known = BASE64_URL_SAFE_NO_PAD.decode(known).expect("base64url");
    let known = VerifyingKey::from_sec1_bytes(&known).expect("a key");
    let signature = Signature::from_slice(&signature).expect("a signature");
    known
        .verify(content.as_bytes(), &signature)
        .expect("signed by the host");
    assert_eq!(claims(jwt)["aud"], format!("http://{}", service.address));
    assert_eq!(claims(jwt)["sub"], "https://desk.example.com");
}

#[tokio::test]
async fn who_has_a_page_open_or_signed_out_is_not_told_by_push() {
    let (host, mut service) = (Host::start().await, Service::start().await);
    let (amy, ben) = (host.sign_in("amy").await, host.sign_in("ben").await);
    let sam = host.sign_in("sam").await;
    let browser = Browser::of(&service, "sams");
    subscribe(&host, &sam, browser.wanted()).await;

    // What is pushed next is the later one, so nothing was pushed of the first.
    let page = sam.live().await;
    write(&amy, "sam", "While you are here").await;
    drop(page);
    let id = UserId::parse("sam").expect("an id");
    eventually("Sam is gone", async || {
        host.desk.presence_seen(&id, Presence::Available) == Presence::Offline
    })
    .await;
    write(&ben, "sam", "While you are away").await;
    let first = browser.reads(&service.next().await);
    assert_eq!(first["tag"], "message:ben");

    let sue = host.sign_in("sue").await;
    let other = Browser::of(&service, "sues");
    subscribe(&host, &sue, other.wanted()).await;
    let signed_out = sam.post_form("/logout", &[]).await;
    assert!(signed_out.status < 400, "{}", signed_out.body);
    write(&ben, "sam", "You have left").await;
    write(&ben, "sue", "You have not").await;
    other.reads(&service.next().await);
}

#[tokio::test]
async fn alerts_go_to_those_who_see_them_and_want_them() {
    let (host, mut service) = (Host::start().await, Service::start().await);
    let (sam, sid, sue) = (
        host.sign_in("sam").await,
        host.sign_in("sid").await,
        host.sign_in("sue").await,
    );
    let sams = Browser::of(&service, "sams");
    subscribe(&host, &sam, sams.wanted()).await;
    // Sid supervises others, and Sue wants no alerts.
    subscribe(&host, &sid, Browser::of(&service, "sids").wanted()).await;
    let mut wanted = Browser::of(&service, "sues").wanted();
    wanted["alerts"] = false.into();
    subscribe(&host, &sue, wanted).await;

    let rule = AlertRuleCreate {
        rule: AlertRule {
            id: AlertRuleId::parse("refund").expect("an id"),
            name: "Refund".to_owned(),
            team: None,
            condition: AlertCondition::Words(vec!["refund".to_owned()]),
            active: true,
            version: 0,
        },
        context: CommandContext {
            actor: Some(UserId::parse("ada").expect("an id")),
            key: CommandKey::parse(key()).expect("a key"),
            at: host.desk.clock().now(),
        },
    };
    let made = host.desk.store().execute(rule).await.expect("a rule");
    host.desk.publish(made);
    host.customer_saying("Dana", "I want a REFUND now").await;
    let told = sams.reads(&service.next().await);
    assert_eq!(told["body"], "Alert: Refund");
    assert!(
        told["path"]
            .as_str()
            .expect("a path")
            .starts_with("/coaching/")
    );
    assert!(!told.to_string().contains("Dana"));
    // Nobody else was told: what comes next is another thing.
    write(&sam, "sue", "Have you seen it?").await;
    assert_eq!(
        Browser::of(&service, "sues").reads(&service.next().await)["tag"],
        "message:sam"
    );
}

#[tokio::test]
async fn in_the_quiet_hours_nothing_is_pushed() {
    let host = Host::start_with_clock(Arc::new(Evening)).await;
    let mut service = Service::start().await;
    let (amy, sam, sue) = (
        host.sign_in("amy").await,
        host.sign_in("sam").await,
        host.sign_in("sue").await,
    );
    let quiet = |name: &str, zone: &str| {
        let mut wanted = Browser::of(&service, name).wanted();
        wanted["quiet_from"] = "22:00".into();
        wanted["quiet_until"] = "07:00".into();
        wanted["zone"] = zone.into();
        wanted
    };
    subscribe(&host, &sam, quiet("sams", "Etc/UTC")).await;
    subscribe(&host, &sue, quiet("sues", "America/New_York")).await;
    write(&amy, "sam", "Good night").await;
    write(&amy, "sue", "Good afternoon").await;
    Browser::of(&service, "sues").reads(&service.next().await);
}

#[tokio::test]
async fn what_its_push_service_does_not_know_any_more_is_forgotten() {
    let (host, mut service) = (Host::start().await, Service::start().await);
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    subscribe(&host, &sam, Browser::of(&service, "sams").wanted()).await;
    service.answers(StatusCode::GONE);
    write(&amy, "sam", "Are you there?").await;
    service.next().await;
    eventually("the browser is forgotten", async || {
        !is_on(&host, &sam).await
    })
    .await;

    // One browser is told for one session: the one that it subscribed in last.
    let sue = host.sign_in("sue").await;
    subscribe(&host, &sam, Browser::of(&service, "shared").wanted()).await;
    subscribe(&host, &sue, Browser::of(&service, "shared").wanted()).await;
    assert!(!is_on(&host, &sam).await && is_on(&host, &sue).await);
    assert_eq!(ask(&host, &sue, "DELETE", Value::Null).await.0, 204);
    assert!(!is_on(&host, &sue).await);
}

#[tokio::test]
async fn a_push_service_that_never_answers_delays_nobody_else() {
    let (host, mut service) = (Host::start().await, Service::start().await);
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let sue = host.sign_in("sue").await;
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut sams = Browser::of(&service, "sams").wanted();
    let address = silent.local_addr().expect("an address");
    sams["endpoint"] = format!("http://{address}/sams").into();
    subscribe(&host, &sam, sams).await;
    let sues = Browser::of(&service, "sues");
    subscribe(&host, &sue, sues.wanted()).await;

    write(&amy, "sam", "Are you there?").await;
    let (held, _) = silent.accept().await.expect("the host asks");
    write(&amy, "sue", "Are you?").await;
    sues.reads(&service.next().await);
    // The host has not given the silent one up meanwhile.
    let mut asked = vec![0; 4_096];
    let ended = loop {
        held.readable().await.expect("a connection");
        match held.try_read(&mut asked) {
            Ok(0) => break true,
            Ok(_) => {}
            Err(_) => break false,
        }
    };
    assert!(!ended, "the host still waits for the silent one");
}

#[tokio::test]
async fn who_knows_a_browser_by_its_address_alone_takes_nothing_from_it() {
    let (host, mut service) = (Host::start().await, Service::start().await);
    let (ben, sam) = (host.sign_in("ben").await, host.sign_in("sam").await);
    let amy = host.sign_in("amy").await;
    let sams = Browser::of(&service, "sams");
    subscribe(&host, &sam, sams.wanted()).await;
    let mut wanted = Browser::of(&service, "another").wanted();
    wanted["endpoint"] = sams.endpoint.clone().into();
    subscribe(&host, &ben, wanted).await;
    assert!(is_on(&host, &sam).await);
    write(&amy, "sam", "Are you there?").await;
    assert_eq!(sams.reads(&service.next().await)["tag"], "message:amy");
}

#[tokio::test]
async fn a_browser_of_apple_learns_what_the_host_lacks() {
    let (host, service) = (
        Host::start_without_public_url().await,
        Service::start().await,
    );
    let sam = host.sign_in("sam").await;
    let mut apples = Browser::of(&service, "apples").wanted();
    apples["endpoint"] = "https://web.push.apple.com/QOT".into();
    for (language, words) in [
        ("en", "Apple’s push service"),
        ("de", "Der Push-Dienst von Apple"),
    ] {
        let chosen = json!({ "language": language });
        sam.call("account/language_set", chosen).await.ok();
        let (status, body) = ask(&host, &sam, "PUT", apples.clone()).await;
        assert_eq!(status, 422, "{body}");
        assert_eq!(body["Invalid"]["field"], "public_url", "{body}");
        let said = body["said"].as_str().expect("words for the page");
        assert!(said.starts_with(words), "{said}");
        assert!(said.contains("--public-url"), "{said}");
        assert!(!is_on(&host, &sam).await);
    }
    // The others ask for no name.
    subscribe(&host, &sam, Browser::of(&service, "others").wanted()).await;
    assert!(is_on(&host, &sam).await);
}

#[tokio::test]
async fn what_no_browser_asks_for_is_refused_by_field() {
    let (host, service) = (Host::start().await, Service::start().await);
    let sam = host.sign_in("sam").await;
    let good = Browser::of(&service, "sams").wanted();
    let long = format!("https://push.example.com/{}", "x".repeat(1_000));
    for (field, value) in [
        ("endpoint", "http://10.0.0.1/push"),
        ("endpoint", "https://[::ffff:10.0.0.1]/push"),
        ("endpoint", "file:///etc/passwd"),
        ("endpoint", ""),
        ("endpoint", &long),
        ("p256dh", "BAAA"),
        ("auth", "AAAA"),
        ("zone", "Mars/Olympus"),
        ("quiet_from", "7 pm"),
        ("quiet_until", "24:00"),
    ] {
        let mut wanted = good.clone();
        wanted[field] = value.into();
        let (status, body) = ask(&host, &sam, "PUT", wanted).await;
        assert_eq!(status, 422, "{field} {value}: {body}");
        assert_eq!(body["Invalid"]["field"], field, "{body}");
    }
    let (status, body) = ask(&host, &sam, "PUT", json!({ "endpoint": 1 })).await;
    assert_eq!((status, &body["Invalid"]["field"]), (422, &json!("body")));
    assert!(!is_on(&host, &sam).await);
    assert_eq!(ask(&host, &host.nobody(), "PUT", good).await.0, 401);
}
