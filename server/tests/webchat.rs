//! Stories of customers on the chat page: the real router over a real database, with a rehearsed clock and
//! rehearsed ids, so that two runs of one story can be compared byte for byte.

use std::sync::Arc;
use std::time::Duration;

use app::backend::{Coaching, Workitems};
use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use futures_util::StreamExt;
use serde_json::{Value, json};
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::seeds::{Ids, Rehearsed};
use server::store::sqlite::SqliteStore;
use shared::ids::{ChannelKey, CommandKey, EntryId, UserId, WorkitemId};
use shared::people::Actor;
use shared::text::{CoachingText, MessageText};
use shared::transcript::{EndReason, Reaction};
use tokio::sync::watch;
use tower::ServiceExt;

/// Nothing in these stories takes that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A host with the demo's people. Nothing runs by itself in it, so that a story has one course only.
struct Host {
    desk: Desk,
    seeds: Arc<Rehearsed>,
    router: Router,
    _closing: watch::Sender<bool>,
    _data: tempfile::TempDir,
}

impl Host {
    async fn start() -> Self {
        Self::start_with(HttpConfig::default()).await
    }

    async fn start_with(config: HttpConfig) -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&data.path().join("sideline.db"))
            .await
            .unwrap();
        let seeds = Arc::new(Rehearsed::default());
        let desk = Desk::new(
            Arc::new(store),
            seeds.clone(),
            seeds.clone(),
            DeskConfig::default(),
        );
        assert!(server::demo::seed(&desk).await.unwrap());
        let (closing, closed) = watch::channel(false);
        let router = server::http::router(desk.clone(), config, closed);
        Self {
            desk,
            seeds,
            router,
            _closing: closing,
            _data: data,
        }
    }

    fn customer(&self) -> Customer<'_> {
        Customer {
            host: self,
            cookie: None,
        }
    }

    async fn actor(&self, user: &str) -> Actor {
        self.desk
            .store()
            .actor_load(&UserId::parse(user).unwrap())
            .await
            .unwrap()
            .unwrap()
    }

    fn entry(&self) -> EntryId {
        EntryId::parse(self.seeds.next()).unwrap()
    }

    /// Gives the only queued workitem to amy.
    async fn given_to_amy(&self) -> WorkitemId {
        let queue = self.desk.store().queue_list().await.unwrap();
        let [(id, team)] = queue.as_slice() else {
            panic!("one workitem waits: {queue:?}")
        };
        assert_eq!(team.as_str(), "care");
        let (amy, now) = (UserId::parse("amy").unwrap(), self.desk.clock().now());
        let written = self
            .desk
            .store()
            .workitem_assign(id, &amy, self.entry(), now)
            .await
            .unwrap();
        self.desk.publish(written);
        id.clone()
    }

    async fn amy_says(&self, workitem: &WorkitemId, text: &str) {
        let (amy, text) = (self.actor("amy").await, MessageText::parse(text).unwrap());
        self.desk
            .message_send(&amy, workitem.clone(), self.key(), text)
            .await
            .unwrap();
    }

    async fn amy_wraps_up(&self, workitem: &WorkitemId) {
        let amy = self.actor("amy").await;
        self.desk
            .workitem_wrap_up(&amy, workitem.clone(), self.key())
            .await
            .unwrap();
    }

    async fn sam_coaches(&self, workitem: &WorkitemId, text: &str) -> EntryId {
        let (sam, text) = (self.actor("sam").await, CoachingText::parse(text).unwrap());
        self.desk
            .coaching_send(&sam, workitem.clone(), self.key(), text)
            .await
            .unwrap()
            .entry
            .id
    }

    async fn switch_care(&self, active: bool) {
        let care = ChannelKey::parse("care").unwrap();
        let written = self
            .desk
            .store()
            .channel_activate(&care, active, self.desk.clock().now())
            .await;
        self.desk.publish(written.unwrap());
    }

    fn key(&self) -> CommandKey {
        CommandKey::parse(self.seeds.next()).unwrap()
    }
}

