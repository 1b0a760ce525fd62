//! Every server function that changes something takes a key; under a key that was used nothing happens again.

use std::path::Path;

use futures_util::future::join_all;
use rusqlite::types::Value as Column;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::functions::inputs;
use crate::ready::{make_own, make_ready};
use crate::support::{Host, Staff, key};
use crate::table::May;

/// What takes no key, and why.
const WITHOUT: [(&str, &str); 41] = [
    ("channels/provider_channel_list", READS),
    (
        "channels/channel_test",
        "sends a message each time that somebody wants to see whether it works; nothing is stored of it",
    ),
    ("customers/customer_find", READS),
    ("customers/erasure_preview", READS),
    ("deletions/deletion_preview", READS),
    ("audit/audit_list", READS),
    ("history/history_search", LOOKS),
    ("history/conversations_before", READS),
    ("history/history_read", LOOKS),
    ("stepping_in/workitem_peek", LOOKS),
    ("workitems/worklist_load", READS),
    ("workitems/closed_list", READS),
    ("workitems/conversation_load", LOOKS),
    ("workitems/conversation_older", LOOKS),
    ("workitems/workitem_read", MARK),
    ("workitems/transfer_options_load", READS),
    ("coaching/dashboard_load", READS),
    ("coaching/agent_workitems_load", READS),
    ("coaching/agent_workitems_beside", READS),
    ("coaching/queue_load", READS),
    ("coaching/coaching_helped", LOOKS),
    ("assistance/assistance_options_load", READS),
    ("labels/label_list", READS),
    ("saved_texts/saved_text_list", READS),
    ("views/view_list", READS),
    (
        "views/view_choose",
        "sets what the dashboard keeps for its reader: again sets the same",
    ),
    ("templates/template_list", READS),
    ("directory/desk_load", READS),
    ("directory/people_list", READS),
    ("directory/directory_conversation", READS),
    ("directory/directory_read", MARK),
    ("directory/message_dismiss", DISMISSED),
    ("coaching/coaching_dismiss", DISMISSED),
    ("coaching/coaching_reply_seen", MARK),
    ("workitems/reassign_options_load", READS),
    ("account/session_list", READS),
    ("administration/user_list", READS),
    ("administration/team_list", READS),
    (
        "account/password_prove",
        "proves who sits there; again only proves it again",
    ),
    ("organisation/organisation_load", READS),
    ("organisation/retention_preview", READS),
];
const READS: &str = "changes nothing";
const LOOKS: &str = "reads, and the audit log says who was shown what is not their own work";
const DISMISSED: &str = "what is dismissed stays dismissed: again changes nothing";
const MARK: &str =
    "a read mark moves forward only: repeating it, however late, leaves it where it is";

/// What a command can change. What the host does on its own meanwhile, such as assigning work, is not among it.
const CHANGES: [&str; 30] = [
    "SELECT sender, key, kind, at, answer FROM commands ORDER BY id",
    // A monitoring begins and ends with a connection.
    "SELECT actor_id, what, about, at FROM audit
        WHERE what NOT IN ('monitoring_begin', 'monitoring_end') ORDER BY id",
    "SELECT * FROM templates ORDER BY id",
    "SELECT * FROM teams ORDER BY id",
    "SELECT * FROM team_members ORDER BY 1, 2",
    "SELECT * FROM team_supervisors ORDER BY 1, 2",
    "SELECT id, username, name, active, deleted_at, presence, pop_up, letter_keys, password_hash, password_temporary, version FROM users ORDER BY id",
    "SELECT * FROM second_factors ORDER BY user_id",
    "SELECT * FROM recovery_codes ORDER BY 1, 2",
    "SELECT * FROM passkeys ORDER BY id",
    "SELECT * FROM provisioned_users ORDER BY 1",
    "SELECT id, user_id FROM sessions ORDER BY id",
    "SELECT user_id, role, place, custom_id FROM user_roles ORDER BY 1, 2",
    "SELECT * FROM channels ORDER BY key",
    "SELECT * FROM channel_secrets ORDER BY 1, 2",
    "SELECT * FROM directory_messages ORDER BY low, high, seq",
    "SELECT * FROM coaching ORDER BY entry_id",
    "SELECT * FROM coaching_readers ORDER BY 1, 2",
    "SELECT * FROM requests ORDER BY id",
    "SELECT * FROM customer_entries ORDER BY workitem_id, seq",
    "SELECT id, taken_from FROM workitems ORDER BY id",
    "SELECT * FROM organisation",
    "SELECT * FROM alert_rules ORDER BY id",
    "SELECT * FROM alerts ORDER BY 1, 2, 3",
    "SELECT * FROM labels ORDER BY id",
    "SELECT * FROM custom_roles ORDER BY id",
    "SELECT * FROM escalations ORDER BY team_id",
    "SELECT * FROM dashboard_choices ORDER BY 1",
    "SELECT * FROM workitem_labels ORDER BY 1, 2",
    "SELECT * FROM workitem_reviews ORDER BY 1, 2",
];

