//! One load: what is planned is sent when it is due, whether or not the program keeps up, and what it cost is read
//! from outside.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::delivery_log::{Board, DeliveryLog, SendOutcome, Times, Verdict};
use crate::failure::{Outcome, While};
use crate::measures::Written;
use crate::plan::{Kind, Planned, period, plan};
use crate::process::Process;

/// Between the making of the plan and its first message.
const BREATH: Duration = Duration::from_millis(200);
/// Requests on their way at once at most. What is due beyond it waits here, and its time counts.
const AT_ONCE: usize = 512;
/// How long the last messages may take to be everywhere.
const DRAIN: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What a load showed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Loaded {
    /// Messages a second that were planned, coaching apart.
    pub rate: f64,
    pub seconds: f64,
    /// In milliseconds, from when each message was due.
    pub times: Times,
    pub verdict: Verdict,
    /// Sockets and streams that were closed meanwhile and came back.
    pub reconnected: usize,
    /// Processor time of the program for each acknowledged message, everything that went on beside it included.
    pub cpu_micros_per_message: f64,
    /// Processor time that the program took, in processors.
    pub processors: f64,
    /// Committed transactions for each acknowledged message: each waits for one sync of the write-ahead log.
    pub commits_per_message: f64,
    /// Writes of the store for each acknowledged message.
    pub writes_per_message: f64,
    /// Transactions that met another one in PostgreSQL, for each acknowledged message.
    pub retried_per_message: f64,
}

/// The people who send what is planned, and the board on which they report what they see.
pub trait Crowd: Send + Sync + 'static {
    fn board(&self) -> &Board;
    fn conversations(&self) -> usize;
    /// Whether it has messages of this kind.
    fn sends(&self, kind: Kind) -> bool;
    /// Sockets and streams that were closed so far.
    fn reconnected(&self) -> usize;
    /// Sends one message from its planned sender. `Ok(true)`: the program acknowledged it.
    fn send(
        &self,
        load: usize,
        number: usize,
        planned: Planned,
        text: &str,
    ) -> impl Future<Output = Outcome<bool>> + Send;
}

/// Calls `send` for each number when it is due, from a thread of its own: the runtime's clock goes in whole
/// milliseconds, which would count as the program's.
pub fn keep_time(begun: Instant, plan: &[Planned], mut send: impl FnMut(usize)) {
    for (number, planned) in plan.iter().enumerate() {
        let wait = (begun + planned.due).saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        send(number);
    }
}

async fn send(
    crowd: Arc<impl Crowd>,
    delivery_log: Arc<DeliveryLog>,
    turns: Arc<Semaphore>,
    load: usize,
    number: usize,
) {
    let _turn = turns.acquire().await;
    let text = delivery_log.text(number);
    let sent = crowd
        .send(load, number, delivery_log.planned(number), &text)
        .await;
    let now = Instant::now();
    match sent {
        Ok(true) => delivery_log.answered(number, SendOutcome::Acknowledged, now),
        Ok(false) => delivery_log.answered(number, SendOutcome::Refused, now),
        // Without an answer the outcome is unknown: it counts as unanswered.
        Err(_) => {}
    }
}

/// What the crowd sends in its next load.
pub fn next_plan(crowd: &impl Crowd, rate: f64, length: Duration) -> Vec<Planned> {
    let conversations = crowd.conversations();
    let loads = crowd.board().all().len();
    let mut plan = plan(
        conversations,
        period(conversations, rate),
        length,
        loads as u64,
    );
    plan.retain(|planned| crowd.sends(planned.kind));
    plan
}

/// Has the crowd write `rate` messages a second for `length`.
pub async fn load(
    process: &Process,
    crowd: &Arc<impl Crowd>,
    rate: f64,
    length: Duration,
) -> Outcome<Loaded> {
    let number = crowd.board().all().len();
    let plan = next_plan(&**crowd, rate, length);
    let (cpu, written) = (process.cpu_time()?, Written::read(process).await?);
    let reconnected = crowd.reconnected();
    let begun = Instant::now() + BREATH;
    let delivery_log = crowd.board().open(begun, &plan);

    let (runtime, turns) = (Handle::current(), Arc::new(Semaphore::new(AT_ONCE)));
    let (senders, their_log) = (Arc::clone(crowd), Arc::clone(&delivery_log));
    let metronome = tokio::task::spawn_blocking(move || {
        let mut sends = JoinSet::new();
        let _inside = runtime.enter();
        keep_time(begun, &plan, |message| {
            let (crowd, delivery_log) = (Arc::clone(&senders), Arc::clone(&their_log));
            sends.spawn(send(
                crowd,
                delivery_log,
                Arc::clone(&turns),
                number,
                message,
            ));
        });
        sends
    });
    let sends = metronome.await.when("the sending stopped")?;
    sends.join_all().await;
    let drained = Instant::now();
    while !delivery_log.settled() && drained.elapsed() < DRAIN {
        tokio::time::sleep(LOOK_AGAIN).await;
    }

    let seconds = begun.elapsed().as_secs_f64();
    let cpu = (process.cpu_time()? - cpu).as_secs_f64();
    let after = Written::read(process).await?;
    let verdict = delivery_log.verdict();
    let each = |total: f64| total / (verdict.acknowledged.max(1) as f64);
    Ok(Loaded {
        rate,
        seconds,
        times: delivery_log.times(),
        verdict,
        reconnected: crowd.reconnected() - reconnected,
        cpu_micros_per_message: each(cpu * 1e6),
        processors: cpu / seconds,
        commits_per_message: each(after.commits - written.commits),
        writes_per_message: each(after.writes - written.writes),
        retried_per_message: each(after.retried - written.retried),
    })
}
