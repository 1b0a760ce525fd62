//! What staff do about a conversation beside its messages, for the stories that are told twice (SPEC, part 3): in the run with
//! supervisors all of it happens, in the other none. What a supervisor says or does to the customer happens in both, in the other
//! one by agents: the customer sees ordinary words either way.

// Each test file uses some of it.
#![allow(dead_code)]

use app::backend::{
    Alerts, Assistance, Coaching, Directory, History, Labels, Notes, Reviews, SteppingIn, Workitems,
};
use server::commands::{
    AlertRuleCreate, LabelCreate, List, MessageAppend, MessageContent, MonitoringBegin,
    OrganisationSave, UserUpdate,
};
use server::desk::Desk;
use server::desk::monitoring::Leaving;
use server::desk::presence::Connected;
use server::store::CommandContext;
use shared::alerts::{AlertCondition, AlertRule};
use shared::assistance::{Ask, Recipient, SettledHow};
use shared::error::AppError;
use shared::history::HistoryQuery;
use shared::ids::{
    AlertRuleId, CommandKey, EntryId, LabelId, RequestId, TeamId, UserId, WorkitemId,
};
use shared::labels::{Label, LabelKind};
use shared::organisation::SettingChange;
use shared::people::{Actor, PersonRef, Role};
use shared::text::{CoachingText, DirectoryText, MessageText, NoteText, ReplyText, ReviewComment};
use shared::transcript::{EndReason, Reaction};
use shared::workitem::{TransferTo, WorkitemState};

/// Stands in everything that staff write for each other here, and in nothing that is said to a customer.
pub const HIDDEN: &str = "between ourselves";

/// What a supervisor says to the customer: beside amy, and in her place; and ben, to whom her work is reassigned.
pub const BESIDE: &str = "I see to it.";
pub const INSTEAD: &str = "It leaves our house today.";
pub const REASSIGNED: &str = "I have it in front of me.";

/// After how many seconds with the agent an alert is raised.
pub const LONG: u64 = 61;

/// The connection of Sue's tab.
const SUES: u64 = 4_711;

/// The staff of one run.
pub struct Craft<'a> {
    desk: &'a Desk,
    /// Whether supervisors do their work in this run.
    coached: bool,
    /// Dropped earlier, somebody would be missed.
    _there: Vec<Connected>,
}

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

impl<'a> Craft<'a> {
    /// The agents are there: amy, ben, and Sam, who is an agent as well. Sue, who only supervises, is there in one run.
    pub async fn begin(desk: &'a Desk, coached: bool) -> Self {
        let there = ["amy", "ben", "sam"].into_iter();
        let there = there.chain(coached.then_some("sue"));
        let craft = Self {
            desk,
            coached,
            _there: there.map(|id| desk.presence_connect(&user(id))).collect(),
        };
        craft.sam_is_an_agent().await;
        craft.labels_are_offered().await;
        craft
    }

    /// An administrator sets that agents are not notified of who monitors their work. It is so in both runs.
    pub async fn agents_are_not_notified(&self) {
        let store = self.desk.store();
        let mut rows = store.snapshot().await.unwrap();
        let version = rows.organisation_find().await.unwrap().version;
        drop(rows);
        let save = OrganisationSave {
            actor: self.actor("ada").await.person(),
            version,
            changes: vec![SettingChange {
                name: "monitoring_announced".to_owned(),
                value: 0,
            }],
            session: String::new(),
            key: self.key(),
            at: self.desk.clock().now(),
        };
        let saved = store.execute(save).await.unwrap();
        self.desk.publish(saved);
    }

    /// Amy knows that a supervisor looks on, or does not, as the organisation wants it.
    async fn amy_knows_as_set(&self, workitem: &WorkitemId, supervisor: &UserId) {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let settings = rows.organisation_find().await.unwrap().settings;
        drop(rows);
        let amy = self.actor("amy").await;
        let read = self.desk.conversation_load(&amy, workitem.clone()).await;
        let monitors = read.unwrap().workitem.monitors;
        let knows = monitors.iter().any(|one| one.id == *supervisor);
        assert_eq!(knows, settings.monitoring_announced);
    }

    fn key(&self) -> CommandKey {
        CommandKey::parse(self.desk.ids().next()).unwrap()
    }

    fn entry(&self) -> EntryId {
        EntryId::parse(self.desk.ids().next()).unwrap()
    }

