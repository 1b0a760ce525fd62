//! Colleagues write to each other, hands are raised and answered, and everybody's own log tells of it.

use server::commands::{DirectoryRead, TemplateDelete, TemplateMove, TemplateUpdate};
use server::store::Change;
use shared::directory::{Notification, Unread};
use shared::error::ConflictCause;
use shared::ids::RequestId;

use crate::fixtures::*;
use crate::words::*;

#[tokio::test]
async fn two_colleagues_see_one_conversation() {
    for fixture in every().await {
        let first = fixture.write_to("amy", "ben", "Lunch?").await;
        let events = notifications(&first.changes);
        assert_eq!(events.len(), 2);
        assert!(events.iter().any(|(who, _)| *who == "ben"));
        let (amy, ben) = (user("amy"), user("ben"));
        let unread = async |who| {
            let mut rows = fixture.rows().await;
            rows.directory_unread(who).await.unwrap()
        };
        assert_eq!(
            unread(&ben).await,
            [Unread {
                from: amy.clone(),
                count: 1
            }]
        );
        assert!(unread(&amy).await.is_empty());

        let answer = fixture.write_to("ben", "amy", "Noon.").await;
        assert_eq!(answer.value.seq, 2);
        assert!(
            notifications(&answer.changes).contains(&(
                "ben",
                &Notification::Read {
                    with: amy.clone(),
                    through: 2
                }
            )),
            "who answers has read"
        );
        assert!(unread(&ben).await.is_empty());
        let of_amy = fixture.directory_page(&amy, &ben, None).await.unwrap();
        let of_ben = fixture.directory_page(&ben, &amy, None).await.unwrap();
        assert_eq!(of_amy, of_ben);
        assert_eq!(of_amy.messages.len(), 2);

        let read = async |through| {
            let read = DirectoryRead {
                user: amy.clone(),
                with: ben.clone(),
                through,
                at: fixture.now(),
            };
            fixture.store.execute(read).await.unwrap().changes.len()
        };
        assert_eq!(read(99).await, 1);
        assert_eq!(read(1).await, 0, "never back");
        assert!(unread(&amy).await.is_empty());
    }
}

#[tokio::test]
async fn nobody_writes_to_themselves_or_to_a_stranger() {
    for fixture in every().await {
        let myself = fixture.write_answer("amy", "amy", "Hm.", None).await;
        assert_eq!(invalid(myself), "to");
        not_found(fixture.write_answer("amy", "stranger", "Hm.", None).await);
        let (amy, stranger) = (user("amy"), user("stranger"));
        not_found(fixture.directory_page(&amy, &stranger, None).await);
    }
}

#[tokio::test]
async fn a_long_conversation_comes_in_pages() {
    for fixture in every().await {
        for number in 1..=120 {
            fixture.write_to("amy", "ben", &number.to_string()).await;
        }
        let (amy, ben) = (user("amy"), user("ben"));
        let mut before = None;
        let mut seen: Vec<i64> = Vec::new();
        loop {
            let page = fixture.directory_page(&ben, &amy, before).await.unwrap();
            before = page.messages.first().map(|message| message.seq);
            seen.splice(0..0, page.messages.iter().map(|message| message.seq));
            if !page.older {
                break;
            }
        }
        assert_eq!(seen, (1..=120).collect::<Vec<_>>());
        let unread = fixture.rows().await.directory_unread(&ben).await;
        assert_eq!(unread.unwrap()[0].count, 120);
    }
}

