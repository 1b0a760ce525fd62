//! Who sees to a raised hand: one supervisor at a time, who can hand it back, and never somebody who is gone.

use server::commands::{
    AbsenceSet, AbsencesAdopt, ClaimReturn, RequestClaim, RequestHandBack, TemplateCreate,
};
use shared::assistance::{Claim, Returned, Template};
use shared::ids::{TemplateId, UserId};
use shared::time::Timestamp;
use shared::workitem::RaisedHand;

use super::*;

/// While nobody is lost who did not sign out.
const NOBODY: Timestamp = Timestamp(i64::MIN);

/// Who was told that a request is claimed, by whom, and how many messages of the agent they have not read.
fn claims(changes: &[Change]) -> Vec<(&str, &str, i64)> {
    let mut told: Vec<_> = notifications(changes)
        .into_iter()
        .filter_map(|(who, event)| match event {
            Notification::RequestClaimed { by, unread, .. } => Some((who, by.id.as_str(), *unread)),
            _ => None,
        })
        .collect();
    told.sort_unstable_by_key(|(who, ..)| *who);
    told
}

/// Who was told that a request is open again, why, how many messages they have not read, and whether its pop-up comes
/// again.
fn returns(changes: &[Change]) -> Vec<(&str, Returned, i64, bool)> {
    let mut told: Vec<_> = notifications(changes)
        .into_iter()
        .filter_map(|(who, event)| match event {
            Notification::RequestReturned {
                why,
                unread,
                message,
                ..
            } => Some((who, *why, *unread, message.is_some())),
            _ => None,
        })
        .collect();
    told.sort_unstable_by_key(|(who, ..)| *who);
    told
}

impl Fixture {
    async fn see_to(&self, request: &RequestId, by: &str) -> Stored<Written<Claim>> {
        let claim = RequestClaim {
            request: request.clone(),
            by: person(by),
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(claim).await
    }

    async fn hand_back(&self, request: &RequestId, by: &str) -> Stored<Written<()>> {
        let back = RequestHandBack {
            request: request.clone(),
            by: person(by),
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(back).await
    }

    /// Their last live connection is gone, or they have one.
    async fn leaves(&self, who: &str, since: Option<Timestamp>, signed_out: bool) {
        let set = AbsenceSet {
            user: user(who),
            since: since.map(|since| (since, signed_out)),
            present: None,
        };
        self.store.execute(set).await.unwrap();
    }

    async fn return_claim(
        &self,
        request: &RequestId,
        claimer: &str,
        lost_until: Timestamp,
    ) -> Stored<Written<()>> {
        let back = ClaimReturn {
            request: request.clone(),
            claimer: user(claimer),
            lost_until,
            at: self.now(),
        };
        self.store.execute(back).await
    }

    /// The claims of those who are lost.
    async fn lost_claims(&self, lost_until: Timestamp) -> Vec<(RequestId, UserId)> {
        let lost = self.rows().await.claims_lost(lost_until).await;
        lost.unwrap()
    }

    /// A hand of amy's raised to sam and sue.
    async fn amy_asks_both(&self) -> RequestId {
        let id = format!("both-{}", self.fresh_key().as_str());
        let help = self.add_template(&id, "I need help.").await;
        let raised = self.raise_hand("amy", &help, &["sam", "sue"], None);
        raised.await.unwrap().0
    }

    /// The only open request of amy's.
    async fn hand(&self) -> RaisedHand {
        let hands = self.rows().await.requests_open_of(&user("amy")).await;
        let mut hands = hands.unwrap();
        assert_eq!(hands.len(), 1);
        hands.remove(0)
    }

    async fn claimer(&self) -> Option<String> {
        let claim = self.hand().await.claim;
        claim.map(|claim| claim.by.id.to_string())
    }

    async fn unread(&self, who: &str) -> i64 {
        let unread = self.rows().await.directory_unread(&user(who)).await;
        unread.unwrap().iter().map(|unread| unread.count).sum()
    }
}

#[tokio::test]
async fn e20_u03_a_claimed_request_asks_nobody_else_until_it_is_handed_back() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        let raised = fixture.hand().await.at;
        let claimed = fixture.see_to(&request, "sam").await.unwrap();
        assert_eq!(claimed.value.by, person("sam"));
        assert_eq!(
            claims(&claimed.changes),
            [("amy", "sam", 0), ("sam", "sam", 1), ("sue", "sam", 0)]
        );
        assert!(claimed.changes.contains(&Change::Hands(user("amy"))));
        assert_eq!(fixture.claimer().await.as_deref(), Some("sam"));
        assert_eq!(
            fixture.requests_to("sam").await.len(),
            1,
            "it waits for him"
        );
        assert!(fixture.requests_to("sue").await.is_empty());
        assert_eq!(
            (fixture.unread("sam").await, fixture.unread("sue").await),
            (1, 0)
        );

        let again = fixture.see_to(&request, "sam").await.unwrap();
        assert_eq!(again.value, claimed.value, "he has it already");
        assert!(again.changes.is_empty());

        let back = fixture.hand_back(&request, "sam").await.unwrap();
        let why = Returned::HandedBack;
        assert_eq!(
            returns(&back.changes),
            [
                ("amy", why, 0, false),
                ("sam", why, 1, false),
                ("sue", why, 1, true)
            ]
        );
        let hand = fixture.hand().await;
        assert_eq!((hand.claim, hand.at), (None, raised), "its clock goes on");
        assert_eq!(fixture.requests_to("sue").await.len(), 1);
        assert_eq!(fixture.unread("sue").await, 1);
        let twice = fixture.hand_back(&request, "sam").await.unwrap();
        assert!(twice.changes.is_empty(), "nobody has it");
        fixture.see_to(&request, "sue").await.unwrap();
        assert_eq!(fixture.claimer().await.as_deref(), Some("sue"));
    }
}

