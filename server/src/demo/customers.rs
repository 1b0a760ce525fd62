//! Simulated customers: they answer agents at a human pace in the demo's own conversations, and now and then
//! somebody new comes to the chat page. They never write into a conversation that a real visitor began: they know
//! only the workitems of the stories and those of their own visitors.

use std::time::Duration;

use shared::customer::{CustomerBody, CustomerFrame};
use shared::error::AppError;
use shared::ids::{ChannelKey, CommandKey, WorkitemId};
use shared::text::{CustomerName, MessageText};
use shared::time::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::lines::{Cue, OPENINGS, Topic};
use super::{CARE, stories};
use crate::desk::{Desk, outward};

/// The most chats of simulated visitors that are open at once.
const VISITORS: usize = 6;
/// Seconds between two things that customers do.
const PACE: (u64, u64) = (6, 20);
/// Seconds between two new visitors.
const ARRIVALS: (u64, u64) = (40, 90);
/// After so many answers a customer thanks and says no more.
const ROUNDS: usize = 4;
/// Nobody answers faster than a person reads, in seconds.
const READING: i64 = 4;
/// After so many seconds without an answer a customer asks again.
const PATIENCE: i64 = 150;
/// How often a customer asks again.
const REMINDERS: usize = 2;

/// Runs beside the host until `stopped` turns true.
pub fn spawn(desk: Desk, mut stopped: watch::Receiver<bool>) {
    tokio::spawn(async move {
        let Some(mut crowd) = Crowd::gather(desk).await else {
            return;
        };
        loop {
            let pause = crowd.dice.seconds(PACE);
            tokio::select! {
                () = sleep(pause) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return,
            }
            if let Err(error) = crowd.act().await {
                tracing::warn!(%error, "a simulated customer could not write");
            }
        }
    });
}

/// One simulated customer in one conversation.
struct Customer {
    workitem: WorkitemId,
    topic: Topic,
    frames: Vec<CustomerFrame>,
    /// How many lines there were when the customer was met; older ones are no reason to hurry.
    met: usize,
    rounds: usize,
    reminders: usize,
    /// Says nothing more.
    done: bool,
}

/// All of them.
struct Crowd {
    desk: Desk,
    channel: ChannelKey,
    customers: Vec<Customer>,
    /// The visitors' present workitems, by seat.
    seats: [Option<WorkitemId>; VISITORS],
    next_arrival: Instant,
    dice: Dice,
}

impl Crowd {
    /// Finds the conversations that the demo began, in this run or one before.
    async fn gather(desk: Desk) -> Option<Self> {
        let channel = ChannelKey::parse(CARE).ok()?;
        let mut crowd = Self {
            channel,
            customers: Vec::new(),
            seats: Default::default(),
            next_arrival: Instant::now(),
            dice: Dice::new()?,
            desk,
        };
        for story in stories::all(crowd.desk.clock().now()).ok()? {
            if story.import.channel.coachable() && story.over.is_none() {
                crowd.meet(story.import.id, story.topic).await;
            }
        }
        for seat in 0..VISITORS {
            let visit = crowd
                .desk
                .store()
                .customer_visit(&crowd.channel, &visitor(seat))
                .await
                .ok()?;
            if let Some((workitem, name)) = visit {
                let topic = OPENINGS
                    .iter()
                    .find(|opening| opening.0 == name)
                    .map_or(Topic::Delivery, |it| it.2);
                crowd.meet(workitem.clone(), topic).await;
                crowd.seats[seat] = Some(workitem);
            }
        }
        crowd.next_arrival += crowd.dice.seconds(ARRIVALS);
        Some(crowd)
    }

    async fn meet(&mut self, workitem: WorkitemId, topic: Topic) {
        let frames = Vec::new();
        let customer = Customer {
            workitem,
            topic,
            frames,
            met: 0,
            rounds: 0,
            reminders: 0,
            done: false,
        };
        self.customers.push(customer);
        if let Some(customer) = self.customers.last_mut()
            && customer.listen(&self.desk).await.is_ok()
        {
            customer.met = customer.frames.len();
        }
    }

