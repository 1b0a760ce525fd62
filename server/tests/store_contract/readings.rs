//! Who is shown what is not their own work is in the audit log, unless a monitoring says it: in parts as well, and once an hour.

use server::commands::{ConversationRead, Shown, WorkitemPeek};
use server::queries;
use server::store::Stored;
use shared::ids::WorkitemId;
use shared::time::Timestamp;
use shared::transcript::Reaction;
use shared::workitem::TransferTo;

use crate::fixtures::*;
use crate::words::*;

const HOUR_US: i64 = 3_600_000_000;

impl Fixture {
    /// Somebody is shown this of some workitems; whether a row was written.
    async fn shown_at(
        &self,
        workitems: &[&WorkitemId],
        who: &str,
        shown: Shown,
        at: Timestamp,
    ) -> Stored<bool> {
        let read = ConversationRead {
            workitems: workitems.iter().copied().cloned().collect(),
            reader: user(who),
            shown,
            at,
        };
        let written = self.store.execute(read).await?;
        assert!(written.changes.is_empty(), "it reaches nobody");
        Ok(written.value)
    }

    async fn shown(&self, workitem: &WorkitemId, who: &str, shown: Shown) -> Stored<bool> {
        self.shown_at(&[workitem], who, shown, self.now()).await
    }

    async fn closed_by_amy(&self, chat: &WorkitemId) {
        self.wrap_up(chat, "amy").await.unwrap();
        self.close(chat, "amy").await.unwrap();
    }

    /// What the log says of readings in the history, oldest first: who, and what was shown.
    async fn history_readings(&self) -> Vec<String> {
        let query = shared::audit::AuditQuery {
            act: "history_read".to_owned(),
            ..Default::default()
        };
        let (filter, before) = query.parse().unwrap();
        let mut rows = self.rows().await;
        let found = rows.audit_page(&filter, before, 50).await.unwrap();
        let said = found.iter().rev().map(|row| {
            let shown = row.changes.iter().map(|noted| {
                assert_eq!(noted.field, "shown");
                noted.is.clone().unwrap()
            });
            let who = row.actor.as_ref().unwrap().id.to_string();
            let said: Vec<String> = [who].into_iter().chain(shown).collect();
            said.join(" ")
        });
        said.collect()
    }
}

#[tokio::test]
async fn who_reads_what_another_agent_has_is_recorded_unless_they_monitor_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let before = (fixture.workitem(&chat).await, fixture.head(&chat).await);
        let read = async |who: &str| fixture.shown(&chat, who, Shown::Pages).await;
        not_found(read("sid").await);
        assert!(!read("amy").await.unwrap(), "it is hers");
        assert!(read("sam").await.unwrap());
        assert!(read("sam").await.unwrap(), "each time");
        let row = format!("sam workitem_peek {chat}");
        assert_eq!(fixture.audited("amy").await, [row.clone(), row]);
        let after = (fixture.workitem(&chat).await, fixture.head(&chat).await);
        assert_eq!(before, after);

        fixture.monitor(&chat, "sam").await.unwrap();
        assert!(!read("sam").await.unwrap());
        assert!(read("sue").await.unwrap());
        fixture.unmonitor(&chat, "sam").await.unwrap();
        assert!(read("sam").await.unwrap());
        fixture.wrap_up(&chat, "amy").await.unwrap();
        assert!(read("sam").await.unwrap());
    }
}

#[tokio::test]
async fn what_no_agent_has_is_read_as_the_history_is_once_an_hour() {
    for fixture in every().await {
        let waits = fixture.chat_of("amy", "kim").await;
        let change = fixture.state_change(&waits, "amy");
        let to = TransferTo::Team(team("care"));
        fixture.transfer(change, handed(to)).await.unwrap();
        let closed = fixture.chat_of("amy", "lou").await;
        fixture.closed_by_amy(&closed).await;
        assert!(!fixture.shown(&closed, "amy", Shown::Pages).await.unwrap());
        not_found(fixture.shown(&closed, "sid", Shown::Pages).await);
        for chat in [&waits, &closed] {
            let first = fixture.now();
            let read = async |after: i64| {
                let at = Timestamp(first.0 + after);
                fixture.shown_at(&[chat], "sam", Shown::Pages, at).await
            };
            assert!(read(0).await.unwrap());
            assert!(!read(HOUR_US).await.unwrap());
            assert!(read(HOUR_US + 1).await.unwrap());
        }
        assert_eq!(fixture.history_readings().await, ["sam"; 4]);
    }
}

