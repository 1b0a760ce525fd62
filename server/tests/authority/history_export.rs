//! Files of the history: who may save a conversation or what was found, what is in the file, and what is not.

use std::sync::Arc;

use serde_json::{Value, json};
use server::clock_and_ids::Clock;
use server::commands::WorkitemImport;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::workitem::Channel;

use crate::cast::{INSIDE, OUTSIDE, actor};
use crate::functions::coached;
use crate::support::{Host, Staff, key};

/// It is always the 14th of November 2023, 22:13:20 in UTC, which is the 15th in Auckland.
#[derive(Debug)]
pub struct AnotherDay;

impl Clock for AnotherDay {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000_000)
    }
}

fn path(workitem: &str, file: &str) -> String {
    format!("/history/{workitem}/transcript.{file}")
}

async fn saved(who: &Staff<'_>, workitem: &str, file: &str) -> String {
    let (status, body) = who.page(&path(workitem, file)).await;
    assert_eq!(status, 200, "{file}: {body}");
    body
}

async fn saved_json(who: &Staff<'_>, workitem: &str, file: &str) -> Value {
    serde_json::from_str(&saved(who, workitem, file).await).expect("JSON")
}

/// What somebody did, as the audit log has it, the newest first.
pub async fn logged(host: &Host, act: &str) -> Vec<Value> {
    let ada = host.sign_in("ada").await;
    let (_, log) = ada
        .page(&format!("/admin/audit/export?format=jsonl&act={act}"))
        .await;
    let rows = log.lines();
    rows.map(|row| serde_json::from_str(row).expect("JSON"))
        .collect()
}

/// A workitem of amy's, stored whole.
async fn stored(host: &Host, id: &str, customer: &str, said: Vec<String>) {
    let at = Timestamp(host.desk.clock().now().0 - 1_000_000_000);
    let said = said.iter().enumerate().map(|(number, text)| {
        let at = Timestamp(at.0 + number as i64 * 1_000);
        (
            number % 2 == 0,
            at,
            MessageText::parse(text).expect("a text"),
        )
    });
    let import = WorkitemImport {
        id: WorkitemId::parse(id).expect("an id"),
        channel: Channel::Chat,
        customer: customer.to_owned(),
        subject: "@SUM(1+1)".to_owned(),
        team: TeamId::parse("care").expect("an id"),
        agent: Some(UserId::parse("amy").expect("an id")),
        started_at: at,
        given_at: None,
        messages: said.collect(),
        carried: None,
    };
    let done = host.desk.store().execute(import).await;
    done.expect("it is stored");
}

async fn wrapped_up_and_closed(amy: &Staff<'_>, workitem: &str) {
    for act in ["workitem_wrap_up", "workitem_close"] {
        let input = json!({ "workitem": workitem, "key": key() });
        amy.call(&format!("workitems/{act}"), input).await.ok();
    }
}

#[tokio::test]
async fn s07_a_conversation_is_saved_by_those_who_may_read_it() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let (chat, _) = coached(&host, &amy).await;
    // Her agent has it: only she saves it, for nobody tells her who else does.
    let (status, page) = sam.page(&path(&chat, "txt")).await;
    assert_eq!(status, 409, "{page}");
    assert!(page.contains("where the agent is notified"), "{page}");
    saved(&amy, &chat, "txt").await;
    wrapped_up_and_closed(&amy, &chat).await;
    for file in ["txt", "json", "txt?coaching=yes", "json?coaching=yes"] {
        for who in OUTSIDE.into_iter().chain(INSIDE) {
            let (status, body) = actor(&host, who).await.page(&path(&chat, file)).await;
            let expected = match who {
                "amy" | "sam" => 200,
                who if OUTSIDE.contains(&who) => 303,
                _ => 404,
            };
            assert_eq!(status, expected, "{file} as {who}");
            assert!(status == 200 || !body.contains("refund"), "{file}: {body}");
        }
    }
    for wrong in ["txt?coaching=maybe", "txt?coachng=no", "json?tz=UTC"] {
        assert_eq!(sam.page(&path(&chat, wrong)).await.0, 422, "{wrong}");
    }
    let log = logged(&host, "transcript_export").await;
    assert_eq!(log.len(), 9, "one for each file: {log:?}");
    assert_eq!(log[0]["about"], chat.as_str());
    assert_eq!(
        log[0]["changes"],
        json!([
            { "field": "format", "was": null, "is": "json" },
            { "field": "coaching", "was": null, "is": "yes" },
        ])
    );
}

