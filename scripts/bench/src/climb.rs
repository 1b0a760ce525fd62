//! The search for the highest rate: up in steps until one fails, then closer from both sides. Bounded.

/// Each step is so much higher than the one before, until one fails.
const STEP: f64 = 1.5;
/// Steps after the first that failed, each half-way between what holds and what does not.
const CLOSER: u32 = 2;
/// Steps at most.
const STEPS: u32 = 12;

/// A search for the highest rate that holds.
pub struct Climb {
    next: f64,
    /// The highest rate of the population: above it, the limits of the program slow the senders down.
    ceiling: f64,
    holds: Option<f64>,
    fails: Option<f64>,
    closer: u32,
    steps: u32,
}

impl Climb {
    pub fn new(start: f64, ceiling: f64) -> Self {
        Self {
            next: start.min(ceiling),
            ceiling,
            holds: None,
            fails: None,
            closer: 0,
            steps: 0,
        }
    }

    /// The rate to try now, in messages a second; `None` when the search is over.
    pub fn rate(&self) -> Option<f64> {
        let at_ceiling = self.holds.is_some_and(|holds| holds >= self.ceiling);
        (self.steps < STEPS && self.closer <= CLOSER && !at_ceiling).then_some(self.next)
    }

    /// Whether the rate of now held.
    pub fn tried(&mut self, held: bool) {
        self.steps += 1;
        if held {
            self.holds = Some(self.next);
        } else {
            self.fails = Some(self.next);
        }
        if self.fails.is_some() {
            self.closer += 1;
        }
        self.next = match (self.holds, self.fails) {
            (holds, Some(fails)) => (holds.unwrap_or_default() + fails) / 2.0,
            (_, None) => (self.next * STEP).min(self.ceiling),
        };
    }

    /// The highest rate that held, and whether a higher one failed: otherwise the bench could not offer more.
    pub fn highest(&self) -> (Option<f64>, bool) {
        (self.holds, self.fails.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn climbed(limit: f64, ceiling: f64) -> (Climb, u32) {
        let (mut climb, mut steps) = (Climb::new(300.0, ceiling), 0);
        while let Some(rate) = climb.rate() {
            climb.tried(rate <= limit);
            steps += 1;
        }
        (climb, steps)
    }

    #[test]
    fn it_ends_below_the_limit_and_near_it() {
        for limit in [300.0, 700.0, 1_000.0, 3_333.0] {
            let (climb, steps) = climbed(limit, 1e6);
            let (Some(highest), true) = climb.highest() else {
                panic!("{limit} was not found");
            };
            assert!(
                highest <= limit && highest > limit / 1.2,
                "{highest} for {limit}"
            );
            assert!(steps <= STEPS);
        }
    }

    #[test]
    fn a_limit_below_the_start_is_looked_for_as_well() {
        assert_eq!(climbed(160.0, 1e6).0.highest(), (Some(150.0), true));
        assert_eq!(climbed(0.0, 1e6).0.highest(), (None, true));
    }

    #[test]
    fn it_offers_no_more_than_the_crowd_has() {
        assert_eq!(climbed(1e9, 700.0).0.highest(), (Some(700.0), false));
        let (climb, steps) = climbed(1e9, 1e9);
        assert!(!climb.highest().1 && steps == STEPS);
    }
}
