//! Chance for the simulated customers. Good enough for a demo, and for nothing else.

use std::time::Duration;

/// Chance: xorshift64*, which is plenty for this.
pub(crate) struct Dice(u64);

impl Default for Dice {
    fn default() -> Self {
        let mut seed = [0; 8];
        // Without randomness every run of the demo is the same, which harms nobody.
        let _ = getrandom::fill(&mut seed);
        Self(u64::from_le_bytes(seed) | 1)
    }
}

impl Dice {
    /// The same chance every time.
    pub(super) fn of(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number from 0 to `end`, without `end`; 0 when there is nothing to choose from.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or_default() % end.max(1)
    }

    /// A number between two bounds, which may be one of them.
    pub(crate) fn between(&mut self, (least, most): (u64, u64)) -> u64 {
        let span = usize::try_from(most - least).unwrap_or_default();
        least + u64::try_from(self.below(span + 1)).unwrap_or_default()
    }

    /// A span between two bounds.
    pub(crate) fn seconds(&mut self, bounds: (u64, u64)) -> Duration {
        Duration::from_secs(self.between(bounds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_stay_within_their_bounds() {
        let mut dice = Dice::default();
        for _ in 0..1_000 {
            assert!((6..=20).contains(&dice.seconds((6, 20)).as_secs()));
        }
    }
}
