//! The fate of each message: whether it was acknowledged, and how often each viewer saw it.
//! This is the bench's own check that nothing was lost, doubled or shown to the wrong people.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use serde::Serialize;

use crate::latency::{Latency, Summary};
use crate::plan::{Kind, Planned};

/// Whose browser shows a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    Agent,
    Customer,
    Supervisor,
}

const VIEWERS: [Viewer; 3] = [Viewer::Agent, Viewer::Customer, Viewer::Supervisor];

/// How the program answered a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// Stored, it says.
    Acknowledged,
    /// An error, from which it follows that it is not stored.
    Refused,
}

const ACKNOWLEDGED: u8 = 1;
const REFUSED: u8 = 2;

struct Record {
    planned: Planned,
    /// 0 until there is an answer.
    answer: AtomicU8,
    seen: [AtomicU8; 3],
}

/// The messages of one load.
pub struct DeliveryLog {
    load: usize,
    begun: Instant,
    records: Vec<Record>,
    strayed: AtomicU32,
    acknowledged: Latency,
    at: [Latency; 3],
}

/// How long it took, each counted from the moment at which the message was due.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Times {
    /// Until the sender had the answer.
    pub acknowledged: Summary,
    /// Until the agent's socket had what customer or supervisor wrote.
    pub agent: Summary,
    /// Until the customer's stream had what the agent wrote.
    pub customer: Summary,
    /// Until the supervisor's socket had what customer or agent wrote.
    pub supervisor: Summary,
}

impl Times {
    /// The slowest of all the 99th percentiles, in milliseconds.
    pub fn p99(&self) -> f64 {
        [
            self.acknowledged,
            self.agent,
            self.customer,
            self.supervisor,
        ]
        .iter()
        .fold(0.0, |worst, summary| f64::max(worst, summary.p99))
    }
}

/// What the check found. Everything but the first two should be 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub planned: u64,
    pub acknowledged: u64,
    pub refused: u64,
    pub unanswered: u64,
    /// Acknowledged, but one of its viewers did not see it.
    pub lost: u64,
    /// A viewer saw it more than once.
    pub doubled: u64,
    /// Coaching that a customer saw, or anything in a conversation where it was not written.
    pub leaked: u64,
}

impl Verdict {
    /// Nothing promised was broken: a refusal is an honest answer.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.leaked == 0
    }

    /// Everything that was due was done, once.
    pub fn complete(&self) -> bool {
        self.holds() && self.acknowledged == self.planned
    }

    pub fn add(&mut self, other: Verdict) {
        self.planned += other.planned;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unanswered += other.unanswered;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.leaked += other.leaked;
    }
}

/// Whether a viewer is shown messages of a kind.
fn shown(kind: Kind, viewer: Viewer) -> bool {
    !(kind == Kind::Coaching && viewer == Viewer::Customer)
}

/// Whether the way to this viewer is timed: it is another browser than the sender's.
fn timed(kind: Kind, viewer: Viewer) -> bool {
    match viewer {
        Viewer::Agent => kind != Kind::Agent,
        Viewer::Customer => kind == Kind::Agent,
        Viewer::Supervisor => kind != Kind::Coaching,
    }
}

/// The text of a message, by which it is known again; as long as a sentence.
pub fn text(load: usize, number: usize) -> String {
    format!(
        "bench {load} {number} I have looked into it, and your parcel leaves our house tomorrow at noon."
    )
}

