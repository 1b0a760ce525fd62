//! When which act is due: made before the load begins, as the messages beside it are.

use std::time::Duration;

/// Agents for each raised hand, alert and search a second.
const AGENTS: f64 = 100.0;
/// An agent opens the picker and chooses for so long.
const CHOOSING: Duration = Duration::from_millis(500);

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// An agent opens the Assistance picker for this hand.
    Picker(usize),
    /// The agent presses *Send request*.
    Raise(usize),
    /// A customer writes what a rule looks for.
    Say(usize),
    /// Somebody searches the history.
    Search(usize),
}

/// An act that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// After the beginning of the load.
    pub at: Duration,
    pub act: Act,
}

/// How many of each there are.
pub fn count(agents: usize, length: Duration) -> usize {
    let count = length.as_secs_f64() * agents as f64 / AGENTS;
    (count as usize).max(1)
}

fn moment(number: usize, part: f64, count: usize, length: Duration) -> Duration {
    length.mul_f64((number as f64 + part) / count as f64)
}

/// When this one of so many customers says what a rule looks for.
pub fn said_at(number: usize, count: usize, length: Duration) -> Duration {
    moment(number, 0.5, count, length)
}

/// Everything that is due in `length`, in order. Hands, alerts and searches are spread evenly and take turns.
pub fn plan(agents: usize, length: Duration) -> Vec<Due> {
    let count = count(agents, length);
    let moment = |number: usize, part: f64| moment(number, part, count, length);
    let mut all = Vec::new();
    for number in 0..count {
        let raised = moment(number, 0.25);
        let chosen = raised.saturating_sub(CHOOSING);
        for (at, act) in [
            (chosen, Act::Picker(number)),
            (raised, Act::Raise(number)),
            (said_at(number, count, length), Act::Say(number)),
            (moment(number, 0.75), Act::Search(number)),
        ] {
            all.push(Due { at, act });
        }
    }
    all.sort_by_key(|due| due.at);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_five_of_each_a_second_for_500_agents() {
        let length = Duration::from_secs(15);
        let all = plan(500, length);
        assert_eq!(all.len(), 4 * 75);
        assert!(all.windows(2).all(|pair| pair[0].at <= pair[1].at));
        assert!(all.iter().all(|due| due.at < length));
        let raised = all.iter().filter(|due| matches!(due.act, Act::Raise(_)));
        let in_a_second = raised.filter(|due| due.at.as_secs() == 7).count();
        assert_eq!(in_a_second, 5);
    }

    #[test]
    fn a_short_load_of_few_agents_has_one_of_each() {
        assert_eq!(plan(50, Duration::from_secs(1)).len(), 4);
    }
}
