//! The supervisor's craft beside the chat load: agents raise hands, supervisors claim, answer and finish them; a rule finds what
//! customers say, and supervisors dismiss its alerts; staff search the history. Two supervisors of every team have the dashboard
//! of all agents open. Everything goes through the server functions and frames of the real pages.

mod plan;
mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::assistance::{Ask, Recipient, Template};
use shared::history::HistoryQuery;
use shared::ids::{RequestId, WorkitemId};
use shared::live::dashboard_topics;
use shared::people::Role;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;

use self::plan::{Act, Due, count, plan, said_at};
use self::report::Counted;
pub use self::report::CraftReport;
use crate::delivery_log::Viewer;
use crate::failure::{Failure, Outcome, While};
use crate::latency::Latency;
use crate::load::{Loaded, load, next_plan};
use crate::plan::{Kind, Planned};
use crate::population::Population;
use crate::population::accounts::{self, Staff};
use crate::population::pages::{Alarm, FollowUp, Hand, LEADS, Seen, first_lead};
use crate::population::size::TEAM;
use crate::population::tab::{self, Following, Tab};
use crate::process::Process;
use crate::say;
use crate::wire::Call;

/// How long a supervisor reads before they press something.
const READING: Duration = Duration::from_millis(500);
/// How far from an alert the agent of its conversation writes nothing: an answer ends an alert, and a page that was not shown it by then
/// never is.
const SETTLED: Duration = Duration::from_secs(2);
/// Between the making of the plan and its first act.
const BREATH: Duration = Duration::from_millis(200);
/// How long the last ones may take to be seen to.
const DRAIN: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long following the topics may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the rule looks for. No other text of the bench has it.
const WORD: &str = "chargeback";
/// What is searched for: a word, a phrase, a beginning, two words. All of it stands in every message of the load.
const SEARCHES: [&str; 4] = ["parcel", "\"leaves our house\"", "tomorr*", "looked noon"];

/// Everybody and everything that takes part.
struct Stage {
    population: Arc<Population>,
    leads: Vec<Staff>,
    template: Template,
    seen: Arc<Seen>,
    /// Hands, alerts and searches that were due and acknowledged, and acts that were refused or not answered.
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
    /// Requests that were settled by coaching before somebody could claim or finish them.
    overtaken: AtomicUsize,
    search: Latency,
    search_of_leads: Latency,
}

/// Runs it for so long beside `rate` chat messages a second.
pub async fn measure(
    process: &Process,
    population: &Arc<Population>,
    rate: f64,
    length: Duration,
) -> Outcome<CraftReport> {
    let mut browsers = JoinSet::new();
    let leads = leads(population, &mut browsers).await?;
    let template = template(population).await?;
    rule(population).await?;
    let size = population.size;
    let due = plan(size.agents, length);
    let begun = Instant::now() + BREATH;
    let (follow_ups, inbox) = unbounded_channel();
    let chat = next_plan(&**population, rate, length);
    let happenings = happenings(population, length, &chat)?;
    let seen = Seen::new(size, (begun, length), happenings, follow_ups);
    let stage = Arc::new(Stage {
        population: Arc::clone(population),
        leads,
        template,
        seen: Arc::new(seen),
        acknowledged: AtomicUsize::default(),
        refused: AtomicUsize::default(),
        overtaken: AtomicUsize::default(),
        search: Latency::default(),
        search_of_leads: Latency::default(),
    });
    population.pages.open(&stage.seen);
    let supervisors = tokio::spawn(supervise(Arc::clone(&stage), inbox));
    let acts = async {
        drive(&stage, due, begun).await?;
        stage.drained().await;
        Ok::<_, Failure>(())
    };
    let (chat, driven) = tokio::join!(load(process, population, rate, length), acts);
    population.pages.close();
    supervisors.abort();
    // They let go of the population.
    let _ = supervisors.await;
    driven?;
    Ok(stage.report(length, chat?))
}

