//! Everybody who uses the program at once: agents with their conversations, the customers in them, supervisors who
//! watch ten agents each. They do what browsers do, and nothing else.

pub mod accounts;
pub mod customer;
pub mod history;
pub mod pages;
pub mod size;
pub mod tab;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use serde_json::{Value, json};
use shared::ids::WorkitemId;
use shared::live::{Topic, dashboard_topics};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::accounts::{Accounts, Staff};
use self::customer::ChatTab;
use self::pages::Pages;
use self::size::{EACH, TEAM};
pub use self::size::{Size, spans};
use self::tab::{Following, Tab, Tally};
use crate::delivery_log::{Board, Viewer};
use crate::failure::{Outcome, While};
use crate::load::Crowd;
use crate::plan::{Kind, Planned};
use crate::wire::{Call, Wire};

/// How many sign in at the same time.
const AT_ONCE: usize = 16;
/// How long the assignment of work may take, and following the topics.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A conversation with its agent and its customer.
pub struct Conversation {
    pub workitem: String,
    pub agent: usize,
    /// The customer's cookie.
    pub customer: String,
}

/// A population that is signed in and connected.
pub struct Population {
    pub size: Size,
    pub board: Board,
    pub tally: Arc<Tally>,
    pub accounts: Accounts,
    pub wire: Arc<Wire>,
    pub conversations: Vec<Conversation>,
    pub pages: Pages,
    /// Ends with the population.
    _browsers: JoinSet<()>,
}

type Orders = mpsc::UnboundedSender<Following>;

/// A key as a browser makes it: another one for each message.
fn key(place: &str, number: usize) -> String {
    format!("bench-{place}-{number}")
}

impl Population {
    /// Creates the accounts, opens the sockets, sends the first messages and follows the topics.
    pub async fn gather(wire: Arc<Wire>, size: Size) -> Outcome<Self> {
        let accounts = accounts::open(&wire, size).await?;
        let mut population = Self {
            size,
            board: Board::default(),
            tally: Arc::default(),
            accounts,
            wire,
            conversations: Vec::new(),
            pages: Pages::default(),
            _browsers: JoinSet::new(),
        };
        let agents = population.tabs(Viewer::Agent).await?;
        let supervisors = population.tabs(Viewer::Supervisor).await?;
        population.customers_arrive().await?;
        population.everybody_follows(&agents, &supervisors).await?;
        Ok(population)
    }

    fn staff(&self, viewer: Viewer) -> &[Staff] {
        match viewer {
            Viewer::Supervisor => &self.accounts.supervisors,
            _ => &self.accounts.agents,
        }
    }

    /// Opens a socket for each viewer of a kind. An agent with a socket is present and is assigned work.
    async fn tabs(&mut self, viewer: Viewer) -> Outcome<Vec<Orders>> {
        let staff = self.staff(viewer).to_vec();
        let first = if viewer == Viewer::Agent {
            0
        } else {
            self.size.agents
        };
        let wire = &self.wire;
        let open = staff.iter().enumerate().map(|(number, person)| async move {
            tab::open(wire, &person.cookie, first + number).await
        });
        let sockets: Vec<_> = stream::iter(open).buffered(AT_ONCE).try_collect().await?;
        let mut all = Vec::new();
        for ((number, person), socket) in staff.into_iter().enumerate().zip(sockets) {
            let (orders, inbox) = mpsc::unbounded_channel();
            let tab = Tab {
                wire: Arc::clone(&self.wire),
                cookie: person.cookie,
                number: first + number,
                viewer,
                board: self.board.clone(),
                tally: Arc::clone(&self.tally),
                pages: self.pages.clone(),
                orders: inbox,
            };
            self._browsers.spawn(tab.stay(socket));
            all.push(orders);
        }
        Ok(all)
    }

    /// Each customer opens the chat page of a team and writes; then the work is assigned, three workitems to each agent.
    async fn customers_arrive(&mut self) -> Outcome<()> {
        let (wire, channels) = (&self.wire, &self.accounts.channels);
        let arrivals = (0..self.size.conversations()).map(|number| async move {
            let page = format!("/chat/{}", channels[number / (TEAM * EACH)]);
            wire.call(Call::of(Method::GET, &page)).await?;
            let first =
                json!({ "name": format!("Customer {number}"), "text": "Hello", "key": "hello" });
            let path = format!("{page}/messages");
            let answer = wire.call(Call::json(&path, &first).from(number)).await?;
            answer.json().when("a customer's first message")?;
            let cookie = answer.cookie().ok_or("the first message gives no cookie")?;
            Ok::<_, crate::failure::Failure>(cookie)
        });
        let cookies: Vec<_> = stream::iter(arrivals)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let begun = Instant::now();
        let given = loop {
            let given = self.given_out().await?;
            if given.len() == cookies.len() {
                break given;
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!(
                    "{} of {} customers were given an agent",
                    given.len(),
                    cookies.len()
                )
                .into());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        };
        for (number, customer) in cookies.into_iter().enumerate() {
            let (workitem, agent) = given
                .get(&format!("Customer {number}"))
                .ok_or("a customer is unknown")?
                .clone();
            self.conversations.push(Conversation {
                workitem,
                agent,
                customer,
            });
        }
        Ok(())
    }

