//! Nodes, tabs and what lies between them. Whatever can happen next is on a list, and the dice choose from it.

mod ending;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use shared::ids::NodeId;
use shared::people::Presence;
use shared::time::Timestamp;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::advance;

use super::super::QUEUE;
use super::super::connection::serve;
use super::beginning::Beginning;
use super::counts::{Counts, Kind};
use super::network::{Network, Way};
use super::tab::Tab;
use super::wire::{Socket, Wire};
use super::writes::{What, Work, Write};
use crate::bus::Audience;
use crate::bus::hint::Hint;
use crate::clock_and_ids::{Clock, Ids};
use crate::desk::nodes::NodeConfig;
use crate::desk::{Desk, DeskConfig};
use crate::dice::Dice;
use crate::store::simulated::NodeStore;

/// How many things happen before the network falls silent.
const STEPS: u64 = 120;
/// Of so many things one is new; the others are what follows from those before.
const NEW_ONE_IN: u64 = 10;
/// How long one of them takes at most, in microseconds: while much happens, no connection is late for its heartbeats.
const STEP_US: u64 = 60_000;
/// In quiet times so much passes at once. A tab is not taken for silent because of that.
const PIECE_US: u64 = 5_000_000;
/// How many pieces a quiet time has at most: a host gives up a browser from which nothing comes.
const QUIET: u64 = 8;
/// Of so many hints that tell where a log stands one comes more often than a connection's queue holds.
const STORM_ONE_IN: u64 = 24;
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

/// The ids that a node makes: no other node makes one of them, nor the one that takes its place.
struct NodeIds {
    node: String,
    next: AtomicU64,
}