/// Somebody with a browser that keeps its cookie.
struct Customer<'a> {
    host: &'a Host,
    cookie: Option<String>,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// What the network carries, without the request's own number.
    fn bytes(&self) -> String {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        format!("{} {headers:?}\n{}\n", self.status, self.body)
    }
}

impl Customer<'_> {
    async fn send(
        &mut self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> (u16, HeaderMap, Body) {
        let request = match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        };
        let response = self
            .host
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        if let Some(cookie) = head.headers.get(header::SET_COOKIE) {
            self.cookie = Some(
                cookie
                    .to_str()
                    .unwrap()
                    .split(';')
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
        (head.status.as_u16(), head.headers, body)
    }

    async fn ask(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let (status, headers, body) = self.send(request, body).await;
        let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        Answer {
            status,
            headers,
            body,
        }
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path), Body::empty()).await
    }

    async fn page(&mut self) -> String {
        let answer = self.get("/chat/care").await;
        assert_eq!(answer.status, 200);
        answer.body
    }

    async fn post(&mut self, body: impl Into<Body>) -> Answer {
        let request =
            Request::post("/chat/care/messages").header(header::CONTENT_TYPE, "application/json");
        self.ask(request, body.into()).await
    }

    async fn form(&mut self, body: &'static str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.ask(
            Request::post("/chat/care").header(header::CONTENT_TYPE, kind),
            Body::from(body),
        )
        .await
    }

    /// Writes a message; answers the line as the page shows it.
    async fn write(&mut self, text: &str, key: &str) -> Value {
        let answer = self
            .post(json!({ "name": "Eve Ito", "text": text, "key": key }).to_string())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// The texts of the conversation after a place; `(ended)` for its end.
    async fn history(&mut self, after: &str) -> Vec<String> {
        let answer = self.get(&format!("/chat/care/history?after={after}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(words)
            .collect()
    }

    /// Opens the stream as a browser does that saw `last` before.
    async fn live(&mut self, last: Option<&str>) -> Stream {
        let request = Request::get("/chat/care/live");
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let (status, headers, body) = self.send(request, Body::empty()).await;
        assert_eq!(
            (status, &headers[header::CONTENT_TYPE]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Stream {
            body: body.into_data_stream(),
            unread: String::new(),
            bytes: String::new(),
        }
    }
}

fn words(frame: &Value) -> String {
    frame["body"]["text"]
        .as_str()
        .unwrap_or("(ended)")
        .to_owned()
}

/// A stream of events, as the network carries it.
struct Stream {
    body: BodyDataStream,
    unread: String,
    bytes: String,
}

/// An event: its id, its kind, its data.
#[derive(Debug)]
struct Event {
    id: String,
    kind: String,
    data: Value,
}

impl Stream {
    /// The next event; `None` when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        while !self.unread.contains("\n\n") {
            let chunk = tokio::time::timeout(PATIENCE, self.body.next())
                .await
                .expect("something comes");
            let chunk = String::from_utf8(chunk?.unwrap().to_vec()).unwrap();
            self.bytes.push_str(&chunk);
            self.unread.push_str(&chunk);
        }
        let (event, rest) = self.unread.split_once("\n\n").unwrap();
        let field = |name: &str| {
            let lines = event.lines().filter_map(|line| line.split_once(": "));
            lines
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
                .next()
                .unwrap_or_default()
        };
        let event = Event {
            id: field("id"),
            kind: field("event"),
            data: serde_json::from_str(&field("data")).unwrap(),
        };
        self.unread = rest.to_owned();
        Some(event)
    }

    async fn text(&mut self) -> String {
        words(&self.next().await.expect("an event").data)
    }
}

#[tokio::test]
async fn a_first_message_queues_a_workitem_and_a_reload_resumes_it() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let page = eve.page().await;
    assert!(
        page.contains("<title>Larkfield Care</title>") && page.contains("<h1>Larkfield Care</h1>")
    );
    assert!(page.contains("role=\"log\" aria-label=\"Conversation\""));
    assert!(
        page.contains("data-after=\"\""),
        "there is nothing to follow yet"
    );
    assert!(
        host.desk.store().queue_list().await.unwrap().is_empty(),
        "looking begins nothing"
    );

    let frame = eve.write("My lamp <b>hums</b> & glows", "k1").await;
    assert_eq!(frame["seq"], 1);
    assert_eq!(
        frame["body"],
        json!({ "kind": "mine", "text": "My lamp <b>hums</b> & glows", "key": "k1" })
    );

    let workitem = host.given_to_amy().await;
    let row = host
        .desk
        .store()
        .workitem_find(&workitem)
        .await
        .unwrap()
        .unwrap()
        .workitem;
    assert_eq!((row.customer.as_str(), row.unread), ("Eve Ito", 1));
    host.amy_says(&workitem, "Hello Eve, which lamp is it?")
        .await;

    let page = eve.page().await;
    assert!(
        page.contains("<p>My lamp &lt;b&gt;hums&lt;/b&gt; &amp; glows</p>"),
        "{page}"
    );
    assert!(page.contains("<p>Hello Eve, which lamp is it?</p>") && page.contains("Amy Adler"));
    assert!(page.contains("You write as Eve Ito"));
    assert!(
        !page.contains(workitem.as_str()),
        "the workitem's id is not the customer's business"
    );
}

#[tokio::test]
async fn a_stream_resumes_with_exactly_what_was_missed() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("one", "k1").await;
    let mut first = eve.live(None).await;
    let seen = first.next().await.unwrap();
    assert_eq!(
        (seen.kind.as_str(), words(&seen.data).as_str()),
        ("", "one")
    );
    drop(first);

    let workitem = host.given_to_amy().await;
    host.amy_says(&workitem, "two").await;
    eve.write("three", "k3").await;
    let mut second = eve.live(Some(&seen.id)).await;
    assert_eq!([second.text().await, second.text().await], ["two", "three"]);
    host.amy_says(&workitem, "four").await;
    let four = second.next().await.unwrap();
    assert_eq!(
        (four.data["seq"].as_i64(), words(&four.data).as_str()),
        (Some(4), "four")
    );

    assert_eq!(eve.history(&seen.id).await, ["two", "three", "four"]);
    assert_eq!(eve.history("3").await, ["four"]);
    assert_eq!(eve.history(&four.id).await, [""; 0]);
}

