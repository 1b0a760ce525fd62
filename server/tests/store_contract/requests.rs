//! What becomes of a raised hand: the first one who settles it counts, and nothing waits for nobody.

mod claims;
mod escalation;

use server::commands::{
    Handover, MessageDismiss, RequestCreate, RequestHandle, RequestWithdraw, TemplateDelete,
    TemplateUpdate,
};
use server::store::rows::{Counted, ListedRequest};
use server::store::{Change, StoreError, Stored, Written};
use shared::assistance::{Settled, SettledHow};
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::{DirectoryMessageId, RequestId, TeamId, WorkitemId};
use shared::people::Role;
use shared::time::Timestamp;
use shared::workitem::TransferTo;

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::words::*;

/// How a request ended, by whom, as those who were told heard it.
fn ends(changes: &[Change]) -> Vec<(&str, SettledHow, &str)> {
    let mut ends: Vec<_> = notifications(changes)
        .into_iter()
        .filter_map(|(who, event)| match event {
            Notification::RequestAnswered { how, by, .. } => Some((who, *how, by.id.as_str())),
            _ => None,
        })
        .collect();
    ends.sort_unstable_by_key(|(who, ..)| *who);
    ends
}

impl Fixture {
    async fn hands(&self, agent: &str) -> Vec<String> {
        let hands = self.rows().await.requests_open_of(&user(agent)).await;
        hands
            .unwrap()
            .into_iter()
            .map(|hand| hand.request.to_string())
            .collect()
    }

