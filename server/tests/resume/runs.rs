//! The runs: what happens, in which order, is thrown.

use std::path::PathBuf;

use futures_util::future::join_all;
use server::commands::{
    CoachingAppend, CoachingForward, CoachingReply, CoachingReplySeen, DirectoryAppend,
    MessageAppend, MessageContent, MonitoringBegin, ReactionSet, SettingsSave, WorkitemRead,
};
use server::store::{Change, StoreError};
use shared::directory::Switches;
use shared::ids::{DirectoryMessageId, EntryId};
use shared::people::Actor;
use shared::text::{CoachingText, MessageText, ReplyText};
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Reaction};

use crate::dice::{Dice, seed};
use crate::tab::Tab;
use crate::world::{Beginning, World};

const RUNS: u64 = 150;
const STEPS: u64 = 60;
/// More than a connection's queue holds.
const BURST: u64 = 300;
/// More than is replayed change by change.
const LONG: usize = 520;

struct Run {
    dice: Dice,
    world: World,
    tabs: Vec<Tab>,
    amy: Actor,
    sam: Actor,
    /// Coaching entries, to react to.
    coached: Vec<EntryId>,
    saved: Option<PathBuf>,
    tick: i64,
}

impl Run {
    async fn begin(beginning: &Beginning, seed: u64) -> Self {
        let world = World::begin(beginning).await;
        let (amy, sam) = (world.actor("amy").await, world.actor("sam").await);
        let mut tabs = Vec::new();
        for (number, (who, cookie)) in beginning.cookies.iter().cycle().take(3).enumerate() {
            let actor = if *who == "amy" { &amy } else { &sam };
            let name = format!("tab {number} of {who}");
            let mut tab = Tab::open(&world, name, actor.clone(), cookie).await;
            tab.load(&world).await;
            tabs.push(tab);
        }
        Self {
            dice: Dice::of(seed),
            coached: Vec::new(),
            saved: None,
            tick: 0,
            world,
            tabs,
            amy,
            sam,
        }
    }

    fn now(&mut self) -> Timestamp {
        self.tick += 1;
        Timestamp(1_800_000_000_000_000 + self.tick * 1_000_000)
    }

    fn text(&mut self) -> String {
        let long = self.dice.below(5) == 0;
        let length = 1 + self.dice.below(if long { 3_900 } else { 30 });
        let number = self.now().0;
        format!("{number} {}", "x".repeat(length as usize))
    }

    async fn step(&mut self) {
        let which = self.dice.below(3) as usize;
        match self.dice.below(100) {
            0..12 => self.agent_writes(which).await,
            12..20 => self.supervisor_coaches().await,
            20..28 => self.agent_reacts().await,
            28..31 => self.agent_forwards().await,
            31..34 => self.agent_reads().await,
            34..36 => self.agent_replies().await,
            36 => self.supervisor_sees_replies().await,
            37..40 => self.supervisor_writes_directly().await,
            40..48 => self.everything_arrives(),
            48..56 => self.something_arrives(true),
            56..60 => self.something_arrives(false),
            60..64 => self.something_is_lost(),
            64..66 => self.world.sweep().await,
            66..80 => {
                let most = 1 + self.dice.below(20);
                self.tabs[which].read(&self.world, most).await;
            }
            80..85 => self.tabs[which].connect(&self.world).await,
            85..88 => self.tabs[which].lose(),
            88..91 => self.tabs[which].follow(&self.world).await,
            91..93 => self.tabs[which].load(&self.world).await,
            93..95 => self.tabs[which].scroll(&self.world).await,
            95..97 => self.tabs[which].answered(),
            97 => self.burst(),
            98 => self.saved = Some(self.world.save().await),
            _ => self.rare().await,
        }
    }

    async fn rare(&mut self) {
        match self.dice.below(8) {
            0..3 => self.world.restart(None).await,
            3..7 => self.copy_comes_back().await,
            _ => self.much_is_missed().await,
        }
    }