#[tokio::test]
async fn a_stream_that_fell_behind_reads_from_the_database() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("0", "k").await;
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "0");
    let workitem = host.given_to_amy().await;
    for number in 1..=300 {
        host.amy_says(&workitem, &number.to_string()).await;
    }
    for number in 1..=300 {
        assert_eq!(live.text().await, number.to_string());
    }
}

#[tokio::test]
async fn a_repeated_key_is_stored_once() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.page().await;
    let first = eve.write("Hello", "k1").await;
    assert_eq!(eve.write("Hello", "k1").await, first);
    assert_eq!(eve.history("").await, ["Hello"]);
}

#[tokio::test]
async fn bad_input_names_its_field_and_changes_nothing() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.page().await;
    let long = "x".repeat(4_001);
    let long_name = "x".repeat(81);
    for (field, body) in [
        (
            "text",
            json!({ "name": "Eve", "text": " \n ", "key": "k" }).to_string(),
        ),
        ("text", json!({ "name": "Eve", "key": "k" }).to_string()),
        (
            "text",
            json!({ "name": "Eve", "text": long, "key": "k" }).to_string(),
        ),
        (
            "text",
            json!({ "name": "Eve", "text": "a\u{0}b", "key": "k" }).to_string(),
        ),
        (
            "text",
            json!({ "name": "Eve", "text": "a\u{202E}b", "key": "k" }).to_string(),
        ),
        ("name", json!({ "text": "Hello", "key": "k" }).to_string()),
        (
            "name",
            json!({ "name": "  ", "text": "Hello", "key": "k" }).to_string(),
        ),
        (
            "name",
            json!({ "name": long_name, "text": "Hello", "key": "k" }).to_string(),
        ),
        (
            "name",
            json!({ "name": "E\nve", "text": "Hello", "key": "k" }).to_string(),
        ),
        ("key", json!({ "name": "Eve", "text": "Hello" }).to_string()),
        (
            "key",
            json!({ "name": "Eve", "text": "Hello", "key": "k k" }).to_string(),
        ),
        ("body", "{\"name\":".to_owned()),
        ("body", "null".to_owned()),
        ("body", String::new()),
    ] {
        host.seeds.pass(1);
        let answer = eve.post(body.clone()).await;
        assert_eq!(answer.status, 422, "{body} {}", answer.body);
        assert_eq!(answer.json()["Invalid"]["field"], field, "{body}");
    }
    assert!(host.desk.store().queue_list().await.unwrap().is_empty());
    let limit = eve
        .post(json!({ "name": "Eve", "text": "ä".repeat(4_000), "key": "k" }).to_string())
        .await;
    assert_eq!(
        limit.status, 200,
        "the limit itself is allowed, and counts characters"
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let body = json!({ "name": "Eve", "text": "x".repeat(70_000), "key": "k" }).to_string();
    for told in [true, false] {
        let mut request =
            Request::post("/chat/care/messages").header(header::CONTENT_TYPE, "application/json");
        if told {
            request = request.header(header::CONTENT_LENGTH, body.len());
        }
        let answer = eve.ask(request, Body::from(body.clone())).await;
        assert_eq!(answer.status, 413);
        assert_eq!(answer.json()["Invalid"]["field"], "body");
    }
    assert!(host.desk.store().queue_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_address_that_leads_nowhere_says_so() {
    let host = Host::start().await;
    let mut eve = host.customer();
    for path in ["/chat/nothing", "/chat/not%20a%20key", "/chat/a%2Fb"] {
        let answer = eve.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.body.contains("<h1>This chat was not found</h1>"),
            "{path}"
        );
    }
    let answer = eve
        .ask(Request::post("/chat/nothing/messages"), Body::from("{}"))
        .await;
    assert_eq!((answer.status, answer.json()), (404, json!("NotFound")));
    eve.page().await;
    for path in ["/chat/care/history", "/chat/care/live"] {
        assert_eq!(
            eve.get(path).await.status,
            404,
            "{path}: there is no conversation yet"
        );
    }
    eve.write("Hello", "k").await;
    for after in ["x", "-1", "1-", "1-2-3"] {
        let answer = eve.get(&format!("/chat/care/history?after={after}")).await;
        assert_eq!(
            (answer.status, &answer.json()["Invalid"]["field"]),
            (422, &json!("after"))
        );
    }
}

#[tokio::test]
async fn visitors_do_not_see_each_other() {
    let host = Host::start().await;
    let (mut eve, mut mallory) = (host.customer(), host.customer());
    eve.write("My order is LF-1", "k").await;
    mallory.write("I am somebody else", "k").await;
    assert_ne!(eve.cookie, mallory.cookie);
    assert_eq!(eve.history("").await, ["My order is LF-1"]);
    assert_eq!(mallory.history("").await, ["I am somebody else"]);
    assert!(!mallory.page().await.contains("LF-1"));
    let mut invented = host.customer();
    invented.cookie = Some("sideline_visitor=guess".to_owned());
    assert_eq!(invented.get("/chat/care/history").await.status, 404);
    let mut sales = host.customer();
    sales.cookie.clone_from(&eve.cookie);
    assert_eq!(
        sales.get("/chat/sales/history").await.status,
        404,
        "each channel has its own conversation"
    );
}

#[tokio::test]
async fn a_channel_that_is_switched_off_takes_no_messages() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    host.switch_care(false).await;
    let page = eve.page().await;
    assert!(
        page.contains("Nobody takes messages here at the moment.") && page.contains("<p>Hello</p>")
    );
    assert!(!page.contains("<form"));
    let answer = eve
        .post(json!({ "text": "Anybody?", "key": "k2" }).to_string())
        .await;
    assert_eq!(answer.status, 409);
    assert!(answer.json()["Conflict"]["reason"].is_string());
    assert_eq!(eve.history("").await, ["Hello"]);
    host.switch_care(true).await;
    eve.write("Anybody?", "k2").await;
}

