//! Calls and mails that other systems report.

use serde_json::{Value, json};
use shared::ids::{UserId, WorkitemId};
use shared::live::{ServerFrame, Topic};
use shared::notice::Notice;
use shared::transcript::{EntryBody, WorkitemChange};
use shared::workitem::WorkitemState;

use crate::integrator::{Integrator, of};
use crate::support::{Host, Staff, key};

const WORKITEMS: &str = "/api/v1/workitems";

fn id_of(workitem: &Value) -> WorkitemId {
    WorkitemId::parse(workitem["id"].as_str().expect("an id")).expect("an id")
}

/// The text of an entry that came live.
fn said(frame: &ServerFrame) -> Option<String> {
    match frame {
        ServerFrame::Workitem {
            change: WorkitemChange::Entry(entry),
            ..
        } => match &entry.body {
            EntryBody::Message { text, .. } => Some(text.clone()),
            EntryBody::Notice(Notice::Note { text, .. }) => Some(format!("note: {text}")),
            _ => None,
        },
        _ => None,
    }
}

fn state(frame: &ServerFrame) -> Option<WorkitemState> {
    match frame {
        ServerFrame::Workitem {
            change: WorkitemChange::Workitem(workitem),
            ..
        } => Some(workitem.state),
        _ => None,
    }
}

#[tokio::test]
async fn m03_a_call_is_followed_live_by_its_agent_and_supervisor_and_nobody_coaches_in_it() {
    let host = Host::start().await;
    let telephony = Integrator::with(&host, &["workitems:write"], "").await;
    let call = telephony.call_of_amy().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let listed = amy.call("workitems/worklist_load", json!({})).await.ok();
    let rows = listed["workitems"].as_array().expect("a list");
    let row = rows.iter().find(|row| row["id"] == call.as_str());
    assert_eq!(row.expect("her call")["customer"], "+4930901820");

    let conversation = sam.conversation(&call).await;
    let first = &conversation["entries"][0]["body"]["Notice"];
    assert_eq!(
        first,
        &json!({ "kind": "reported", "by": "Telephony", "customer": "+4930901820" })
    );
    let mut live = sam.live().await;
    live.subscribe(Topic::Workitem(call.clone()), None, true)
        .await;
    live.followed().await;
    let input = json!({ "workitem": call, "key": key(), "text": "psst" });
    let refused = sam.call("coaching/coaching_send", input).await;
    assert_eq!(
        (refused.status, &refused.body),
        (422, &json!("NotCoachable"))
    );

    let asks = json!({ "author": "customer", "text": "Where is my parcel?" });
    telephony.post(&of(&call, "/messages"), asks).await.ok();
    assert_eq!(live.until(said).await, "Where is my parcel?");
    let answers = json!({ "author": "agent", "text": "On its way." });
    telephony.post(&of(&call, "/messages"), answers).await.ok();
    assert_eq!(live.until(said).await, "On its way.");
    let note = json!({ "text": "Calls back tomorrow." });
    telephony.post(&of(&call, "/notes"), note).await.ok();
    assert_eq!(live.until(said).await, "note: Calls back tomorrow.");

    let ended = telephony.post(&of(&call, "/end"), json!({})).await.ok();
    assert_eq!(ended["state"], "wrap_up");
    assert_eq!(live.until(state).await, WorkitemState::WrapUp);
    let closed = json!({ "state": "closed" });
    let closed = telephony.post(&of(&call, "/state"), closed).await.ok();
    assert_eq!(closed["state"], "closed");
    let closing =
        |frame: &ServerFrame| state(frame).filter(|state| *state == WorkitemState::Closed);
    live.until(closing).await;
}

