//! A supervisor beside an agent: what the agent sees, and that the customer sees none of it.

use server::commands::{
    CoachingAppend, CoachingDismiss, CoachingForward, Handover, WorkitemImport, WorkitemWrapUp,
};
use server::store::{Change, StoreError};
use shared::customer::CustomerBody;
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::WorkitemId;
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Reaction};
use shared::workitem::{Channel, TransferTo, Workitem};

use crate::fixtures::*;
use crate::words::*;

#[tokio::test]
async fn coaching_stands_in_the_conversation_and_touches_nothing_of_the_customers() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let before = fixture.workitem(&chat).await;
        let coached = fixture.coach(&chat, "sam", "Breathe.").await.unwrap();
        let rev = coached.value.rev;
        assert_eq!(revisions(&coached.changes), [rev, rev + 1]);
        assert!(coached.changes.contains(&Change::Agent(user("amy"))));
        let after = fixture.workitem(&chat).await;
        let told = after.coaching_latest.clone().unwrap();
        assert_eq!((after.coaching_unseen, told.text.as_str()), (1, "Breathe."));
        let untouched = Workitem {
            coaching_unseen: 0,
            coaching_latest: None,
            ..after
        };
        assert_eq!(untouched, before, "only what the agent is told of coaching");
        assert_eq!(
            fixture.lines(&chat).await.last().unwrap(),
            "Sam Stone coaches: Breathe."
        );
    }
}

/// One conversation at fixed times, coached or not; the customer's side of it.
async fn frames_of_a_conversation(
    fixture: &Fixture,
    coached: bool,
) -> Vec<shared::customer::CustomerFrame> {
    let minute = |number: i64| Timestamp(number * 60_000_000);
    let mut opening = fixture.customer_send("kim", "My router is dead.");
    (opening.at, opening.key) = (minute(1), key("kim-1"));
    let chat = fixture.store.execute(opening).await.unwrap();
    let chat: WorkitemId = chat.value.workitem;
    fixture.assign(&chat, "amy").await.unwrap();
    if coached {
        fixture.monitor(&chat, "sam").await.unwrap();
        fixture
            .coach(&chat, "sam", "Ask for the model.")
            .await
            .unwrap();
    }
    let mut answer = fixture.answer(&chat, "amy", "Which model is it?");
    answer.at = minute(2);
    fixture.store.execute(answer).await.unwrap();
    if coached {
        let tip = fixture.coach(&chat, "sam", "Have them restart it.").await;
        let tip = tip.unwrap().value.entry.id;
        let reaction = Some(Reaction::ThumbsUp);
        fixture
            .react(&chat, "amy", &tip, reaction, fixture.context())
            .await
            .unwrap();
        let forward = CoachingForward {
            workitem: chat.clone(),
            source: tip,
            agent: person("amy"),
            entry: fixture.fresh_entry(),
            at: minute(3),
            key: fixture.fresh_key(),
        };
        fixture.store.execute(forward).await.unwrap();
    } else {
        let mut answer = fixture.answer(&chat, "amy", "Have them restart it.");
        answer.at = minute(3);
        fixture.store.execute(answer).await.unwrap();
    }
    let mut reply = fixture.customer_send("kim", "That helped!");
    (reply.at, reply.key) = (minute(4), key("kim-2"));
    fixture.store.execute(reply).await.unwrap();
    let mut end = fixture.state_change(&chat, "amy");
    end.at = minute(5);
    fixture.store.execute(WorkitemWrapUp(end)).await.unwrap();
    fixture.frames(&chat).await
}

#[tokio::test]
async fn the_customers_view_is_the_same_coached_or_not() {
    for (quiet, coached) in every().await.into_iter().zip(every().await) {
        let plain = frames_of_a_conversation(&quiet, false).await;
        assert_eq!(plain.len(), 5);
        assert_eq!(plain, frames_of_a_conversation(&coached, true).await);
    }
}

