//! Customers write, agents answer: one order for everybody, once each, whatever is repeated or comes at once.

use futures_util::future::join_all;
use server::commands::WorkitemWrapUp;
use server::store::Change;
use shared::customer::CustomerBody;
use shared::error::ConflictCause;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{EntryBody, WorkitemChange};
use shared::workitem::WorkitemState;

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::words::*;

#[tokio::test]
async fn a_customer_writes_and_an_agent_answers() {
    for fixture in every().await {
        let first = fixture.customer_says("kim", "My router is\ndead.").await;
        assert!(first.value.begun);
        let chat = first.value.workitem.clone();
        assert!(first.changes.contains(&Change::Queue(team("care"))));
        assert_eq!(fixture.queue().await, [(chat.clone(), team("care"))]);
        let queued = fixture.workitem(&chat).await;
        assert_eq!(queued.subject, "My router is dead.");
        assert_eq!(queued.customer, "Kim Kunde");
        assert_eq!((queued.state, queued.unread), (WorkitemState::Queued, 1));
        let since = queued.waiting_since;
        assert_eq!(since, Some(queued.started_at));

        fixture.assign(&chat, "amy").await.unwrap();
        let second = fixture.customer_says("kim", "Hello?").await;
        assert!(!second.value.begun);
        assert!(second.changes.contains(&Change::Agent(user("amy"))));
        let waiting = fixture.workitem(&chat).await;
        assert_eq!((waiting.unread, waiting.waiting_since), (2, since));
        assert_eq!(waiting.preview, "Hello?");

        let sent = fixture
            .agent_says(&chat, "amy", "I am here.")
            .await
            .unwrap();
        assert_eq!(sent.value.entry.seq, 4);
        let answered = fixture.workitem(&chat).await;
        assert_eq!((answered.unread, answered.waiting_since), (0, None));
        assert_eq!(
            fixture.lines(&chat).await,
            [
                "Kim Kunde: My router is\ndead.",
                "Assigned to Amy Adler.",
                "Kim Kunde: Hello?",
                "Amy Adler: I am here.",
            ]
        );
        let frames = fixture.frames(&chat).await;
        let numbers: Vec<i64> = frames.iter().map(|frame| frame.seq).collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(
            frames[2].body,
            CustomerBody::Theirs {
                name: "Amy Adler".to_owned(),
                text: Some(said("I am here.")),
                files: Vec::new(),
            }
        );
    }
}

#[tokio::test]
async fn a_repeated_key_gives_the_first_answer_and_changes_nothing() {
    for fixture in every().await {
        let send = fixture.customer_send("kim", "Once.");
        let first = fixture.store.execute(send.clone()).await.unwrap();
        let again = fixture.store.execute(send).await.unwrap();
        assert_eq!(first.value, again.value);
        assert!(again.changes.is_empty());
        let chat = first.value.workitem;
        fixture.assign(&chat, "amy").await.unwrap();

        let answer = fixture.answer(&chat, "amy", "Once, too.");
        let first = fixture.store.execute(answer.clone()).await.unwrap();
        let mut repeated = answer.clone();
        repeated.entry = fixture.fresh_entry();
        let again = fixture.store.execute(repeated).await.unwrap();
        assert_eq!(first.value, again.value);
        assert!(again.changes.is_empty());
        assert_eq!(fixture.frames(&chat).await.len(), 2);

        let mut wrap_up = fixture.state_change(&chat, "amy");
        wrap_up.key = answer.key;
        assert_eq!(
            conflict(fixture.store.execute(WorkitemWrapUp(wrap_up)).await),
            ConflictCause::KeyReused
        );
        assert_eq!(fixture.workitem(&chat).await.state, WorkitemState::Active);
    }
}