    fn context(&self) -> CommandContext {
        CommandContext {
            actor: None,
            key: self.key(),
            at: self.desk.clock().now(),
        }
    }

    async fn actor(&self, id: &str) -> Actor {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        rows.actor_find(&user(id)).await.unwrap().unwrap()
    }

    async fn sam_is_an_agent(&self) {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let users = rows.user_list().await.unwrap();
        drop(rows);
        let sam = users.into_iter().find(|account| account.id == user("sam"));
        let sam = sam.expect("the demo has him");
        let update = UserUpdate {
            user: sam.id,
            name: sam.name,
            roles: vec![Role::Supervisor, Role::Agent],
            capacity: None,
            version: sam.version,
            session: None,
            context: self.context(),
        };
        let updated = self.desk.store().execute(update).await.unwrap();
        self.desk.publish(updated);
    }

    /// Two outcomes and two tags. Not every host has some.
    async fn labels_are_offered(&self) {
        use LabelKind::{Outcome, Tag};
        for (number, kind) in [Outcome, Outcome, Tag, Tag].into_iter().enumerate() {
            let label = Label {
                id: LabelId::parse(self.desk.ids().next()).unwrap(),
                kind,
                name: format!("Label {number}"),
                team: None,
                active: true,
                version: 1,
            };
            let context = self.context();
            let create = LabelCreate { label, context };
            self.desk.store().execute(create).await.unwrap();
        }
    }

    /// Who has a workitem, and in which state it is.
    async fn held(&self, workitem: &WorkitemId) -> (Option<UserId>, WorkitemState) {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let row = rows.workitem_find(workitem).await.unwrap().unwrap();
        (row.workitem.agent.map(|agent| agent.id), row.workitem.state)
    }

    /// Everything that staff do about a workitem that amy has had for [`LONG`], but for what they say and do to its customer.
    pub async fn everything_silent(&self, workitem: &WorkitemId) {
        self.label(workitem).await;
        if !self.coached {
            return;
        }
        self.requests(workitem).await;
        self.alert(workitem).await;
        self.sue_follows_amy(workitem).await;
        self.keep(workitem).await;
        self.review(workitem).await;
        self.sam_reads_everything(workitem).await;
        self.talk().await;
        // This one waits until the workitem moves or its conversation ends.
        self.raised(workitem).await;
    }

    /// Amy raises a hand, to all supervisors who are there.
    async fn raised(&self, workitem: &WorkitemId) -> RequestId {
        let amy = self.actor("amy").await;
        let options = self.desk.assistance_options_load(&amy).await.unwrap();
        let ask = Ask {
            template: options.templates[0].id.clone(),
            recipient: Recipient::AllSignedIn,
            workitem: Some(workitem.clone()),
            text: None,
        };
        let asked = self.desk.assistance_request(&amy, self.key(), ask).await;
        assert_eq!(asked.unwrap().recipients.len(), 2, "sam and sue are there");
        let list = self.desk.worklist_load(&amy).await.unwrap();
        let mut hands = list.hands.into_iter().rev();
        let hand = hands.find(|hand| hand.workitem.as_ref() == Some(workitem));
        hand.expect("a raised hand").request
    }

    /// Claimed, claimed too late, handed back, claimed again and done; then withdrawn.
    async fn requests(&self, workitem: &WorkitemId) {
        let desk = self.desk;
        let (amy, sam, sue) = (
            self.actor("amy").await,
            self.actor("sam").await,
            self.actor("sue").await,
        );
        let request = self.raised(workitem).await;
        let claim = desk.request_claim(&sue, self.key(), request.clone()).await;
        assert_eq!(claim.unwrap().by.id, sue.id);
        let late = desk.request_claim(&sam, self.key(), request.clone()).await;
        assert!(matches!(late, Err(AppError::Conflict { .. })), "{late:?}");
        let back = desk.request_hand_back(&sue, self.key(), request.clone());
        back.await.unwrap();
        let claim = desk.request_claim(&sam, self.key(), request.clone()).await;
        assert_eq!(claim.unwrap().by.id, sam.id);
        let done = desk.request_handle(&sam, self.key(), request).await;
        assert_eq!(done.unwrap().how, SettledHow::Handled);
        let request = self.raised(workitem).await;
        let taken_back = desk.request_withdraw(&amy, self.key(), request).await;
        assert_eq!(taken_back.unwrap().how, SettledHow::Withdrawn);
    }

