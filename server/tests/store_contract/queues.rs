//! The queues of several teams: in which order they are served, and who sees what waits.

use server::commands::TeamSave;
use server::queries;
use server::store::{Stored, Written};
use shared::admin::{QueuePriority, Team, TeamChange};
use shared::error::{ConflictCause, Difference};
use shared::ids::WorkitemId;
use shared::workitem::TransferTo;

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::words::*;

impl Fixture {
    /// Sales with another priority, edited from this version on.
    async fn prioritise(
        &self,
        priority: Option<QueuePriority>,
        version: i64,
    ) -> Stored<Written<Team>> {
        let teams = self.store.team_list().await?.into_iter();
        let sales = teams.into_iter().find(|known| known.id == team("sales"));
        let sales = sales.unwrap();
        let save = TeamSave {
            team: sales.id,
            create: false,
            change: TeamChange {
                name: sales.name,
                members: sales.members.into_iter().map(|person| person.id).collect(),
                supervisors: sales
                    .supervisors
                    .into_iter()
                    .map(|person| person.id)
                    .collect(),
                priority,
                version,
            },
            session: None,
            context: self.context(),
        };
        self.store.execute(save).await
    }

    /// What waits, in turn.
    async fn in_turn(&self) -> Vec<WorkitemId> {
        let waiting = self.queue().await.into_iter();
        waiting.map(|(workitem, _)| workitem).collect()
    }
}

#[tokio::test]
async fn e11_the_queue_of_a_team_with_a_higher_priority_comes_first() {
    for fixture in every().await {
        let sold = fixture.chat_of("amy", "lou").await;
        let to = handed(TransferTo::Team(team("sales")));
        let change = fixture.state_change(&sold, "amy");
        let older = fixture.customer_says("kim", "Hello?").await.value.workitem;
        fixture.transfer(change, to).await.unwrap();
        let younger = fixture.customer_says("mia", "Hi?").await.value.workitem;
        // Of one priority what came first is first, whosever it is.
        assert_eq!(
            fixture.in_turn().await,
            [sold.clone(), older.clone(), younger.clone()]
        );
        let low = fixture.prioritise(Some(QueuePriority::Low), 0).await;
        assert_eq!(low.unwrap().value.version, 1);
        assert_eq!(
            fixture.in_turn().await,
            [older.clone(), younger.clone(), sold.clone()]
        );
        // A form that knows no priorities leaves it as it is.
        let kept = fixture.prioritise(None, 1).await.unwrap().value;
        assert_eq!((kept.priority, kept.version), (QueuePriority::Low, 1));
        let high = fixture.prioritise(Some(QueuePriority::High), 1).await;
        high.unwrap();
        assert_eq!(fixture.in_turn().await, [sold, older, younger]);
        let late = fixture.prioritise(Some(QueuePriority::Normal), 1).await;
        let ConflictCause::EditedMeanwhile { now, .. } = conflict(late) else {
            panic!("somebody else saved it meanwhile");
        };
        let high = Difference::Priority(QueuePriority::High);
        assert!(now.contains(&high), "{now:?}");
    }
}

#[tokio::test]
async fn e11_e13_only_the_teams_supervisors_see_what_waits_in_its_queue() {
    for fixture in every().await {
        let first = fixture.customer_says("kim", "Hello?").await.value.workitem;
        let second = fixture.customer_says("mia", "Hi?").await.value.workitem;
        let given = fixture.chat_of("amy", "lou").await;
        let waiting = async |viewer: &str, of: &str| {
            let mut rows = fixture.store.snapshot().await.unwrap();
            queries::queue_of(&mut *rows, &user(viewer), &team(of)).await
        };
        let seen = waiting("sam", "care").await.unwrap();
        let ids: Vec<&WorkitemId> = seen.iter().map(|workitem| &workitem.id).collect();
        assert_eq!(ids, [&first, &second]);
        assert!(!ids.contains(&&given));
        refused(waiting("amy", "care").await);
        refused(waiting("sid", "care").await);
        refused(waiting("sam", "nowhere").await);
        assert!(waiting("sid", "sales").await.unwrap().is_empty());
    }
}

fn refused<T: std::fmt::Debug>(answer: Stored<T>) {
    let answer = answer.map(drop);
    assert!(matches!(
        answer,
        Err(server::store::StoreError::Refused { .. })
    ));
}
