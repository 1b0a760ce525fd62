//! Coaching stays with the team that gave it when its workitem moves on (S23).

use server::store::{Change, StoreError};
use shared::ids::{EntryId, WorkitemId};
use shared::notice::Notice;
use shared::organisation::SettingChange;
use shared::transcript::{Entry, EntryBody, Reaction, WorkitemChange};
use shared::workitem::TransferTo;

use crate::fixtures::*;
use crate::words::*;

/// Amy's chat, coached by Sam of Care: the chat and the coaching.
async fn coached(fixture: &Fixture) -> (WorkitemId, EntryId) {
    let chat = fixture.chat_of("amy", "kim").await;
    fixture.monitor(&chat, "sam").await.unwrap();
    let tip = fixture.coach(&chat, "sam", "Offer 40 back.").await.unwrap();
    (chat, tip.value.entry.id)
}

async fn hand(fixture: &Fixture, chat: &WorkitemId, from: &str, to: &str) {
    let change = fixture.state_change(chat, from);
    let moved = fixture.transfer(change, handed(TransferTo::Agent(user(to))));
    moved.await.unwrap();
}

fn find<'a>(entries: &'a [Entry], id: &EntryId) -> &'a Entry {
    entries.iter().find(|entry| entry.id == *id).unwrap()
}

fn withheld(entry: &Entry) -> bool {
    entry.body == EntryBody::Notice(Notice::Withheld)
}

#[tokio::test]
async fn s23_after_a_transfer_to_another_team_coaching_is_a_line_without_words() {
    for fixture in every().await {
        let (chat, tip) = coached(&fixture).await;
        hand(&fixture, &chat, "amy", "cleo").await;
        fixture.monitor(&chat, "sid").await.unwrap();

        for who in ["cleo", "sid"] {
            let viewer = user(who);
            let entries = fixture.entries_of(&chat, &viewer).await;
            assert!(withheld(find(&entries, &tip)), "{who}'s page");
            let numbers: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
            let all: Vec<i64> = (1..=entries.len() as i64).collect();
            assert_eq!(numbers, all, "no gap for {who}");

            let after = find(&entries, &tip).seq + 1;
            let older = fixture.page(&chat, &viewer, Some(after)).await.unwrap();
            assert!(withheld(find(&older.entries, &tip)), "{who}'s older page");

            let changes = fixture.changes_of(&chat, &viewer, 0, 100).await;
            let told = changes.unwrap().unwrap();
            assert!(
                told.iter().any(|(_, change)| matches!(
                    change,
                    WorkitemChange::Entry(entry) if entry.id == tip && withheld(entry)
                )),
                "{who} resumes"
            );
            let everything = serde_json::to_string(&(&entries, &older.entries, &told)).unwrap();
            assert!(!everything.contains("Offer 40"), "{who}: {everything}");
        }
    }
}

#[tokio::test]
async fn s23_another_teams_coaching_is_neither_forwarded_nor_reacted_to() {
    for fixture in every().await {
        let (chat, tip) = coached(&fixture).await;
        let before = fixture.coach(&chat, "sam", "Say sorry.").await.unwrap();
        let before = before.value.entry.id;
        fixture.forward(&chat, &before, "amy").await.unwrap();
        hand(&fixture, &chat, "amy", "cleo").await;
        for entry in [&tip, &before] {
            not_found(fixture.forward(&chat, entry, "cleo").await);
            let up = Some(Reaction::ThumbsUp);
            let reacted = fixture.react(&chat, "cleo", entry, up, fixture.context());
            not_found(reacted.await);
        }
        // What was forwarded in time is the agent's own message, for everybody.
        let lines = fixture.lines(&chat).await;
        assert!(lines.contains(&"Amy Adler: Say sorry.".to_owned()));
        assert_eq!(fixture.frames(&chat).await.len(), 2);
    }
}

