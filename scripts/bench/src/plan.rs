//! When which message is due: made before the load begins, so that nothing that the program does can put it off.

use std::time::Duration;

/// Of a hundred messages this many come with a coaching message.
const COACHED: u64 = 5;

/// The sender of a message, and how it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The customer, by POST.
    Customer,
    /// The agent, by a server function.
    Agent,
    /// The supervisor to the agent, by a server function.
    Coaching,
}

/// One message that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// After the beginning of the load.
    pub due: Duration,
    /// Into which conversation.
    pub conversation: usize,
    pub kind: Kind,
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Everything that is due in `length`, in order: customer and agent of each conversation write in turn, one message
/// every `period`. Conversations begin at any moment of the first period, so that messages fall as they may and
/// not in step.
pub fn plan(conversations: usize, period: Duration, length: Duration, seed: u64) -> Vec<Planned> {
    let mut dice = Dice(seed);
    let mut all = Vec::new();
    let microseconds = period.as_micros().max(1) as u64;
    for conversation in 0..conversations {
        let mut due = Duration::from_micros(dice.roll() % microseconds);
        let mut customer = dice.roll().is_multiple_of(2);
        while due < length {
            let kind = if customer {
                Kind::Customer
            } else {
                Kind::Agent
            };
            all.push(Planned {
                due,
                conversation,
                kind,
            });
            if dice.roll() % 100 < COACHED {
                all.push(Planned {
                    due,
                    conversation,
                    kind: Kind::Coaching,
                });
            }
            customer = !customer;
            due += period;
        }
    }
    all.sort_by_key(|planned| planned.due);
    all
}

/// How often each conversation has a message when all together have `per_second`.
pub fn period(conversations: usize, per_second: f64) -> Duration {
    Duration::from_secs_f64(conversations as f64 / per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(10);
    const LENGTH: Duration = Duration::from_secs(60);

    #[test]
    fn each_conversation_has_its_message_in_each_period_in_turn() {
        let all = plan(150, PERIOD, LENGTH, 1);
        for conversation in 0..150 {
            let of_it: Vec<_> = all
                .iter()
                .filter(|planned| planned.conversation == conversation)
                .filter(|planned| planned.kind != Kind::Coaching)
                .collect();
            assert_eq!(of_it.len(), 6);
            for pair in of_it.windows(2) {
                assert_eq!(pair[1].due - pair[0].due, PERIOD);
                assert_ne!(pair[1].kind, pair[0].kind);
            }
        }
        assert!(all.windows(2).all(|pair| pair[0].due <= pair[1].due));
    }

    #[test]
    fn one_in_twenty_is_coached_and_the_load_is_even() {
        let all = plan(6_000, PERIOD, LENGTH, 7);
        let coaching = all.iter().filter(|one| one.kind == Kind::Coaching).count();
        assert!((1_600..2_000).contains(&coaching), "{coaching} of 36,000");
        for second in 0..60 {
            let begin = Duration::from_secs(second);
            let due = all
                .iter()
                .filter(|one| (begin..begin + Duration::from_secs(1)).contains(&one.due));
            let count = due.count();
            assert!((500..760).contains(&count), "{count} in second {second}");
        }
    }

    #[test]
    fn a_plan_is_the_same_again() {
        assert_eq!(plan(9, PERIOD, LENGTH, 3), plan(9, PERIOD, LENGTH, 3));
        assert_ne!(plan(9, PERIOD, LENGTH, 3), plan(9, PERIOD, LENGTH, 4));
    }

    #[test]
    fn a_rate_is_shared_by_all_conversations() {
        assert_eq!(period(1_500, 150.0), PERIOD);
        let each = period(150, 300.0);
        let length = Duration::from_secs(10);
        let sent = plan(150, each, length, 5)
            .iter()
            .filter(|one| one.kind != Kind::Coaching)
            .count();
        assert_eq!(sent, 3_000);
    }
}
