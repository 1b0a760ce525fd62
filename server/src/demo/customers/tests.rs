//! What the simulated customers do in an hour, on the chat page and by phone.

use std::sync::Arc;

use app::backend::History as _;
use shared::customer::CustomerBody;
use shared::delivery::{Delivery, DeliveryState};
use shared::history::HistoryQuery;
use shared::ids::UserId;
use tokio::net::TcpListener;

use super::*;
use crate::channels::{ProviderConfig, providers};
use crate::demo::phones::PhoneText;
use crate::demo::stand_ins::{Doors, HostAddress};
use crate::desk::DeskConfig;
use crate::deterministic::{DeterministicIds, FixedClock};
use crate::http::HttpConfig;
use crate::store::sqlite::SqliteStore;

/// Long enough for everybody to have said what they have to say.
async fn an_hour(crowd: &mut Population, clock: &FixedClock) {
    for _ in 0..300 {
        crowd.next_arrival = Instant::now();
        clock.advance(12);
        crowd.act().await.unwrap();
    }
}

async fn lines(desk: &Desk, workitem: &WorkitemId) -> Vec<CustomerBody> {
    let mut rows = desk.store().customer_snapshot().await.unwrap();
    let frames = rows.customer_frames_after(workitem, 0, 500).await.unwrap();
    frames.into_iter().map(|frame| frame.body).collect()
}

async fn queue_length(desk: &Desk) -> usize {
    let mut rows = desk.store().snapshot().await.unwrap();
    rows.queue_list().await.unwrap().len()
}

#[tokio::test]
async fn customers_come_and_write_without_end_or_excess_and_leave_real_visitors_alone() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&data.path().join("demo.db"))
        .await
        .unwrap();
    let clock = Arc::new(FixedClock::default());
    let desk = Desk::new(
        Arc::new(store),
        clock.clone(),
        Arc::new(DeterministicIds::default()),
        DeskConfig::default(),
    );
    assert!(crate::demo::seed(&desk).await.unwrap());
    assert!(
        !crate::demo::seed(&desk).await.unwrap(),
        "a second time changes nothing"
    );
    let (name, text) = (
        CustomerName::parse("Eve").unwrap(),
        MessageText::parse("Hello").unwrap(),
    );
    let (care, key) = (
        ChannelKey::parse(CARE).unwrap(),
        CommandKey::parse("k").unwrap(),
    );
    let real = desk
        .customer_send(
            &care,
            Writer::Visitor("a real visitor"),
            CustomerMessage {
                name,
                content: CustomerContent::Text(text),
                key,
                contact: None,
            },
            true,
        )
        .await
        .unwrap()
        .0
        .workitem;

    let world = World {
        desk: desk.clone(),
        stand_ins: None,
    };
    let mut crowd = Population::gather(world.clone()).await.unwrap();
    an_hour(&mut crowd, &clock).await;
    assert_eq!(queue_length(&desk).await, 1 + VISITORS);
    assert_eq!(lines(&desk, &real).await.len(), 1);
    let story = WorkitemId::parse("wi-amy-2").unwrap();
    let before = lines(&desk, &story).await;
    assert!(
        matches!(before.last(), Some(CustomerBody::Mine { .. })),
        "amy's question was answered"
    );

    let amy = desk
        .store()
        .snapshot()
        .await
        .unwrap()
        .actor_find(&UserId::parse("amy").unwrap())
        .await
        .unwrap()
        .unwrap();
    let key = CommandKey::parse("amy").unwrap();
    let text = MessageText::parse("Is there anything else?").unwrap();
    app::backend::Workitems::message_send(&desk, &amy, story.clone(), key, text)
        .await
        .unwrap();
    an_hour(&mut crowd, &clock).await;
    assert!(
        lines(&desk, &story).await.len() > before.len() + 1,
        "and so is the next one"
    );

    // After a restart the same visitors sit on the same seats.
    let mut crowd = Population::gather(world).await.unwrap();
    an_hour(&mut crowd, &clock).await;
    assert_eq!(queue_length(&desk).await, 1 + VISITORS);
}

