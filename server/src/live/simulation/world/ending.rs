//! How a run ends: whatever was broken is whole again, and everybody shows what is stored.

use std::cell::RefCell;
use std::rc::Rc;

use app::backend::{Coaching as _, Workitems as _};
use shared::live::{ServerFrame, Topic};

use super::World;
use crate::live::simulation::counts::Kind;
use crate::live::simulation::tab::Tab;
use crate::queries;

/// After so many pieces of quiet time every tab has noticed that its network is gone.
const NOTICED: u64 = 12;

impl World<'_> {
    /// No hint arrives any more. What was not acknowledged is sent again, and who is away comes back.
    pub(super) async fn end(&mut self, sweeps: bool) {
        self.network.fall_silent();
        for tab in &mut self.tabs {
            tab.is_asleep = false;
        }
        self.rest().await;
        for number in 0..self.writes.len() {
            if !self.writes[number].is_acknowledged() {
                self.attempt(number);
                self.rest().await;
            }
        }
        for _ in 0..NOTICED {
            if self.tabs.iter().any(Tab::is_cut) {
                self.quiet(1).await;
            }
        }
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].wire.is_none() {
                self.connect(tab);
            }
        }
        self.rest().await;
        if sweeps {
            self.sweep_all(false).await;
        }
        self.run.wrong = self.wrong().await;
        if sweeps && self.run.wrong.is_none() {
            // What has no number waits for a round that is thorough, and for its turn.
            self.sweep_all(true).await;
            self.quiet(1).await;
            self.run.wrong = self.wrong_view().await;
        }
        self.count();
    }

    async fn sweep_all(&mut self, thorough: bool) {
        for place in 0..self.nodes.len() {
            self.sweep(place, thorough);
        }
        self.rest().await;
    }

    fn count(&mut self) {
        for place in 0..self.nodes.len() {
            self.count_overflows(place);
        }
        let counts = &mut self.run.counts;
        for met in self.tabs.iter().map(|tab| tab.met) {
            counts.add(Kind::Ping, met.pings);
            counts.add(Kind::PassedOver, met.passed_over);
            counts.add(Kind::Whole, met.wholes);
            counts.add(Kind::Patch, met.patches);
            counts.add(Kind::Page, met.pages);
        }
    }

    /// What a tab shows of logs is what is stored, and what was acknowledged is stored once.
    async fn wrong(&self) -> Option<String> {
        for tab in &self.tabs {
            if tab.is_cut() {
                return Some(format!("{} never notices that it hears nothing", tab.name));
            }
            let wrong = tab.wrong(self.beginning).await;
            if wrong.is_some() {
                return wrong;
            }
        }
        let amy = &self.beginning.people[0];
        let (since, amy) = (amy.since, &amy.signed_in.actor.id);
        let entries = self.beginning.conversation(amy).await.entries;
        let mut rows = self.beginning.database.look();
        let own = queries::notifications_missed(&mut *rows, amy, since, i64::MAX).await;
        let own = own.expect("it can be read").expect("they are few");
        let mut writes = self.writes.iter();
        writes.find_map(|write| write.wrong(&entries, &own))
    }

    /// What a tab shows of a projection is what its node reads now.
    async fn wrong_view(&mut self) -> Option<String> {
        for tab in 0..self.tabs.len() {
            let now = self.view_now(tab).await;
            let wrong = self.tabs[tab].wrong_view(now.as_ref());
            if wrong.is_some() {
                return wrong;
            }
        }
        None
    }

    /// The projection of a tab, as the page that shows it loads it.
    async fn view_now(&mut self, tab: usize) -> Option<ServerFrame> {
        let (node, _) = *self.tabs[tab].wire.as_ref()?;
        let desk = self.nodes[node].desk.clone();
        let actor = self.tabs[tab].signed_in.actor.clone();
        let projection = self.tabs[tab].projection.clone();
        let read: Rc<RefCell<Option<ServerFrame>>> = Rc::default();
        let keeps = Rc::clone(&read);
        let work = async move {
            let view = match projection {
                Topic::Dashboard => {
                    let dashboard = desk.dashboard_load(&actor).await;
                    ServerFrame::Dashboard(dashboard.expect("they may see it"))
                }
                _ => {
                    let list = desk.worklist_load(&actor).await;
                    ServerFrame::Agent(list.expect("it is theirs"))
                }
            };
            // As it comes out of the wire.
            let text = serde_json::to_string(&view).expect("a frame");
            *keeps.borrow_mut() = serde_json::from_str(&text).ok();
        };
        self.start(node, "a page is loaded".to_owned(), None, Box::pin(work));
        self.rest().await;
        read.take()
    }
}