#[tokio::test]
async fn a_browser_without_scripts_can_write() {
    let host = Host::start().await;
    let mut eve = host.customer();
    assert!(
        eve.page()
            .await
            .contains("method=\"post\" action=\"/chat/care\"")
    );
    let sent = eve.form("name=Eve&text=Hello+there&after=").await;
    assert_eq!(
        (sent.status, &sent.headers[header::LOCATION]),
        (303, &"/chat/care".parse().unwrap())
    );
    assert_eq!(
        eve.form("name=Eve&text=Hello+there&after=").await.status,
        303,
        "clicked twice"
    );
    assert_eq!(eve.history("").await, ["Hello there"]);

    let refused = eve.form("text=+&after=0").await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("Your message must not be empty"),
        "{}",
        refused.body
    );
    let mut new = host.customer();
    let refused = new.form("name=&text=A+%22long%22+story&after=").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Your name must not be empty"));
    assert!(
        refused.body.contains("A &quot;long&quot; story</textarea>"),
        "what was typed stays"
    );
    assert_eq!(new.form("name=%ff&text=%ff").await.status, 422);
}

#[tokio::test]
async fn after_the_end_a_new_conversation_keeps_the_name() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("First", "k1").await;
    let workitem = host.given_to_amy().await;
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "First");
    host.amy_wraps_up(&workitem).await;
    let end = live.next().await.unwrap();
    assert_eq!(end.data["body"], json!({ "kind": "ended" }));
    assert!(
        live.next().await.is_none(),
        "the stream is over with the conversation"
    );

    let page = eve.page().await;
    assert!(
        page.contains("This conversation has ended.") && page.contains("Start a new conversation")
    );
    let page = eve.get("/chat/care?new=1").await.body;
    assert!(!page.contains("First") && page.contains("You write as Eve Ito"));

    host.seeds.pass(60);
    let answer = eve
        .post(json!({ "text": "Second", "key": "k2" }).to_string())
        .await;
    assert_eq!((answer.status, &answer.json()["seq"]), (200, &json!(1)));
    let second = host.given_to_amy().await;
    assert_ne!(second, workitem);
    assert!(
        eve.get("/chat/care?new=1")
            .await
            .body
            .contains("<p>Second</p>"),
        "a reload shows it"
    );

    // A tab that still shows the first conversation is told to clear it.
    let mut late = eve.live(Some(&end.id)).await;
    assert_eq!(late.next().await.unwrap().kind, "reset");
    assert_eq!(late.text().await, "Second");
}