#[tokio::test]
async fn e20_of_two_who_claim_at_once_one_has_it_and_the_other_learns_who() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        let (sam, sue) = tokio::join!(
            fixture.see_to(&request, "sam"),
            fixture.see_to(&request, "sue")
        );
        let (has, refused) = match (sam, sue) {
            (Ok(has), refused) | (refused, Ok(has)) => (has.value.by, refused),
            neither => panic!("{neither:?}"),
        };
        let by = has.name.clone();
        assert_eq!(conflict(refused), ConflictCause::RequestClaimed { by });
        assert_eq!(fixture.claimer().await.as_deref(), Some(has.id.as_str()));
        let other = match has.id.as_str() {
            "sam" => "sue",
            _ => "sam",
        };
        let by = has.name.clone();
        assert_eq!(
            conflict(fixture.hand_back(&request, other).await),
            ConflictCause::RequestClaimed { by },
            "nobody gives back what somebody else has"
        );
        assert_eq!(fixture.claimer().await.as_deref(), Some(has.id.as_str()));
    }
}

#[tokio::test]
async fn e20_of_a_claim_and_a_withdrawal_at_once_the_withdrawal_stands() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        let (claimed, withdrawn) = tokio::join!(
            fixture.see_to(&request, "sam"),
            fixture.withdraw(&request, "amy")
        );
        let settled = withdrawn.unwrap().value;
        assert_eq!(settled.how, SettledHow::Withdrawn);
        if claimed.is_err() {
            let settled = settled.clone();
            let late = ConflictCause::RequestSettled { settled };
            assert_eq!(conflict(claimed), late);
        }
        assert!(fixture.hands("amy").await.is_empty());
        for who in ["sam", "sue"] {
            assert!(fixture.requests_to(who).await.is_empty(), "{who}");
            let settled = settled.clone();
            let late = ConflictCause::RequestSettled { settled };
            assert_eq!(conflict(fixture.see_to(&request, who).await), late);
        }
    }
}

#[tokio::test]
async fn e20_what_is_over_is_neither_claimed_nor_handed_back_and_says_how_it_ended() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        fixture.see_to(&request, "sam").await.unwrap();
        let ended = fixture.withdraw(&request, "amy").await.unwrap().value;
        let settled = || ConflictCause::RequestSettled {
            settled: ended.clone(),
        };
        assert_eq!(conflict(fixture.see_to(&request, "sue").await), settled());
        assert_eq!(
            conflict(fixture.hand_back(&request, "sam").await),
            settled()
        );
        assert_eq!(ended.how, SettledHow::Withdrawn);
        assert_eq!(fixture.unread("sue").await, 0, "sam had it until then");
    }
}

