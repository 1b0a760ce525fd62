//! Work is never lost: it goes back to its team when nobody can go on with it, and a supervisor can hand it on.

use server::commands::{AbsenceSet, AbsencesAdopt, Handover, WorkitemReassign, WorkitemReclaim};
use server::store::{Change, Reclaim, Stored, Written};
use shared::directory::OwnEvent;
use shared::error::Problem;
use shared::ids::{UserId, WorkitemId};
use shared::people::{Presence, Role};
use shared::time::Timestamp;
use shared::workitem::{TransferTo, WorkitemState};

use crate::administration_commands::Administration;
use crate::house::*;
use crate::organisation::setting;
use crate::words::*;

/// Long after everything that happens here.
const LATE: Timestamp = Timestamp(i64::MAX / 2);

fn to(agent: &str) -> TransferTo {
    TransferTo::Agent(user(agent))
}

impl House {
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

    /// Work of Amy's in which the customer waits, that she was given until then.
    async fn amys_waiting(&self, given_until: Timestamp) -> Vec<(WorkitemId, UserId)> {
        let mut rows = self.store.snapshot().await.unwrap();
        let found = rows.workitems_waiting_of(&[user("amy")], given_until).await;
        found.unwrap()
    }

    async fn absent(&self, who: &UserId, since: Option<Timestamp>) {
        let user = who.clone();
        self.store
            .execute(AbsenceSet { user, since })
            .await
            .unwrap();
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
    for house in every().await {
        let waiting = house.chat_of("amy", "kim").await;
        let answered = house.chat_of("amy", "lou").await;
        house.agent_says(&answered, "amy", "Hello!").await.unwrap();
        let bens = house.chat_of("ben", "max").await;
        let lost = Reclaim::Lost {
            seconds: 240,
            given_until: LATE,
        };
        let found = house.amys_waiting(LATE).await;
        assert_eq!(found, [(waiting.clone(), user("amy"))]);
        let handed_later = Reclaim::Lost {
            seconds: 240,
            given_until: Timestamp(0),
        };
        let none = house.amys_waiting(Timestamp(0)).await;
        assert!(none.is_empty(), "handed over while amy was away");
        conflict(house.reclaim(&waiting, "amy", handed_later).await);
        let written = house.reclaim(&waiting, "amy", lost).await.unwrap();
        assert!(matches!(
            told(&written.changes)[..],
            [(
                "amy",
                OwnEvent::WorkTaken {
                    to: None,
                    by: None,
                    ..
                }
            )]
        ));
        assert!(written.changes.contains(&Change::Queue(team("care"))));
        assert!(house.is_queued(&waiting).await);
        assert_eq!(
            house.last_line(&waiting).await,
            "Amy Adler has had no connection for 4 minutes. Back in the queue of Care."
        );
        assert_eq!(
            house.frames(&waiting).await.len(),
            1,
            "nothing for the customer"
        );
        conflict(house.reclaim(&answered, "amy", lost).await);
        not_found(house.reclaim(&bens, "amy", lost).await);
        let waits = house.workitem(&waiting).await.waiting_since;
        assert!(waits.is_some(), "the customer still waits");
    }
}

#[tokio::test]
async fn e10_f21_what_an_agent_never_saw_goes_back_and_what_they_answered_does_not() {
    for house in every().await {
        let seen = house.chat_of("amy", "kim").await;
        let heard = house.now();
        let unseen = house.chat_of("amy", "lou").await;
        let answered = house.chat_of("amy", "max").await;
        house.agent_says(&answered, "amy", "Hello!").await.unwrap();
        let why = Reclaim::Unseen(heard);
        conflict(house.reclaim(&seen, "amy", why).await);
        conflict(house.reclaim(&answered, "amy", why).await);
        house.reclaim(&unseen, "amy", why).await.unwrap();
        assert!(house.is_queued(&unseen).await);
        let mut rows = house.store.snapshot().await.unwrap();
        let none = rows.workitems_given_after(&[user("amy")], LATE).await;
        assert!(none.unwrap().is_empty());
    }
}

#[tokio::test]
async fn e10_since_when_an_agent_is_absent_outlives_the_program() {
    for house in every().await {
        let (amy, ben) = (user("amy"), user("ben"));
        let since = Timestamp(7);
        house.absent(&amy, Some(since)).await;
        house.absent(&ben, Some(since)).await;
        house.absent(&ben, None).await;
        house.chat_of("ben", "lou").await;
        let (next, _folder) = house.anew().await;
        let adopt = AbsencesAdopt { at: Timestamp(50) };
        let mut absent = next.execute(adopt).await.unwrap().value;
        absent.sort();
        // Cleo was never here and has nothing to come back for.
        assert_eq!(absent, [(amy, since), (ben, Timestamp(50))]);
    }
}

#[tokio::test]
async fn e12_f22_who_cannot_take_it_at_once_is_asked_for_once_more() {
    for house in every().await {
        let chat = house.chat_of("amy", "kim").await;
        house.set(&[setting("capacity_chat", 1)]).await;
        let hand = async |connected: bool, confirmed: bool| {
            let handover = Handover {
                to: to("ben"),
                connected,
                confirmed,
            };
            let change = house.state_change(&chat, "amy");
            house.transfer(change, handover).await
        };
        let offline = hand(false, false).await;
        let name = "Ben Brooks".to_owned();
        let presence = Presence::Offline;
        let asked = Problem::AgentNotAvailable { name, presence };
        assert_eq!(problem(offline), ("confirmed", asked));
        let full = house.chat_of("ben", "lou").await;
        let asked = hand(true, false).await;
        let name = "Ben Brooks".to_owned();
        assert_eq!(problem(asked), ("confirmed", Problem::AgentFull { name }));
        house.wrap_up(&full, "ben").await.unwrap();
        for away in [Presence::Away, Presence::Busy, Presence::Offline] {
            let ben = user("ben");
            let set = house
                .store
                .execute(presence_set(&ben, away, house.context()));
            set.await.unwrap();
            assert_eq!(invalid(hand(true, false).await), "confirmed", "{away:?}");
        }
        assert_eq!(house.workitem(&chat).await.agent, Some(person("amy")));
        hand(false, true).await.unwrap();
        assert_eq!(house.workitem(&chat).await.agent, Some(person("ben")));
    }
}

#[tokio::test]
async fn e12_f22_a_team_without_people_is_refused_with_the_reason() {
    for house in every().await {
        let chat = house.chat_of("amy", "kim").await;
        house
            .save_team("empty", "Empty", true, &[], &["sam"])
            .await
            .unwrap();
        let hand = async || {
            let change = house.state_change(&chat, "amy");
            let to = handed(TransferTo::Team(team("empty")));
            house.transfer(change, to).await
        };
        let refused = hand().await;
        assert!(format!("{refused:?}").contains("Empty"));
        assert_eq!(invalid(refused), "to");
        // Somebody who was deactivated is nobody.
        house
            .save_team("empty", "Empty", false, &["cleo"], &["sam"])
            .await
            .unwrap();
        let cleo = user("cleo");
        let off = (house.store).user_activate(&cleo, false, Vec::new(), house.context());
        off.await.unwrap();
        assert_eq!(invalid(hand().await), "to");
        assert_eq!(house.workitem(&chat).await.agent, Some(person("amy")));
    }
}

#[tokio::test]
async fn e13_f23_who_leaves_a_team_leaves_its_open_work_in_its_queue() {
    for house in every().await {
        house
            .save_team("sales", "Sales", false, &["amy", "cleo"], &["sid"])
            .await
            .unwrap();
        let cares = house.chat_of("amy", "kim").await;
        let wrapped = house.chat_of("amy", "lou").await;
        house.wrap_up(&wrapped, "amy").await.unwrap();
        let sales = house.chat_of("amy", "max").await;
        let change = house.state_change(&sales, "amy");
        let handover = handed(TransferTo::Team(team("sales")));
        let moved = house.transfer(change, handover);
        moved.await.unwrap();
        house.assign(&sales, "amy").await.unwrap();
        let saved = house
            .save_team("care", "Care", false, &["ben"], &["sam"])
            .await
            .unwrap();
        assert!(saved.changes.contains(&Change::Agent(user("amy"))));
        assert!(house.is_queued(&cares).await);
        assert_eq!(
            house.last_line(&cares).await,
            "Amy Adler left the team Care. Back in the queue of Care."
        );
        assert_eq!(house.workitem(&wrapped).await.state, WorkitemState::Closed);
        let kept = house.workitem(&sales).await;
        assert_eq!(
            kept.agent,
            Some(person("amy")),
            "the other team's work stays"
        );
        // Closed work belongs to its team alone, wherever its agent goes.
        let record = house.reads.workitem_find(&wrapped).await.unwrap().unwrap();
        assert_eq!(record.facts.team, team("care"));
        assert!(record.facts.agent_teams.is_empty());
    }
}

#[tokio::test]
async fn e13_who_is_an_agent_no_longer_leaves_all_open_work_to_its_teams() {
    for house in every().await {
        let chat = house.chat_of("amy", "kim").await;
        let roles = [Role::Supervisor];
        let amy = user("amy");
        let update = (house.store).user_update(&amy, "Amy Adler", &roles, None, 0, house.context());
        update.await.unwrap();
        assert!(house.is_queued(&chat).await);
        assert!(
            house
                .last_line(&chat)
                .await
                .contains("Back in the queue of Care.")
        );
    }
}

#[tokio::test]
async fn u15_a_supervisor_hands_on_an_agents_work_and_both_are_told() {
    for house in every().await {
        let chat = house.chat_of("amy", "kim").await;
        let written = house
            .reassign(&chat, "sam", handed(to("ben")))
            .await
            .unwrap();
        let events = told(&written.changes);
        assert!(matches!(
            events[..],
            [
                ("ben", OwnEvent::WorkAssigned { from: Some(from), .. }),
                ("amy", OwnEvent::WorkTaken { to: Some(now), by: Some(by), .. }),
            ] if from.name == "Sam Stone" && now.name == "Ben Brooks" && by.name == "Sam Stone"
        ));
        assert_eq!(
            house.last_line(&chat).await,
            "Sam Stone reassigned this from Amy Adler to Ben Brooks."
        );
        let queue = handed(TransferTo::Team(team("care")));
        house.reassign(&chat, "sam", queue.clone()).await.unwrap();
        assert!(house.is_queued(&chat).await);
        conflict(house.reassign(&chat, "sam", queue).await);
        house
            .reassign(&chat, "sue", handed(to("amy")))
            .await
            .unwrap();
        assert_eq!(house.workitem(&chat).await.agent, Some(person("amy")));
        assert_eq!(
            house.frames(&chat).await.len(),
            1,
            "nothing for the customer"
        );
    }
}

#[tokio::test]
async fn u15_handing_on_needs_authority_in_its_transaction_and_a_target_who_can_take_it() {
    for house in every().await {
        let chat = house.chat_of("amy", "kim").await;
        for stranger in ["sid", "ben", "amy", "ada"] {
            not_found(house.reassign(&chat, stranger, handed(to("ben"))).await);
        }
        let foreign = house.reassign(&chat, "sam", handed(to("cleo"))).await;
        assert_eq!(invalid(foreign), "to");
        let same = house.reassign(&chat, "sam", handed(to("amy"))).await;
        assert_eq!(invalid(same), "to");
        let offline = Handover {
            connected: false,
            ..handed(to("ben"))
        };
        assert_eq!(
            invalid(house.reassign(&chat, "sam", offline).await),
            "confirmed"
        );
        house.wrap_up(&chat, "amy").await.unwrap();
        conflict(house.reassign(&chat, "sam", handed(to("ben"))).await);
        assert_eq!(house.workitem(&chat).await.agent, Some(person("amy")));
    }
}

#[tokio::test]
async fn e11_the_queue_gives_only_to_those_who_can_take_it_now() {
    for house in every().await {
        let chat = house.customer_says("kim", "Hello?").await.value.workitem;
        conflict(house.assign(&chat, "cleo").await);
        for chosen in [Presence::Away, Presence::Busy, Presence::Offline] {
            let amy = user("amy");
            let set = house
                .store
                .execute(presence_set(&amy, chosen, house.context()));
            set.await.unwrap();
            conflict(house.assign(&chat, "amy").await);
        }
        house.set(&[setting("capacity_chat", 0)]).await;
        conflict(house.assign(&chat, "ben").await);
        assert!(house.is_queued(&chat).await);
        house.set(&[setting("capacity_chat", 1)]).await;
        house.assign(&chat, "ben").await.unwrap();
    }
}
