//! How nodes reach NATS: by a password, a token or a file of `nsc`, over TLS, at one of several servers. Where they are not let in the log
//! and `/readyz` say why, and nothing says a secret, at the most talkative level of the client's log either.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use shared::live::ServerFrame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::fixtures::{Browser, Data, PATIENCE, Program, run, said};
use crate::nats::Nats;
use crate::people::{Live, called, key, own_workitem, sign_in};
use crate::postgres::Database;

/// A file beside this one.
macro_rules! beside {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/", $name)
    };
}

/// The authority of the certificate below. Nobody has its key.
const AUTHORITY: &str = beside!("tls/authority.crt");
/// One that vouches for nobody.
const ANOTHER: &str = beside!("tls/another.crt");
/// A user of the operator's account, and one of an account that the operator does not know.
const DESK: &str = beside!("nats/desk.creds");
const STRANGER: &str = beside!("nats/stranger.creds");
/// NATS as 127.0.0.1 over TLS, for who has the password "p@ss".
const OVER_TLS: &str = concat!(
    "tls { cert_file: \"",
    beside!("tls/collector.crt"),
    "\", key_file: \"",
    beside!("tls/collector.key"),
    "\", timeout: 10 }\nauthorization { user: desk, password: \"p@ss\" }\n"
);
const FOR_A_TOKEN: &str = "authorization { token: \"hush-token\" }\n";
const FOR_FILES: &str = include_str!("nats/operator.conf");

const READY: &str = "ready\n";
const UNREACHABLE: &str = "ready, but NATS cannot be reached: ";
const UNTRUSTED: &str = "ready, but NATS speaks no TLS that can be trusted: ";
const REFUSED: &str = "ready, but NATS refuses this node: ";

/// What nodes share beside NATS.
struct Nodes {
    data: Data,
    database: Database,
}

impl Nodes {
    async fn new() -> Self {
        Self {
            data: Data::new(),
            database: Database::new().await,
        }
    }

    async fn start(&self, bus: &str, more: &[&str]) -> Program {
        let url = self.database.url();
        let own = [
            "--database",
            &url,
            "--bus",
            bus,
            "--log",
            "info,async_nats=trace",
        ];
        Program::start(&self.data, &[&own, more].concat()).await
    }
}

/// The address with who asks in it.
fn named(nats: &Nats, who: &str) -> String {
    nats.address().replace("//", &format!("//{who}@"))
}

