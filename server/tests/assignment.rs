//! Stories about work that is assigned, and requeued from agents who are gone.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use server::clock_and_ids::{Clock, Ids, RandomIds, SystemClock};
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::store::sqlite::SqliteStore;
use shared::ids::{UserId, WorkitemId};
use shared::live::Topic;
use shared::notice::Notice;
use shared::people::Presence;
use shared::time::Timestamp;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use support::{Host, Live, PATIENCE, Staff, key};

/// The time of the system, and what the test adds to it.
#[derive(Debug, Default)]
struct Ahead(AtomicI64);

impl Ahead {
    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }
}

/// Random ids, of which one is a panic in the task that takes it.
#[derive(Debug, Default)]
struct OnePanic {
    next: AtomicBool,
}

impl Ids for OnePanic {
    fn next(&self) -> String {
        let panics = self.next.swap(false, Ordering::SeqCst);
        assert!(!panics, "the test makes this task panic");
        RandomIds.next()
    }

    fn secret(&self) -> String {
        RandomIds.secret()
    }
}

/// A tab of somebody who works, as a browser has one: it follows the user's notifications.
async fn tab(staff: &Staff<'_>) -> Live {
    let mut live = staff.live().await;
    live.subscribe(Topic::Notifications, None, false).await;
    live.followed().await;
    live
}

/// Answers pings as a browser does, until it is dropped with its task.
fn awake(mut live: Live) -> tokio::task::JoinHandle<Option<u16>> {
    tokio::spawn(async move {
        loop {
            if live.next_or_close().await.is_err() {
                return None;
            }
        }
    })
}