#[tokio::test]
async fn a_mail_waits_in_the_queue_of_its_team_until_somebody_takes_it() {
    let host = Host::start().await;
    let mail = Integrator::with(&host, &["workitems:write", "workitems:read"], "sales").await;
    let begun = json!({
        "channel": "email", "customer": "Dana@Example.com", "name": "Dana Dietz",
        "subject": "Invoice 17", "text": "Please send it again.\n\nDana",
    });
    let begun = mail.post(WORKITEMS, begun).await;
    assert_eq!(begun.status, 201);
    let address = begun.header("location").to_owned();
    let workitem = begun.ok();
    assert_eq!(
        address,
        format!("{WORKITEMS}/{}", workitem["id"].as_str().expect("an id"))
    );
    assert_eq!(workitem["team"]["name"], "Sales");
    assert_eq!(
        (&workitem["state"], &workitem["agent"]),
        (&json!("queued"), &json!(null))
    );
    assert_eq!(workitem["subject"], "Invoice 17");
    assert!(workitem["waiting_since"].is_string(), "the customer waits");

    let id = id_of(&workitem);
    let answers = json!({ "author": "agent", "text": "Here it is." });
    let refused = mail.post(&of(&id, "/messages"), answers.clone()).await;
    assert_eq!(refused.problem(), (422, "nobody_has_it", "author"));
    let taken = json!({ "state": "active", "agent": "cleo" });
    let taken = mail.post(&of(&id, "/state"), taken).await.ok();
    assert_eq!(
        (&taken["state"], &taken["agent"]["id"]),
        (&json!("active"), &json!("cleo"))
    );
    // By who has it already it is no change.
    let again = json!({ "state": "active", "agent": "cleo" });
    mail.post(&of(&id, "/state"), again).await.ok();
    mail.post(&of(&id, "/messages"), answers).await.ok();
    let now = mail.get(&of(&id, "")).await.ok();
    assert_eq!(now["waiting_since"], json!(null), "nobody waits any more");
}

#[tokio::test]
async fn what_nobody_has_is_closed_when_it_ends() {
    let host = Host::start().await;
    let telephony = Integrator::with(&host, &["workitems:write"], "").await;
    // Nobody is there who could take it.
    let call = json!({ "channel": "phone", "customer": "030 901820", "team": "sales" });
    let call = id_of(&telephony.post(WORKITEMS, call).await.ok());
    let wrap_up = json!({ "state": "wrap_up" });
    let refused = telephony.post(&of(&call, "/state"), wrap_up.clone()).await;
    assert_eq!(refused.problem(), (409, "nobody_has_it", ""));
    let ended = telephony.post(&of(&call, "/end"), json!({})).await.ok();
    assert_eq!(ended["state"], "closed");
    for (what, body, code) in [
        ("/end", json!({}), "conversation_ended"),
        ("/state", wrap_up, "conversation_ended"),
        ("/state", json!({ "state": "closed" }), "workitem_closed"),
        (
            "/state",
            json!({ "state": "active", "agent": "cleo" }),
            "conversation_over",
        ),
        (
            "/messages",
            json!({ "author": "customer", "text": "Hello?" }),
            "conversation_ended",
        ),
        ("/notes", json!({ "text": "Too late" }), "workitem_closed"),
    ] {
        let refused = telephony.post(&of(&call, what), body).await;
        assert_eq!(refused.problem(), (409, code, ""), "{what}");
    }
}

#[tokio::test]
async fn states_follow_the_rules_of_the_agents_own() {
    let host = Host::start().await;
    let telephony = Integrator::with(&host, &["workitems:write"], "").await;
    let call = telephony.call_of_amy().await;
    let closed = json!({ "state": "closed" });
    let refused = telephony.post(&of(&call, "/state"), closed.clone()).await;
    assert_eq!(refused.problem(), (409, "not_wrapped_up", ""));
    let taken = json!({ "state": "active", "agent": "ben" });
    let refused = telephony.post(&of(&call, "/state"), taken).await;
    assert_eq!(refused.problem(), (409, "taken_meanwhile", ""));
    let wrapped = json!({ "state": "wrap_up" });
    let wrapped = telephony.post(&of(&call, "/state"), wrapped).await.ok();
    assert_eq!(wrapped["state"], "wrap_up");
    // The agent closes it as any other.
    let amy = host.sign_in("amy").await;
    let input = json!({ "workitem": call, "key": key() });
    amy.call("workitems/workitem_close", input).await.ok();
    let refused = telephony.post(&of(&call, "/state"), closed).await;
    assert_eq!(refused.problem(), (409, "workitem_closed", ""));
}

