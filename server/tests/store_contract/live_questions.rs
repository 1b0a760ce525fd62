//! Live connections that ask at the same moment are answered from one snapshot. Each of them gets what it would get alone, and nothing by the
//! right of another.

use server::commands::SessionEnd;
use server::queries::{DashboardPart, LiveAnswer, LiveQuestion, LogPosition, Missed, live_answers};
use shared::ids::WorkitemId;
use shared::transcript::{EntryBody, WorkitemChange};

use crate::dice::{Dice, seed};
use crate::fixtures::{Fixture, every};
use crate::words::*;

fn after(workitem: &WorkitemId, after: i64) -> LogPosition {
    LogPosition {
        workitem: workitem.clone(),
        after,
        limit: 100,
    }
}

fn texts(missed: &Missed) -> Vec<String> {
    let Missed::Changes(changes) = missed else {
        panic!("{missed:?}");
    };
    let texts = changes.iter().filter_map(|(_, change)| match change {
        WorkitemChange::Entry(entry) => match &entry.body {
            EntryBody::Message { text, .. } => Some(text.clone()),
            _ => None,
        },
        WorkitemChange::Workitem(_) => None,
    });
    texts.collect()
}

fn refused(answer: &LiveAnswer) -> bool {
    matches!(answer.missed[..], [Missed::Refused])
}

impl Fixture {
    /// All of it in one snapshot.
    async fn asked_together(&self, asked: &[LiveQuestion]) -> Vec<LiveAnswer> {
        live_answers(&mut *self.rows().await, asked).await.unwrap()
    }

    /// The question of somebody's browser that stands here in the log.
    async fn stands(&self, who: &str, position: LogPosition) -> LiveQuestion {
        LiveQuestion {
            session: Some(self.session_of(&user(who)).await),
            logs: vec![position],
            ..LiveQuestion::default()
        }
    }
}

#[tokio::test]
async fn who_has_lost_the_right_gets_nothing_although_others_read_the_same_log() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        for supervisor in ["sam", "sue"] {
            fixture.monitor(&chat, supervisor).await.unwrap();
        }
        let head = fixture.head(&chat).await;
        let mut asked = Vec::new();
        for who in ["amy", "sam", "sue", "ben", "sid"] {
            asked.push(fixture.stands(who, after(&chat, head)).await);
        }
        fixture
            .agent_says(&chat, "amy", "One moment.")
            .await
            .unwrap();
        let [amy, sam, sue, ben, sid] = &fixture.asked_together(&asked).await[..] else {
            panic!("five answers");
        };
        for reader in [amy, sam, sue] {
            assert_eq!(texts(&reader.missed[0]), ["One moment."]);
        }
        // An agent of the team and another team's supervisor never could.
        assert!(refused(ben) && refused(sid));

        // Sam supervises the team no longer; Sue's session is over.
        let update = fixture.save_team("care", "Care", false, &["amy", "ben"], &["sue"]);
        update.await.unwrap();
        let (session, _) = asked[2].session.clone().unwrap();
        let at = fixture.now();
        let end = SessionEnd { session, at };
        fixture.store.execute(end).await.unwrap();
        fixture.agent_says(&chat, "amy", "A secret.").await.unwrap();
        let [amy, sam, sue, ..] = &fixture.asked_together(&asked).await[..] else {
            panic!("five answers");
        };
        assert_eq!(texts(&amy.missed[0]), ["One moment.", "A secret."]);
        assert!(refused(sam));
        assert!(sam.session.is_some());
        assert!(sue.session.is_none() && sue.missed.is_empty());
        // A session that expires while others last.
        let (session, now) = asked[1].session.clone().unwrap();
        let much_later = shared::time::Timestamp(now.0 + 3_600_000_000);
        let late = LiveQuestion {
            session: Some((session, much_later)),
            ..asked[1].clone()
        };
        let both = fixture.asked_together(&[late, asked[0].clone()]).await;
        assert!(both[0].session.is_none() && both[0].missed.is_empty());
        assert_eq!(texts(&both[1].missed[0]), ["One moment.", "A secret."]);
    }
}

#[tokio::test]
async fn each_goes_on_where_it_stands() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let other = fixture.chat_of("amy", "lou").await;
        let first = fixture.head(&chat).await;
        fixture.agent_says(&chat, "amy", "One.").await.unwrap();
        let second = fixture.head(&chat).await;
        fixture.agent_says(&chat, "amy", "Two.").await.unwrap();
        fixture
            .agent_says(&other, "amy", "Elsewhere.")
            .await
            .unwrap();
        let head = fixture.head(&chat).await;
        let nobodys = WorkitemId::parse("nobodys").unwrap();
        let few = LogPosition {
            limit: head - first - 1,
            ..after(&chat, first)
        };
        let question = LiveQuestion {
            session: Some(fixture.session_of(&user("amy")).await),
            logs: vec![
                after(&chat, second),
                after(&other, 0),
                after(&chat, first),
                after(&chat, head),
                few,
                after(&chat, head + 1),
                after(&chat, -1),
                after(&chat, i64::MIN),
                after(&chat, i64::MAX),
                after(&nobodys, 0),
            ],
            ..LiveQuestion::default()
        };
        let answer = fixture.reads.ask(question).await.unwrap();
        let missed = &answer.missed;
        assert_eq!(texts(&missed[0]), ["Two."]);
        assert!(texts(&missed[1]).contains(&"Elsewhere.".to_owned()));
        assert_eq!(texts(&missed[2]), ["One.", "Two."]);
        assert_eq!(texts(&missed[3]), Vec::<String>::new());
        // Too much, numbers of another history, and no workitem.
        for snapshot in &missed[4..9] {
            assert!(matches!(snapshot, Missed::Snapshot), "{snapshot:?}");
        }
        assert!(matches!(missed[9], Missed::Refused));
    }
}

