//! The log at its most talkative: ids, and no word that anybody wrote.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::header::RETRY_AFTER;
use axum::http::{Method, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::carrier::{self, ACCOUNT, OURS, PUBLIC, TOKEN, signature};
use crate::fixtures::{Browser, Data, Program};
use crate::people::{Customer, Live, call, called, entries, key, own_workitem, sign_in};

/// Providers bring messages, and nobody takes what is handed to them.
pub const PROVIDERS: [&str; 6] = [
    "--public-url",
    PUBLIC,
    "--twilio-url",
    "http://127.0.0.1:9",
    "--meta-url",
    "http://127.0.0.1:9",
];

/// A word that no program writes on its own.
fn words(place: &str) -> String {
    format!("xylophone {place} xylophone")
}

/// Everybody says something everywhere, also what is refused. Answers the request ids of the agent's messages.
async fn everybody_talks(program: &Program) -> Vec<String> {
    let mut amy = sign_in(program, "amy").await;
    let mut sam = sign_in(program, "sam").await;
    let chat = own_workitem(&mut amy, program, "chat").await;
    let mut at_amy = Live::open(&amy, program).await;
    at_amy.follow(&chat, false).await;
    let mut at_sam = Live::open(&sam, program).await;
    at_sam.follow(&chat, true).await;
    let mut ids = Vec::new();
    for input in [
        json!({ "workitem": chat, "key": key(), "text": words("message") }),
        json!({ "workitem": words("workitem"), "key": key(), "text": words("refused") }),
        json!({ "workitem": chat, "key": key(), "text": { "wrong": words("kind") } }),
        json!({ "workitem": chat, "key": key(), "text": words("\u{202E}") }),
    ] {
        let answer = call(&mut amy, program, "workitems/message_send", input).await;
        ids.push(answer.expect("an answer").request_id);
    }
    let coaching = json!({ "workitem": chat, "key": key(), "text": words("coaching") });
    let sent = called(&mut sam, program, "coaching/coaching_send", coaching).await;
    let forward = json!({ "workitem": chat, "entry": sent["entry"]["id"] });
    called(&mut amy, program, "coaching/coaching_forward", forward).await;
    let direct = json!({ "to": "sam", "key": key(), "text": words("directory") });
    called(&mut amy, program, "directory/directory_send", direct).await;
    let mut ada = sign_in(program, "ada").await;
    providers_call(program, &mut ada).await;
    a_system_reports(program, &mut ada).await;
    let mut eve = Customer::default();
    eve.write(program, &words("customer"), &key())
        .await
        .expect("sent");
    let _stream = eve.stream(program).await;
    let broken: Value = json!([words("broken")]);
    eve.browser
        .post(program, "/chat/care/messages", &broken)
        .await
        .expect("refused");
    let form = format!("name=%ff&text={}&key=%", words("form").replace(' ', "+"));
    eve.browser
        .form(program, "/chat/care", &form)
        .await
        .expect("refused");
    eve.browser
        .get(program, "/chat/care/history?after=xylophone")
        .await
        .expect("refused");
    let form = format!("username={0}&password={0}", "xylophone");
    Browser::default()
        .form(program, "/login", &form)
        .await
        .expect("refused");
    // They have read it on their sockets: whatever logs frames has logged these.
    for live in [&mut at_amy, &mut at_sam] {
        loop {
            let frame = live.next().await.expect("open").expect("open");
            if serde_json::to_string(&frame)
                .expect("a frame")
                .contains("coaching xylophone")
            {
                break;
            }
        }
    }
    ids
}

/// A channel of team Care that ada sets up, and the path of its webhook.
async fn channel(ada: &mut Browser, program: &Program, change: Value) -> (Value, String) {
    let create = json!({ "key": key(), "change": change });
    let function = "channels/provider_channel_create";
    let channel = called(ada, program, function, create).await;
    let path = channel["webhook"].as_str().expect("a URL");
    let path = path.strip_prefix(PUBLIC).expect("ours").to_owned();
    (channel, path)
}

/// Customers write by Twilio and by Meta. What is signed with another secret is refused.
async fn providers_call(program: &Program, ada: &mut Browser) {
    // Other addresses at each start.
    let port = program.address.port();
    let number = json!({
        "kind": "twilio_sms", "name": words("number"), "team": "care", "version": 0,
        "address": format!("+15550{port:05}"),
        "settings": [{ "name": "account_sid", "value": "AC00000000000000000000000000000001" }],
        "secrets": [{ "name": "auth_token", "value": words("token") }],
    });
    let (number, path) = channel(ada, program, number).await;
    let test =
        json!({ "channel": number["key"], "to": "+15551230000", "text": words("test message") });
    called(ada, program, "channels/channel_test", test).await;
    let url = format!("{PUBLIC}{path}");
    for (secret, status) in [("token", 200), ("guessed", 403)] {
        let (sid, text) = (key(), words(secret));
        let form = [
            ("MessageSid", sid.as_str()),
            ("AccountSid", "AC00000000000000000000000000000001"),
            ("From", "+15551230000"),
            ("To", number["address"].as_str().expect("a number")),
            ("Body", text.as_str()),
        ];
        let signature = signature(&words(secret), &url, &form);
        let mut body = form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(&form).finish();
        let mut twilio = Browser::with([("x-twilio-signature", signature)]);
        let answer = twilio.form(program, &path, &body).await;
        assert_eq!(answer.expect("an answer").status, status, "{secret}");
    }
    let page = json!({
        "kind": "meta_messenger", "name": words("page"), "team": "care", "version": 0,
        "address": format!("104060501{port:05}"), "settings": [],
        "secrets": [
            { "name": "access_token", "value": words("token") },
            { "name": "app_secret", "value": words("secret") },
        ],
    });
    let (page, path) = channel(ada, program, page).await;
    let page = &page["address"];
    let said = json!({ "mid": key(), "text": words("batch") });
    let item = json!({ "sender": { "id": "6543217890123456" }, "recipient": { "id": page }, "message": said });
    let batch =
        json!({ "object": "page", "entry": [{ "id": page, "time": 1, "messaging": [item] }] });
    for (secret, status) in [("secret", 200), ("guessed", 403)] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(words(secret).as_bytes()).expect("any key will do");
        mac.update(batch.to_string().as_bytes());
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let mut meta = Browser::with([("x-hub-signature-256", signature)]);
        let answer = meta.post(program, &path, &batch).await;
        assert_eq!(answer.expect("an answer").status, status, "{secret}");
    }
}

