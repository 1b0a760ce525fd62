//! Ratings: whose chat is asked, that it is rated once, who reads it, how it is counted, and how it goes.

use server::commands::{CustomerErase, CustomerRate, RetentionStep};
use server::queries;
use server::store::rows::{Counted, RatingFigure};
use server::store::{Change, CommandContext, Stored, Written};
use shared::customer::CustomerBody;
use shared::error::ConflictCause;
use shared::history::HistoryQuery;
use shared::ids::WorkitemId;
use shared::notice::Notice;
use shared::rating::{Rating, Score};
use shared::text::RatingComment;
use shared::time::Timestamp;
use shared::transcript::EntryBody;
use shared::workitem::WorkitemState;

use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

fn rating(score: i64, comment: &str) -> Rating {
    Rating {
        score: Score::parse(score).unwrap(),
        comment: RatingComment::parse(comment).ok(),
    }
}

impl Fixture {
    fn rate(&self, visitor: &str, rating: Rating) -> CustomerRate {
        CustomerRate {
            channel: channel(),
            visitor: visitor.to_owned(),
            began: None,
            rating,
            entry: self.fresh_entry(),
            at: self.now(),
            key: self.fresh_key(),
        }
    }

    async fn rated(&self, visitor: &str, score: i64, comment: &str) -> Stored<Written<()>> {
        let rate = self.rate(visitor, rating(score, comment));
        self.store.execute(rate).await
    }

    /// Whether the last line that the customer sees asks for a rating.
    async fn asks(&self, workitem: &WorkitemId) -> bool {
        let last = self.frames(workitem).await.pop().unwrap();
        last.body == CustomerBody::Ended { asks: true }
    }

    /// The lines of a conversation that say how it was rated.
    async fn ratings(&self, workitem: &WorkitemId) -> Vec<(i64, Option<String>)> {
        let entries = self.entries(workitem).await.into_iter();
        let rated = entries.filter_map(|entry| match entry.body {
            EntryBody::Notice(Notice::Rated { score, comment }) => Some((score.number(), comment)),
            _ => None,
        });
        rated.collect()
    }
}

#[tokio::test]
async fn a_chat_that_has_ended_is_rated_once_and_its_agent_reads_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let early = fixture.rated("kim", 4, "").await;
        assert_eq!(conflict(early), ConflictCause::NotEnded);
        fixture.wrap_up(&chat, "amy").await.unwrap();
        assert!(fixture.asks(&chat).await);
        let (frames, before) = (fixture.frames(&chat).await, fixture.workitem(&chat).await);

        let rate = fixture.rate("kim", rating(4, "Quick.\nKind."));
        let written = fixture.store.execute(rate.clone()).await.unwrap();
        assert!(written.changes.contains(&Change::Agent(user("amy"))));
        let of_customer = |change: &Change| matches!(change, Change::Customer { .. });
        assert!(!written.changes.iter().any(of_customer));
        let again = fixture.store.execute(rate.clone()).await.unwrap();
        assert_eq!(again.changes, [], "its first answer");
        let other = CustomerRate {
            rating: rating(1, ""),
            ..rate
        };
        let reused = fixture.store.execute(other).await;
        assert_eq!(conflict(reused), ConflictCause::KeyReused);
        let second = fixture.rated("kim", 1, "").await;
        assert_eq!(conflict(second), ConflictCause::AlreadyRated);

        let said = (4, Some("Quick.\nKind.".to_owned()));
        assert_eq!(fixture.ratings(&chat).await, [said]);
        let workitem = fixture.workitem(&chat).await;
        assert_eq!(workitem.rating, Some(rating(4, "Quick.\nKind.")));
        assert_eq!(workitem.last_activity_at, before.last_activity_at);
        assert_eq!(workitem.unread, before.unread);
        assert_eq!(
            fixture.frames(&chat).await,
            frames,
            "no line of the customer's"
        );
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn a_rating_is_of_ones_own_latest_conversation() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.wrap_up(&chat, "amy").await.unwrap();
        not_found(fixture.rated("lee", 1, "").await);
        let elsewhere = CustomerRate {
            began: Some(Timestamp(1)),
            ..fixture.rate("kim", rating(1, ""))
        };
        not_found(fixture.store.execute(elsewhere).await);
        let next = fixture.chat_of("amy", "kim").await;
        let late = fixture.rated("kim", 1, "").await;
        assert_eq!(conflict(late), ConflictCause::NotEnded, "of the newer one");
        for workitem in [&chat, &next] {
            assert_eq!(fixture.ratings(workitem).await, []);
            assert_eq!(fixture.workitem(workitem).await.rating, None);
        }
    }
}