/// When a customer last wrote to Care, as both pages of administrators read it.
async fn heard_at(fixture: &Fixture) -> Option<Timestamp> {
    let mut rows = fixture.rows().await;
    let care = rows.team_find(&team("care")).await.unwrap().unwrap();
    let chat = rows.channel_find(&channel()).await.unwrap().unwrap();
    assert_eq!(care.channels, std::slice::from_ref(&chat));
    chat.heard_at
}

#[tokio::test]
async fn a_chat_channel_knows_to_the_minute_when_a_customer_last_wrote() {
    for fixture in every().await {
        assert_eq!(heard_at(&fixture).await, None);
        let begun = fixture.now();
        let after = |seconds: i64| Timestamp(begun.0 + seconds * 1_000_000);
        // Not every message writes the row that all customers of the channel read.
        for (visitor, written, heard) in [("kim", 0, 0), ("kim", 59, 0), ("lou", 60, 60)] {
            let mut send = fixture.customer_send(visitor, "Hello?");
            send.at = after(written);
            fixture.store.execute(send.clone()).await.unwrap();
            assert_eq!(heard_at(&fixture).await, Some(after(heard)));
            // What is brought again was not written again.
            send.at = after(written + 300);
            fixture.store.execute(send).await.unwrap();
            assert_eq!(heard_at(&fixture).await, Some(after(heard)));
        }
        let chat = fixture.chat_of("amy", "max").await;
        let heard = heard_at(&fixture).await;
        fixture.agent_says(&chat, "amy", "Hello.").await.unwrap();
        assert_eq!(heard_at(&fixture).await, heard);
    }
}

#[tokio::test]
async fn the_same_key_of_somebody_else_is_another_command() {
    for fixture in every().await {
        let one = fixture.customer_send("kim", "Mine.");
        let mut other = fixture.customer_send("lou", "Mine, too.");
        other.key = one.key.clone();
        let one = fixture.store.execute(one).await.unwrap().value;
        let other = fixture.store.execute(other).await.unwrap().value;
        assert_ne!(one.workitem, other.workitem);
    }
}

#[tokio::test]
async fn two_hundred_at_once_come_out_in_one_order_without_gaps() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let before = fixture.head(&chat).await;
        let sends = (0..200).map(|number| {
            let store = fixture.store.clone();
            let answer = fixture.answer(&chat, "amy", &format!("answer {number}"));
            let customer = fixture.customer_send("kim", &format!("question {number}"));
            tokio::spawn(async move {
                if number % 2 == 0 {
                    store.execute(answer).await.unwrap().changes
                } else {
                    store.execute(customer).await.unwrap().changes
                }
            })
        });
        let mut given: Vec<i64> = Vec::new();
        for changes in join_all(sends).await {
            given.extend(revisions(&changes.unwrap()));
        }
        given.sort_unstable();
        let head = fixture.head(&chat).await;
        assert_eq!(given, (before + 1..=head).collect::<Vec<_>>());

        let (mut entries, viewer) = (fixture.entries(&chat).await, user("amy"));
        while entries[0].seq > 1 {
            let before = Some(entries[0].seq);
            let page = fixture.page(&chat, &viewer, before).await.unwrap();
            assert_eq!(page.older, page.entries[0].seq > 1);
            entries.splice(0..0, page.entries);
        }
        let numbers: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(numbers, (1..=202).collect::<Vec<_>>());
        let frames = fixture.frames(&chat).await;
        let numbers: Vec<i64> = frames.iter().map(|frame| frame.seq).collect();
        assert_eq!(numbers, (1..=201).collect::<Vec<_>>());
        let staff: Vec<&str> = entries
            .iter()
            .filter_map(|entry| match &entry.body {
                EntryBody::Message { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let customer: Vec<&str> = frames
            .iter()
            .filter_map(|frame| match &frame.body {
                CustomerBody::Mine { text, .. } | CustomerBody::Theirs { text, .. } => {
                    text.as_ref().map(MessageText::as_str)
                }
                CustomerBody::Ended { .. } | CustomerBody::Resumed => None,
            })
            .collect();
        assert_eq!(staff, customer, "both sides saw the same order");
    }
}

#[tokio::test]
async fn a_failing_command_leaves_no_trace_while_its_neighbours_are_stored() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let good = fixture.answer(&chat, "amy", "good");
        let mut bad = fixture.answer(&chat, "amy", "bad");
        // The entry's id is taken: this is found out after the customer's view was written.
        bad.entry = good.entry.clone();
        let fine = fixture.answer(&chat, "amy", "fine");
        let good = fixture.store.execute(good).await.unwrap();
        let (failed, fine) = tokio::join!(
            fixture.store.execute(bad.clone()),
            fixture.store.execute(fine),
        );
        assert!(failed.is_err());
        assert_eq!(fine.unwrap().value.rev, good.value.rev + 2);
        assert_eq!(
            fixture.lines(&chat).await[2..],
            ["Amy Adler: good", "Amy Adler: fine"]
        );
        let numbers: Vec<i64> = fixture.frames(&chat).await.iter().map(|f| f.seq).collect();
        assert_eq!(numbers, [1, 2, 3]);
        bad.entry = fixture.fresh_entry();
        let retried = fixture.store.execute(bad).await.unwrap();
        assert_eq!(line(&retried.value.entry), "Amy Adler: bad");
    }
}