    /// A rule finds that amy has had it for long, and Sam dismisses the alert.
    async fn alert(&self, workitem: &WorkitemId) {
        let desk = self.desk;
        let id = AlertRuleId::parse(desk.ids().next()).unwrap();
        let rule = AlertRule {
            name: format!("{HIDDEN}, {id}"),
            id: id.clone(),
            team: None,
            condition: AlertCondition::Handled(1),
            active: true,
            version: 0,
        };
        let context = self.context();
        let create = AlertRuleCreate { rule, context };
        let created = desk.store().execute(create).await.unwrap();
        desk.publish(created);
        desk.alerts_check().await.unwrap();
        let about = self.alerted(workitem, &id).await.expect("an alert");
        let sam = self.actor("sam").await;
        let dismiss = desk.alert_dismiss(&sam, workitem.clone(), self.key(), id.clone(), about);
        dismiss.await.unwrap();
        assert_eq!(self.alerted(workitem, &id).await, None);
    }

    /// What the open alert of this rule is about.
    async fn alerted(&self, workitem: &WorkitemId, rule: &AlertRuleId) -> Option<i64> {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let open = rows.alerts_open(Some(workitem)).await.unwrap();
        let found = open.into_iter().find(|alert| alert.key.rule == *rule);
        found.map(|alert| alert.key.about)
    }

    /// Sue coaches amy here and goes on to amy's next workitem. Amy reads it, likes it or not, and answers, which Sue reads.
    async fn sue_follows_amy(&self, workitem: &WorkitemId) {
        let desk = self.desk;
        let (amy, sue) = (self.actor("amy").await, self.actor("sue").await);
        desk.monitoring_join(&sue, workitem, SUES).await.unwrap();
        self.amy_knows_as_set(workitem, &sue.id).await;
        desk.coaching_typing(&sue, workitem).await;
        let text = CoachingText::parse(HIDDEN).unwrap();
        let to = Some(amy.id.clone());
        let sent = desk.coaching_send(&sue, workitem.clone(), self.key(), text, to);
        let advice = sent.await.unwrap().entry.id;
        let dismissed = desk.coaching_dismiss(&amy, workitem.clone(), advice.clone());
        dismissed.await.unwrap();
        let read = desk.workitem_read(&amy, workitem.clone(), i64::MAX);
        read.await.unwrap();
        for reaction in [Some(Reaction::ThumbsDown), Some(Reaction::ThumbsUp), None] {
            let (entry, key) = (advice.clone(), self.key());
            let set = desk.reaction_set(&amy, workitem.clone(), entry, key, reaction);
            set.await.unwrap();
        }
        desk.coaching_typing(&amy, workitem).await;
        let text = ReplyText::parse(HIDDEN).unwrap();
        let reply = desk.coaching_reply(&amy, workitem.clone(), self.key(), text);
        reply.await.unwrap();
        let seen = desk.coaching_reply_seen(&sue, workitem.clone(), i64::MAX);
        seen.await.unwrap();
        let list = desk.agent_workitems_load(&sue, amy.id.clone()).await;
        let mut others = list.unwrap().workitems.into_iter();
        let next = others.find(|other| other.id != *workitem);
        let next = next.expect("amy has more work").id;
        self.sue_leaves(workitem).await;
        desk.monitoring_join(&sue, &next, SUES).await.unwrap();
        self.sue_leaves(&next).await;
    }

    async fn sue_leaves(&self, workitem: &WorkitemId) {
        let left = Leaving::Now(EndReason::Left);
        self.desk
            .monitoring_leave(&user("sue"), workitem, SUES, left)
            .await;
    }

    /// Amy and Sam write notes.
    pub async fn keep(&self, workitem: &WorkitemId) {
        let desk = self.desk;
        let (amy, sam) = (self.actor("amy").await, self.actor("sam").await);
        for who in [&amy, &sam] {
            let text = NoteText::parse(HIDDEN).unwrap();
            let noted = desk.note_add(who, workitem.clone(), self.key(), text);
            noted.await.unwrap();
        }
    }