#[tokio::test]
async fn parts_are_recorded_once_an_hour_and_not_beside_the_whole() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let shown = async |who: &str, what| fixture.shown(&chat, who, what).await.unwrap();
        for (what, code) in [
            (Shown::Excerpt, "excerpt"),
            (Shown::File, "file"),
            (Shown::Coaching, "coaching"),
        ] {
            assert!(!shown("amy", what).await, "it is hers");
            assert!(shown("sam", what).await);
            assert!(!shown("sam", what).await, "the log says so already");
            let rows = fixture.audited("amy").await;
            let row = format!("sam workitem_peek {chat} shown: {code}");
            assert_eq!(rows.last(), Some(&row));
        }
        let peek = WorkitemPeek {
            workitem: chat.clone(),
            reader: user("sue"),
            at: fixture.now(),
        };
        fixture.store.execute(peek).await.unwrap();
        assert!(!shown("sue", Shown::Excerpt).await, "she has peeked");

        // With another agent it is another reading.
        let change = fixture.state_change(&chat, "amy");
        let to = TransferTo::Agent(user("ben"));
        fixture.transfer(change, handed(to)).await.unwrap();
        assert!(shown("sam", Shown::Excerpt).await);
        let rows = fixture.audited("ben").await;
        let row = format!("sam workitem_peek {chat} shown: excerpt");
        assert_eq!(rows.last(), Some(&row));

        fixture.wrap_up(&chat, "ben").await.unwrap();
        fixture.close(&chat, "ben").await.unwrap();
        assert!(shown("sam", Shown::Excerpt).await, "it is in the history");
        assert!(shown("sam", Shown::Pages).await, "the whole is more");
        assert!(!shown("sam", Shown::File).await);
        assert_eq!(fixture.history_readings().await, ["sam excerpt", "sam"]);
    }
}

#[tokio::test]
async fn what_is_found_together_is_recorded_together_or_not_at_all() {
    for fixture in every().await {
        let open = fixture.chat_of("amy", "kim").await;
        let closed = fixture.chat_of("amy", "lou").await;
        fixture.closed_by_amy(&closed).await;
        let sales = fixture.chat_of("amy", "max").await;
        let change = fixture.state_change(&sales, "amy");
        let to = TransferTo::Agent(user("cleo"));
        fixture.transfer(change, handed(to)).await.unwrap();
        let found = async |workitems: &[&WorkitemId]| {
            let at = fixture.now();
            let found = fixture.shown_at(workitems, "sam", Shown::Excerpt, at);
            found.await
        };
        not_found(found(&[&open, &closed, &sales]).await);
        let unknown = WorkitemId::parse("unknown").unwrap();
        not_found(found(&[&open, &unknown]).await);
        assert_eq!(fixture.history_readings().await, [""; 0]);
        assert!(found(&[&open, &closed]).await.unwrap());
        assert!(!found(&[&closed, &open]).await.unwrap());
        assert_eq!(fixture.history_readings().await, ["sam excerpt"]);
        let row = format!("sam workitem_peek {open} shown: excerpt");
        let rows = fixture.audited("amy").await;
        assert_eq!(rows.iter().filter(|said| **said == row).count(), 1);
    }
}

#[tokio::test]
async fn what_was_missed_of_a_log_is_shown_to_those_of_whose_reading_the_log_says() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.closed_by_amy(&chat).await;
        let missed = async |who: &str| {
            let missed = fixture.changes_of(&chat, &user(who), 0, 100).await;
            missed.unwrap().is_some()
        };
        assert!(missed("amy").await, "it was hers");
        assert!(!missed("sam").await, "he is to ask for it");
        fixture.shown(&chat, "sam", Shown::Pages).await.unwrap();
        assert!(missed("sam").await);
        assert!(!missed("sue").await);
    }
}

#[tokio::test]
async fn coaching_that_helped_is_anothers_unless_one_wrote_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let tip = fixture.coach(&chat, "sam", "Ask for the number.").await;
        let tip = tip.unwrap().value.entry.id;
        let (up, context) = (Some(Reaction::ThumbsUp), fixture.context_of("amy"));
        let liked = fixture.react(&chat, "amy", &tip, up, context);
        liked.await.unwrap();
        let like = fixture.chat_of("ben", "lou").await;
        for (who, others) in [("sam", None), ("sue", Some(&chat))] {
            let mut rows = fixture.searched().await;
            let helped = queries::helped_before(&mut *rows, &user(who), &like).await;
            let [(helped, of)] = &helped.unwrap()[..] else {
                panic!("one, for {who}");
            };
            assert_eq!(helped.text, "Ask for the number.");
            assert_eq!(of.as_ref().map(|workitem| &workitem.id), others, "{who}");
        }
    }
}

#[tokio::test]
async fn lists_of_the_history_hold_no_last_words_of_others() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.closed_by_amy(&chat).await;
        let asked = shared::history::HistoryQuery::default().parse().unwrap();
        for (who, last) in [("amy", "My router is dead."), ("sam", "")] {
            let mut rows = fixture.rows().await;
            let page = queries::history_page(&mut *rows, &user(who), &asked, 25).await;
            let hits = page.unwrap().hits;
            assert_eq!(hits[0].workitem.preview, last, "{who}");
        }
    }
}