/// A host on loopback with stand-ins, as `sideline demo` starts it, and its clock.
async fn with_stand_ins(data: &tempfile::TempDir) -> (World, Arc<FixedClock>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let doors = Doors::open().await.unwrap();
    let host = HostAddress::new(None, listener.local_addr().unwrap());
    let provider = ProviderConfig {
        twilio_url: doors.twilio_url().to_owned(),
        meta_url: doors.meta_url().to_owned(),
        ..ProviderConfig::default()
    };
    let config = DeskConfig {
        public_url: Some(host.public_url.clone()),
        providers: providers(&provider),
        ..DeskConfig::default()
    };
    let store = SqliteStore::open(&data.path().join("demo.db")).await;
    let clock = Arc::new(FixedClock::default());
    let ids = Arc::new(DeterministicIds::default());
    let desk = Desk::new(Arc::new(store.unwrap()), clock.clone(), ids, config);
    assert!(crate::demo::seed_with_channels(&desk).await.unwrap());
    let (running, stopped) = watch::channel(false);
    let router = crate::router::router(desk.clone(), &HttpConfig::default(), stopped.clone());
    tokio::spawn(crate::serve::answer(listener, router, async move {
        running.closed().await;
    }));
    let stand_ins = StandIns::start(doors, desk.clone(), host, stopped).await;
    let stand_ins = Some(stand_ins.unwrap());
    (World { desk, stand_ins }, clock)
}

#[tokio::test]
async fn of_the_work_that_is_over_one_flag_waits_and_one_was_reviewed() {
    let data = tempfile::tempdir().unwrap();
    let (world, _) = with_stand_ins(&data).await;
    let sam = UserId::parse("sam").unwrap();
    let sam = world.desk.actor_load(&sam).await.unwrap().unwrap();
    for (state, by) in [("flagged", "Sue Silva"), ("reviewed", "Sam Stone")] {
        let query = HistoryQuery {
            review: state.to_owned(),
            ..HistoryQuery::default()
        };
        let found = world.desk.history_search(&sam, query).await.unwrap().hits;
        let flags = found.iter().filter_map(|hit| hit.review.as_ref());
        let by_whom: Vec<&str> = flags.map(|flag| &flag.by.name[..]).collect();
        assert_eq!(by_whom, [by], "{state}");
    }
}

/// What the contact centre says on a phone.
fn said(text: &str, clock: &FixedClock) -> PhoneText {
    PhoneText {
        id: text.to_owned(),
        mine: false,
        text: text.to_owned(),
        at: crate::clock_and_ids::Clock::now(clock),
        delivery: Some(Delivery::of(DeliveryState::Delivered)),
    }
}

#[tokio::test]
async fn who_has_a_phone_writes_and_answers_by_it_until_somebody_else_holds_it() {
    let data = tempfile::tempdir().unwrap();
    let (world, clock) = with_stand_ins(&data).await;
    let phones = world.stand_ins.as_ref().unwrap().phones().clone();
    let mut crowd = Population::gather(world.clone()).await.unwrap();
    let by_phone = crowd.customers.iter();
    let by_phone = by_phone.filter(|customer| matches!(customer.way, Way::Phone(_)));
    assert_eq!(by_phone.count(), 6, "the open stories of phones");
    // None of the others shall come in between.
    crowd.customers.clear();
    crowd.next_arrival = Instant::now() + std::time::Duration::from_secs(3_600);

    assert!(crowd.ring().await.unwrap());
    assert_eq!(queue_length(&world.desk).await, 1);
    let (phone, (_, opening, _)) = super::phones().next().unwrap();
    let texts = || phones.find(&phone).unwrap().texts;
    assert_eq!(texts()[0].text, opening);
    phones.put(&phone, said("Which order is it?", &clock));
    for _ in 0..50 {
        clock.advance(3);
        crowd.act().await.unwrap();
    }
    let answered = texts();
    assert!(answered.len() >= 3 && answered[2].mine, "{answered:?}");
    let channel = crate::demo::channels::find(&world.desk, phone.service).await;
    let channel = channel.unwrap().unwrap();
    let mut rows = world.desk.store().snapshot().await.unwrap();
    let identity = rows.identity_at(&channel, &phone.number).await.unwrap();
    let visit = rows
        .customer_visit_find(&channel, &identity.unwrap().id)
        .await;
    let workitem = visit.unwrap().unwrap().workitem;
    drop(rows);
    let taken = lines(&world.desk, &workitem).await.len();
    assert_eq!(taken, answered.iter().filter(|text| text.mine).count());

    phones.hold(&phone);
    phones.put(&phone, said("Is it the blue one?", &clock));
    for _ in 0..50 {
        clock.advance(12);
        crowd.act().await.unwrap();
    }
    assert_eq!(texts().len(), answered.len() + 1);
}
