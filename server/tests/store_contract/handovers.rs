//! Work changes hands, and the dashboard shows whose it is.

use server::commands::{CallRecord, WorkitemImport};
use server::store::Change;
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::WorkitemId;
use shared::people::Presence;
use shared::time::Timestamp;
use shared::workitem::{Channel, TransferTo, WorkitemState};

use crate::fixtures::*;
use crate::words::*;

#[tokio::test]
async fn of_two_who_claim_one_workitem_one_gets_it() {
    for fixture in every().await {
        let chat = fixture.customer_says("kim", "Hello?").await.value.workitem;
        let (amy, ben) = tokio::join!(fixture.assign(&chat, "amy"), fixture.assign(&chat, "ben"));
        assert!(amy.is_ok() != ben.is_ok());
        let (winner, won, lost) = if amy.is_ok() {
            ("amy", amy, ben)
        } else {
            ("ben", ben, amy)
        };
        assert_eq!(conflict(lost), ConflictCause::TakenMeanwhile);
        let changes = won.unwrap().changes;
        assert!(matches!(
            notifications(&changes)[..],
            [(who, Notification::WorkAssigned { from: None, .. })] if who == winner
        ));
        assert_eq!(fixture.workitem(&chat).await.agent, Some(person(winner)));
        assert_eq!(fixture.lines(&chat).await.len(), 2);
    }
}

#[tokio::test]
async fn those_who_are_available_are_candidates_with_what_they_have_and_may_have() {
    for fixture in every().await {
        let candidates = async || {
            let teams = [team("care"), team("sales")];
            let found = fixture.candidates(&teams).await;
            let mut named: Vec<String> = found
                .iter()
                .map(|one| {
                    let (who, teams) = (&one.agent, one.teams.len());
                    let (has, may) = (one.active.chat, one.capacity.chat);
                    format!("{who} {has}/{may} in {teams}")
                })
                .collect();
            named.sort();
            named.join(", ")
        };
        let all = "amy 0/8 in 1, ben 0/8 in 1, cleo 0/8 in 1";
        assert_eq!(candidates().await, all);
        let first = fixture.chat_of("amy", "kim").await;
        assert!(candidates().await.starts_with("amy 1/8 in 1, "));
        fixture.wrap_up(&first, "amy").await.unwrap();
        assert_eq!(candidates().await, all);
        fixture
            .store
            .execute(presence_set(
                &user("amy"),
                Presence::Busy,
                fixture.context(),
            ))
            .await
            .unwrap();
        assert!(candidates().await.starts_with("ben "));
    }
}

#[tokio::test]
async fn a_transfer_to_an_agent_arrives_at_once() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let mut rows = fixture.store.snapshot().await.unwrap();
        let agents = rows.agent_list().await.unwrap();
        let teams = rows.team_names().await.unwrap();
        drop(rows);
        let agents: Vec<&str> = agents.iter().map(|(who, _)| who.name.as_str()).collect();
        assert_eq!(agents, ["Amy Adler", "Ben Brooks", "Cleo Costa"]);
        assert_eq!(teams.len(), 2);
        let to = |id: &str| TransferTo::Agent(user(id));
        for nobody in ["amy", "sam", "stranger"] {
            let change = fixture.state_change(&chat, "amy");
            let refused = fixture.transfer(change, handed(to(nobody))).await;
            assert_eq!(invalid(refused), "to");
        }
        let change = fixture.state_change(&chat, "amy");
        let moved = fixture.transfer(change, handed(to("cleo"))).await;
        let changes = moved.unwrap().changes;
        assert!(matches!(
            notifications(&changes)[..],
            [("cleo", Notification::WorkAssigned { from: Some(from), .. })] if from.name == "Amy Adler"
        ));
        assert!(changes.contains(&Change::Agent(user("amy"))));
        assert!(changes.contains(&Change::Agent(user("cleo"))));
        let moved = fixture.workitem(&chat).await;
        assert_eq!(moved.agent, Some(person("cleo")));
        assert_eq!(moved.team_name, "Sales", "cleo is not in Care");
        assert_eq!((moved.unread, moved.monitors.len()), (1, 1));
        assert_eq!(
            fixture.lines(&chat).await.last().unwrap(),
            "Amy Adler transferred this to Cleo Costa."
        );
        not_found(fixture.agent_says(&chat, "amy", "Still me?").await);
        assert_eq!(
            fixture.frames(&chat).await.len(),
            1,
            "the customer sees nothing"
        );
    }
}

#[tokio::test]
async fn a_transfer_to_a_team_waits_in_its_queue() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let change = fixture.state_change(&chat, "amy");
        let to = TransferTo::Team(team("sales"));
        let moved = fixture.transfer(change.clone(), handed(to.clone()));
        let changes = moved.await.unwrap().changes;
        assert!(changes.contains(&Change::Queue(team("sales"))));
        let again = fixture.transfer(change, handed(to)).await.unwrap();
        assert!(again.changes.is_empty());
        let queued = fixture.workitem(&chat).await;
        assert_eq!((queued.state, queued.agent), (WorkitemState::Queued, None));
        assert_eq!(fixture.queue().await, [(chat.clone(), team("sales"))]);
        fixture.assign(&chat, "cleo").await.unwrap();
        let late = fixture.state_change(&chat, "cleo");
        fixture.wrap_up(&chat, "cleo").await.unwrap();
        let late = fixture.transfer(late, handed(TransferTo::Team(team("care"))));
        assert_eq!(conflict(late.await), ConflictCause::NotActive);
    }
}

