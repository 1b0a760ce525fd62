//! The log at its most talkative: ids, and no word that anybody wrote.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::fixtures::{Browser, Data, Program};
use crate::people::{Customer, Live, call, called, key, own_workitem, sign_in};

/// Nobody takes what is handed to providers.
const NOWHERE: [&str; 2] = ["--twilio-url", "http://127.0.0.1:9"];

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
    // Another one at each start.
    let address = format!("+15550{:05}", program.address.port());
    let change = json!({
        "kind": "twilio_sms", "name": words("number"), "team": "care", "address": address, "version": 0,
        "settings": [{ "name": "account_sid", "value": "AC1" }],
        "secrets": [{ "name": "auth_token", "value": words("token") }],
    });
    let create = json!({ "key": key(), "change": change });
    let number = called(
        &mut ada,
        program,
        "channels/provider_channel_create",
        create,
    )
    .await;
    let test =
        json!({ "channel": number["key"], "to": "+15551230000", "text": words("test message") });
    called(&mut ada, program, "channels/channel_test", test).await;
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

#[tokio::test]
async fn no_message_text_reaches_the_log_at_any_level() {
    let data = Data::new();
    for format in ["text", "json"] {
        let options = [&["--log", "trace", "--log-format", format][..], &NOWHERE].concat();
        let program = Program::start(&data, &options).await;
        everybody_talks(&program).await;
        let log = program.stop().await;
        assert!(log.contains("TRACE"), "it is talkative");
        let told = log.lines().find(|line| line.contains("xylophone"));
        assert_eq!(told, None);
    }
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
        &NOWHERE[..],
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
