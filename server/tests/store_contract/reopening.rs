//! A conversation that its agent ended goes on (UX, U09), where its customer still is.

use server::commands::WorkitemReopen;
use server::store::Change;
use shared::customer::CustomerBody;
use shared::error::ConflictCause;
use shared::workitem::WorkitemState;

use crate::fixtures::*;
use crate::words::*;

#[tokio::test]
async fn u09_what_an_agent_reopens_is_as_it_was_before_the_end() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let before = fixture.workitem(&chat).await;
        assert!(before.waiting_since.is_some());
        assert_eq!(
            conflict(fixture.reopen(&chat, "amy").await),
            ConflictCause::NotEnded
        );
        fixture.wrap_up(&chat, "amy").await.unwrap();
        not_found(fixture.reopen(&chat, "ben").await);
        let change = fixture.state_change(&chat, "amy");
        let first = fixture.store.execute(WorkitemReopen(change.clone())).await;
        assert!(first.unwrap().changes.contains(&Change::Agent(user("amy"))));
        let open = fixture.workitem(&chat).await;
        assert_eq!(
            (open.state, open.waiting_since),
            (WorkitemState::Active, before.waiting_since)
        );
        let bodies = async || {
            let frames = fixture.frames(&chat).await.into_iter();
            frames.map(|frame| frame.body).collect::<Vec<_>>()
        };
        let said = bodies().await;
        assert_eq!(
            said[1..],
            [CustomerBody::Ended { asks: true }, CustomerBody::Resumed]
        );
        fixture
            .agent_says(&chat, "amy", "I am back.")
            .await
            .unwrap();
        let entry = fixture.fresh_entry();
        fixture
            .customer_answers(&chat, "Good.", entry, fixture.fresh_key())
            .await
            .unwrap();
        assert!(!fixture.customer_says("kim", "Fine.").await.value.begun);

        // A repeat under its key changes nothing, not even after the next end.
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let again = fixture.store.execute(WorkitemReopen(change)).await;
        assert!(again.unwrap().changes.is_empty());
        assert_eq!(fixture.workitem(&chat).await.state, WorkitemState::WrapUp);
        assert_eq!(
            bodies().await.last(),
            Some(&CustomerBody::Ended { asks: true })
        );
        let lines = fixture.lines(&chat).await;
        let states = lines
            .iter()
            .filter(|line| line.contains("the conversation"));
        assert_eq!(
            states.collect::<Vec<_>>(),
            [
                "Amy Adler ended the conversation.",
                "Amy Adler reopened the conversation.",
                "Amy Adler ended the conversation."
            ]
        );
        fixture.close(&chat, "amy").await.unwrap();
        assert_eq!(
            conflict(fixture.reopen(&chat, "amy").await),
            ConflictCause::WorkitemClosed
        );
    }
}

#[tokio::test]
async fn u09_what_its_customer_has_left_stays_ended() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let newer = fixture.customer_says("kim", "It broke again.").await.value;
        assert_eq!(
            conflict(fixture.reopen(&chat, "amy").await),
            ConflictCause::NewerConversation
        );
        // Not after that one has ended either: it is the one that can go on.
        fixture.assign(&newer.workitem, "amy").await.unwrap();
        fixture.wrap_up(&newer.workitem, "amy").await.unwrap();
        assert_eq!(
            conflict(fixture.reopen(&chat, "amy").await),
            ConflictCause::NewerConversation
        );
        fixture.reopen(&newer.workitem, "amy").await.unwrap();
    }
}