    /// One of them writes, or nobody has a reason to.
    async fn act(&mut self) -> Result<(), AppError> {
        for customer in &mut self.customers {
            customer.listen(&self.desk).await?;
        }
        if Instant::now() >= self.next_arrival {
            self.next_arrival += self.dice.seconds(ARRIVALS);
            if self.arrive().await? {
                return Ok(());
            }
        }
        let now = self.desk.clock().now();
        // Who was answered last is the one whose agent is at work just now.
        let fresh = self
            .customers
            .iter_mut()
            .filter(|customer| customer.heard(now) && customer.is_fresh());
        if let Some(customer) =
            fresh.max_by_key(|customer| customer.frames.last().map(|frame| frame.at))
        {
            return customer.answer(&self.desk, &mut self.dice).await;
        }
        let dice = &mut self.dice;
        let mut others: Vec<_> = self
            .customers
            .iter_mut()
            .filter(|customer| customer.heard(now) || customer.is_impatient(now))
            .collect();
        if others.is_empty() || dice.below(3) != 0 {
            return Ok(());
        }
        let chosen = dice.below(others.len());
        match others.get_mut(chosen) {
            Some(customer) => customer.answer(&self.desk, dice).await,
            None => Ok(()),
        }
    }

    /// Somebody new takes a free seat; `false` when there is none.
    async fn arrive(&mut self) -> Result<bool, AppError> {
        let is_open = |workitem: &WorkitemId| {
            let mut theirs = self
                .customers
                .iter()
                .filter(|customer| customer.workitem == *workitem);
            theirs.any(|customer| !customer.is_over())
        };
        let free = self
            .seats
            .iter()
            .position(|seat| !seat.as_ref().is_some_and(is_open));
        let Some(seat) = free else { return Ok(false) };
        let (name, line, topic) = OPENINGS[self.dice.below(OPENINGS.len())];
        let key = CommandKey::parse(self.desk.ids().next())?;
        let (name, line) = (CustomerName::parse(name)?, MessageText::parse(line)?);
        let sent = self
            .desk
            .customer_send(&self.channel, &visitor(seat), name, line, key)
            .await?;
        self.customers.retain(|customer| !customer.is_over());
        self.meet(sent.workitem.clone(), topic).await;
        self.seats[seat] = Some(sent.workitem);
        Ok(true)
    }
}

impl Customer {
    /// Reads what was said since.
    async fn listen(&mut self, desk: &Desk) -> Result<(), AppError> {
        let last = self.frames.last().map_or(0, |frame| frame.seq);
        let new = desk
            .store()
            .customer_frames(&self.workitem, last, 200)
            .await
            .map_err(outward)?;
        self.frames.extend(new);
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|frame| frame.body == CustomerBody::Ended)
    }

    fn is_fresh(&self) -> bool {
        self.frames.len() > self.met
    }

    /// Whether the agent spoke last, long enough ago to have been read.
    fn heard(&self, now: Timestamp) -> bool {
        !self.done
            && self.frames.last().is_some_and(|frame| {
                matches!(frame.body, CustomerBody::Theirs { .. })
                    && now.seconds_since(frame.at) >= READING
            })
    }

    /// Whether the customer has been waiting for too long.
    fn is_impatient(&self, now: Timestamp) -> bool {
        !self.done
            && self.reminders < REMINDERS
            && self.frames.last().is_some_and(|frame| {
                matches!(frame.body, CustomerBody::Mine { .. })
                    && now.seconds_since(frame.at) >= PATIENCE
            })
    }

    async fn answer(&mut self, desk: &Desk, dice: &mut Dice) -> Result<(), AppError> {
        let cue = match self.frames.last().map(|frame| &frame.body) {
            Some(CustomerBody::Theirs { .. }) if self.rounds >= ROUNDS => Cue::Goodbye,
            Some(CustomerBody::Theirs { text, .. }) if text.contains('?') => Cue::Question,
            Some(CustomerBody::Theirs { .. }) => Cue::Statement,
            _ => Cue::Silence,
        };
        match cue {
            Cue::Silence => self.reminders += 1,
            Cue::Goodbye => self.done = true,
            Cue::Question | Cue::Statement => self.rounds += 1,
        }
        let line = self.unsaid(cue, dice);
        match desk
            .customer_answer(&self.workitem, MessageText::parse(line)?)
            .await
        {
            // It ended while the customer was typing.
            Err(AppError::Conflict { .. } | AppError::NotFound) => {
                self.done = true;
                Ok(())
            }
            other => other,
        }
    }

    /// A line that this customer has not said yet, if there is one.
    fn unsaid(&self, cue: Cue, dice: &mut Dice) -> &'static str {
        let lines = self.topic.lines(cue);
        let first = dice.below(lines.len());
        let mut turned = lines.iter().cycle().skip(first).take(lines.len());
        let said = |line: &&&str| {
            self.frames.iter().any(
                |frame| matches!(&frame.body, CustomerBody::Mine { text, .. } if text == *line),
            )
        };
        turned.find(|line| !said(line)).unwrap_or(&lines[first])
    }
}