#[tokio::test]
async fn a_reaction_can_be_set_changed_and_taken_back() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let tip = fixture.coach(&chat, "sam", "Breathe.").await.unwrap().value;
        let react = async |reaction| {
            let written = fixture
                .react(&chat, "amy", &tip.entry.id, reaction, fixture.context())
                .await
                .unwrap();
            revisions(&written.changes).len()
        };
        let shown = async || match &fixture.entries(&chat).await.last().unwrap().body {
            EntryBody::Coaching { reaction, .. } => *reaction,
            other => panic!("{other:?}"),
        };
        for reaction in [Some(Reaction::ThumbsUp), Some(Reaction::ThumbsDown), None] {
            assert_eq!(react(reaction).await, 1);
            assert_eq!(shown().await, reaction);
            assert_eq!(react(reaction).await, 0, "nothing new, nothing told");
        }
        let (message, up) = (
            fixture.entries(&chat).await[0].id.clone(),
            Reaction::ThumbsUp,
        );
        let wrong = fixture.react(&chat, "amy", &message, Some(up), fixture.context());
        not_found(wrong.await);
        let other = fixture.chat_of("amy", "lou").await;
        let elsewhere = fixture.react(&other, "amy", &tip.entry.id, None, fixture.context());
        not_found(elsewhere.await);
    }
}

#[tokio::test]
async fn what_was_said_to_one_agent_and_thought_by_them_is_not_another_ones() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let tip = fixture.coach(&chat, "sam", "Breathe.").await.unwrap().value;
        let up = Some(Reaction::ThumbsUp);
        let react = async |agent: &str, reaction| {
            let context = fixture.context();
            let reacted = fixture.react(&chat, agent, &tip.entry.id, reaction, context);
            reacted.await
        };
        react("amy", up).await.unwrap();
        let to = Handover {
            to: TransferTo::Agent(user("ben")),
            connected: true,
            confirmed: false,
        };
        let change = fixture.state_change(&chat, "amy");
        fixture.transfer(change, to).await.unwrap();

        let late = CoachingAppend {
            agent: Some(user("amy")),
            ..fixture.coaching(&chat, "sam", "Be quicker.")
        };
        let before = fixture.entries(&chat).await;
        assert_eq!(
            conflict(fixture.store.execute(late).await),
            ConflictCause::HandedOnMeanwhile
        );
        for reaction in [None, Some(Reaction::ThumbsDown)] {
            let refused = react("ben", reaction).await;
            assert!(matches!(refused, Err(StoreError::Refused { .. })));
        }
        assert_eq!(fixture.entries(&chat).await, before);
        let given = before.iter().find_map(|entry| match &entry.body {
            EntryBody::Coaching {
                reaction,
                reaction_by,
                ..
            } => Some((*reaction, reaction_by.clone())),
            _ => None,
        });
        assert_eq!(given, Some((up, Some(person("amy")))));

        let meant = CoachingAppend {
            agent: Some(user("ben")),
            ..fixture.coaching(&chat, "sam", "Be quick.")
        };
        fixture.store.execute(meant).await.unwrap();
    }
}

#[tokio::test]
async fn forwarding_twice_at_once_reaches_the_customer_once() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let tip = fixture.coach(&chat, "sam", "Restart it.").await.unwrap();
        let tip = tip.value.entry.id;
        not_found(fixture.forward(&chat, &tip, "ben").await);
        let (one, two) = tokio::join!(
            fixture.forward(&chat, &tip, "amy"),
            fixture.forward(&chat, &tip, "amy")
        );
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.value, two.value);
        assert_eq!(one.changes.is_empty(), !two.changes.is_empty());
        assert_eq!(line(&one.value.entry), "Amy Adler: Restart it.");
        let frames = fixture.frames(&chat).await;
        assert_eq!(
            frames[1..].iter().map(|f| &f.body).collect::<Vec<_>>(),
            [&CustomerBody::Theirs {
                name: "Amy Adler".to_owned(),
                text: Some(said("Restart it.")),
                files: Vec::new(),
            }]
        );
        let entries = fixture.entries(&chat).await;
        let source = entries.iter().find(|entry| entry.id == tip).unwrap();
        assert!(matches!(
            source.body,
            EntryBody::Coaching {
                forwarded_at: Some(_),
                ..
            }
        ));
        assert_eq!(fixture.workitem(&chat).await.waiting_since, None);

        let late = fixture.coach(&chat, "sam", "Say goodbye.").await.unwrap();
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let late = fixture.forward(&chat, &late.value.entry.id, "amy").await;
        assert_eq!(conflict(late), ConflictCause::ConversationEnded);
        let again = fixture.forward(&chat, &tip, "amy").await.unwrap();
        assert_eq!(again.value, one.value);
    }
}

