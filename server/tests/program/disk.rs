//! Durable on a disk that fails: the system refuses to write beyond a size, in the middle of a transaction. Who sends
//! gets an error that says so, nothing half-done is seen by anybody, and with room again it all goes on.

use serde_json::{Value, json};

use crate::fixtures::{Browser, Data, Program};
use crate::people::{Customer, Live, call, entries, key, own_workitem, sign_in};

/// Room for some messages and the pages around them.
const ROOM: u64 = 300 * 1024;
/// Far more than fits: an error must come before this many.
const MANY: usize = 400;

fn wal_bytes(data: &Data) -> u64 {
    std::fs::metadata(data.file("sideline.db-wal"))
        .expect("a write-ahead log")
        .len()
}

/// A message that takes some pages, recognised by its number.
fn long(name: &str, number: usize) -> String {
    format!("{name} {number} {}", "and so on ".repeat(300))
        .trim_end()
        .to_owned()
}

/// One sender's story: what was acknowledged, and the command that was refused, with the id of its request.
struct Told {
    acknowledged: Vec<String>,
    refused: (String, String),
    request_id: String,
}

/// Sends through `send` until it is refused; every refusal must say that storing is not possible now.
async fn until_full(
    name: &str,
    mut send: impl AsyncFnMut(&str, &str) -> crate::fixtures::Answer,
) -> Told {
    let mut acknowledged = Vec::new();
    for number in 0..MANY {
        let (text, key) = (long(name, number), key());
        let answer = send(&text, &key).await;
        if answer.status != 200 {
            assert_eq!((answer.status, answer.json()), (503, json!("Unavailable")));
            return Told {
                acknowledged,
                refused: (text, key),
                request_id: answer.request_id,
            };
        }
        acknowledged.push(text);
    }
    panic!("{MANY} messages went into {ROOM} bytes");
}

async fn agent_until_full(amy: &Browser, program: &Program, chat: &str) -> Told {
    let mut amy = amy.clone();
    until_full("agent", async |text, key| {
        let input = json!({ "workitem": chat, "key": key, "text": text });
        call(&mut amy, program, "workitems/message_send", input)
            .await
            .expect("an answer")
    })
    .await
}

async fn customer_until_full(eve: &mut Customer, program: &Program) -> Told {
    let mut sent = 0;
    until_full("customer", async |text, key| {
        sent += 1;
        // Beyond this the limit for one visitor would answer, and not the disk.
        assert!(sent <= 20, "the agent fills the disk before");
        eve.write(program, text, key).await.expect("an answer")
    })
    .await
}

fn texts(values: &[Value], begin: &str) -> Vec<String> {
    let text = |value: &Value| {
        let body = &value["body"];
        let text = body["Message"]["text"].as_str().or(body["text"].as_str())?;
        text.starts_with(begin).then(|| text.to_owned())
    };
    values.iter().filter_map(text).collect()
}

async fn readiness(program: &Program) -> u16 {
    let answer = Browser::default().get(program, "/readyz").await;
    answer.expect("an answer").status
}

/// Writes some bytes into a file in place; it stays as long as it was.
fn scribble(file: &std::path::Path, at: impl FnOnce(u64) -> u64) {
    use std::io::{Seek, SeekFrom, Write};
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .open(file)
        .expect("opened");
    let bytes = file.metadata().expect("a size").len();
    file.seek(SeekFrom::Start(at(bytes))).expect("found");
    file.write_all(&[0xa5; 8]).expect("written");
}

/// Whether strace is there, which makes the system's sync calls fail, and may do so.
fn can_trace() -> bool {
    let mut strace = std::process::Command::new("strace");
    let tried = strace.args(["-qq", "-o", "/dev/null", "true"]).status();
    tried.is_ok_and(|status| status.success())
}

#[tokio::test]
async fn s14_s29_a_database_that_is_taken_away_is_noticed_at_once() {
    for harm in [
        "deleted",
        "replaced",
        "overwritten",
        "log deleted",
        "log salted",
        "log scribbled into",
    ] {
        let data = Data::new();
        let program = Program::start(&data, &[]).await;
        let mut amy = sign_in(&program, "amy").await;
        let chat = own_workitem(&mut amy, &program, "chat").await;
        assert_eq!(readiness(&program).await, 200);
        let database = data.database();
        match harm {
            "deleted" => std::fs::remove_file(&database).expect("deleted"),
            "replaced" => {
                let copy = data.file("copy");
                std::fs::copy(&database, &copy).expect("copied");
                std::fs::rename(&copy, &database).expect("replaced");
            }
            "overwritten" => std::fs::write(&database, "something else").expect("written"),
            "log salted" => scribble(&data.file("sideline.db-wal"), |_| 16),
            "log scribbled into" => scribble(&data.file("sideline.db-wal"), |bytes| bytes / 2),
            _ => std::fs::remove_file(data.file("sideline.db-wal")).expect("deleted"),
        }
        for _ in 0..20 {
            let input = json!({ "workitem": chat, "key": key(), "text": "into nothing" });
            let sent = call(&mut amy, &program, "workitems/message_send", input).await;
            assert_ne!(sent.expect("an answer").status, 200, "{harm}");
        }
        assert_eq!(readiness(&program).await, 503, "{harm}");
        program.signal(rustix::process::Signal::TERM);
        let (_, log) = program.ended().await;
        let told = log.matches("was changed by somebody else").count();
        assert_eq!(told, 1, "{harm}: {log}");
    }
}