#[tokio::test]
async fn e20_those_alone_claim_who_supervise_the_agent() {
    for fixture in every().await {
        let request = fixture.amy_asks(None).await;
        for who in ["sid", "ben", "amy"] {
            not_found(fixture.see_to(&request, who).await);
            not_found(fixture.hand_back(&request, who).await);
        }
        let unknown = RequestId::parse("unknown").unwrap();
        not_found(fixture.see_to(&unknown, "sam").await);
        not_found(fixture.hand_back(&unknown, "sam").await);
        assert_eq!(fixture.claimer().await, None);
        // She was not asked, and supervises amy.
        let claimed = fixture.see_to(&request, "sue").await.unwrap();
        assert_eq!(claims(&claimed.changes).len(), 3);
        assert!(fixture.requests_to("sam").await.is_empty());
    }
}

#[tokio::test]
async fn e20_who_has_it_answers_it_and_a_message_of_somebody_else_does_not() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        fixture.see_to(&request, "sam").await.unwrap();
        let beside = fixture.write_to("sue", "amy", "Lunch at one?").await;
        assert!(ends(&beside.changes).is_empty());
        let answer = fixture.write_to("sam", "amy", "I am coming.").await;
        assert_eq!(ends(&answer.changes).len(), 3);
        assert!(fixture.hands("amy").await.is_empty());

        // An answer that names the request settles it, as before.
        let named = fixture.amy_asks_both().await;
        fixture.see_to(&named, "sam").await.unwrap();
        let answer = fixture
            .write_answer("sue", "amy", "I know this one.", Some(named))
            .await
            .unwrap();
        assert_eq!(ends(&answer.changes).len(), 3);

        // She was not asked, and has it.
        let third = fixture.amy_asks(None).await;
        fixture.see_to(&third, "sue").await.unwrap();
        let answer = fixture.write_to("sue", "amy", "On my way.").await;
        assert_eq!(ends(&answer.changes).len(), 3);
    }
}

#[tokio::test]
async fn e20_either_side_says_that_it_is_done() {
    for fixture in every().await {
        let request = fixture.amy_asks(None).await;
        fixture.see_to(&request, "sam").await.unwrap();
        let done = fixture.handle(&request, "amy").await.unwrap().value;
        assert_eq!(
            (done.how, done.by.clone()),
            (SettledHow::Handled, Some(person("amy")))
        );
        let late = fixture.handle(&request, "sam").await.unwrap();
        assert_eq!(late.value, done, "it says who was quicker");
        let second = fixture.amy_asks(None).await;
        fixture.see_to(&second, "sam").await.unwrap();
        let by = person("sam").name;
        assert_eq!(
            conflict(fixture.handle(&second, "sue").await),
            ConflictCause::RequestClaimed { by },
            "another supervisor does not end what somebody sees to"
        );
        let done = fixture.handle(&second, "sam").await.unwrap().value;
        assert_eq!(done.by, Some(person("sam")));
    }
}

#[tokio::test]
async fn e20_a_key_that_is_repeated_gives_the_first_answer_and_claims_nothing_again() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        let claim = RequestClaim {
            request: request.clone(),
            by: person("sam"),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        let first = fixture.store.execute(claim.clone()).await.unwrap().value;
        let back = RequestHandBack {
            request,
            by: person("sam"),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        fixture.store.execute(back.clone()).await.unwrap();
        let repeated = fixture.store.execute(claim).await.unwrap();
        assert_eq!(repeated.value, first);
        assert!(repeated.changes.is_empty());
        assert_eq!(fixture.claimer().await, None);
        fixture.see_to(&back.request, "sam").await.unwrap();
        let repeated = fixture.store.execute(back).await.unwrap();
        assert!(repeated.changes.is_empty());
        assert_eq!(fixture.claimer().await.as_deref(), Some("sam"));
    }
}

#[tokio::test]
async fn e20_nobody_keeps_a_request_who_is_gone_or_supervises_the_agent_no_more() {
    let why = Returned::ClaimerGone;
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        fixture.see_to(&request, "sam").await.unwrap();
        let gone = fixture
            .store
            .user_activate(&user("sam"), false, vec![], fixture.context())
            .await
            .unwrap();
        assert!(returns(&gone.changes).contains(&("sue", why, 1, true)));
        assert!(returns(&gone.changes).contains(&("amy", why, 0, false)));
        assert_eq!(fixture.claimer().await, None);
    }
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        fixture.see_to(&request, "sam").await.unwrap();
        let left = fixture
            .save_team("care", "Care", false, &["amy", "ben"], &["sue"])
            .await
            .unwrap();
        assert!(returns(&left.changes).contains(&("sue", why, 1, true)));
        assert_eq!(fixture.claimer().await, None);
        not_found(fixture.see_to(&request, "sam").await);
    }
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        fixture.see_to(&request, "sam").await.unwrap();
        fixture
            .store
            .user_update(
                &user("sam"),
                "Sam Stone",
                &[Role::Agent],
                None,
                0,
                fixture.context(),
            )
            .await
            .unwrap();
        assert_eq!(fixture.claimer().await, None);
    }
}

