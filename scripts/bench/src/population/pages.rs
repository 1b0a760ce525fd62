//! What the pages of staff show of requests, alerts and the dashboard, and when. Tabs hand over every frame that tells of them;
//! while no craft (`crate::craft`) is measured, none is taken apart.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use shared::alerts::OpenAlert;
use shared::directory::Notification;
use shared::ids::{AlertRuleId, RequestId, WorkitemId};
use shared::live::ServerFrame;
use shared::workitem::AgentRow;
use tokio::sync::mpsc::UnboundedSender;

use super::size::{Size, TEAM};
use crate::latency::{Latency, Summary};

/// Supervisors of every team. Each has the dashboard of all agents open.
pub const LEADS: usize = 2;
/// How many pages show each hand and alert: that of the agent's own supervisor, and the leads'.
const PAGES: usize = 1 + LEADS;
/// The page of the agent's own supervisor.
const OWN: usize = 0;
/// How the frames begin that tell of the craft.
const FRAMES: [&str; 3] = ["{\"own\"", "{\"alerts\"", "{\"dashboard"];

/// Whether a frame tells of requests, alerts or the dashboard.
pub fn tells(text: &str) -> bool {
    FRAMES.iter().any(|begin| text.starts_with(begin))
}

/// Where tabs report. Copies are the same.
#[derive(Clone, Default)]
pub struct Pages(Arc<RwLock<Option<Arc<Seen>>>>);

impl Pages {
    /// From now on frames are taken apart.
    pub fn open(&self, seen: &Arc<Seen>) {
        self.set(Some(Arc::clone(seen)));
    }

    pub fn close(&self) {
        self.set(None);
    }

    fn set(&self, seen: Option<Arc<Seen>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// A frame came to the tab with this number. Answers the number of a notification in its user's log.
    pub fn shown(&self, tab: usize, text: &str) -> Option<i64> {
        let now = Instant::now();
        let open = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let seen = open.clone()?;
        drop(open);
        seen.shown(tab, text, now)
    }
}

/// Something that happens once and is shown on several pages.
#[derive(Default)]
pub struct Happening {
    /// When it was due, or somebody pressed the button.
    at: OnceLock<Instant>,
    acknowledged: AtomicBool,
    seen: [AtomicBool; PAGES],
}

impl Happening {
    /// The button is pressed.
    pub fn begins(&self, at: Instant) {
        // It happens once.
        let _ = self.at.set(at);
    }

    /// The program says that it is stored.
    pub fn acknowledge(&self) {
        self.acknowledged.store(true, Relaxed);
    }

    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged.load(Relaxed)
    }

    /// A page shows it; whether for the first time.
    fn see(&self, page: usize, now: Instant, times: &Latency) -> bool {
        let first = !self.seen[page].swap(true, Relaxed);
        if first && let Some(at) = self.at.get() {
            times.add(now.saturating_duration_since(*at));
        }
        first
    }

    /// How many pages should show it and do not.
    fn missing(&self) -> usize {
        let unseen = self.seen.iter().filter(|seen| !seen.load(Relaxed));
        if self.is_acknowledged() {
            unseen.count()
        } else {
            0
        }
    }
}

/// A hand that an agent raises.
pub struct Hand {
    pub agent: usize,
    pub workitem: WorkitemId,
    pub raised: Happening,
    /// The claim of the agent's own supervisor, shown to the agent and the leads.
    pub claimed: Happening,
    /// In a row of the leads' dashboards. A row may come when the hand is down again.
    rows: Happening,
    pub finished: AtomicBool,
}

/// What a customer says, and a rule finds.
pub struct Alarm {
    pub agent: usize,
    pub conversation: usize,
    pub workitem: WorkitemId,
    pub said: Happening,
    pub finished: AtomicBool,
}

/// What a supervisor does about what their page has just shown.
pub enum FollowUp {
    Hand {
        number: usize,
        request: RequestId,
    },
    Alarm {
        number: usize,
        rule: AlertRuleId,
        about: i64,
    },
}

/// The frames of one lead's dashboard.
#[derive(Default)]
struct Frames {
    last: Option<Instant>,
    count: usize,
    whole: usize,
    bytes: usize,
}

/// What the dashboards of all agents got while the load went on, all of them together.
#[derive(Clone, Copy, Debug, Default)]
pub struct DashboardFrames {
    pub count: usize,
    pub whole: usize,
    pub bytes: usize,
}

