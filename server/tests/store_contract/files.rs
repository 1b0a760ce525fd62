//! Files of messages: stored with their message or not at all, once, and read apart from it.

use server::checked_file::CheckedFile;
use server::commands::{CustomerSend, MessageAppend, MessageContent};
use shared::customer::CustomerBody;
use shared::error::{ConflictCause, Problem};
use shared::files::{FILE_MAX, FileRef, FileState};
use shared::ids::{FileId, WorkitemId};
use shared::transcript::EntryBody;

use crate::fixtures::*;
use crate::words::*;

fn content(id: &str, name: &str, bytes: &[u8]) -> MessageContent {
    let file = CheckedFile::check(name, bytes).unwrap();
    MessageContent::file(FileId::parse(id).unwrap(), file)
}

fn content_with(text: &str, id: &str, bytes: &[u8]) -> MessageContent {
    let file = CheckedFile::check("notes.txt", bytes).unwrap();
    MessageContent::words_and_file(Some(said(text)), FileId::parse(id).unwrap(), file)
}

impl Fixture {
    /// A customer's command that brings a file.
    fn file_send(&self, visitor: &str, id: &str, bytes: &[u8]) -> CustomerSend {
        CustomerSend {
            content: content(id, "notes.txt", bytes),
            ..self.customer_send(visitor, "replaced")
        }
    }

    async fn content_of(&self, workitem: &WorkitemId, file: &str) -> Option<Vec<u8>> {
        let file = FileId::parse(file).unwrap();
        let mut rows = self.store.snapshot().await.unwrap();
        let found = rows.customer_file_content(workitem, &file).await.unwrap();
        found.map(|found| found.content)
    }

    async fn place_of(&self, file: &str) -> Option<WorkitemId> {
        let file = FileId::parse(file).unwrap();
        let mut rows = self.store.snapshot().await.unwrap();
        rows.customer_file_place(&file).await.unwrap()
    }
}

#[tokio::test]
async fn a_message_is_its_file_for_customer_and_staff() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let send = fixture.file_send("kim", "file-1", b"one");
        let sent = fixture.store.execute(send).await.unwrap().value;
        let file = FileRef {
            id: FileId::parse("file-1").unwrap(),
            name: "notes.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            size: 3,
            state: FileState::Ready,
        };
        let frames = fixture.frames(&chat).await;
        assert_eq!(frames.last(), Some(&sent.frame), "as it was answered");
        assert!(matches!(
            &sent.frame.body,
            CustomerBody::Mine { text: None, files, .. } if *files == [file.clone()]
        ));
        let entries = fixture.entries(&chat).await;
        assert!(matches!(
            &entries.last().unwrap().body,
            EntryBody::Message { text, files, .. } if text.is_empty() && *files == [file]
        ));
        assert_eq!(fixture.workitem(&chat).await.preview, "notes.txt");
        assert_eq!(fixture.content_of(&chat, "file-1").await.unwrap(), b"one");
        assert_eq!(fixture.place_of("file-1").await, Some(chat.clone()));
        // Of another conversation it is none.
        let other = fixture.chat_of("ben", "lee").await;
        assert_eq!(fixture.content_of(&other, "file-1").await, None);
        // Words go on as they are.
        fixture.customer_says("kim", "Did it arrive?").await;
        let entries = fixture.entries(&chat).await;
        assert!(matches!(
            &entries.last().unwrap().body,
            EntryBody::Message { files, .. } if files.is_empty()
        ));
    }
}

#[tokio::test]
async fn a_file_that_is_sent_again_is_stored_once_and_another_one_is_refused() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let send = fixture.file_send("kim", "file-1", b"one");
        let first = fixture.store.execute(send.clone()).await.unwrap().value;
        // The desk makes another id each time.
        let again = CustomerSend {
            content: content("file-2", "notes.txt", b"one"),
            ..send.clone()
        };
        let repeated = fixture.store.execute(again).await.unwrap();
        assert_eq!((repeated.value, repeated.changes.len()), (first, 0));
        assert_eq!(fixture.place_of("file-2").await, None);
        for content in [
            content("file-3", "notes.txt", b"two"),
            content("file-3", "other.txt", b"one"),
            MessageContent::text(said("one")),
        ] {
            let changed = CustomerSend {
                content,
                ..send.clone()
            };
            let refused = conflict(fixture.store.execute(changed).await);
            assert_eq!(refused, ConflictCause::KeyReused);
        }
        assert_eq!(fixture.frames(&chat).await.len(), 2);
    }
}

#[tokio::test]
async fn a_file_without_room_leaves_no_trace() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let large = vec![b'a'; FILE_MAX];
        for number in 0..10 {
            let send = fixture.file_send("kim", &format!("file-{number}"), &large);
            fixture.store.execute(send).await.unwrap();
        }
        let (frames, head) = (fixture.frames(&chat).await, fixture.head(&chat).await);
        let send = fixture.file_send("kim", "file-more", b"a");
        let refused = problem(fixture.store.execute(send).await);
        assert_eq!(refused, ("file", Problem::FilesFull { max_mib: 50 }));
        assert_eq!(fixture.frames(&chat).await, frames);
        assert_eq!(fixture.head(&chat).await, head);
        assert_eq!(fixture.place_of("file-more").await, None);
    }
}

#[tokio::test]
async fn an_agents_file_stands_in_both_views_once() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let send = MessageAppend {
            content: content_with("Here.", "file-1", b"one"),
            ..fixture.answer(&chat, "amy", "replaced")
        };
        let first = fixture.store.execute(send.clone()).await.unwrap().value;
        // The desk makes another id each time.
        let again = MessageAppend {
            content: content_with("Here.", "file-2", b"one"),
            ..send
        };
        let repeated = fixture.store.execute(again).await.unwrap();
        assert_eq!((repeated.value, repeated.changes.len()), (first, 0));
        let frames = fixture.frames(&chat).await;
        let CustomerBody::Theirs { text, files, .. } = &frames.last().unwrap().body else {
            panic!("amy's message: {frames:?}")
        };
        assert_eq!(text, &Some(said("Here.")));
        let entries = fixture.entries(&chat).await;
        assert!(matches!(
            &entries.last().unwrap().body,
            EntryBody::Message { files: shown, .. } if shown == files
        ));
        assert_eq!(fixture.content_of(&chat, "file-1").await.unwrap(), b"one");
        assert_eq!(fixture.place_of("file-2").await, None);
        assert_eq!(fixture.workitem(&chat).await.preview, "Here.");
        // Alone it is an answer as well.
        let alone = MessageAppend {
            content: content("file-3", "notes.txt", b"three"),
            ..fixture.answer(&chat, "amy", "replaced")
        };
        fixture.store.execute(alone).await.unwrap();
        let frames = fixture.frames(&chat).await;
        assert!(matches!(
            &frames.last().unwrap().body,
            CustomerBody::Theirs { text: None, files, .. } if files.len() == 1
        ));
        assert_eq!(fixture.workitem(&chat).await.preview, "notes.txt");
        assert!(fixture.findings().await.is_empty());
    }
}
