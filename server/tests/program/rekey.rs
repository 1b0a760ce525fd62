//! `sideline rekey`, and what stands in the data folder for the secrets of channels.

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::fixtures::{Data, PATIENCE, Program, run, said};
use crate::people::{called, key, sign_in};

/// What Twilio is reached by: nobody listens there.
const NOWHERE: [&str; 4] = [
    "--twilio-url",
    "http://127.0.0.1:9",
    "--webhooks-allow-network",
    "127.0.0.1",
];

/// Ada sets a number up: its key.
async fn number(program: &Program) -> Value {
    let mut ada = sign_in(program, "ada").await;
    let change = json!({
        "kind": "twilio_sms", "name": "Care by text", "team": "care", "address": "+15550006789", "version": 0,
        "settings": [{ "name": "account_sid", "value": "AC00000000000000000000000000000001" }],
        "secrets": [{ "name": "auth_token", "value": "a token" }],
    });
    let input = json!({ "key": key(), "change": change });
    called(&mut ada, program, "channels/provider_channel_create", input).await["key"].clone()
}

/// Ada tries it: the status, which tells whether its secret could be opened.
async fn tried(program: &Program, channel: &Value) -> u16 {
    let mut ada = sign_in(program, "ada").await;
    let input = json!({ "channel": channel, "to": "+15551230000", "text": "A test" });
    let answer = crate::people::call(&mut ada, program, "channels/channel_test", input).await;
    answer.expect("an answer").status
}

/// Ada adds a receiver of webhooks; answers its id.
async fn receiver(program: &Program, listener: &TcpListener) -> String {
    let mut ada = sign_in(program, "ada").await;
    let address = listener.local_addr().expect("an address");
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("act", "create"),
            ("key", &key()),
            ("name", "Archive"),
            ("url", &format!("http://{address}/hidden")),
            ("event", "workitem.ended"),
        ])
        .finish();
    let made = ada.form(program, "/admin/webhooks", &form).await;
    let page = made.expect("an answer").location;
    let (_, receiver) = page.split_once("?receiver=").expect("an id");
    receiver.to_owned()
}

/// Ada sends a test: what came to the receiver.
async fn test_event(program: &Program, receiver: &str, listener: &TcpListener) -> String {
    let mut ada = sign_in(program, "ada").await;
    let form = format!("act=test&receiver={receiver}&key={}", key());
    let answer = ada.form(program, "/admin/webhooks", &form).await;
    assert_eq!(answer.expect("an answer").status, 303);
    let accepted = timeout(PATIENCE, listener.accept()).await;
    let (mut stream, _) = accepted.expect("it comes").expect("a connection");
    let mut head = vec![0; 200];
    stream.read_exact(&mut head).await.expect("a request");
    String::from_utf8(head).expect("text")
}

#[tokio::test]
async fn a_new_key_opens_what_the_one_before_sealed() {
    let data = Data::new();
    let program = Program::start(&data, &NOWHERE).await;
    let channel = number(&program).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let receiver = receiver(&program, &listener).await;
    assert_eq!(tried(&program, &channel).await, 200);
    let rekey = ["rekey", "--data", data.folder()];
    let beside = run(&rekey).await;
    assert!(!beside.status.success(), "not while it runs");
    program.stop().await;

    let file = data.file("secret.key");
    let before = std::fs::read_to_string(&file).expect("a key");
    let done = run(&rekey).await;
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("Sealed 3 secrets"), "{}", said(&done));
    let after = std::fs::read_to_string(&file).expect("a key");
    assert!(
        before != after && after.lines().count() == 1,
        "one other key"
    );
    data.in_order().await;
    let program = Program::start(&data, &NOWHERE).await;
    assert_eq!(tried(&program, &channel).await, 200);
    let told = test_event(&program, &receiver, &listener).await;
    assert!(told.starts_with("POST /hidden HTTP/1.1"), "{told}");
    program.stop().await;

    // With another key than its own nothing opens, and the log says which is missing.
    std::fs::remove_file(&file).expect("gone");
    let program = Program::start(&data, &NOWHERE).await;
    assert_eq!(tried(&program, &channel).await, 503);
    let log = program.stop().await;
    let id = after.split(' ').next().expect("an id");
    assert!(
        log.contains(&format!("the key {id} is not in the key file")),
        "{log}"
    );
}

#[tokio::test]
async fn a_key_file_of_ones_own_must_be_there() {
    let data = Data::new();
    let none = data.file("none.key");
    let none = none.to_str().expect("a plain name");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", data.folder()];
    let refused = run(&[&arguments[..], &["--secret-key-file", none]].concat()).await;
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("cannot be read"),
        "{}",
        said(&refused)
    );
}