/// Without the numbers of sessions, which differ.
fn said(answer: &LiveAnswer) -> String {
    let actor = answer.session.as_ref().map(|session| &session.actor);
    let mut workitems: Vec<_> = answer.workitems.iter().collect();
    workitems.sort_by_key(|(id, _)| (*id).clone());
    let LiveAnswer {
        missed,
        replies,
        review,
        worklist,
        dashboard,
        ..
    } = answer;
    format!("{actor:?} {workitems:?} {missed:?} {replies:?} {review:?} {worklist:?} {dashboard:?}")
}

#[tokio::test]
async fn a_list_and_rows_of_a_dashboard_are_what_their_pages_load() {
    for fixture in every().await {
        let first = fixture.chat_of("amy", "kim").await;
        let second = fixture.chat_of("amy", "lou").await;
        fixture.chat_of("ben", "max").await;
        fixture.customer_says("mia", "Is anybody there?").await;
        let both = LiveQuestion {
            dashboard: Some(DashboardPart {
                agents: vec![user("amy"), user("cleo")],
                queues: true,
            }),
            ..LiveQuestion::default()
        };
        let mut asked = Vec::new();
        for who in ["amy", "ben", "sam", "sid"] {
            asked.push(LiveQuestion {
                session: Some(fixture.session_of(&user(who)).await),
                worklist: Some(user(who)),
                ..both.clone()
            });
        }
        // Whose session is over, and who names another one.
        asked.push(both.clone());
        asked.push(LiveQuestion {
            worklist: Some(user("amy")),
            ..asked[1].clone()
        });
        let answers = fixture.asked_together(&asked).await;
        let [amy, ben, sam, sid, nobody, ben_of_amy] = &answers[..] else {
            panic!("six answers");
        };
        let open = |answer: &LiveAnswer| {
            let list = answer.worklist.as_ref().expect("a list");
            let ids = list.workitems.iter().map(|workitem| workitem.id.clone());
            ids.collect::<Vec<_>>()
        };
        assert_eq!(open(amy), [first, second]);
        assert_eq!(open(ben).len(), 1);
        // Agents have no dashboard, and supervisors no work.
        assert!(amy.dashboard.is_none() && ben.dashboard.is_none());
        assert!(sam.worklist.is_none() && sid.worklist.is_none());
        assert!(nobody.worklist.is_none() && nobody.dashboard.is_none());
        assert!(ben_of_amy.session.is_some() && ben_of_amy.worklist.is_none());

        // Each sees the agents of their own teams alone.
        for (answer, care, agents) in [(sam, "care", vec!["amy"]), (sid, "sales", vec!["cleo"])] {
            let teams = [team(care)];
            let whole = fixture.reads.dashboard(&teams).await.unwrap();
            let part = answer.dashboard.as_ref().expect("a dashboard");
            let named = part.agents.iter().map(|row| row.id.as_str());
            assert_eq!(named.collect::<Vec<_>>(), agents);
            for row in &part.agents {
                assert!(whole.agents.contains(row), "{row:?}");
            }
            assert_eq!(part.queues, whole.queues);
        }
        // What is not asked for is not read.
        let rows_alone = LiveQuestion {
            dashboard: Some(DashboardPart {
                agents: vec![user("amy")],
                queues: false,
            }),
            worklist: None,
            ..asked[2].clone()
        };
        let alone = fixture.asked_together(&[rows_alone]).await;
        let part = alone[0].dashboard.as_ref().expect("a dashboard");
        assert_eq!((part.agents.len(), part.queues.len()), (1, 0));
    }
}

#[tokio::test]
async fn who_asks_beside_others_is_answered_as_alone() {
    for fixture in every().await {
        let mut dice = Dice::of(seed());
        let mut chats = Vec::new();
        for (agent, visitor) in [("amy", "kim"), ("ben", "lou"), ("amy", "max")] {
            let chat = fixture.chat_of(agent, visitor).await;
            for line in 0..dice.below(6) {
                let text = format!("{agent} says {line}");
                fixture.agent_says(&chat, agent, &text).await.unwrap();
            }
            chats.push(chat);
        }
        let mut asked = Vec::new();
        for _ in 0..40 {
            let people = ["amy", "ben", "cleo", "sam", "sue", "sid", "ada", "stranger"];
            let who = people[dice.below(people.len() as u64) as usize];
            let mut question = LiveQuestion {
                session: Some(fixture.session_of(&user(who)).await),
                replies: dice.below(2) == 0,
                worklist: (dice.below(3) == 0).then(|| user(who)),
                dashboard: (dice.below(3) == 0).then(|| DashboardPart {
                    agents: vec![user("amy"), user("ben")],
                    queues: dice.below(2) == 0,
                }),
                ..LiveQuestion::default()
            };
            for chat in &chats {
                if dice.below(2) == 0 {
                    let place = dice.below(12) as i64;
                    question.logs.push(after(chat, place));
                }
                if dice.below(3) == 0 {
                    question.workitems.push(chat.clone());
                }
                if dice.below(3) == 0 {
                    question.review = Some(chat.clone());
                }
            }
            asked.push(question);
        }
        let together = fixture.asked_together(&asked).await;
        for (question, answer) in asked.iter().zip(&together) {
            let alone = fixture.asked_together(std::slice::from_ref(question)).await;
            assert_eq!(said(&alone[0]), said(answer), "{question:?}");
        }
    }
}
