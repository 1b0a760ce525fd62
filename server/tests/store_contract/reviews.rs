//! Flags for review: who sets them, that one is open at most, who finds them, and that nothing of them is the agent's or the
//! customer's.

use server::commands::{
    CustomerErase, RetentionStep, ReviewFinish, ReviewFlag, StateChange, WorkitemTransfer,
};
use server::queries::{self, LiveQuestion};
use server::store::{Change, CommandContext, Stored, Written};
use shared::error::ConflictCause;
use shared::history::HistoryQuery;
use shared::ids::{CommandKey, WorkitemId};
use shared::people::PersonRef;
use shared::reviews::Review;
use shared::text::ReviewComment;
use shared::time::Timestamp;
use shared::workitem::TransferTo;

use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

const WHY: &str = "Ask why she was not called back.";

impl Fixture {
    fn flag(&self, workitem: &WorkitemId, who: &str, comment: &str) -> ReviewFlag {
        ReviewFlag {
            workitem: workitem.clone(),
            comment: ReviewComment::parse(comment).unwrap(),
            by: user(who),
            at: self.now(),
            key: self.fresh_key(),
        }
    }

    async fn flags(&self, workitem: &WorkitemId, who: &str) -> Stored<Written<()>> {
        self.store.execute(self.flag(workitem, who, WHY)).await
    }

    async fn reviews(
        &self,
        workitem: &WorkitemId,
        who: &str,
        number: i64,
        key: CommandKey,
    ) -> Stored<Written<()>> {
        let finish = ReviewFinish {
            workitem: workitem.clone(),
            number,
            by: user(who),
            at: self.now(),
            key,
        };
        self.store.execute(finish).await
    }

    /// The flag as somebody sees it.
    async fn seen_by(&self, who: &str, workitem: &WorkitemId) -> Option<Box<Review>> {
        let question = LiveQuestion {
            review: Some(workitem.clone()),
            ..LiveQuestion::default()
        };
        self.is_answered(&user(who), question).await.review
    }

    /// The workitems that somebody finds by the state of their flag, and whether the flag is shown with each.
    async fn finds_reviews(&self, who: &str, words: &str, state: &str) -> Vec<(WorkitemId, bool)> {
        let query = HistoryQuery {
            words: words.to_owned(),
            review: state.to_owned(),
            ..HistoryQuery::default()
        };
        let mut rows = self.searched().await;
        let asked = query.parse().unwrap();
        let page = queries::history_page(&mut *rows, &user(who), &asked, 25).await;
        let hits = page.unwrap().hits.into_iter();
        hits.map(|hit| (hit.workitem.id, hit.review.is_some()))
            .collect()
    }
}

