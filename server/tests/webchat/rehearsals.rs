//! Silence (SPEC, part 3), for conversations that nobody thought of: each is held twice with the same clock and ids,
//! once by the agent alone and once with supervisors who do whatever supervisors do, and the customer's bytes are
//! compared.

use app::backend::{Assistance, Coaching, Directory, Reviews, Workitems};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use server::desk::monitoring::Leaving;
use shared::assistance::{Ask, Recipient};
use shared::error::AppError;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::people::Actor;
use shared::text::{DirectoryText, ReviewComment};
use shared::transcript::{EndReason, Reaction};

use crate::actors::Host;
use crate::craft::Craft;
use crate::customer::{Customer, Stream, words};

/// What happens next. The first group happens in both runs, the second only where there are supervisors.
#[derive(Clone, Debug)]
enum Step {
    CustomerWrites(String),
    AgentWrites(String),
    /// With supervisors: one of them wrote this, and the agent forwards it. Alone: the agent types it.
    AgentForwards(String),
    /// With supervisors: one writes to the customer beside the agent. Alone: the agent writes it under that name.
    SupervisorWrites(String),
    /// With supervisors: one takes the work over, writes, and gives it back. Alone: it is transferred there and back.
    SupervisorTakesOver(String),
    /// With supervisors: one reassigns the work, and back. Alone: it is transferred there and back.
    SupervisorReassigns(String),
    TimePasses(u64),
    PageIsLoaded,
    /// The network broke after some event; the browser connects again and goes on there.
    StreamBreaks(Index),
    HistoryIsRead(Index),

    SupervisorComes(Supervisor),
    SupervisorGoes(Supervisor, Going),
    SupervisorCoaches(Supervisor, String),
    AgentReacts(Index, Option<Reaction>),
    /// Forwards what was forwarded already: nothing goes out.
    AgentForwardsAgain(Index),
    /// Answers those who coach, while both write, and they look at it.
    AgentReplies(String),
    AgentRaisesHand,
    /// Sees to the agent's first request, hands it back, or says that it is done.
    SupervisorActs(Supervisor, Seeing),
    AgentWritesToSupervisor(String),
    AgentReads,
    SupervisorLooks(Supervisor),
    /// Flags the conversation for review, or, where it is flagged, marks it as reviewed.
    SupervisorReviews(Supervisor, String),
    /// Peeks, asks what helped before, searches, and saves files.
    SupervisorSearches,
    /// Agent and supervisor write notes, and give labels.
    StaffKeeps,
}

#[derive(Clone, Copy, Debug)]
enum Supervisor {
    Sam,
    Sue,
}

#[derive(Clone, Copy, Debug)]
enum Seeing {
    Claim,
    HandBack,
    Done,
}

#[derive(Clone, Copy, Debug)]
enum Going {
    Back,
    ConnectionLost,
    SignedOut,
}

impl Supervisor {
    fn id(self) -> &'static str {
        match self {
            Supervisor::Sam => "sam",
            Supervisor::Sue => "sue",
        }
    }

    /// Each has one tab.
    fn connection(self) -> u64 {
        self as u64 + 1
    }
}

fn text() -> impl Strategy<Value = String> {
    "[a-z<&\"é🙂][a-z<>&\"' é🙂\n]{0,30}[a-z.?]"
}

fn supervisor() -> impl Strategy<Value = Supervisor> {
    prop_oneof![Just(Supervisor::Sam), Just(Supervisor::Sue)]
}

fn going() -> impl Strategy<Value = Going> {
    prop_oneof![
        Just(Going::Back),
        Just(Going::ConnectionLost),
        Just(Going::SignedOut)
    ]
}

fn seeing() -> impl Strategy<Value = Seeing> {
    prop_oneof![
        Just(Seeing::Claim),
        Just(Seeing::HandBack),
        Just(Seeing::Done)
    ]
}