#[tokio::test]
async fn who_was_away_reads_on_exactly_where_they_stopped() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let tip = fixture
            .coach(&chat, "sam", "Ask for the model.")
            .await
            .unwrap();
        let seen = fixture.head(&chat).await;
        assert!(fixture.changes_after(&chat, seen).await.is_empty());

        fixture
            .agent_says(&chat, "amy", "Which model?")
            .await
            .unwrap();
        fixture
            .forward(&chat, &tip.value.entry.id, "amy")
            .await
            .unwrap();
        let missed = fixture.changes_after(&chat, seen).await;
        let numbers: Vec<i64> = missed.iter().map(|(rev, _)| *rev).collect();
        assert!(numbers.is_sorted() && numbers.iter().all(|rev| *rev > seen));
        assert_eq!(numbers.last(), Some(&fixture.head(&chat).await));
        let shown: Vec<String> = missed
            .iter()
            .map(|(_, change)| match change {
                WorkitemChange::Entry(entry) => line(entry),
                WorkitemChange::Workitem(workitem) => workitem.preview.clone(),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "Amy Adler: Which model?",
                "Amy Adler: Ask for the model.",
                "Ask for the model.",
                "Sam Stone coaches: Ask for the model.",
            ]
        );
        let amy = user("amy");
        let too_much = fixture.changes_of(&chat, &amy, 0, 3).await.unwrap();
        assert!(too_much.is_none());
        let another_history = fixture.changes_of(&chat, &amy, 9_999, 100).await;
        assert!(another_history.unwrap().is_none());
    }
}

#[tokio::test]
async fn reading_moves_forward_only_and_is_the_agents_alone() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.customer_says("kim", "Hello?").await;
        let amy = user("amy");
        let read = fixture.read(&chat, "amy", 1, fixture.now()).await.unwrap();
        assert!(read.changes.contains(&Change::Agent(amy.clone())));
        assert_eq!(fixture.workitem(&chat).await.unread, 1);
        fixture.read(&chat, "amy", 99, fixture.now()).await.unwrap();
        assert_eq!(fixture.workitem(&chat).await.unread, 0);
        let back = fixture.read(&chat, "amy", 1, fixture.now()).await.unwrap();
        assert!(back.changes.is_empty());
        not_found(fixture.read(&chat, "ben", 3, fixture.now()).await);
        not_found(fixture.agent_says(&chat, "ben", "Not mine.").await);
    }
}

