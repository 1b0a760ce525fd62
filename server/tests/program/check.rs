//! `sideline check`: a database in order passes, each kind of damage is named.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::fixtures::{Data, Program, run, said};
use crate::people::{Customer, Live, call, called, key, own_workitem, sign_in};

async fn check(file: &Path) -> (bool, String) {
    let output = run(&["check", file.to_str().expect("a plain name")]).await;
    (output.status.success(), said(&output))
}

/// A database with some of everything: coaching, a reaction, a forward, a monitoring, direct messages, a customer, an
/// ended conversation.
pub async fn lived_in() -> Data {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let mut amy = sign_in(&program, "amy").await;
    let mut sam = sign_in(&program, "sam").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let sms = own_workitem(&mut amy, &program, "sms").await;
    let mut live = Live::open(&sam, &program).await;
    live.follow(&chat, true).await;
    let mut sent = Vec::new();
    for text in ["Ask for the order", "I can give you 40 back"] {
        let input = json!({ "workitem": chat, "key": key(), "text": text });
        sent.push(called(&mut sam, &program, "coaching/coaching_send", input).await);
    }
    let input = json!({ "workitem": chat, "key": key(), "text": "She had 20 already" });
    called(&mut amy, &program, "coaching/coaching_reply", input).await;
    let entry = &sent[1]["entry"]["id"];
    let input = json!({ "workitem": chat, "entry": entry });
    called(&mut amy, &program, "coaching/coaching_forward", input).await;
    let input = json!({ "workitem": sms, "key": key() });
    called(&mut amy, &program, "workitems/workitem_wrap_up", input).await;
    let input = json!({ "to": "sam", "key": key(), "text": "Thank you" });
    called(&mut amy, &program, "directory/directory_send", input).await;
    let mut eve = Customer::default();
    for text in ["Hello", "Is anybody there?"] {
        eve.write(&program, text, &key()).await.expect("sent");
    }
    // As after a power cut: nothing was tidied up, sam is still there.
    program.kill().await;
    data
}