    async fn handle(&self, request: &RequestId, by: &str) -> Stored<Written<Settled>> {
        let handle = RequestHandle {
            request: request.clone(),
            by: person(by),
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(handle).await
    }

    async fn withdraw(&self, request: &RequestId, by: &str) -> Stored<Written<Settled>> {
        let withdraw = RequestWithdraw {
            request: request.clone(),
            agent: person(by),
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(withdraw).await
    }

    /// A hand of amy's raised to sam, from a workitem or from none.
    async fn amy_asks(&self, workitem: Option<&WorkitemId>) -> RequestId {
        let id = format!("help-{}", self.fresh_key().as_str());
        let help = self.add_template(&id, "I need help.").await;
        let raised = self.raise_hand("amy", &help, &["sam"], workitem.cloned());
        raised.await.unwrap().0
    }

    /// The templates of the requests of team Care as figures count them, each with its title, in order.
    async fn templates_counted(&self) -> Vec<(String, Option<String>)> {
        let of = Counted {
            teams: vec![team("care")],
            from: Timestamp(0),
            until: Timestamp(i64::MAX),
        };
        let counted = self.rows().await.requests_counted(&of).await.unwrap();
        let templates = counted.into_iter().filter_map(|request| request.template);
        let templates = templates.map(|template| (template.id.to_string(), template.title));
        templates.collect()
    }

    /// The row of a request's message in sam's conversation with amy.
    async fn line_of(&self, request: &RequestId) -> Option<Settled> {
        let page = self
            .directory_page(&user("sam"), &user("amy"), None)
            .await
            .unwrap();
        let mut carried = page
            .messages
            .into_iter()
            .filter_map(|message| message.request);
        let found = carried.find(|carried| &carried.id == request);
        found.expect("the request was sent").settled
    }
}

#[tokio::test]
async fn e20_f10_whoever_supervises_the_agent_settles_a_request_by_answering() {
    for fixture in every().await {
        let request = fixture.amy_asks(None).await;
        let answer = fixture
            .write_answer("sue", "amy", "I take it.", Some(request.clone()))
            .await
            .unwrap();
        assert_eq!(
            ends(&answer.changes),
            ["amy", "sam", "sue"].map(|who| (who, SettledHow::Answered, "sue"))
        );
        assert!(fixture.hands("amy").await.is_empty());
        let late = fixture
            .write_answer("sam", "amy", "Me too.", Some(request.clone()))
            .await
            .unwrap();
        assert!(ends(&late.changes).is_empty(), "the first one counts");
        let settled = fixture.line_of(&request).await.unwrap();
        assert_eq!(settled.by, Some(person("sue")));
        not_found(
            fixture
                .write_answer("sid", "amy", "Hello.", Some(request))
                .await,
        );
    }
}

#[tokio::test]
async fn e20_two_answers_at_once_settle_it_once() {
    for fixture in every().await {
        let request = fixture.amy_asks(None).await;
        let (sam, sue) = tokio::join!(
            fixture.write_answer("sam", "amy", "Here.", Some(request.clone())),
            fixture.handle(&request, "sue")
        );
        let (sam, sue) = (sam.unwrap(), sue.unwrap());
        let heard = ends(&sam.changes).len() + ends(&sue.changes).len();
        assert_eq!(heard, 3, "amy, sam and sue are told once");
        assert_eq!(fixture.line_of(&request).await, Some(sue.value));
    }
}

#[tokio::test]
async fn e20_e23_coaching_in_its_workitem_answers_a_request() {
    for fixture in every().await {
        let (chat, other) = (
            fixture.chat_of("amy", "kim").await,
            fixture.chat_of("amy", "lou").await,
        );
        let here = fixture.amy_asks(Some(&chat)).await;
        let elsewhere = fixture.amy_asks(Some(&other)).await;
        fixture.monitor(&chat, "sue").await.unwrap();
        let coached = fixture.coach(&chat, "sue", "Approved.").await.unwrap();
        assert_eq!(
            ends(&coached.changes),
            ["amy", "sam", "sue"].map(|who| (who, SettledHow::Coached, "sue"))
        );
        assert!(fixture.line_of(&here).await.is_some());
        assert_eq!(fixture.hands("amy").await, [elsewhere.to_string()]);
    }
}

#[tokio::test]
async fn e20_a_request_is_handled_once_and_withdrawn_by_its_agent_alone() {
    for fixture in every().await {
        let request = fixture.amy_asks(None).await;
        not_found(fixture.handle(&request, "sid").await);
        not_found(fixture.handle(&request, "ben").await);
        not_found(fixture.withdraw(&request, "ben").await);
        let handled = fixture.handle(&request, "sam").await.unwrap();
        assert_eq!(
            (handled.value.how, handled.value.by.clone()),
            (SettledHow::Handled, Some(person("sam")))
        );
        let late = fixture.withdraw(&request, "amy").await.unwrap();
        assert_eq!(late.value, handled.value, "it says who was quicker");
        assert!(late.changes.is_empty());

        let second = fixture.amy_asks(None).await;
        let withdrawn = fixture.withdraw(&second, "amy").await.unwrap();
        assert_eq!(withdrawn.value.how, SettledHow::Withdrawn);
        assert!(withdrawn.changes.contains(&Change::Hands(user("amy"))));
        assert!(fixture.hands("amy").await.is_empty());
        let unknown = RequestId::parse("unknown").unwrap();
        not_found(fixture.handle(&unknown, "sam").await);
        not_found(fixture.withdraw(&unknown, "amy").await);
    }
}

#[tokio::test]
async fn e20_the_end_of_a_workitem_settles_what_was_asked_from_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let first = fixture.amy_asks(Some(&chat)).await;
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let how = async |request: &RequestId| fixture.line_of(request).await.unwrap().how;
        assert_eq!(how(&first).await, SettledHow::ConversationEnded);
        // The paperwork may need help as well.
        let second = fixture.amy_asks(Some(&chat)).await;
        fixture.monitor(&chat, "sam").await.unwrap();
        assert_eq!(fixture.hands("amy").await, [second.to_string()]);
        fixture.close(&chat, "amy").await.unwrap();
        assert_eq!(how(&second).await, SettledHow::WorkitemClosed);
        let help = fixture.add_template("late", "I need help.").await;
        let closed = fixture.raise_hand("amy", &help, &["sam"], Some(chat)).await;
        assert_eq!(
            conflict(closed.map(|(request, _)| request)),
            ConflictCause::WorkitemClosed
        );
    }
}

#[tokio::test]
async fn e20_a_workitem_that_is_handed_on_takes_no_request_along() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let request = fixture.amy_asks(Some(&chat)).await;
        let change = fixture.state_change(&chat, "amy");
        let to = Handover {
            to: TransferTo::Agent(user("ben")),
            connected: true,
            confirmed: false,
        };
        let moved = fixture.transfer(change, to).await.unwrap();
        assert_eq!(
            ends(&moved.changes),
            ["amy", "sam", "sue"].map(|who| (who, SettledHow::WorkitemMoved, "amy"))
        );
        let settled = fixture.line_of(&request).await.unwrap();
        assert_eq!(settled.by, None);
    }
}

