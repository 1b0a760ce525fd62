//! The way between nodes: a hint flies until the dice say what becomes of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::bus::hint::{ALL, Hint};
use crate::bus::link::{Heard, Link, LinkState};

#[derive(Debug, Default)]
struct Air {
    /// Each with the node that it flies to.
    flying: Vec<(usize, Hint)>,
    /// Which node follows which subject.
    followed: BTreeSet<(usize, String)>,
    /// Nothing is carried any more.
    silent: bool,
}

/// What lies between all nodes.
#[derive(Debug)]
pub(super) struct Network {
    nodes: usize,
    air: Mutex<Air>,
}

impl Network {
    pub(super) fn between(nodes: usize) -> Arc<Self> {
        Arc::new(Self {
            nodes,
            air: Mutex::default(),
        })
    }

    fn air(&self) -> MutexGuard<'_, Air> {
        self.air.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many hints are on their way.
    pub(super) fn flying(&self) -> usize {
        self.air().flying.len()
    }

    /// One of them, and the node that it flies to; unless `again`, it does not come once more.
    pub(super) fn take(&self, place: usize, again: bool) -> (usize, Hint) {
        let mut air = self.air();
        match again {
            true => air.flying[place].clone(),
            false => air.flying.remove(place),
        }
    }

    /// A node ends.
    pub(super) fn forget(&self, node: usize) {
        let mut air = self.air();
        air.flying.retain(|(to, _)| *to != node);
        air.followed.retain(|(who, _)| *who != node);
    }

    /// Whatever flies is lost, and so is what comes.
    pub(super) fn fall_silent(&self) {
        let mut air = self.air();
        air.silent = true;
        air.flying.clear();
    }
}

/// A node's way to the others.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) node: usize,
    pub(super) network: Arc<Network>,
}

impl Link for Way {
    fn send(&self, hint: &Hint) {
        let subject = hint.subject();
        let mut air = self.network.air();
        if air.silent {
            return;
        }
        for to in (0..self.network.nodes).filter(|to| *to != self.node) {
            if subject == ALL || air.followed.contains(&(to, subject.clone())) {
                air.flying.push((to, hint.clone()));
            }
        }
    }

    fn follow(&self, subject: String) {
        self.network.air().followed.insert((self.node, subject));
    }

    fn leave(&self, subject: String) {
        self.network.air().followed.remove(&(self.node, subject));
    }

    /// The simulation hands hints over itself.
    fn listen(&self) -> Option<mpsc::Receiver<Heard>> {
        None
    }

    fn state(&self) -> LinkState {
        LinkState {
            connected: true,
            ..LinkState::default()
        }
    }
}