/// What somebody did to the file, and how it is named.
const DAMAGE: &[(&str, &str)] = &[
    (
        "INSERT INTO requests (id, agent_id, text, choice, at, settled_how)
         VALUES ('half', 'amy', 'Please help', 'one', 1, 'answered')",
        "requests: request half was settled by halves",
    ),
    (
        "INSERT INTO requests (id, agent_id, text, choice, at, claimed_by)
         VALUES ('half', 'amy', 'Please help', 'one', 1, 'sam')",
        "requests: request half was claimed by halves",
    ),
    ("UPDATE audit SET about = about || 'x' WHERE id = 2", "audit chain: row 2 is not the one that was written there"),
    ("DELETE FROM audit WHERE id = 2", "audit chain: rows 2 to 2 are missing"),
    (
        "DELETE FROM own_log WHERE user_id = 'amy' AND seq = (SELECT MAX(seq) FROM own_log WHERE user_id = 'amy')",
        "own numbers: user amy was told",
    ),
    (
        "DELETE FROM entries WHERE rowid = (SELECT e.rowid FROM entries e WHERE e.kind = 'notice' LIMIT 1)",
        "staff numbers: workitem",
    ),
    (
        "UPDATE entries SET seq = seq + 100 WHERE id = (SELECT entry_id FROM coaching LIMIT 1)",
        "staff numbers: workitem",
    ),
    ("UPDATE workitems SET head = head + 1 WHERE state = 'active'", "staff revisions: workitem"),
    (
        "UPDATE workitems SET rev = (SELECT e.rev FROM entries e WHERE e.workitem_id = workitems.id AND e.seq = 1)
         WHERE state = 'active'",
        "staff revisions: entry",
    ),
    (
        "DELETE FROM customer_entries WHERE seq = 1 AND kind = 'mine'",
        "customer numbers: the customer of",
    ),
    ("UPDATE customer_views SET head = head + 1", "customer numbers: the customer of"),
    (
        "UPDATE customer_entries SET files = 1 WHERE kind = 'mine' AND seq = 1",
        "names 1 files",
    ),
    (
        "UPDATE customer_entries SET text = '' WHERE kind = 'mine' AND seq = 1",
        "says nothing",
    ),
    (
        "UPDATE customer_entries SET files = 1 WHERE kind = 'mine' AND seq = 1;
         INSERT INTO customer_files (workitem_id, seq, position, id, name, media_type, size)
         SELECT workitem_id, 1, 0, workitem_id, 'a.txt', 'text/plain', 5 FROM customer_entries
         WHERE kind = 'mine' AND seq = 1",
        "has 0 of 5 bytes",
    ),
    (
        "INSERT INTO customer_views (workitem_id) VALUES ('nobodys')",
        "customer views: the customer's view nobodys belongs to no workitem",
    ),
    (
        "UPDATE customer_views SET ended = 0 WHERE ended = 1",
        "and its last line disagree about the end",
    ),
    (
        "UPDATE customer_entries SET resumed = 1 WHERE kind = 'mine' AND seq = 1",
        "reopens what had not ended",
    ),
    (
        "INSERT INTO customer_contacts (id, channel, contact) VALUES ('contact/none', 'phone', '+4930')",
        "contacts: contact contact/none leads to no workitem",
    ),
    (
        "INSERT INTO customer_contacts (id, channel, contact) VALUES ('contact/one', 'phone', '+4930');
         UPDATE customer_views SET visitor = 'contact/one'
         WHERE workitem_id = (SELECT id FROM workitems WHERE channel = 'sms' LIMIT 1)",
        "came by another way than its contact contact/one",
    ),
    // A coaching text that got among the customer's lines, in each way that it could.
    (
        "INSERT INTO customer_entries (workitem_id, seq, at, kind, name, text)
         SELECT e.workitem_id, v.head + 1, e.at, 'theirs', e.name, c.text FROM coaching c
         JOIN entries e ON e.id = c.entry_id JOIN customer_views v ON v.workitem_id = e.workitem_id LIMIT 1;
         UPDATE customer_views SET head = head + 1
         WHERE workitem_id = (SELECT e.workitem_id FROM entries e WHERE e.kind = 'coaching')",
        "is no message of customer or agent",
    ),
    (
        "UPDATE entries SET customer_seq = 1 WHERE id = (SELECT entry_id FROM coaching LIMIT 1)",
        "(coaching) stands among the customer's lines",
    ),
    (
        "UPDATE entries SET kind = 'agent', customer_seq = NULL WHERE id = (SELECT entry_id FROM coaching LIMIT 1)",
        "(agent) has no line at the customer",
    ),
    (
        "UPDATE customer_entries SET name = 'Sam Stone' WHERE kind = 'theirs' AND seq = 2",
        "names somebody else than entry",
    ),
    (
        "UPDATE customer_entries SET seq = -seq WHERE seq IN (1, 2) AND kind <> 'ended';
         UPDATE customer_entries SET seq = 3 + seq WHERE seq IN (-1, -2);
         UPDATE entries SET customer_seq = 3 - customer_seq WHERE customer_seq IN (1, 2)",
        "one order: entry",
    ),
    ("DELETE FROM coaching WHERE forwarded_at IS NULL", "staff texts: entry"),
    ("DELETE FROM notices", "(notice) and the notices disagree"),
    (
        "UPDATE entries SET delivery = 'sent' WHERE kind = 'agent'",
        "deliveries: entry",
    ),
    (
        "INSERT INTO jobs (kind, about, lane, created_at, run_after) VALUES ('message_deliver', 'none', 'x', 1, 1)",
        "deliveries: job 1 is about nothing",
    ),
    (
        "INSERT INTO job_pauses (kind, queue, paused_until) VALUES ('message_deliver', 'nowhere', 1)",
        "deliveries: the pause of nowhere is of no channel with a provider",
    ),
    (
        r#"UPDATE notices SET notice = '{"kind":"painted"}'"#,
        "is a notice of a kind that is not known",
    ),
    (
        "UPDATE coaching SET seen_at = NULL WHERE by_agent = 1",
        "counts as coaching that its author has not seen",
    ),
    ("UPDATE coaching SET by_agent = 0", "has the reader sam and is no reply"),
    (
        "UPDATE coaching SET text = 'Something else' WHERE forwarded_at IS NOT NULL",
        "forwards: coaching",
    ),
    (
        "UPDATE coaching SET forwarded_at = NULL WHERE forwarded_at IS NOT NULL",
        "was forwarded by halves",
    ),
    ("DELETE FROM monitoring", "monitorings: sam began to monitor"),
    (
        "INSERT INTO monitoring (workitem_id, supervisor_id, started_at)
         SELECT id, 'sue', 0 FROM workitems WHERE state = 'active' LIMIT 1",
        "monitorings: sue is noted as monitoring",
    ),
    (
        "UPDATE workitems SET state = 'closed' WHERE id = (SELECT workitem_id FROM monitoring)",
        "monitorings: sam is noted as monitoring the closed workitem",
    ),
    ("UPDATE workitems SET agent_id = NULL WHERE state = 'active'", "hands: workitem"),
    (
        "UPDATE workitems SET first_given_at = started_at - 1 WHERE state = 'active'",
        "was given to an agent before it began",
    ),
    (
        "UPDATE workitems SET shut_at = last_activity_at WHERE state = 'active'",
        "handling: workitem",
    ),
    (
        "UPDATE workitems SET state = 'closed', shut_at = 1 WHERE state = 'wrap_up'",
        "was closed at another time than it says",
    ),
    (
        "INSERT INTO conversation_days (team_id, day, channel, figures) VALUES ('care', 1, 'chat', x'010100010000000000')",
        "day figures: day 1 of team care is kept with other figures than its conversations have",
    ),
    (
        "INSERT INTO label_days (team_id, day, label_id, count) VALUES ('care', 1, 'solved', 1)",
        "day labels: day 1 of team care is kept with other labels than its conversations have",
    ),
    (
        "UPDATE workitems SET state = 'closed' WHERE state = 'wrap_up'; DELETE FROM workitems_changed",
        "is kept with other figures than its conversations have",
    ),
    (
        "UPDATE directory_conversations SET head = head + 1",
        "directory numbers: the conversation of amy and sam",
    ),
    ("UPDATE directory_messages SET from_id = 'ben'", "is from neither"),
    ("UPDATE directory_conversations SET low_read = 99", "more is read than there is"),
    ("UPDATE commands SET answer = 'x'", "stored values: the answer to command"),
    (
        "DELETE FROM users WHERE id = 'cleo'",
        "foreign keys: row",
    ),
    (
        "PRAGMA ignore_check_constraints = ON; UPDATE entries SET kind = 'whisper' WHERE kind = 'notice'",
        "integrity: CHECK constraint failed in entries",
    ),
];

