//! A small organisation in a fresh store, and short words for what happens in it.
//!
//! Team Care: the agents Amy and Ben, the supervisors Sam and Sue. Team Sales: the agent Cleo, the supervisor Sid.
//! Ada administers. Time goes on by a second whenever somebody looks at the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use server::commands::{
    CoachingAppend, CoachingForward, CustomerAnswer, CustomerSend, DirectoryAppend, Handover,
    MessageAppend, MonitoringBegin, MonitoringEnd, ReactionSet, RequestCreate, SessionBegin,
    StateChange, TeamSave, TemplateCreate, WorkitemAssign, WorkitemClose, WorkitemRead,
    WorkitemTransfer, WorkitemWrapUp,
};
use server::queries;
use server::reads::Reads;
use server::store::sqlite::SqliteStore;
use server::store::{
    Candidate, CommandContext, CustomerSent, EntryPage, Snapshot, Store, Stored, Written,
};
use shared::admin::{ChatChannel, TeamChange, UserAccount};
use shared::assistance::Template;
use shared::customer::CustomerFrame;
use shared::directory::{DirectoryMessage, DirectoryPage, OwnEvent};
use shared::ids::*;
use shared::people::{PersonRef, Role};
use shared::text::CoachingText;
use shared::time::Timestamp;
use shared::transcript::{EndReason, Entry, Reaction, Sent, WorkitemChange};
use shared::workitem::Workitem;
use tempfile::TempDir;

use crate::administration_commands::Administration;
use crate::words::*;

/// A store with people in it.
pub struct Fixture {
    pub store: Arc<dyn Store>,
    pub reads: Reads,
    ticks: AtomicI64,
    folder: TempDir,
}

/// One fixture for every store that the contract binds, with the read cache and without it.
pub async fn every() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for cached in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteStore::open(&folder.path().join("sideline.db"))
            .await
            .unwrap();
        fixtures.push(Fixture::furnished(Arc::new(sqlite), cached, folder).await);
    }
    fixtures
}

/// The hash that everybody's password has here.
pub const HASH: &str = "hash";

/// A session that begins with the right password, in no browser that anybody knows.
pub fn beginning(session: &str, user: &UserId, now: Timestamp) -> SessionBegin {
    SessionBegin {
        session: session.to_owned(),
        user: user.clone(),
        verified: HASH.to_owned(),
        renewed: None,
        browser: None,
        now,
        idle_us: 60_000_000,
        absolute_us: 60_000_000,
    }
}

impl Fixture {
    async fn furnished(store: Arc<dyn Store>, cached: bool, folder: TempDir) -> Self {
        let fixture = Self {
            reads: Reads::new(store.clone(), cached),
            store,
            ticks: AtomicI64::new(0),
            folder,
        };
        let people = [
            ("amy", Role::Agent),
            ("ben", Role::Agent),
            ("cleo", Role::Agent),
            ("sam", Role::Supervisor),
            ("sue", Role::Supervisor),
            ("sid", Role::Supervisor),
            ("ada", Role::Administrator),
        ];
        for (id, role) in people {
            let account = UserAccount {
                id: user(id),
                username: id.to_owned(),
                name: person(id).name,
                roles: vec![role],
                active: true,
                version: 0,
                capacity: None,
            };
            fixture
                .store
                .user_create(account, HASH, fixture.context())
                .await
                .unwrap();
        }
        fixture
            .save_team("care", "Care", true, &["amy", "ben"], &["sam", "sue"])
            .await
            .unwrap();
        fixture
            .save_team("sales", "Sales", true, &["cleo"], &["sid"])
            .await
            .unwrap();
        let chat = ChatChannel {
            key: channel(),
            name: "Chat with Care".to_owned(),
            active: true,
            version: 0,
        };
        fixture
            .store
            .channel_create(&team("care"), chat, fixture.context())
            .await
            .unwrap();
        fixture
    }

    /// The same data, as somebody sees them who has just opened the file.
    pub async fn reopened(&self) -> (Arc<dyn Store>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        // Everything, sessions too, which a backup leaves out.
        let file = self.folder.path().join("sideline.db");
        let source =
            rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
        let path = copy.to_str().unwrap();
        source.unwrap().execute("VACUUM INTO $1", [path]).unwrap();
        let store = SqliteStore::open(&copy).await.unwrap();
        (Arc::new(store), folder)
    }

    /// One state of the data.
    pub async fn rows(&self) -> Box<dyn Snapshot> {
        self.store.snapshot().await.unwrap()
    }