/// What the pages have shown so far.
pub struct Seen {
    size: Size,
    /// The load, during which dashboards are counted.
    begun: Instant,
    length: Duration,
    pub hands: Vec<Hand>,
    pub alarms: Vec<Alarm>,
    /// The latest hand and alarm of each workitem.
    up: Mutex<HashMap<WorkitemId, usize>>,
    sounded: Mutex<HashMap<WorkitemId, usize>>,
    requests: Mutex<HashMap<RequestId, usize>>,
    frames: [Mutex<Frames>; LEADS],
    follow_ups: UnboundedSender<FollowUp>,
    raised: Latency,
    claimed: Latency,
    rows: Latency,
    alerted: Latency,
    gaps: Latency,
    /// Requests that a page was shown once more.
    pub doubled: AtomicUsize,
}

/// How long it took until pages showed what happened, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct SeenTimes {
    pub raised: Summary,
    pub claimed: Summary,
    pub rows: Summary,
    pub alerted: Summary,
    /// From one frame of a dashboard to the next.
    pub gaps: Summary,
}

/// Whose page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageOwner {
    Agent(usize),
    Supervisor(usize),
    Lead(usize),
}

/// The page with this number, as tabs are numbered: agents, supervisors, customers, leads.
fn page(size: Size, tab: usize) -> PageOwner {
    match tab.checked_sub(size.agents) {
        None => PageOwner::Agent(tab),
        Some(number) if number < size.supervisors => PageOwner::Supervisor(number),
        Some(_) => PageOwner::Lead(tab.saturating_sub(first_lead(size))),
    }
}

/// The number of the first lead's tab.
pub fn first_lead(size: Size) -> usize {
    size.agents + size.supervisors + size.conversations()
}

/// Which of the pages it is on which supervisors see what this agent's work needs.
fn place(page: PageOwner, agent: usize) -> Option<usize> {
    match page {
        PageOwner::Supervisor(number) if number == agent / TEAM => Some(OWN),
        PageOwner::Lead(number) if number < LEADS => Some(OWN + 1 + number),
        _ => None,
    }
}