#[tokio::test]
async fn what_is_wrong_with_a_report_is_named_with_field_and_limit() {
    let host = Host::start().await;
    let telephony = Integrator::with(&host, &["workitems:write"], "").await;
    let call = |change: Value| {
        let mut call = json!({ "channel": "phone", "customer": "030 901820", "team": "care" });
        for (name, value) in change.as_object().expect("fields") {
            call[name] = value.clone();
        }
        call
    };
    for (change, code, field) in [
        (json!({ "channel": "chat" }), "unreadable", "channel"),
        (
            json!({ "customer": "call me" }),
            "no_part_of_number",
            "customer",
        ),
        (json!({ "customer": "1" }), "phone_number_form", "customer"),
        (json!({ "channel": "email" }), "email_form", "customer"),
        (json!({ "name": "" }), "empty", "name"),
        (json!({ "name": "x".repeat(81) }), "too_long", "name"),
        (json!({ "subject": "\u{200B}" }), "empty", "subject"),
        (
            json!({ "subject": "a\u{202E}b" }),
            "control_characters",
            "subject",
        ),
        (json!({ "team": "nowhere" }), "not_a_team", "team"),
        (json!({ "team": "no id!" }), "not_a_team", "team"),
        (json!({ "agent": "sam" }), "not_an_agent", "agent"),
        (json!({ "agent": "cleo" }), "not_in_team", "agent"),
        (json!({ "agent": "?" }), "username_form", "agent"),
        (json!({ "text": "x".repeat(4_001) }), "too_long", "text"),
        (json!({ "text": 1 }), "unreadable", "text"),
        (json!({ "colour": "red" }), "unknown_field", "colour"),
    ] {
        let refused = telephony.post(WORKITEMS, call(change.clone())).await;
        assert_eq!(refused.problem(), (422, code, field), "{change}");
    }
    let too_long = telephony
        .post(WORKITEMS, call(json!({ "name": "x".repeat(81) })))
        .await;
    assert_eq!(
        too_long.body["parameters"],
        json!({ "max": 80, "actual": 81 })
    );
    for (body, code, field) in [
        (json!({ "channel": "phone" }), "missing", "customer"),
        (
            json!({ "channel": "phone", "customer": "030 901820" }),
            "missing",
            "team",
        ),
        (json!([]), "unreadable", "body"),
    ] {
        let refused = telephony.post(WORKITEMS, body.clone()).await;
        let (status, found, at) = refused.problem();
        assert_eq!((status, found), (422, code), "{body}");
        assert!(at == field || code == "unreadable", "{body}: {at}");
    }
    // Nothing of it was stored.
    let amy = host.sign_in("amy").await;
    let list = amy.call("workitems/worklist_load", json!({})).await.ok();
    assert!(!list.to_string().contains("901820"));

    let call = telephony.call_of_amy().await;
    for (what, body, code, field) in [
        (
            "/messages",
            json!({ "author": "customer", "text": " " }),
            "empty",
            "text",
        ),
        (
            "/messages",
            json!({ "author": "robot", "text": "a" }),
            "unreadable",
            "author",
        ),
        (
            "/notes",
            json!({ "text": "x".repeat(4_001) }),
            "too_long",
            "text",
        ),
        ("/notes", json!({}), "missing", "text"),
        (
            "/state",
            json!({ "state": "queued" }),
            "unreadable",
            "state",
        ),
        ("/state", json!({ "state": "active" }), "missing", "agent"),
        (
            "/state",
            json!({ "state": "closed", "agent": "amy" }),
            "unknown_field",
            "agent",
        ),
        ("/state", json!({ "state": "done" }), "unreadable", "state"),
    ] {
        let refused = telephony.post(&of(&call, what), body.clone()).await;
        assert_eq!(refused.problem(), (422, code, field), "{what} {body}");
    }
}

/// The lines of a workitem that only staff see, as somebody reads them.
async fn notices(staff: &Staff<'_>, workitem: &WorkitemId) -> Vec<Value> {
    let conversation = staff.conversation(workitem).await;
    let entries = conversation["entries"].as_array().expect("entries");
    let notices = entries
        .iter()
        .map(|entry| entry["body"]["Notice"].clone())
        .filter(|notice| !notice.is_null());
    notices.collect()
}

/// The ids of what stands beside a workitem as what its customer had before.
async fn before(staff: &Staff<'_>, workitem: &WorkitemId) -> Vec<WorkitemId> {
    let asked = json!({ "workitem": workitem });
    let list = staff.call("history/conversations_before", asked).await.ok();
    list.as_array().expect("a list").iter().map(id_of).collect()
}

