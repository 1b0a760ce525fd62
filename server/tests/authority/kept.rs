//! How long things are kept, and how a customer is erased: numbers stay, words go.

use std::path::Path;
use std::sync::Arc;

use rusqlite::types::Value as Column;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use server::commands::Deleted;
use server::store::sqlite::verify;
use shared::ids::WorkitemId;
use shared::live::{ServerFrame, Topic};
use shared::transcript::WorkitemChange;

use crate::proof::Watch;
use crate::support::{Host, Staff, key};

/// Every text that the database holds, of every table, and every content of a file.
fn texts(file: &Path) -> Vec<String> {
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let database = database.expect("the database");
    let mut tables = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .expect("a statement");
    let tables = tables.query_map([], |row| row.get::<_, String>(0));
    let mut found = Vec::new();
    for table in tables.expect("tables") {
        let table = table.expect("a name");
        let mut rows = database
            .prepare(&format!("SELECT * FROM {table}"))
            .expect("a statement");
        let columns = rows.column_count();
        let mut rows = rows.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                match row.get(column).expect("a column") {
                    Column::Text(text) => found.push(format!("{table}: {text}")),
                    // What somebody sent may be words.
                    Column::Blob(bytes) => {
                        found.push(format!("{table}: {}", String::from_utf8_lossy(&bytes)));
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

fn those_with(file: &Path, words: &str) -> Vec<String> {
    let texts = texts(file).into_iter();
    texts.filter(|text| text.contains(words)).collect()
}

/// No byte of the write-ahead log has these words, as soon as nobody reads what was there before.
async fn leaves_the_log(file: &Path, words: &str, ada: &Staff<'_>) {
    let log = file.with_extension("db-wal");
    let holds = || {
        let log = std::fs::read(&log).expect("the log");
        let mut places = log.windows(words.len());
        places.any(|place| place == words.as_bytes())
    };
    while holds() {
        // Something that is answered in its turn.
        found(ada, words).await;
    }
}

async fn in_order(file: &Path) {
    let findings = verify(file).await.expect("it can be verified");
    assert_eq!(findings, []);
}

/// The workitems of customers of this name.
async fn found(ada: &Staff<'_>, name: &str) -> Vec<Value> {
    let found = ada.call("customers/customer_find", json!({ "name": name }));
    let found = found.await.ok();
    found.as_array().expect("a list").clone()
}

/// What somebody finds, in coaching as well.
async fn searched(who: &Staff<'_>, words: &str) -> Vec<Value> {
    let query = json!({
        "words": words, "coaching": "1", "customer": "", "agent": "", "channel": "", "state": "", "from": "", "to": "",
        "before": "",
    });
    let found = who.call("history/history_search", json!({ "query": query }));
    let found = found.await.ok();
    found["hits"].as_array().expect("a list").clone()
}

async fn reassign_to_amy(sam: &Staff<'_>, workitem: &Value) {
    let input = json!({
        "workitem": workitem, "key": key(), "to": { "Agent": "amy" }, "confirmed": true,
    });
    sam.call("workitems/workitem_reassign", input).await.ok();
}

/// A customer whose words, and words about whom, all hold "zephyr": two conversations, the second one at amy, coached by
/// sam, who was asked for help in it. The id of the second.
async fn zephyr<'a>(
    host: &'a Host,
    sam: &Staff<'_>,
    live: &mut crate::support::Live,
) -> (Staff<'a>, Value) {
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    let customer = host.customer_saying("Dana Zephyr", "zephyr one").await;
    let end = json!({ "key": key() }).to_string();
    customer.post("/chat/care/end", end).await.ok();
    let rating = json!({ "rating": 2, "comment": "zephyr three", "key": key() });
    let rated = customer.post("/chat/care/rating", rating.to_string());
    rated.await.ok();
    let input = json!({ "name": "Dana Zephyr", "key": key(), "text": "zephyr two" });
    let again = customer.post("/chat/care/messages", input.to_string());
    again.await.ok();
    let workitems = found(&ada, "dana zeph").await;
    assert_eq!(workitems.len(), 1, "one customer: {workitems:?}");
    assert_eq!(workitems[0]["workitems"], 2);
    let open = workitems.iter().find(|row| row["state"] != "closed");
    let id = open.expect("an open one")["id"].clone();
    let file = customer.send_file("zephyr.txt", b"A file of zephyrs");
    file.await.ok();
    reassign_to_amy(sam, &id).await;
    let workitem = WorkitemId::parse(id.as_str().expect("an id")).expect("an id");
    let topic = Topic::Workitem(workitem.clone());
    live.subscribe(topic, None, true).await;
    live.followed().await;
    let input = json!({ "workitem": id, "key": key(), "text": "Mention the zephyr" });
    sam.call("coaching/coaching_send", input).await.ok();
    let input = json!({ "workitem": id, "key": key(), "text": "She has a zephyr" });
    amy.call("coaching/coaching_reply", input).await.ok();
    let input = json!({ "workitem": id, "key": key(), "text": "A zephyr for you" });
    amy.call("workitems/message_send", input).await.ok();
    let file: (_, &[u8]) = ("a zephyr.txt", b"A guide to zephyrs");
    amy.attach(&workitem, key(), "", file).await.ok();
    let templates = ada.call("templates/template_list", json!({})).await.ok();
    let ask = json!({
        "template": templates[0]["id"], "recipient": "AllSignedIn", "workitem": id,
    });
    let asked = json!({ "key": key(), "ask": ask });
    amy.call("assistance/assistance_request", asked).await.ok();
    (customer, id)
}

#[tokio::test]
async fn e52_an_erased_customer_leaves_numbers_and_no_words() {
    let host = Host::start().await;
    let (sam, ada) = (host.sign_in("sam").await, host.sign_in("ada").await);
    let mut live = sam.live().await;
    let (customer, id) = zephyr(&host, &sam, &mut live).await;
    let file = host.database();
    assert_eq!(searched(&sam, "zeph*").await.len(), 5);
    assert_eq!(searched(&sam, "mention").await.len(), 1);
    let words = those_with(&file, "ephyr");
    assert!(words.len() > 10, "there is a lot of them");
    for index in [
        "message_words_content",
        "message_words_data",
        "coaching_words_data",
    ] {
        let has = |text: &String| text.starts_with(&[index, ": "].concat());
        assert!(words.iter().any(has), "{index} has some");
    }

    let preview = json!({ "workitem": id });
    let preview = ada.call("customers/erasure_preview", preview).await.ok();
    let numbers = [
        "workitems",
        "open",
        "messages",
        "files",
        "coaching",
        "requests",
    ];
    let numbers = numbers.map(|name| preview[name].as_i64().expect("a number"));
    assert_eq!(numbers, [2, 1, 5, 2, 2, 1]);
    let erase = json!({ "key": key(), "workitem": id });
    let erased = ada
        .call("customers/customer_erase", erase.clone())
        .await
        .ok();
    assert_eq!(erased, preview);
    assert_eq!(
        ada.call("customers/customer_erase", erase).await.ok(),
        preview,
        "once"
    );

    assert_eq!(those_with(&file, "ephyr"), [""; 0]);
    leaves_the_log(&file, "ephyr", &ada).await;
    in_order(&file).await;
    for words in ["zephyr", "zeph*", "mention"] {
        assert_eq!(searched(&sam, words).await, [Value::Null; 0], "{words}");
    }
    // Sam's page is open: it is sent the conversation as it is now.
    let shown = live.until(|frame| match frame {
        ServerFrame::Snapshot(conversation) => Some(conversation.workitem.clone()),
        ServerFrame::Workitem {
            change: WorkitemChange::Workitem(workitem),
            ..
        } if workitem.customer == "—" => Some(*workitem.clone()),
        _ => None,
    });
    let shown = shown.await;
    assert_eq!((&shown.subject[..], &shown.preview[..]), ("—", ""));
    // The customer's browser is a stranger's, and can begin again.
    assert_eq!(customer.status("GET", "/chat/care/history").await, 404);
    let input = json!({ "name": "Dana", "key": key(), "text": "hello" });
    let again = customer.post("/chat/care/messages", input.to_string());
    again.await.ok();
    assert!(found(&ada, "Dana Z").await.is_empty());
    let (_, log) = ada
        .page("/admin/audit/export?format=jsonl&act=customer_erase")
        .await;
    let row: Value = serde_json::from_str(log.trim()).expect("one row");
    assert_eq!((&row["actor"], &row["about"]), (&json!("ada"), &id));
    assert_eq!(
        row["changes"][0],
        json!({ "field": "workitems", "was": "2", "is": null })
    );
}

#[tokio::test]
async fn e52_erasing_needs_the_password_once_more_and_follows_the_visitor_after_they_were_forgotten()
 {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let ada = host.sign_in("ada").await;
    let customer = host.customer_saying("Eve Zephyr", "zephyr").await;
    customer.post("/chat/care/forget", String::new()).await;
    let id = found(&ada, "Eve").await[0]["id"].clone();
    clock.pass_minutes(16);
    let erase = json!({ "key": key(), "workitem": id });
    let refused = ada.call("customers/customer_erase", erase.clone()).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let password = json!({ "password": "sideline-demo" });
    ada.call("account/password_prove", password).await.ok();
    ada.call("customers/customer_erase", erase).await.ok();
    assert_eq!(those_with(&host.database(), "ephyr"), [""; 0]);
    in_order(&host.database()).await;
}

/// Deletes what is too old, and answers how much.
async fn deleted(host: &Host) -> Deleted {
    let mut all = Deleted::default();
    loop {
        let step = host.desk.retention_step().await.expect("a step");
        if step == Deleted::default() {
            return all;
        }
        all.workitems += step.workitems;
        all.entries += step.entries;
        all.messages += step.messages;
        all.audit_rows += step.audit_rows;
        in_order(&host.database()).await;
    }
}

#[tokio::test]
async fn e52_f63_what_is_too_old_is_deleted_in_small_steps_and_the_rest_is_in_order() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let file = host.database();
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    let chat = amy.own_workitem("chat").await;
    // More than one step deletes.
    for number in 0..250 {
        let input = json!({ "workitem": chat, "key": key(), "text": format!("gale {number}") });
        amy.call("workitems/message_send", input).await.ok();
    }
    let map: (_, &[u8]) = ("gale.txt", b"A map of gales");
    amy.attach(&chat, key(), "", map).await.ok();
    for state in ["workitems/workitem_wrap_up", "workitems/workitem_close"] {
        let input = json!({ "workitem": chat, "key": key() });
        amy.call(state, input).await.ok();
    }
    let customer = host.customer_saying("Gale", "gale").await;
    customer
        .send_file("gale.txt", b"A file of gales")
        .await
        .ok();
    customer
        .post("/chat/care/end", json!({ "key": key() }).to_string())
        .await
        .ok();
    let rating = json!({ "rating": 2, "comment": "A gale of a comment", "key": key() });
    let rated = customer.post("/chat/care/rating", rating.to_string());
    rated.await.ok();
    let input = json!({ "to": "sam", "key": key(), "text": "An old gale" });
    amy.call("directory/directory_send", input).await.ok();
    assert_eq!(deleted(&host).await, Deleted::default(), "kept for ever");

    let changes = ["work", "messages", "audit"];
    let changes =
        changes.map(|kind| json!({ "name": format!("retention_{kind}_days"), "value": 30 }));
    let input = json!({ "key": key(), "version": 0, "changes": changes });
    ada.call("organisation/organisation_save", input).await.ok();
    clock.pass_minutes(29 * 24 * 60);
    let amy = host.sign_in("amy").await;
    let input = json!({ "to": "sam", "key": key(), "text": "A new breeze" });
    amy.call("directory/directory_send", input).await.ok();
    assert_eq!(deleted(&host).await.workitems, 0, "not yet");

    clock.pass_minutes(2 * 24 * 60);
    let gone = deleted(&host).await;
    assert!(gone.workitems >= 1 && gone.entries > 250, "{gone:?}");
    assert!(gone.messages >= 1 && gone.audit_rows > 3, "{gone:?}");
    assert_eq!(those_with(&file, "gale"), [""; 0]);
    assert_eq!(
        those_with(&file, "A new breeze").len(),
        3,
        "the message, and both logs"
    );
    assert!(amy_cannot_read(&host, &chat).await);
    let ada = host.sign_in("ada").await;
    leaves_the_log(&file, "gale", &ada).await;
    let (_, log) = ada.page("/admin/audit/export?format=jsonl").await;
    assert!(log.contains("\"retention\""), "{log}");
    assert!(!log.contains("organisation_save"), "{log}");
    assert_eq!(deleted(&host).await, Deleted::default());
    assert_eq!(
        host.desk.retention_measures()[1].1,
        gone.entries.unsigned_abs()
    );
}

#[tokio::test]
async fn e52_f63_the_title_of_work_that_is_too_old_stays_in_no_log_and_in_no_line_of_later_work() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let file = host.database();
    let sam = host.sign_in("sam").await;
    let mut live = sam.live().await;
    let (customer, id) = zephyr(&host, &sam, &mut live).await;
    drop(live);
    let end = json!({ "key": key() }).to_string();
    customer.post("/chat/care/end", end).await.ok();
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    let input = json!({ "workitem": id, "key": key() });
    amy.call("workitems/workitem_close", input).await.ok();
    // The customer comes back, and this conversation stays.
    let input = json!({ "name": "Dana Zephyr", "key": key(), "text": "Something else" });
    let again = customer.post("/chat/care/messages", input.to_string());
    again.await.ok();
    let titled = those_with(&file, "zephyr two");
    let logged = titled.iter().filter(|text| text.starts_with("own_log: "));
    assert!(logged.count() > 2, "assigned, monitored, asked about");

    let change = json!([{ "name": "retention_work_days", "value": 30 }]);
    let input = json!({ "key": key(), "version": 0, "changes": change });
    ada.call("organisation/organisation_save", input).await.ok();
    clock.pass_minutes(31 * 24 * 60);
    assert!(deleted(&host).await.workitems >= 2);
    assert_eq!(those_with(&file, "zephyr two"), [""; 0]);
    let names = those_with(&file, "Dana Zephyr");
    let logged = names.iter().filter(|text| text.starts_with("own_log: "));
    assert_eq!(logged.count(), 0, "{names:?}");
    in_order(&file).await;
}

async fn amy_cannot_read(host: &Host, chat: &WorkitemId) -> bool {
    let amy = host.sign_in("amy").await;
    let input = json!({ "workitem": chat });
    amy.call("workitems/conversation_load", input).await.status == 404
}