/// Dana's only workitem.
async fn danas(host: &Host) -> WorkitemId {
    let everybody = ["amy", "ben"];
    let wait = async {
        loop {
            for who in everybody {
                let agent = UserId::parse(who).expect("an id");
                let list = host.desk.reads().view().agent_workitems(&agent).await;
                let list = list.expect("a list");
                if let Some(found) = list.iter().find(|row| row.customer == "Dana") {
                    return found.id.clone();
                }
            }
            let queue = {
                let mut rows = host.desk.store().snapshot().await.expect("a snapshot");
                rows.queue_list().await.expect("a queue")
            };
            for queued in queue {
                let found = host.desk.reads().workitem_find(&queued.workitem).await;
                let found = found.expect("a workitem").expect("it is there");
                if found.workitem.customer == "Dana" {
                    return queued.workitem;
                }
            }
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, wait).await;
    found.expect("Dana's message is stored")
}

/// A database in which Dana's work cannot be given to anybody until a template with the title "Go" is there.
async fn stuck_until_go(data: &std::path::Path) {
    let file = data.join("sideline.db");
    SqliteStore::migrate(&file).await.expect("a database");
    let mut connection = SqliteConnectOptions::new()
        .filename(file)
        .connect()
        .await
        .expect("nobody else has it open");
    let trigger = "CREATE TRIGGER stuck BEFORE UPDATE ON workitems
        WHEN NEW.customer = 'Dana' AND NEW.state = 'active'
            AND NOT EXISTS (SELECT 1 FROM templates WHERE title = 'Go')
        BEGIN SELECT RAISE(ABORT, 'stuck'); END";
    let made = sqlx::raw_sql(trigger).execute(&mut connection);
    made.await.expect("a trigger");
    connection.close().await.expect("it is closed");
}

/// Waits until somebody has the workitem, or nobody.
async fn held_by(host: &Host, workitem: &WorkitemId, who: Option<&str>) {
    let wait = async {
        loop {
            let found = host.desk.reads().workitem_find(workitem).await;
            let found = found.expect("a workitem").expect("it is there");
            if found.workitem.agent.as_ref().map(|agent| agent.id.as_str()) == who {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let held = tokio::time::timeout(PATIENCE, wait).await;
    assert!(held.is_ok(), "{who:?} never had it");
}

async fn notices(staff: &Staff<'_>, workitem: &WorkitemId) -> Vec<Notice> {
    let conversation = staff.conversation(workitem).await;
    let entries = conversation["entries"].as_array().expect("entries");
    let notices = entries.iter().map(|entry| &entry["body"]["Notice"]);
    let notices = notices.filter_map(|notice| Notice::deserialize(notice).ok());
    notices.collect()
}

async fn row_of(sam: &Staff<'_>, agent: &str) -> Value {
    let dashboard = sam.call("coaching/dashboard_load", json!({})).await.ok();
    let rows = dashboard["agents"].as_array().expect("rows").iter();
    let mut found = rows.filter(|row| row["id"] == agent);
    found.next().expect("the agent's row").clone()
}

#[tokio::test]
async fn e10_f20_work_of_an_agent_who_is_gone_is_marked_and_then_somebody_elses() {
    let clock = Arc::new(Ahead::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let (amy, ben, sam) = (
        host.sign_in("amy").await,
        host.sign_in("ben").await,
        host.sign_in("sam").await,
    );
    let at_amy = tab(&amy).await;
    let amys = awake(at_amy);
    host.customer().await;
    let chat = danas(&host).await;
    held_by(&host, &chat, Some("amy")).await;
    amy.conversation(&chat).await;
    assert_eq!(row_of(&sam, "amy").await["lost_since"], Value::Null);
    // She closes her browser for good.
    amys.abort();
    let _ = amys.await;
    let gone = async {
        while row_of(&sam, "amy").await["presence"] != "offline" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("offline");
    clock.pass(121);
    let marked = async {
        while row_of(&sam, "amy").await["lost_since"].is_null() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, marked)
        .await
        .expect("a mark");
    held_by(&host, &chat, Some("amy")).await;
    clock.pass(120);
    held_by(&host, &chat, None).await;
    let at_ben = awake(tab(&ben).await);
    held_by(&host, &chat, Some("ben")).await;
    let notices = notices(&ben, &chat).await;
    assert!(notices.contains(&Notice::ConnectionLost {
        agent: "Amy Adler".to_owned(),
        seconds: 240,
        team: "Care".to_owned(),
    }));
    assert!(notices.contains(&Notice::Assigned {
        agent: "Ben Brooks".to_owned(),
    }));
    at_ben.abort();
}

/// Amy asks all supervisors who are there for help: the request.
async fn asks_for_help(amy: &Staff<'_>, sees: &Staff<'_>) -> Value {
    let options = amy.call("assistance/assistance_options_load", json!({}));
    let options = options.await.ok();
    let template = &options["templates"][0]["id"];
    let ask = json!({ "template": template, "recipient": "AllSignedIn", "workitem": null });
    let input = json!({ "key": key(), "ask": ask });
    amy.call("assistance/assistance_request", input).await.ok();
    let row = row_of(sees, "amy").await;
    let hands = row["hands"].as_array().expect("hands");
    hands.last().expect("a hand")["request"].clone()
}

/// The id of who has a request of amy's; null while nobody has it.
async fn claimer(sees: &Staff<'_>, request: &Value) -> Value {
    let row = row_of(sees, "amy").await;
    let mut hands = row["hands"].as_array().expect("hands").iter();
    let hand = hands.find(|hand| hand["request"] == *request);
    hand.expect("it is open")["claim"]["by"]["id"].clone()
}

#[tokio::test]
async fn e20_a_request_does_not_stay_with_a_supervisor_who_closed_the_browser_or_signed_out() {
    let clock = Arc::new(Ahead::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let (amy, sam, sue) = (
        host.sign_in("amy").await,
        host.sign_in("sam").await,
        host.sign_in("sue").await,
    );
    let at_sam = awake(tab(&sam).await);
    let request = asks_for_help(&amy, &sue).await;
    let claims = async |who: &Staff<'_>| {
        let claim = json!({ "request": request, "key": key() });
        who.call("assistance/request_claim", claim).await.ok();
    };
    claims(&sam).await;
    assert_eq!(claimer(&sue, &request).await, "sam");
    // He closes his browser for good.
    at_sam.abort();
    let _ = at_sam.await;
    let sams = UserId::parse("sam").expect("an id");
    support::eventually("sam is gone", async || {
        host.desk.presence_seen(&sams, Presence::Available) == Presence::Offline
    })
    .await;
    assert_eq!(claimer(&sue, &request).await, "sam", "he may come back");
    clock.pass(125);
    support::eventually("nobody has it", async || {
        claimer(&sue, &request).await.is_null()
    })
    .await;

    // He is back, claims it once more and signs out.
    let at_sam = awake(tab(&sam).await);
    claims(&sam).await;
    assert_eq!(claimer(&sue, &request).await, "sam");
    let ada = host.sign_in("ada").await;
    let ended = json!({ "user": "sam" });
    let ended = ada.call("administration/user_sessions_end", ended).await;
    ended.ok();
    let _ = at_sam.await;
    support::eventually("nobody has it again", async || {
        claimer(&sue, &request).await.is_null()
    })
    .await;
    claims(&sue).await;
    assert_eq!(claimer(&sue, &request).await, "sue");
}

#[tokio::test]
async fn e10_f21_what_a_dead_connection_never_delivered_goes_to_somebody_else_at_once() {
    let data = tempfile::tempdir().expect("a folder");
    let host = Host::start_watchful(data.path(), Duration::from_secs(2)).await;
    let (amy, ben) = (host.sign_in("amy").await, host.sign_in("ben").await);
    // Nobody reads from it any more: no ping is answered.
    let silent = tab(&amy).await;
    host.customer().await;
    let chat = danas(&host).await;
    held_by(&host, &chat, Some("amy")).await;
    let at_ben = awake(tab(&ben).await);
    held_by(&host, &chat, Some("ben")).await;
    let notices = notices(&ben, &chat).await;
    let not_received = Notice::NotReceived {
        agent: "Amy Adler".to_owned(),
        team: "Care".to_owned(),
    };
    assert!(notices.contains(&not_received), "{notices:?}");
    drop(silent);
    at_ben.abort();
}

#[tokio::test]
async fn e10_a_reload_takes_nothing_away() {
    let data = tempfile::tempdir().expect("a folder");
    let host = Host::start_patient(data.path(), Duration::from_secs(2)).await;
    let amy = host.sign_in("amy").await;
    let at_amy = awake(tab(&amy).await);
    host.customer().await;
    let chat = danas(&host).await;
    held_by(&host, &chat, Some("amy")).await;
    at_amy.abort();
    let _ = at_amy.await;
    let again = awake(tab(&amy).await);
    let ben = host.sign_in("ben").await;
    let at_ben = awake(tab(&ben).await);
    host.desk.sweep(true).await.expect("a sweep");
    tokio::time::sleep(support::LONG_GRACE + support::GRACE).await;
    held_by(&host, &chat, Some("amy")).await;
    again.abort();
    at_ben.abort();
}

#[tokio::test]
async fn e15_f25_a_failing_assignment_is_tried_again_and_holds_up_nobody_else() {
    let data = tempfile::tempdir().expect("a folder");
    stuck_until_go(data.path()).await;
    let host = Host::start_in(data.path()).await;
    host.customer().await;
    let stuck = danas(&host).await;
    let ben = host.sign_in("ben").await;
    let at_ben = awake(tab(&ben).await);
    let input = json!({ "name": "Eli", "key": key(), "text": "me too" });
    let eli = host.nobody();
    assert_eq!(
        eli.post("/chat/care/messages", input.to_string())
            .await
            .status,
        200
    );
    let ben_id = UserId::parse("ben").expect("an id");
    let elis = async {
        loop {
            let list = host
                .desk
                .reads()
                .view()
                .agent_workitems(&ben_id)
                .await
                .expect("a list");
            if list.iter().any(|row| row.customer == "Eli") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, elis)
        .await
        .expect("Eli's turn");
    held_by(&host, &stuck, None).await;
    // No answer says that it can be done again.
    let ada = host.sign_in("ada").await;
    let go = json!({ "key": key(), "title": "Go", "message": "Go", "active": false });
    ada.call("templates/template_create", go).await.ok();
    held_by(&host, &stuck, Some("ben")).await;
    at_ben.abort();
}

#[tokio::test]
async fn e15_f25_a_panic_ends_one_round_of_assignment_and_not_the_next() {
    let data = tempfile::tempdir().expect("a folder");
    let ids = Arc::new(OnePanic::default());
    let store = SqliteStore::open(&data.path().join("sideline.db")).await;
    let store = Arc::new(store.expect("a new database opens"));
    let config = DeskConfig::default();
    let desk = Desk::new(store, Arc::new(SystemClock), ids.clone(), config);
    server::demo::seed(&desk).await.expect("demo data");
    desk.open().await.expect("the desk opens");
    let host = Host::over(desk, HttpConfig::default()).await;
    host.customer().await;
    let chat = danas(&host).await;
    held_by(&host, &chat, None).await;
    // Nobody but the assignment takes an id now: the entry that says who was given the work.
    ids.next.store(true, Ordering::SeqCst);
    let ben = UserId::parse("ben").expect("an id");
    let _there = host.desk.presence_connect(&ben);
    held_by(&host, &chat, Some("ben")).await;
    assert!(!ids.next.load(Ordering::SeqCst), "no round panicked");
}

#[tokio::test]
async fn e11_the_queue_waits_above_the_capacity() {
    let host = Host::start().await;
    let (ada, ben) = (host.sign_in("ada").await, host.sign_in("ben").await);
    let mine = ben.call("workitems/worklist_load", json!({})).await.ok();
    let rows = mine["workitems"].as_array().expect("rows").iter();
    let chats = rows.filter(|row| row["channel"] == "chat" && row["state"] == "active");
    let has = i64::try_from(chats.count()).expect("few");
    let save = |version: i64, chats: i64| json!({ "key": key(), "version": version, "changes": [{ "name": "capacity_chat", "value": chats }] });
    ada.call("organisation/organisation_save", save(0, has))
        .await
        .ok();
    let at_ben = awake(tab(&ben).await);
    host.customer().await;
    let chat = danas(&host).await;
    host.desk.sweep(true).await.expect("a sweep");
    held_by(&host, &chat, None).await;
    // A higher capacity is enough; nothing else happens.
    ada.call("organisation/organisation_save", save(1, has + 1))
        .await
        .ok();
    held_by(&host, &chat, Some("ben")).await;
    at_ben.abort();
}

#[tokio::test]
async fn e11_a_supervisor_sees_how_much_an_agent_has_and_may_have() {
    let host = Host::start().await;
    let (ada, ben, sam) = (
        host.sign_in("ada").await,
        host.sign_in("ben").await,
        host.sign_in("sam").await,
    );
    let usual = async || {
        let dashboard = sam.call("coaching/dashboard_load", json!({})).await.ok();
        dashboard["capacity"].clone()
    };
    let amy = host.sign_in("amy").await;
    // Those who hand work on see the same of ben: a supervisor, and a colleague.
    let full = async |channel: &str| {
        let mut seen = Vec::new();
        for (who, options) in [
            (&sam, "reassign_options_load"),
            (&amy, "transfer_options_load"),
        ] {
            let options = who.call(&format!("workitems/{options}"), json!({})).await;
            let loads = options.ok()["loads"].as_array().cloned();
            let load = loads.into_iter().flatten().find(|load| load[0] == "ben");
            let load = load.expect("how much ben has");
            seen.push(load[1][channel].as_i64() >= load[2][channel].as_i64());
        }
        assert_eq!(seen[0], seen[1], "{channel}");
        seen[0]
    };
    assert_eq!(usual().await["chat"], 8);
    assert!(!full("chat").await);
    let before = row_of(&sam, "ben").await;
    assert_eq!(before["capacity"], Value::Null, "as for everybody");
    let save =
        json!({ "key": key(), "version": 0, "changes": [{ "name": "capacity_chat", "value": 3 }] });
    ada.call("organisation/organisation_save", save).await.ok();
    assert_eq!(usual().await["chat"], 3);
    let own = json!({ "chat": 1, "social": 8, "sms": 8, "phone": 1, "email": 20 });
    let bens = json!({ "key": key(), "user": "ben", "version": 0, "name": "Ben Brooks", "roles": ["agent"], "capacity": { "own": own } });
    ada.call("administration/user_update", bens).await.ok();
    assert_eq!(row_of(&sam, "ben").await["capacity"], own);
    assert!(full("chat").await && !full("social").await);
    // What is in wrap-up is open, and takes none of it.
    let chat = ben.own_workitem("chat").await;
    let input = json!({ "workitem": chat, "key": key() });
    ben.call("workitems/workitem_wrap_up", input).await.ok();
    let after = row_of(&sam, "ben").await;
    assert_eq!(after["counts"], before["counts"]);
    let wrapped = |row: &Value| row["wrap_up"]["chat"].as_i64().unwrap_or_default();
    assert_eq!(wrapped(&after), wrapped(&before) + 1);
}

#[tokio::test]
async fn a_supervisor_sees_since_when_an_agent_can_be_reached() {
    let clock = Arc::new(Ahead::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let since = async || {
        let row = row_of(&sam, "amy").await;
        Timestamp(row["presence_since"].as_i64().expect("a time"))
    };
    let choose = async |presence: &str| {
        let input = json!({ "presence": presence, "key": key() });
        amy.call("account/presence_set", input).await.ok();
    };
    let begun = clock.now();
    let at_amy = awake(tab(&amy).await);
    let came = since().await;
    assert!(begun <= came && came <= clock.now());
    clock.pass(600);
    choose("away").await;
    let away = since().await;
    assert!(away.seconds_since(came) >= 600);
    // Another tab, and the same choice once more, change nothing.
    clock.pass(60);
    let other = awake(tab(&amy).await);
    choose("away").await;
    assert_eq!(since().await, away);
    // What she chose for the time when she is back is no time of her absence.
    for tab in [at_amy, other] {
        tab.abort();
        let _ = tab.await;
    }
    let gone = async {
        while row_of(&sam, "amy").await["presence"] != "offline" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("offline");
    let absent = since().await;
    assert!(absent > away);
    choose("busy").await;
    assert_eq!(since().await, absent);
}

/// The program ends suddenly and is there again before amy's browser gives up.
#[tokio::test]
async fn a_restart_forgets_neither_since_when_an_agent_is_here_nor_since_when_they_are_busy() {
    let data = tempfile::tempdir().expect("a folder");
    let host = Host::start_in(data.path()).await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let since = async |sam: &Staff<'_>| {
        let row = row_of(sam, "amy").await;
        let since = row["presence_since"].as_i64();
        (row["presence"].clone(), since.expect("a time"))
    };
    let stored = async |host: &Host, since: i64| {
        support::eventually("her coming is stored", async || {
            let rows = host.desk.store().snapshot().await;
            let times = rows.expect("a snapshot").presence_times().await;
            let times = times.expect("times");
            times.iter().any(|times| {
                times.user.as_str() == "amy" && times.present == Some(Timestamp(since))
            })
        })
        .await;
    };
    // She was away and comes back.
    let first = awake(tab(&amy).await);
    first.abort();
    let _ = first.await;
    support::eventually("amy is offline", async || {
        row_of(&sam, "amy").await["presence"] == "offline"
    })
    .await;
    let at_amy = awake(tab(&amy).await);
    let came = since(&sam).await;
    assert_eq!(came.0, "available");
    stored(&host, came.1).await;

    let again = host.after_power_cut(data.path()).await;
    let (amy, sam) = (again.sign_in("amy").await, again.sign_in("sam").await);
    let at_amy_again = awake(tab(&amy).await);
    assert_eq!(since(&sam).await, came);
    let busy = json!({ "presence": "busy", "key": key() });
    amy.call("account/presence_set", busy).await.ok();
    let busy = since(&sam).await;
    assert!(busy.0 == "busy" && busy.1 > came.1);
    stored(&again, came.1).await;

    let third = again.after_power_cut(&data.path().join("after")).await;
    let (amy, sam) = (third.sign_in("amy").await, third.sign_in("sam").await);
    let at_amy_third = awake(tab(&amy).await);
    let after = since(&sam).await;
    assert_eq!(after.0, "busy");
    // What is stored is the moment of the command, a little before the one at which the desk heard of it.
    assert!(came.1 < after.1 && after.1 <= busy.1);
    for tab in [at_amy, at_amy_again, at_amy_third] {
        tab.abort();
    }
}

#[tokio::test]
async fn e11_more_of_an_agents_own_capacity_is_enough_to_be_given_what_waits() {
    let host = Host::start().await;
    let (ada, ben) = (host.sign_in("ada").await, host.sign_in("ben").await);
    let bens = |capacity: Value, version: i64| json!({ "key": key(), "user": "ben", "version": version, "name": "Ben Brooks", "roles": ["agent"], "capacity": capacity });
    let none = json!({ "own": { "chat": 0, "social": 8, "sms": 8, "phone": 1, "email": 20 } });
    let saved = ada
        .call("administration/user_update", bens(none, 0))
        .await
        .ok();
    assert_eq!(saved["capacity"]["chat"], 0);
    let at_ben = awake(tab(&ben).await);
    host.customer().await;
    let chat = danas(&host).await;
    host.desk.sweep(true).await.expect("a sweep");
    held_by(&host, &chat, None).await;
    // A page of the release before knows no capacity and leaves it.
    let old = json!({ "user": "ben", "version": 1, "name": "Ben Brook", "roles": ["agent"] });
    let renamed = ada.call("administration/user_update", old).await.ok();
    assert_eq!(renamed["capacity"]["chat"], 0);
    held_by(&host, &chat, None).await;
    let half = bens(json!({ "own": { "chat": 1 } }), 2);
    let half = ada.call("administration/user_update", half).await;
    assert!((400..500).contains(&half.status), "{}", half.body);
    let usual = bens(json!("organisation"), 2);
    ada.call("administration/user_update", usual).await.ok();
    held_by(&host, &chat, Some("ben")).await;
    at_ben.abort();
}