/// Which load and which number a text is of; `None` for anything that the bench did not write.
pub fn parse(text: &str) -> Option<(usize, usize)> {
    let mut words = text.strip_prefix("bench ")?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

impl DeliveryLog {
    pub fn new(load: usize, begun: Instant, plan: &[Planned]) -> Self {
        let record = |planned: &Planned| Record {
            planned: *planned,
            answer: AtomicU8::new(0),
            seen: Default::default(),
        };
        Self {
            load,
            begun,
            records: plan.iter().map(record).collect(),
            strayed: AtomicU32::new(0),
            acknowledged: Latency::default(),
            at: Default::default(),
        }
    }

    pub fn text(&self, number: usize) -> String {
        text(self.load, number)
    }

    pub fn planned(&self, number: usize) -> Planned {
        self.records[number].planned
    }

    pub fn due(&self, number: usize) -> Instant {
        self.begun + self.records[number].planned.due
    }

    /// Only what was acknowledged is timed; the time of a refusal says nothing.
    pub fn answered(&self, number: usize, answer: SendOutcome, now: Instant) {
        let code = match answer {
            SendOutcome::Acknowledged => {
                self.acknowledged
                    .add(now.saturating_duration_since(self.due(number)));
                ACKNOWLEDGED
            }
            SendOutcome::Refused => REFUSED,
        };
        self.records[number].answer.store(code, Relaxed);
    }

    pub fn seen(&self, viewer: Viewer, conversation: usize, number: usize, now: Instant) {
        let Some(record) = self.records.get(number) else {
            self.strayed.fetch_add(1, Relaxed);
            return;
        };
        let Planned {
            kind,
            conversation: written,
            ..
        } = record.planned;
        if written != conversation {
            self.strayed.fetch_add(1, Relaxed);
            return;
        }
        let before = record.seen[viewer as usize].fetch_add(1, Relaxed);
        if before == 0 && timed(kind, viewer) {
            self.at[viewer as usize].add(now.saturating_duration_since(self.due(number)));
        }
    }

    /// Whether everything has an answer, and what was acknowledged is everywhere.
    pub fn settled(&self) -> bool {
        let verdict = self.verdict();
        verdict.unanswered == 0 && verdict.lost == 0
    }

    pub fn verdict(&self) -> Verdict {
        let mut verdict = Verdict {
            planned: self.records.len() as u64,
            leaked: u64::from(self.strayed.load(Relaxed)),
            ..Verdict::default()
        };
        for record in &self.records {
            let answer = record.answer.load(Relaxed);
            match answer {
                ACKNOWLEDGED => verdict.acknowledged += 1,
                REFUSED => verdict.refused += 1,
                _ => verdict.unanswered += 1,
            }
            for viewer in VIEWERS {
                let seen = record.seen[viewer as usize].load(Relaxed);
                if !shown(record.planned.kind, viewer) {
                    verdict.leaked += u64::from(seen > 0);
                    continue;
                }
                verdict.lost += u64::from(answer == ACKNOWLEDGED && seen == 0);
                verdict.doubled += u64::from(seen > 1);
            }
        }
        verdict
    }

    /// Compares the log with one conversation as `viewer` reads it back.
    pub fn read_back(&self, viewer: Viewer, conversation: usize, numbers: &[usize]) -> Verdict {
        let mut verdict = Verdict::default();
        let mut times = std::collections::HashMap::new();
        for number in numbers {
            *times.entry(*number).or_insert(0_u64) += 1;
        }
        for (number, record) in self.records.iter().enumerate() {
            let there = times.remove(&number).unwrap_or(0);
            if record.planned.conversation != conversation || !shown(record.planned.kind, viewer) {
                verdict.leaked += u64::from(there > 0);
                continue;
            }
            verdict.planned += 1;
            let acknowledged = record.answer.load(Relaxed) == ACKNOWLEDGED;
            verdict.acknowledged += u64::from(acknowledged);
            verdict.lost += u64::from(acknowledged && there == 0);
            verdict.doubled += u64::from(there > 1);
        }
        verdict.leaked += times.len() as u64;
        verdict
    }

    pub fn times(&self) -> Times {
        let [agent, customer, supervisor] = [0, 1, 2].map(|place| self.at[place].summary());
        Times {
            acknowledged: self.acknowledged.summary(),
            agent,
            customer,
            supervisor,
        }
    }
}

/// The loads so far. Viewers report what they see here, whatever load it belongs to.
#[derive(Clone, Default)]
pub struct Board(Arc<RwLock<Vec<Arc<DeliveryLog>>>>);

impl Board {
    /// Opens the next load.
    pub fn open(&self, begun: Instant, plan: &[Planned]) -> Arc<DeliveryLog> {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let delivery_log = Arc::new(DeliveryLog::new(all.len(), begun, plan));
        all.push(Arc::clone(&delivery_log));
        delivery_log
    }

    pub fn all(&self) -> Vec<Arc<DeliveryLog>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn seen(&self, viewer: Viewer, conversation: usize, text: &str) {
        let now = Instant::now();
        let Some((load, number)) = parse(text) else {
            return;
        };
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(delivery_log) = all.get(load) {
            delivery_log.seen(viewer, conversation, number, now);
        }
    }
}

#[cfg(test)]
#[path = "delivery_log_tests.rs"]
mod tests;