#[tokio::test]
async fn e20_f10_a_request_ends_with_the_last_one_who_could_answer_it() {
    for fixture in every().await {
        let request = fixture.amy_asks(None).await;
        let off = async |who: &str| {
            let gone = fixture
                .store
                .user_activate(&user(who), false, vec![], fixture.context())
                .await;
            gone.unwrap()
        };
        off("sam").await;
        assert_eq!(fixture.hands("amy").await.len(), 1, "sue can answer");
        let last = fixture
            .save_team("care", "Care", false, &["amy", "ben"], &[])
            .await
            .unwrap();
        assert!(
            ends(&last.changes).contains(&("amy", SettledHow::NobodyLeft, "amy")),
            "amy is told why"
        );
        assert_eq!(
            fixture.line_of(&request).await.unwrap().how,
            SettledHow::NobodyLeft
        );
    }
    for fixture in every().await {
        fixture.amy_asks(None).await;
        for who in ["sam", "sue"] {
            fixture
                .store
                .user_update(
                    &user(who),
                    &person(who).name,
                    &[Role::Agent],
                    None,
                    0,
                    fixture.context(),
                )
                .await
                .unwrap();
        }
        assert!(
            fixture.hands("amy").await.is_empty(),
            "nobody supervises amy"
        );
    }
}

#[tokio::test]
async fn e22_f12_the_request_of_somebody_who_was_deactivated_does_not_come_back() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let request = fixture.amy_asks(Some(&chat)).await;
        let gone = fixture
            .store
            .user_activate(&user("amy"), false, vec![], fixture.context())
            .await;
        gone.unwrap();
        assert_eq!(
            fixture.line_of(&request).await.unwrap().how,
            SettledHow::AgentGone
        );
        let open = fixture.requests_to("sam").await;
        assert!(open.is_empty());
        let former = async |who: &str| {
            let mut rows = fixture.rows().await;
            rows.former_contacts(&user(who)).await.unwrap()
        };
        assert_eq!(former("sam").await, [person("amy")]);
        assert!(former("ben").await.is_empty());
    }
}

#[tokio::test]
async fn u06_the_requests_of_a_team_since_some_time_are_listed_the_newest_first() {
    for fixture in every().await {
        let first = fixture.amy_asks(None).await;
        let second = fixture.amy_asks(None).await;
        fixture.withdraw(&first, "amy").await.unwrap();
        let since = async |team: &[TeamId], at: i64, limit: i64| {
            let mut rows = fixture.rows().await;
            let end = Timestamp(i64::MAX);
            let found = rows.requests_between(team, Timestamp(at), end, limit);
            let found = found.await;
            found.unwrap()
        };
        let care = [team("care")];
        let both = since(&care, 1, 9).await;
        let found = both.iter().map(|request| &request.id);
        assert!(found.eq([&second, &first]), "{both:?}");
        let how = |request: &ListedRequest| request.settled.as_ref().map(|settled| settled.how);
        assert_eq!(
            (how(&both[0]), how(&both[1])),
            (None, Some(SettledHow::Withdrawn))
        );
        assert_eq!(since(&care, 1, 1).await.len(), 1);
        assert_eq!(since(&care, both[0].at.0, 9).await.len(), 1);
        assert!(since(&care, i64::MAX, 9).await.is_empty());
        assert!(since(&[], 1, 9).await.is_empty());
        let mut rows = fixture.rows().await;
        let older = rows.requests_between(&care, Timestamp(1), both[0].at, 9);
        let older = older.await.unwrap();
        let older: Vec<_> = older.iter().map(|request| &request.id).collect();
        assert_eq!(older, [&first], "the end is no part of it");
    }
}

#[tokio::test]
async fn e21_f11_two_requests_of_one_agent_are_two() {
    for fixture in every().await {
        let first = fixture.amy_asks(None).await;
        let second = fixture.amy_asks(None).await;
        let plain = fixture.write_to("sam", "amy", "Which of the two?").await;
        assert!(ends(&plain.changes).is_empty(), "nobody can tell which");
        fixture
            .write_answer("sam", "amy", "Yes.", Some(first))
            .await
            .unwrap();
        assert_eq!(fixture.hands("amy").await, [second.to_string()]);
        // What was answered counts as read; the other one waits all the same.
        let open = fixture.requests_to("sam").await;
        let waiting: Vec<_> = open.iter().filter_map(|m| m.request.as_ref()).collect();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].id, second);
        let last = fixture.write_to("sam", "amy", "And yes.").await;
        assert_eq!(ends(&last.changes).len(), 3, "the only one that is open");
    }
}