#[tokio::test]
async fn after_the_end_a_customer_begins_anew() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let entry = fixture.fresh_entry();
        fixture
            .customer_answers(&chat, "Bye.", entry, key("bye"))
            .await
            .unwrap();
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let ended = fixture.workitem(&chat).await;
        assert_eq!(
            (ended.state, ended.waiting_since),
            (WorkitemState::WrapUp, None)
        );
        let frames = fixture.frames(&chat).await;
        assert!(frames.last().unwrap().body.is_end());
        assert_eq!(
            conflict(fixture.agent_says(&chat, "amy", "One more thing").await),
            ConflictCause::ConversationEnded
        );
        let entry = fixture.fresh_entry();
        let late = fixture
            .customer_answers(&chat, "Wait!", entry, fixture.fresh_key())
            .await;
        assert_eq!(conflict(late), ConflictCause::ConversationEnded);

        let second = fixture.customer_says("kim", "It broke again.").await.value;
        assert!(second.begun && second.workitem != chat);
        let mut rows = fixture.store.snapshot().await.unwrap();
        let visit = rows.customer_visit_find(&channel(), "kim").await.unwrap();
        assert_eq!(visit.unwrap().workitem, second.workitem);
        assert_eq!(fixture.frames(&chat).await.len(), 3);
    }
}

#[tokio::test]
async fn who_follows_a_conversation_gets_what_is_new_while_its_channel_knows_them() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let said = fixture.agent_says(&chat, "amy", "Is it plugged in?").await;
        said.unwrap();
        let all = fixture.frames(&chat).await;
        assert_eq!(fixture.lines_for("kim", &chat, 0).await, Some(all.clone()));
        assert_eq!(
            fixture.lines_for("kim", &chat, 1).await,
            Some(all[1..].to_vec())
        );
        let no_more = fixture.lines_for("kim", &chat, 2).await;
        assert_eq!(no_more, Some(Vec::new()), "they may read what comes");
        assert_eq!(fixture.lines_for("mia", &chat, 0).await, None);

        // What they have begun since takes nothing of the conversation before from an open page.
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.customer_says("kim", "It broke again.").await;
        let before = fixture.lines_for("kim", &chat, 0).await.unwrap();
        assert!(before.last().unwrap().body.is_end());
    }
}

#[tokio::test]
async fn a_channel_that_is_switched_off_takes_no_messages() {
    for fixture in every().await {
        let store = &fixture.store;
        store
            .channel_activate(&channel(), false, fixture.context())
            .await
            .unwrap();
        let mut rows = store.snapshot().await.unwrap();
        let shut = rows
            .customer_channel_find(&channel())
            .await
            .unwrap()
            .unwrap();
        drop(rows);
        assert!(!shut.active);
        let begins = store.execute(fixture.customer_send("kim", "Hi")).await;
        assert_eq!(conflict(begins), ConflictCause::ChannelClosed);
        assert!(fixture.queue().await.is_empty());
    }
}

#[tokio::test]
async fn u09_an_agent_finds_what_they_closed_last() {
    for fixture in every().await {
        let mut closed = Vec::new();
        for visitor in ["kim", "lou", "mia"] {
            let chat = fixture.chat_of("amy", visitor).await;
            fixture.wrap_up(&chat, "amy").await.unwrap();
            fixture.close(&chat, "amy").await.unwrap();
            closed.push(chat);
        }
        fixture.chat_of("amy", "nia").await;
        let others = fixture.chat_of("ben", "ona").await;
        fixture.wrap_up(&others, "ben").await.unwrap();
        fixture.close(&others, "ben").await.unwrap();
        let of_amy = async |limit| {
            let mut rows = fixture.rows().await;
            let found = rows.workitems_closed_of(&user("amy"), limit).await;
            let found = found.unwrap().into_iter();
            found.map(|row| row.workitem.id).collect::<Vec<_>>()
        };
        closed.reverse();
        assert_eq!(of_amy(20).await, closed);
        assert_eq!(of_amy(2).await, closed[..2]);
    }
}