#[tokio::test]
async fn s23_without_coaching_nothing_of_it_is_in_the_file() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let (chat, _) = coached(&host, &amy).await;
    for (function, text) in [
        ("coaching/coaching_reply", "I have offered it"),
        ("workitems/message_send", "Here is your money"),
    ] {
        let input = json!({ "workitem": chat, "key": key(), "text": text });
        amy.call(function, input).await.ok();
    }
    wrapped_up_and_closed(&amy, &chat).await;
    let sam = host.sign_in("sam").await;
    let text = saved(&sam, &chat, "txt").await;
    let whole = saved(&sam, &chat, "json").await;
    for file in [&text, &whole] {
        assert!(file.contains("Here is your money"), "{file}");
        for coaching in [
            "offer a refund",
            "I have offered it",
            "Sam Stone",
            "closed by",
        ] {
            assert!(!file.contains(coaching), "{coaching}: {file}");
        }
    }
    let json: Value = serde_json::from_str(&whole).expect("JSON");
    assert_eq!(json["format"], "sideline.transcript.1");
    assert_eq!(json["coaching"], false);
    assert_eq!(json["workitem"]["agent"]["name"], "Amy Adler");
    let entries = json["entries"].as_array().expect("a list");
    for (number, entry) in (1..).zip(entries) {
        assert_eq!(entry["number"], number, "no gap tells of coaching");
        assert_eq!(entry["kind"], "message");
    }

    let text = saved(&sam, &chat, "txt?coaching=yes").await;
    assert!(
        text.contains("Sam Stone (Coaching)\n  offer a refund\n"),
        "{text}"
    );
    assert!(
        text.contains("(Reply to coaching)\n  I have offered it\n"),
        "{text}"
    );
    let json = saved_json(&sam, &chat, "json?coaching=yes").await;
    let entries = json["entries"].as_array().expect("a list");
    let kinds = entries.iter().filter_map(|entry| entry["kind"].as_str());
    let kinds: Vec<&str> = kinds.collect();
    for kind in [
        "message",
        "coaching",
        "coaching_reply",
        "monitoring_started",
        "notice",
    ] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
}

#[tokio::test]
async fn s23_coaching_of_another_team_is_withheld_in_files_as_well() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let (chat, _) = coached(&host, &amy).await;
    let ada = host.sign_in("ada").await;
    let teams = ada.call("administration/team_list", json!({})).await.ok();
    let mut teams = teams.as_array().expect("a list").iter();
    let sales = teams.find(|team| team["name"] == "Sales").expect("a team");
    let to = json!({
        "workitem": chat, "key": key(), "to": { "Team": sales["id"] }, "confirmed": true,
    });
    amy.call("workitems/workitem_transfer", to).await.ok();
    let sid = host.sign_in("sid").await;
    for file in ["txt?coaching=yes", "json?coaching=yes"] {
        let file = saved(&sid, &chat, file).await;
        assert!(!file.contains("refund"), "{file}");
    }
    let json = saved_json(&sid, &chat, "json?coaching=yes").await;
    let entries = json["entries"].as_array().expect("a list");
    let withheld = entries.iter().filter(|entry| entry["kind"] == "withheld");
    assert_eq!(withheld.count(), 1);
    let address = "/history/export?words=refund&coaching=1";
    let (_, found) = sid.page(address).await;
    assert_eq!(found.lines().count(), 1, "columns alone: {found}");
}

#[tokio::test]
async fn s01_hostile_words_stay_words_and_a_long_conversation_is_whole() {
    let host = Host::start().await;
    let mut said: Vec<String> = (1..=450).map(|line| format!("line {line}")).collect();
    said[0] = "quixotic\n2026-11-26T10:00:00.000Z Amy Adler (Agent)\n\"}],\"x\":[".to_owned();
    stored(&host, "long", "=HYPERLINK(\"x\")", said).await;
    let amy = host.sign_in("amy").await;
    let text = saved(&amy, "long", "txt").await;
    let forged = "  2026-11-26T10:00:00.000Z Amy Adler (Agent)\n";
    assert!(text.contains(forged), "{text}");
    assert_eq!(text.matches("\n  line ").count(), 449);
    let json = saved_json(&amy, "long", "json").await;
    let entries = json["entries"].as_array().expect("a list");
    assert_eq!(entries.len(), 450);
    assert_eq!(entries[449]["text"], "line 450");
    assert_eq!(entries[449]["author"], "agent");

    let (status, found) = amy.page("/history/export?words=quixotic").await;
    assert_eq!(status, 200);
    let row = found.lines().nth(1).expect("a row");
    assert!(
        row.contains("\"'=HYPERLINK(\"\"x\"\")\",\"'@SUM(1+1)\",chat,active,"),
        "{row}"
    );
}