/// No cookie hashes to this, so no real visitor can be one of them.
fn visitor(seat: usize) -> String {
    format!("simulated-{seat}")
}

/// Chance: xorshift64*, which is plenty for this.
struct Dice(u64);

impl Dice {
    fn new() -> Option<Self> {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).ok()?;
        Some(Self(u64::from_le_bytes(seed) | 1))
    }

    /// A number from 0 to `end`, without `end`; 0 when there is nothing to choose from.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or_default() % end.max(1)
    }

    fn seconds(&mut self, (least, most): (u64, u64)) -> Duration {
        let span = usize::try_from(most - least).unwrap_or_default();
        Duration::from_secs(least + u64::try_from(self.below(span + 1)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(frames: Vec<CustomerFrame>) -> Customer {
        let workitem = WorkitemId::parse("wi").unwrap();
        Customer {
            workitem,
            topic: Topic::Refund,
            frames,
            met: 0,
            rounds: 0,
            reminders: 0,
            done: false,
        }
    }

    fn said(seq: i64, second: i64, text: &str) -> CustomerFrame {
        let body = CustomerBody::Mine {
            text: text.to_owned(),
            key: "k".to_owned(),
        };
        CustomerFrame {
            seq,
            at: Timestamp(second * 1_000_000),
            body,
        }
    }

    fn heard(seq: i64, second: i64) -> CustomerFrame {
        let body = CustomerBody::Theirs {
            name: "Amy Adler".to_owned(),
            text: "Which order?".to_owned(),
        };
        CustomerFrame {
            seq,
            at: Timestamp(second * 1_000_000),
            body,
        }
    }

    #[test]
    fn a_customer_reads_before_answering_and_waits_before_asking_again() {
        let at = |second: i64| Timestamp(second * 1_000_000);
        let answered = customer(vec![said(1, 0, "Hello"), heard(2, 10)]);
        assert!(!answered.heard(at(12)) && answered.heard(at(14)));
        let mut waiting = customer(vec![said(1, 0, "Hello")]);
        assert!(
            !waiting.heard(at(500))
                && !waiting.is_impatient(at(100))
                && waiting.is_impatient(at(150))
        );
        waiting.reminders = REMINDERS;
        assert!(!waiting.is_impatient(at(500)));
    }

    #[test]
    fn a_customer_repeats_nothing_while_there_is_something_else_to_say() {
        let mut dice = Dice(1);
        let lines = Topic::Refund.lines(Cue::Question);
        let mut speaker = customer(Vec::new());
        for seq in 1..=lines.len() {
            let line = speaker.unsaid(Cue::Question, &mut dice);
            assert!(
                speaker
                    .frames
                    .iter()
                    .all(|frame| *frame != said(frame.seq, 0, line))
            );
            speaker.frames.push(said(seq as i64, 0, line));
        }
        assert!(lines.contains(&speaker.unsaid(Cue::Question, &mut dice)));
    }

    #[test]
    fn pauses_stay_within_their_bounds() {
        let mut dice = Dice::new().unwrap();
        for _ in 0..1_000 {
            assert!((6..=20).contains(&dice.seconds(PACE).as_secs()));
        }
    }
}