fn reaction() -> impl Strategy<Value = Option<Reaction>> {
    prop_oneof![
        Just(None),
        Just(Some(Reaction::ThumbsUp)),
        Just(Some(Reaction::ThumbsDown))
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => text().prop_map(Step::CustomerWrites),
        3 => text().prop_map(Step::AgentWrites),
        2 => text().prop_map(Step::AgentForwards),
        1 => text().prop_map(Step::SupervisorWrites),
        1 => text().prop_map(Step::SupervisorTakesOver),
        1 => text().prop_map(Step::SupervisorReassigns),
        1 => (1_u64..60).prop_map(Step::TimePasses),
        1 => Just(Step::PageIsLoaded),
        1 => any::<Index>().prop_map(Step::StreamBreaks),
        1 => any::<Index>().prop_map(Step::HistoryIsRead),
        3 => supervisor().prop_map(Step::SupervisorComes),
        2 => (supervisor(), going()).prop_map(|(who, how)| Step::SupervisorGoes(who, how)),
        3 => (supervisor(), text()).prop_map(|(who, text)| Step::SupervisorCoaches(who, text)),
        2 => (any::<Index>(), reaction()).prop_map(|(which, what)| Step::AgentReacts(which, what)),
        1 => any::<Index>().prop_map(Step::AgentForwardsAgain),
        2 => text().prop_map(Step::AgentReplies),
        1 => Just(Step::AgentRaisesHand),
        2 => (supervisor(), seeing()).prop_map(|(who, what)| Step::SupervisorActs(who, what)),
        1 => text().prop_map(Step::AgentWritesToSupervisor),
        1 => Just(Step::AgentReads),
        1 => supervisor().prop_map(Step::SupervisorLooks),
        1 => (supervisor(), text()).prop_map(|(who, text)| Step::SupervisorReviews(who, text)),
        1 => Just(Step::SupervisorSearches),
        1 => Just(Step::StaffKeeps),
    ]
}

/// One run of a conversation.
struct Run<'a> {
    host: &'a Host,
    craft: Craft<'a>,
    coached: bool,
    workitem: WorkitemId,
    eve: Customer<'a>,
    live: Stream,
    /// The ids of the events that the browser saw.
    seen: Vec<String>,
    bytes: String,
    keys: u32,
    /// What supervisors wrote, and what of it was forwarded.
    advice: Vec<EntryId>,
    forwarded: Vec<EntryId>,
}

