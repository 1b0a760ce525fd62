//! A supervisor steps in: writes to the customer beside the agent, takes over and gives back, ends, peeks.

use server::commands::{
    BargeAppend, ConversationEnd, WorkitemGiveBack, WorkitemPeek, WorkitemTakeOver, WrapUpClose,
};
use server::store::{Change, StoreError, Stored, Written};
use shared::customer::CustomerBody;
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::WorkitemId;
use shared::labels::LabelKind;
use shared::people::{Presence, Role};
use shared::transcript::{Sent, data_author, data_entry};
use shared::workitem::{TransferTo, WorkitemState};

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

impl Fixture {
    async fn barge(&self, workitem: &WorkitemId, who: &str, text: &str) -> Stored<Written<Sent>> {
        let barge = BargeAppend {
            workitem: workitem.clone(),
            supervisor: person(who),
            entry: self.fresh_entry(),
            at: self.now(),
            text: said(text),
            key: self.fresh_key(),
        };
        self.store.execute(barge).await
    }

    async fn take_over(&self, workitem: &WorkitemId, who: &str) -> Stored<Written<()>> {
        let take = WorkitemTakeOver {
            workitem: workitem.clone(),
            by: person(who),
            from: user("amy"),
            entry: self.fresh_entry(),
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(take).await
    }

    async fn give_back(&self, workitem: &WorkitemId, who: &str) -> Stored<Written<()>> {
        let change = self.state_change(workitem, who);
        let back = WorkitemGiveBack {
            change,
            connected: true,
        };
        self.store.execute(back).await
    }

    async fn end(&self, workitem: &WorkitemId, who: &str) -> Stored<Written<()>> {
        let change = self.state_change(workitem, who);
        self.store.execute(ConversationEnd(change)).await
    }

    async fn close_wrap_up(&self, workitem: &WorkitemId, who: &str) -> Stored<Written<()>> {
        let change = self.state_change(workitem, who);
        self.store.execute(WrapUpClose(change)).await
    }

    async fn peek(&self, workitem: &WorkitemId, who: &str) -> Stored<Written<()>> {
        let (workitem, reader, at) = (workitem.clone(), user(who), self.now());
        self.store
            .execute(WorkitemPeek {
                workitem,
                reader,
                at,
            })
            .await
    }

    /// Supervisors who are agents as well, so that they can take work over.
    async fn supervisors_are_agents(&self) {
        for (who, name) in [("sam", "Sam Stone"), ("sue", "Sue Silva")] {
            let roles = [Role::Supervisor, Role::Agent];
            let (id, context) = (user(who), self.context());
            let changed = self.store.user_update(&id, name, &roles, None, 0, context);
            changed.await.unwrap();
        }
    }

    async fn amy_is(&self, presence: Presence) {
        let set = presence_set(&user("amy"), presence, self.context());
        self.store.execute(set).await.unwrap();
    }
}

#[tokio::test]
async fn who_barges_in_writes_as_themselves_and_the_agent_keeps_the_work() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let before = fixture.workitem(&chat).await;
        assert!(before.waiting_since.is_some() && before.unread == 1);
        let unseen = fixture.barge(&chat, "sam", "Hello").await;
        assert!(matches!(unseen, Err(StoreError::NotMonitoring)));
        fixture.monitor(&chat, "sam").await.unwrap();
        let sent = fixture.barge(&chat, "sam", "Sam here.").await.unwrap();
        let body = &sent.value.entry.body;
        assert_eq!(
            (data_author(body), data_entry(body)),
            ("supervisor", "message")
        );
        fixture
            .barge(&chat, "sam", "I look into it.")
            .await
            .unwrap();

        let lines = fixture.lines(&chat).await;
        let joined = |line: &&String| *line == "Sam Stone joined the conversation.";
        assert_eq!(lines.iter().filter(joined).count(), 1, "{lines:?}");
        let after = fixture.workitem(&chat).await;
        assert_eq!(after.agent, Some(person("amy")));
        assert_eq!((after.waiting_since, after.unread), (None, 1));
        assert_eq!(after.preview, "I look into it.");
        let frames = fixture.frames(&chat).await;
        let said = frames.iter().filter_map(|frame| match &frame.body {
            CustomerBody::Theirs {
                name,
                text: Some(text),
                ..
            } => Some((name.as_str(), text.as_str())),
            _ => None,
        });
        let said: Vec<_> = said.collect();
        let expected = [("Sam Stone", "Sam here."), ("Sam Stone", "I look into it.")];
        assert_eq!(said, expected);
        assert!(fixture.findings().await.is_empty());
        let read = fixture.entries(&chat).await.pop().unwrap();
        assert_eq!(data_author(&read.body), "supervisor", "as it is read again");
    }
}