/// Which of the pages it is on which others see that the agent's own supervisor claimed the agent's request.
fn elsewhere(page: PageOwner, agent: usize) -> Option<usize> {
    match page {
        PageOwner::Agent(number) if number == agent => Some(OWN),
        PageOwner::Lead(_) => place(page, agent),
        _ => None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hand {
    pub fn new(agent: usize, workitem: WorkitemId) -> Self {
        Self {
            agent,
            workitem,
            raised: Happening::default(),
            claimed: Happening::default(),
            rows: Happening::default(),
            finished: AtomicBool::default(),
        }
    }
}

impl Alarm {
    pub fn new(agent: usize, conversation: usize, workitem: WorkitemId) -> Self {
        Self {
            agent,
            conversation,
            workitem,
            said: Happening::default(),
            finished: AtomicBool::default(),
        }
    }
}

impl Seen {
    pub fn new(
        size: Size,
        (begun, length): (Instant, Duration),
        (hands, alarms): (Vec<Hand>, Vec<Alarm>),
        follow_ups: UnboundedSender<FollowUp>,
    ) -> Self {
        Self {
            size,
            begun,
            length,
            hands,
            alarms,
            up: Mutex::default(),
            sounded: Mutex::default(),
            requests: Mutex::default(),
            frames: Default::default(),
            follow_ups,
            raised: Latency::default(),
            claimed: Latency::default(),
            rows: Latency::default(),
            alerted: Latency::default(),
            gaps: Latency::default(),
            doubled: AtomicUsize::default(),
        }
    }

    /// An agent is about to raise a hand that was due then.
    pub fn raises(&self, number: usize, due: Instant) {
        let hand = &self.hands[number];
        hand.raised.begins(due);
        hand.rows.begins(due);
        lock(&self.up).insert(hand.workitem.clone(), number);
    }

    /// A customer is about to say what was due then.
    pub fn says(&self, number: usize, due: Instant) {
        let alarm = &self.alarms[number];
        alarm.said.begins(due);
        lock(&self.sounded).insert(alarm.workitem.clone(), number);
    }

    fn shown(&self, tab: usize, text: &str, now: Instant) -> Option<i64> {
        let page = page(self.size, tab);
        let lead = match page {
            PageOwner::Lead(number) => self.frames.get(number).map(|frames| (number, frames)),
            _ => None,
        };
        // Those of single teams would cost this machine as much as a browser's to take apart.
        if text.starts_with("{\"dashboard") && lead.is_none() {
            return None;
        }
        match serde_json::from_str(text) {
            Ok(ServerFrame::Notification { seq, event }) => {
                self.notified(page, event, now);
                return Some(seq);
            }
            Ok(ServerFrame::Alerts(open)) => self.alerts(page, open, now),
            Ok(ServerFrame::Dashboard(dashboard)) => {
                self.dashboard(lead, (text.len(), true), &dashboard.agents, now);
            }
            Ok(ServerFrame::DashboardPatch(patch)) => {
                self.dashboard(lead, (text.len(), false), &patch.agents, now);
            }
            _ => {}
        }
        None
    }

    fn notified(&self, page: PageOwner, event: Notification, now: Instant) {
        match event {
            Notification::Message(message) => {
                let Some(request) = message.request else {
                    return;
                };
                let up = lock(&self.up);
                let workitem = request.workitem.as_ref();
                let Some(&number) = workitem.and_then(|(workitem, _)| up.get(workitem)) else {
                    return;
                };
                drop(up);
                let hand = &self.hands[number];
                let Some(place) = place(page, hand.agent) else {
                    return;
                };
                lock(&self.requests).insert(request.id.clone(), number);
                if !hand.raised.see(place, now, &self.raised) {
                    self.doubled.fetch_add(1, Relaxed);
                } else if place == OWN {
                    let request = request.id;
                    self.follow(FollowUp::Hand { number, request });
                }
            }
            Notification::RequestClaimed { request, .. } => {
                let Some(number) = lock(&self.requests).get(&request).copied() else {
                    return;
                };
                let hand = &self.hands[number];
                if let Some(place) = elsewhere(page, hand.agent) {
                    hand.claimed.see(place, now, &self.claimed);
                }
            }
            _ => {}
        }
    }

    /// Every alert that is open is in each of these frames.
    fn alerts(&self, page: PageOwner, open: Vec<OpenAlert>, now: Instant) {
        for alert in open {
            let Some(number) = lock(&self.sounded).get(&alert.workitem).copied() else {
                continue;
            };
            let alarm = &self.alarms[number];
            let Some(place) = place(page, alarm.agent) else {
                continue;
            };
            if alarm.said.see(place, now, &self.alerted) && place == OWN {
                let (rule, about) = (alert.rule, alert.about);
                self.follow(FollowUp::Alarm {
                    number,
                    rule,
                    about,
                });
            }
        }
    }

    fn dashboard(
        &self,
        lead: Option<(usize, &Mutex<Frames>)>,
        (bytes, whole): (usize, bool),
        rows: &[AgentRow],
        now: Instant,
    ) {
        let Some((lead, frames)) = lead else { return };
        if (self.begun..self.begun + self.length).contains(&now) {
            let mut frames = lock(frames);
            if let Some(last) = frames.last.replace(now) {
                self.gaps.add(now.saturating_duration_since(last));
            }
            frames.count += 1;
            frames.whole += usize::from(whole);
            frames.bytes += bytes;
        }
        for hand in rows.iter().flat_map(|row| &row.hands) {
            let up = lock(&self.up);
            if let Some(number) = hand.workitem.as_ref().and_then(|of| up.get(of)) {
                self.hands[*number].rows.see(lead, now, &self.rows);
            }
        }
    }

    fn follow(&self, follow_up: FollowUp) {
        // Nobody acts any more once the load is over.
        let _ = self.follow_ups.send(follow_up);
    }

    /// How many sights are missing of what was acknowledged.
    pub fn lost(&self) -> usize {
        let hands = self.hands.iter();
        let hands = hands.map(|hand| hand.raised.missing() + hand.claimed.missing());
        let alarms = self.alarms.iter().map(|alarm| alarm.said.missing());
        hands.chain(alarms).sum()
    }

    /// How many hands and alerts were seen to.
    pub fn finished(&self) -> usize {
        let hands = self.hands.iter().map(|hand| &hand.finished);
        let alarms = self.alarms.iter().map(|alarm| &alarm.finished);
        hands
            .chain(alarms)
            .filter(|done| done.load(Relaxed))
            .count()
    }

    pub fn times(&self) -> SeenTimes {
        SeenTimes {
            raised: self.raised.summary(),
            claimed: self.claimed.summary(),
            rows: self.rows.summary(),
            alerted: self.alerted.summary(),
            gaps: self.gaps.summary(),
        }
    }

    pub fn dashboards(&self) -> DashboardFrames {
        let mut all = DashboardFrames::default();
        for frames in &self.frames {
            let frames = lock(frames);
            all.count += frames.count;
            all.whole += frames.whole;
            all.bytes += frames.bytes;
        }
        all
    }
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
