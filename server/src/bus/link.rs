//! The way to the other nodes, as the bus and the desk see it.

use std::fmt::Debug;

use tokio::sync::mpsc;

use super::hint::Hint;
use crate::traces::Origin;

/// What a link hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Another node's hint, and what it comes from there.
    Hint(Hint, Origin),
    /// The link is there, for the first time or again, or was too slow: what was said before may be lost.
    Gap,
}

/// Why the other nodes cannot be reached, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Nobody answers.
    #[default]
    Unreachable,
    /// Somebody answers without TLS that can be trusted.
    Untrusted,
    /// This node is not let in.
    Refused,
}

/// How a link stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
    /// Whether the other nodes can be reached.
    pub connected: bool,
    /// Why they cannot, where they cannot.
    pub obstacle: Obstacle,
    /// Hints that were sent, since the start.
    pub sent: u64,
    /// Hints that were not sent, because nobody could be reached or too many waited.
    pub dropped: u64,
    /// Hints of other nodes that were heard.
    pub heard: u64,
    /// Hints that this release does not know: a later one says them.
    pub unknown: u64,
}

/// Carries hints between nodes. It may lose, repeat and reorder them. Nothing here waits.
pub trait Link: Debug + Send + Sync + 'static {
    /// Says something to the other nodes, not to this one.
    fn send(&self, hint: &Hint);
    /// From now on hints of this subject are heard.
    fn follow(&self, subject: String);
    /// They are no longer.
    fn leave(&self, subject: String);
    /// What is heard. There is one listener; a second call answers nothing.
    fn listen(&self) -> Option<mpsc::Receiver<Heard>>;
    /// How it stands.
    fn state(&self) -> LinkState;
}