#[tokio::test]
async fn e20_the_claim_of_who_is_absent_for_too_long_goes_back_once_and_its_clock_goes_on() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        let raised = fixture.hand().await.at;
        fixture.see_to(&request, "sam").await.unwrap();
        let since = fixture.now();
        assert!(fixture.lost_claims(since).await.is_empty(), "he is here");
        fixture.leaves("sam", Some(since), false).await;
        let early = Timestamp(since.0 - 1);
        assert!(fixture.lost_claims(early).await.is_empty());
        conflict(fixture.return_claim(&request, "sam", early).await);
        assert_eq!(fixture.claimer().await.as_deref(), Some("sam"));

        let of_sam = (request.clone(), user("sam"));
        assert_eq!(fixture.lost_claims(since).await, [of_sam]);
        assert_eq!(
            conflict(fixture.return_claim(&request, "sue", since).await),
            ConflictCause::ReasonGone,
            "she does not have it"
        );
        let (first, second) = tokio::join!(
            fixture.return_claim(&request, "sam", since),
            fixture.return_claim(&request, "sam", since)
        );
        let (back, again) = match (first, second) {
            (Ok(back), again) | (again, Ok(back)) => (back, again),
            neither => panic!("{neither:?}"),
        };
        conflict(again);
        let why = Returned::ClaimerAbsent;
        assert_eq!(
            returns(&back.changes),
            [
                ("amy", why, 0, false),
                ("sam", why, 1, true),
                ("sue", why, 1, true)
            ],
            "everybody who was asked is asked again, and so is he"
        );
        assert!(back.changes.contains(&Change::Hands(user("amy"))));
        let hand = fixture.hand().await;
        assert_eq!((hand.claim, hand.at), (None, raised));
        let said = fixture.audited("amy").await;
        assert_eq!(
            said[1..],
            [format!(
                "nobody request_hand_back {request} claimed_by: sam why: claimer_absent"
            )]
        );

        // He comes back, and somebody else has it.
        fixture.see_to(&request, "sue").await.unwrap();
        fixture.leaves("sam", None, false).await;
        let by = person("sue").name;
        assert_eq!(
            conflict(fixture.hand_back(&request, "sam").await),
            ConflictCause::RequestClaimed { by }
        );
        conflict(fixture.return_claim(&request, "sam", since).await);
        assert_eq!(fixture.claimer().await.as_deref(), Some("sue"));
        assert!(fixture.findings().await.is_empty());
    }
}

#[tokio::test]
async fn e20_who_is_back_in_time_keeps_the_request_and_so_does_who_claims_it_while_away() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        fixture.see_to(&request, "sam").await.unwrap();
        let since = fixture.now();
        fixture.leaves("sam", Some(since), false).await;
        fixture.leaves("sam", None, false).await;
        assert!(fixture.lost_claims(fixture.now()).await.is_empty());
        conflict(fixture.return_claim(&request, "sam", since).await);
        fixture.hand_back(&request, "sam").await.unwrap();

        // Without a live connection the page works, and what was claimed so is kept for as long.
        fixture.leaves("sam", Some(since), false).await;
        let later = fixture.see_to(&request, "sam").await.unwrap().value.at;
        conflict(fixture.return_claim(&request, "sam", since).await);
        fixture.return_claim(&request, "sam", later).await.unwrap();
        assert_eq!(fixture.claimer().await, None);
    }
}

#[tokio::test]
async fn e20_the_claim_of_who_signed_out_goes_back_at_once_unless_they_signed_in_again() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        fixture.see_to(&request, "sam").await.unwrap();
        let since = fixture.now();
        fixture.leaves("sam", Some(since), true).await;
        fixture.return_claim(&request, "sam", NOBODY).await.unwrap();
        assert_eq!(fixture.claimer().await, None);

        fixture.session_of(&user("sam")).await;
        fixture.see_to(&request, "sam").await.unwrap();
        assert!(fixture.lost_claims(NOBODY).await.is_empty());
        conflict(fixture.return_claim(&request, "sam", NOBODY).await);
        assert_eq!(fixture.claimer().await.as_deref(), Some("sam"));
    }
}