/// Supervisors of every team open the User Dashboard.
async fn leads(population: &Population, browsers: &mut JoinSet<()>) -> Outcome<Vec<Staff>> {
    let (wire, accounts) = (&population.wire, &population.accounts);
    let before = population.tally.followed.load(Relaxed);
    let (mut leads, mut asked) = (Vec::new(), 0);
    for number in 0..LEADS {
        let among = accounts.supervisors.len() + number;
        let join = accounts::join(wire, &accounts.administrator, Role::Supervisor, among);
        let lead = join.await?;
        let change =
            json!({ "works_in": [], "leaves": [], "supervises": accounts.teams, "hands_over": [] });
        let input = json!({ "key": format!("lead-{number}"), "user": lead.id, "change": change });
        let put = "administration/memberships_change";
        wire.function(&accounts.administrator, put, &input).await?;
        let number = first_lead(population.size) + number;
        let socket = tab::open(wire, &lead.cookie, number).await?;
        let (orders, inbox) = unbounded_channel();
        for topic in lead.topics()?.into_iter().chain(dashboard_topics()) {
            let following = Following {
                topic,
                monitor: false,
                conversation: None,
            };
            orders.send(following).map_err(|_| "a tab is gone")?;
            asked += 1;
        }
        let tab = Tab {
            wire: Arc::clone(wire),
            cookie: lead.cookie.clone(),
            number,
            viewer: Viewer::Supervisor,
            board: population.board.clone(),
            tally: Arc::clone(&population.tally),
            pages: population.pages.clone(),
            orders: inbox,
        };
        browsers.spawn(tab.stay(socket));
        leads.push(lead);
    }
    let begun = Instant::now();
    while population.tally.followed.load(Relaxed) < before + asked {
        if begun.elapsed() > PATIENCE {
            return Err("the supervisors of all teams cannot follow their dashboards".into());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(leads)
}

/// An administrator writes the template that agents choose.
async fn template(population: &Population) -> Outcome<Template> {
    let input = json!({
        "key": "craft-template", "title": "Refund", "message": "May I give more than 50 back?",
        "active": true, "target": 5,
    });
    let administrator = &population.accounts.administrator;
    let create = "templates/template_create";
    let made = population
        .wire
        .function(administrator, create, &input)
        .await?;
    Ok(serde_json::from_value(made)?)
}

/// An administrator writes the rule, on its page.
async fn rule(population: &Population) -> Outcome<()> {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("act", "create"),
            ("kind", "words"),
            ("name", "Chargeback"),
            ("team", ""),
            ("words", WORD),
            ("key", "craft-rule"),
        ])
        .finish();
    let call = Call::form("/admin/alerts", form).with_cookie(&population.accounts.administrator);
    match population.wire.call(call).await?.status {
        200 => Ok(()),
        status => Err(format!("/admin/alerts answers {status}").into()),
    }
}

/// The hands and alerts of so long beside this chat, each in another conversation while there are enough.
fn happenings(
    population: &Population,
    length: Duration,
    chat: &[Planned],
) -> Outcome<(Vec<Hand>, Vec<Alarm>)> {
    let conversations = &population.conversations;
    let count = count(population.size.agents, length);
    let mut answers = vec![Vec::new(); conversations.len()];
    for planned in chat.iter().filter(|planned| planned.kind == Kind::Agent) {
        answers[planned.conversation].push(planned.due);
    }
    let mut places = Places::new(conversations.len());
    let (mut hands, mut alarms) = (Vec::new(), Vec::new());
    for number in 0..count {
        let said = said_at(number, count, length);
        let unanswered = |place: usize| {
            let mut answers = answers[place].iter();
            !answers.any(|at| *at + SETTLED > said && *at < said + SETTLED)
        };
        // Far from each other, so that they are in different teams.
        for (step, alarm) in [(31, false), (37, true)] {
            let first = number * step + usize::from(alarm);
            let place = match alarm {
                true => places.take(first, unanswered)?,
                false => first % conversations.len(),
            };
            let conversation = &conversations[place];
            let workitem = WorkitemId::try_from(conversation.workitem.clone());
            let workitem = workitem.when("a workitem's id")?;
            match alarm {
                true => alarms.push(Alarm::new(conversation.agent, place, workitem)),
                false => hands.push(Hand::new(conversation.agent, workitem)),
            }
        }
    }
    Ok((hands, alarms))
}

/// Which conversations have no alert yet.
struct Places(Vec<bool>);

impl Places {
    fn new(conversations: usize) -> Self {
        Self(vec![true; conversations])
    }

    /// The first from there on that has none and is fit; when all have one, they may have another.
    fn take(&mut self, first: usize, fit: impl Fn(usize) -> bool) -> Outcome<usize> {
        if !self.0.contains(&true) {
            self.0.fill(true);
        }
        let all = self.0.len();
        let mut places = (first..first + all).map(|place| place % all);
        let place = places.find(|place| self.0[*place] && fit(*place));
        let place = place.ok_or("the agents answer everywhere when an alert is due")?;
        self.0[place] = false;
        Ok(place)
    }
}