    /// By customer's name: the workitem, and which agent has it.
    pub async fn given_out(&self) -> Outcome<HashMap<String, (String, usize)>> {
        let lists = self.accounts.agents.iter().map(|agent| {
            let none = json!({});
            async move {
                self.wire
                    .function(&agent.cookie, "workitems/worklist_load", &none)
                    .await
            }
        });
        let lists: Vec<Value> = stream::iter(lists).buffered(AT_ONCE).try_collect().await?;
        let mut given = HashMap::new();
        for (agent, list) in lists.iter().enumerate() {
            for workitem in list["workitems"].as_array().ok_or("no list of workitems")? {
                if let (Some(name), Some(id)) =
                    (workitem["customer"].as_str(), workitem["id"].as_str())
                {
                    given.insert(name.to_owned(), (id.to_owned(), agent));
                }
            }
        }
        Ok(given)
    }

    /// Agents follow what their workspace shows and their conversations, supervisors the dashboard and, as monitors,
    /// every conversation of their ten agents; customers open their streams.
    async fn everybody_follows(
        &mut self,
        agents: &[Orders],
        supervisors: &[Orders],
    ) -> Outcome<()> {
        let mut asked = 0;
        let mut follow =
            |orders: &Orders, topic: Topic, conversation: Option<usize>, monitor: bool| {
                asked += 1;
                let following = Following {
                    topic,
                    monitor,
                    conversation,
                };
                orders.send(following).map_err(|_| "a tab is gone")
            };
        for (orders, agent) in agents.iter().zip(&self.accounts.agents) {
            for topic in agent.topics()? {
                follow(orders, topic, None, false)?;
            }
        }
        for (orders, supervisor) in supervisors.iter().zip(&self.accounts.supervisors) {
            for topic in supervisor.topics()?.into_iter().chain(dashboard_topics()) {
                follow(orders, topic, None, false)?;
            }
        }
        for (number, conversation) in self.conversations.iter().enumerate() {
            let workitem = WorkitemId::try_from(conversation.workitem.clone());
            let topic = Topic::Workitem(workitem.when("a workitem's id")?);
            let agent = conversation.agent;
            follow(&agents[agent], topic.clone(), Some(number), false)?;
            follow(&supervisors[agent / TEAM], topic, Some(number), true)?;
        }
        for (conversation, there) in self.conversations.iter().enumerate() {
            let page = ChatTab {
                wire: Arc::clone(&self.wire),
                channel: self.channel(conversation).to_owned(),
                cookie: there.customer.clone(),
                conversation,
                number: self.size.agents + self.size.supervisors + conversation,
                board: self.board.clone(),
                tally: Arc::clone(&self.tally),
            };
            self._browsers.spawn(page.stay());
            asked += 1;
        }
        let begun = Instant::now();
        while self.tally.followed.load(Ordering::Relaxed) < asked {
            let refused = self.tally.refused.load(Ordering::Relaxed);
            if refused > 0 || begun.elapsed() > PATIENCE {
                let followed = self.tally.followed.load(Ordering::Relaxed);
                return Err(format!(
                    "{followed} of {asked} topics are followed, {refused} refused"
                )
                .into());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// The key of the chat channel on which a conversation is.
    pub fn channel(&self, conversation: usize) -> &str {
        &self.accounts.channels[conversation / (TEAM * EACH)]
    }
}

impl Crowd for Population {
    fn board(&self) -> &Board {
        &self.board
    }

    fn conversations(&self) -> usize {
        self.size.conversations()
    }

    fn sends(&self, _kind: Kind) -> bool {
        true
    }

    fn reconnected(&self) -> usize {
        self.tally.reconnected.load(Ordering::Relaxed)
    }

    async fn send(
        &self,
        load: usize,
        number: usize,
        planned: Planned,
        text: &str,
    ) -> Outcome<bool> {
        let conversation = &self.conversations[planned.conversation];
        let key = key(&load.to_string(), number);
        let agent = &self.accounts.agents[conversation.agent];
        let supervisor = &self.accounts.supervisors[conversation.agent / TEAM];
        let (path, cookie, body) = match planned.kind {
            Kind::Customer => (
                format!("/chat/{}/messages", self.channel(planned.conversation)),
                &conversation.customer,
                json!({ "text": text, "key": key }),
            ),
            Kind::Agent => (
                "/api/app/api/workitems/message_send".to_owned(),
                &agent.cookie,
                json!({ "workitem": conversation.workitem, "key": key, "text": text }),
            ),
            Kind::Coaching => (
                "/api/app/api/coaching/coaching_send".to_owned(),
                &supervisor.cookie,
                json!({ "workitem": conversation.workitem, "key": key, "text": text }),
            ),
        };
        let call = Call::json(&path, &body).with_cookie(cookie);
        Ok(self.wire.call(call).await?.status == 200)
    }
}