impl Run<'_> {
    /// A key that the browser made: the same in both runs.
    fn post(&mut self, text: &str) -> String {
        self.keys += 1;
        json!({ "name": "Eve Ito", "text": text, "key": format!("k{}", self.keys) }).to_string()
    }

    /// The open stream shows exactly this next.
    async fn shows(&mut self, text: &str) {
        let event = self.live.next().await.expect("an event");
        assert_eq!(words(&event.data), text);
        self.seen.push(event.id);
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::CustomerWrites(text) => {
                let body = self.post(&text);
                self.bytes += &self.eve.post(body).await.bytes();
                self.shows(&text).await;
            }
            Step::AgentWrites(text) => {
                self.host.amy_says(&self.workitem, &text).await;
                self.shows(&text).await;
            }
            Step::AgentForwards(text) => {
                if self.coached {
                    let source = self.host.sam_coaches(&self.workitem, &text).await;
                    self.forward(source.clone()).await;
                    self.forwarded.push(source);
                } else {
                    self.host.amy_says(&self.workitem, &text).await;
                }
                self.shows(&text).await;
            }
            Step::SupervisorWrites(text) => {
                self.craft.sam_writes_beside(&self.workitem, &text).await;
                self.shows(&text).await;
            }
            Step::SupervisorTakesOver(text) => {
                self.craft.sam_takes_over(&self.workitem, &text).await;
                self.shows(&text).await;
            }
            Step::SupervisorReassigns(text) => {
                self.craft.sam_reassigns(&self.workitem, &text).await;
                self.shows(&text).await;
            }
            Step::TimePasses(seconds) => self.host.clock.advance(seconds),
            Step::PageIsLoaded => {
                self.bytes += &self.eve.get("/chat/care").await.bytes();
                self.bytes += &self.host.archived(&self.workitem).await;
            }
            Step::HistoryIsRead(from) => {
                let path = format!("/chat/care/history?after={}", from.get(&self.seen));
                self.bytes += &self.eve.get(&path).await.bytes();
            }
            Step::StreamBreaks(at) => self.reconnect(at.index(self.seen.len())).await,
            hidden if self.coached => self.hidden(hidden).await,
            _ => {}
        }
    }

    async fn reconnect(&mut self, last: usize) {
        let again = self.eve.live(Some(&self.seen[last])).await;
        let before = std::mem::replace(&mut self.live, again);
        self.bytes += &before.bytes;
        for missed in self.seen.split_off(last + 1) {
            let event = self.live.next().await.expect("what was missed");
            assert_eq!(event.id, missed);
            self.seen.push(event.id);
        }
    }

    async fn forward(&self, source: EntryId) {
        let amy = self.host.actor("amy").await;
        let workitem = self.workitem.clone();
        let sent = self
            .host
            .desk
            .coaching_forward(&amy, workitem, source, self.host.key())
            .await;
        sent.expect("it is forwarded");
    }

    async fn supervisor(&self, who: Supervisor) -> Actor {
        self.host.actor(who.id()).await
    }

    /// What supervisors do, and what the agent does about it.
    async fn hidden(&mut self, step: Step) {
        let (desk, workitem) = (&self.host.desk, self.workitem.clone());
        let amy = self.host.actor("amy").await;
        match step {
            Step::SupervisorComes(who) => {
                let actor = self.supervisor(who).await;
                desk.monitoring_join(&actor, &workitem, who.connection())
                    .await
                    .expect("may look");
            }
            Step::SupervisorGoes(who, how) => {
                let leaving = match how {
                    Going::Back => Leaving::Now(EndReason::Left),
                    Going::ConnectionLost => Leaving::Lost,
                    Going::SignedOut => Leaving::Now(EndReason::SignedOut),
                };
                let actor = self.supervisor(who).await;
                desk.monitoring_leave(&actor.id, &workitem, who.connection(), leaving)
                    .await;
            }
            Step::SupervisorCoaches(who, text) => {
                let entry = self.host.coaches(who.id(), &workitem, &text).await;
                self.advice.push(entry);
            }
            Step::AgentReacts(which, reaction) => {
                if !self.advice.is_empty() {
                    let entry = which.get(&self.advice).clone();
                    desk.reaction_set(&amy, workitem, entry, self.host.key(), reaction)
                        .await
                        .expect("may react");
                }
            }
            Step::AgentForwardsAgain(which) => {
                if !self.forwarded.is_empty() {
                    self.forward(which.get(&self.forwarded).clone()).await;
                }
            }
            Step::AgentReplies(text) => {
                if !self.advice.is_empty() {
                    let sam = self.host.actor("sam").await;
                    for who in [&sam, &amy] {
                        desk.coaching_typing(who, &workitem).await;
                    }
                    self.host.amy_replies(&workitem, &text).await;
                    desk.coaching_reply_seen(&sam, workitem, i64::MAX)
                        .await
                        .expect("may look");
                }
            }
            Step::AgentRaisesHand => {
                let options = desk.assistance_options_load(&amy).await.expect("templates");
                let ask = Ask {
                    template: options.templates[0].id.clone(),
                    recipient: Recipient::One(UserId::parse("sam").expect("an id")),
                    workitem: Some(workitem),
                    text: None,
                };
                desk.assistance_request(&amy, self.host.key(), ask)
                    .await
                    .expect("sam is there");
            }
            Step::SupervisorActs(who, what) => self.act_on_request(who, what).await,
            Step::AgentWritesToSupervisor(text) => {
                let (to, key) = (UserId::parse("sam").expect("an id"), self.host.key());
                let text = DirectoryText::parse(&text).expect("a text");
                desk.directory_send(&amy, to, key, text, None)
                    .await
                    .expect("sam is there");
            }
            Step::AgentReads => {
                desk.workitem_read(&amy, workitem, i64::MAX)
                    .await
                    .expect("it is hers");
            }
            Step::SupervisorLooks(who) => {
                let actor = self.supervisor(who).await;
                desk.dashboard_load(&actor).await.expect("may look");
                desk.conversation_load(&actor, workitem)
                    .await
                    .expect("may look");
            }
            Step::SupervisorReviews(who, text) => self.review(who, &text).await,
            Step::SupervisorSearches => self.craft.sam_reads_everything(&workitem).await,
            Step::StaffKeeps => self.craft.keep(&workitem).await,
            _ => unreachable!("it happens in both runs: {step:?}"),
        }
    }

    /// Amy sees none of it.
    async fn review(&self, who: Supervisor, text: &str) {
        let (desk, workitem) = (&self.host.desk, self.workitem.clone());
        let (actor, key) = (self.supervisor(who).await, self.host.key());
        let seen = desk.conversation_load(&actor, workitem.clone()).await;
        match seen.expect("may look").review {
            Some(flag) if flag.done.is_none() => {
                let done = desk.review_finish(&actor, workitem.clone(), key, flag.number);
                done.await.expect("it is open");
            }
            _ => {
                let comment = ReviewComment::parse(text).expect("a text");
                let flagged = desk.review_flag(&actor, workitem.clone(), key, comment);
                flagged.await.expect("it is not flagged");
            }
        }
        let amy = self.host.actor("amy").await;
        let hers = desk.conversation_load(&amy, workitem).await;
        assert_eq!(hers.expect("it is hers").review, None);
    }

    /// What a supervisor does with amy's first request, if she has one. It may be somebody else's.
    async fn act_on_request(&self, who: Supervisor, what: Seeing) {
        let (desk, actor) = (&self.host.desk, self.supervisor(who).await);
        let amy = self.host.actor("amy").await;
        let list = desk.worklist_load(&amy).await.expect("it is hers");
        let Some(hand) = list.hands.first() else {
            return;
        };
        let (key, request) = (self.host.key(), hand.request.clone());
        let done = match what {
            Seeing::Claim => desk.request_claim(&actor, key, request).await.map(drop),
            Seeing::HandBack => desk.request_hand_back(&actor, key, request).await,
            Seeing::Done => desk.request_handle(&actor, key, request).await.map(drop),
        };
        assert!(
            matches!(done, Ok(()) | Err(AppError::Conflict { .. })),
            "{done:?}"
        );
    }

    /// The conversation ends, and the customer looks at it in every way that there is, and begins another.
    async fn end(mut self) -> String {
        self.craft.ends(&self.workitem).await;
        if self.coached {
            self.host
                .sam_coaches(&self.workitem, "That went well")
                .await;
        }
        self.shows("(ended)").await;
        self.host.clock.advance(901);
        assert!(self.live.next().await.is_none());
        self.bytes += &self.live.bytes;
        if self.coached {
            let amy = self.host.actor("amy").await;
            let closed =
                self.host
                    .desk
                    .workitem_close(&amy, self.workitem.clone(), self.host.key());
            closed.await.expect("it can be closed");
        }
        // From the beginning and after each event but the last one, behind which there is nothing.
        self.seen.pop();
        for last in [None].into_iter().chain(self.seen.iter().map(Some)) {
            let mut stream = self.eve.live(last.map(String::as_str)).await;
            stream.read_to_the_end().await;
            self.bytes += &stream.bytes;
        }
        for path in ["/chat/care", "/chat/care?new=1", "/chat/care/history"] {
            self.bytes += &self.eve.get(path).await.bytes();
        }
        self.bytes += &self.host.archived(&self.workitem).await;
        let form = self.eve.form("name=Eve+Ito&text=One+more+thing&key=k-form");
        self.bytes += &form.await.bytes();
        for path in ["/chat/care", "/chat/care/history"] {
            self.bytes += &self.eve.get(path).await.bytes();
        }
        let second = self.host.given_to_amy().await;
        if self.coached {
            self.host.sam_coaches(&second, "And again").await;
        }
        self.bytes += &self.eve.post("{}").await.bytes();
        self.bytes += &self.eve.get("/chat/care/history?before=2").await.bytes();
        self.bytes += &self.eve.ends("k-end").await.bytes();
        self.bytes += &self.eve.get("/chat/care").await.bytes();
        self.bytes += &self.eve.is_forgotten().await.bytes();
        self.bytes += &self.eve.get("/chat/care").await.bytes();
        let mut stranger = self.host.customer();
        self.bytes += &stranger.get("/chat/care").await.bytes();
        self.bytes += &stranger.get("/chat/care/history").await.bytes();
        self.bytes
    }
}