#[tokio::test]
async fn e21_the_words_that_are_sent_are_those_that_the_agent_saw() {
    for fixture in every().await {
        let mut help = fixture.add_template("help", "I need help.").await;
        help.text = "I need help at once.".to_owned();
        let update = TemplateUpdate {
            template: help.clone(),
            context: fixture.context(),
        };
        fixture.store.execute(update).await.unwrap();
        let ask = |text: &str| RequestCreate {
            request: RequestId::parse(fixture.fresh_key().as_str()).unwrap(),
            agent: person("amy"),
            template: help.id.clone(),
            choice: "one",
            named: None,
            recipients: vec![(
                person("sam"),
                DirectoryMessageId::parse(fixture.fresh_key().as_str()).unwrap(),
            )],
            workitem: None,
            text: Some(text.to_owned()),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        let old = conflict(fixture.store.execute(ask("I need help.")).await);
        let text = "I need help at once.".to_owned();
        assert_eq!(old, ConflictCause::TemplateChanged { text });
        assert!(fixture.hands("amy").await.is_empty());
        fixture
            .store
            .execute(ask("I need help at once."))
            .await
            .unwrap();
        assert_eq!(fixture.hands("amy").await.len(), 1);
    }
}

#[tokio::test]
async fn a_request_counts_for_its_template_whatever_becomes_of_that() {
    for fixture in every().await {
        let mut help = fixture.add_template("help", "I need help.").await;
        let look = fixture.add_template("look", "Please look.").await;
        for template in [&help, &look] {
            let raised = fixture.raise_hand("amy", template, &["sam"], None).await;
            raised.unwrap();
        }
        help.title = "Urgent".to_owned();
        help.text = "I need help at once.".to_owned();
        let update = TemplateUpdate {
            template: help.clone(),
            context: fixture.context(),
        };
        fixture.store.execute(update).await.unwrap();
        // Another one has the words now that the first request was sent with.
        fixture.add_template("again", "I need help.").await;
        let raised = fixture.raise_hand("amy", &help, &["sam"], None).await;
        raised.unwrap();
        let of = |id: &str, title: Option<&str>| (id.to_owned(), title.map(str::to_owned));
        let (urgent, looked) = (of("help", Some("Urgent")), of("look", Some("look")));
        assert_eq!(
            fixture.templates_counted().await,
            [urgent.clone(), looked.clone(), urgent]
        );
        let delete = TemplateDelete {
            template: help.id.clone(),
            version: None,
            context: fixture.context(),
        };
        fixture.store.execute(delete).await.unwrap();
        let gone = of("help", None);
        assert_eq!(
            fixture.templates_counted().await,
            [gone.clone(), looked, gone]
        );
        let late = fixture.raise_hand("amy", &help, &["sam"], None).await;
        let late = conflict(late.map(|(request, _)| request));
        assert_eq!(late, ConflictCause::TemplateGone);
        assert!(fixture.findings().await.is_empty());
    }
}

#[tokio::test]
async fn e24_dismissed_is_dismissed() {
    for fixture in every().await {
        let request = fixture.amy_asks(None).await;
        let open = fixture.requests_to("sam").await;
        let message = open[0].id.clone();
        let dismiss = async |who: &str| {
            let dismiss = MessageDismiss {
                user: user(who),
                message: message.clone(),
                at: fixture.now(),
            };
            fixture.store.execute(dismiss).await.unwrap().changes
        };
        assert!(dismiss("sue").await.is_empty(), "it was not sent to sue");
        assert!(dismiss("amy").await.is_empty(), "it is amy's own");
        let told_sam = dismiss("sam").await;
        assert_eq!(
            notifications(&told_sam),
            [(
                "sam",
                &Notification::Dismissed {
                    message: message.clone()
                }
            )]
        );
        assert!(dismiss("sam").await.is_empty(), "once");
        assert!(fixture.requests_to("sam").await.is_empty());
        assert_eq!(
            fixture.hands("amy").await,
            [request.to_string()],
            "it waits"
        );
        let (again, _folder) = fixture.reopened().await;
        let mut rows = again.snapshot().await.unwrap();
        let open = rows.requests_open_to(&user("sam")).await.unwrap();
        assert!(open.is_empty());
    }
}