/// Another system reports a mail, and one that cannot be read.
async fn a_system_reports(program: &Program, ada: &mut Browser) {
    let form = format!(
        "act=create&key={}&name=xylophone&scope=workitems%3Awrite",
        key()
    );
    let made = ada.form(program, "/admin/tokens", &form).await;
    assert_eq!(made.expect("an answer").status, 303);
    let made = ada.get(program, "/admin/tokens").await;
    let made = made.expect("a page").body;
    let (_, secret) = made.split_once("slt_").expect("a secret");
    let secret = secret.split('"').next().expect("an attribute");
    let mail = json!({
        "channel": "email", "customer": "xylophone@example.com", "name": words("name"), "team": "care",
        "subject": words("subject"), "text": words("mail"),
    });
    let unreadable =
        json!({ "channel": words("kind"), "customer": words("address"), "text": words("mail") });
    for (report, status) in [(mail, 201), (unreadable, 422)] {
        let mut system = Browser::with([
            ("authorization", format!("Bearer slt_{secret}")),
            ("idempotency-key", key()),
        ]);
        let answer = system.post(program, "/api/v1/workitems", &report).await;
        assert_eq!(answer.expect("an answer").status, status);
    }
}

#[tokio::test]
async fn no_message_text_reaches_the_log_at_any_level() {
    let data = Data::new();
    for format in ["text", "json"] {
        let options = [&["--log", "trace", "--log-format", format][..], &PROVIDERS].concat();
        let program = Program::start(&data, &options).await;
        everybody_talks(&program).await;
        let log = program.stop().await;
        assert!(log.contains("TRACE"), "it is talkative");
        let told = log.lines().find(|line| line.contains("xylophone"));
        assert_eq!(told, None);
    }
}