    /// An older copy takes the place of the database: numbers begin again where it stood, for other things.
    async fn copy_comes_back(&mut self) {
        if let Some(copy) = self.saved.clone() {
            self.world.restart(Some(copy)).await;
            self.coached.clear();
            // An answer that was given before the host ended has long been handled.
            for tab in &mut self.tabs {
                tab.answer = None;
            }
        }
    }

    async fn agent_writes(&mut self, which: usize) {
        let command = MessageAppend {
            workitem: self.world.chat.clone(),
            agent: self.amy.person(),
            entry: self.world.entry(),
            at: self.now(),
            content: MessageContent::text(MessageText::parse(&self.text()).expect("a text")),
            key: self.world.key(),
        };
        let written = self.world.desk.store().execute(command).await;
        let sent = self.world.written(written.expect("stored"));
        self.tabs[which].answer = Some(sent);
    }

    async fn supervisor_coaches(&mut self) {
        let command = CoachingAppend {
            workitem: self.world.chat.clone(),
            supervisor: self.sam.person(),
            entry: self.world.entry(),
            at: self.now(),
            text: CoachingText::parse(&self.text()).expect("a text"),
            agent: None,
            key: self.world.key(),
        };
        let sent = loop {
            // Nobody coaches unseen. A tab that was lost may end the monitoring in between: then once more.
            let (entry, at, sam) = (self.world.entry(), self.now(), self.sam.person());
            let begin = MonitoringBegin {
                workitem: self.world.chat.clone(),
                supervisor: sam,
                node: None,
                entry,
                at,
            };
            let store = self.world.desk.store();
            let begun = store.execute(begin).await.expect("may monitor");
            self.world.written(begun);
            match self.world.desk.store().execute(command.clone()).await {
                Err(StoreError::NotMonitoring) => {}
                written => break self.world.written(written.expect("stored")),
            }
        };
        assert!(matches!(sent.entry.body, EntryBody::Coaching { .. }));
        self.coached.push(sent.entry.id);
    }

    fn some_coaching(&mut self) -> Option<EntryId> {
        let count = self.coached.len() as u64;
        (count > 0).then(|| self.coached[self.dice.below(count) as usize].clone())
    }

    fn reaction(&self, entry: EntryId, reaction: Option<Reaction>, at: Timestamp) -> ReactionSet {
        ReactionSet {
            workitem: self.world.chat.clone(),
            agent: self.amy.id.clone(),
            entry,
            reaction,
            context: self.world.context(&self.amy, at),
        }
    }

    async fn agent_reacts(&mut self) {
        let Some(entry) = self.some_coaching() else {
            return;
        };
        let reaction = [None, Some(Reaction::ThumbsUp), Some(Reaction::ThumbsDown)];
        let reaction = reaction[self.dice.below(3) as usize];
        let at = self.now();
        let react = self.reaction(entry, reaction, at);
        let written = self.world.desk.store().execute(react).await;
        let written = written.expect("stored");
        self.world.written(written);
    }

    async fn agent_forwards(&mut self) {
        let Some(source) = self.some_coaching() else {
            return;
        };
        let forward = CoachingForward {
            workitem: self.world.chat.clone(),
            source,
            agent: self.amy.person(),
            entry: self.world.entry(),
            at: self.now(),
            key: self.world.key(),
        };
        let written = self.world.desk.store().execute(forward).await;
        let written = written.expect("stored");
        self.world.written(written);
    }

    async fn agent_reads(&mut self) {
        let through = self.dice.below(20) as i64;
        let store = self.world.desk.store();
        let read = WorkitemRead {
            workitem: self.world.chat.clone(),
            agent: self.amy.id.clone(),
            through,
            at: Timestamp(1),
        };
        let written = store.execute(read).await.expect("stored");
        self.world.written(written);
    }

