//! What an agent answers to those who coach (U17): who may, whom it reaches, who has seen it, and that it reaches no customer.

use server::commands::{
    CoachingDismiss, CoachingReply, CustomerErase, RetentionStep, WorkitemImport,
};
use server::store::{Change, CommandContext};
use shared::directory::Notification;
use shared::erasure::ERASED;
use shared::error::ConflictCause;
use shared::ids::{EntryId, WorkitemId};
use shared::notice::Notice;
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Reaction, data_author, data_entry};
use shared::workitem::{Channel, TransferTo};

use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

/// Amy's chat, in which sam has coached: the chat and the coaching.
async fn coached(fixture: &Fixture) -> (WorkitemId, EntryId) {
    let chat = fixture.chat_of("amy", "kim").await;
    fixture.monitor(&chat, "sam").await.unwrap();
    let tip = fixture.coach(&chat, "sam", "Offer 40 back.").await.unwrap();
    (chat, tip.value.entry.id)
}

/// Who has seen an entry, and when.
async fn seen(fixture: &Fixture, chat: &WorkitemId, reply: &EntryId) -> Vec<(String, i64)> {
    let entries = fixture.entries(chat).await;
    let entry = entries.into_iter().find(|entry| entry.id == *reply);
    match entry.unwrap().body {
        EntryBody::CoachingReply { seen, .. } => seen
            .into_iter()
            .map(|seen| (seen.by.name, seen.at.0))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn u17_a_reply_stands_in_the_conversation_and_touches_nothing_of_the_customers() {
    for fixture in every().await {
        let (chat, _) = coached(&fixture).await;
        let (before, frames) = (fixture.workitem(&chat).await, fixture.frames(&chat).await);
        let replied = fixture.agent_replies(&chat, "amy", "She had 20 already.");
        let replied = replied.await.unwrap();
        let rev = replied.value.rev;
        assert_eq!(revisions(&replied.changes), [rev], "one new line");
        assert!(replied.changes.contains(&Change::Replies(user("sam"))));
        assert!(
            (replied.changes.iter()).all(|change| !matches!(change, Change::Customer { .. })),
            "{:?}",
            replied.changes
        );
        let entry = fixture.entries(&chat).await.pop().unwrap();
        assert_eq!(entry, replied.value.entry);
        assert_eq!(line(&entry), "Amy Adler to coach: She had 20 already.");
        assert_eq!(data_author(&entry.body), "agent");
        assert_eq!(data_entry(&entry.body), "coaching");
        assert_eq!(
            fixture.workitem(&chat).await,
            before,
            "nothing is new for amy"
        );
        assert_eq!(fixture.frames(&chat).await, frames);
        fixture
            .read(&chat, "amy", i64::MAX, Timestamp(7))
            .await
            .unwrap();
        assert_eq!(
            seen(&fixture, &chat, &entry.id).await,
            [],
            "she is no reader of her own"
        );
    }
}

#[tokio::test]
async fn u17_a_reply_needs_somebody_who_reads_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let reply = async |who| fixture.agent_replies(&chat, who, "Help?").await;
        assert_eq!(conflict(reply("amy").await), ConflictCause::NobodyCoaches);
        fixture.monitor(&chat, "sam").await.unwrap();
        for who in ["ben", "sam", "sid"] {
            not_found(reply(who).await);
        }
        reply("amy").await.unwrap();
        fixture.unmonitor(&chat, "sam").await.unwrap();
        assert_eq!(
            conflict(reply("amy").await),
            ConflictCause::NobodyCoaches,
            "who only looked has left"
        );
        fixture.monitor(&chat, "sam").await.unwrap();
        fixture.coach(&chat, "sam", "Breathe.").await.unwrap();
        fixture.unmonitor(&chat, "sam").await.unwrap();
        reply("amy").await.unwrap();
        fixture.wrap_up(&chat, "amy").await.unwrap();
        reply("amy").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        assert_eq!(conflict(reply("amy").await), ConflictCause::WorkitemClosed);
        let lines = fixture.lines(&chat).await;
        let replies = lines
            .iter()
            .filter(|line| line.ends_with("to coach: Help?"));
        assert_eq!(replies.count(), 3);
    }
}

#[tokio::test]
async fn u17_calls_and_mails_have_no_coach() {
    for fixture in every().await {
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
            fixture.monitor(&id, "sam").await.unwrap();
            let refused = fixture.agent_replies(&id, "amy", "Hm.").await;
            assert_eq!(invalid(refused), "workitem");
        }
    }
}

