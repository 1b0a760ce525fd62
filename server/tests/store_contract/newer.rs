//! A node of a later release writes beside this one: kinds, words and fields that nobody here knows. They are a neutral line or are left
//! out, what stands beside them is read, they give nobody a right, and they stay as they are. `rolling` has the other half: this release
//! beside one before.

use server::commands::{EventsClaim, ReceiverChange, WebhookUpdate};
use server::queries;
use server::store::{Snapshot, Store};
use shared::assistance::SettledHow;
use shared::audit::AuditQuery;
use shared::directory::Notification;
use shared::ids::{AlertRuleId, ReceiverId};
use shared::notice::Notice;
use shared::organisation::{PasskeyRule, SecondFactorRule};
use shared::people::{BuiltRole, Permission, Presence, Role};
use shared::time::Timestamp;
use shared::tokens::Scope;
use shared::transcript::EntryBody;
use shared::webhooks::EventKind;

use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

const HOOK: &str = "hook";

fn hook() -> ReceiverId {
    ReceiverId::parse(HOOK).unwrap()
}

async fn rows(store: &dyn Store) -> Box<dyn Snapshot> {
    store.snapshot().await.unwrap()
}

#[tokio::test]
async fn a_line_of_a_later_release_holds_its_place_in_a_conversation() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let viewer = fixture.viewer(&chat).await;
        let before = fixture.entries(&chat).await;
        let is_notice = |body: &EntryBody| matches!(body, EntryBody::Notice(_));
        assert_eq!(
            before.iter().filter(|entry| is_notice(&entry.body)).count(),
            2
        );
        assert!(before.len() > 2);
        // A kind, and what a kind says.
        let writes = r#"
            UPDATE notices SET notice = '{"kind":"painted","colour":"red"}' WHERE notice LIKE '%"assigned"%';
            UPDATE notices SET notice = '{"kind":"transferred","by":"Amy Adler","to":{"planet":"Mars"}}'
                WHERE notice LIKE '%"ended"%';"#;
        let (store, place) = fixture.written_to(writes).await;
        let mut rows = rows(&*store).await;
        let page = queries::conversation_page(&mut *rows, &chat, &viewer, None).await;
        let mut expected = before;
        for entry in &mut expected {
            if is_notice(&entry.body) {
                entry.body = EntryBody::Notice(Notice::Later);
            }
        }
        assert_eq!(page.unwrap().entries, expected);
        assert_eq!(
            place
                .texts("SELECT notice FROM notices ORDER BY notice")
                .await,
            [
                r#"{"kind":"painted","colour":"red"}"#,
                r#"{"kind":"transferred","by":"Amy Adler","to":{"planet":"Mars"}}"#,
            ]
        );
    }
}