#[tokio::test]
async fn one_flag_is_open_at_most_and_who_comes_late_learns_of_the_first() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let first = fixture.flag(&chat, "sam", WHY);
        let flagged = fixture.store.execute(first.clone()).await.unwrap();
        assert_eq!(flagged.changes, [Change::Review(chat.clone())]);
        let again = fixture.store.execute(first.clone()).await.unwrap();
        assert_eq!(again.changes, [], "once");
        let other = ReviewFlag {
            comment: ReviewComment::parse("Something else").unwrap(),
            ..first
        };
        let reused = fixture.store.execute(other).await;
        assert_eq!(conflict(reused), ConflictCause::KeyReused);
        let by = person("sam").name;
        let second = fixture.flags(&chat, "sue").await;
        assert_eq!(conflict(second), ConflictCause::ReviewOpen { by });

        let key = fixture.fresh_key();
        for late in [0, 2, i64::MAX] {
            not_found(
                fixture
                    .reviews(&chat, "sue", late, fixture.fresh_key())
                    .await,
            );
        }
        let done = fixture.reviews(&chat, "sue", 1, key.clone()).await.unwrap();
        assert_eq!(done.changes, [Change::Review(chat.clone())]);
        let again = fixture.reviews(&chat, "sue", 1, key).await.unwrap();
        assert_eq!(again.changes, [], "the first answer");
        let late = fixture.reviews(&chat, "sam", 1, fixture.fresh_key()).await;
        let by = person("sue").name;
        assert_eq!(conflict(late), ConflictCause::ReviewDone { by });

        let seen = fixture.seen_by("sam", &chat).await.unwrap();
        let named = |person: PersonRef| person.name;
        assert_eq!((seen.number, &seen.comment[..]), (1, WHY));
        assert_eq!(named(seen.by), "Sam Stone");
        assert_eq!(named(seen.done.unwrap().by), "Sue Silva");
        // It can be flagged once more, also by another one.
        fixture.flags(&chat, "sue").await.unwrap();
        let seen = fixture.seen_by("sam", &chat).await.unwrap();
        assert_eq!((seen.number, seen.done), (2, None));
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn flags_are_for_supervisors_with_authority_open_or_closed_and_nobody_else_sees_them() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let (before, head) = (fixture.workitem(&chat).await, fixture.head(&chat).await);
        let frames = fixture.frames(&chat).await;
        for who in ["amy", "ben", "sid", "cleo", "ada"] {
            not_found(fixture.flags(&chat, who).await);
        }
        fixture.flags(&chat, "sam").await.unwrap();
        for who in ["amy", "ben", "sid", "cleo", "ada"] {
            not_found(fixture.reviews(&chat, who, 1, fixture.fresh_key()).await);
            assert_eq!(fixture.seen_by(who, &chat).await, None, "{who}");
        }
        let page = fixture.page(&chat, &user("amy"), None).await.unwrap();
        assert_eq!(page.review, None);
        let page = fixture.page(&chat, &user("sue"), None).await.unwrap();
        assert_eq!(page.review.unwrap().comment, WHY);
        assert_eq!(fixture.workitem(&chat).await, before);
        assert_eq!(fixture.head(&chat).await, head, "no number is taken");
        assert_eq!(fixture.frames(&chat).await, frames);

        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        fixture
            .reviews(&chat, "sam", 1, fixture.fresh_key())
            .await
            .unwrap();
        fixture.flags(&chat, "sue").await.unwrap();
        assert_eq!(fixture.seen_by("amy", &chat).await, None);
        let nothing = WorkitemId::parse("nothing").unwrap();
        not_found(fixture.flags(&nothing, "sam").await);
        assert_eq!(fixture.seen_by("sam", &nothing).await, None);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn the_history_finds_flags_for_those_who_may_see_them() {
    for fixture in every().await {
        let flagged = fixture.chat_of("amy", "kim").await;
        let reviewed = fixture.chat_of("ben", "lea").await;
        let neither = fixture.chat_of("amy", "max").await;
        for chat in [&flagged, &reviewed] {
            fixture.flags(chat, "sam").await.unwrap();
        }
        fixture
            .reviews(&reviewed, "sam", 1, fixture.fresh_key())
            .await
            .unwrap();
        for words in ["", "router"] {
            for (state, chat) in [("flagged", &flagged), ("reviewed", &reviewed)] {
                let found = fixture.finds_reviews("sue", words, state).await;
                assert_eq!(found, [(chat.clone(), true)], "{words} {state}");
                for who in ["amy", "ben", "cleo", "sid"] {
                    let found = fixture.finds_reviews(who, words, state).await;
                    assert_eq!(found, [], "{who} {words} {state}");
                }
            }
            let mut all = fixture.finds_reviews("sue", words, "").await;
            all.sort();
            let mut expected = [(flagged.clone(), true), (reviewed.clone(), true)].to_vec();
            expected.push((neither.clone(), false));
            expected.sort();
            assert_eq!(all, expected, "{words}");
            let hers = fixture.finds_reviews("amy", words, "").await;
            assert!(hers.iter().all(|(_, shown)| !shown), "{words}: {hers:?}");
            assert_eq!(hers.len(), 2);
        }
        // A flag that is set again counts as it is now.
        fixture.flags(&reviewed, "sue").await.unwrap();
        assert_eq!(fixture.finds_reviews("sam", "", "reviewed").await, []);
        assert_eq!(fixture.finds_reviews("sam", "", "flagged").await.len(), 2);
    }
}

#[tokio::test]
async fn a_flag_goes_with_the_workitem_to_another_team() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.flags(&chat, "sam").await.unwrap();
        let change: StateChange = fixture.state_change(&chat, "amy");
        let transfer = WorkitemTransfer {
            change,
            to: handed(TransferTo::Team(team("sales"))),
            note: None,
        };
        fixture.store.execute(transfer).await.unwrap();
        assert_eq!(fixture.seen_by("sam", &chat).await, None);
        let seen = fixture.seen_by("sid", &chat).await.unwrap();
        assert_eq!((seen.number, &seen.comment[..]), (1, WHY));
        not_found(fixture.reviews(&chat, "sam", 1, fixture.fresh_key()).await);
        fixture
            .reviews(&chat, "sid", 1, fixture.fresh_key())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn e52_an_erased_customer_leaves_no_words_in_comments_and_what_is_too_old_goes() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.flags(&chat, "sam").await.unwrap();
        fixture
            .reviews(&chat, "sam", 1, fixture.fresh_key())
            .await
            .unwrap();
        fixture.flags(&chat, "sue").await.unwrap();
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
        assert!(erased.changes.contains(&Change::Review(chat.clone())));
        let seen = fixture.seen_by("sam", &chat).await.unwrap();
        assert_eq!((seen.number, &seen.comment[..]), (2, "—"));
        assert_eq!(fixture.findings().await, []);

        fixture.set(&[setting("retention_work_days", 1)]).await;
        let years = Timestamp(fixture.now().0 + 100 * 365 * 24 * 3_600 * 1_000_000);
        let step = RetentionStep { at: years };
        let gone = fixture.store.execute(step).await.unwrap().value;
        assert_eq!(gone.workitems, 1);
        assert_eq!(fixture.finds_reviews("sam", "", "flagged").await, []);
        assert_eq!(fixture.findings().await, []);
    }
}
