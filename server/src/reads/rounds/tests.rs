//! Stories of those who ask at the same time, over a store whose snapshots wait for the test.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use shared::ids::WorkitemId;
use shared::time::Timestamp;
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::sync::{Semaphore, watch};
use tokio::task::yield_now;

use super::*;
use crate::clock_and_ids::{RandomIds, SystemClock};
use crate::desk::{Desk, DeskConfig};
use crate::store::sqlite::SqliteStore;
use crate::store::{CommitListener, ErasedAnswer, ErasedCommand, Snapshot, Written};

const AT_ONCE: usize = 2;

/// A store whose snapshots, once they have begun, wait for a permit.
struct Held {
    store: Arc<SqliteStore>,
    begun: AtomicUsize,
    /// How many of them are looks.
    looks: AtomicUsize,
    permits: Semaphore,
    folder: TempDir,
}

impl Held {
    async fn open() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("sideline.db")).await;
        Arc::new(Self {
            store: Arc::new(store.unwrap()),
            begun: AtomicUsize::new(0),
            looks: AtomicUsize::new(0),
            permits: Semaphore::new(0),
            folder,
        })
    }

    async fn until_begun(&self, count: usize) {
        while self.begun.load(Ordering::SeqCst) < count {
            yield_now().await;
        }
    }

    /// Stores a channel that nobody knows.
    fn damage(&self, workitem: &WorkitemId) {
        let file = self.folder.path().join("sideline.db");
        let file = rusqlite::Connection::open(file).unwrap();
        file.execute_batch("PRAGMA ignore_check_constraints = ON")
            .unwrap();
        let damage = "UPDATE workitems SET channel = 'pigeon' WHERE id = ?1";
        let damaged = file.execute(damage, [workitem.as_str()]).unwrap();
        assert_eq!(damaged, 1);
    }

    fn let_all_go(&self) {
        self.permits.add_permits(1_000);
    }
}

#[async_trait]
impl Store for Held {
    fn epoch(&self) -> &str {
        self.store.epoch()
    }

    async fn execute_erased(
        &self,
        command: Box<dyn ErasedCommand>,
    ) -> Stored<Written<ErasedAnswer>> {
        self.store.execute_erased(command).await
    }

    async fn snapshot(&self) -> Stored<Box<dyn Snapshot>> {
        let mut rows = self.store.snapshot().await?;
        // Its first operation says of which state it is.
        rows.workitem_heads(&[]).await?;
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.permits.acquire().await.expect("it is open").forget();
        Ok(rows)
    }

    async fn look(&self) -> Stored<Box<dyn Snapshot>> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.snapshot().await
    }

    fn listen(&self, listener: Arc<dyn CommitListener>) {
        self.store.listen(listener);
    }

    async fn probe(&self) -> Stored<()> {
        self.store.probe().await
    }
}

fn about(workitem: &WorkitemId) -> LiveQuestion {
    LiveQuestion {
        workitems: vec![workitem.clone()],
        ..LiveQuestion::default()
    }
}

fn nobodys() -> LiveQuestion {
    about(&WorkitemId::parse("nobodys").unwrap())
}

/// Asks and goes on.
fn asking(
    rounds: &Arc<Rounds>,
    question: LiveQuestion,
) -> tokio::task::JoinHandle<Stored<LiveAnswer>> {
    let rounds = Arc::clone(rounds);
    tokio::spawn(async move { rounds.ask(question).await })
}

/// Until so many wait for a round.
async fn until_waiting(rounds: &Rounds, count: usize) {
    while rounds.state().waiting.len() < count {
        yield_now().await;
    }
}

#[tokio::test]
async fn who_asks_while_rounds_are_under_way_shares_the_next_one() {
    let store = Held::open().await;
    let rounds = Arc::new(Rounds::over(store.clone(), AT_ONCE));
    let mut all = Vec::new();
    for number in 1..=AT_ONCE {
        all.push(asking(&rounds, nobodys()));
        store.until_begun(number).await;
    }
    all.extend((0..20).map(|_| asking(&rounds, nobodys())));
    until_waiting(&rounds, 20).await;
    store.let_all_go();
    for asked in all {
        assert!(asked.await.unwrap().unwrap().workitems.is_empty());
    }
    assert_eq!(store.begun.load(Ordering::SeqCst), AT_ONCE + 1);
    assert_eq!(rounds.state().under_way, 0);
}

