//! Nodes, tabs and what lies between them. Whatever can happen next is on a list, and the dice choose from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use shared::ids::NodeId;
use shared::time::Timestamp;
use tokio::sync::watch;
use tokio::task::yield_now;

use super::super::connection::serve;
use super::beginning::Beginning;
use super::network::{Network, Way};
use super::tab::{Socket, Tab, Wire};
use super::writes::{What, Work, Write};
use crate::clock_and_ids::Clock;
use crate::desk::nodes::NodeConfig;
use crate::desk::{Desk, DeskConfig};
use crate::deterministic::DeterministicIds;
use crate::dice::Dice;
use crate::queries;
use crate::store::StoreError;
use crate::store::simulated::NodeStore;

/// How many things happen before the network falls silent.
const STEPS: u64 = 120;
/// Of so many things one is new; the others are what follows from those before.
const NEW_ONE_IN: u64 = 10;
/// How far the clock of a node is from the true time at most, in microseconds.
const SKEW_US: u64 = 30_000_000;
/// No user is gone as long as a run takes: that takes no time.
const GRACE: Duration = Duration::from_secs(3_600);
/// A run that goes on for so long never comes to rest.
const ENDLESS: u32 = 20_000;

/// The clock of a node.
struct SkewedClock {
    time: Arc<AtomicI64>,
    skew: i64,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.time.load(Ordering::Relaxed) + self.skew)
    }
}

struct Node {
    desk: Desk,
    store: Arc<NodeStore>,
    closing: watch::Sender<bool>,
}

/// Whether a task can go on.
struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Something that a node does: it goes on when the dice say so.
struct Task {
    name: String,
    node: usize,
    ready: Arc<Ready>,
    /// What it reads from, for a live connection.
    wire: Option<Arc<Wire>>,
    work: Work,
}

impl Task {
    fn is_ready(&self) -> bool {
        self.ready.0.load(Ordering::Relaxed)
    }
}

/// What can happen next.
#[derive(Clone, Copy)]
enum Choice {
    /// Somebody gets through to the store, or the store's answer to them.
    Gate(usize),
    /// A task goes on.
    Task(usize),
    /// What a tab sent arrives at a live connection.
    Frame(usize),
    /// What the host sent arrives at a tab.
    Tab(usize),
    /// A hint arrives, once or not for the last time, or is lost.
    Hint(usize),
}

/// What was thrown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) writes: u64,
    pub(super) hints: u64,
    pub(super) lost: u64,
    pub(super) connections: u64,
    pub(super) ends: u64,
}

/// How a run went.
pub(super) struct Run {
    /// Everything that happened, in order.
    pub(super) trace: Vec<String>,
    /// What differs from the database in the end.
    pub(super) wrong: Option<String>,
    pub(super) counts: Counts,
}

pub(super) struct World<'a> {
    beginning: &'a Beginning,
    dice: Dice,
    /// The true time.
    time: Arc<AtomicI64>,
    network: Arc<Network>,
    /// How far the clock of each node is from the true time.
    skews: Vec<i64>,
    nodes: Vec<Node>,
    tabs: Vec<Tab>,
    tasks: Vec<Task>,
    writes: Vec<Write>,
    attempts: u64,
    run: Run,
}

impl<'a> World<'a> {
    pub(super) fn begin(beginning: &'a Beginning, seed: u64) -> Self {
        let mut dice = Dice::quiet(seed);
        let count = 1 + dice.below(3) as usize;
        let skew = |_| dice.below(2 * SKEW_US) as i64 - SKEW_US as i64;
        let skews = (0..count).map(skew).collect();
        let people = beginning.people.iter();
        let mut world = Self {
            beginning,
            dice,
            time: Arc::new(AtomicI64::new(beginning.now.0 + SKEW_US as i64)),
            network: Network::between(count),
            skews,
            nodes: Vec::new(),
            tabs: people
                .map(|(who, since)| Tab::open(beginning, who.clone(), *since))
                .collect(),
            tasks: Vec::new(),
            writes: Vec::new(),
            attempts: 0,
            run: Run {
                trace: Vec::new(),
                wrong: None,
                counts: Counts::default(),
            },
        };
        for place in 0..count {
            let node = world.node(place);
            world.nodes.push(node);
        }
        world
    }

