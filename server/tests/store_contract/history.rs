//! The history: who finds what by which words, in which order, and what nobody finds.

use server::commands::{HistoryRead, RequestWithdraw, WorkitemImport};
use server::queries;
use server::store::StoreError;
use shared::history::{HistoryHit, HistoryPage, HistoryQuery};
use shared::ids::WorkitemId;
use shared::organisation::SettingChange;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::Reaction;
use shared::workitem::{Channel, TransferTo};

use crate::fixtures::*;
use crate::words::*;

/// What somebody is shown for an address.
async fn page(fixture: &Fixture, who: &str, asked: &[(&str, &str)]) -> HistoryPage {
    let query = HistoryQuery::of(|name| {
        let found = asked.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    let asked = query.parse().unwrap();
    let mut rows = fixture.searched().await;
    queries::history_page(&mut *rows, &user(who), &asked, 25)
        .await
        .unwrap()
}

/// The words that were found, marked.
fn excerpt(hit: &HistoryHit) -> String {
    let entry = hit.entry.as_ref().unwrap();
    let pieces = entry.excerpt.iter().map(|(found, text)| match found {
        true => ["[", text, "]"].concat(),
        false => text.clone(),
    });
    pieces.collect()
}

/// What somebody finds by these words.
async fn found(fixture: &Fixture, who: &str, words: &str) -> Vec<String> {
    let page = page(fixture, who, &[("words", words)]).await;
    page.hits.iter().map(excerpt).collect()
}

async fn found_with_coaching(fixture: &Fixture, who: &str, words: &str) -> Vec<String> {
    let asked = [("words", words), ("coaching", "1")];
    let page = page(fixture, who, &asked).await;
    page.hits.iter().map(excerpt).collect()
}

const NOTHING: [&str; 0] = [];

#[tokio::test]
async fn what_was_said_is_found_by_those_who_may_read_it_open_and_closed() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture
            .agent_says(&chat, "amy", "Is the Zoë-Router's lamp red?")
            .await
            .unwrap();
        let both = ["Is the Zoë-[Router]'s lamp red?", "My [router] is dead."];
        let all = async |fixture: &Fixture| {
            for who in ["amy", "sam", "sue"] {
                assert_eq!(found(fixture, who, "router").await, both, "{who}");
            }
            for who in ["ben", "cleo", "sid"] {
                assert_eq!(found(fixture, who, "router").await, NOTHING, "{who}");
                let all = page(fixture, who, &[]).await;
                assert_eq!((all.hits.len(), all.next), (0, None), "{who}");
            }
        };
        all(&fixture).await;
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        all(&fixture).await;

        let lamp = ["Is the [Zoë]-Router's [lamp] red?"];
        assert_eq!(found(&fixture, "amy", "LAMP zoe").await, lamp);
        assert_eq!(found(&fixture, "amy", "\"zoe router s\"").await.len(), 1);
        assert_eq!(found(&fixture, "amy", "rout*").await.len(), 2);
        for words in [
            "\"router zoe\"",
            "rout",
            "lamp dead",
            "router OR lamp",
            "words:router",
        ] {
            assert_eq!(found(&fixture, "amy", words).await, NOTHING, "{words}");
        }
    }
}

