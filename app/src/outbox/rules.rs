//! The rule for sending texts from this browser. Pure: inputs in, effects out; it reads no clock and no storage.
//!
//! A lane is one conversation with one audience. In a lane the first entry alone is sent, by one tab at a time, and
//! the next one not before it was acknowledged. An answer that cannot be read is no refusal: the same key is tried
//! again automatically. A refusal stops the lane until the user decides.

use serde::{Deserialize, Serialize, Serializer};
use shared::error::AppError;
use shared::ids::{CommandKey, EntryId, RequestId, UserId, WorkitemId};

use crate::language::error_text;

/// An entry that is older, in milliseconds, is not sent automatically: what it says may no longer be so.
pub const DAY_MS: f64 = 86_400_000.0;
/// The longest pause between two attempts.
const LONGEST_MS: f64 = 30_000.0;
/// The pause after the first failure; it doubles with each further one.
const SHORTEST_MS: f64 = 2_000.0;

/// For whom a text is, and where: a lane.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// The customer of a workitem.
    Customer(WorkitemId),
    /// The agent of a workitem: coaching.
    Agent(WorkitemId),
    /// Those who coach the agent of a workitem, from that agent.
    Coach(WorkitemId),
    /// The customer of a workitem, from a supervisor beside its agent.
    Barge(WorkitemId),
    /// Everybody of the staff who reads a workitem: a note.
    Staff(WorkitemId),
    /// Somebody in the Company Directory.
    Colleague(UserId),
}

impl Destination {
    /// What the agent of a workitem can write there, and nobody after them.
    pub fn of_agent(workitem: &WorkitemId) -> [Self; 3] {
        [Self::Customer, Self::Coach, Self::Staff].map(|to| to(workitem.clone()))
    }

    /// What a supervisor can write there beside its agent.
    pub fn of_supervisor(workitem: &WorkitemId) -> [Self; 2] {
        [Self::Agent, Self::Barge].map(|to| to(workitem.clone()))
    }

    /// The name under which its draft is kept.
    pub fn name(&self) -> String {
        match self {
            Destination::Customer(workitem) => format!("message-{workitem}"),
            Destination::Agent(workitem) => format!("coaching/{workitem}"),
            Destination::Coach(workitem) => format!("reply/{workitem}"),
            Destination::Barge(workitem) => format!("barge/{workitem}"),
            Destination::Staff(workitem) => format!("note/{workitem}"),
            Destination::Colleague(user) => format!("directory-{user}"),
        }
    }

    /// The destination of a name.
    pub fn named(name: &str) -> Option<Self> {
        let workitem = |id: &str| WorkitemId::parse(id).ok();
        if let Some(id) = name.strip_prefix("message-") {
            workitem(id).map(Destination::Customer)
        } else if let Some(id) = name.strip_prefix("coaching/") {
            workitem(id).map(Destination::Agent)
        } else if let Some(id) = name.strip_prefix("reply/") {
            workitem(id).map(Destination::Coach)
        } else if let Some(id) = name.strip_prefix("barge/") {
            workitem(id).map(Destination::Barge)
        } else if let Some(id) = name.strip_prefix("note/") {
            workitem(id).map(Destination::Staff)
        } else {
            let id = name.strip_prefix("directory-")?;
            UserId::parse(id).ok().map(Destination::Colleague)
        }
    }

    /// The destination of a name, or the one beside whose box a draft of this name is written.
    pub fn beside(name: &str) -> Option<Self> {
        Self::named(name).or_else(|| {
            let workitem = WorkitemId::parse(name.strip_prefix("transfer/")?);
            workitem.ok().map(Self::Customer)
        })
    }
}

/// The name under which the note of a transfer is kept until it is sent.
pub fn transfer_note(workitem: &WorkitemId) -> String {
    format!("transfer/{workitem}")
}

/// A time as the whole number that it is. Nothing else that the browser writes needs the code for fractions.
fn whole<S: Serializer>(ms: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(*ms as i64)
}