impl Ids for NodeIds {
    fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", self.node)
    }

    fn secret(&self) -> String {
        self.next()
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

/// What it tells of where a log stands, and nothing else.
fn of_log(hint: &Hint) -> Option<Hint> {
    match hint {
        Hint::Workitem { id, rev, .. } => Some(Hint::Workitem {
            id: id.clone(),
            rev: *rev,
            holder: None,
        }),
        Hint::Notification { .. } => Some(hint.clone()),
        _ => None,
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
            tabs: people.map(Tab::open).collect(),
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
            let later = self.dice.below(STEP_US);
            self.pass(later).await;
            // Where nothing follows from what was before, something new begins.
            if self.dice.below(NEW_ONE_IN) == 0 || !self.happen().await {
                self.begin_something().await;
            }
        }
        self.end(sweeps).await;
        self.run
    }

    /// The true time, in microseconds.
    fn now(&self) -> i64 {
        self.time.load(Ordering::Relaxed)
    }

    /// Time passes, on every clock and for whatever waits for it.
    async fn pass(&mut self, micros: u64) {
        self.time.fetch_add(micros as i64, Ordering::Relaxed);
        advance(Duration::from_micros(micros)).await;
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].gives_up(self.now()) {
                self.run.counts.add(Kind::Silence, 1);
                self.connect(tab);
            }
        }
    }

    /// Nothing new begins for so many pieces of time.
    async fn quiet(&mut self, pieces: u64) {
        self.run.trace.push(format!("it is quiet: {pieces}"));
        for _ in 0..pieces {
            self.rest().await;
            self.pass(PIECE_US).await;
        }
        self.rest().await;
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
        let ids = Arc::new(NodeIds {
            node: id.clone(),
            next: AtomicU64::new(0),
        });
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
        Node {
            desk: Desk::new(store.clone(), Arc::new(clock), ids, config),
            store,
            closing: watch::Sender::new(false),
        }
    }

    fn any_node(&mut self) -> usize {
        self.dice.below(self.nodes.len() as u64) as usize
    }

    async fn begin_something(&mut self) {
        let (node, tab) = (self.any_node(), self.dice.below(self.tabs.len() as u64));
        let tab = tab as usize;
        match self.dice.below(20) {
            0..7 => self.write(),
            7 if !self.writes.is_empty() => {
                // Whether or not it was acknowledged: an answer may be lost on its way.
                let number = self.dice.below(self.writes.len() as u64);
                self.attempt(number as usize);
            }
            8..11 => self.connect(tab),
            11 | 12 => self.tabs[tab].lose(),
            13 => {
                let thorough = self.dice.below(4) == 0;
                self.sweep(node, thorough);
            }
            14 | 15 => {
                let asleep = !self.tabs[tab].is_asleep;
                self.tabs[tab].is_asleep = asleep;
                self.run.counts.add(Kind::Nap, u64::from(asleep));
            }
            16 => {
                if let Some((_, wire)) = &self.tabs[tab].wire {
                    wire.cut();
                    self.run.counts.add(Kind::Cut, 1);
                }
            }
            17 => {
                let pieces = 1 + self.dice.below(QUIET);
                self.quiet(pieces).await;
            }
            18 => self.tabs[tab].turn_page(self.beginning).await,
            _ => self.end_node(node),
        }
    }

    fn write(&mut self) {
        let what = match self.dice.below(5) {
            0 | 1 => What::Message,
            2 => What::Direct,
            3 => What::Presence(Presence::ALL[self.dice.below(4) as usize]),
            _ => What::Switch(self.dice.below(2) == 0),
        };
        self.writes.push(Write::new(self.writes.len(), what));
        self.run.counts.add(Kind::Write, 1);
        self.attempt(self.writes.len() - 1);
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

    fn sweep(&mut self, place: usize, thorough: bool) {
        let desk = self.nodes[place].desk.clone();
        let work = async move { desk.sweep_round(thorough).await };
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
        let now = self.now();
        self.tabs[tab].connected(place, Arc::clone(&wire), now);
        self.run.counts.add(Kind::Connection, 1);
        self.start(place, name, Some(wire), Box::pin(serving));
    }

    /// A node ends wherever it is, perhaps between a commit and what it would have published. Another one takes its place.
    fn end_node(&mut self, place: usize) {
        self.run.trace.push(format!("node {place} ends"));
        self.run.counts.add(Kind::End, 1);
        self.count_overflows(place);
        self.nodes[place].store.end();
        self.tasks.retain(|task| task.node != place);
        self.network.forget(place);
        for tab in &mut self.tabs {
            if tab.wire.as_ref().is_some_and(|(node, _)| *node == place) && !tab.is_cut() {
                tab.lose();
            }
        }
        let node = self.node(place);
        self.nodes[place] = node;
    }

    /// Connections that were full, since the node began.
    fn count_overflows(&mut self, place: usize) {
        let bus = self.nodes[place].desk.bus();
        let overflows = bus.subscription_stats(Audience::Staff).overflows;
        self.run.counts.add(Kind::Overflow, overflows);
    }

    fn choices(&self) -> Vec<Choice> {
        let gates = self.beginning.database.gates.waiting();
        let mut choices: Vec<Choice> = (0..gates.len()).map(Choice::Gate).collect();
        for (place, task) in self.tasks.iter().enumerate() {
            let used = task.wire.as_ref().is_some_and(|wire| wire.is_used());
            if task.is_ready() {
                choices.push(Choice::Task(place));
            } else if used {
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
                let now = self.now();
                let heard = self.tabs[tab].hear(now);
                format!("{} reads {heard}", self.tabs[tab].name)
            }
            Choice::Hint(place) => self.hint(place),
        };
        self.run.trace.push(what);
        // What the program has spawned goes on, until it waits for a gate. A round of reads lets others in front once.
        yield_now().await;
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
            let task = self.tasks.remove(place);
            if task.wire.is_some_and(|wire| wire.was_given_up()) {
                self.run.counts.add(Kind::GivenUp, 1);
            }
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
        let (mut hints, of_log) = (vec![hint.clone()], of_log(&hint));
        if lost {
            hints.clear();
            self.run.counts.add(Kind::Lost, 1);
        } else if let Some(of_log) = of_log
            && self.dice.below(STORM_ONE_IN) == 0
        {
            hints.extend(vec![of_log; QUEUE]);
            self.run.counts.add(Kind::Storm, 1);
        }
        let times = hints.len();
        let what = format!("{hint:?} for node {node}, times: {times}, again: {again}");
        self.run.counts.add(Kind::Hint, 1);
        for hint in hints {
            self.nodes[node].desk.on_hint(hint);
        }
        what
    }
}