#[tokio::test]
async fn a_notification_of_a_later_release_keeps_its_number() {
    for fixture in every().await {
        let seen = fixture.rows().await.notification_head(&user("amy")).await;
        let seen = seen.unwrap();
        let writes = r#"
            INSERT INTO own_log (user_id, seq, event)
                SELECT id, own_seq + 1, '{"Sung":{"by":"sam"}}' FROM users WHERE id = 'amy';
            INSERT INTO own_log (user_id, seq, event)
                SELECT id, own_seq + 2, '{"RequestAnswered":{"request":"r1","by":{"id":"sam","name":"Sam Stone"},"how":"sung"}}'
                FROM users WHERE id = 'amy';
            INSERT INTO own_log (user_id, seq, event)
                SELECT id, own_seq + 3, '{"Read":{"with":"sam","through":1,"aloud":true}}' FROM users WHERE id = 'amy';
            UPDATE users SET own_seq = own_seq + 3 WHERE id = 'amy';"#;
        let (store, place) = fixture.written_to(writes).await;
        let mut rows = rows(&*store).await;
        let missed = queries::notifications_missed(&mut *rows, &user("amy"), seen, 10).await;
        let read = Notification::Read {
            with: user("sam"),
            through: 1,
        };
        let later = Notification::Later;
        assert_eq!(
            missed.unwrap().expect("the log reaches back"),
            [
                (seen + 1, later.clone()),
                (seen + 2, later),
                (seen + 3, read)
            ]
        );
        let kept = place.texts("SELECT event FROM own_log WHERE event LIKE '%sung%' OR event LIKE '%Sung%' ORDER BY seq");
        let kept = kept.await;
        assert_eq!(kept.len(), 2);
        assert_eq!(kept[0], r#"{"Sung":{"by":"sam"}}"#);
    }
}

/// A role, tokens and presences.
const RIGHTS: &str = r#"
    INSERT INTO custom_roles (id, kind, name, name_key, permissions, more_permissions, version)
        VALUES ('coach', 'supervisor', 'Coach', 'coach', '["coaching.send","planets.move"]', '["everything"]', 0);
    UPDATE user_roles SET custom_id = 'coach' WHERE user_id = 'sam' AND role = 'supervisor';
    INSERT INTO api_tokens (id, hash, name, scopes, created_by, created_at) VALUES
        ('t1', 'h1', 'Phone', '["workitems:read","planets:move"]', 'ada', 1),
        ('t2', 'h2', 'Moon', '["planets:move"]', 'ada', 2);
    UPDATE users SET presence = 'on_mars' WHERE id = 'ben';"#;

#[tokio::test]
async fn what_only_a_later_release_knows_gives_nobody_a_right() {
    for fixture in every().await {
        let (store, place) = fixture.written_to(RIGHTS).await;
        let mut rows = rows(&*store).await;
        let permissions = vec![Permission::CoachingSend];
        let roles = rows.custom_role_list().await.unwrap();
        let listed: Vec<_> = roles.iter().map(|role| &role.permissions).collect();
        assert_eq!(listed, [&permissions]);
        let sam = rows.actor_find(&user("sam")).await.unwrap();
        let kind = Role::Supervisor;
        assert_eq!(sam.unwrap().built, [BuiltRole { kind, permissions }]);

        let tokens = rows.token_list().await.unwrap();
        let listed = tokens
            .iter()
            .map(|token| (&token.name[..], &token.scopes[..]));
        let listed: Vec<_> = listed.collect();
        let phone = [Scope::WorkitemsRead];
        assert_eq!(listed, [("Moon", &[][..]), ("Phone", &phone[..])]);

        // He takes no work here, and the others do.
        let agents = rows.agent_list().await.unwrap();
        let of = |id: &str| agents.iter().find(|(agent, _)| agent.id == user(id));
        assert_eq!(
            of("ben").map(|(_, presence)| *presence),
            Some(Presence::Away)
        );
        assert_eq!(
            of("amy").map(|(_, presence)| *presence),
            Some(Presence::Available)
        );

        for (query, kept) in [
            ("SELECT presence FROM users WHERE id = 'ben'", "on_mars"),
            (
                "SELECT permissions FROM custom_roles",
                r#"["coaching.send","planets.move"]"#,
            ),
            (
                "SELECT more_permissions FROM custom_roles",
                r#"["everything"]"#,
            ),
            (
                "SELECT scopes FROM api_tokens WHERE id = 't2'",
                r#"["planets:move"]"#,
            ),
        ] {
            assert_eq!(place.texts(query).await, [kept], "{query}");
        }
    }
}

#[tokio::test]
async fn a_setting_of_a_later_release_asks_for_more_and_outlives_an_edit() {
    let writes = r#"UPDATE organisation SET settings = '{"queue_max":7,"second_factor":"strangers","passkeys":"on_mondays",
        "capacity":{"chat":3,"social":8,"sms":8,"phone":1,"email":20,"video":2},"colour":"red"}'"#;
    for fixture in every().await {
        let (store, place) = fixture.written_to(writes).await;
        let edit = rows(&*store).await.organisation_find().await.unwrap();
        assert_eq!(
            (edit.settings.queue_max, edit.settings.capacity.chat),
            (7, 3)
        );
        assert_eq!(edit.settings.second_factor, SecondFactorRule::Everybody);
        assert_eq!(edit.settings.passkeys, PasskeyRule::SecondFactor);

        let changes = [setting("queue_max", 9), setting("capacity_phone", 2)];
        let (who, key) = (person("ada"), fixture.fresh_key());
        let save = organisation_save(&who, edit.version, &changes, key, fixture.now());
        let saved = store.execute(save).await.unwrap().value.settings;
        assert_eq!((saved.queue_max, saved.capacity.phone), (9, 2));
        let kept = r#"{"capacity":{"chat":3,"email":20,"phone":2,"sms":8,"social":8,"video":2},"colour":"red","passkeys":"on_mondays","queue_max":9,"second_factor":"strangers"}"#;
        let kept: serde_json::Value = serde_json::from_str(kept).unwrap();
        let stored = place.texts("SELECT settings FROM organisation").await;
        let stored: serde_json::Value = serde_json::from_str(&stored[0]).unwrap();
        for (name, value) in kept.as_object().unwrap() {
            assert_eq!(&stored[name], value, "{name}");
        }
    }
}