#[tokio::test]
async fn what_goes_on_is_asked_again_only_while_nobody_has_said() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.reopen(&chat, "amy").await.unwrap();
        let open = fixture.rated("kim", 3, "").await;
        assert_eq!(conflict(open), ConflictCause::NotEnded);
        fixture.wrap_up(&chat, "amy").await.unwrap();
        assert!(fixture.asks(&chat).await);
        fixture.rated("kim", 3, "").await.unwrap();
        fixture.reopen(&chat, "amy").await.unwrap();
        fixture.wrap_up(&chat, "amy").await.unwrap();
        assert!(!fixture.asks(&chat).await, "once for each workitem");
        fixture.close(&chat, "amy").await.unwrap();
        assert_eq!(fixture.ratings(&chat).await, [(3, None)]);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn where_the_organisation_does_not_ask_nothing_is_rated() {
    for fixture in every().await {
        fixture.set(&[setting("rating_asked", 0)]).await;
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.wrap_up(&chat, "amy").await.unwrap();
        assert!(!fixture.asks(&chat).await);
        not_found(fixture.rated("kim", 4, "").await);
        // What has ended before stays as it is.
        fixture.set(&[setting("rating_asked", 1)]).await;
        not_found(fixture.rated("kim", 4, "").await);
        assert_eq!(fixture.workitem(&chat).await.rating, None);
    }
}

#[tokio::test]
async fn ratings_are_searched_by_their_scores_and_counted_by_team_and_agent() {
    for fixture in every().await {
        for (visitor, score) in [("kim", 5), ("lee", 2), ("max", 4)] {
            let chat = fixture.chat_of("amy", visitor).await;
            fixture.wrap_up(&chat, "amy").await.unwrap();
            fixture.close(&chat, "amy").await.unwrap();
            fixture.rated(visitor, score, "").await.unwrap();
        }
        fixture.chat_of("amy", "ned").await;
        let found = async |who: &str, rating: &str| {
            let query = HistoryQuery {
                rating: rating.to_owned(),
                words: "router".to_owned(),
                ..HistoryQuery::default()
            };
            let listed = HistoryQuery {
                words: String::new(),
                ..query.clone()
            };
            let mut counts = Vec::new();
            for query in [query, listed] {
                let mut rows = fixture.searched().await;
                let asked = query.parse().unwrap();
                let page = queries::history_page(&mut *rows, &user(who), &asked, 25).await;
                counts.push(page.unwrap().hits.len());
            }
            counts
        };
        assert_eq!(found("sam", "4-5").await, [2, 2]);
        assert_eq!(found("sam", "3").await, [0, 0]);
        assert_eq!(found("amy", "1-2").await, [1, 1]);
        assert_eq!(found("sam", "").await, [4, 4]);
        assert_eq!(found("sid", "4-5").await, [0, 0], "of another team");

        let counted = async |of: &str, from: Timestamp| {
            let of = Counted {
                teams: vec![team(of)],
                from,
                until: Timestamp(i64::MAX),
            };
            fixture.rows().await.ratings_counted(&of).await.unwrap()
        };
        let figures = counted("care", Timestamp(0)).await;
        let expected = RatingFigure {
            team: team("care"),
            team_name: "Care".to_owned(),
            agent: Some(person("amy")),
            count: 3,
            total: 11,
            good: 2,
        };
        assert_eq!(figures, [expected]);
        assert_eq!(counted("sales", Timestamp(0)).await, []);
        assert_eq!(counted("care", fixture.now()).await, []);
    }
}

#[tokio::test]
async fn an_erased_customer_leaves_no_rating_and_what_is_too_old_goes() {
    for fixture in every().await {
        for visitor in ["kim", "lee"] {
            let chat = fixture.chat_of("amy", visitor).await;
            fixture.wrap_up(&chat, "amy").await.unwrap();
            fixture
                .rated(visitor, 2, "A zephyr of a comment")
                .await
                .unwrap();
            fixture.close(&chat, "amy").await.unwrap();
            if visitor == "lee" {
                continue;
            }
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
            fixture.store.execute(erase).await.unwrap();
            let workitem = fixture.workitem(&chat).await;
            assert_eq!(workitem.rating, None);
            assert_eq!(workitem.state, WorkitemState::Closed);
            assert_eq!(fixture.ratings(&chat).await, []);
            let entries = format!("{:?}", fixture.entries(&chat).await);
            assert!(!entries.contains("zephyr"), "{entries}");
            assert_eq!(fixture.findings().await, []);
        }
        fixture.set(&[setting("retention_work_days", 1)]).await;
        let years = Timestamp(fixture.now().0 + 100 * 365 * 24 * 3_600 * 1_000_000);
        for _ in 0..2 {
            let step = RetentionStep { at: years };
            fixture.store.execute(step).await.unwrap();
            assert_eq!(fixture.findings().await, []);
        }
        let of = Counted {
            teams: vec![team("care")],
            from: Timestamp(0),
            until: Timestamp(i64::MAX),
        };
        let left = fixture.rows().await.ratings_counted(&of).await.unwrap();
        assert_eq!(left, []);
    }
}
