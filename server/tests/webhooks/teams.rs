//! Receivers that are told of the workitems of some teams alone.

use app::backend::{Administration, Deletions, Workitems};
use server::commands::Again;
use server::desk::webhooks::TypedReceiver;
use server::secrets::Secret;
use server::store::StoreError;
use shared::admin::TeamChange;
use shared::error::Problem;
use shared::ids::TeamId;
use shared::people::Role;
use shared::text::TokenName;
use shared::time::Timestamp;
use shared::webhooks::{EventKind, EventState};
use shared::workitem::TransferTo;

use crate::events::OPEN;
use crate::host::Host;
use crate::receiver::{Next, Receiver};

fn team(id: &str) -> TeamId {
    TeamId::parse(id).unwrap()
}

#[tokio::test]
async fn a_receiver_is_told_of_its_teams_alone_and_of_all_where_none_is_chosen() {
    let host = Host::start().await;
    let [care, sales, both, all] = [
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
    ];
    host.add_for(&care, &OPEN, &[team("care")]).await;
    let other = host.add_for(&sales, &OPEN, &[team("sales")]).await;
    host.add_for(&both, &OPEN, &[team("sales"), team("care")])
        .await;
    host.add_for(&all, &OPEN, &[]).await;
    host.conversation().await;
    host.deliver().await;
    let told = care.kinds();
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(both.kinds(), told);
    assert_eq!(all.kinds(), told);
    assert_eq!(sales.kinds(), Vec::<String>::new());
    assert_eq!(host.page(&other).await.events, [], "nothing was written");
    // A test concerns no team.
    let ada = host.actor("ada").await;
    let tried = host.desk.webhook_test(&ada, host.key(), other);
    tried.await.unwrap();
    host.deliver().await;
    assert_eq!(sales.kinds(), ["webhook.test"]);
    host.in_order().await;
}

#[tokio::test]
async fn a_receiver_hears_what_who_changed_it_last_may_let_it_hear() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let events = [EventKind::MessageCreated];
    let (id, _) = host.add(&receiver, &events).await;
    host.becomes("sam", &[Role::Supervisor, Role::Administrator])
        .await;
    host.becomes("ada", &[Role::Supervisor]).await;
    host.conversation().await;
    host.deliver().await;
    assert_eq!(receiver.kinds(), Vec::<String>::new());
    // Sam takes it over as it is.
    host.signs_in("sam").await;
    let typed = TypedReceiver {
        name: TokenName::parse("Archive").unwrap(),
        url: Secret::new(""),
        events: events.to_vec(),
        teams: Vec::new(),
    };
    let sam = host.caller("sam").await;
    let saved = host.desk.webhook_update(&sam, host.key(), id, 0, typed);
    saved.await.unwrap();
    host.conversation().await;
    host.deliver().await;
    assert_eq!(receiver.kinds(), ["message.created"]);
    host.in_order().await;
}

#[tokio::test]
async fn what_waits_and_what_failed_is_dropped_once_the_team_was_taken_away() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let events = [EventKind::MessageCreated];
    let id = host.add_for(&receiver, &events, &[team("care")]).await;
    receiver.always(Next::Answer(500, None));
    let workitem = host.conversation().await;
    host.deliver().await;
    host.clock.advance(3 * 24 * 3_600 + 60);
    host.deliver().await;
    host.amy_says(&workitem, "Which lamp?").await;
    let states = || async {
        let events = host.page(&id).await.events;
        events.iter().map(|event| event.state).collect::<Vec<_>>()
    };
    assert_eq!(states().await, [EventState::Pending, EventState::Failed]);
    let before = receiver.got().len();

    host.limit(&id, &events, &[team("sales")]).await.unwrap();
    receiver.always(Next::Answer(204, None));
    let failed = host.page(&id).await.events[1].id.clone();
    let ada = host.actor("ada").await;
    for what in [Again::One(failed.clone()), Again::FailedSince(Timestamp(0))] {
        let again = host.desk.webhook_again(&ada, host.key(), id.clone(), what);
        assert_eq!(again.await.unwrap(), 0);
    }
    host.clock.advance(700);
    host.deliver().await;
    assert_eq!(receiver.got().len(), before, "nothing was sent");
    assert_eq!(states().await, [EventState::Dropped, EventState::Dropped]);

    // With the team again, an event can be delivered again.
    host.limit(&id, &events, &[team("care")]).await.unwrap();
    let again = Again::One(failed);
    let again = host.desk.webhook_again(&ada, host.key(), id.clone(), again);
    assert_eq!(again.await.unwrap(), 1);
    host.deliver().await;
    assert_eq!(receiver.got().len(), before + 1);
    host.in_order().await;
}