#[tokio::test]
async fn monitoring_begins_and_ends_once_and_the_agent_is_told() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let came = fixture.monitor(&chat, "sam").await.unwrap();
        assert!(came.value);
        assert!(matches!(
            notifications(&came.changes)[..],
            [("amy", Notification::MonitoringStarted { supervisor, .. })] if supervisor.name == "Sam Stone"
        ));
        let again = fixture.monitor(&chat, "sam").await.unwrap();
        assert!(!again.value && again.changes.is_empty());
        fixture.monitor(&chat, "sue").await.unwrap();
        assert_eq!(
            fixture.workitem(&chat).await.monitors,
            [person("sam"), person("sue")]
        );
        assert_eq!(fixture.monitorings().await.len(), 2);

        let leave = async || fixture.unmonitor(&chat, "sam").await.unwrap();
        let gone = leave().await;
        assert!(gone.value);
        assert!(matches!(
            notifications(&gone.changes)[..],
            [("amy", Notification::MonitoringEnded { .. })]
        ));
        let again = leave().await;
        assert!(!again.value && again.changes.is_empty());
        assert_eq!(
            fixture.lines(&chat).await[2..],
            [
                "Sam Stone is here",
                "Sue Silva is here",
                "Sam Stone is gone: left"
            ]
        );
        assert_eq!(
            fixture.workitem(&chat).await.unread,
            1,
            "nobody read for amy"
        );
    }
}

#[tokio::test]
async fn e51_the_audit_log_says_who_monitored_whom_from_when_until_when() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        // Twice, as from two windows: one monitoring.
        for supervisor in ["sam", "sam", "sue"] {
            fixture.monitor(&chat, supervisor).await.unwrap();
        }
        for _ in 0..2 {
            fixture.unmonitor(&chat, "sam").await.unwrap();
        }
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        let expected = [
            format!("sam monitoring_begin {chat} notified: true"),
            format!("sue monitoring_begin {chat} notified: true"),
            format!("sam monitoring_end {chat} notified: true reason: left"),
            format!("sue monitoring_end {chat} notified: true reason: workitem_closed"),
        ];
        assert_eq!(fixture.audited("amy").await, expected);
        for nobody in ["ben", "kim"] {
            assert_eq!(fixture.audited(nobody).await, [""; 0]);
        }
        assert!(fixture.findings().await.is_empty());
    }
}