/// A receiver, and what is on its way to it.
const EVENTS: &str = r#"
    INSERT INTO webhook_receivers (id, name, place, events, created_by, created_at)
        VALUES ('hook', 'Archive', 'https://archive.example', '["workitem.ended","workitem.painted"]', 'ada', 1);
    INSERT INTO webhook_events (id, receiver_id, kind, facts, at, reason) VALUES
        ('known', 'hook', 'workitem.ended', '{"about":"workitem","workitem":"w1"}', 1, NULL);
    INSERT INTO webhook_events (id, receiver_id, kind, facts, at, reason) VALUES
        ('painted', 'hook', 'workitem.painted', '{"about":"workitem","workitem":"w1"}', 2, NULL);
    INSERT INTO webhook_events (id, receiver_id, kind, facts, at, reason) VALUES
        ('other', 'hook', 'workitem.ended', '{"about":"painting"}', 3, NULL);
    INSERT INTO webhook_events (id, receiver_id, kind, facts, at, reason) VALUES
        ('failed', 'hook', 'workitem.ended', '{"about":"workitem","workitem":"w1"}', 4, 'eclipse');
    INSERT INTO jobs (kind, about, lane, created_at, run_after, queue)
        VALUES ('webhook_deliver', 'painted', 'painted', 1, 1, 'hook');"#;

