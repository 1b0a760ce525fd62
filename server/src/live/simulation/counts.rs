//! How often what happened. A simulation in which something never happens says nothing about it.

use std::collections::BTreeMap;
use std::fmt;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Somebody writes.
    Write,
    /// A hint arrives or is lost.
    Hint,
    /// It is lost.
    Lost,
    /// It comes more often than a connection's queue holds.
    Storm,
    /// A connection's queue is full: it ends, and the tab resumes.
    Overflow,
    /// A tab connects.
    Connection,
    /// A node ends.
    End,
    /// A network is gone, and neither end hears of it.
    Cut,
    /// A tab's machine sleeps.
    Nap,
    /// A host pings a browser.
    Ping,
    /// A host gives a connection up: no ping is answered, or nothing is taken.
    GivenUp,
    /// A tab gives its connection up: it hears nothing.
    Silence,
    /// A conversation is opened again.
    Page,
    /// What was read of a gap has no number for what was replaced.
    PassedOver,
    /// A projection comes whole.
    Whole,
    /// Rows of a projection come.
    Patch,
}

impl Kind {
    const ALL: [Self; 16] = [
        Self::Write,
        Self::Hint,
        Self::Lost,
        Self::Storm,
        Self::Overflow,
        Self::Connection,
        Self::End,
        Self::Cut,
        Self::Nap,
        Self::Ping,
        Self::GivenUp,
        Self::Silence,
        Self::Page,
        Self::PassedOver,
        Self::Whole,
        Self::Patch,
    ];
}

/// How often each.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(BTreeMap<Kind, u64>);

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.0.iter();
        let each = each.map(|(kind, count)| format!("{kind:?} {count}"));
        out.write_str(&each.collect::<Vec<_>>().join(", "))
    }
}

impl Counts {
    pub(super) fn add(&mut self, kind: Kind, count: u64) {
        *self.0.entry(kind).or_default() += count;
    }

    pub(super) fn absorb(&mut self, run: Self) {
        for (kind, count) in run.0 {
            self.add(kind, count);
        }
    }

    /// What never happened.
    pub(super) fn never(&self) -> Vec<Kind> {
        let happened = |kind: &Kind| self.0.get(kind).is_some_and(|count| *count > 0);
        let all = Kind::ALL.into_iter();
        all.filter(|kind| !happened(kind)).collect()
    }
}