/// Waits until `/readyz` says this.
async fn says(node: &Program, words: &str) {
    let asking = async {
        loop {
            let answer = Browser::default().get(node, "/readyz").await;
            let answer = answer.expect("an answer");
            if answer.status == 200 && answer.body.starts_with(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = timeout(PATIENCE, asking).await;
    assert!(in_time.is_ok(), "/readyz never says: {words}");
}

/// Nothing in these words lets anybody in.
fn holds_no_secret(words: &str) {
    let files = [
        include_str!("nats/desk.creds"),
        include_str!("nats/stranger.creds"),
    ];
    let lines = files.iter().flat_map(|file| file.lines());
    let seeds: Vec<&str> = lines.filter(|line| line.starts_with("SU")).collect();
    assert_eq!(seeds.len(), files.len());
    for secret in ["p@ss", "p%40ss", "hush"].into_iter().chain(seeds) {
        assert!(!words.contains(secret), "{secret}: {words}");
    }
}

/// What an agent on one node writes reaches a supervisor on the other one.
async fn one_conversation(one: &Program, two: &Program) {
    let mut amy = sign_in(one, "amy").await;
    let sam = sign_in(two, "sam").await;
    let chat = own_workitem(&mut amy, one, "chat").await;
    let mut watching = Live::open(&sam, two).await;
    watching.follow(&chat, true).await;
    let text = "It is on its way";
    let input = json!({ "workitem": chat, "key": key(), "text": text });
    called(&mut amy, one, "workitems/message_send", input).await;
    loop {
        let frame = watching.next().await.expect("it is open");
        if let ServerFrame::Workitem { change, .. } = frame.expect("it stays open")
            && format!("{change:?}").contains(text)
        {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_token_or_a_file_of_nsc_is_let_in() {
    let nodes = Nodes::new().await;
    let (by_token, by_file) = (Nats::configured(FOR_A_TOKEN), Nats::configured(FOR_FILES));
    let cases: [(String, &[&str]); 2] = [
        (named(&by_token, "hush-token"), &[]),
        (by_file.address(), &["--bus-credentials", DESK]),
    ];
    for (bus, more) in cases {
        let node = nodes.start(&bus, more).await;
        says(&node, READY).await;
        holds_no_secret(&node.stop().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_hear_each_other_over_tls() {
    let (nodes, nats) = (Nodes::new().await, Nats::configured(OVER_TLS));
    let asked = named(&nats, "desk:p%40ss");
    let spelled_out = asked.replace("nats:", "tls:");
    let more = ["--bus-ca", AUTHORITY, "--metrics-listen", "127.0.0.1:0"];
    // Where the address does not say so, it is TLS because NATS asks for it.
    let (one, two) = (
        nodes.start(&spelled_out, &more).await,
        nodes.start(&asked, &more).await,
    );
    for node in [&one, &two] {
        says(node, READY).await;
    }
    one_conversation(&one, &two).await;
    let measures = two.metrics().await;
    let mut lines = measures.lines();
    let heard = lines.find_map(|line| line.strip_prefix("sideline_bus_heard_hints_total "));
    let heard: u64 = heard.expect("a measure").parse().expect("a number");
    assert!(heard > 0, "{measures}");
    for node in [one, two] {
        holds_no_secret(&node.stop().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_in_says_why_and_no_secret() {
    let nodes = Nodes::new().await;
    let tls = Nats::configured(OVER_TLS);
    let by_token = Nats::configured(FOR_A_TOKEN);
    let by_file = Nats::configured(FOR_FILES);
    let known: &[&str] = &["--bus-ca", AUTHORITY];
    let cases: [(String, &[&str], &str, &str); 6] = [
        (named(&tls, "desk:hush"), known, REFUSED, "authorization"),
        (named(&by_token, "hush"), &[], REFUSED, "authorization"),
        (by_token.address(), &[], REFUSED, "authorization"),
        (
            by_file.address(),
            &["--bus-credentials", STRANGER],
            REFUSED,
            "authorization",
        ),
        // By addresses that ask for no TLS: NATS does.
        (named(&tls, "desk:p%40ss"), &[], UNTRUSTED, "certificate"),
        (
            named(&tls, "desk:p%40ss"),
            &["--bus-ca", ANOTHER],
            UNTRUSTED,
            "certificate",
        ),
    ];
    for (bus, more, ready, reason) in cases {
        let node = nodes.start(&bus, more).await;
        says(&node, ready).await;
        let log = node.stop().await;
        let told = log
            .lines()
            .any(|line| line.contains("bus: NATS at 127.0.0.1:") && line.contains(reason));
        assert!(told, "{reason}: {log}");
        holds_no_secret(&log);
    }
}

/// Listens as a NATS that offers no TLS, to one after the other, and writes down what it is sent.
async fn without_tls(listener: TcpListener, sent: Arc<Mutex<Vec<u8>>>) {
    loop {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let greeting = b"INFO {\"server_id\":\"plain\",\"port\":4222,\"max_payload\":1048576}\r\n";
        let mut heard = [0; 4_096];
        let Ok(()) = socket.write_all(greeting).await else {
            continue;
        };
        let length = socket.read(&mut heard).await.unwrap_or_default();
        let keep = |more: &[u8]| sent.lock().expect("no panic").extend_from_slice(more);
        keep(&heard[..length]);
        // What NATS says to what it does not understand.
        let _ = socket
            .write_all(b"-ERR 'Unknown Protocol Operation'\r\n")
            .await;
        let mut rest = Vec::new();
        let _ = socket.read_to_end(&mut rest).await;
        keep(&rest);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_tls_says_no_password_without_it() {
    let nodes = Nodes::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let place = listener.local_addr().expect("an address");
    let sent = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn(without_tls(listener, Arc::clone(&sent)));
    let cases: [(&str, &[&str]); 2] = [("tls", &[]), ("nats", &["--bus-ca", AUTHORITY])];
    for (scheme, more) in cases {
        let bus = format!("{scheme}://desk:p%40ss@{place}");
        let node = nodes.start(&bus, more).await;
        says(&node, UNTRUSTED).await;
        holds_no_secret(&node.stop().await);
        let sent = std::mem::take(&mut *sent.lock().expect("no panic"));
        // The first bytes of a handshake of TLS.
        assert!(sent.starts_with(&[0x16, 0x03]), "{sent:?}");
        let words = String::from_utf8_lossy(&sent);
        assert!(!words.contains("CONNECT"), "{words}");
        holds_no_secret(&words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_servers_is_enough() {
    let nodes = Nodes::new().await;
    let (mut first, mut second) = (Nats::stopped(), Nats::start());
    let bus = format!("{},{}", first.address(), second.address());
    let (one, two) = (nodes.start(&bus, &[]).await, nodes.start(&bus, &[]).await);
    for node in [&one, &two] {
        says(node, READY).await;
    }
    second.stop();
    for node in [&one, &two] {
        says(node, UNREACHABLE).await;
    }
    first.go_on();
    for node in [&one, &two] {
        says(node, READY).await;
    }
    one_conversation(&one, &two).await;
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_refused_at_the_start() {
    let words = said(&run(&["serve", "--bus-ca", AUTHORITY]).await);
    assert!(words.contains("--bus <URL>"), "{words}");
    let (nodes, nats) = (Nodes::new().await, Nats::start());
    let (url, bus) = (nodes.database.url(), nats.address());
    let (empty, half) = (nodes.data.file("empty.pem"), nodes.data.file("half.creds"));
    std::fs::write(&empty, "no certificate").expect("a file");
    let (_, seed) = include_str!("nats/desk.creds")
        .split_once("\n\n")
        .expect("two parts");
    std::fs::write(&half, seed).expect("a file");
    let missing = nodes.data.file("missing");
    for (flag, file, reason) in [
        ("--bus-ca", &empty, "holds no certificates"),
        ("--bus-ca", &missing, "holds no certificates"),
        ("--bus-credentials", &missing, "cannot be read"),
        ("--bus-credentials", &half, "credentials for NATS"),
    ] {
        let file = file.to_str().expect("a plain name");
        let refused = run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data",
            nodes.data.folder(),
            "--database",
            &url,
            "--bus",
            &bus,
            flag,
            file,
        ])
        .await;
        let words = said(&refused);
        assert!(!refused.status.success(), "{words}");
        assert!(words.contains(reason), "{words}");
        holds_no_secret(&words);
    }
}