#[tokio::test]
async fn nobody_barges_into_what_is_over_waits_or_is_not_theirs() {
    for fixture in every().await {
        let queued = fixture
            .customer_says("lee", "Anybody?")
            .await
            .value
            .workitem;
        let chat = fixture.chat_of("amy", "kim").await;
        for workitem in [&queued, &chat] {
            fixture.monitor(workitem, "sam").await.unwrap();
        }
        let lines = fixture.lines(&chat).await;
        let waits = fixture.barge(&queued, "sam", "Hello").await;
        assert_eq!(conflict(waits), ConflictCause::NobodyHasIt);
        for stranger in ["sid", "amy", "ben", "ada"] {
            not_found(fixture.barge(&chat, stranger, "Hello").await);
            not_found(fixture.end(&chat, stranger).await);
            not_found(fixture.peek(&chat, stranger).await);
            not_found(fixture.take_over(&chat, stranger).await);
        }
        assert_eq!(fixture.lines(&chat).await, lines);
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let frames = fixture.frames(&chat).await.len();
        let over = || fixture.barge(&chat, "sam", "Hello");
        assert_eq!(conflict(over().await), ConflictCause::ConversationEnded);
        fixture.close(&chat, "amy").await.unwrap();
        assert_eq!(conflict(over().await), ConflictCause::ConversationEnded);
        assert_eq!(fixture.frames(&chat).await.len(), frames);
    }
}

#[tokio::test]
async fn of_two_who_take_over_at_once_one_does() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        not_found(fixture.take_over(&chat, "sam").await);
        fixture.supervisors_are_agents().await;
        fixture.monitor(&chat, "sam").await.unwrap();
        fixture.monitor(&chat, "sue").await.unwrap();
        let (sam, sue) = tokio::join!(
            fixture.take_over(&chat, "sam"),
            fixture.take_over(&chat, "sue")
        );
        assert!(sam.is_ok() != sue.is_ok());
        let (winner, won, lost) = match sam.is_ok() {
            true => ("sam", sam, sue),
            false => ("sue", sue, sam),
        };
        assert_eq!(conflict(lost), ConflictCause::HandedOnMeanwhile);
        let changes = won.unwrap().changes;
        assert!(matches!(
            notifications(&changes)[..],
            [("amy", Notification::WorkTaken { to: Some(to), by: Some(by), .. })] if to == by
        ));
        let taken = fixture.workitem(&chat).await;
        assert_eq!(taken.agent, Some(person(winner)));
        assert_eq!(taken.taken_from, Some(person("amy")));
        assert_eq!(taken.team, team("care"));
        assert_eq!(taken.monitors.len(), 1, "who has it monitors it no longer");
        let lines = fixture.lines(&chat).await;
        let line = format!("{} took this over from Amy Adler.", person(winner).name);
        assert_eq!(lines.last(), Some(&line));
        assert_eq!(
            fixture.frames(&chat).await.len(),
            1,
            "the customer sees nothing"
        );
        not_found(fixture.agent_says(&chat, "amy", "Still me?").await);
        fixture.agent_says(&chat, winner, "Now me.").await.unwrap();
        assert!(fixture.findings().await.is_empty());
    }
}

#[tokio::test]
async fn what_was_just_ended_or_handed_on_is_not_taken_over() {
    for fixture in every().await {
        fixture.supervisors_are_agents().await;
        let ended = fixture.chat_of("amy", "kim").await;
        fixture.wrap_up(&ended, "amy").await.unwrap();
        let moved = fixture.chat_of("amy", "lee").await;
        let change = fixture.state_change(&moved, "amy");
        let to = handed(TransferTo::Agent(user("ben")));
        fixture.transfer(change, to).await.unwrap();
        for (workitem, cause) in [
            (&ended, ConflictCause::ConversationOver),
            (&moved, ConflictCause::HandedOnMeanwhile),
        ] {
            let before = (
                fixture.workitem(workitem).await,
                fixture.lines(workitem).await,
            );
            assert_eq!(conflict(fixture.take_over(workitem, "sam").await), cause);
            let after = (
                fixture.workitem(workitem).await,
                fixture.lines(workitem).await,
            );
            assert_eq!(before, after);
        }
    }
}

#[tokio::test]
async fn what_was_taken_over_goes_back_to_its_agent_or_to_the_queue() {
    for fixture in every().await {
        fixture.supervisors_are_agents().await;
        let chat = fixture.chat_of("amy", "kim").await;
        not_found(fixture.give_back(&chat, "sam").await);
        fixture.take_over(&chat, "sam").await.unwrap();
        let back = fixture.give_back(&chat, "sam").await.unwrap();
        assert!(matches!(
            notifications(&back.changes)[..],
            [("amy", Notification::WorkAssigned { from: Some(from), .. })] if from.id == user("sam")
        ));
        let now = fixture.workitem(&chat).await;
        assert_eq!((now.agent, now.taken_from), (Some(person("amy")), None));
        let last = async || fixture.lines(&chat).await.pop().unwrap();
        assert_eq!(last().await, "Sam Stone gave this back to Amy Adler.");

        fixture.take_over(&chat, "sam").await.unwrap();
        fixture.amy_is(Presence::Away).await;
        fixture.give_back(&chat, "sam").await.unwrap();
        let now = fixture.workitem(&chat).await;
        assert_eq!((now.agent, now.state), (None, WorkitemState::Queued));
        let line = "Sam Stone gave this back. Amy Adler cannot take it now, so it is in the queue of Care.";
        assert_eq!(last().await, line);
        assert_eq!(fixture.frames(&chat).await.len(), 1);

        // Work that came in another way was taken from nobody.
        fixture.assign(&chat, "ben").await.unwrap();
        let change = fixture.state_change(&chat, "ben");
        let to = handed(TransferTo::Agent(user("sam")));
        fixture.transfer(change, to).await.unwrap();
        let refused = fixture.give_back(&chat, "sam").await;
        assert_eq!(conflict(refused), ConflictCause::NotTakenOver);
        assert!(fixture.findings().await.is_empty());
    }
}