#[tokio::test]
async fn u17_everybody_who_coaches_has_it_to_read_and_the_agent_sees_who_did() {
    for fixture in every().await {
        let (chat, _) = coached(&fixture).await;
        fixture.unmonitor(&chat, "sam").await.unwrap();
        fixture.monitor(&chat, "sue").await.unwrap();
        let first = fixture.agent_replies(&chat, "amy", "She had 20 already.");
        let first = first.await.unwrap().value.entry;
        let second = fixture.agent_replies(&chat, "amy", "What now?").await;
        let second = second.unwrap().value.entry;
        for who in ["sam", "sue"] {
            let notices = fixture.replies_unseen(who).await;
            let notice = &notices[0];
            assert_eq!(notices.len(), 1, "{who}");
            assert_eq!((notice.count, &*notice.text), (2, "What now?"));
            assert_eq!((notice.seq, notice.at), (second.seq, second.at));
            assert_eq!(
                (&notice.workitem, &*notice.agent.name),
                (&chat, "Amy Adler")
            );
        }
        assert!(fixture.replies_unseen("sid").await.is_empty());
        assert!(fixture.replies_unseen("amy").await.is_empty());

        let looked = fixture.replies_seen(&chat, "sam", first.seq, Timestamp(7));
        let looked = looked.await.unwrap().changes;
        assert!(looked.contains(&Change::Replies(user("sam"))));
        assert_eq!(revisions(&looked).len(), 1);
        assert_eq!(
            seen(&fixture, &chat, &first.id).await,
            [("Sam Stone".to_owned(), 7)]
        );
        assert_eq!(seen(&fixture, &chat, &second.id).await, []);
        assert_eq!(fixture.replies_unseen("sam").await[0].count, 1);
        let again = fixture
            .replies_seen(&chat, "sam", first.seq, Timestamp(8))
            .await;
        assert!(
            again.unwrap().changes.is_empty(),
            "what was seen stays seen"
        );

        for (who, at) in [("sue", 9), ("sam", 10)] {
            let looked = fixture
                .replies_seen(&chat, who, i64::MAX, Timestamp(at))
                .await;
            looked.unwrap();
            assert!(fixture.replies_unseen(who).await.is_empty());
        }
        let both = |sam, sue| {
            let mut seen = vec![(sam, "Sam Stone"), (sue, "Sue Silva")];
            seen.sort_unstable();
            let seen = seen.into_iter().map(|(at, who)| (who.to_owned(), at));
            seen.collect::<Vec<_>>()
        };
        assert_eq!(seen(&fixture, &chat, &first.id).await, both(7, 9));
        assert_eq!(seen(&fixture, &chat, &second.id).await, both(10, 9));
        for who in ["amy", "sid"] {
            not_found(
                fixture
                    .replies_seen(&chat, who, i64::MAX, Timestamp(11))
                    .await,
            );
        }
    }
}

#[tokio::test]
async fn u17_who_comes_later_reads_what_was_said_before() {
    for fixture in every().await {
        let (chat, _) = coached(&fixture).await;
        let reply = fixture.agent_replies(&chat, "amy", "She had 20 already.");
        let reply = reply.await.unwrap().value.entry;
        fixture.monitor(&chat, "sue").await.unwrap();
        assert!(
            fixture.replies_unseen("sue").await.is_empty(),
            "it was not to her"
        );
        let looked = fixture.replies_seen(&chat, "sue", i64::MAX, Timestamp(7));
        looked.await.unwrap();
        assert_eq!(
            seen(&fixture, &chat, &reply.id).await,
            [("Sue Silva".to_owned(), 7)]
        );
        assert_eq!(fixture.replies_unseen("sam").await.len(), 1);
    }
}

#[tokio::test]
async fn u17_nothing_can_be_done_with_an_agents_own_reply() {
    for fixture in every().await {
        let (chat, _) = coached(&fixture).await;
        let reply = fixture.agent_replies(&chat, "amy", "She had 20 already.");
        let reply = reply.await.unwrap().value.entry.id;
        not_found(fixture.forward(&chat, &reply, "amy").await);
        let up = Some(Reaction::ThumbsUp);
        not_found(
            fixture
                .react(&chat, "amy", &reply, up, fixture.context())
                .await,
        );
        let dismiss = CoachingDismiss {
            workitem: chat.clone(),
            agent: user("amy"),
            entry: reply,
            at: fixture.now(),
        };
        not_found(fixture.store.execute(dismiss).await);
        assert_eq!(fixture.frames(&chat).await.len(), 1, "what kim wrote");
    }
}