#[tokio::test]
async fn m03_a_customer_who_calls_or_mails_again_is_known_however_it_is_written() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let sam = host.sign_in("sam").await;
    let begins = async |channel: &str, customer: &str, subject: &str, agent: &str| {
        let begin = json!({
            "channel": channel, "customer": customer, "subject": subject, "agent": agent,
        });
        id_of(&system.post(WORKITEMS, begin).await.ok())
    };
    for (channel, [first, again, more]) in [
        (
            "phone",
            ["+49 30 901820", "(+49) 30-90 18 20", "+49 (0)30/901820"],
        ),
        (
            "email",
            [
                "Dana.Dietz@example.com",
                " dana.dietz@Example.COM ",
                "DANA.DIETZ@EXAMPLE.COM",
            ],
        ),
    ] {
        let first = begins(channel, first, "My lamp", "amy").await;
        let own = notices(&sam, &first).await;
        assert!(own.iter().all(|line| line["kind"] != "earlier"), "{own:?}");
        system.post(&of(&first, "/end"), json!({})).await.ok();
        let second = begins(channel, again, "My lamp again", "ben").await;
        let lines = notices(&sam, &second).await;
        assert_eq!(lines[0]["kind"], "reported");
        let earlier = json!({ "kind": "earlier", "workitem": first });
        assert_eq!(lines[1], earlier);
        let third = begins(channel, more, "The same lamp", "amy").await;
        let lines = notices(&sam, &third).await;
        assert_eq!(lines[1]["workitem"], second.as_str());
        assert_eq!(before(&sam, &third).await, [second, first]);
        // What the customer saw is what it was.
        let seen = system.get(&of(&third, "/transcript")).await.ok();
        assert_eq!(seen["items"], json!([]));

        // Another team learns nothing of it, neither who works there nor a token of its own.
        let elsewhere = begins(channel, more, "A chair", "cleo").await;
        let sid = host.sign_in("sid").await;
        let lines = notices(&sid, &elsewhere).await;
        assert!(
            lines.iter().all(|line| line["kind"] != "earlier"),
            "{lines:?}"
        );
        assert_eq!(before(&sid, &elsewhere).await, []);
        let sales = Integrator::with(&host, &["transcripts:staff"], "sales").await;
        let read = sales.get(&of(&elsewhere, "/transcript/staff")).await;
        assert!(!read.text.contains("lamp"), "{}", read.text);
    }
}

#[tokio::test]
async fn e52_a_customer_who_called_is_erased_with_all_their_calls() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let (ada, sam) = (host.sign_in("ada").await, host.sign_in("sam").await);
    let first = system.call_of_amy().await;
    let second = system.call_of_amy().await;
    let erase = json!({ "key": key(), "workitem": second });
    let erased = ada.call("customers/customer_erase", erase).await.ok();
    assert_eq!(erased["workitems"], 2);
    for call in [&first, &second] {
        let erased = sam.conversation(call).await.to_string();
        assert!(!erased.contains("901820"), "{erased}");
    }
    let third = system.call_of_amy().await;
    let lines = notices(&sam, &third).await;
    assert!(
        lines.iter().all(|line| line["kind"] != "earlier"),
        "{lines:?}"
    );
    assert_eq!(before(&sam, &third).await, []);
}

#[tokio::test]
async fn a_system_reports_about_calls_and_mails_of_its_team_alone() {
    let host = Host::start().await;
    let telephony = Integrator::with(&host, &["workitems:write"], "sales").await;
    let everywhere = Integrator::with(&host, &["workitems:write"], "").await;
    let call = everywhere.call_of_amy().await;
    let chat = host.sign_in("amy").await.own_workitem("chat").await;
    let unknown = WorkitemId::parse("unknown").expect("an id");
    let mut bodies = Vec::new();
    for (system, workitem) in [
        (&telephony, &call),
        (&everywhere, &chat),
        (&everywhere, &unknown),
    ] {
        for (what, body) in [
            ("/messages", json!({ "author": "customer", "text": "a" })),
            ("/notes", json!({ "text": "a" })),
            ("/state", json!({ "state": "closed" })),
            ("/end", json!({})),
        ] {
            let refused = system.post(&of(workitem, what), body).await;
            assert_eq!(refused.problem(), (404, "not_found", ""), "{what}");
            let mut body = refused.body;
            body["request_id"] = json!("");
            bodies.push(body);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "they do not differ: {bodies:?}");
    let elsewhere = json!({ "channel": "phone", "customer": "030 901820", "team": "care" });
    let refused = telephony.post(WORKITEMS, elsewhere).await;
    assert_eq!(refused.problem(), (404, "not_found", ""));
}

#[tokio::test]
async fn m01_a_call_appears_among_its_agents_work_at_once() {
    let host = Host::start().await;
    let telephony = Integrator::with(&host, &["workitems:write"], "").await;
    let amy = host.sign_in("amy").await;
    let mut live = amy.live().await;
    let me = UserId::parse("amy").expect("an id");
    live.subscribe(Topic::Agent(me), None, false).await;
    live.followed().await;
    let call = telephony.call_of_amy().await;
    let listed = |frame: &ServerFrame| match frame {
        ServerFrame::Agent(list) => {
            let mut all = list.workitems.iter();
            all.any(|workitem| workitem.id == call).then_some(())
        }
        _ => None,
    };
    live.until(listed).await;
}