    /// The next second.
    pub fn now(&self) -> Timestamp {
        Timestamp((self.tick() + 1) * 1_000_000)
    }

    fn tick(&self) -> i64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    /// The operator does something new.
    pub fn context(&self) -> CommandContext {
        CommandContext {
            actor: None,
            key: self.fresh_key(),
            at: self.now(),
        }
    }

    /// Somebody does something new.
    pub fn context_of(&self, actor: &str) -> CommandContext {
        CommandContext {
            actor: Some(user(actor)),
            ..self.context()
        }
    }

    pub fn fresh_key(&self) -> CommandKey {
        key(&format!("k{}", self.tick()))
    }

    pub fn fresh_entry(&self) -> EntryId {
        entry(&format!("e{}", self.tick()))
    }

    pub async fn save_team(
        &self,
        id: &str,
        name: &str,
        create: bool,
        members: &[&str],
        supervisors: &[&str],
    ) -> Stored<Written<shared::admin::Team>> {
        let ids = |names: &[&str]| names.iter().map(|id| user(id)).collect::<Vec<_>>();
        let teams = self.store.team_list().await?;
        let stored = teams.iter().find(|stored| stored.id == team(id));
        let save = TeamSave {
            team: team(id),
            create,
            change: TeamChange {
                name: name.to_owned(),
                members: ids(members),
                supervisors: ids(supervisors),
                version: stored.map_or(0, |stored| stored.version),
            },
            context: self.context(),
        };
        self.store.execute(save).await
    }

    /// A customer's command, with ids of its own.
    pub fn customer_send(&self, visitor: &str, text: &str) -> CustomerSend {
        CustomerSend {
            channel: channel(),
            visitor: visitor.to_owned(),
            name: "Kim Kunde".to_owned(),
            text: said(text),
            at: self.now(),
            workitem: WorkitemId::parse(format!("w{}", self.tick())).unwrap(),
            entry: self.fresh_entry(),
            key: self.fresh_key(),
            begins: true,
        }
    }

    pub async fn customer_says(&self, visitor: &str, text: &str) -> Written<CustomerSent> {
        let send = self.customer_send(visitor, text);
        self.store.execute(send).await.unwrap()
    }

    /// A customer answers in a workitem that exists.
    pub async fn customer_answers(
        &self,
        workitem: &WorkitemId,
        text: &str,
        entry: EntryId,
        key: CommandKey,
    ) -> Stored<Written<()>> {
        let answer = CustomerAnswer {
            workitem: workitem.clone(),
            text: said(text),
            entry,
            at: self.now(),
            key,
        };
        self.store.execute(answer).await
    }

    pub async fn assign(&self, workitem: &WorkitemId, agent: &str) -> Stored<Written<()>> {
        let assign = WorkitemAssign {
            workitem: workitem.clone(),
            agent: user(agent),
            entry: self.fresh_entry(),
            at: self.now(),
        };
        self.store.execute(assign).await
    }

    pub async fn transfer(&self, change: StateChange, to: Handover) -> Stored<Written<()>> {
        self.store.execute(WorkitemTransfer { change, to }).await
    }

    /// Who could take work of these teams.
    pub async fn candidates(&self, teams: &[TeamId]) -> Vec<Candidate> {
        let mut rows = self.store.snapshot().await.unwrap();
        queries::queue_candidates(&mut *rows, teams).await.unwrap()
    }

    /// A chat that a customer began and that an agent was given.
    pub async fn chat_of(&self, agent: &str, visitor: &str) -> WorkitemId {
        let sent = self.customer_says(visitor, "My router is dead.").await;
        self.assign(&sent.value.workitem, agent).await.unwrap();
        sent.value.workitem
    }

    pub fn answer(&self, workitem: &WorkitemId, agent: &str, text: &str) -> MessageAppend {
        MessageAppend {
            workitem: workitem.clone(),
            agent: person(agent),
            entry: self.fresh_entry(),
            at: self.now(),
            text: said(text),
            key: self.fresh_key(),
        }
    }

    pub async fn agent_says(
        &self,
        workitem: &WorkitemId,
        agent: &str,
        text: &str,
    ) -> Stored<Written<Sent>> {
        let message = self.answer(workitem, agent, text);
        self.store.execute(message).await
    }