#[tokio::test]
async fn u17_e02_a_repeated_key_gives_the_first_answer_however_late() {
    for fixture in every().await {
        let (chat, _) = coached(&fixture).await;
        let reply = fixture.reply(&chat, "amy", "She had 20 already.");
        let first = fixture.store.execute(reply.clone()).await.unwrap();
        let looked = fixture.replies_seen(&chat, "sam", i64::MAX, Timestamp(7));
        looked.await.unwrap();
        fixture.unmonitor(&chat, "sam").await.unwrap();
        let again = fixture.store.execute(reply.clone()).await.unwrap();
        assert_eq!(again.value, first.value);
        assert!(again.changes.is_empty());
        let other = fixture.reply(&chat, "amy", "Something else");
        let other = CoachingReply {
            key: reply.key,
            ..other
        };
        let refused = fixture.store.execute(other).await;
        assert_eq!(conflict(refused), ConflictCause::KeyReused);
    }
}

#[tokio::test]
async fn u17_s23_replies_stay_with_the_team_that_coached() {
    for fixture in every().await {
        let (chat, _) = coached(&fixture).await;
        let reply = fixture.agent_replies(&chat, "amy", "She had 20 already.");
        let reply = reply.await.unwrap().value.entry.id;
        let change = fixture.state_change(&chat, "amy");
        let moved = fixture.transfer(change, handed(TransferTo::Agent(user("cleo"))));
        moved.await.unwrap();
        for who in ["cleo", "sid"] {
            let entries = fixture.entries_of(&chat, &user(who)).await;
            let entry = entries.into_iter().find(|entry| entry.id == reply).unwrap();
            assert_eq!(entry.body, EntryBody::Notice(Notice::Withheld), "{who}");
        }
        assert!(fixture.replies_unseen("sam").await.is_empty());
        let refused = fixture.agent_replies(&chat, "cleo", "Who is there?").await;
        assert_eq!(conflict(refused), ConflictCause::NobodyCoaches);
        fixture.monitor(&chat, "sid").await.unwrap();
        let looked = fixture.replies_seen(&chat, "sid", i64::MAX, Timestamp(7));
        assert!(
            looked.await.unwrap().changes.is_empty(),
            "it is not his to see"
        );
    }
}

#[tokio::test]
async fn u17_e52_an_erased_customer_leaves_no_words_in_replies_and_what_is_too_old_goes() {
    for fixture in every().await {
        let (chat, _) = coached(&fixture).await;
        for text in ["She had 20 already.", "What now?"] {
            fixture.agent_replies(&chat, "amy", text).await.unwrap();
        }
        fixture
            .replies_seen(&chat, "sam", i64::MAX, Timestamp(7))
            .await
            .unwrap();
        fixture.agent_replies(&chat, "amy", "Well?").await.unwrap();
        assert_eq!(fixture.findings().await, []);
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        let erase = CustomerErase {
            workitem: chat.clone(),
            by: person("ada"),
            entry: fixture.fresh_entry(),
            session: None,
            context: CommandContext {
                actor: None,
                ..fixture.context()
            },
        };
        let erased = fixture.store.execute(erase).await.unwrap();
        assert_eq!(erased.value.coaching, 4);
        assert!(erased.changes.contains(&Change::Replies(user("sam"))));
        assert_eq!(fixture.replies_unseen("sam").await[0].text, "—");
        assert_eq!(fixture.findings().await, []);

        fixture.set(&[setting("retention_work_days", 1)]).await;
        let years = Timestamp(fixture.now().0 + 100 * 365 * 24 * 3_600 * 1_000_000);
        let step = RetentionStep { at: years };
        let gone = fixture.store.execute(step).await.unwrap().value;
        assert_eq!(gone.workitems, 1);
        assert!(fixture.replies_unseen("sam").await.is_empty());
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn e52_who_is_notified_while_a_customer_is_erased_reads_no_name() {
    for fixture in every().await {
        let (chat, _) = coached(&fixture).await;
        let erase = CustomerErase {
            workitem: chat.clone(),
            by: person("ada"),
            entry: fixture.fresh_entry(),
            session: None,
            context: CommandContext {
                actor: None,
                ..fixture.context()
            },
        };
        let erased = fixture.store.execute(erase).await.unwrap();
        let mut events = erased.changes.iter().filter_map(|change| match change {
            Change::Notification { event, .. } => Some(event),
            _ => None,
        });
        let Some(Notification::MonitoringEnded {
            subject, customer, ..
        }) = events.next()
        else {
            panic!("amy is notified that sam is gone");
        };
        assert_eq!((&**subject, &**customer), (ERASED, ERASED));
        assert_eq!(events.count(), 0);
    }
}