/// A text that has left its box and was not acknowledged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Under which it is sent, always the same.
    pub key: CommandKey,
    /// To whom.
    pub to: Destination,
    /// What.
    pub text: String,
    /// The raised hand that it answers.
    pub answers: Option<RequestId>,
    /// The agent for whom coaching was written; it goes to nobody else.
    #[serde(default)]
    pub reader: Option<UserId>,
    /// The coaching message that it forwards. The host sends what that one says, whatever stands here.
    #[serde(default)]
    pub forwards: Option<EntryId>,
    /// When it was written, in milliseconds, later than every other of its lane: its place.
    #[serde(serialize_with = "whole")]
    pub at: f64,
    /// When the user last said that it shall be sent, in milliseconds.
    #[serde(serialize_with = "whole")]
    pub asked: f64,
    /// Why it was refused.
    pub error: Option<String>,
    /// How the file is called that goes along. No storage takes it: this tab alone knows the entry.
    #[serde(skip)]
    pub file: Option<String>,
}

impl OutboxEntry {
    /// What a line says of it: its words, and how its file is called.
    pub fn shown(&self) -> String {
        match &self.file {
            None => self.text.clone(),
            Some(file) if self.text.is_empty() => file.clone(),
            Some(file) => [self.text.as_str(), "\n", file].concat(),
        }
    }
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is stored.
    Acknowledged,
    /// Nobody knows whether it is.
    Unreadable(String),
    /// Not yet: again after so many seconds.
    Later(i64),
    /// It will never be, as it is.
    Refused(String),
    /// Nobody is signed in any more. It waits for the user to come back.
    SignedOut,
}

impl Outcome {
    /// What an error means.
    pub fn of(error: &AppError) -> Self {
        match error {
            AppError::Unavailable => Self::Unreadable(error_text(error)),
            AppError::RateLimited { retry_after_s, .. } => Self::Later(*retry_after_s),
            AppError::Unauthenticated => Self::SignedOut,
            other => Self::Refused(error_text(other)),
        }
    }
}

/// What happens to the outbox.
#[derive(Clone, Debug)]
pub enum Input {
    /// This is what the storage holds now: after the start, and when another tab changed it.
    Stored(Vec<OutboxEntry>),
    /// The user sends a text.
    Submit(OutboxEntry),
    /// The storage did not take an entry: this tab alone knows it.
    Unkept(CommandKey),
    /// This tab alone may send in a lane, and this is what the storage holds now.
    Granted(Destination, Vec<OutboxEntry>),
    /// An attempt was answered.
    Answered(Destination, CommandKey, Outcome),
    /// A pause is over.
    Due(Destination),
    /// The network is back.
    Woken,
    /// The user wants the first entry of its lane to be sent now.
    Retry(CommandKey),
    /// The user takes an entry back, or throws it away.
    Remove(CommandKey),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Put it into the storage.
    Keep(OutboxEntry),
    /// Take it out of the storage.
    Forget(CommandKey),
    /// Ask to be the only tab that sends in a lane; answered by [`Input::Granted`].
    Lock(Destination),
    /// Let other tabs send there.
    Unlock(Destination),
    /// Send it; answered by [`Input::Answered`].
    Send(OutboxEntry),
    /// Answer with [`Input::Due`] after so many milliseconds.
    Wait(Destination, f64),
}

/// What an entry waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum DeliveryState {
    /// It is on its way.
    Sending,
    /// For the one before it.
    Behind,
    /// For the next attempt, for this reason.
    Again(String),
    /// For the user: it was refused for this reason.
    Refused(String),
    /// For the user: it is older than a day.
    Old,
}

#[derive(Clone, Debug, PartialEq)]
enum Work {
    Idle,
    Locking,
    Sending(CommandKey),
    Waiting,
    /// The session is over.
    Halted,
}

#[derive(Clone, Debug)]
struct Lane {
    to: Destination,
    work: Work,
    failures: u32,
    /// Why the last attempt brought nothing.
    reason: Option<String>,
}

