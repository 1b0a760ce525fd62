//! Applies changes to a conversation. Pure, and independent of order and repetition: each entry, and the heading,
//! takes a change only when its number is newer than the one it shows. What is missing is the cursor's concern.

use shared::transcript::{Conversation, Entry, Sent, WorkitemChange};
use shared::workitem::Workitem;

/// A conversation as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The heading.
    pub workitem: Workitem,
    /// In order of their number.
    pub entries: Vec<Entry>,
    /// Whether there are older ones than the first.
    pub older: bool,
}

/// Which part of it changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The heading.
    pub workitem: bool,
    /// The entries.
    pub entries: bool,
}

/// Knows how new each shown part is.
#[derive(Clone, Debug)]
pub struct Reducer {
    /// Everything that is not listed below is as new as this.
    base: i64,
    workitem: i64,
    /// Entry numbers with the revision that they show.
    newer: Vec<(i64, i64)>,
    /// Changed entries of pages that are not loaded. The page may have been read before the change and arrive after.
    unloaded: Vec<Entry>,
}

impl Reducer {
    /// Begins with what the page was opened with.
    pub fn new(first: Conversation) -> (Self, Shown) {
        let reducer = Self {
            base: first.rev,
            workitem: first.rev,
            newer: Vec::new(),
            unloaded: Vec::new(),
        };
        let shown = Shown {
            workitem: first.workitem,
            entries: first.entries,
            older: first.older,
        };
        (reducer, shown)
    }

    /// Takes a change with its revision.
    pub fn change(&mut self, shown: &mut Shown, rev: i64, change: &WorkitemChange) -> Changed {
        match change {
            WorkitemChange::Workitem(workitem) => {
                if rev <= self.workitem {
                    return Changed::default();
                }
                self.workitem = rev;
                let changed = shown.workitem != **workitem;
                if changed {
                    shown.workitem.clone_from(workitem);
                }
                Changed {
                    workitem: changed,
                    entries: false,
                }
            }
            WorkitemChange::Entry(entry) => Changed {
                workitem: false,
                entries: self.entry(shown, rev, entry),
            },
        }
    }

    /// Takes the answer to a send, which may come before or after the same entry on the live connection.
    pub fn sent(&mut self, shown: &mut Shown, sent: &Sent) -> Changed {
        Changed {
            workitem: false,
            entries: self.entry(shown, sent.rev, &sent.entry),
        }
    }

    /// Takes a snapshot. What is shown is forgotten, older pages too: among what was missed may be changes of theirs.
    pub fn snapshot(&mut self, shown: &mut Shown, snapshot: Conversation) {
        (*self, *shown) = Self::new(snapshot);
    }

    /// Takes an older page, oldest first. A page that came while another was shown changes nothing twice.
    pub fn older(&mut self, shown: &mut Shown, page: Vec<Entry>) {
        let first = shown.entries.first().map_or(i64::MAX, |entry| entry.seq);
        let mut page: Vec<Entry> = page.into_iter().filter(|entry| entry.seq < first).collect();
        // One that was asked for before a snapshot came may end too early, and leave a gap.
        if page.last().is_some_and(|last| last.seq + 1 < first) {
            return;
        }
        // Numbers begin at 1 and have no gaps: the one with number 1 is the oldest.
        shown.older = page.first().is_some_and(|entry| entry.seq > 1);
        for entry in &mut page {
            if let Some(at) = (self.unloaded.iter()).position(|changed| changed.seq == entry.seq) {
                *entry = self.unloaded.swap_remove(at);
            }
        }
        page.append(&mut shown.entries);
        shown.entries = page;
    }

    fn entry(&mut self, shown: &mut Shown, rev: i64, entry: &Entry) -> bool {
        let place = shown
            .entries
            .binary_search_by_key(&entry.seq, |entry| entry.seq);
        let known = self.newer.iter().position(|(seq, _)| *seq == entry.seq);
        match (place, known) {
            (_, Some(known)) if rev <= self.newer[known].1 => return false,
            (Ok(_), None) if rev <= self.base => return false,
            (Err(0), None) if shown.older && rev <= self.base => return false,
            _ => {}
        }
        match known {
            Some(known) => self.newer[known].1 = rev,
            None => self.newer.push((entry.seq, rev)),
        }
        match place {
            Ok(at) if &shown.entries[at] == entry => false,
            Ok(at) => {
                shown.entries[at] = entry.clone();
                true
            }
            Err(0) if shown.older => {
                self.unloaded.retain(|changed| changed.seq != entry.seq);
                self.unloaded.push(entry.clone());
                false
            }
            Err(at) => {
                shown.entries.insert(at, entry.clone());
                true
            }
        }
    }
}

#[cfg(test)]
#[path = "reducer_tests.rs"]
mod tests;
