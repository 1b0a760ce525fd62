//! Work is never lost: it goes back to its team when nobody can go on with it, and a supervisor can hand it on.

use server::commands::{AbsenceSet, AbsencesAdopt, Handover, WorkitemReassign, WorkitemReclaim};
use server::store::{Change, Reclaim, Stored, Written};
use shared::directory::Notification;
use shared::error::Problem;
use shared::ids::{UserId, WorkitemId};
use shared::people::{Presence, Role};
use shared::time::Timestamp;
use shared::workitem::{TransferTo, WorkitemState};

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

/// Long after everything that happens here.
const LATE: Timestamp = Timestamp(i64::MAX / 2);

fn to(agent: &str) -> TransferTo {
    TransferTo::Agent(user(agent))
}

impl Fixture {
    async fn reassign(&self, workitem: &WorkitemId, by: &str, to: Handover) -> Stored<Written<()>> {
        let reassign = WorkitemReassign {
            workitem: workitem.clone(),
            by: person(by),
            to,
            entry: self.fresh_entry(),
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(reassign).await
    }

    async fn reclaim(
        &self,
        workitem: &WorkitemId,
        agent: &str,
        why: Reclaim,
    ) -> Stored<Written<()>> {
        let reclaim = WorkitemReclaim {
            workitem: workitem.clone(),
            agent: user(agent),
            why,
            entry: self.fresh_entry(),
            at: self.now(),
        };
        self.store.execute(reclaim).await
    }

    /// What is taken from Amy when she has been away since then.
    async fn amys_lost(&self, until: Timestamp) -> Vec<(WorkitemId, UserId)> {
        let mut rows = self.store.snapshot().await.unwrap();
        let found = rows.workitems_lost_of(&[user("amy")], until).await;
        found.unwrap()
    }

    async fn absent(&self, who: &UserId, since: Option<Timestamp>) {
        let (user, since) = (who.clone(), since.map(|since| (since, false)));
        let set = AbsenceSet {
            user,
            since,
            present: None,
        };
        self.store.execute(set).await.unwrap();
    }

    async fn last_line(&self, workitem: &WorkitemId) -> String {
        self.lines(workitem).await.pop().unwrap()
    }

    async fn is_queued(&self, workitem: &WorkitemId) -> bool {
        let workitem = self.workitem(workitem).await;
        workitem.state == WorkitemState::Queued && workitem.agent.is_none()
    }
}

#[tokio::test]
async fn e10_f20_a_lost_agents_waiting_customers_go_back_to_the_queue_and_nobody_elses() {
    for fixture in every().await {
        let waiting = fixture.chat_of("amy", "kim").await;
        let answered = fixture.chat_of("amy", "lou").await;
        fixture
            .agent_says(&answered, "amy", "Hello!")
            .await
            .unwrap();
        let bens = fixture.chat_of("ben", "max").await;
        let lost = Reclaim::Lost {
            seconds: 240,
            given_until: LATE,
        };
        let found = fixture.amys_lost(LATE).await;
        assert_eq!(found, [(waiting.clone(), user("amy"))]);
        let handed_later = Reclaim::Lost {
            seconds: 240,
            given_until: Timestamp(0),
        };
        let none = fixture.amys_lost(Timestamp(0)).await;
        assert!(none.is_empty(), "handed over while amy was away");
        conflict(fixture.reclaim(&waiting, "amy", handed_later).await);
        let written = fixture.reclaim(&waiting, "amy", lost).await.unwrap();
        assert!(matches!(
            notifications(&written.changes)[..],
            [(
                "amy",
                Notification::WorkTaken {
                    to: None,
                    by: None,
                    ..
                }
            )]
        ));
        assert!(written.changes.contains(&Change::Queue(team("care"))));
        assert!(fixture.is_queued(&waiting).await);
        assert_eq!(
            fixture.last_line(&waiting).await,
            "Amy Adler has had no connection for 4 minutes. Back in the queue of Care."
        );
        assert_eq!(
            fixture.frames(&waiting).await.len(),
            1,
            "nothing for the customer"
        );
        conflict(fixture.reclaim(&answered, "amy", lost).await);
        not_found(fixture.reclaim(&bens, "amy", lost).await);
        let waits = fixture.workitem(&waiting).await.waiting_since;
        assert!(waits.is_some(), "the customer still waits");
    }
}

#[tokio::test]
async fn e10_what_a_lost_agent_left_in_wrap_up_is_closed_and_the_line_says_why() {
    for fixture in every().await {
        let over = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&over, "sam").await.unwrap();
        fixture.wrap_up(&over, "amy").await.unwrap();
        let bens = fixture.chat_of("ben", "max").await;
        fixture.wrap_up(&bens, "ben").await.unwrap();
        let later = fixture.chat_of("amy", "lou").await;
        fixture.agent_says(&later, "amy", "Hello!").await.unwrap();
        let since = fixture.now();
        let lost = |given_until| Reclaim::Lost {
            seconds: 240,
            given_until,
        };
        let seen = fixture.frames(&over).await.len();
        // This one is over while she is away: she has as long to come back to it.
        fixture.wrap_up(&later, "amy").await.unwrap();
        conflict(fixture.reclaim(&later, "amy", lost(since)).await);
        conflict(fixture.reclaim(&over, "amy", lost(Timestamp(0))).await);
        conflict(
            fixture
                .reclaim(&over, "amy", Reclaim::Unseen(Timestamp(0)))
                .await,
        );
        not_found(fixture.reclaim(&bens, "amy", lost(since)).await);
        assert_eq!(
            fixture.amys_lost(since).await,
            [(over.clone(), user("amy"))]
        );

        let written = fixture.reclaim(&over, "amy", lost(since)).await.unwrap();
        assert!(written.changes.contains(&Change::Agent(user("amy"))));
        let closed = fixture.workitem(&over).await;
        assert_eq!(closed.state, WorkitemState::Closed);
        assert!(closed.monitors.is_empty());
        let line = "Closed: Amy Adler has had no connection for 4 minutes.";
        let lines = fixture.lines(&over).await;
        assert!(lines.iter().any(|said| said == line), "{lines:?}");
        assert_eq!(
            fixture.frames(&over).await.len(),
            seen,
            "nothing for the customer"
        );
        assert!(fixture.reclaim(&over, "amy", lost(LATE)).await.is_err());
        fixture.reclaim(&later, "amy", lost(LATE)).await.unwrap();
        assert!(fixture.findings().await.is_empty());
    }
}