    pub async fn coach(
        &self,
        workitem: &WorkitemId,
        supervisor: &str,
        text: &str,
    ) -> Stored<Written<Sent>> {
        let coaching = CoachingAppend {
            workitem: workitem.clone(),
            supervisor: person(supervisor),
            entry: self.fresh_entry(),
            at: self.now(),
            text: CoachingText::parse(text).unwrap(),
            key: self.fresh_key(),
        };
        self.store.execute(coaching).await
    }

    pub async fn forward(
        &self,
        workitem: &WorkitemId,
        source: &EntryId,
        agent: &str,
    ) -> Stored<Written<Sent>> {
        let forward = CoachingForward {
            workitem: workitem.clone(),
            source: source.clone(),
            agent: person(agent),
            entry: self.fresh_entry(),
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(forward).await
    }

    pub async fn monitor(&self, workitem: &WorkitemId, supervisor: &str) -> Stored<Written<bool>> {
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: person(supervisor),
            entry: self.fresh_entry(),
            at: self.now(),
        };
        self.store.execute(begin).await
    }

    pub async fn unmonitor(
        &self,
        workitem: &WorkitemId,
        supervisor: &str,
    ) -> Stored<Written<bool>> {
        let end = MonitoringEnd {
            workitem: workitem.clone(),
            supervisor: user(supervisor),
            reason: EndReason::Left,
            entry: self.fresh_entry(),
            at: self.now(),
        };
        self.store.execute(end).await
    }

    /// Who monitors what.
    pub async fn monitorings(&self) -> Vec<(WorkitemId, UserId)> {
        self.rows().await.monitoring_list().await.unwrap()
    }

    pub async fn react(
        &self,
        workitem: &WorkitemId,
        agent: &str,
        entry: &EntryId,
        reaction: Option<Reaction>,
        context: CommandContext,
    ) -> Stored<Written<()>> {
        let react = ReactionSet {
            workitem: workitem.clone(),
            agent: user(agent),
            entry: entry.clone(),
            reaction,
            context,
        };
        self.store.execute(react).await
    }

    pub fn state_change(&self, workitem: &WorkitemId, agent: &str) -> StateChange {
        StateChange {
            workitem: workitem.clone(),
            agent: person(agent),
            entry: self.fresh_entry(),
            at: self.now(),
            key: self.fresh_key(),
        }
    }

    /// What waits, in which team's queue.
    pub async fn queue(&self) -> Vec<(WorkitemId, TeamId)> {
        let mut rows = self.store.snapshot().await.unwrap();
        let waiting = rows.queue_list().await.unwrap().into_iter();
        waiting.map(|work| (work.workitem, work.team)).collect()
    }

    pub async fn wrap_up(&self, workitem: &WorkitemId, agent: &str) -> Stored<Written<()>> {
        let change = self.state_change(workitem, agent);
        self.store.execute(WorkitemWrapUp(change)).await
    }

    pub async fn close(&self, workitem: &WorkitemId, agent: &str) -> Stored<Written<()>> {
        let change = self.state_change(workitem, agent);
        self.store.execute(WorkitemClose(change)).await
    }

    pub async fn workitem(&self, workitem: &WorkitemId) -> Workitem {
        let record = self.reads.workitem_find(workitem).await.unwrap();
        record.expect("the workitem is there").workitem
    }

    /// Somebody who may read it: its agent, or the supervisor of its team.
    pub async fn viewer(&self, workitem: &WorkitemId) -> UserId {
        let workitem = self.workitem(workitem).await;
        match workitem.agent {
            Some(agent) => agent.id,
            None if workitem.team == team("care") => user("sam"),
            None => user("sid"),
        }
    }

    /// The newest page of a conversation.
    pub async fn entries(&self, workitem: &WorkitemId) -> Vec<Entry> {
        let viewer = self.viewer(workitem).await;
        self.entries_of(workitem, &viewer).await
    }

    /// The newest page of a conversation, as somebody reads it.
    pub async fn entries_of(&self, workitem: &WorkitemId, viewer: &UserId) -> Vec<Entry> {
        let page = self.page(workitem, viewer, None).await;
        page.unwrap().entries
    }

    pub async fn page(
        &self,
        workitem: &WorkitemId,
        viewer: &UserId,
        before: Option<i64>,
    ) -> Stored<EntryPage> {
        let mut rows = self.store.snapshot().await.unwrap();
        queries::conversation_page(&mut *rows, workitem, viewer, before).await
    }