/// Does each act when it is due, whether or not the program keeps up.
async fn drive(stage: &Arc<Stage>, due: Vec<Due>, begun: Instant) -> Outcome<()> {
    let (runtime, actors) = (Handle::current(), Arc::clone(stage));
    let metronome = tokio::task::spawn_blocking(move || {
        let mut acts = JoinSet::new();
        let _inside = runtime.enter();
        for Due { at, act } in due {
            let due = begun + at;
            let wait = due.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                std::thread::sleep(wait);
            }
            let stage = Arc::clone(&actors);
            acts.spawn(async move {
                let done = stage.act(act, due).await;
                stage.note(done);
            });
        }
        acts
    });
    let acts = metronome.await.when("the acts stopped")?;
    acts.join_all().await;
    Ok(())
}

/// Supervisors do something about what their pages show, as long as this is polled.
async fn supervise(stage: Arc<Stage>, mut inbox: UnboundedReceiver<FollowUp>) {
    let mut acts = JoinSet::new();
    loop {
        tokio::select! {
            follow_up = inbox.recv() => {
                let Some(follow_up) = follow_up else { return };
                let stage = Arc::clone(&stage);
                acts.spawn(async move {
                    let done = stage.follow_up(follow_up).await;
                    stage.note(done);
                });
            }
            Some(_) = acts.join_next() => {}
        }
    }
}

impl Stage {
    fn note(&self, done: Outcome<()>) {
        if let Err(failure) = done
            && self.refused.fetch_add(1, Relaxed) == 0
        {
            // The others are counted.
            say(&format!("refused: {failure}"));
        }
    }

    /// Calls a server function. `None`: it came too late, because something else settled what it is about.
    async fn call(&self, cookie: &str, function: &str, input: &Value) -> Outcome<Option<Value>> {
        let path = format!("/api/app/api/{function}");
        let call = Call::json(&path, input).with_cookie(cookie);
        let answer = self.population.wire.call(call).await.when(function)?;
        match answer.status {
            409 => Ok(None),
            _ => Ok(Some(answer.json().when(function)?)),
        }
    }

    async fn act(&self, act: Act, due: Instant) -> Outcome<()> {
        match act {
            Act::Picker(number) => {
                let agent = &self.population.accounts.agents[self.seen.hands[number].agent];
                let load = "assistance/assistance_options_load";
                let offered = self.call(&agent.cookie, load, &json!({})).await?;
                offered.ok_or("the picker is refused")?;
                return Ok(());
            }
            Act::Raise(number) => self.raise(number, due).await?,
            Act::Say(number) => self.say(number, due).await?,
            Act::Search(number) => self.search(number, due).await?,
        }
        self.acknowledged.fetch_add(1, Relaxed);
        Ok(())
    }

    /// An agent asks all supervisors who are there.
    async fn raise(&self, number: usize, due: Instant) -> Outcome<()> {
        let hand = &self.seen.hands[number];
        let ask = Ask {
            template: self.template.id.clone(),
            recipient: Recipient::AllSignedIn,
            workitem: Some(hand.workitem.clone()),
            text: Some(self.template.text.clone()),
        };
        let input = json!({ "key": format!("craft-hand-{number}"), "ask": ask });
        let agent = &self.population.accounts.agents[hand.agent];
        self.seen.raises(number, due);
        let asked = self.call(&agent.cookie, "assistance/assistance_request", &input);
        asked.await?.ok_or("nobody can be asked")?;
        hand.raised.acknowledge();
        Ok(())
    }

    /// A customer says what the rule looks for.
    async fn say(&self, number: usize, due: Instant) -> Outcome<()> {
        let alarm = &self.seen.alarms[number];
        let text = format!("My parcel is lost, and I have asked my bank for a {WORD} ({number}).");
        let body = json!({ "text": text, "key": format!("craft-alarm-{number}") });
        let path = format!(
            "/chat/{}/messages",
            self.population.channel(alarm.conversation)
        );
        let customer = &self.population.conversations[alarm.conversation].customer;
        let call = Call::json(&path, &body).with_cookie(customer);
        self.seen.says(number, due);
        let answer = self.population.wire.call(call).await?;
        answer.json().when("a customer's message")?;
        alarm.said.acknowledge();
        Ok(())
    }