#[tokio::test]
async fn e10_f21_what_an_agent_never_saw_goes_back_and_what_they_answered_does_not() {
    for fixture in every().await {
        let seen = fixture.chat_of("amy", "kim").await;
        let heard = fixture.now();
        let unseen = fixture.chat_of("amy", "lou").await;
        let answered = fixture.chat_of("amy", "max").await;
        fixture
            .agent_says(&answered, "amy", "Hello!")
            .await
            .unwrap();
        let why = Reclaim::Unseen(heard);
        conflict(fixture.reclaim(&seen, "amy", why).await);
        conflict(fixture.reclaim(&answered, "amy", why).await);
        fixture.reclaim(&unseen, "amy", why).await.unwrap();
        assert!(fixture.is_queued(&unseen).await);
        let mut rows = fixture.store.snapshot().await.unwrap();
        let none = rows.workitems_given_after(&[user("amy")], LATE).await;
        assert!(none.unwrap().is_empty());
    }
}

#[tokio::test]
async fn e10_since_when_an_agent_is_absent_outlives_the_program() {
    for fixture in every().await {
        let (amy, ben) = (user("amy"), user("ben"));
        let since = Timestamp(7);
        fixture.absent(&amy, Some(since)).await;
        fixture.absent(&ben, Some(since)).await;
        fixture.absent(&ben, None).await;
        fixture.chat_of("ben", "lou").await;
        let (next, _folder) = fixture.reopened().await;
        let adopt = AbsencesAdopt { at: Timestamp(50) };
        let mut absent = next.execute(adopt).await.unwrap().value;
        absent.sort();
        // Cleo was never here and has nothing to come back for.
        assert_eq!(absent, [(amy, since, false), (ben, Timestamp(50), false)]);
    }
}