#[tokio::test]
async fn a_raised_hand_is_answered_by_the_first_who_writes() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let help = fixture.add_template("help", "I need help.").await;
        let (request, raised) = fixture
            .raise_hand("amy", &help, &["sam", "sue"], Some(chat.clone()))
            .await
            .unwrap();
        assert!(raised.changes.contains(&Change::Hands(user("amy"))));
        let open = fixture.requests_to("sam").await;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].text, "I need help.");
        let carried = open[0].request.clone().unwrap();
        assert_eq!(carried.id, request);
        assert_eq!(
            carried.workitem,
            Some((chat, "My router is dead.".to_owned()))
        );

        let wrong = Some(RequestId::parse("unknown").unwrap());
        not_found(fixture.write_answer("sam", "amy", "Coming.", wrong).await);
        not_found(
            fixture
                .write_answer("sid", "amy", "Coming.", Some(request.clone()))
                .await,
        );
        let answer = fixture.write_to("sue", "amy", "Coming.").await;
        let mut heard: Vec<&str> = notifications(&answer.changes)
            .iter()
            .filter(|(_, event)| matches!(event, Notification::RequestAnswered { .. }))
            .map(|(who, _)| *who)
            .collect();
        heard.sort_unstable();
        assert_eq!(heard, ["amy", "sam", "sue"]);
        assert!(answer.changes.contains(&Change::Hands(user("amy"))));
        assert!(fixture.requests_to("sam").await.is_empty());
        let late = fixture
            .write_answer("sam", "amy", "Me too.", Some(request))
            .await
            .unwrap();
        assert_eq!(
            notifications(&late.changes).len(),
            3,
            "a message to both and sam's mark"
        );
        let page = fixture
            .directory_page(&user("sam"), &user("amy"), None)
            .await
            .unwrap();
        let answered = page.messages[0].request.clone().unwrap().answered_by;
        assert_eq!(answered, Some(person("sue")));
        let shown = fixture.reads.dashboard(&[team("care")]).await.unwrap();
        assert!(shown.agents[0].hands.is_empty());
    }
}

#[tokio::test]
async fn a_request_keeps_its_text_when_the_template_is_gone() {
    for fixture in every().await {
        let help = fixture.add_template("help", "I need help.").await;
        fixture
            .raise_hand("amy", &help, &["sam"], None)
            .await
            .unwrap();
        let delete = || TemplateDelete {
            template: help.id.clone(),
            version: None,
            context: fixture.context(),
        };
        fixture.store.execute(delete()).await.unwrap();
        let open = fixture.requests_to("sam").await;
        assert_eq!(open[0].text, "I need help.");
        let late = fixture.raise_hand("amy", &help, &["sam"], None).await;
        assert_eq!(
            conflict(late.map(|(request, _)| request)),
            ConflictCause::TemplateGone
        );
        not_found(fixture.store.execute(delete()).await);
    }
}

#[tokio::test]
async fn templates_keep_their_order() {
    for fixture in every().await {
        let mut second = None;
        for title in ["one", "two", "three"] {
            let template = fixture.add_template(title, title).await;
            if title == "two" {
                second = Some(template);
            }
        }
        let mut second = second.unwrap();
        let titles = async |active_only| {
            let templates = fixture.templates(active_only).await;
            let titles: Vec<String> = templates.into_iter().map(|t| t.title).collect();
            titles.join(" ")
        };
        let up = TemplateMove {
            template: second.id.clone(),
            up: true,
            context: fixture.context(),
        };
        fixture.store.execute(up.clone()).await.unwrap();
        assert_eq!(titles(true).await, "two one three");
        let again = TemplateMove {
            context: fixture.context(),
            ..up
        };
        let still = fixture.store.execute(again).await.unwrap();
        assert!(still.changes.is_empty());
        second.active = false;
        let off = TemplateUpdate {
            template: second,
            context: fixture.context(),
        };
        let off = fixture.store.execute(off).await.unwrap();
        assert_eq!(off.changes, [Change::Assistance]);
        assert_eq!(titles(true).await, "one three");
        assert_eq!(titles(false).await, "two one three");
    }
}

#[tokio::test]
async fn who_was_away_too_long_begins_anew() {
    for fixture in every().await {
        let ben = user("ben");
        for number in 1..=3 {
            fixture.write_to("amy", "ben", &number.to_string()).await;
        }
        let mut rows = fixture.rows().await;
        let head = rows.notification_head(&ben).await.unwrap();
        assert_eq!(head, 3);
        let heads = rows.notification_heads(std::slice::from_ref(&ben)).await;
        assert_eq!(heads.unwrap(), [(ben.clone(), 3)]);
        drop(rows);
        let missed = fixture.missed(&ben, 1, 100).await.unwrap();
        let numbers: Vec<i64> = missed.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(numbers, [2, 3]);
        let nothing = fixture.missed(&ben, head, 100).await;
        assert_eq!(nothing, Some(vec![]));
        let too_much = fixture.missed(&ben, 0, 2).await;
        assert_eq!(too_much, None);
        let another_history = fixture.missed(&ben, 99, 100).await;
        assert_eq!(another_history, None);
        for number in 0..500 {
            fixture.write_to("amy", "ben", &number.to_string()).await;
        }
        let forgotten = fixture.missed(&ben, 2, 10_000).await;
        assert_eq!(forgotten, None);
        let kept = fixture.missed(&ben, 3, 10_000).await;
        assert_eq!(kept.unwrap().len(), 500);
    }
}