    /// Everything after a revision, as somebody reads it.
    pub async fn changes_of(
        &self,
        workitem: &WorkitemId,
        viewer: &UserId,
        after: i64,
        limit: i64,
    ) -> Stored<Option<Vec<(i64, WorkitemChange)>>> {
        let mut rows = self.store.snapshot().await.unwrap();
        queries::workitem_changes(&mut *rows, workitem, viewer, after, limit).await
    }

    pub async fn read(
        &self,
        workitem: &WorkitemId,
        agent: &str,
        through: i64,
        at: Timestamp,
    ) -> Stored<Written<()>> {
        let read = WorkitemRead {
            workitem: workitem.clone(),
            agent: user(agent),
            through,
            at,
        };
        self.store.execute(read).await
    }

    pub async fn lines(&self, workitem: &WorkitemId) -> Vec<String> {
        self.entries(workitem).await.iter().map(line).collect()
    }

    pub async fn changes_after(
        &self,
        workitem: &WorkitemId,
        after: i64,
    ) -> Vec<(i64, WorkitemChange)> {
        let viewer = self.viewer(workitem).await;
        let changes = self.changes_of(workitem, &viewer, after, 1_000).await;
        changes.unwrap().expect("few enough changes")
    }

    pub async fn head(&self, workitem: &WorkitemId) -> i64 {
        let mut rows = self.store.snapshot().await.unwrap();
        let heads = rows.workitem_heads(std::slice::from_ref(workitem)).await;
        heads.unwrap()[0].1
    }

    pub async fn frames(&self, workitem: &WorkitemId) -> Vec<CustomerFrame> {
        let mut rows = self.store.snapshot().await.unwrap();
        rows.customer_frames_after(workitem, 0, 10_000)
            .await
            .unwrap()
    }

    pub async fn write_to(&self, from: &str, to: &str, text: &str) -> Written<DirectoryMessage> {
        self.write_answer(from, to, text, None).await.unwrap()
    }

    pub async fn write_answer(
        &self,
        from: &str,
        to: &str,
        text: &str,
        answers: Option<RequestId>,
    ) -> Stored<Written<DirectoryMessage>> {
        let message = DirectoryAppend {
            id: DirectoryMessageId::parse(format!("d{}", self.tick())).unwrap(),
            from: person(from),
            to: user(to),
            text: text.to_owned(),
            answers,
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(message).await
    }

    pub async fn directory_page(
        &self,
        user: &UserId,
        with: &UserId,
        before: Option<i64>,
    ) -> Stored<DirectoryPage> {
        let mut rows = self.rows().await;
        queries::directory_page(&mut *rows, user, with, before).await
    }

    /// The open requests to somebody.
    pub async fn requests_to(&self, supervisor: &str) -> Vec<DirectoryMessage> {
        let mut rows = self.rows().await;
        rows.requests_open_to(&user(supervisor)).await.unwrap()
    }

    /// What a browser missed that has seen a user's log up to `after`.
    pub async fn missed(
        &self,
        user: &UserId,
        after: i64,
        limit: i64,
    ) -> Option<Vec<(i64, OwnEvent)>> {
        let mut rows = self.rows().await;
        let missed = queries::notifications_missed(&mut *rows, user, after, limit).await;
        missed.unwrap()
    }

    pub async fn templates(&self, active_only: bool) -> Vec<Template> {
        self.rows().await.template_list(active_only).await.unwrap()
    }

    pub async fn add_template(&self, id: &str, text: &str) -> Template {
        let template = Template {
            id: TemplateId::parse(id).unwrap(),
            title: id.to_owned(),
            text: text.to_owned(),
            active: true,
            version: 0,
        };
        let context = self.context();
        let create = TemplateCreate { template, context };
        self.store.execute(create).await.unwrap().value
    }

    pub async fn raise_hand(
        &self,
        agent: &str,
        template: &Template,
        recipients: &[&str],
        workitem: Option<WorkitemId>,
    ) -> Stored<(RequestId, Written<Vec<PersonRef>>)> {
        let request = RequestId::parse(format!("r{}", self.tick())).unwrap();
        let message = |id: &&str| {
            let message = DirectoryMessageId::parse(format!("d{}", self.tick())).unwrap();
            (person(id), message)
        };
        let command = RequestCreate {
            request: request.clone(),
            agent: person(agent),
            template: template.id.clone(),
            choice: "all_signed_in",
            named: None,
            recipients: recipients.iter().map(message).collect(),
            workitem,
            text: None,
            at: self.now(),
            key: self.fresh_key(),
        };
        let written = self.store.execute(command).await?;
        Ok((request, written))
    }
}