#[tokio::test]
async fn s23_whoever_is_in_the_team_that_gave_it_reads_it_still() {
    for fixture in every().await {
        // Ben is in both teams, and so is Sue as a supervisor.
        fixture
            .save_team("sales", "Sales", false, &["cleo", "ben"], &["sid", "sue"])
            .await
            .unwrap();
        let (chat, tip) = coached(&fixture).await;
        let change = fixture.state_change(&chat, "amy");
        let to = TransferTo::Team(team("sales"));
        fixture.transfer(change, handed(to)).await.unwrap();
        fixture.assign(&chat, "ben").await.unwrap();
        for who in ["ben", "sue"] {
            let entries = fixture.entries_of(&chat, &user(who)).await;
            assert!(!withheld(find(&entries, &tip)), "{who}");
        }
        let entries = fixture.entries_of(&chat, &user("sid")).await;
        assert!(withheld(find(&entries, &tip)));

        // What happens to it is published with its words only for those who may read them.
        let up = Some(Reaction::ThumbsUp);
        let reacted = fixture
            .react(&chat, "ben", &tip, up, fixture.context())
            .await
            .unwrap();
        assert!(matches!(
            &reacted.changes[..],
            [Change::FormerCoaching { entry, author, team: of, .. }]
                if entry.id == tip && *author == user("sam") && *of == team("care")
        ));

        // New coaching belongs to the new team; each team keeps its own when the workitem moves back.
        fixture.monitor(&chat, "sid").await.unwrap();
        let new = fixture.coach(&chat, "sid", "Upsell.").await.unwrap();
        let new = new.value.entry.id;
        hand(&fixture, &chat, "ben", "amy").await;
        let entries = fixture.entries_of(&chat, &user("amy")).await;
        assert!(!withheld(find(&entries, &tip)) && withheld(find(&entries, &new)));
        let entries = fixture.entries_of(&chat, &user("sue")).await;
        assert!(!withheld(find(&entries, &tip)) && !withheld(find(&entries, &new)));
    }
}

#[tokio::test]
async fn s23_within_a_team_coaching_goes_along() {
    for fixture in every().await {
        let (chat, tip) = coached(&fixture).await;
        hand(&fixture, &chat, "amy", "ben").await;
        let entries = fixture.entries_of(&chat, &user("ben")).await;
        assert!(!withheld(find(&entries, &tip)));
        fixture.forward(&chat, &tip, "ben").await.unwrap();
    }
}

#[tokio::test]
async fn s23_the_organisation_may_let_coaching_go_along() {
    for fixture in every().await {
        let change = SettingChange {
            name: "coaching_crosses_teams".to_owned(),
            value: 1,
        };
        fixture
            .store
            .execute(organisation_save(
                &person("ada"),
                0,
                &[change],
                fixture.fresh_key(),
                fixture.now(),
            ))
            .await
            .unwrap();
        let (chat, tip) = coached(&fixture).await;
        hand(&fixture, &chat, "amy", "cleo").await;
        let entries = fixture.entries_of(&chat, &user("cleo")).await;
        assert!(!withheld(find(&entries, &tip)));
        fixture.forward(&chat, &tip, "cleo").await.unwrap();
    }
}

#[tokio::test]
async fn s07_a_conversation_is_read_by_those_who_may_when_it_is_read() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        hand(&fixture, &chat, "amy", "cleo").await;
        for who in ["amy", "sam", "ben", "ada", "stranger"] {
            let viewer = user(who);
            not_found(fixture.page(&chat, &viewer, None).await);
            not_found(fixture.changes_of(&chat, &viewer, 0, 9).await);
        }
    }
}

#[tokio::test]
async fn s21_coaching_needs_a_monitoring() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let before = fixture.head(&chat).await;
        let unseen = fixture.coach(&chat, "sam", "Psst.").await;
        assert!(matches!(unseen, Err(StoreError::NotMonitoring)));
        assert_eq!(fixture.head(&chat).await, before);

        fixture.monitor(&chat, "sue").await.unwrap();
        let unseen = fixture
            .coach(&chat, "sam", "Sue is there, Sam is not.")
            .await;
        assert!(matches!(unseen, Err(StoreError::NotMonitoring)));
        fixture.monitor(&chat, "sam").await.unwrap();
        fixture.coach(&chat, "sam", "Breathe.").await.unwrap();
        // In wrap-up as well: there is something to learn.
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.coach(&chat, "sam", "Well done.").await.unwrap();
    }
}