fn stored(data: &Path) -> Vec<Vec<Vec<Column>>> {
    let file = data.join("sideline.db");
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let connection = connection.expect("the database");
    let read = |statement: &&str| {
        let mut statement = connection.prepare(statement).expect("a statement");
        let columns = statement.column_count();
        let mut rows = statement.query([]).expect("rows");
        let mut found = Vec::new();
        while let Some(row) = rows.next().expect("a row") {
            let row = (0..columns).map(|column| row.get(column));
            found.push(row.collect::<Result<_, _>>().expect("columns"));
        }
        found
    };
    CHANGES.iter().map(read).collect()
}

/// Somebody who may.
async fn actor<'a>(host: &'a Host, may: May) -> Staff<'a> {
    host.sign_in(somebody(may)).await
}

fn somebody(may: May) -> &'static str {
    let mut all = ["amy", "sam", "ada"].into_iter();
    let who = all.find(|who| may.includes(who));
    who.expect("somebody may")
}

#[tokio::test]
async fn e03_every_function_takes_a_key_or_is_listed_with_its_reason() {
    let host = Host::start().await;
    for (name, may, mut input) in inputs(&host).await {
        let listed = WITHOUT.iter().find(|(known, _)| *known == name);
        let keyed = input.get("key").is_some();
        assert_ne!(
            keyed,
            listed.is_some(),
            "{name}: a key, or a reason why none"
        );
        if !keyed {
            continue;
        }
        input["key"] = json!("no key!");
        let caller = actor(&host, may).await;
        let answered = caller.call(name, input).await;
        assert_eq!(
            answered.status, 422,
            "{name} reads its key: {}",
            answered.body
        );
    }
}

/// A text has a pace of its own, which is as slow here.
#[tokio::test]
async fn s30_everything_but_reading_has_a_pace() {
    let host = Host::start_with_rates(1, 1).await;
    let amy = host.sign_in("amy").await;
    for (name, ..) in inputs(&Host::start().await).await {
        let calls = (0..20).map(|_| amy.call(name, json!({})));
        let answers = join_all(calls).await;
        let limited = answers.iter().any(|answer| answer.status == 429);
        let reads = WITHOUT.contains(&(name, READS));
        assert_eq!(limited, !reads, "{name}");
    }
}

#[tokio::test]
async fn e03_f04_a_command_that_is_repeated_changes_nothing_and_gives_the_first_answer() {
    let count = inputs(&Host::start().await).await.len();
    for number in 0..count {
        let data = tempfile::tempdir().expect("a folder");
        let host = Host::start_in(data.path()).await;
        let (name, may, mut input) = inputs(&host).await.swap_remove(number);
        if input.get("key").is_none() {
            continue;
        }
        let _there = make_ready(&host, name, &mut input).await;
        let caller = actor(&host, may).await;
        make_own(&host, somebody(may), &caller, name, &mut input).await;
        let first = caller.call(name, input.clone()).await;
        assert_eq!(first.status, 200, "{name}: {}", first.body);
        let before = stored(data.path());
        let again = caller.call(name, input.clone()).await;
        assert_eq!((again.status, again.body), (200, first.body), "{name}");
        assert!(before == stored(data.path()), "{name} was done twice");

        // The key of something else.
        let used = json!({ "key": key(), "presence": "away" });
        caller.call("account/presence_set", used.clone()).await.ok();
        let before = stored(data.path());
        input["key"] = used["key"].clone();
        if name == "account/presence_set" {
            input["presence"] = json!("busy");
        }
        let refused = caller.call(name, input).await;
        assert_eq!(
            (refused.status, &refused.body["Conflict"]["reason"]),
            (
                409,
                &json!(
                    "This was sent before with other content, so nothing was changed now. Send it once more if you want both."
                )
            ),
            "{name}"
        );
        assert!(before == stored(data.path()), "{name} changed something");
    }
}

/// With a command that had no key in the release before, a tab of that release goes on working.
#[tokio::test]
async fn e03_e06_tabs_of_the_release_before_are_understood_without_keys_and_versions() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let new = json!({ "change": { "name": "Night", "members": [], "supervisors": ["sam"] } });
    let team = ada.call("administration/team_create", new).await.ok();
    let edit = json!({
        "team": team["id"], "change": { "name": "Day", "members": [], "supervisors": [] },
    });
    ada.call("administration/team_update", edit.clone())
        .await
        .ok();
    // It does not know what was changed since, so it gets a conflict.
    let mut second = edit;
    second["change"]["name"] = json!("Night");
    let refused = ada.call("administration/team_update", second).await;
    assert_eq!(refused.status, 409);
    let reason = refused.body["Conflict"]["reason"]
        .as_str()
        .expect("a sentence");
    assert!(reason.contains("Name: now “Day”"), "{reason}");
    for (name, input) in [
        ("account/presence_set", json!({ "presence": "busy" })),
        ("account/settings_save", json!({ "pop_up": false })),
        ("account/language_set", json!({ "language": "de" })),
        ("account/sessions_end_elsewhere", json!({})),
        (
            "administration/channel_activate",
            json!({ "channel": "care", "active": false }),
        ),
        (
            "administration/user_activate",
            json!({ "user": "sue", "active": false }),
        ),
    ] {
        ada.call(name, input).await.ok();
    }
}
