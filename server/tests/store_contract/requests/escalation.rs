//! A request that nobody has claimed reaches more people: first all who supervise the agent, then the person on call.

use server::commands::{AbsenceSet, ClaimReturn, EscalationSave, RequestClaim, RequestsEscalate};
use server::queries;
use shared::escalation::{Escalation, Step};
use shared::time::Timestamp;

use super::*;

impl Fixture {
    async fn steps(&self, all: Option<i64>, on_call: Option<(i64, &str)>, version: i64) {
        let escalation = Escalation {
            team: team("care"),
            all_after_min: all,
            on_call: on_call.map(|(after, who)| (after, user(who))),
            version,
        };
        let context = self.context();
        let save = EscalationSave {
            escalation,
            context,
        };
        self.store.execute(save).await.unwrap();
    }

    /// The steps that are due so many minutes after a request.
    async fn escalate(&self, raised: Timestamp, minutes: i64) -> usize {
        let at = Timestamp(raised.0 + minutes * 60_000_000);
        let written = self.store.execute(RequestsEscalate { at }).await;
        written.unwrap().value
    }

    async fn only_hand(&self) -> shared::workitem::RaisedHand {
        let hands = self.rows().await.requests_open_of(&user("amy")).await;
        hands.unwrap().remove(0)
    }
}

#[tokio::test]
async fn e20_an_unclaimed_request_asks_everybody_and_then_the_person_on_call() {
    for fixture in every().await {
        fixture.steps(Some(2), Some((5, "sid")), 0).await;
        let help = fixture.add_template("help", "I need help.").await;
        let (request, _) = fixture
            .raise_hand("amy", &help, &["sam"], None)
            .await
            .unwrap();
        let raised = fixture.only_hand().await.at;
        assert_eq!(fixture.escalate(raised, 1).await, 0, "it is early");
        assert_eq!(fixture.escalate(raised, 2).await, 1);
        assert_eq!(fixture.only_hand().await.escalated, Step::Everybody);
        let asked = fixture.requests_to("sue").await;
        assert_eq!((asked.len(), &asked[0].text[..]), (1, "I need help."));
        let logged = fixture.missed(&user("sue"), 0, 100).await.unwrap();
        let logged = logged.into_iter().find_map(|(_, event)| match event {
            Notification::Message(message) => Some(message),
            _ => None,
        });
        for message in [&asked[0], &logged.expect("she was told")] {
            assert!(message.at > raised, "the step wrote it");
            assert_eq!(message.raised_at(), raised, "but she waits since then");
            let step = message.request.as_ref().unwrap().escalated;
            assert_eq!(step, Step::Everybody);
        }
        assert_eq!(fixture.requests_to("sam").await.len(), 1, "asked before");
        assert!(fixture.requests_to("sid").await.is_empty());
        assert_eq!(fixture.escalate(raised, 3).await, 0, "each step once");

        assert_eq!(fixture.escalate(raised, 5).await, 1);
        assert_eq!(fixture.only_hand().await.escalated, Step::OnCall);
        assert_eq!(fixture.requests_to("sid").await.len(), 1);
        assert_eq!(fixture.escalate(raised, 60).await, 0);
        // A supervisor whom a step asked can answer.
        let recipients = fixture.rows().await.request_recipients(&request).await;
        assert_eq!(recipients.unwrap(), ["sam", "sid", "sue"].map(user));
    }
}

#[tokio::test]
async fn e20_who_has_the_request_already_is_notified_of_each_step() {
    for fixture in every().await {
        fixture.steps(Some(2), Some((5, "sid")), 0).await;
        let help = fixture.add_template("help", "I need help.").await;
        let raise = fixture.raise_hand("amy", &help, &["sam"], None);
        let (request, _) = raise.await.unwrap();
        let raised = fixture.only_hand().await.at;
        assert_eq!(fixture.escalate(raised, 2).await, 1);
        assert_eq!(fixture.escalate(raised, 5).await, 1);
        for (who, expected) in [
            ("sam", &[Step::Everybody, Step::OnCall][..]),
            ("sue", &[Step::OnCall]),
            ("sid", &[]),
            ("amy", &[]),
        ] {
            let logged = fixture.missed(&user(who), 0, 100).await.unwrap();
            let steps = logged.into_iter().filter_map(|(_, event)| match event {
                Notification::RequestEscalated { request: of, step } => {
                    assert_eq!(of, request);
                    Some(step)
                }
                _ => None,
            });
            assert_eq!(steps.collect::<Vec<_>>(), expected, "{who}");
        }
    }
}

#[tokio::test]
async fn e20_the_person_on_call_claims_what_they_were_asked_although_they_supervise_another_team() {
    for fixture in every().await {
        fixture.steps(None, Some((5, "sid")), 0).await;
        let help = fixture.add_template("help", "I need help.").await;
        let raise = fixture.raise_hand("amy", &help, &["sam"], None);
        let (request, _) = raise.await.unwrap();
        let raised = fixture.only_hand().await.at;
        let claim = async || {
            let claim = RequestClaim {
                request: request.clone(),
                by: person("sid"),
                at: fixture.now(),
                key: fixture.fresh_key(),
            };
            fixture.store.execute(claim).await.map(|_| ())
        };
        let early = claim().await;
        assert!(
            matches!(early, Err(StoreError::Refused { .. })),
            "{early:?}"
        );
        assert_eq!(fixture.escalate(raised, 5).await, 1);
        claim().await.unwrap();
        assert_eq!(fixture.only_hand().await.claim.unwrap().by.id, user("sid"));
        let stranded = fixture.rows().await.claims_stranded().await;
        assert!(stranded.unwrap().is_empty(), "they keep it");
        // Somebody else is on call now, and sid has nothing to do with Care.
        fixture.steps(None, Some((5, "sue")), 1).await;
        let stranded = fixture.rows().await.claims_stranded().await;
        assert_eq!(stranded.unwrap(), std::slice::from_ref(&request));
        assert!(claim().await.is_err());
    }
}