#[tokio::test]
async fn e12_f22_who_cannot_take_it_at_once_is_asked_for_once_more() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.set(&[setting("capacity_chat", 1)]).await;
        let hand = async |connected: bool, confirmed: bool| {
            let handover = Handover {
                to: to("ben"),
                connected,
                confirmed,
            };
            let change = fixture.state_change(&chat, "amy");
            fixture.transfer(change, handover).await
        };
        let offline = hand(false, false).await;
        let name = "Ben Brooks".to_owned();
        let presence = Presence::Offline;
        let asked = Problem::AgentNotAvailable { name, presence };
        assert_eq!(problem(offline), ("confirmed", asked));
        let full = fixture.chat_of("ben", "lou").await;
        let asked = hand(true, false).await;
        let name = "Ben Brooks".to_owned();
        assert_eq!(problem(asked), ("confirmed", Problem::AgentFull { name }));
        fixture.wrap_up(&full, "ben").await.unwrap();
        for away in [Presence::Away, Presence::Busy, Presence::Offline] {
            let ben = user("ben");
            let set = fixture
                .store
                .execute(presence_set(&ben, away, fixture.context()));
            set.await.unwrap();
            assert_eq!(invalid(hand(true, false).await), "confirmed", "{away:?}");
        }
        assert_eq!(fixture.workitem(&chat).await.agent, Some(person("amy")));
        hand(false, true).await.unwrap();
        assert_eq!(fixture.workitem(&chat).await.agent, Some(person("ben")));
    }
}

#[tokio::test]
async fn e12_f22_a_team_without_people_is_refused_with_the_reason() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture
            .save_team("empty", "Empty", true, &[], &["sam"])
            .await
            .unwrap();
        let hand = async || {
            let change = fixture.state_change(&chat, "amy");
            let to = handed(TransferTo::Team(team("empty")));
            fixture.transfer(change, to).await
        };
        let nobody_there = Problem::TeamWithoutAgents {
            team: "Empty".to_owned(),
        };
        assert_eq!(problem(hand().await), ("to", nobody_there));
        // Somebody who was deactivated is nobody.
        fixture
            .save_team("empty", "Empty", false, &["cleo"], &["sam"])
            .await
            .unwrap();
        let cleo = user("cleo");
        let off = (fixture.store).user_activate(&cleo, false, Vec::new(), fixture.context());
        off.await.unwrap();
        assert_eq!(invalid(hand().await), "to");
        assert_eq!(fixture.workitem(&chat).await.agent, Some(person("amy")));
    }
}

#[tokio::test]
async fn e13_f23_who_leaves_a_team_leaves_its_open_work_in_its_queue() {
    for fixture in every().await {
        fixture
            .save_team("sales", "Sales", false, &["amy", "cleo"], &["sid"])
            .await
            .unwrap();
        let cares = fixture.chat_of("amy", "kim").await;
        let wrapped = fixture.chat_of("amy", "lou").await;
        fixture.wrap_up(&wrapped, "amy").await.unwrap();
        let sales = fixture.chat_of("amy", "max").await;
        let change = fixture.state_change(&sales, "amy");
        let handover = handed(TransferTo::Team(team("sales")));
        let moved = fixture.transfer(change, handover);
        moved.await.unwrap();
        fixture.assign(&sales, "amy").await.unwrap();
        let saved = fixture
            .save_team("care", "Care", false, &["ben"], &["sam"])
            .await
            .unwrap();
        assert!(saved.changes.contains(&Change::Agent(user("amy"))));
        assert!(fixture.is_queued(&cares).await);
        assert_eq!(
            fixture.last_line(&cares).await,
            "Amy Adler left the team Care. Back in the queue of Care."
        );
        assert_eq!(
            fixture.workitem(&wrapped).await.state,
            WorkitemState::Closed
        );
        let kept = fixture.workitem(&sales).await;
        assert_eq!(
            kept.agent,
            Some(person("amy")),
            "the other team's work stays"
        );
        // Closed work belongs to its team alone, wherever its agent goes.
        let record = fixture
            .reads
            .workitem_find(&wrapped)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(record.facts.team, team("care"));
        assert!(record.facts.agent_teams.is_empty());
    }
}

