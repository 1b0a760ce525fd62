//! Coaching of a former team (S23) on live connections: what happens to it reaches those who may not read it as a line.

use app::backend::Coaching;
use server::clock_and_ids::{Clock, SystemClock};
use server::commands::{Handover, StateChange, WorkitemAssign, WorkitemTransfer};
use server::http::HttpConfig;
use shared::ids::EntryId;
use shared::live::{ServerFrame, Topic};
use shared::notice::Notice;
use shared::transcript::{EntryBody, Reaction, WorkitemChange};
use shared::workitem::TransferTo;

use crate::administration_commands::Administration;
use crate::fixtures::{Fixture, ben_in_sales, publish, user};
use crate::support::{Host, Live};

/// Reads until an entry comes; what it is then.
async fn entry(live: &mut Live, id: &EntryId) -> EntryBody {
    live.until(|frame| match frame {
        ServerFrame::Workitem {
            change: WorkitemChange::Entry(entry),
            ..
        } if entry.id == *id => Some(entry.body.clone()),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s23_a_live_change_of_former_coaching_has_words_only_for_the_team_that_gave_it() {
    let fixture = Fixture::new().await;
    let (desk, chat) = (&fixture.desk, fixture.chat_of("amy").await);
    let coaching = fixture.coached(&chat).await;
    ben_in_sales(desk).await;
    // To Sales, and there to ben, who is in both teams.
    let sales = desk.store().team_list().await.unwrap();
    let sales = sales.into_iter().find(|team| team.name == "Sales").unwrap();
    let change = StateChange {
        workitem: chat.clone(),
        by: fixture.actor("amy").await.person(),
        entry: fixture.entry(),
        at: SystemClock.now(),
        key: fixture.key(),
    };
    let to = Handover {
        to: TransferTo::Team(sales.id),
        connected: true,
        confirmed: true,
    };
    let transfer = WorkitemTransfer {
        change,
        to,
        note: None,
    };
    publish(desk, desk.store().execute(transfer).await);
    let assign = WorkitemAssign {
        workitem: chat.clone(),
        agent: user("ben"),
        entry: fixture.entry(),
        at: SystemClock.now(),
    };
    publish(desk, desk.store().execute(assign).await);

    let host = Host::over(desk.clone(), HttpConfig::default()).await;
    let (ben, sid) = (host.sign_in("ben").await, host.sign_in("sid").await);
    let (mut at_ben, mut at_sid) = (ben.live().await, sid.live().await);
    for (live, monitor) in [(&mut at_ben, false), (&mut at_sid, true)] {
        live.subscribe(Topic::Workitem(chat.clone()), None, monitor)
            .await;
        live.followed().await;
    }
    let up = Some(Reaction::ThumbsUp);
    let actor = fixture.actor("ben").await;
    let reacted = desk.reaction_set(&actor, chat.clone(), coaching.clone(), fixture.key(), up);
    reacted.await.unwrap();
    assert!(matches!(
        entry(&mut at_ben, &coaching).await,
        EntryBody::Coaching { reaction, .. } if reaction == up
    ));
    let withheld = EntryBody::Notice(Notice::Withheld);
    assert_eq!(entry(&mut at_sid, &coaching).await, withheld);
}
