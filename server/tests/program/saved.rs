//! `sideline backup`: a copy of one moment, made beside a program that goes on writing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use crate::fixtures::{Browser, Data, Program, in_order, run, said};
use crate::logs::{PROVIDERS, texted};
use crate::people::{Customer, call, called, entries, key, own_workitem, sign_in};

async fn back_up(data: &Data, to: &Path) -> (bool, String) {
    let to = to.to_str().expect("a plain name");
    let output = run(&["backup", "--data", data.folder(), to]).await;
    (output.status.success(), said(&output))
}

fn numbers_of(entries: &[serde_json::Value]) -> Vec<i64> {
    let text =
        |entry: &serde_json::Value| entry["body"]["Message"]["text"].as_str().map(str::to_owned);
    entries
        .iter()
        .filter_map(|entry| text(entry)?.strip_prefix("number ")?.parse().ok())
        .collect()
}

#[tokio::test]
async fn a_copy_made_while_writes_go_on_is_whole_and_starts() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let first = entries(&mut amy, &program, &chat).await.len();
    let copies = Data::new();
    let (copied, stop) = tokio::sync::watch::channel(0);
    let writing = async {
        let mut number = 0;
        while *stop.borrow() < 3 {
            let input =
                json!({ "workitem": chat, "key": key(), "text": format!("number {number}") });
            called(&mut amy, &program, "workitems/message_send", input).await;
            number += 1;
        }
        number
    };
    let copying = async {
        let mut files = Vec::new();
        for number in 1..=3 {
            let to = copies.file(&format!("copy-{number}.db"));
            let (good, words) = back_up(&data, &to).await;
            assert!(good, "{words}");
            assert!(words.contains("Copied the database to"), "{words}");
            files.push(to);
            copied.send_replace(number);
        }
        files
    };
    let (written, files) = tokio::join!(writing, copying);
    program.stop().await;
    let mut before = 0;
    for file in files {
        in_order(&file).await;
        let mode = std::fs::metadata(&file)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "only its owner can read it");
        let restored = Data::new();
        std::fs::copy(&file, restored.database()).expect("a copy");
        let program = Program::start(&restored, &[]).await;
        let mut amy = sign_in(&program, "amy").await;
        let there = entries(&mut amy, &program, &chat).await;
        let numbers = numbers_of(&there);
        assert_eq!(there.len(), first + numbers.len());
        // One moment of the writing: everything until then, nothing of later.
        assert!(
            numbers.iter().copied().eq(0..numbers.len() as i64),
            "{numbers:?}"
        );
        assert!((before..=written).contains(&numbers.len()));
        before = numbers.len();
        program.stop().await;
    }
    let left: Vec<_> = std::fs::read_dir(copies.folder())
        .expect("a folder")
        .collect();
    assert_eq!(left.len(), 3, "nothing but the copies: {left:?}");
}

#[tokio::test]
async fn who_comes_back_to_a_restored_database_begins_anew() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let epoch = async |amy: &mut Browser, program: &Program| {
        let input = json!({ "workitem": chat });
        let conversation = called(amy, program, "workitems/conversation_load", input).await;
        conversation["epoch"].as_str().expect("an epoch").to_owned()
    };
    let before = epoch(&mut amy, &program).await;
    let restored = Data::new();
    let (good, words) = back_up(&data, &restored.database()).await;
    assert!(good, "{words}");
    program.stop().await;
    let program = Program::start(&restored, &[]).await;
    let mut amy = sign_in(&program, "amy").await;
    assert_ne!(epoch(&mut amy, &program).await, before);
    program.stop().await;
}