#[tokio::test]
async fn e13_who_is_an_agent_no_longer_leaves_all_open_work_to_its_teams() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let roles = [Role::Supervisor];
        let amy = user("amy");
        let update =
            (fixture.store).user_update(&amy, "Amy Adler", &roles, None, 0, fixture.context());
        update.await.unwrap();
        assert!(fixture.is_queued(&chat).await);
        assert!(
            fixture
                .last_line(&chat)
                .await
                .contains("Back in the queue of Care.")
        );
    }
}

#[tokio::test]
async fn u15_a_supervisor_hands_on_an_agents_work_and_both_are_told() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let written = fixture
            .reassign(&chat, "sam", handed(to("ben")))
            .await
            .unwrap();
        let events = notifications(&written.changes);
        assert!(matches!(
            events[..],
            [
                ("ben", Notification::WorkAssigned { from: Some(from), .. }),
                ("amy", Notification::WorkTaken { to: Some(now), by: Some(by), .. }),
            ] if from.name == "Sam Stone" && now.name == "Ben Brooks" && by.name == "Sam Stone"
        ));
        assert_eq!(
            fixture.last_line(&chat).await,
            "Sam Stone reassigned this from Amy Adler to Ben Brooks."
        );
        let queue = handed(TransferTo::Team(team("care")));
        fixture.reassign(&chat, "sam", queue.clone()).await.unwrap();
        assert!(fixture.is_queued(&chat).await);
        conflict(fixture.reassign(&chat, "sam", queue).await);
        fixture
            .reassign(&chat, "sue", handed(to("amy")))
            .await
            .unwrap();
        assert_eq!(fixture.workitem(&chat).await.agent, Some(person("amy")));
        assert_eq!(
            fixture.frames(&chat).await.len(),
            1,
            "nothing for the customer"
        );
    }
}

#[tokio::test]
async fn u15_handing_on_needs_authority_in_its_transaction_and_a_target_who_can_take_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        for stranger in ["sid", "ben", "amy", "ada"] {
            not_found(fixture.reassign(&chat, stranger, handed(to("ben"))).await);
        }
        let foreign = fixture.reassign(&chat, "sam", handed(to("cleo"))).await;
        assert_eq!(invalid(foreign), "to");
        let same = fixture.reassign(&chat, "sam", handed(to("amy"))).await;
        assert_eq!(invalid(same), "to");
        let offline = Handover {
            connected: false,
            ..handed(to("ben"))
        };
        assert_eq!(
            invalid(fixture.reassign(&chat, "sam", offline).await),
            "confirmed"
        );
        fixture.wrap_up(&chat, "amy").await.unwrap();
        conflict(fixture.reassign(&chat, "sam", handed(to("ben"))).await);
        assert_eq!(fixture.workitem(&chat).await.agent, Some(person("amy")));
    }
}

#[tokio::test]
async fn e11_the_queue_gives_only_to_those_who_can_take_it_now() {
    for fixture in every().await {
        let chat = fixture.customer_says("kim", "Hello?").await.value.workitem;
        conflict(fixture.assign(&chat, "cleo").await);
        for chosen in [Presence::Away, Presence::Busy, Presence::Offline] {
            let amy = user("amy");
            let set = fixture
                .store
                .execute(presence_set(&amy, chosen, fixture.context()));
            set.await.unwrap();
            conflict(fixture.assign(&chat, "amy").await);
        }
        fixture.set(&[setting("capacity_chat", 0)]).await;
        conflict(fixture.assign(&chat, "ben").await);
        assert!(fixture.is_queued(&chat).await);
        fixture.set(&[setting("capacity_chat", 1)]).await;
        fixture.assign(&chat, "ben").await.unwrap();
    }
}
