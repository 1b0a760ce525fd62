//! What staff note for each other: who may, where it stands, who finds it, and that nothing of it is the customer's.

use server::commands::{NoteAppend, WorkitemTransfer};
use server::queries;
use server::store::{Change, Stored, Written};
use shared::error::ConflictCause;
use shared::history::{HistoryHit, HistoryQuery};
use shared::ids::WorkitemId;
use shared::notice::Notice;
use shared::text::NoteText;
use shared::transcript::{EntryBody, Sent, data_author, data_entry};
use shared::workitem::TransferTo;

use crate::fixtures::*;
use crate::words::*;

impl Fixture {
    async fn note(&self, workitem: &WorkitemId, author: &str, text: &str) -> Stored<Written<Sent>> {
        let note = NoteAppend {
            workitem: workitem.clone(),
            author: person(author),
            entry: self.fresh_entry(),
            at: self.now(),
            text: NoteText::parse(text).unwrap(),
            key: self.fresh_key(),
        };
        self.store.execute(note).await
    }

    /// The notes of a workitem, as their authors and words.
    async fn notes(&self, workitem: &WorkitemId) -> Vec<(String, String)> {
        let entries = self.entries(workitem).await.into_iter();
        let notes = entries.filter_map(|entry| match entry.body {
            EntryBody::Notice(Notice::Note { by, text, .. }) => Some((by, text)),
            _ => None,
        });
        notes.collect()
    }

    async fn search(&self, who: &str, words: &str) -> Vec<HistoryHit> {
        let query = HistoryQuery {
            words: words.to_owned(),
            ..HistoryQuery::default()
        };
        let mut rows = self.searched().await;
        let asked = query.parse().unwrap();
        let page = queries::history_page(&mut *rows, &user(who), &asked, 25).await;
        page.unwrap().hits
    }

    /// In how many places somebody finds these words.
    async fn finds(&self, who: &str, words: &str) -> usize {
        self.search(who, words).await.len()
    }

    /// Whether the newest of them is a note, and says so.
    async fn found_note(&self, who: &str, words: &str) -> bool {
        let newest = self.search(who, words).await.remove(0);
        newest.entry.unwrap().note
    }
}

#[tokio::test]
async fn u20_a_note_stands_in_the_conversation_and_touches_nothing_of_the_customers() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let (before, frames) = (fixture.workitem(&chat).await, fixture.frames(&chat).await);
        let noted = fixture.note(&chat, "amy", "Called twice.\nBoth times engaged.");
        let noted = noted.await.unwrap();
        assert_eq!(revisions(&noted.changes), [noted.value.rev], "one new line");
        let of_customer = |change: &Change| matches!(change, Change::Customer { .. });
        assert!(
            !noted.changes.iter().any(of_customer),
            "{:?}",
            noted.changes
        );
        let entry = fixture.entries(&chat).await.pop().unwrap();
        assert_eq!(entry, noted.value.entry);
        assert_eq!(data_author(&entry.body), "staff");
        assert_eq!(data_entry(&entry.body), "note");
        let words = "Called twice.\nBoth times engaged.".to_owned();
        assert_eq!(
            fixture.notes(&chat).await,
            [("Amy Adler".to_owned(), words)]
        );
        assert_eq!(
            fixture.workitem(&chat).await,
            before,
            "no clock, no preview"
        );
        assert_eq!(fixture.frames(&chat).await, frames);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn u20_notes_are_for_its_agent_and_those_with_authority_until_it_is_closed() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        for who in ["ben", "sid", "cleo"] {
            not_found(fixture.note(&chat, who, "Mine?").await);
        }
        fixture.note(&chat, "amy", "Hers.").await.unwrap();
        fixture.note(&chat, "sam", "His.").await.unwrap();
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.note(&chat, "amy", "Paperwork.").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        let late = fixture.note(&chat, "sam", "Too late.").await;
        assert_eq!(conflict(late), ConflictCause::WorkitemClosed);
        not_found(fixture.note(&chat, "ben", "Too late.").await);
        assert_eq!(fixture.notes(&chat).await.len(), 3);
    }
}

#[tokio::test]
async fn u20_notes_are_found_by_their_words_and_go_with_the_workitem() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture
            .note(&chat, "amy", "Prefers Thursdays")
            .await
            .unwrap();
        assert_eq!(fixture.finds("amy", "thursdays").await, 1);
        assert_eq!(fixture.finds("sam", "thursdays").await, 1);
        assert_eq!(fixture.finds("ben", "thursdays").await, 0);
        assert!(fixture.found_note("sam", "thursdays").await);
        assert!(!fixture.found_note("sam", "router").await);
        let transfer = WorkitemTransfer {
            change: fixture.state_change(&chat, "amy"),
            to: handed(TransferTo::Agent(user("ben"))),
            note: Some((fixture.fresh_entry(), NoteText::parse("Be kind.").unwrap())),
        };
        fixture.store.execute(transfer.clone()).await.unwrap();
        let notes = fixture.notes(&chat).await;
        assert_eq!(notes[1], ("Amy Adler".to_owned(), "Be kind.".to_owned()));
        let last = fixture.entries(&chat).await.pop().unwrap().body;
        let handed_on = matches!(last, EntryBody::Notice(Notice::Transferred { .. }));
        assert!(handed_on, "the note comes first: {last:?}");
        assert_eq!(fixture.finds("ben", "kind").await, 1);
        fixture.store.execute(transfer).await.unwrap();
        assert_eq!(fixture.notes(&chat).await.len(), 2, "once");
        assert_eq!(fixture.findings().await, []);
    }
}