async fn damage(file: &Path, how: &'static str) {
    let mut connection: SqliteConnection = SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(false)
        .connect()
        .await
        .expect("it opens");
    sqlx::raw_sql(how)
        .execute(&mut connection)
        .await
        .expect(how);
    connection.close().await.expect("it closes");
}

#[tokio::test]
async fn each_kind_of_damage_is_named() {
    let data = lived_in().await;
    let sound = data.file("sound.db");
    let output = run(&[
        "backup",
        "--data",
        data.folder(),
        sound.to_str().expect("a name"),
    ])
    .await;
    assert!(output.status.success(), "{}", said(&output));
    let (good, words) = check(&sound).await;
    assert!(good && words.contains("sound.db is in order"), "{words}");
    for (number, (how, named)) in DAMAGE.iter().enumerate() {
        let copy = data.file(&format!("damaged-{number}.db"));
        std::fs::copy(&sound, &copy).expect("a copy");
        damage(&copy, how).await;
        let (good, words) = check(&copy).await;
        assert!(!good, "{how}");
        assert!(words.contains(named), "{how}\n{words}");
        assert!(words.contains("finding"), "{words}");
        for text in [
            "Ask for the order",
            "40 back",
            "She had 20",
            "Thank you",
            "Is anybody",
        ] {
            assert!(!words.contains(text), "no finding quotes anybody: {words}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_below_its_tables_is_named() {
    let data = lived_in().await;
    let copy = data.file("copy.db");
    let output = run(&[
        "backup",
        "--data",
        data.folder(),
        copy.to_str().expect("a name"),
    ])
    .await;
    assert!(output.status.success(), "{}", said(&output));
    // The first page has the schema; from the fourth on there are tables and indexes.
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .open(&copy)
        .expect("a file");
    file.seek(SeekFrom::Start(3 * 4096)).expect("it is longer");
    file.write_all(&[0x5a; 8 * 4096]).expect("written");
    drop(file);
    let (good, words) = check(&copy).await;
    assert!(!good && words.contains("integrity: "), "{words}");
}

#[tokio::test]
async fn a_running_program_can_be_checked_and_what_is_no_database_is_said() {
    let data = Data::new();
    let (good, words) = check(&data.database()).await;
    assert!(!good && words.contains("There is no database"), "{words}");
    let program = Program::start(&data, &[]).await;
    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let writing = async {
        for number in 0..40 {
            let text = format!("number {number}");
            let input = json!({ "workitem": chat, "key": key(), "text": text });
            let answer = call(&mut amy, &program, "workitems/message_send", input).await;
            assert_eq!(answer.expect("an answer").status, 200);
        }
    };
    let checking = async {
        for _ in 0..3 {
            data.in_order().await;
        }
    };
    tokio::join!(writing, checking);
    program.stop().await;
    let letter = data.file("letter.txt");
    for content in ["", "Dear Sideline, "] {
        std::fs::write(&letter, content.repeat(100)).expect("a file");
        let (good, words) = check(&letter).await;
        assert!(
            !good && words.contains("is not a Sideline database"),
            "{words}"
        );
    }
}
