//! How what was said comes into the index: with the message on PostgreSQL, and later together with others on SQLite. What is erased meanwhile
//! never does, and nothing is left out for ever.

use server::commands::{CustomerErase, HistoryIndex, RetentionStep, WorkitemImport};
use server::queries;
use server::store::{CommandContext, Snapshot, Store};
use shared::history::HistoryQuery;
use shared::ids::WorkitemId;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::workitem::Channel;

use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

/// The words in SQLite's indexes.
const INDEXED: &str = "SELECT words FROM message_words UNION ALL SELECT words FROM coaching_words";

async fn waits(store: &dyn Store) -> bool {
    store.history_waits().await.unwrap()
}

async fn index(store: &dyn Store) -> bool {
    store.execute(HistoryIndex).await.unwrap().value
}

/// In how many places sam finds these words, in coaching as well.
async fn places(mut rows: Box<dyn Snapshot>, words: &str) -> usize {
    let query = HistoryQuery {
        words: words.to_owned(),
        coaching: "1".to_owned(),
        ..HistoryQuery::default()
    };
    let asked = query.parse().unwrap();
    let page = queries::history_page(&mut *rows, &user("sam"), &asked, 25).await;
    page.unwrap().hits.len()
}

impl Fixture {
    /// In how many places sam finds these words in what is in the index now.
    async fn places_indexed(&self, words: &str) -> usize {
        places(self.rows().await, words).await
    }

    /// A chat of amy's with as many messages that say "needle", the first of them in this second.
    async fn imported(&self, id: &str, second: i64, count: i64) {
        self.imported_saying(id, second, count, "needle").await;
    }

    async fn imported_saying(&self, id: &str, second: i64, count: i64, said: &str) {
        let begun = Timestamp(second * 1_000_000);
        let text = MessageText::parse(said).unwrap();
        let messages = (0..count).map(|number| (true, Timestamp(begun.0 + number), text.clone()));
        let import = WorkitemImport {
            id: WorkitemId::parse(id).unwrap(),
            channel: Channel::Chat,
            customer: "Kim".to_owned(),
            subject: id.to_owned(),
            team: team("care"),
            agent: Some(user("amy")),
            started_at: begun,
            given_at: None,
            messages: messages.collect(),
            carried: None,
        };
        self.store.execute(import).await.unwrap();
    }

    async fn erased(&self, chat: &WorkitemId) {
        let erase = CustomerErase {
            workitem: chat.clone(),
            by: person("ada"),
            entry: self.fresh_entry(),
            session: None,
            context: CommandContext {
                actor: None,
                ..self.context()
            },
        };
        self.store.execute(erase).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_said_waits_once_and_a_search_that_adds_it_finds_it() {
    for fixture in every().await {
        let store = &*fixture.store;
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        for round in 1..=3 {
            let said = fixture.agent_says(&chat, "amy", "A zephyr.").await;
            said.unwrap();
            let tip = fixture.coach(&chat, "sam", "Another zephyr.").await;
            tip.unwrap();
            assert_eq!(waits(store).await, fixture.indexes_later());
            let before = match fixture.indexes_later() {
                true => 2 * (round - 1),
                false => 2 * round,
            };
            assert_eq!(fixture.places_indexed("zephyr").await, before);
            assert_eq!(fixture.findings().await, [], "while it waits");
            assert_eq!(places(fixture.searched().await, "zephyr").await, 2 * round);
            assert!(!waits(store).await);
            assert_eq!(fixture.findings().await, []);
        }
    }
}

#[tokio::test]
async fn what_has_no_words_does_not_wait() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        index(&*fixture.store).await;
        fixture.agent_says(&chat, "amy", "🙂 …!").await.unwrap();
        assert!(!waits(&*fixture.store).await);
    }
}