#[tokio::test]
async fn a_team_that_is_taken_away_between_claim_and_sending_is_not_told_of() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let events = [EventKind::MessageCreated];
    let id = host.add_for(&receiver, &events, &[team("care")]).await;
    host.conversation().await;
    let jobs = host.desk.events_take().await.unwrap();
    assert_eq!(jobs.len(), 1);
    host.limit(&id, &events, &[team("sales")]).await.unwrap();
    host.desk.event_deliver(&jobs[0]).await;
    assert_eq!(receiver.kinds(), Vec::<String>::new());
    assert_eq!(host.page(&id).await.events[0].state, EventState::Dropped);
    host.in_order().await;
}

#[tokio::test]
async fn a_workitem_that_goes_to_another_team_is_told_there_from_then_on() {
    let host = Host::start().await;
    let (care, sales) = (Receiver::start().await, Receiver::start().await);
    host.add_for(&care, &OPEN, &[team("care")]).await;
    host.add_for(&sales, &OPEN, &[team("sales")]).await;
    let workitem = host.conversation().await;
    host.deliver().await;
    let before = care.got().len();
    // It waits, and is the other team's by the time it would be sent.
    host.amy_says(&workitem, "I ask my colleagues").await;
    let amy = host.actor("amy").await;
    let to = TransferTo::Team(team("sales"));
    let transfer = host
        .desk
        .workitem_transfer(&amy, workitem.clone(), host.key(), to, true, None);
    transfer.await.unwrap();
    host.deliver().await;
    assert_eq!(care.got().len(), before);
    host.dana_writes("Thank you").await;
    host.deliver().await;
    assert_eq!(care.got().len(), before);
    let told = sales.got();
    let lines = told
        .iter()
        .map(|got| got.json()["data"]["line"]["text"].clone());
    let lines: Vec<_> = lines.filter(|line| !line.is_null()).collect();
    assert_eq!(lines, ["Thank you"]);
    host.in_order().await;
}

#[tokio::test]
async fn a_raised_hand_is_of_the_team_of_its_workitem_or_of_its_agent() {
    let host = Host::start().await;
    let (care, sales) = (Receiver::start().await, Receiver::start().await);
    let events = [EventKind::AssistanceRequested];
    host.add_for(&care, &events, &[team("care")]).await;
    host.add_for(&sales, &events, &[team("sales")]).await;
    let workitem = host.conversation().await;
    host.amy_asks(&workitem).await;
    host.clock.advance(60);
    host.amy_asks_from(None).await;
    host.deliver().await;
    let asked = "assistance.requested";
    assert_eq!(care.kinds(), [asked, asked]);
    assert_eq!(sales.kinds(), Vec::<String>::new());
}

#[tokio::test]
async fn a_team_that_was_deleted_leaves_its_receiver_nothing_rather_than_everything() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let ada = host.ada().await;
    let change = TeamChange {
        name: "Night shift".to_owned(),
        members: Vec::new(),
        supervisors: Vec::new(),
        priority: None,
        version: 0,
    };
    let night = host.desk.team_create(&ada, host.key(), change);
    let night = night.await.unwrap();
    let id = host
        .add_for(&receiver, &OPEN, std::slice::from_ref(&night.id))
        .await;
    let deleted = host
        .desk
        .team_delete(&ada.actor, host.key(), night.id.clone(), night.version);
    deleted.await.unwrap();
    host.conversation().await;
    // It stays so when something else is edited, and other teams can be added.
    let fewer = [EventKind::MessageCreated];
    host.limit(&id, &fewer, std::slice::from_ref(&night.id))
        .await
        .unwrap();
    let row = host.page(&id).await.receiver;
    assert_eq!(row.teams, Some(vec![night.id.clone()]));
    host.conversation().await;
    host.deliver().await;
    assert_eq!(receiver.kinds(), Vec::<String>::new());
    let both = [night.id.clone(), team("care")];
    host.limit(&id, &fewer, &both).await.unwrap();
    host.conversation().await;
    host.deliver().await;
    assert_eq!(receiver.kinds(), ["message.created"]);

    // Nobody else can be limited to it, nor to one that never was.
    host.limit(&id, &fewer, &[]).await.unwrap();
    for wrong in [night.id, team("nobody")] {
        let refused = host.limit(&id, &fewer, &[wrong]).await.unwrap_err();
        assert!(matches!(
            refused,
            StoreError::Invalid {
                field: "teams",
                problem: Problem::NotATeam
            }
        ));
    }
    assert_eq!(host.page(&id).await.receiver.teams, None);
    host.in_order().await;
}