    /// Amy and Sam say how it ended and what it is about. Other systems read that with the workitem, so it happens in both runs.
    async fn label(&self, workitem: &WorkitemId) {
        let desk = self.desk;
        let (amy, sam) = (self.actor("amy").await, self.actor("sam").await);
        let offered = desk.label_list(&sam, workitem.clone()).await.unwrap();
        let of = |kind: LabelKind| offered.iter().filter(move |label| label.kind == kind);
        let outcomes = of(LabelKind::Outcome).zip([&amy, &sam]);
        let tags = of(LabelKind::Tag).zip([&sam, &amy]);
        let set: Vec<_> = outcomes.chain(tags).collect();
        assert_eq!(set.len(), 4, "{offered:?}");
        for on in [true, false, true] {
            for (label, who) in &set {
                let (label, key) = (label.id.clone(), self.key());
                let labelled = desk.label_set(who, workitem.clone(), key, label, on);
                labelled.await.unwrap();
            }
        }
    }

    /// Sam flags it and reviews it himself, open or closed.
    async fn review(&self, workitem: &WorkitemId) {
        let (desk, sam) = (self.desk, self.actor("sam").await);
        let comment = ReviewComment::parse(HIDDEN).unwrap();
        let flagged = desk.review_flag(&sam, workitem.clone(), self.key(), comment);
        flagged.await.unwrap();
        let read = desk.conversation_load(&sam, workitem.clone()).await;
        let number = read.unwrap().review.expect("a flag").number;
        let done = desk.review_finish(&sam, workitem.clone(), self.key(), number);
        done.await.unwrap();
    }

    /// Every way in which a supervisor reads an open workitem.
    pub async fn sam_reads_everything(&self, workitem: &WorkitemId) {
        let (desk, sam) = (self.desk, self.actor("sam").await);
        let peek = desk.workitem_peek(&sam, workitem.clone()).await.unwrap();
        assert!(!peek.entries.is_empty());
        desk.coaching_helped(&sam, workitem.clone()).await.unwrap();
        desk.dashboard_load(&sam).await.unwrap();
        let amys = desk.agent_workitems_load(&sam, user("amy")).await;
        amys.unwrap();
        let care = TeamId::parse("care").unwrap();
        desk.queue_load(&sam, care).await.unwrap();
        self.find(workitem).await;
    }

    /// Search, reading and files of the history, which have what is closed as well.
    async fn find(&self, workitem: &WorkitemId) {
        let (desk, sam) = (self.desk, self.actor("sam").await);
        let query = HistoryQuery {
            words: "between".to_owned(),
            coaching: "1".to_owned(),
            ..HistoryQuery::default()
        };
        desk.history_search(&sam, query.clone()).await.unwrap();
        desk.history_export(&sam, query).await.unwrap();
        for list in [List::Agents, List::Requests] {
            desk.list_export(&sam, list).await.unwrap();
        }
        desk.history_read(&sam, workitem.clone()).await.unwrap();
        let before = desk.conversations_before(&sam, workitem.clone());
        before.await.unwrap();
    }

    /// The two write to each other, and Sam to the whole team.
    async fn talk(&self) {
        let desk = self.desk;
        let (amy, sam) = (self.actor("amy").await, self.actor("sam").await);
        let text = || DirectoryText::parse(HIDDEN).unwrap();
        let care = TeamId::parse("care").unwrap();
        let written = desk.team_message_send(&sam, care, self.key(), text());
        written.await.unwrap();
        for (from, to) in [(&amy, &sam), (&sam, &amy)] {
            let sent = desk.directory_send(from, to.id.clone(), self.key(), text(), None);
            sent.await.unwrap();
            let read = desk.directory_read(to, from.id.clone(), i64::MAX);
            read.await.unwrap();
        }
    }

    /// Sam writes to the customer beside amy. In the other run amy writes the same under that name.
    pub async fn sam_writes_beside(&self, workitem: &WorkitemId, text: &str) {
        let (desk, sam) = (self.desk, self.actor("sam").await);
        let text = MessageText::parse(text).unwrap();
        if self.coached {
            let begin = MonitoringBegin {
                workitem: workitem.clone(),
                supervisor: sam.person(),
                node: None,
                entry: self.entry(),
                at: desk.clock().now(),
            };
            let begun = desk.store().execute(begin).await.unwrap();
            desk.publish(begun);
            let barge = desk.barge_send(&sam, workitem.clone(), self.key(), text);
            barge.await.unwrap();
            return;
        }
        let message = MessageAppend {
            workitem: workitem.clone(),
            agent: PersonRef {
                id: user("amy"),
                name: sam.name,
            },
            entry: self.entry(),
            at: desk.clock().now(),
            content: MessageContent::text(text),
            key: self.key(),
        };
        let sent = desk.store().execute(message).await.unwrap();
        desk.publish(sent);
    }