#[tokio::test]
async fn closing_ends_every_monitoring() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        fixture.monitor(&chat, "sue").await.unwrap();
        assert_eq!(
            conflict(fixture.close(&chat, "amy").await),
            ConflictCause::NotWrappedUp
        );
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let closed = fixture.close(&chat, "amy").await.unwrap();
        assert_eq!(notifications(&closed.changes).len(), 2);
        assert!(closed.changes.contains(&Change::Agent(user("amy"))));
        assert_eq!(
            fixture.lines(&chat).await[4..],
            [
                "Amy Adler ended the conversation.",
                "Amy Adler closed the workitem.",
                "Sam Stone is gone: workitem_closed",
                "Sue Silva is gone: workitem_closed",
            ]
        );
        assert!(fixture.monitorings().await.is_empty());
        assert_eq!(
            conflict(fixture.monitor(&chat, "sam").await),
            ConflictCause::WorkitemClosed
        );
        assert_eq!(
            conflict(fixture.coach(&chat, "sam", "Well done.").await),
            ConflictCause::WorkitemClosed
        );
        assert!(
            fixture
                .reads
                .view()
                .agent_workitems(&user("amy"))
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn calls_mails_and_queued_work_are_not_coached() {
    for fixture in every().await {
        let queued = fixture.customer_says("kim", "Hello?").await.value.workitem;
        assert_eq!(
            conflict(fixture.coach(&queued, "sam", "Hm.").await),
            ConflictCause::NobodyHasIt
        );
        for channel in [Channel::Phone, Channel::Email] {
            let id = WorkitemId::parse(channel.code()).unwrap();
            let import = WorkitemImport {
                id: id.clone(),
                channel,
                customer: "Lou".to_owned(),
                subject: "Invoice".to_owned(),
                team: team("care"),
                agent: Some(user("amy")),
                started_at: fixture.now(),
                given_at: None,
                messages: vec![],
                carried: None,
            };
            fixture.store.execute(import).await.unwrap();
            assert_eq!(invalid(fixture.coach(&id, "sam", "Hm.").await), "workitem");
            assert_eq!(
                conflict(fixture.agent_says(&id, "amy", "Hello").await),
                ConflictCause::AnsweredElsewhere
            );
            assert!(fixture.entries(&id).await.is_empty());
        }
    }
}

#[tokio::test]
async fn e23_coaching_counts_until_the_agent_has_looked_at_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        for text in ["Breathe.", "Apologise first."] {
            fixture.coach(&chat, "sam", text).await.unwrap();
        }
        let unseen = async || {
            let workitem = fixture.workitem(&chat).await;
            let latest = workitem.coaching_latest.map(|latest| latest.text);
            (workitem.coaching_unseen, latest)
        };
        assert_eq!(unseen().await, (2, Some("Apologise first.".to_owned())));
        let seen = async || {
            let entries = fixture.entries(&chat).await.into_iter();
            let seen = entries.filter_map(|entry| match entry.body {
                EntryBody::Coaching { seen_at, .. } => Some(seen_at),
                _ => None,
            });
            seen.collect::<Vec<_>>()
        };
        assert_eq!(seen().await, [None, None]);
        // A supervisor who reads the list marks nothing, nor does an answer that was written without looking.
        fixture
            .agent_says(&chat, "amy", "One moment.")
            .await
            .unwrap();
        assert_eq!(unseen().await.0, 2);

        let first = fixture.entries(&chat).await;
        let first = first
            .iter()
            .find(|entry| line(entry).ends_with("Breathe."))
            .unwrap()
            .seq;
        let look = async |through: i64| {
            let looked = fixture.read(&chat, "amy", through, Timestamp(7)).await;
            looked.unwrap().changes
        };
        let changes = look(first).await;
        assert!(changes.contains(&Change::Agent(user("amy"))));
        assert_eq!(seen().await, [Some(Timestamp(7)), None]);
        assert_eq!(unseen().await.0, 1);
        look(i64::MAX).await;
        assert_eq!(unseen().await, (0, None));
        assert!(
            look(i64::MAX).await.is_empty(),
            "looking again is nothing new"
        );
        let (again, _folder) = fixture.reopened().await;
        let mut rows = again.snapshot().await.unwrap();
        let kept = rows.workitems_open_of(&user("amy")).await.unwrap();
        assert_eq!(kept[0].workitem.coaching_unseen, 0);
    }
}

#[tokio::test]
async fn e23_a_dismissed_notice_leaves_the_count() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let tip = fixture.coach(&chat, "sam", "Breathe.").await.unwrap();
        let tip = tip.value.entry.id;
        let dismiss = async |who: &str| {
            let dismiss = CoachingDismiss {
                workitem: chat.clone(),
                agent: user(who),
                entry: tip.clone(),
                at: fixture.now(),
            };
            fixture.store.execute(dismiss).await
        };
        not_found(dismiss("ben").await);
        assert!(!dismiss("amy").await.unwrap().changes.is_empty());
        assert!(dismiss("amy").await.unwrap().changes.is_empty());
        let workitem = fixture.workitem(&chat).await;
        assert_eq!(workitem.coaching_unseen, 1);
        assert_eq!(workitem.coaching_latest, None);
        fixture.coach(&chat, "sam", "Look here!").await.unwrap();
        let workitem = fixture.workitem(&chat).await;
        assert_eq!(workitem.coaching_unseen, 2);
        assert_eq!(workitem.coaching_latest.unwrap().text, "Look here!");
    }
}
