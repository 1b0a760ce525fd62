//! Reports of commits in the order of commits, although several transactions commit at the same time.
//!
//! Who is about to commit takes a place, and reports when everybody in front has reported. A transaction that builds on another one
//! takes its place behind it: it could only end its statements after the other had committed.

use std::sync::{Condvar, Mutex, PoisonError};

use super::session::Trouble;
use crate::store::Change;
use crate::store::listeners::Listeners;

/// See the module's head.
#[derive(Default)]
pub(super) struct Reports {
    /// Those who hear of commits.
    pub(super) listeners: Listeners,
    places: Mutex<Places>,
    moved: Condvar,
}

#[derive(Default)]
struct Places {
    /// The place that is taken next.
    next: u64,
    /// The place whose turn it is.
    turn: u64,
}

impl Reports {
    /// Commits what changed this, and reports it in its turn.
    pub(super) fn in_order(
        &self,
        changes: &[Change],
        commit: impl FnOnce() -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let place = {
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            places.next += 1;
            places.next - 1
        };
        let committed = commit();
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = self.moved.wait_while(places, |places| places.turn != place);
        let mut places = turn.unwrap_or_else(PoisonError::into_inner);
        match &committed {
            Ok(()) => self.listeners.committed(changes),
            // Nothing was stored: it is tried again.
            Err(Trouble::Conflict) => {}
            Err(Trouble::Failed(_)) => self.listeners.failed(),
        }
        places.turn += 1;
        self.moved.notify_all();
        committed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::thread;

    use shared::ids::UserId;

    use super::*;
    use crate::store::CommitListener;

    #[derive(Default)]
    struct Heard(Mutex<Vec<Change>>);

    impl CommitListener for Heard {
        fn committed(&self, changes: &[Change]) {
            self.0.lock().unwrap().extend_from_slice(changes);
        }

        fn failed(&self) {}
    }

    #[test]
    fn a_commit_is_reported_behind_those_in_front_of_it() {
        let (reports, heard) = (Arc::new(Reports::default()), Arc::new(Heard::default()));
        reports.listeners.add(heard.clone());
        let change = |who: &str| vec![Change::Hands(UserId::parse(who.to_owned()).unwrap())];
        let (first, second) = (change("first"), change("second"));
        let (begun, has_begun) = mpsc::channel();
        let (end, ends) = mpsc::channel::<()>();
        let slow = {
            let (reports, first) = (reports.clone(), first.clone());
            thread::spawn(move || {
                reports.in_order(&first, || {
                    begun.send(()).unwrap();
                    ends.recv().unwrap();
                    Ok(())
                })
            })
        };
        has_begun.recv().unwrap();
        let quick = {
            let (reports, second) = (reports.clone(), second.clone());
            thread::spawn(move || {
                reports.in_order(&second, || {
                    // The one in front ends when this one has committed.
                    end.send(()).unwrap();
                    Ok(())
                })
            })
        };
        slow.join().unwrap().unwrap();
        quick.join().unwrap().unwrap();
        assert_eq!(*heard.0.lock().unwrap(), [first, second].concat());
    }
}