#[tokio::test]
async fn a_call_is_recorded_once() {
    for fixture in every().await {
        let call = async |agent: &str, id: &str, press: &str| {
            let call = CallRecord {
                agent: person(agent),
                number: "+4930123".to_owned(),
                workitem: WorkitemId::parse(id).unwrap(),
                entry: fixture.fresh_entry(),
                at: fixture.now(),
                key: key(press),
            };
            fixture.store.execute(call).await
        };
        let first = call("amy", "call-1", "press").await.unwrap();
        let again = call("amy", "call-2", "press").await.unwrap();
        assert_eq!(first.value, again.value);
        assert!(again.changes.is_empty());
        let phone = fixture.workitem(&first.value).await;
        assert_eq!(
            (phone.channel, phone.state),
            (Channel::Phone, WorkitemState::Active)
        );
        assert_eq!(phone.subject, "+4930123");
        assert_eq!(phone.team_name, "Care");
        not_found(call("sam", "call-3", "press").await);
    }
}

#[tokio::test]
async fn an_imported_conversation_is_as_if_it_had_happened() {
    for fixture in every().await {
        let minute = |number: i64| Timestamp(number * 60_000_000);
        let says = |customer, at, text: &str| (customer, minute(at), said(text));
        let import = WorkitemImport {
            id: WorkitemId::parse("sms").unwrap(),
            channel: Channel::Sms,
            customer: "Lou".to_owned(),
            subject: "Parcel".to_owned(),
            team: team("care"),
            agent: Some(user("ben")),
            started_at: minute(1),
            given_at: None,
            messages: vec![
                says(true, 1, "Where is it?"),
                says(false, 2, "On its way."),
                says(true, 3, "Still not here."),
                says(true, 4, "Hello?"),
            ],
            carried: None,
        };
        fixture.store.execute(import.clone()).await.unwrap();
        let sms = fixture.workitem(&import.id).await;
        assert_eq!((sms.unread, sms.waiting_since), (2, Some(minute(3))));
        assert_eq!(
            (sms.last_activity_at, sms.preview.as_str()),
            (minute(4), "Hello?")
        );
        assert_eq!(fixture.frames(&import.id).await.len(), 4);
        let sent = fixture
            .agent_says(&import.id, "ben", "Sorry!")
            .await
            .unwrap();
        assert_eq!(sent.value.entry.seq, 5);
        assert_eq!(
            conflict(fixture.store.execute(import.clone()).await),
            ConflictCause::WorkitemExists
        );
        let mut nobodys = import;
        (nobodys.id, nobodys.agent) = (WorkitemId::parse("other").unwrap(), None);
        assert_eq!(invalid(fixture.store.execute(nobodys).await), "messages");
        let left = WorkitemId::parse("other").unwrap();
        assert!(fixture.reads.workitem_find(&left).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_dashboard_counts_what_is_open() {
    for fixture in every().await {
        let waiting = fixture.chat_of("amy", "kim").await;
        let wrapped = fixture.chat_of("amy", "lou").await;
        fixture.wrap_up(&wrapped, "amy").await.unwrap();
        fixture.monitor(&waiting, "sam").await.unwrap();
        fixture.monitor(&waiting, "sue").await.unwrap();
        let queued = fixture
            .customer_says("max", "Anybody?")
            .await
            .value
            .workitem;
        let hurry = fixture.add_template("hurry", "Please come.").await;
        fixture
            .raise_hand("amy", &hurry, &["sam"], Some(waiting.clone()))
            .await
            .unwrap();

        let shown = fixture.reads.dashboard(&[team("care")]).await.unwrap();
        let names: Vec<&str> = shown.agents.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["Amy Adler", "Ben Brooks"]);
        let amy = &shown.agents[0];
        assert_eq!((amy.counts.chat, amy.counts.total()), (2, 2));
        assert_eq!(amy.teams, ["Care"]);
        assert_eq!(amy.monitored, 1, "one workitem, however many monitor it");
        assert_eq!(
            amy.waiting_since,
            fixture.workitem(&waiting).await.waiting_since
        );
        assert_eq!(amy.hands.len(), 1);
        assert_eq!(amy.hands[0].workitem, Some(waiting));
        let ben = &shown.agents[1];
        assert_eq!((ben.counts.total(), ben.waiting_since), (0, None));
        assert_eq!(shown.queues.len(), 1);
        assert_eq!(shown.queues[0].queued, 1);
        assert_eq!(
            shown.queues[0].since,
            fixture.workitem(&queued).await.waiting_since
        );
        let both = fixture
            .reads
            .dashboard(&[team("care"), team("sales")])
            .await;
        assert_eq!(both.unwrap().agents.len(), 3);
        let none = fixture.reads.dashboard(&[]).await.unwrap();
        assert!(none.agents.is_empty() && none.queues.is_empty());
    }
}