#[tokio::test]
async fn a_flood_is_slowed_down() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.page().await;
    for number in 0..20 {
        eve.write("Hello", &format!("k{number}")).await;
    }
    let flooded = eve
        .post(json!({ "text": "Hello", "key": "last" }).to_string())
        .await;
    assert_eq!(
        (flooded.status, flooded.json()),
        (429, json!({ "RateLimited": { "retry_after_s": 10 } }))
    );
    assert_eq!(flooded.headers[header::RETRY_AFTER], "10");
    host.seeds.pass(10);
    eve.write("Hello", "last").await;
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_files() {
    let host = Host::start_with(HttpConfig {
        secure: true,
        ..HttpConfig::default()
    })
    .await;
    let mut eve = host.customer();
    let answer = eve.get("/chat/care").await;
    assert_eq!(answer.status, StatusCode::OK);
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(policy.contains("script-src 'self'") && policy.contains("style-src 'self'"));
    assert!(!policy.contains("unsafe"));
    assert!(!answer.body.contains(" style=") && !answer.body.contains("<script>"));
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-sideline_visitor=") && cookie.ends_with("; Secure"));
}

/// What one customer's network carried in the whole story.
async fn bytes_of_a_conversation(coached: bool) -> String {
    let host = Host::start().await;
    let sam = host.actor("sam").await.person();
    let mut eve = host.customer();
    let mut bytes = eve.get("/chat/care").await.bytes();
    let post =
        |text: &str, key: &str| json!({ "name": "Eve Ito", "text": text, "key": key }).to_string();
    bytes += &eve.post(post("I want my money back", "k1")).await.bytes();
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "I want my money back");
    let workitem = host.given_to_amy().await;

    host.seeds.pass(5);
    if coached {
        let (entry, now) = (host.entry(), host.desk.clock().now());
        let begun = host
            .desk
            .store()
            .monitoring_begin(&workitem, &sam, entry, now)
            .await
            .unwrap();
        assert!(host.desk.publish(begun));
        host.sam_coaches(&workitem, "Ask for the order first").await;
    }
    host.amy_says(&workitem, "Hello Eve, may I have the order number?")
        .await;
    assert_eq!(live.text().await, "Hello Eve, may I have the order number?");
    bytes += &eve.get("/chat/care").await.bytes();
    host.seeds.pass(7);
    bytes += &eve.post(post("LF-448812", "k2")).await.bytes();
    assert_eq!(live.text().await, "LF-448812");

    // What amy forwards is, for the customer, what she could have written herself.
    host.seeds.pass(9);
    let words = "I can give you 40 back today.";
    if coached {
        let amy = host.actor("amy").await;
        let advice = host.sam_coaches(&workitem, words).await;
        host.desk
            .reaction_set(
                &amy,
                workitem.clone(),
                advice.clone(),
                Some(Reaction::ThumbsUp),
            )
            .await
            .unwrap();
        host.desk
            .coaching_forward(&amy, workitem.clone(), advice)
            .await
            .unwrap();
        host.sam_coaches(&workitem, "Well done").await;
        let (entry, now) = (host.entry(), host.desk.clock().now());
        let left = EndReason::Left;
        let ended = host
            .desk
            .store()
            .monitoring_end(&workitem, &sam.id, left, entry, now)
            .await
            .unwrap();
        assert!(host.desk.publish(ended));
    } else {
        host.amy_says(&workitem, words).await;
    }
    let forwarded = live.next().await.unwrap();
    assert_eq!(self::words(&forwarded.data), words);
    bytes += &eve.get("/chat/care").await.bytes();
    bytes += &eve.get("/chat/care/history").await.bytes();

    host.seeds.pass(11);
    host.amy_wraps_up(&workitem).await;
    assert_eq!(live.text().await, "(ended)");
    assert!(live.next().await.is_none());
    bytes += &live.bytes;
    let mut again = eve.live(Some(&forwarded.id)).await;
    while again.next().await.is_some() {}
    bytes += &again.bytes;
    bytes += &eve.get("/chat/care").await.bytes();

    host.seeds.pass(13);
    bytes += &eve.post(post("One more thing", "k3")).await.bytes();
    let mut second = eve.live(Some(&forwarded.id)).await;
    assert_eq!(second.next().await.unwrap().kind, "reset");
    assert_eq!(second.text().await, "One more thing");
    bytes += &second.bytes;
    bytes += &eve.get("/chat/care").await.bytes();
    bytes
}

#[tokio::test]
async fn m21_a_customers_bytes_are_the_same_whether_or_not_anybody_coaches() {
    let plain = bytes_of_a_conversation(false).await;
    let coached = bytes_of_a_conversation(true).await;
    assert!(plain.contains("I can give you 40 back today."));
    assert_eq!(plain, coached);
}