#[tokio::test]
async fn a_long_queue_is_added_in_steps() {
    for fixture in every().await {
        fixture.imported("long", 1_000, 1_200).await;
        let later = fixture.indexes_later();
        assert_eq!(waits(&*fixture.store).await, later);
        let added = [
            index(&*fixture.store).await,
            index(&*fixture.store).await,
            index(&*fixture.store).await,
        ];
        assert_eq!(added, [later, later, false]);
        assert!(!waits(&*fixture.store).await);
        assert_eq!(fixture.places_indexed("needle").await, 25, "a page");
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn long_texts_are_added_in_smaller_steps() {
    for fixture in every().await {
        let long = ["needle ", &"1234567 ".repeat(480)].concat();
        fixture
            .imported_saying("long", 1_000, 60, long.trim())
            .await;
        let later = fixture.indexes_later();
        assert_eq!(index(&*fixture.store).await, later);
        assert_eq!(waits(&*fixture.store).await, later);
        assert_eq!(fixture.findings().await, [], "between two steps");
        assert_eq!(places(fixture.searched().await, "needle").await, 25);
        assert!(!waits(&*fixture.store).await);
        assert_eq!(fixture.findings().await, []);
    }
}

/// What waits is behind everything that is in the index, so what is stored with an earlier time cannot.
#[tokio::test]
async fn what_is_stored_with_an_earlier_time_is_added_at_once() {
    for fixture in every().await {
        fixture.imported("first", 2_000, 1).await;
        index(&*fixture.store).await;
        fixture.imported("earlier", 1_000, 2).await;
        assert!(!waits(&*fixture.store).await);
        assert_eq!(fixture.places_indexed("needle").await, 3);
        fixture.imported("later", 3_000, 1).await;
        // Of the same time as what waits, and before it.
        fixture.imported("beside", 3_000, 1).await;
        fixture.imported("between", 2_500, 1).await;
        assert_eq!(places(fixture.searched().await, "needle").await, 6);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn e52_what_is_erased_while_it_waits_never_comes_into_the_index() {
    for fixture in every().await {
        let kept = fixture.chat_of("amy", "lee").await;
        let gone = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&gone, "sam").await.unwrap();
        // Some of it is in the index, as the last of all, and some waits.
        fixture.agent_says(&gone, "amy", "A zephyr.").await.unwrap();
        index(&*fixture.store).await;
        fixture.agent_says(&gone, "amy", "A zephyr.").await.unwrap();
        fixture.coach(&gone, "sam", "A zephyr.").await.unwrap();
        fixture.agent_says(&kept, "amy", "A breeze.").await.unwrap();
        fixture.erased(&gone).await;
        assert_eq!(fixture.findings().await, []);
        assert_eq!(places(fixture.searched().await, "zephyr").await, 0);
        assert_eq!(fixture.places_indexed("breeze").await, 1);
        assert_eq!(fixture.findings().await, []);
        let (_, place) = fixture.reopened().await;
        let words = place.texts(INDEXED).await;
        assert!(words.iter().any(|words| words == "a breeze"), "{words:?}");
        assert!(
            !words.iter().any(|words| words.contains("zephyr")),
            "{words:?}"
        );
    }
}

#[tokio::test]
async fn what_is_too_old_goes_whether_or_not_it_is_in_the_index() {
    for fixture in every().await {
        for (visitor, indexed) in [("kim", true), ("lee", false)] {
            let chat = fixture.chat_of("amy", visitor).await;
            fixture.agent_says(&chat, "amy", "A zephyr.").await.unwrap();
            fixture.wrap_up(&chat, "amy").await.unwrap();
            fixture.close(&chat, "amy").await.unwrap();
            if indexed {
                index(&*fixture.store).await;
            }
        }
        fixture.set(&[setting("retention_work_days", 1)]).await;
        let years = Timestamp(fixture.now().0 + 100 * 365 * 24 * 3_600 * 1_000_000);
        for _ in 0..3 {
            let step = RetentionStep { at: years };
            fixture.store.execute(step).await.unwrap();
            assert_eq!(fixture.findings().await, []);
        }
        assert!(!waits(&*fixture.store).await);
        // Numbers that were in the index may come again.
        fixture.imported("ancient", 1, 1).await;
        assert_eq!(places(fixture.searched().await, "needle").await, 1);
        assert_eq!(fixture.places_indexed("zephyr").await, 0);
        assert_eq!(fixture.findings().await, []);
    }
}

/// A copy of the file is what a process leaves that is killed.
#[tokio::test]
async fn what_waits_when_the_program_is_killed_is_added_by_the_next_one() {
    for fixture in every().await {
        if !fixture.indexes_later() {
            continue;
        }
        let chat = fixture.chat_of("amy", "kim").await;
        index(&*fixture.store).await;
        fixture.agent_says(&chat, "amy", "A zephyr.").await.unwrap();
        let (store, place) = fixture.reopened().await;
        assert_eq!(place.findings().await, []);
        assert!(waits(&*store).await);
        index(&*store).await;
        let rows = store.snapshot().await.unwrap();
        assert_eq!(places(rows, "zephyr").await, 1);
        assert_eq!(place.findings().await, []);
        // Rows that are lost from the end of the index are added again.
        index(&*fixture.store).await;
        let lost = "DELETE FROM message_words WHERE rowid > (SELECT MIN(rowid) FROM message_words)";
        let (store, place) = fixture.written_to(lost).await;
        assert!(!index(&*store).await);
        let rows = store.snapshot().await.unwrap();
        assert_eq!(places(rows, "zephyr").await, 1);
        assert_eq!(place.findings().await, []);
    }
}

/// A file that is closed holds all that a search finds: the next program to open it has nothing left to add.
#[tokio::test]
async fn nothing_waits_in_a_file_that_was_closed() {
    for fixture in every().await {
        if fixture.indexes_later() {
            fixture.chat_of("amy", "kim").await;
            assert!(waits(&*fixture.store).await);
            let place = fixture.closed().await;
            assert_eq!(place.texts(INDEXED).await, ["my router is dead"]);
        }
    }
}

#[tokio::test]
async fn what_waits_in_a_file_is_found_on_postgresql() {
    for fixture in every().await {
        if fixture.indexes_later() {
            fixture.chat_of("amy", "kim").await;
            let (store, _place) = fixture.moved().await;
            let rows = store.snapshot().await.unwrap();
            assert_eq!(places(rows, "router").await, 1);
        }
    }
}