#[tokio::test]
async fn a_secret_reaches_the_log_by_no_address_that_is_nearly_right() {
    let data = Data::new();
    let options = ["--log", "trace", "--log-format", "json"];
    let program = Program::start(&data, &options).await;
    let token = "5eed".repeat(16);
    for path in [
        "/wall/slw_xylophone",
        "//wall/slw_xylophone",
        "/WALL/slw_xylophone",
        "/walls/slw_xylophone/",
        "/wall%2Fslw_xylophone",
        "/api/v1/slt_xylophone",
        "/admin/webhooks/whsec_a/xylophone",
        &format!("/setup/token={token}"),
    ] {
        let mut stranger = Browser::default();
        stranger.get(&program, path).await.expect("an answer");
    }
    let log = program.stop().await;
    for path in ["/wall/", "//wall/", "/WALL/", "/setup/"] {
        assert!(log.contains(&format!("\"path\":\"{path}\"")), "{path}");
    }
    for secret in ["xylophone", &token] {
        let told = log.lines().find(|line| line.contains(secret));
        assert_eq!(told, None);
    }
}

#[tokio::test]
async fn who_runs_it_reads_which_calls_were_refused_and_what_to_do() {
    let data = Data::new();
    let options = [&["--log", "warn", "--log-format", "json"][..], &PROVIDERS].concat();
    let program = Program::start(&data, &options).await;
    let mut ada = sign_in(&program, "ada").await;
    providers_call(&program, &mut ada).await;
    let large = words("flood").repeat(300_000);
    for (body, status) in [("Body=xylophone", 404), (&large, 413)] {
        let mut stranger = Browser::default();
        let answer = stranger.form(&program, "/channels/twilio/nobodys", body);
        assert_eq!(answer.await.expect("an answer").status, status);
    }
    let frame = [
        ("sec-fetch-dest", "iframe".to_owned()),
        (
            "referer",
            "https://shop.example/orders/xylophone?for=xylophone".to_owned(),
        ),
    ];
    let mut shop = Browser::with(frame);
    let page = shop.get(&program, "/chat/care/embed").await;
    assert_eq!(page.expect("an answer").status, 200);
    let log = program.stop().await;
    for line in [
        "\"origin\":\"https://shop.example\"",
        "a call of Twilio's was refused: the signature is wrong; compare the auth token",
        "a call of Meta's was refused: the signature is wrong; compare the app secret",
        "a call of Twilio's was refused: there is no such channel; compare the webhook address",
        "a provider's call was refused: it has more than",
    ] {
        assert!(log.contains(line), "{line}\n{log}");
    }
    assert!(!log.contains("xylophone"), "{log}");
}

#[tokio::test]
async fn every_line_about_a_request_carries_its_id() {
    // With traces as well, whether a collector takes them or not.
    for more in [&[][..], &["--otlp", "http://127.0.0.1:9"]] {
        every_line_carries_its_id(more).await;
    }
}

async fn every_line_carries_its_id(more: &[&str]) {
    let data = Data::new();
    let options = [
        &["--log", "info", "--log-format", "json"],
        &PROVIDERS[..],
        more,
    ]
    .concat();
    let program = Program::start(&data, &options).await;
    let ids = everybody_talks(&program).await;
    let log = program.stop().await;
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is an object"))
        .collect();
    let answered: Vec<&Value> = lines
        .iter()
        .filter(|line| line["fields"]["message"] == "answered")
        .collect();
    let logged: HashSet<&str> = answered
        .iter()
        .filter_map(|line| line["span"]["id"].as_str())
        .collect();
    assert_eq!(logged.len(), answered.len(), "each has its own");
    let status = |id: &String| {
        let line = answered
            .iter()
            .find(|line| line["span"]["id"] == id.as_str());
        line.expect("a line")["fields"]["status"].clone()
    };
    assert_eq!(
        ids.iter().map(status).collect::<Vec<_>>(),
        [200, 422, 422, 422]
    );
}