    /// Sam takes amy's work over, answers the customer as its agent and gives it back. In the other run amy transfers it to him, as
    /// to any agent, and he to her.
    pub async fn sam_takes_over(&self, workitem: &WorkitemId, text: &str) {
        let (desk, sam) = (self.desk, self.actor("sam").await);
        match self.coached {
            true => {
                let (key, from) = (self.key(), user("amy"));
                let taken = desk.workitem_take_over(&sam, workitem.clone(), key, from);
                taken.await.unwrap();
            }
            false => self.transfer(workitem, "amy", "sam").await,
        }
        let sams = (Some(user("sam")), WorkitemState::Active);
        assert_eq!(self.held(workitem).await, sams);
        self.says(workitem, &sam, text).await;
        match self.coached {
            true => {
                let back = desk.workitem_give_back(&sam, workitem.clone(), self.key());
                back.await.unwrap();
            }
            false => self.transfer(workitem, "sam", "amy").await,
        }
        let amys = (Some(user("amy")), WorkitemState::Active);
        assert_eq!(self.held(workitem).await, amys);
    }

    /// Sam hands amy's work on to ben, who answers, and then back to her. In the other run the two transfer it themselves.
    pub async fn sam_reassigns(&self, workitem: &WorkitemId, text: &str) {
        self.hand_on(workitem, "amy", "ben").await;
        let ben = self.actor("ben").await;
        self.says(workitem, &ben, text).await;
        self.hand_on(workitem, "ben", "amy").await;
        let amys = (Some(user("amy")), WorkitemState::Active);
        assert_eq!(self.held(workitem).await, amys);
    }

    async fn hand_on(&self, workitem: &WorkitemId, from: &str, to: &str) {
        if !self.coached {
            return self.transfer(workitem, from, to).await;
        }
        let (sam, to) = (self.actor("sam").await, TransferTo::Agent(user(to)));
        let (key, workitem) = (self.key(), workitem.clone());
        let handed = self.desk.workitem_reassign(&sam, workitem, key, to, true);
        handed.await.unwrap();
    }

    async fn transfer(&self, workitem: &WorkitemId, from: &str, to: &str) {
        let (from, to) = (self.actor(from).await, TransferTo::Agent(user(to)));
        let (key, workitem) = (self.key(), workitem.clone());
        let handed = self
            .desk
            .workitem_transfer(&from, workitem, key, to, true, None);
        handed.await.unwrap();
    }

    async fn says(&self, workitem: &WorkitemId, agent: &Actor, text: &str) {
        let text = MessageText::parse(text).unwrap();
        let sent = self
            .desk
            .message_send(agent, workitem.clone(), self.key(), text);
        sent.await.unwrap();
    }

    /// Sam ends amy's conversation. In the other run amy does.
    pub async fn ends(&self, workitem: &WorkitemId) {
        let (desk, key) = (self.desk, self.key());
        let ended = match self.coached {
            true => {
                let sam = self.actor("sam").await;
                desk.conversation_end(&sam, workitem.clone(), key).await
            }
            false => {
                let amy = self.actor("amy").await;
                desk.workitem_wrap_up(&amy, workitem.clone(), key).await
            }
        };
        ended.unwrap();
        let over = (Some(user("amy")), WorkitemState::WrapUp);
        assert_eq!(self.held(workitem).await, over);
    }

    /// What staff do about a workitem in wrap-up.
    pub async fn wraps_up(&self, workitem: &WorkitemId) {
        self.label(workitem).await;
        if self.coached {
            self.keep(workitem).await;
            self.sam_reads_everything(workitem).await;
        }
    }

    /// What supervisors do about a workitem that is closed.
    pub async fn looks_back(&self, workitem: &WorkitemId) {
        if self.coached {
            self.review(workitem).await;
            self.find(workitem).await;
            // While an agent has it, it is read where that agent sees who reads.
            let sam = self.actor("sam").await;
            let export = self
                .desk
                .transcript_export(&sam, workitem.clone(), "txt", "yes");
            export.await.unwrap();
        }
    }
}