#[tokio::test]
async fn a_restored_copy_sends_nothing_unasked_that_the_original_may_have_sent() {
    let data = Data::new();
    let program = Program::start(&data, &PROVIDERS).await;
    let mut amy = sign_in(&program, "amy").await;
    let (workitem, _) = texted(&program, &mut amy).await;
    let answer = json!({ "workitem": workitem, "key": key(), "text": "Which lamp is it?" });
    called(&mut amy, &program, "workitems/message_send", answer).await;
    let restored = Data::new();
    let (good, words) = back_up(&data, &restored.database()).await;
    assert!(good, "{words}");
    let deliveries = async |amy: &mut Browser, program: &Program| {
        let entries = entries(amy, program, &workitem).await;
        let of = |entry: &serde_json::Value| entry["body"]["Message"]["delivery"].clone();
        let all = entries
            .iter()
            .map(of)
            .filter(|delivery| !delivery.is_null());
        all.collect::<Vec<_>>()
    };
    let original = deliveries(&mut amy, &program).await;
    assert_eq!(original[0]["state"], "queued", "{original:?}");
    program.stop().await;
    in_order(&restored.database()).await;
    let program = Program::start(&restored, &PROVIDERS).await;
    let mut amy = sign_in(&program, "amy").await;
    let copied = deliveries(&mut amy, &program).await;
    assert_eq!(copied.len(), 1, "{copied:?}");
    assert_eq!(copied[0]["state"], "failed", "{copied:?}");
    assert_eq!(copied[0]["reason"], "restored", "{copied:?}");
    program.stop().await;
}

#[tokio::test]
async fn s24_a_restored_copy_revives_no_session_and_knows_its_customers() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let mut amy = sign_in(&program, "amy").await;
    let mut eve = Customer::default();
    eve.write(&program, "Hello", &key()).await.expect("sent");
    let restored = Data::new();
    let (good, words) = back_up(&data, &restored.database()).await;
    assert!(good, "{words}");
    let whole = std::fs::read(restored.database()).expect("a copy");
    let signed_in = amy.clone();
    let out = amy.form(&program, "/logout", "").await.expect("an answer");
    assert_eq!(out.status, 303);
    program.stop().await;

    let program = Program::start(&restored, &[]).await;
    let mut thief = signed_in;
    let answer = call(&mut thief, &program, "workitems/worklist_load", json!({})).await;
    assert_eq!(answer.expect("an answer").status, 401);
    let mut amy = sign_in(&program, "amy").await;
    own_workitem(&mut amy, &program, "chat").await;
    let lines = eve.history(&program).await;
    assert_eq!(lines[0]["body"]["text"], "Hello");
    program.stop().await;

    // Not even in the free pages of the file.
    use sha2::{Digest, Sha256};
    let token = thief.cookie.split_once('=').expect("a token").1;
    let id: String = Sha256::digest(token)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(!whole.windows(id.len()).any(|part| part == id.as_bytes()));
}

#[tokio::test]
async fn what_cannot_be_copied_is_said_and_nothing_is_touched() {
    let (data, copies) = (Data::new(), Data::new());
    let nothing = copies.file("nothing.db");
    let (good, words) = back_up(&data, &nothing).await;
    assert!(!good && words.contains("There is no database"), "{words}");
    assert!(!nothing.exists());

    let migrated = run(&["migrate", "--data", data.folder()]).await;
    assert!(migrated.status.success(), "{}", said(&migrated));
    for content in ["precious", ""] {
        let precious = copies.file("precious.db");
        std::fs::write(&precious, content).expect("a file");
        let (good, words) = back_up(&data, &precious).await;
        assert!(
            !good && words.contains("precious.db exists already"),
            "{words}"
        );
        assert_eq!(std::fs::read_to_string(&precious).expect("a file"), content);
    }
    let nowhere = copies.file("no/such/folder.db");
    let (good, words) = back_up(&data, &nowhere).await;
    assert!(
        !good && words.contains("cannot be written: No such file"),
        "{words}"
    );

    std::fs::write(data.database(), "Dear Sideline, ".repeat(100)).expect("a file");
    let (good, words) = back_up(&data, &nothing).await;
    assert!(
        !good && words.contains("is not a Sideline database"),
        "{words}"
    );
    assert!(!nothing.exists());
}
