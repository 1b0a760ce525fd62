//! One simulated customer: when there is a reason to write, and which line fits.

use shared::customer::{CustomerBody, CustomerFrame};
use shared::error::AppError;
use shared::ids::WorkitemId;
use shared::text::MessageText;
use shared::time::Timestamp;

use crate::demo::dice::Dice;
use crate::demo::lines::{Concern, Cue, answers};
use crate::demo::phones::{PhoneId, PhoneText};
use crate::demo::stand_ins::StandIns;
use crate::desk::{Desk, to_app_error};

/// After so many answers a customer thanks and says no more.
const ROUNDS: usize = 4;
/// Nobody answers faster than a person reads, in seconds.
const READING: i64 = 4;
/// After so many seconds without an answer a customer asks again.
const PATIENCE: i64 = 150;
/// How often a customer asks again.
const REMINDERS: usize = 2;

/// Where customers reach the contact centre.
#[derive(Clone)]
pub(super) struct World {
    pub(super) desk: Desk,
    /// Who carries what is written on phones.
    pub(super) stand_ins: Option<StandIns>,
}

/// How a customer reads and writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The customer's view of a workitem.
    View(WorkitemId),
    /// A phone, which knows nothing of workitems.
    Phone(PhoneId),
}

/// One simulated customer in one conversation.
pub(super) struct Customer {
    pub(super) way: Way,
    concern: Concern,
    frames: Vec<CustomerFrame>,
    /// How many lines there were when the customer was met; older ones are no reason to hurry.
    met: usize,
    rounds: usize,
    reminders: usize,
    /// Says nothing more.
    done: bool,
}

impl Customer {
    /// Meets a customer in a conversation, as far as it has come.
    pub(super) async fn meet(world: &World, way: Way, concern: Concern) -> Result<Self, AppError> {
        let frames = Vec::new();
        let mut customer = Self {
            way,
            concern,
            frames,
            met: 0,
            rounds: 0,
            reminders: 0,
            done: false,
        };
        customer.listen(world).await?;
        customer.met = customer.frames.len();
        Ok(customer)
    }

    /// When the last line was said.
    pub(super) fn last_at(&self) -> Option<Timestamp> {
        self.frames.last().map(|frame| frame.at)
    }

    /// Reads what was said since.
    pub(super) async fn listen(&mut self, world: &World) -> Result<(), AppError> {
        let workitem = match (&self.way, &world.stand_ins) {
            (Way::View(workitem), _) => workitem,
            (Way::Phone(id), Some(stand_ins)) => {
                let phone = stand_ins.phones().find(id).unwrap_or_default();
                // Somebody else writes with it now.
                self.done |= phone.held;
                let arrived = phone.texts.iter().filter(|text| text.has_arrived());
                self.frames = (1..).zip(arrived).filter_map(frame).collect();
                return Ok(());
            }
            (Way::Phone(_), None) => return Ok(()),
        };
        let last = self.frames.last().map_or(0, |frame| frame.seq);
        let rows = world.desk.store().customer_snapshot().await;
        let mut rows = rows.map_err(to_app_error)?;
        let new = rows.customer_frames_after(workitem, last, 200).await;
        self.frames.extend(new.map_err(to_app_error)?);
        Ok(())
    }

    /// A view ends with its conversation, a phone when its owner has nothing more to say.
    pub(super) fn is_over(&self) -> bool {
        let ended = |frame: &CustomerFrame| frame.body.is_end();
        match self.way {
            Way::View(_) => self.frames.last().is_some_and(ended),
            Way::Phone(_) => self.done,
        }
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.frames.len() > self.met
    }

    /// Whether the agent spoke last, long enough ago to have been read.
    pub(super) fn heard(&self, now: Timestamp) -> bool {
        !self.done
            && self.frames.last().is_some_and(|frame| {
                matches!(frame.body, CustomerBody::Theirs { .. })
                    && now.seconds_since(frame.at) >= READING
            })
    }

    /// Whether the customer has been waiting for too long.
    pub(super) fn is_impatient(&self, now: Timestamp) -> bool {
        !self.done
            && self.reminders < REMINDERS
            && self.frames.last().is_some_and(|frame| {
                matches!(frame.body, CustomerBody::Mine { .. })
                    && now.seconds_since(frame.at) >= PATIENCE
            })
    }

