//! Random numbers that a printed seed brings back.

/// xorshift64*, which is random enough for tests.
pub struct Dice(u64);

impl Dice {
    /// Begins with a seed, and prints it.
    pub fn of(seed: u64) -> Self {
        println!("SIDELINE_SEED={seed}");
        Self::quiet(seed)
    }

    /// Begins with a seed that follows from one that was printed.
    pub fn quiet(seed: u64) -> Self {
        // Never zero, and another state for each seed.
        Self(seed.wrapping_mul(2) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }
}

/// What `SIDELINE_SEED` asks for, or a new one.
pub fn seed() -> u64 {
    let given = std::env::var("SIDELINE_SEED").ok();
    match given.map(|seed| seed.parse().expect("SIDELINE_SEED is a number")) {
        Some(seed) => seed,
        None => {
            let now = std::time::UNIX_EPOCH.elapsed().expect("a clock");
            u64::from(std::process::id()) << 32 | u64::from(now.subsec_nanos())
        }
    }
}