/// A Twilio on a port of its own that answers so, one message after the other: a status, a `Retry-After` and a body. Its URL.
async fn reluctant_twilio(answers: [(u16, &'static str, &'static str); 3]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answers = Arc::new(Mutex::new(VecDeque::from(answers)));
    let router = Router::new().fallback(move |method: Method| {
        let answers = Arc::clone(&answers);
        async move {
            // It is asked whether it has a message already.
            if method == Method::GET {
                let none = r#"{"messages": []}"#;
                return (StatusCode::OK, [(RETRY_AFTER, "0")], none);
            }
            let next = answers.lock().expect("nobody panicked").pop_front();
            let (status, after, body) = next.expect("nothing more is sent");
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [(RETRY_AFTER, after)], body)
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    url
}

/// Dana's number.
const DANAS: &str = "+15551230007";

/// Dana texts Care, and amy gets the conversation: its id, and the channel's.
pub async fn texted(program: &Program, amy: &mut Browser) -> (String, Value) {
    let mut ada = sign_in(program, "ada").await;
    let number = json!({
        "kind": "twilio_sms", "name": "Care by text", "team": "care", "address": OURS, "version": 0,
        "settings": [{ "name": "account_sid", "value": ACCOUNT }],
        "secrets": [{ "name": "auth_token", "value": TOKEN }],
    });
    let (number, path) = channel(&mut ada, program, number).await;
    let mut live = Live::open(amy, program).await;
    live.follow_work_of("amy").await;
    let said = words("text");
    let form = [
        ("MessageSid", "SM1"),
        ("AccountSid", ACCOUNT),
        ("From", DANAS),
        ("To", OURS),
        ("Body", said.as_str()),
    ];
    let taken = carrier::call(program.address, &format!("{PUBLIC}{path}"), &form).await;
    assert!(taken.expect("an answer").is_success());
    loop {
        let list = called(amy, program, "workitems/worklist_load", json!({})).await;
        let rows = list["workitems"].as_array().expect("a list");
        if let Some(row) = rows.iter().find(|row| row["customer"] == DANAS) {
            let workitem = row["id"].as_str().expect("an id").to_owned();
            return (workitem, number["key"].clone());
        }
        // Her list has changed; then it is worth looking again.
        let frame = live.next().await;
        frame.expect("it is open").expect("it stays open");
    }
}

/// Waits until the only message of the agent's was given up.
async fn given_up(amy: &mut Browser, program: &Program, workitem: &str) {
    let mut live = Live::open(amy, program).await;
    live.follow(workitem, false).await;
    let failed = |entry: &Value| entry["body"]["Message"]["delivery"]["state"] == "failed";
    while !entries(amy, program, workitem).await.iter().any(failed) {
        // A change is announced; then it is worth looking again.
        let frame = live.next().await;
        frame.expect("it is open").expect("it stays open");
    }
}

/// The fields of the lines whose message begins so.
fn lines_that_say(log: &str, words: &str) -> Vec<Value> {
    let fields = log.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("a line is an object");
        line["fields"].clone()
    });
    let says = |fields: &Value| {
        let message = fields["message"].as_str();
        message.is_some_and(|message| message.starts_with(words))
    };
    fields.filter(says).collect()
}

#[tokio::test]
async fn who_runs_it_reads_why_a_message_waits_and_why_it_was_given_up() {
    let url = reluctant_twilio([
        (
            429,
            "1",
            r#"{"code": 20429, "message": "Too many xylophones."}"#,
        ),
        (503, "", "The xylophone is out of tune."),
        (
            400,
            "",
            r#"{"code": 21211, "message": "Nobody has this xylophone."}"#,
        ),
    ])
    .await;
    let data = Data::new();
    let options = [
        "--log",
        "info",
        "--log-format",
        "json",
        "--public-url",
        PUBLIC,
        "--twilio-url",
        &url,
    ];
    let program = Program::start(&data, &options).await;
    let mut amy = sign_in(&program, "amy").await;
    let (workitem, channel) = texted(&program, &mut amy).await;
    let answer = json!({ "workitem": workitem, "key": key(), "text": words("answer") });
    called(&mut amy, &program, "workitems/message_send", answer).await;
    given_up(&mut amy, &program, &workitem).await;
    let log = program.stop().await;
    // Each once: a pause is no attempt, and a message that is given up is no longer one that waits.
    for (words, expected) in [
        ("the channel pauses", json!({ "seconds": 1 })),
        (
            "a message was not handed over",
            json!({ "status": 503, "attempts": 1 }),
        ),
        (
            "a message was given up",
            json!({ "reason": "refused", "code": 21_211, "attempts": 2 }),
        ),
    ] {
        let found = lines_that_say(&log, words);
        let [found] = found.as_slice() else {
            panic!("{words}: {found:?}\n{log}")
        };
        assert_eq!(found["channel"], channel, "{words}");
        for (name, value) in expected.as_object().expect("fields") {
            assert_eq!(&found[name], value, "{words}: {name}");
        }
    }
    for secret in ["xylophone", DANAS, TOKEN] {
        assert!(!log.contains(secret), "{log}");
    }
}