#[tokio::test]
async fn e20_who_is_on_call_for_another_team_is_offered_no_way_to_a_workitem_that_they_may_not_read()
 {
    for fixture in every().await {
        fixture.steps(None, Some((5, "sid")), 0).await;
        let chat = fixture.chat_of("amy", "kim").await;
        let help = fixture.add_template("help", "I need help.").await;
        let raise = fixture.raise_hand("amy", &help, &["sam"], Some(chat.clone()));
        raise.await.unwrap();
        let raised = fixture.only_hand().await.at;
        assert_eq!(fixture.escalate(raised, 5).await, 1);
        for (who, unreadable) in [("sam", false), ("sid", true)] {
            let (who, mut rows) = (user(who), fixture.rows().await);
            let waiting = queries::requests_waiting(&mut *rows, &who).await.unwrap();
            let with = user("amy");
            let page = queries::directory_page(&mut *rows, &who, &with, None);
            let page = page.await.unwrap().messages;
            let logged = fixture.missed(&who, 0, 100).await.unwrap();
            let logged = logged.into_iter().find_map(|(_, event)| match event {
                Notification::Message(message) => Some(message),
                _ => None,
            });
            for message in [&waiting[0], &page[0], &logged.expect("they were told")] {
                let request = message.request.as_ref().unwrap();
                assert_eq!(request.workitem.as_ref().unwrap().0, chat, "by name");
                assert_eq!(request.unreadable, unreadable, "{who}");
            }
        }
    }
}

#[tokio::test]
async fn e20_what_is_claimed_settled_or_of_another_team_does_not_escalate() {
    for fixture in every().await {
        let help = fixture.add_template("help", "I need help.").await;
        let raise = fixture.raise_hand("amy", &help, &["sam"], None);
        let (request, _) = raise.await.unwrap();
        let raised = fixture.only_hand().await.at;
        assert_eq!(fixture.escalate(raised, 600).await, 0, "nobody set it");
        fixture.steps(Some(2), None, 0).await;
        let claim = RequestClaim {
            request,
            by: person("sam"),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        fixture.store.execute(claim).await.unwrap();
        assert_eq!(fixture.escalate(raised, 600).await, 0, "sam has it");
        let raise = fixture.raise_hand("cleo", &help, &["sid"], None);
        raise.await.unwrap();
        assert_eq!(fixture.escalate(raised, 600).await, 0, "sales has no steps");
        fixture.steps(None, None, 1).await;
        assert_eq!(fixture.escalate(raised, 600).await, 0);
    }
}

#[tokio::test]
async fn e20_steps_that_make_no_sense_are_refused_and_a_second_editor_learns_of_the_first() {
    for fixture in every().await {
        let save = async |all, on_call: (i64, &str), version| {
            let escalation = Escalation {
                team: team("care"),
                all_after_min: all,
                on_call: Some((on_call.0, user(on_call.1))),
                version,
            };
            let context = fixture.context();
            let save = EscalationSave {
                escalation,
                context,
            };
            fixture.store.execute(save).await
        };
        for (all, on_call, field) in [
            (Some(5), (5, "sue"), "on_call_after"),
            (None, (1_441, "sue"), "on_call_after"),
            (None, (5, "amy"), "on_call"),
            (None, (5, "nobody"), "on_call"),
        ] {
            let refused = save(all, on_call, 0).await.map(|_| ()).unwrap_err();
            assert!(
                matches!(refused, StoreError::Invalid { field: named, .. } if named == field),
                "{refused:?}"
            );
        }
        save(Some(5), (6, "sue"), 0).await.unwrap();
        let late = save(Some(7), (8, "sue"), 0).await.map(|_| ());
        assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
        save(Some(7), (8, "sue"), 1).await.unwrap();
    }
}

#[tokio::test]
async fn e20_the_escalation_of_a_request_goes_on_when_its_claimer_is_gone() {
    for fixture in every().await {
        fixture.steps(Some(2), None, 0).await;
        let help = fixture.add_template("help", "I need help.").await;
        let raised = fixture.raise_hand("amy", &help, &["sam"], None);
        let (request, _) = raised.await.unwrap();
        let raised = fixture.only_hand().await.at;
        let claim = RequestClaim {
            request: request.clone(),
            by: person("sam"),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        fixture.store.execute(claim).await.unwrap();
        assert_eq!(fixture.escalate(raised, 2).await, 0, "sam has it");
        let since = fixture.now();
        let gone = AbsenceSet {
            user: user("sam"),
            since: Some((since, false)),
            present: None,
        };
        fixture.store.execute(gone).await.unwrap();
        let back = ClaimReturn {
            request,
            claimer: user("sam"),
            lost_until: since,
            at: fixture.now(),
        };
        fixture.store.execute(back).await.unwrap();
        assert_eq!(fixture.escalate(raised, 2).await, 1);
        assert_eq!(fixture.requests_to("sue").await.len(), 1);
    }
}