    pub(super) async fn answer(&mut self, world: &World, dice: &mut Dice) -> Result<(), AppError> {
        let cue = match self.frames.last().map(|frame| &frame.body) {
            Some(CustomerBody::Theirs { .. }) if self.rounds >= ROUNDS => Cue::Goodbye,
            Some(CustomerBody::Theirs {
                text: Some(text), ..
            }) if text.as_str().contains('?') => Cue::Question,
            Some(CustomerBody::Theirs { .. }) => Cue::Statement,
            _ => Cue::Silence,
        };
        match cue {
            Cue::Silence => self.reminders += 1,
            Cue::Goodbye => self.done = true,
            Cue::Question | Cue::Statement => self.rounds += 1,
        }
        let line = self.unsaid(self.fitting(cue), dice);
        let said = match (&self.way, &world.stand_ins) {
            (Way::View(workitem), _) => {
                let text = MessageText::parse(line)?;
                world.desk.customer_answer(workitem, text).await
            }
            (Way::Phone(phone), Some(stand_ins)) => {
                let taken = stand_ins.write(phone, line).await;
                taken.map_err(|_| AppError::NotFound)
            }
            (Way::Phone(_), None) => Err(AppError::NotFound),
        };
        match said {
            // It ended while the customer was typing.
            Err(AppError::Conflict { .. } | AppError::NotFound) => {
                self.done = true;
                Ok(())
            }
            other => other,
        }
    }

    /// What fits: to a question what answers it, if there is such a thing.
    fn fitting(&self, cue: Cue) -> &'static [&'static str] {
        let asked = match self.frames.last().map(|frame| &frame.body) {
            Some(CustomerBody::Theirs {
                text: Some(text), ..
            }) if cue == Cue::Question => answers(text.as_str()),
            _ => None,
        };
        asked.unwrap_or_else(|| self.concern.lines(cue))
    }

    /// One of these lines that this customer has not said yet, if there is one.
    fn unsaid(&self, lines: &[&'static str], dice: &mut Dice) -> &'static str {
        let first = dice.below(lines.len());
        let mut turned = lines.iter().cycle().skip(first).take(lines.len());
        let said = |line: &&&str| {
            self.frames.iter().any(
                |frame| matches!(&frame.body, CustomerBody::Mine { text: Some(text), .. } if text.as_str() == **line),
            )
        };
        turned.find(|line| !said(line)).unwrap_or(&lines[first])
    }
}

/// A text on a phone as a line of a conversation.
fn frame((seq, text): (i64, &PhoneText)) -> Option<CustomerFrame> {
    let said = MessageText::parse(&text.text).ok()?;
    let body = match text.mine {
        true => CustomerBody::Mine {
            text: Some(said),
            files: Vec::new(),
            key: text.id.clone(),
        },
        false => CustomerBody::Theirs {
            name: String::new(),
            text: Some(said),
            files: Vec::new(),
        },
    };
    Some(CustomerFrame {
        seq,
        at: text.at,
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(frames: Vec<CustomerFrame>) -> Customer {
        Customer {
            way: Way::View(WorkitemId::parse("wi").unwrap()),
            concern: Concern::Refund,
            frames,
            met: 0,
            rounds: 0,
            reminders: 0,
            done: false,
        }
    }

    fn said(seq: i64, second: i64, text: &str) -> CustomerFrame {
        let body = CustomerBody::Mine {
            text: MessageText::parse(text).ok(),
            files: Vec::new(),
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
            text: MessageText::parse("Which order?").ok(),
            files: Vec::new(),
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
        let mut dice = Dice::default();
        let lines = Concern::Refund.lines(Cue::Question);
        let mut speaker = customer(Vec::new());
        for seq in 1..=lines.len() {
            let line = speaker.unsaid(lines, &mut dice);
            assert!(
                speaker
                    .frames
                    .iter()
                    .all(|frame| *frame != said(frame.seq, 0, line))
            );
            speaker.frames.push(said(seq as i64, 0, line));
        }
        assert!(lines.contains(&speaker.unsaid(lines, &mut dice)));
    }
}