async fn bytes_of(script: &[Step], coached: bool) -> String {
    let host = Host::start().await;
    let craft = Craft::begin(&host.desk, coached).await;
    let mut eve = host.customer();
    let mut bytes = eve.get("/chat/care").await.bytes();
    let first = json!({ "name": "Eve Ito", "text": "Hello", "key": "k0" }).to_string();
    bytes += &eve.post(first).await.bytes();
    let live = eve.live(None).await;
    let workitem = host.given_to_amy().await;
    let mut run = Run {
        host: &host,
        craft,
        coached,
        workitem,
        eve,
        live,
        seen: Vec::new(),
        bytes,
        keys: 0,
        advice: Vec::new(),
        forwarded: Vec::new(),
    };
    run.shows("Hello").await;
    for step in script {
        run.step(step.clone()).await;
    }
    run.end().await
}

proptest! {
    // What fails is printed whole, as the shortest script that still fails; nothing is kept in files.
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn m21_no_supervisor_changes_a_byte_of_any_conversation(
        script in proptest::collection::vec(step(), 1..24)
    ) {
        // Beyond 20 messages in ten seconds the customer would be refused, in both runs alike.
        let written = script.iter().filter(|step| matches!(step, Step::CustomerWrites(_)));
        prop_assume!(written.count() <= 15);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let (alone, coached) = runtime.block_on(async {
            (bytes_of(&script, false).await, bytes_of(&script, true).await)
        });
        prop_assert_eq!(alone, coached);
    }
}