#[tokio::test]
async fn administrators_have_no_history() {
    for fixture in every().await {
        fixture.chat_of("amy", "kim").await;
        let asked = HistoryQuery::default().parse().unwrap();
        let mut rows = fixture.rows().await;
        let refused = queries::history_page(&mut *rows, &user("ada"), &asked, 25).await;
        assert!(
            matches!(refused, Err(StoreError::Refused { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn s23_coaching_is_found_apart_and_not_by_another_team() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        fixture
            .coach(&chat, "sam", "Offer a secret refund.")
            .await
            .unwrap();
        let tip = ["Offer a secret [refund]."];
        for who in ["amy", "sam", "sue"] {
            assert_eq!(found(&fixture, who, "refund").await, NOTHING, "{who}");
            assert_eq!(
                found_with_coaching(&fixture, who, "refund").await,
                tip,
                "{who}"
            );
        }
        for who in ["ben", "cleo", "sid"] {
            assert_eq!(
                found_with_coaching(&fixture, who, "refund").await,
                NOTHING,
                "{who}"
            );
        }

        // Ben is in both teams, and so is Sue as a supervisor.
        fixture
            .save_team("sales", "Sales", false, &["cleo", "ben"], &["sid", "sue"])
            .await
            .unwrap();
        let change = fixture.state_change(&chat, "amy");
        let to = TransferTo::Agent(user("cleo"));
        fixture.transfer(change, handed(to)).await.unwrap();
        // A page is not short for it, and there is none behind it.
        for who in ["cleo", "sid"] {
            let asked = [("words", "refund"), ("coaching", "1")];
            let page = page(&fixture, who, &asked).await;
            assert_eq!((page.hits.len(), page.next), (0, None), "{who}");
            assert_eq!(found(&fixture, who, "router").await.len(), 1, "{who}");
        }
        assert_eq!(found_with_coaching(&fixture, "sue", "refund").await, tip);
        // They gave it and had it; the workitem is another team's.
        for who in ["sam", "amy"] {
            assert_eq!(
                found_with_coaching(&fixture, who, "refund").await,
                NOTHING,
                "{who}"
            );
        }
        let change = fixture.state_change(&chat, "cleo");
        let to = TransferTo::Agent(user("ben"));
        fixture.transfer(change, handed(to)).await.unwrap();
        assert_eq!(found_with_coaching(&fixture, "ben", "refund").await, tip);
    }
}

#[tokio::test]
async fn s23_coaching_that_goes_along_is_found_where_it_goes() {
    for fixture in every().await {
        let crosses = SettingChange {
            name: "coaching_crosses_teams".to_owned(),
            value: 1,
        };
        let (key, at) = (fixture.fresh_key(), fixture.now());
        let save = organisation_save(&person("ada"), 0, &[crosses], key, at);
        fixture.store.execute(save).await.unwrap();
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        fixture
            .coach(&chat, "sam", "Offer a refund.")
            .await
            .unwrap();
        let change = fixture.state_change(&chat, "amy");
        let to = TransferTo::Agent(user("cleo"));
        fixture.transfer(change, handed(to)).await.unwrap();
        for who in ["cleo", "sid"] {
            assert_eq!(
                found_with_coaching(&fixture, who, "refund").await.len(),
                1,
                "{who}"
            );
        }
    }
}

/// A workitem of amy's or cleo's with one message at this second.
async fn import(
    fixture: &Fixture,
    id: &str,
    agent: &str,
    customer: &str,
    channel: Channel,
    second: i64,
) {
    import_about(fixture, id, id, agent, customer, channel, second).await;
}

async fn import_about(
    fixture: &Fixture,
    id: &str,
    subject: &str,
    agent: &str,
    customer: &str,
    channel: Channel,
    second: i64,
) {
    let at = Timestamp(second * 1_000_000);
    let text = format!("needle {id}");
    let import = WorkitemImport {
        id: WorkitemId::parse(id).unwrap(),
        channel,
        customer: customer.to_owned(),
        subject: subject.to_owned(),
        team: team(if agent == "cleo" { "sales" } else { "care" }),
        agent: Some(user(agent)),
        started_at: at,
        given_at: None,
        messages: vec![(true, at, MessageText::parse(&text).unwrap())],
        carried: None,
    };
    fixture.store.execute(import).await.unwrap();
}

/// All pages: the subjects on each.
async fn pages(fixture: &Fixture, who: &str, asked: &[(&str, &str)]) -> Vec<Vec<String>> {
    let (mut all, mut before) = (Vec::new(), String::new());
    loop {
        let asked = [asked, &[("before", &before[..])]].concat();
        let found = page(fixture, who, &asked).await;
        let subjects = found.hits.iter().map(|hit| hit.workitem.subject.clone());
        all.push(subjects.collect());
        let Some(next) = found.next else { return all };
        before = next;
    }
}

#[tokio::test]
async fn the_newest_stands_first_whenever_it_was_stored_and_pages_leave_nothing_out() {
    for fixture in every().await {
        // Stored in another order than that of time, two of them of one moment, and others' between them.
        let mut seconds: Vec<i64> = (1_000..1_060).map(|second| second / 2 * 2).collect();
        seconds.rotate_left(17);
        for (number, second) in seconds.iter().enumerate() {
            let (mine, other) = (format!("n{number}"), format!("o{number}"));
            import(&fixture, &mine, "amy", "Kim", Channel::Chat, *second).await;
            import(&fixture, &other, "cleo", "Kim", Channel::Chat, *second).await;
        }
        for asked in [&[("words", "needle")][..], &[]] {
            for who in ["amy", "sam"] {
                let pages = pages(&fixture, who, asked).await;
                let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
                assert_eq!(sizes, [25, 25, 10], "{who} {asked:?}");
                let number = |subject: &String| seconds[subject[1..].parse::<usize>().unwrap()];
                let times: Vec<i64> = pages.concat().iter().map(number).collect();
                assert!(times.is_sorted_by(|one, next| one >= next), "{times:?}");
                let mut subjects = pages.concat();
                subjects.sort();
                subjects.dedup();
                assert_eq!(subjects.len(), 60, "{who}");
                assert!(subjects.iter().all(|subject| subject.starts_with('n')));
            }
        }
    }
}

#[tokio::test]
async fn a_search_is_narrowed_by_customer_agent_channel_state_and_day() {
    for fixture in every().await {
        const DAY: i64 = 86_400;
        import(&fixture, "a", "amy", "Zoë Müller", Channel::Chat, DAY).await;
        import(
            &fixture,
            "b",
            "ben",
            "Dana Muller",
            Channel::Sms,
            2 * DAY - 1,
        )
        .await;
        import(&fixture, "c", "amy", "Dana Zimmer", Channel::Sms, 2 * DAY).await;
        let b = WorkitemId::parse("b").unwrap();
        fixture.wrap_up(&b, "ben").await.unwrap();
        fixture.close(&b, "ben").await.unwrap();
        for (asked, subjects) in [
            (&[("customer", "mull")][..], "b a"),
            (&[("customer", "dana muller")], "b"),
            (&[("customer", "uller")], ""),
            (&[("agent", "AMY")], "c a"),
            (&[("agent", "brooks")], "b"),
            (&[("agent", "nobody")], ""),
            (&[("channel", "sms")], "c b"),
            (&[("state", "closed")], "b"),
            (&[("state", "active"), ("channel", "chat")], "a"),
            (&[("from", "1970-01-02"), ("to", "1970-01-02")], "b a"),
            (&[("from", "1970-01-03")], "c"),
            (&[("to", "1970-01-01")], ""),
            (&[("from", "1900-01-01"), ("to", "2200-01-01")], "c b a"),
            (&[("from", "1970-01-03"), ("to", "1970-01-02")], ""),
        ] {
            for words in [&[("words", "needle")][..], &[]] {
                let asked = [asked, words].concat();
                let found = pages(&fixture, "sam", &asked).await.concat();
                assert_eq!(found.join(" "), subjects, "{asked:?}");
            }
        }
    }
}

#[tokio::test]
async fn u11_one_word_finds_workitems_by_customer_and_by_subject() {
    for fixture in every().await {
        for (second, (subject, agent, customer)) in (1_000..).zip([
            ("lost Páket", "amy", "Dana Muller"),
            ("b", "amy", "Zoë Paketti"),
            ("packet", "amy", "Kim Paketti"),
            ("paket", "cleo", "Dana Muller"),
        ]) {
            let (id, chat) = (second.to_string(), Channel::Chat);
            import_about(&fixture, &id, subject, agent, customer, chat, second).await;
        }
        for (who, about, subjects) in [
            ("sam", "PAKET", "packet b lost Páket"),
            ("sam", "pakét", "packet b lost Páket"),
            ("sam", "muller", "lost Páket"),
            ("sam", "pack", "packet"),
            ("sam", "needle", ""),
            ("sid", "paket", "paket"),
            ("amy", "lost", "lost Páket"),
            ("ben", "lost", ""),
        ] {
            let asked = HistoryQuery {
                about: about.to_owned(),
                ..HistoryQuery::default()
            };
            let asked = asked.parse().unwrap();
            let mut rows = fixture.rows().await;
            let page = queries::history_page(&mut *rows, &user(who), &asked, 25).await;
            let hits = page.unwrap().hits.into_iter();
            let found: Vec<String> = hits.map(|hit| hit.workitem.subject).collect();
            assert_eq!(found.join(" "), subjects, "{who} {about}");
        }
    }
}

/// The workitems that somebody finds, the newest first.
async fn workitems(fixture: &Fixture, who: &str, asked: &[(&str, &str)]) -> Vec<WorkitemId> {
    let page = page(fixture, who, asked).await;
    page.hits.into_iter().map(|hit| hit.workitem.id).collect()
}

#[tokio::test]
async fn a_search_is_narrowed_by_what_became_of_a_request_that_one_may_see() {
    for fixture in every().await {
        let asking = async |agent: &str, visitor: &str| {
            let chat = fixture.chat_of(agent, visitor).await;
            let help = fixture.add_template(visitor, "I need help.").await;
            let raised = fixture.raise_hand(agent, &help, &["sam"], Some(chat.clone()));
            (chat, raised.await.unwrap().0)
        };
        let (open, _) = asking("amy", "kim").await;
        let (done, _) = asking("amy", "lou").await;
        fixture.monitor(&done, "sam").await.unwrap();
        fixture.coach(&done, "sam", "Approved.").await.unwrap();
        let (withdrawn, request) = asking("ben", "max").await;
        let withdraw = RequestWithdraw {
            request,
            agent: person("ben"),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        fixture.store.execute(withdraw).await.unwrap();
        let (lapsed, _) = asking("ben", "ned").await;
        fixture.wrap_up(&lapsed, "ben").await.unwrap();
        fixture.chat_of("ben", "oda").await;

        let all = [&lapsed, &withdrawn, &done, &open].map(WorkitemId::clone);
        for (request, of_sam) in [
            ("any", &all[..]),
            ("open", &all[3..]),
            ("done", &all[2..3]),
            ("withdrawn", &all[1..2]),
            ("lapsed", &all[..1]),
        ] {
            for words in [&[("words", "router")][..], &[]] {
                let asked = [&[("request", request)][..], words].concat();
                assert_eq!(
                    workitems(&fixture, "sam", &asked).await,
                    of_sam,
                    "{asked:?}"
                );
                let of_amy: Vec<_> = of_sam
                    .iter()
                    .filter(|id| **id == open || **id == done)
                    .cloned()
                    .collect();
                assert_eq!(
                    workitems(&fixture, "amy", &asked).await,
                    of_amy,
                    "{asked:?}"
                );
                assert_eq!(workitems(&fixture, "sid", &asked).await, [], "{asked:?}");
            }
        }

        // The agent who has the work now does not learn what its agent asked in another team.
        let change = fixture.state_change(&open, "amy");
        let to = TransferTo::Agent(user("cleo"));
        fixture.transfer(change, handed(to)).await.unwrap();
        for who in ["cleo", "sid"] {
            let read = workitems(&fixture, who, &[]).await;
            assert_eq!(read, std::slice::from_ref(&open), "{who}");
            for request in ["any", "open", "lapsed"] {
                let asked = [("request", request)];
                assert_eq!(workitems(&fixture, who, &asked).await, [], "{who}");
            }
        }
    }
}

#[tokio::test]
async fn coaching_is_found_by_what_its_agent_made_of_it() {
    for fixture in every().await {
        let coached = async |chat: &WorkitemId, tip: &str| {
            fixture.coach(chat, "sam", tip).await.unwrap();
            let entries = fixture.entries(chat).await;
            entries.last().unwrap().id.clone()
        };
        let rated = fixture.chat_of("amy", "kim").await;
        let sent_on = fixture.chat_of("ben", "lou").await;
        for chat in [&rated, &sent_on] {
            fixture.monitor(chat, "sam").await.unwrap();
        }
        for (tip, reaction) in [
            ("Offer a refund.", Reaction::ThumbsUp),
            ("Offer a chair.", Reaction::ThumbsDown),
        ] {
            let entry = coached(&rated, tip).await;
            let context = fixture.context_of("amy");
            fixture
                .react(&rated, "amy", &entry, Some(reaction), context)
                .await
                .unwrap();
        }
        coached(&rated, "A refund takes a week.").await;
        let entry = coached(&sent_on, "You get a refund.").await;
        fixture.forward(&sent_on, &entry, "ben").await.unwrap();

        for (reaction, chat, tips) in [
            ("thumbs_up", &rated, &["Offer a [refund]."][..]),
            ("thumbs_down", &rated, &[]),
            ("forwarded", &sent_on, &["You get a [refund]."]),
        ] {
            let asked = [("reaction", reaction)];
            let found = workitems(&fixture, "sam", &asked).await;
            assert_eq!(found, std::slice::from_ref(chat));
            for words in ["refund", "router"] {
                let asked = [("reaction", reaction), ("words", words)];
                let hits = page(&fixture, "sam", &asked).await.hits;
                let found: Vec<_> = hits.iter().map(excerpt).collect();
                let tips = if words == "refund" { tips } else { &[] };
                assert_eq!(found, tips, "{asked:?}");
                assert_eq!(workitems(&fixture, "sid", &asked).await, []);
            }
            assert_eq!(workitems(&fixture, "sid", &asked).await, []);
        }

        // Coaching stays with its team.
        fixture
            .save_team("sales", "Sales", false, &["cleo"], &["sid", "sue"])
            .await
            .unwrap();
        let change = fixture.state_change(&rated, "amy");
        let to = TransferTo::Agent(user("cleo"));
        fixture.transfer(change, handed(to)).await.unwrap();
        let asked = [("reaction", "thumbs_up")];
        for who in ["cleo", "sid"] {
            assert_eq!(workitems(&fixture, who, &asked).await, [], "{who}");
        }
        assert_eq!(workitems(&fixture, "sue", &asked).await, [rated]);
    }
}

#[tokio::test]
async fn what_somebody_types_is_no_query_language() {
    for fixture in every().await {
        fixture.chat_of("amy", "kim").await;
        for words in [
            "router) OR (rowid:1",
            "router NEAR/2 dead",
            "-router",
            "^my",
            "words : my",
            "\"my\" + \"router\"",
            "my''router",
            "{words}:router",
            "router\0dead",
            "\u{FF02}router\u{FF02}",
            "½ ﷺ ㎏ router",
        ] {
            // Found or not, it is answered.
            found_with_coaching(&fixture, "sam", words).await;
        }
        assert_eq!(found(&fixture, "sam", "^My \"router is").await.len(), 1);
    }
}

#[tokio::test]
async fn a_customers_earlier_conversations_are_those_that_one_may_read() {
    for fixture in every().await {
        let mut chats = Vec::new();
        for agent in ["amy", "ben", "amy"] {
            let chat = fixture.chat_of(agent, "kim").await;
            fixture.wrap_up(&chat, agent).await.unwrap();
            fixture.close(&chat, agent).await.unwrap();
            chats.push(chat);
        }
        fixture.chat_of("amy", "somebody else").await;
        let before = async |who: &str, chat: &WorkitemId| {
            let mut rows = fixture.rows().await;
            let found = queries::conversations_before(&mut *rows, &user(who), chat).await;
            let found = found.map(|found| found.into_iter().map(|workitem| workitem.id));
            found.map(Vec::from_iter)
        };
        let last = &chats[2];
        let all = [chats[1].clone(), chats[0].clone()];
        assert_eq!(before("sam", last).await.unwrap(), all);
        assert_eq!(before("amy", last).await.unwrap(), all[1..]);
        assert_eq!(before("sam", &chats[0]).await.unwrap(), []);
        for who in ["ben", "sid", "ada"] {
            not_found(before(who, last).await);
        }
    }
}

#[tokio::test]
async fn reading_what_no_agent_has_is_recorded_of_all_but_its_agent() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let read = async |who: &str| {
            let read = HistoryRead {
                workitem: chat.clone(),
                reader: user(who),
                at: fixture.now(),
            };
            let read = fixture.store.execute(read).await;
            read.map(|written| written.value)
        };
        let recorded = async || {
            let query = shared::audit::AuditQuery {
                act: "history_read".to_owned(),
                ..Default::default()
            };
            let (filter, before) = query.parse().unwrap();
            let mut rows = fixture.rows().await;
            let rows = rows.audit_page(&filter, before, 10).await.unwrap();
            let rows = rows
                .into_iter()
                .map(|row| (row.actor.unwrap().id, row.about));
            rows.collect::<Vec<_>>()
        };
        assert!(!read("sam").await.unwrap(), "amy has it");
        not_found(read("sid").await);
        assert_eq!(recorded().await, []);
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        assert!(read("amy").await.unwrap());
        assert_eq!(recorded().await, []);
        assert!(read("sam").await.unwrap());
        not_found(read("sid").await);
        assert_eq!(recorded().await, [(user("sam"), chat.to_string())]);
    }
}