    /// In turn a lead searches everything, a supervisor the work of ten agents, and an agent their own.
    async fn search(&self, number: usize, due: Instant) -> Outcome<()> {
        let accounts = &self.population.accounts;
        let of_lead = number.is_multiple_of(3);
        let cookie = match number % 3 {
            0 => &self.leads[number % self.leads.len()].cookie,
            1 => &accounts.supervisors[number % accounts.supervisors.len()].cookie,
            _ => &accounts.agents[number % accounts.agents.len()].cookie,
        };
        let query = HistoryQuery {
            words: SEARCHES[number / 3 % SEARCHES.len()].to_owned(),
            ..HistoryQuery::default()
        };
        let input = json!({ "query": query });
        let found = self.call(cookie, "history/history_search", &input).await?;
        let found = found.ok_or("a search is refused")?;
        let times = if of_lead {
            &self.search_of_leads
        } else {
            &self.search
        };
        times.add(due.elapsed());
        let hits = found["hits"].as_array().ok_or("a search without hits")?;
        // Every message of the load has these words.
        if of_lead && hits.is_empty() {
            return Err(format!("{} finds nothing", query.words).into());
        }
        Ok(())
    }

    async fn follow_up(&self, follow_up: FollowUp) -> Outcome<()> {
        tokio::time::sleep(READING).await;
        match follow_up {
            FollowUp::Hand { number, request } => {
                if !self.see_to(number, &request).await? {
                    self.overtaken.fetch_add(1, Relaxed);
                }
                self.seen.hands[number].finished.store(true, Relaxed);
            }
            FollowUp::Alarm {
                number,
                rule,
                about,
            } => {
                let alarm = &self.seen.alarms[number];
                let supervisor = &self.population.accounts.supervisors[alarm.agent / TEAM];
                let input = json!({
                    "workitem": alarm.workitem, "key": format!("craft-dismiss-{number}"),
                    "rule": rule, "about": about,
                });
                let dismissed = self.call(&supervisor.cookie, "alerts/alert_dismiss", &input);
                dismissed.await?.ok_or("an alert cannot be dismissed")?;
                alarm.finished.store(true, Relaxed);
            }
        }
        Ok(())
    }

    /// The agent's supervisor claims a request. Then, in turn, they answer it, mark it as handled, or hand it back, and a lead claims
    /// it and marks it. `false`: somebody coached in its workitem meanwhile, which settles it.
    async fn see_to(&self, number: usize, request: &RequestId) -> Outcome<bool> {
        let hand = &self.seen.hands[number];
        let accounts = &self.population.accounts;
        let agent = &accounts.agents[hand.agent];
        let supervisor = &accounts.supervisors[hand.agent / TEAM];
        let input =
            |act: &str| json!({ "key": format!("craft-{act}-{number}"), "request": request });
        let claim = "assistance/request_claim";
        hand.claimed.begins(Instant::now());
        let claimed = self
            .call(&supervisor.cookie, claim, &input("claim"))
            .await?;
        if claimed.is_none() {
            return Ok(false);
        }
        hand.claimed.acknowledge();
        tokio::time::sleep(READING).await;
        let handle = "assistance/request_handle";
        let done = match number % 3 {
            0 => {
                let answer = json!({
                    "to": agent.id, "key": format!("craft-answer-{number}"), "text": "Yes, up to 80.",
                    "answers": request,
                });
                let send = "directory/directory_send";
                self.call(&supervisor.cookie, send, &answer).await?
            }
            1 => {
                self.call(&supervisor.cookie, handle, &input("done"))
                    .await?
            }
            _ => {
                let back = "assistance/request_hand_back";
                let back = self.call(&supervisor.cookie, back, &input("back")).await?;
                if back.is_none() {
                    return Ok(false);
                }
                let lead = &self.leads[number % self.leads.len()];
                let claimed = self.call(&lead.cookie, claim, &input("claim")).await?;
                if claimed.is_none() {
                    return Ok(false);
                }
                self.call(&lead.cookie, handle, &input("done")).await?
            }
        };
        Ok(done.is_some())
    }

    /// Waits until everything was shown and seen to, or does not get on any more.
    async fn drained(&self) {
        let due = self.seen.hands.len() + self.seen.alarms.len();
        let begun = Instant::now();
        while (self.seen.finished() < due || self.seen.lost() > 0) && begun.elapsed() < DRAIN {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn report(&self, length: Duration, chat: Loaded) -> CraftReport {
        let counted = Counted {
            hands: self.seen.hands.len(),
            alerts: self.seen.alarms.len(),
            searches: count(self.population.size.agents, length),
            acknowledged: self.acknowledged.load(Relaxed),
            finished: self.seen.finished(),
            overtaken: self.overtaken.load(Relaxed),
            refused: self.refused.load(Relaxed),
            lost: self.seen.lost(),
            doubled: self.seen.doubled.load(Relaxed),
        };
        let searches = [self.search.summary(), self.search_of_leads.summary()];
        CraftReport::of(length, counted, &self.seen, searches, chat)
    }
}