#[tokio::test]
async fn what_is_read_together_takes_no_snapshot() {
    let store = Held::open().await;
    store.let_all_go();
    let rounds = Arc::new(Rounds::over(store.clone(), AT_ONCE));
    let session = Some(("nobodys".to_owned(), Timestamp(0)));
    let of_session = LiveQuestion {
        session: session.clone(),
        ..nobodys()
    };
    rounds.ask(nobodys()).await.unwrap();
    rounds.ask(of_session).await.unwrap();
    assert_eq!(store.looks.load(Ordering::SeqCst), 2);
    // What takes several statements is of one state as well.
    let with_replies = LiveQuestion {
        session,
        replies: true,
        ..LiveQuestion::default()
    };
    rounds.ask(with_replies).await.unwrap();
    assert_eq!(store.looks.load(Ordering::SeqCst), 2);
    assert_eq!(store.begun.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn those_whom_one_event_wakes_share_a_round() {
    let store = Held::open().await;
    store.let_all_go();
    let rounds = Arc::new(Rounds::over(store.clone(), AT_ONCE));
    let event = watch::Sender::new(());
    let mut all = Vec::new();
    for _ in 0..5 {
        let (mut woken, rounds) = (event.subscribe(), Arc::clone(&rounds));
        all.push(tokio::spawn(async move {
            woken.changed().await.unwrap();
            rounds.ask(nobodys()).await
        }));
    }
    // As a connection publishes: on the thread on which they go on.
    let publishes = tokio::spawn(async move {
        event.send_replace(());
        event
    });
    let _event = publishes.await.unwrap();
    for asked in all {
        asked.await.unwrap().unwrap();
    }
    assert_eq!(store.begun.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nobody_is_told_what_was_there_before_they_asked() {
    let store = Held::open().await;
    let rounds = Arc::new(Rounds::over(store.clone(), AT_ONCE));
    let mut before = Vec::new();
    for number in 1..=AT_ONCE {
        before.push(asking(&rounds, nobodys()));
        store.until_begun(number).await;
    }
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
    let desk = Desk::new(store.store.clone(), clock, ids, DeskConfig::default());
    crate::demo::seed(&desk).await.unwrap();
    let amy = "amy".parse().unwrap();
    let work = desk.reads().view().agent_workitems(&amy).await.unwrap();
    let after = asking(&rounds, about(&work[0].id));
    until_waiting(&rounds, 1).await;
    store.let_all_go();
    assert!(
        after
            .await
            .unwrap()
            .unwrap()
            .workitems
            .contains_key(&work[0].id)
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_fails_only_those_who_ask_about_it() {
    let store = Held::open().await;
    let rounds = Arc::new(Rounds::over(store.clone(), AT_ONCE));
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
    let desk = Desk::new(store.store.clone(), clock, ids, DeskConfig::default());
    crate::demo::seed(&desk).await.unwrap();
    let amy = "amy".parse().unwrap();
    let work = desk.reads().view().agent_workitems(&amy).await.unwrap();
    let [sound, broken] = [&work[0].id, &work[1].id];
    store.damage(broken);
    let mut before = Vec::new();
    for number in 1..=AT_ONCE {
        before.push(asking(&rounds, nobodys()));
        store.until_begun(number).await;
    }
    let about_broken = asking(&rounds, about(broken));
    let about_others = [sound, sound, sound, sound].map(|id| asking(&rounds, about(id)));
    until_waiting(&rounds, 5).await;
    store.let_all_go();
    for asked in about_others {
        let answer = asked.await.unwrap().unwrap();
        assert!(answer.workitems.contains_key(sound));
    }
    about_broken.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn who_stops_waiting_is_not_read_for() {
    let store = Held::open().await;
    let rounds = Arc::new(Rounds::over(store.clone(), AT_ONCE));
    let mut all = Vec::new();
    for number in 1..=AT_ONCE {
        all.push(asking(&rounds, nobodys()));
        store.until_begun(number).await;
    }
    let gone = asking(&rounds, nobodys());
    until_waiting(&rounds, 1).await;
    gone.abort();
    assert!(gone.await.is_err());
    store.let_all_go();
    for asked in all {
        asked.await.unwrap().unwrap();
    }
    while rounds.state().under_way > 0 {
        yield_now().await;
    }
    assert_eq!(store.begun.load(Ordering::SeqCst), AT_ONCE);
}

#[tokio::test]
async fn a_store_that_is_closed_tells_everybody_who_waits() {
    let store = Held::open().await;
    let rounds = Arc::new(Rounds::over(store.clone(), AT_ONCE));
    let mut held = Vec::new();
    for number in 1..=AT_ONCE {
        held.push(asking(&rounds, nobodys()));
        store.until_begun(number).await;
    }
    let waiting = [asking(&rounds, nobodys()), asking(&rounds, nobodys())];
    until_waiting(&rounds, 2).await;
    store.store.close().await;
    store.let_all_go();
    for asked in waiting {
        asked.await.unwrap().unwrap_err();
    }
}

/// A task of another runtime makes the round; that runtime ends.
#[test]
fn who_waits_for_a_round_that_is_given_up_is_told_and_others_can_ask() {
    let runtime = || {
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(1).enable_all();
        builder.build().unwrap()
    };
    let (ours, theirs) = (runtime(), runtime());
    let store = ours.block_on(Held::open());
    let rounds = Arc::new(Rounds::over(store.clone(), AT_ONCE));
    for number in 1..=AT_ONCE {
        let rounds = Arc::clone(&rounds);
        theirs.spawn(async move { rounds.ask(nobodys()).await });
        ours.block_on(store.until_begun(number));
    }
    ours.block_on(async {
        let waits = asking(&rounds, nobodys());
        until_waiting(&rounds, 1).await;
        theirs.shutdown_background();
        waits.await.unwrap().unwrap_err();
        store.let_all_go();
        while rounds.state().under_way > 0 {
            yield_now().await;
        }
        rounds.ask(nobodys()).await.unwrap();
    });
}