/// Everything that was not acknowledged, and what this tab does about it.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// In order of their places.
    entries: Vec<OutboxEntry>,
    unkept: Vec<CommandKey>,
    lanes: Vec<Lane>,
}

impl Rules {
    /// Takes what happened at `now`, in milliseconds, and answers what is to be done, in order. `random` lies between
    /// 0 and 1.
    pub fn take(&mut self, input: Input, now: f64, random: f64) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Stored(entries) => self.read(entries),
            Input::Submit(mut entry) => {
                let of_lane = self.entries.iter().filter(|other| other.to == entry.to);
                let last = of_lane.map(|other| other.at).fold(0.0, f64::max);
                if last >= entry.at {
                    entry.at = last + 1.0;
                }
                effects.push(Effect::Keep(entry.clone()));
                self.entries.push(entry);
                self.sort();
            }
            Input::Unkept(key) => self.unkept.push(key),
            Input::Granted(to, entries) => {
                self.read(entries);
                let next = self
                    .first(&to)
                    .filter(|entry| sendable(entry, now))
                    .cloned();
                let lane = self.lane(&to);
                match next {
                    Some(entry) if lane.work == Work::Locking => {
                        lane.work = Work::Sending(entry.key.clone());
                        effects.push(Effect::Send(entry));
                    }
                    _ => {
                        if lane.work == Work::Locking {
                            lane.work = Work::Idle;
                        }
                        effects.push(Effect::Unlock(to));
                    }
                }
            }
            Input::Answered(to, key, outcome) => {
                self.answered(&to, &key, outcome, random, &mut effects);
            }
            Input::Due(to) => {
                let lane = self.lane(&to);
                if lane.work == Work::Waiting {
                    lane.work = Work::Idle;
                }
            }
            Input::Woken => {
                for lane in &mut self.lanes {
                    if lane.work == Work::Waiting {
                        lane.work = Work::Idle;
                    }
                }
            }
            Input::Retry(key) => {
                if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key) {
                    if entry.error.take().is_some() {
                        // A user who sends it once more has read why it was refused, whether or not another agent was the reason.
                        entry.reader = None;
                    }
                    entry.asked = now;
                    effects.push(Effect::Keep(entry.clone()));
                    let to = entry.to.clone();
                    let lane = self.lane(&to);
                    if lane.work == Work::Waiting {
                        lane.work = Work::Idle;
                    }
                }
            }
            Input::Remove(key) => self.forget(&key, &mut effects),
        }
        self.begin(now, &mut effects);
        effects
    }

    /// Every entry in order, with what it waits for.
    pub fn states(&self, now: f64) -> Vec<(OutboxEntry, DeliveryState)> {
        let mut seen: Vec<&Destination> = Vec::new();
        let mut states = Vec::new();
        for entry in &self.entries {
            if seen.contains(&&entry.to) {
                states.push((entry.clone(), DeliveryState::Behind));
                continue;
            }
            seen.push(&entry.to);
            let lane = self.lanes.iter().find(|lane| lane.to == entry.to);
            let sending = lane.is_some_and(|lane| lane.work == Work::Sending(entry.key.clone()));
            let reason = lane.and_then(|lane| lane.reason.clone());
            let state = match (&entry.error, reason) {
                _ if sending => DeliveryState::Sending,
                (Some(error), _) => DeliveryState::Refused(error.clone()),
                (None, _) if !sendable(entry, now) => DeliveryState::Old,
                (None, Some(reason)) => DeliveryState::Again(reason),
                (None, None) => DeliveryState::Sending,
            };
            states.push((entry.clone(), state));
        }
        states
    }

    /// Whether the entry is the only one of its lane.
    pub fn alone(&self, key: &CommandKey) -> bool {
        let to = self.entries.iter().find(|entry| &entry.key == key);
        to.is_some_and(|entry| {
            let lane = self.entries.iter().filter(|other| other.to == entry.to);
            lane.count() == 1
        })
    }

    fn first(&self, to: &Destination) -> Option<&OutboxEntry> {
        self.entries.iter().find(|entry| &entry.to == to)
    }

    fn lane(&mut self, to: &Destination) -> &mut Lane {
        let at = self.lanes.iter().position(|lane| &lane.to == to);
        let at = at.unwrap_or_else(|| {
            self.lanes.push(Lane {
                to: to.clone(),
                work: Work::Idle,
                failures: 0,
                reason: None,
            });
            self.lanes.len() - 1
        });
        &mut self.lanes[at]
    }

    fn sort(&mut self) {
        self.entries.sort_by(|a, b| {
            a.at.total_cmp(&b.at)
                .then_with(|| a.key.as_str().cmp(b.key.as_str()))
        });
    }

    fn read(&mut self, mut stored: Vec<OutboxEntry>) {
        let unkept = std::mem::take(&mut self.entries)
            .into_iter()
            .filter(|entry| {
                self.unkept.contains(&entry.key)
                    && !stored.iter().any(|stored| stored.key == entry.key)
            });
        let unkept: Vec<OutboxEntry> = unkept.collect();
        stored.extend(unkept);
        self.entries = stored;
        self.sort();
    }

    fn forget(&mut self, key: &CommandKey, effects: &mut Vec<Effect>) {
        self.entries.retain(|entry| &entry.key != key);
        self.unkept.retain(|unkept| unkept != key);
        effects.push(Effect::Forget(key.clone()));
    }

    fn answered(
        &mut self,
        to: &Destination,
        key: &CommandKey,
        outcome: Outcome,
        random: f64,
        effects: &mut Vec<Effect>,
    ) {
        let lane = self.lane(to);
        if lane.work != Work::Sending(key.clone()) {
            return;
        }
        lane.work = Work::Idle;
        lane.reason = None;
        effects.push(Effect::Unlock(to.clone()));
        match outcome {
            Outcome::Acknowledged => {
                lane.failures = 0;
                self.forget(key, effects);
            }
            Outcome::Unreadable(reason) => {
                lane.failures += 1;
                lane.reason = Some(reason);
                lane.work = Work::Waiting;
                effects.push(Effect::Wait(to.clone(), pause_ms(lane.failures, random)));
            }
            Outcome::Later(seconds) => {
                lane.reason = Some(t!(outbox.too_fast).to_owned());
                lane.work = Work::Waiting;
                // Jitter after the pause, so that many do not come back together.
                let pause = seconds.max(1) as f64 * 1_000.0 + random * 1_000.0;
                effects.push(Effect::Wait(to.clone(), pause));
            }
            Outcome::Refused(reason) => {
                lane.failures = 0;
                if let Some(entry) = self.entries.iter_mut().find(|entry| &entry.key == key) {
                    entry.error = Some(reason);
                    effects.push(Effect::Keep(entry.clone()));
                }
            }
            Outcome::SignedOut => lane.work = Work::Halted,
        }
    }

    /// Asks for the lanes in which something can be sent.
    fn begin(&mut self, now: f64, effects: &mut Vec<Effect>) {
        let mut seen: Vec<Destination> = Vec::new();
        for entry in &self.entries {
            if seen.contains(&entry.to) {
                continue;
            }
            seen.push(entry.to.clone());
        }
        for to in seen {
            let ready = self.first(&to).is_some_and(|entry| sendable(entry, now));
            let lane = self.lane(&to);
            if ready && lane.work == Work::Idle {
                lane.work = Work::Locking;
                effects.push(Effect::Lock(to));
            }
        }
    }
}

fn sendable(entry: &OutboxEntry, now: f64) -> bool {
    entry.error.is_none() && now - entry.asked <= DAY_MS
}

/// Between half of a ceiling and the ceiling, which doubles with each failure.
fn pause_ms(failures: u32, random: f64) -> f64 {
    let doublings = failures.saturating_sub(1).min(8);
    let ceiling = (SHORTEST_MS * f64::from(1_u32 << doublings)).min(LONGEST_MS);
    ceiling / 2.0 * (1.0 + random)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