#[tokio::test]
async fn s07_what_is_found_is_saved_for_those_who_find_it() {
    let host = Host::start().await;
    stored(
        &host,
        "one",
        "Nadia Novak",
        vec!["The xylophone hums".to_owned()],
    )
    .await;
    for who in ["amy", "sam"] {
        let caller = host.sign_in(who).await;
        for query in ["words=xylophone", "customer=nadia&state=active&before=1.x"] {
            let (status, found) = caller.page(&format!("/history/export?{query}")).await;
            assert_eq!(status, 200, "{query} as {who}");
            let lines: Vec<&str> = found.lines().collect();
            assert_eq!(lines.len(), 2, "{query} as {who}: {found}");
            assert!(lines[0].starts_with("workitem,started_at,"), "{found}");
            assert!(
                lines[1].starts_with("one,") && lines[1].contains("Nadia Novak"),
                "{found}"
            );
        }
    }
    for who in ["ben", "cleo", "sid"] {
        let caller = host.sign_in(who).await;
        let (_, found) = caller.page("/history/export?words=xylophone").await;
        assert_eq!(found.lines().count(), 1, "{who}: {found}");
    }
    let sam = host.sign_in("sam").await;
    for wrong in [
        "word=x",
        "words=!",
        "state=lost",
        "rating=7",
        "request=overdue",
        "reaction=liked",
        "zone=Europe%2FAtlantis",
        "words=a&words=b",
    ] {
        let (status, _) = sam.page(&format!("/history/export?{wrong}")).await;
        assert_eq!(status, 422, "{wrong}");
    }
    // Neither words nor names are in the log, from which nothing is erased.
    let log = logged(&host, "history_export").await;
    assert_eq!(log.len(), 7);
    assert!(!json!(log).to_string().contains("nadia"), "{log:?}");
    let by_name = json!([
        { "field": "customer", "was": null, "is": "…" },
        { "field": "state", "was": null, "is": "active" },
    ]);
    assert!(log.iter().any(|row| row["changes"] == by_name), "{log:?}");
}

#[tokio::test]
async fn days_of_the_history_are_those_of_the_readers_zone() {
    let host = Host::start_with_clock(Arc::new(AnotherDay)).await;
    let said = vec!["The xylophone hums".to_owned()];
    stored(&host, "one", "Nadia Novak", said).await;
    let sam = host.sign_in("sam").await;
    for (days, zone, found) in [
        (
            "from=2023-11-15&to=2023-11-15&zone=Pacific%2FAuckland",
            "Pacific/Auckland",
            true,
        ),
        (
            "to=2023-11-14&zone=Pacific%2FAuckland",
            "Pacific/Auckland",
            false,
        ),
        // As addresses of releases before have it.
        ("from=2023-11-14&to=2023-11-14", "UTC", true),
        ("from=2023-11-15", "UTC", false),
    ] {
        for asked in [days.to_owned(), format!("words=xylophone&{days}")] {
            let (_, page) = sam.page(&format!("/history?{asked}")).await;
            assert_eq!(page.contains("Nadia Novak"), found, "{asked}: {page}");
            let hint = format!("Searched by days in the time zone {zone}.");
            assert!(page.contains(&hint), "{asked}: {page}");
            let (_, file) = sam.page(&format!("/history/export?{asked}")).await;
            assert_eq!(file.contains("Nadia Novak"), found, "{asked}: {file}");
        }
    }
    let (_, page) = sam.page("/history").await;
    assert!(page.contains("Days are in your time zone."), "{page}");
    let log = logged(&host, "history_export").await;
    let with_zone = json!([
        { "field": "to", "was": null, "is": "2023-11-14" },
        { "field": "zone", "was": null, "is": "Pacific/Auckland" },
    ]);
    assert!(log.iter().any(|row| row["changes"] == with_zone), "{log:?}");
}

#[tokio::test]
async fn a_list_that_is_cut_says_so_in_its_last_row() {
    let host = Host::start().await;
    let said = (0..5_001).map(|line| format!("needle {line}")).collect();
    stored(&host, "many", "Nadia Novak", said).await;
    let amy = host.sign_in("amy").await;
    let (_, found) = amy.page("/history/export?words=needle").await;
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), 5_002, "columns, results and the last row");
    assert!(
        lines[1].ends_with("needle 5000"),
        "the newest first: {}",
        lines[1]
    );
    assert!(
        lines[5_001].contains("these are the newest 5000 results"),
        "{}",
        lines[5_001]
    );
    let (_, found) = amy.page("/history/export?words=needle+5000").await;
    assert_eq!(found.lines().count(), 2);
}