#[tokio::test]
async fn e20_after_a_sudden_end_of_the_program_a_claimer_who_stays_away_is_absent() {
    for fixture in every().await {
        fixture.session_of(&user("sam")).await;
        let request = fixture.amy_asks_both().await;
        fixture.see_to(&request, "sam").await.unwrap();
        let started = fixture.now();
        let adopt = AbsencesAdopt { at: started };
        fixture.store.execute(adopt).await.unwrap();
        assert!(fixture.lost_claims(NOBODY).await.is_empty());
        let of_sam = (request, user("sam"));
        assert_eq!(fixture.lost_claims(started).await, [of_sam]);
    }
}

#[tokio::test]
async fn e24_a_pop_up_that_was_dismissed_does_not_come_again_with_a_request_that_is_handed_back() {
    for fixture in every().await {
        let request = fixture.amy_asks_both().await;
        let message = fixture.requests_to("sue").await[0].id.clone();
        let dismiss = MessageDismiss {
            user: user("sue"),
            message,
            at: fixture.now(),
        };
        fixture.store.execute(dismiss).await.unwrap();
        fixture.see_to(&request, "sam").await.unwrap();
        let back = fixture.hand_back(&request, "sam").await.unwrap();
        let why = Returned::HandedBack;
        assert!(returns(&back.changes).contains(&("sue", why, 1, false)));
    }
}

#[tokio::test]
async fn u03_a_request_keeps_the_target_time_that_its_template_had() {
    for fixture in every().await {
        let template = Template {
            id: TemplateId::parse("soon").unwrap(),
            title: "Soon".to_owned(),
            text: "I need help soon.".to_owned(),
            active: true,
            version: 0,
            target_min: Some(10),
        };
        let create = TemplateCreate {
            template: template.clone(),
            context: fixture.context(),
        };
        let stored = fixture.store.execute(create).await.unwrap().value;
        assert_eq!(fixture.templates(true).await, std::slice::from_ref(&stored));
        let raised = fixture.raise_hand("amy", &stored, &["sam"], None);
        raised.await.unwrap();
        let update = TemplateUpdate {
            template: Template {
                target_min: None,
                ..template
            },
            context: fixture.context(),
        };
        let updated = fixture.store.execute(update).await.unwrap().value;
        assert_eq!((updated.target_min, updated.version), (None, 1));
        let hand = fixture.hand().await;
        assert_eq!(hand.target_min, Some(10));
        assert_eq!(hand.due().unwrap().0 - hand.at.0, 10 * 60_000_000);
    }
}

#[tokio::test]
async fn e51_the_audit_log_has_every_claim_and_every_end_of_a_request_and_no_words() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let first = fixture.amy_asks(Some(&chat)).await;
        for _ in 0..2 {
            fixture.see_to(&first, "sam").await.unwrap();
        }
        for _ in 0..2 {
            fixture.hand_back(&first, "sam").await.unwrap();
        }
        fixture.see_to(&first, "sue").await.unwrap();
        fixture.handle(&first, "sue").await.unwrap();
        // Too late: it is over.
        fixture.withdraw(&first, "amy").await.unwrap();
        let second = fixture.amy_asks(None).await;
        fixture.withdraw(&second, "amy").await.unwrap();
        let third = fixture.amy_asks(Some(&chat)).await;
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let fourth = fixture.amy_asks(None).await;
        fixture.see_to(&fourth, "sue").await.unwrap();
        let (context, sue) = (fixture.context(), user("sue"));
        let gone = fixture.store.user_activate(&sue, false, vec![], context);
        gone.await.unwrap();
        let expected = [
            format!("sam request_claim {first} workitem: {chat}"),
            format!("sam request_hand_back {first} workitem: {chat}"),
            format!("sue request_claim {first} workitem: {chat}"),
            format!("sue request_done {first} workitem: {chat} how: handled"),
            format!("amy request_withdraw {second} how: withdrawn"),
            format!("nobody request_lapse {third} workitem: {chat} how: conversation_ended"),
            format!("sue request_claim {fourth}"),
            format!("nobody request_hand_back {fourth} claimed_by: sue"),
        ];
        assert_eq!(fixture.audited("amy").await, expected);
        assert!(fixture.findings().await.is_empty());
    }
}