#[tokio::test]
async fn s29_a_disk_that_refuses_is_an_error_for_the_sender_and_nothing_else() {
    let data = Data::new();
    let options = ["--log-format", "json", "--metrics-listen", "127.0.0.1:0"];
    let program = Program::start_on_small_disk(&data, &options).await;
    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let mut live = Live::open(&amy, &program).await;
    live.follow(&chat, false).await;
    let mut eve = Customer::default();
    assert_eq!(
        eve.write(&program, "Hello", &key())
            .await
            .expect("sent")
            .status,
        200
    );

    program.limit_files(Some(wal_bytes(&data) + ROOM));
    let (mut agent, customer) = tokio::join!(
        agent_until_full(&amy, &program, &chat),
        customer_until_full(&mut eve, &program)
    );
    assert!(!agent.acknowledged.is_empty() && !customer.acknowledged.is_empty());
    // Reading goes on, and shows what was acknowledged: all of it, and nothing else.
    let there = entries(&mut amy, &program, &chat).await;
    assert_eq!(texts(&there, "agent "), agent.acknowledged);
    assert_eq!(
        texts(&eve.history(&program).await, "customer "),
        customer.acknowledged
    );
    assert_eq!(readiness(&program).await, 503);
    data.in_order().await;
    let metrics = program.metrics().await;
    assert!(metrics.contains("sideline_store_failed_transactions_total "));
    assert!(
        !metrics.contains("sideline_store_failed_transactions_total 0\n"),
        "{metrics}"
    );

    // Room again: the same command is carried out, once, and so is whatever comes next.
    program.limit_files(None);
    assert_eq!(readiness(&program).await, 200);
    let (text, repeated) = agent.refused.clone();
    for _ in 0..2 {
        let input = json!({ "workitem": chat, "key": repeated, "text": text });
        let answer = call(&mut amy, &program, "workitems/message_send", input).await;
        assert_eq!(answer.expect("an answer").status, 200);
    }
    agent.acknowledged.push(text);
    let there = entries(&mut amy, &program, &chat).await;
    assert_eq!(texts(&there, "agent "), agent.acknowledged);
    // A subscriber got the same, in the same order.
    let mut seen = Vec::new();
    while seen.len() < agent.acknowledged.len() {
        let frame = live.next().await.expect("open").expect("open");
        let frame = serde_json::to_value(&frame).expect("a frame");
        seen.extend(texts(
            &[frame["workitem"]["change"]["Entry"].clone()],
            "agent ",
        ));
    }
    assert_eq!(seen, agent.acknowledged);

    let log = program.stop().await;
    data.in_order().await;
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is an object"))
        .collect();
    for id in [&agent.request_id, &customer.request_id] {
        let told = lines.iter().any(|line| {
            line["fields"]["message"] == "storage failed" && line["span"]["id"] == id.as_str()
        });
        assert!(told, "the reason is in the log under {id}: {log}");
    }
    assert!(
        !log.contains("and so on"),
        "a refused text is no reason to log it"
    );
}

#[tokio::test]
async fn a_program_that_dies_on_a_full_disk_has_kept_its_word() {
    let data = Data::new();
    let mut program = Program::start_on_small_disk(&data, &[]).await;
    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let mut acknowledged = Vec::new();
    // The log of the run before is written back at the start, so each round fills another place of it.
    for _ in 0..5 {
        program.limit_files(Some(wal_bytes(&data) + ROOM));
        let told = agent_until_full(&amy, &program, &chat).await;
        acknowledged.extend(told.acknowledged);
        program.kill().await;
        data.in_order().await;
        program = Program::start_on_small_disk(&data, &[]).await;
        // Whatever was refused may have reached the disk before the error did; it was acknowledged to nobody.
        let there = texts(&entries(&mut amy, &program, &chat).await, "agent ");
        if there.len() > acknowledged.len() {
            acknowledged.push(told.refused.0);
        }
        assert_eq!(there, acknowledged);
    }
    program.stop().await;
}

#[tokio::test]
async fn what_could_not_be_synced_is_never_acknowledged() {
    if !can_trace() {
        eprintln!("not tried: there is no strace here, or it may not trace");
        return;
    }
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    program.stop().await;
    let program = Program::start_on_forgetful_disk(&data, &[]).await;
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    while refused < 8 {
        assert!(acknowledged.len() < MANY, "nothing failed");
        let (text, key) = (format!("agent {}", acknowledged.len()), key());
        // The same command until it is stored, as the Retry of a browser does.
        loop {
            let input = json!({ "workitem": chat, "key": key, "text": text });
            let answer = call(&mut amy, &program, "workitems/message_send", input).await;
            let answer = answer.expect("an answer");
            if answer.status == 200 {
                break;
            }
            assert_eq!((answer.status, answer.json()), (503, json!("Unavailable")));
            let there = texts(&entries(&mut amy, &program, &chat).await, "agent ");
            assert_eq!(there, acknowledged, "a refused message is not seen");
            refused += 1;
        }
        acknowledged.push(text);
    }
    program.kill().await;
    data.in_order().await;
    let program = Program::start(&data, &[]).await;
    let there = texts(&entries(&mut amy, &program, &chat).await, "agent ");
    assert_eq!(there, acknowledged);
    program.stop().await;
}

#[tokio::test]
async fn a_program_that_cannot_begin_says_why() {
    let data = Data::new();
    let program = env!("CARGO_BIN_EXE_sideline");
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let output = tokio::process::Command::new("sh")
        .args(["-c", script, program, "demo", "--quiet-customers"])
        .args(["--listen", "127.0.0.1:0", "--data", data.folder()])
        .output()
        .await
        .expect("it starts");
    let words = crate::fixtures::said(&output);
    assert!(!output.status.success(), "{words}");
    assert!(words.contains("sideline: The database"), "{words}");
    assert!(words.contains("cannot be opened: "), "{words}");
}