#[tokio::test]
async fn an_event_of_a_later_release_waits_for_a_node_that_knows_it() {
    for fixture in every().await {
        let (store, place) = fixture.written_to(EVENTS).await;
        let mut seen = rows(&*store).await;
        let receivers = seen.receiver_list().await.unwrap();
        assert_eq!(receivers.len(), 1);
        assert_eq!(receivers[0].events, [EventKind::WorkitemEnded]);
        // A page is as long as ever: what is left out makes it no shorter.
        let page = seen.events_before(&hook(), i64::MAX, 2).await.unwrap();
        let ids: Vec<_> = page.iter().map(|event| &event.id[..]).collect();
        assert_eq!(ids, ["failed", "known"]);
        assert_eq!(page[0].tries.failure, None);
        for (event, there) in [("painted", true), ("other", true), ("nothing", false)] {
            assert_eq!(seen.event_find(event).await.unwrap(), None, "{event}");
            assert_eq!(seen.event_is_there(event).await.unwrap(), there, "{event}");
        }
        drop(seen);

        let claim = EventsClaim {
            lease: "lease".to_owned(),
            at: Timestamp(5),
            until: Timestamp(60_000_000),
            room: vec![(hook(), 10)],
        };
        let claimed = store.execute(claim).await.unwrap().value;
        assert!(claimed.is_empty(), "{claimed:?}");
        let jobs = "SELECT about || ' ' || COALESCE(lease, 'is free') FROM jobs WHERE kind = 'webhook_deliver'";
        assert_eq!(place.texts(jobs).await, ["painted is free"]);

        let update = WebhookUpdate {
            receiver: hook(),
            change: ReceiverChange {
                name: "Archive".to_owned(),
                place: String::new(),
                address_digest: String::new(),
                events: vec![EventKind::WorkitemCreated],
                teams: None,
            },
            version: receivers[0].version,
            address: None,
            session: None,
            context: fixture.context(),
        };
        store.execute(update).await.unwrap();
        let chosen = place.texts("SELECT events FROM webhook_receivers").await;
        assert_eq!(chosen, [r#"["workitem.created","workitem.painted"]"#]);
        let kept = "SELECT id || ' ' || kind || ' ' || facts FROM webhook_events WHERE id IN ('other', 'painted') ORDER BY id";
        assert_eq!(
            place.texts(kept).await,
            [
                r#"other workitem.ended {"about":"painting"}"#,
                r#"painted workitem.painted {"about":"workitem","workitem":"w1"}"#,
            ]
        );
    }
}

#[tokio::test]
async fn a_rule_an_act_and_an_answer_of_a_later_release_hide_no_other() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let help = fixture.add_template("help", "I need help.").await;
        let asked = fixture.raise_hand("amy", &help, &["sam"], None).await;
        let (request, _) = asked.unwrap();
        let writes = r#"
            INSERT INTO alert_rules (id, name, name_key, condition) VALUES
                ('r1', 'Wait', 'wait', '{"queued":5}'), ('r2', 'Mood', 'mood', '{"mood":"sour"}');
            INSERT INTO alerts (rule_id, workitem_id, about, raised_at) VALUES ('r1', 'CHAT', 1, 1), ('r2', 'CHAT', 1, 1);
            UPDATE requests SET answered_at = 5, answered_by = 'sam', settled_how = 'sung';
            INSERT INTO audit (id, actor_id, what, about, changes, at) SELECT MAX(id) + 1, 'ada', 'planet_move', 'mars',
                '[{"field":"orbit","was":{"au":1},"is":{"au":2}},{"field":"name","was":null,"is":"Mars"}]', 5 FROM audit;"#;
        let (filter, newest) = AuditQuery::default().parse().unwrap();
        let acts = fixture
            .rows()
            .await
            .audit_page(&filter, newest, 1_000)
            .await;
        let acts = acts.unwrap().len();
        let writes = writes.replace("CHAT", chat.as_str());
        let (store, place) = fixture.written_to(&writes).await;
        let mut rows = rows(&*store).await;

        let rules = rows.alert_rule_list().await.unwrap();
        let names: Vec<_> = rules.iter().map(|rule| &rule.name[..]).collect();
        assert_eq!(names, ["Wait"]);
        let mood = AlertRuleId::parse("r2").unwrap();
        assert_eq!(rows.alert_rule_find(&mood).await.unwrap(), None);
        let open = rows.alerts_open(None).await.unwrap();
        let names: Vec<_> = open.iter().map(|alert| &alert.rule.name[..]).collect();
        assert_eq!(names, ["Wait"]);

        // Settled, and by no answer.
        let listed = rows.request_listed(&request).await.unwrap();
        let settled = listed.unwrap().settled.unwrap();
        assert_eq!(settled.how, SettledHow::Handled);

        let page = rows.audit_page(&filter, newest, 1_000).await.unwrap();
        assert_eq!(page.len(), acts + 1);
        let moved = page.iter().find(|row| row.what == "planet_move").unwrap();
        let fields: Vec<_> = moved
            .changes
            .iter()
            .map(|change| &change.field[..])
            .collect();
        assert_eq!(fields, ["name"]);

        for (query, kept) in [
            (
                "SELECT condition FROM alert_rules WHERE id = 'r2'",
                r#"{"mood":"sour"}"#,
            ),
            ("SELECT settled_how FROM requests", "sung"),
            (
                "SELECT changes FROM audit WHERE what = 'planet_move'",
                r#"[{"field":"orbit","was":{"au":1},"is":{"au":2}},{"field":"name","was":null,"is":"Mars"}]"#,
            ),
        ] {
            assert_eq!(place.texts(query).await, [kept], "{query}");
        }
    }
}
