//! What ends the bench: one sentence for the person who started it.

use std::fmt::Display;

/// Why there are no figures.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
pub type Outcome<T> = Result<T, Failure>;

/// Says what was being done when something failed.
pub trait While<T> {
    fn when(self, doing: impl Display) -> Outcome<T>;
}

impl<T, E: Display> While<T> for Result<T, E> {
    fn when(self, doing: impl Display) -> Outcome<T> {
        self.map_err(|error| format!("{doing}: {error}").into())
    }
}