    /// A run, to its end. Without sweeps nothing repairs what was lost.
    pub(super) async fn finish(mut self, sweeps: bool) -> Run {
        for tab in 0..self.tabs.len() {
            self.connect(tab);
        }
        for _ in 0..STEPS {
            let later = self.dice.below(400_000) as i64;
            self.time.fetch_add(later, Ordering::Relaxed);
            // Where nothing follows from what was before, something new begins.
            if self.dice.below(NEW_ONE_IN) == 0 || !self.happen().await {
                self.begin_something();
            }
        }
        self.end(sweeps).await;
        self.run.wrong = self.wrong().await;
        self.run
    }

    /// No hint arrives any more. What was not acknowledged is sent again, and who is away comes back.
    async fn end(&mut self, sweeps: bool) {
        self.network.fall_silent();
        self.rest().await;
        for number in 0..self.writes.len() {
            if !self.writes[number].is_acknowledged() {
                self.attempt(number);
                self.rest().await;
            }
        }
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].wire.is_none() {
                self.connect(tab);
            }
        }
        self.rest().await;
        if sweeps {
            for place in 0..self.nodes.len() {
                self.sweep(place);
            }
            self.rest().await;
        }
    }

    /// Until nothing follows any more.
    async fn rest(&mut self) {
        for _ in 0..ENDLESS {
            if !self.happen().await {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// A node that begins, in this place.
    fn node(&mut self, place: usize) -> Node {
        let store = NodeStore::new(&self.beginning.database, place);
        let clock = SkewedClock {
            time: Arc::clone(&self.time),
            skew: self.skews[place],
        };
        self.attempts += 1;
        let id = format!("node-{}", self.attempts);
        let several = self.skews.len() > 1;
        let node = several.then(|| NodeConfig {
            id: NodeId::parse(id).expect("an id"),
            link: Arc::new(Way {
                node: place,
                network: Arc::clone(&self.network),
            }),
        });
        let config = DeskConfig {
            grace: GRACE,
            node,
            ..DeskConfig::default()
        };
        let ids = Arc::new(DeterministicIds::default());
        Node {
            desk: Desk::new(store.clone(), Arc::new(clock), ids, config),
            store,
            closing: watch::Sender::new(false),
        }
    }

    fn any_node(&mut self) -> usize {
        self.dice.below(self.nodes.len() as u64) as usize
    }

    fn begin_something(&mut self) {
        let (node, tab) = (self.any_node(), self.dice.below(self.tabs.len() as u64));
        match self.dice.below(16) {
            0..7 => {
                let what = match self.dice.below(4) {
                    0 | 1 => What::Message,
                    2 => What::Direct,
                    _ => What::Switch(self.dice.below(2) == 0),
                };
                self.writes.push(Write::new(self.writes.len(), what));
                self.run.counts.writes += 1;
                self.attempt(self.writes.len() - 1);
            }
            7 if !self.writes.is_empty() => {
                // Whether or not it was acknowledged: an answer may be lost on its way.
                let number = self.dice.below(self.writes.len() as u64);
                self.attempt(number as usize);
            }
            8..11 => self.connect(tab as usize),
            11 | 12 => self.tabs[tab as usize].lose(),
            13 => self.sweep(node),
            _ => self.end_node(node),
        }
    }

    fn start(&mut self, node: usize, name: String, wire: Option<Arc<Wire>>, work: Work) {
        self.run.trace.push(format!("node {node} begins: {name}"));
        self.tasks.push(Task {
            name,
            node,
            ready: Arc::new(Ready(AtomicBool::new(true))),
            wire,
            work,
        });
    }

    /// Sends a write to any node, each time under its one key.
    fn attempt(&mut self, number: usize) {
        let place = self.any_node();
        self.attempts += 1;
        let id = format!("attempt-{}", self.attempts);
        let desk = self.nodes[place].desk.clone();
        let work = self.writes[number].sent(desk, self.beginning, id);
        self.start(place, format!("write {number}"), None, work);
    }

    fn sweep(&mut self, place: usize) {
        let desk = self.nodes[place].desk.clone();
        let work = async move {
            match desk.sweep(false).await {
                Ok(()) | Err(StoreError::Closed) => {}
                Err(error) => panic!("{error}"),
            }
        };
        self.start(place, "a sweep".to_owned(), None, Box::pin(work));
    }

    fn connect(&mut self, tab: usize) {
        self.tabs[tab].lose();
        let place = self.any_node();
        let wire = Arc::new(Wire::default());
        let node = &self.nodes[place];
        let serving = serve(
            Socket(Arc::clone(&wire)),
            node.desk.clone(),
            self.tabs[tab].signed_in.clone(),
            node.closing.subscribe(),
        );
        let name = format!("the connection of {}", self.tabs[tab].name);
        self.tabs[tab].connected(place, Arc::clone(&wire));
        self.run.counts.connections += 1;
        self.start(place, name, Some(wire), Box::pin(serving));
    }

    /// A node ends wherever it is, perhaps between a commit and what it would have published. Another one takes its place.
    fn end_node(&mut self, place: usize) {
        self.run.trace.push(format!("node {place} ends"));
        self.run.counts.ends += 1;
        self.nodes[place].store.end();
        self.tasks.retain(|task| task.node != place);
        self.network.forget(place);
        for tab in &mut self.tabs {
            if tab.wire.as_ref().is_some_and(|(node, _)| *node == place) {
                tab.wire = None;
            }
        }
        let node = self.node(place);
        self.nodes[place] = node;
    }

    /// A frame arrives at a node that rests. So a live connection never has a frame and an event to choose from: how
    /// `tokio::select!` chooses then is no seed's to say. Events come at any time, also while a frame is answered.
    fn choices(&self) -> Vec<Choice> {
        let gates = self.beginning.database.gates.waiting();
        let at_work = |node: usize| {
            let ready = |task: &Task| task.node == node && task.is_ready();
            gates.contains(&node) || self.tasks.iter().any(ready)
        };
        let mut choices: Vec<Choice> = (0..gates.len()).map(Choice::Gate).collect();
        for (place, task) in self.tasks.iter().enumerate() {
            let used = task.wire.as_ref().is_some_and(|wire| wire.is_used());
            if task.is_ready() {
                choices.push(Choice::Task(place));
            } else if used && !at_work(task.node) {
                choices.push(Choice::Frame(place));
            }
        }
        let tabs = self.tabs.iter().enumerate();
        let answered = tabs.filter(|(_, tab)| tab.is_answered());
        choices.extend(answered.map(|(place, _)| Choice::Tab(place)));
        choices.extend((0..self.network.flying()).map(Choice::Hint));
        choices
    }

    /// One of the things happens that can. Answers whether there was any.
    async fn happen(&mut self) -> bool {
        let choices = self.choices();
        if choices.is_empty() {
            return false;
        }
        let choice = choices[self.dice.below(choices.len() as u64) as usize];
        let what = match choice {
            Choice::Gate(place) => {
                self.beginning.database.gates.open(place);
                format!("gate {place} opens")
            }
            Choice::Task(place) => self.go_on(place),
            Choice::Frame(place) => {
                let wire = self.tasks[place].wire.clone();
                let arrived = wire.map(|wire| wire.arrive());
                format!("{} reads {arrived:?}", self.go_on(place))
            }
            Choice::Tab(tab) => {
                let heard = self.tabs[tab].hear();
                format!("{} reads {heard}", self.tabs[tab].name)
            }
            Choice::Hint(place) => self.hint(place),
        };
        self.run.trace.push(what);
        // What the program has spawned goes on, until it waits for a gate.
        yield_now().await;
        true
    }

    /// Lets a task go on. Answers which.
    fn go_on(&mut self, place: usize) -> String {
        let task = &mut self.tasks[place];
        let name = task.name.clone();
        task.ready.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&task.ready));
        let polled = task.work.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            drop(self.tasks.remove(place));
        }
        name
    }

    fn hint(&mut self, place: usize) -> String {
        let (lost, again) = match self.dice.below(6) {
            0 | 1 => (true, false),
            2 => (false, true),
            _ => (false, false),
        };
        let (node, hint) = self.network.take(place, again);
        let what = format!("{hint:?} for node {node}, lost: {lost}, again: {again}");
        self.run.counts.hints += 1;
        if lost {
            self.run.counts.lost += 1;
        } else {
            self.nodes[node].desk.on_hint(hint);
        }
        what
    }

    /// What a tab shows is what is stored, and what was acknowledged is stored once.
    async fn wrong(&self) -> Option<String> {
        for tab in &self.tabs {
            let wrong = tab.wrong(self.beginning).await;
            if wrong.is_some() {
                return wrong;
            }
        }
        let (amy, since) = &self.beginning.people[0];
        let (amy, chat) = (&amy.actor.id, &self.beginning.chat);
        let mut rows = self.beginning.database.look();
        let page = queries::conversation_page(&mut *rows, chat, amy, None).await;
        let entries = page.expect("it is hers").entries;
        let own = queries::notifications_missed(&mut *rows, amy, *since, i64::MAX).await;
        let own = own.expect("it can be read").expect("they are few");
        let mut writes = self.writes.iter();
        writes.find_map(|write| write.wrong(&entries, &own))
    }
}