    async fn agent_replies(&mut self) {
        if self.coached.is_empty() {
            return;
        }
        let command = CoachingReply {
            workitem: self.world.chat.clone(),
            agent: self.amy.person(),
            entry: self.world.entry(),
            at: self.now(),
            text: ReplyText::parse(&self.text()).expect("a text"),
            key: self.world.key(),
        };
        let written = self.world.desk.store().execute(command).await;
        self.world.written(written.expect("stored"));
    }

    async fn supervisor_sees_replies(&mut self) {
        let seen = CoachingReplySeen {
            workitem: self.world.chat.clone(),
            supervisor: self.sam.id.clone(),
            through: i64::MAX,
            at: self.now(),
        };
        let written = self.world.desk.store().execute(seen).await;
        self.world.written(written.expect("stored"));
    }

    async fn supervisor_writes_directly(&mut self) {
        let command = DirectoryAppend {
            id: DirectoryMessageId::parse(self.world.entry().as_str()).expect("an id"),
            from: self.sam.person(),
            to: self.amy.id.clone(),
            text: self.text(),
            answers: None,
            at: self.now(),
            key: self.world.key(),
        };
        let written = self.world.desk.store().execute(command).await;
        self.world.written(written.expect("stored"));
    }

    fn everything_arrives(&mut self) {
        for change in std::mem::take(&mut self.world.air) {
            self.world.publish(change, true);
        }
    }

    fn pick(&mut self) -> Option<usize> {
        let count = self.world.air.len() as u64;
        (count > 0).then(|| self.dice.below(count) as usize)
    }

    /// One thing arrives before others; unless `once`, it will come again.
    fn something_arrives(&mut self, once: bool) {
        if let Some(at) = self.pick() {
            let change = match once {
                true => self.world.air.remove(at),
                false => self.world.air[at].clone(),
            };
            // Between the nodes more is lost than inside of one.
            let heard = self.dice.below(4) > 0;
            self.world.publish(change, heard);
        }
    }

    fn something_is_lost(&mut self) {
        if let Some(at) = self.pick() {
            self.world.air.remove(at);
        }
    }

    /// More at once than a queue holds: subscribers are closed.
    fn burst(&mut self) {
        let old = Change::WorkitemHead {
            id: self.world.chat.clone(),
            rev: 1,
        };
        for _ in 0..BURST {
            self.world.publish_everywhere(&old);
        }
    }

    /// So much is lost that a tab that was away gets the whole instead of each change.
    async fn much_is_missed(&mut self) {
        if self.coached.is_empty() {
            self.supervisor_coaches().await;
        }
        let entry = self.coached[0].clone();
        let at = self.now();
        let store = self.world.desk.store();
        let amy = &self.amy.id;
        let reactions = (0..LONG).map(|number| {
            let reaction = (number % 2 == 0).then_some(Reaction::ThumbsUp);
            store.execute(self.reaction(entry.clone(), reaction, at))
        });
        join_all(reactions).await;
        let settings = (0..LONG).map(|number| {
            let context = self.world.context(&self.amy, at);
            store.execute(SettingsSave {
                user: amy.clone(),
                switches: Switches {
                    pop_up: Some(number % 2 == 0),
                    ..Switches::default()
                },
                context,
            })
        });
        join_all(settings).await;
    }

    /// The network is whole again: only the heads of the database are published.
    async fn end(mut self) {
        self.world.air.clear();
        self.world.sweep().await;
        for tab in &mut self.tabs {
            tab.settle(&self.world).await;
        }
        // And it goes on from there.
        self.agent_writes(0).await;
        self.supervisor_writes_directly().await;
        self.everything_arrives();
        for tab in &mut self.tabs {
            tab.settle(&self.world).await;
        }
    }
}

#[tokio::test]
async fn whatever_happens_a_tab_ends_with_what_the_database_holds() {
    let beginning = Beginning::made().await;
    let first = seed();
    for number in 0..RUNS {
        let mut run = Run::begin(&beginning, first.wrapping_add(number)).await;
        for _ in 0..STEPS {
            run.step().await;
        }
        run.end().await;
    }
}