#[tokio::test]
async fn a_supervisor_ends_a_conversation_once_and_the_agent_finishes_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.end(&chat, "sam").await.unwrap();
        let ended = fixture.workitem(&chat).await;
        assert_eq!(
            (ended.state, ended.agent),
            (WorkitemState::WrapUp, Some(person("amy")))
        );
        let lines = fixture.lines(&chat).await;
        assert_eq!(lines.last().unwrap(), "Sam Stone ended the conversation.");
        let frames = fixture.frames(&chat).await;
        assert!(frames.last().unwrap().body.is_end());
        let again = fixture.end(&chat, "sue").await;
        assert_eq!(conflict(again), ConflictCause::ConversationEnded);
        assert_eq!(fixture.lines(&chat).await, lines);
    }
}

#[tokio::test]
async fn a_supervisor_closes_what_an_agent_left_in_wrap_up_and_the_agent_reads_who_did() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let early = fixture.close_wrap_up(&chat, "sam").await;
        assert_eq!(conflict(early), ConflictCause::NotWrappedUp);
        fixture.wrap_up(&chat, "amy").await.unwrap();
        not_found(fixture.close_wrap_up(&chat, "sid").await);
        not_found(fixture.close_wrap_up(&chat, "amy").await);
        let seen = fixture.frames(&chat).await.len();

        let written = fixture.close_wrap_up(&chat, "sam").await.unwrap();
        assert!(written.changes.contains(&Change::Agent(user("amy"))));
        let heard = notifications(&written.changes);
        assert!(
            matches!(
                heard.last(),
                Some(("amy", Notification::WorkTaken { to: None, by: Some(by), closed: true, .. }))
                    if *by == person("sam")
            ),
            "{heard:?}"
        );
        let closed = fixture.workitem(&chat).await;
        assert_eq!(
            (closed.state, closed.agent),
            (WorkitemState::Closed, Some(person("amy")))
        );
        assert!(closed.monitors.is_empty(), "every monitoring has ended");
        let lines = fixture.lines(&chat).await;
        let line = "Sam Stone closed the workitem.";
        assert!(lines.iter().any(|said| said == line), "{lines:?}");
        let audited = fixture.audited("amy").await;
        assert!(audited.contains(&format!("sam wrap_up_close {chat}")));
        assert_eq!(
            fixture.frames(&chat).await.len(),
            seen,
            "nothing for the customer"
        );
        let again = fixture.close_wrap_up(&chat, "sue").await;
        assert_eq!(conflict(again), ConflictCause::WorkitemClosed);
        assert_eq!(fixture.lines(&chat).await, lines);
        assert!(fixture.findings().await.is_empty());
    }
}

#[tokio::test]
async fn a_supervisor_closes_wrap_up_with_an_outcome_where_the_organisation_wants_one() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.set(&[setting("outcome_required", 1)]).await;
        fixture
            .add(LabelKind::Outcome, "Solved", None)
            .await
            .unwrap();
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let early = fixture.close_wrap_up(&chat, "sam").await;
        assert_eq!(conflict(early), ConflictCause::OutcomeMissing);
        assert_eq!(fixture.workitem(&chat).await.state, WorkitemState::WrapUp);
        fixture.label(&chat, "sam", "Solved", true).await.unwrap();
        fixture.close_wrap_up(&chat, "sam").await.unwrap();
    }
}

#[tokio::test]
async fn a_peek_changes_nothing_but_the_audit_log() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let before = (fixture.workitem(&chat).await, fixture.head(&chat).await);
        let peeked = fixture.peek(&chat, "sam").await.unwrap();
        assert!(peeked.changes.is_empty(), "nobody is told");
        let audited = fixture.audited("amy").await;
        assert_eq!(audited, [format!("sam workitem_peek {chat}")]);
        let after = (fixture.workitem(&chat).await, fixture.head(&chat).await);
        assert_eq!(before, after);
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        let closed = fixture.peek(&chat, "sam").await;
        assert_eq!(conflict(closed), ConflictCause::WorkitemClosed);
    }
}
