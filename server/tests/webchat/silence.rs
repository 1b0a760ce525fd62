//! Silence (SPEC, part 3): one conversation twice, with all that supervisors do and without, with the same clock and ids.

use std::sync::Arc;

use app::backend::{Coaching, Notes, Reviews, SteppingIn, Workitems};
use serde_json::json;
use server::bus::{Audience, BusTopic, Event, Subscription};
use server::commands::{
    AlertRuleCreate, MessageAppend, MessageContent, MonitoringBegin, MonitoringEnd,
};
use server::store::{Change, CommandContext};
use shared::alerts::{AlertCondition, AlertRule};
use shared::ids::{AlertRuleId, ChannelKey, CommandKey, TeamId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::text::{MessageText, NoteText, ReviewComment};
use shared::transcript::{EndReason, EntryBody, Reaction};
use tokio::sync::mpsc::Receiver;

use crate::actors::Host;
use crate::craft::{Craft, HIDDEN, LONG};
use crate::customer::{Answer, Customer, Stream, words};
use crate::files::PICTURE;
use crate::identity::proof;
use crate::visitors::token_in;

/// One customer's story, told with coaching or without, and what her network carried.
struct Story<'a> {
    host: &'a Host,
    craft: Craft<'a>,
    eve: Customer<'a>,
    coached: bool,
    bytes: String,
}

/// What Sam says who has taken the work over, and Ben to whom it was reassigned.
const SAMS: &str = "It leaves our house today.";
const BENS: &str = "I have it in front of me.";

/// How the customer is known.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// By a cookie, on the page itself.
    Cookie,
    /// By a token in a header, in a frame of another site.
    Token,
    /// By the proof of the page around the frame.
    Proof,
}

/// What one customer's network carried in the whole story. `notified`: whether the organisation has agents notified of monitoring.
async fn bytes_of_a_conversation(way: Way, coached: bool, notified: bool) -> String {
    let host = Host::start().await;
    host.set_up_care(&[("origins", "https://www.example.com")])
        .await;
    let mut story = Story {
        host: &host,
        craft: Craft::begin(&host.desk, coached).await,
        eve: host.customer(),
        coached,
        bytes: String::new(),
    };
    if !notified {
        story.craft.agents_are_not_notified().await;
    }
    match way {
        Way::Cookie => {}
        Way::Token => {
            story.eve = host.customer_without_cookies();
            story.get("/chat/care/embed").await;
            story.eve.token = Some(token_in(&story.bytes));
        }
        Way::Proof => {
            let secret = host.secret_of("care").await;
            story.get("/chat/care/embed").await;
            story.eve.identity = Some(format!("{}.eve", proof(&secret, "eve")));
        }
    }
    story.get("/chat/care/visit").await;
    story.get("/chat/care").await;
    let alerted = match coached {
        true => Some(host.watches_for("money back").await),
        false => None,
    };
    story.post("I want my money back", "k1").await;
    if let Some((_watching, mut told)) = alerted {
        told.recv().await.expect("an alert");
    }
    let mut live = story.eve.live(None).await;
    assert_eq!(live.text().await, "I want my money back");
    let workitem = host.given_to_amy().await;
    story.amy_asks(&workitem, &mut live).await;
    story.sam_steps_in(&workitem, &mut live).await;
    story.others_help(&workitem, &mut live).await;
    let forwarded = story.amy_forwards(&workitem, &mut live).await;
    story.amy_ends(&workitem, live, &forwarded).await;
    story.eve_begins_again(&forwarded).await;
    story.eve_ends_and_is_forgotten().await;
    story.bytes
}

impl Host {
    /// A rule raises an alert when a customer writes this, and supervisors hear of it.
    async fn watches_for(&self, words: &str) -> (Subscription, Receiver<Arc<Event>>) {
        let rule = AlertRule {
            id: AlertRuleId::parse("upset").unwrap(),
            name: "Upset".to_owned(),
            team: None,
            condition: AlertCondition::Words(vec![words.to_owned()]),
            active: true,
            version: 0,
        };
        let context = CommandContext {
            actor: None,
            key: CommandKey::parse("rule").unwrap(),
            at: self.desk.clock().now(),
        };
        let create = AlertRuleCreate { rule, context };
        let created = self.desk.store().execute(create).await.unwrap();
        self.desk.publish(created);
        tokio::spawn(self.desk.clone().alerts_run());
        let (watching, told) = self.desk.bus().subscribe(Audience::Staff, 8);
        watching.join(BusTopic::Alerts(TeamId::parse("care").unwrap()));
        (watching, told)
    }
}

impl Story<'_> {
    async fn get(&mut self, path: &str) {
        self.bytes += &self.eve.get(path).await.bytes();
    }

    async fn post(&mut self, text: &str, key: &str) {
        let form = json!({ "name": "Eve Ito", "text": text, "key": key });
        self.bytes += &self.eve.post(form.to_string()).await.bytes();
    }

    async fn sam_begins(&self, workitem: &WorkitemId) {
        let host = self.host;
        let supervisor = host.actor("sam").await.person();
        let (entry, now) = (host.entry(), host.desk.clock().now());
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor,
            node: None,
            entry,
            at: now,
        };
        let begun = host.desk.store().execute(begin).await.unwrap();
        assert!(host.desk.publish(begun));
    }

    async fn sam_leaves(&self, workitem: &WorkitemId) {
        let host = self.host;
        let supervisor = host.actor("sam").await.id;
        let (entry, now) = (host.entry(), host.desk.clock().now());
        let end = MonitoringEnd {
            workitem: workitem.clone(),
            supervisor,
            reason: EndReason::Left,
            node: None,
            entry,
            at: now,
        };
        let ended = host.desk.store().execute(end).await.unwrap();
        assert!(host.desk.publish(ended));
    }

    async fn amy_asks(&mut self, workitem: &WorkitemId, live: &mut Stream) {
        self.host.clock.advance(5);
        if self.coached {
            self.sam_begins(workitem).await;
            self.host
                .sam_coaches(workitem, "Ask for the order first")
                .await;
            let sam = self.host.actor("sam").await;
            self.host.desk.agent_typing(&sam, workitem).await;
            // The two write to each other, and each sees it.
            let (watching, mut signs) = self.host.desk.bus().subscribe(Audience::Staff, 8);
            watching.join(BusTopic::Workitem(workitem.clone()));
            let amy = self.host.actor("amy").await;
            for who in [&sam, &amy] {
                self.host.desk.coaching_typing(who, workitem).await;
                let sign = signs.try_recv().expect("a sign");
                assert!(matches!(&**sign, Change::CoachingTyping { by, .. } if by.id == who.id));
            }
            self.host.amy_replies(workitem, "She has none yet").await;
            let note = NoteText::parse("Eve is a friend of Sam's").unwrap();
            let noted = self
                .host
                .desk
                .note_add(&amy, workitem.clone(), self.host.key(), note);
            noted.await.unwrap();
            self.sam_reviews(workitem).await;
        }
        let amy = self.host.actor("amy").await;
        self.host.desk.agent_typing(&amy, workitem).await;
        assert_eq!(live.next().await.unwrap().kind, "typing");
        let question = "Hello Eve, may I have the order number?";
        self.host.amy_says(workitem, question).await;
        assert_eq!(live.text().await, question);
        self.get("/chat/care").await;
        self.host.clock.advance(7);
        self.post("LF-448812", "k2").await;
        assert_eq!(live.text().await, "LF-448812");
        let sent = self.eve.send_file("broken.png", PICTURE, "k-file").await;
        self.bytes += &sent.bytes();
        let file = sent.json()["body"]["files"][0]["id"].clone();
        assert_eq!(live.next().await.unwrap().data, sent.json());
        let path = format!("/chat/care/files/{}", file.as_str().unwrap());
        let (status, headers, content) = self.eve.opens(&path).await;
        let body = format!("{content:?}");
        let opened = Answer {
            status,
            headers,
            body,
        };
        self.bytes += &opened.bytes();
    }

    /// Sam flags the conversation for review and reviews it himself, which amy does not hear of either.
    async fn sam_reviews(&self, workitem: &WorkitemId) {
        let host = self.host;
        let (amy, sam) = (host.actor("amy").await, host.actor("sam").await);
        let comment = ReviewComment::parse("Too slow with Eve").unwrap();
        let flagged = host
            .desk
            .review_flag(&sam, workitem.clone(), host.key(), comment);
        flagged.await.unwrap();
        let read = |who| host.desk.conversation_load(who, workitem.clone());
        let seen = read(&sam).await.unwrap().review;
        assert_eq!(seen.expect("a flag").comment, "Too slow with Eve");
        assert_eq!(read(&amy).await.unwrap().review, None);
        let done = host
            .desk
            .review_finish(&sam, workitem.clone(), host.key(), 1);
        done.await.unwrap();
    }

    /// Sam writes to her beside amy, which is for her what amy could have written under that name. Staff read that he joined.
    async fn sam_steps_in(&mut self, workitem: &WorkitemId, live: &mut Stream) {
        let host = self.host;
        host.clock.advance(4);
        let words = MessageText::parse("I am Sam, and I see to it.").unwrap();
        let sam = host.actor("sam").await;
        if self.coached {
            host.sam_coaches(workitem, "I write to her myself").await;
            let barge = host
                .desk
                .barge_send(&sam, workitem.clone(), host.key(), words.clone());
            barge.await.unwrap();
            let amy = host.actor("amy").await;
            let read = host
                .desk
                .conversation_load(&amy, workitem.clone())
                .await
                .unwrap();
            let joined = read.entries.iter().any(|entry| {
                matches!(&entry.body, EntryBody::Notice(Notice::Joined { by }) if by == "Sam Stone")
            });
            assert!(joined, "staff read the line");
            host.sam_coaches(workitem, "Go on with the order number")
                .await;
        } else {
            let message = MessageAppend {
                workitem: workitem.clone(),
                agent: PersonRef {
                    id: host.actor("amy").await.id,
                    name: sam.name,
                },
                entry: host.entry(),
                at: host.desk.clock().now(),
                content: MessageContent::text(words.clone()),
                key: host.key(),
            };
            let sent = host.desk.store().execute(message).await.unwrap();
            host.desk.publish(sent);
        }
        assert_eq!(live.text().await, words.as_str());
        for path in ["", "/history", "/transcript"] {
            self.get(&["/chat/care", path].concat()).await;
        }
    }

    /// Staff do everything that is not hers; then others write to her in amy's place, as agents do who have the work.
    async fn others_help(&mut self, workitem: &WorkitemId, live: &mut Stream) {
        let host = self.host;
        host.clock.advance(LONG);
        self.craft.everything_silent(workitem).await;
        self.craft.sam_takes_over(workitem, SAMS).await;
        assert_eq!(live.text().await, SAMS);
        self.craft.sam_reassigns(workitem, BENS).await;
        assert_eq!(live.text().await, BENS);
        for path in ["", "/history", "/visit", "/transcript"] {
            self.get(&["/chat/care", path].concat()).await;
        }
        self.bytes += &host.archived(workitem).await;
    }

    /// What amy forwards is, for the customer, what she could have written herself. Answers the id of its event.
    async fn amy_forwards(&mut self, workitem: &WorkitemId, live: &mut Stream) -> String {
        let host = self.host;
        host.clock.advance(9);
        let offer = "I can give you 40 back today.";
        if self.coached {
            let amy = host.actor("amy").await;
            let advice = host.sam_coaches(workitem, offer).await;
            let up = Some(Reaction::ThumbsUp);
            host.desk
                .reaction_set(&amy, workitem.clone(), advice.clone(), host.key(), up)
                .await
                .unwrap();
            host.desk
                .coaching_forward(&amy, workitem.clone(), advice, host.key())
                .await
                .unwrap();
            host.sam_coaches(workitem, "Well done").await;
            self.sam_leaves(workitem).await;
            host.amy_replies(workitem, "Thank you, Sam").await;
        } else {
            host.amy_says(workitem, offer).await;
        }
        let forwarded = live.next().await.unwrap();
        assert_eq!(words(&forwarded.data), offer);
        for path in ["", "/history", "/visit", "/transcript"] {
            self.get(&["/chat/care", path].concat()).await;
        }
        self.bytes += &host.archived(workitem).await;
        forwarded.id
    }

    async fn amy_ends(&mut self, workitem: &WorkitemId, mut live: Stream, after: &str) {
        self.host.clock.advance(11);
        self.craft.ends(workitem).await;
        assert_eq!(live.text().await, "(ended)");
        self.get("/chat/care").await;
        self.amy_reopens(workitem, &mut live).await;
        assert_eq!(live.text().await, "(ended)");
        self.eve_rates().await;
        self.host.clock.advance(901);
        assert!(live.next().await.is_none());
        self.bytes += &live.bytes;
        let mut again = self.eve.live(Some(after)).await;
        again.read_to_the_end().await;
        again.read_to_the_end().await;
        self.bytes += &again.bytes;
        self.bytes += &self.host.archived(workitem).await;
        self.get("/chat/care").await;
        self.amy_closes(workitem).await;
        for path in ["", "/history", "/visit", "/transcript"] {
            self.get(&["/chat/care", path].concat()).await;
        }
        self.bytes += &self.host.archived(workitem).await;
    }

    /// Staff say how it ended, amy closes it, and supervisors look back. In the other run it stays in wrap-up.
    async fn amy_closes(&self, workitem: &WorkitemId) {
        if !self.coached {
            return;
        }
        self.craft.wraps_up(workitem).await;
        let (host, amy) = (self.host, self.host.actor("amy").await);
        let closed = host.desk.workitem_close(&amy, workitem.clone(), host.key());
        closed.await.unwrap();
        self.craft.looks_back(workitem).await;
    }

    /// Refused, taken, repeated, and refused as the second one.
    async fn eve_rates(&mut self) {
        for body in [
            json!({ "rating": 6, "key": "r0" }),
            json!({ "rating": 4, "comment": "Quick", "key": "r1" }),
            json!({ "rating": 4, "comment": "Quick", "key": "r1" }),
            json!({ "rating": 5, "key": "r2" }),
        ] {
            self.bytes += &self.eve.rates(body).await.bytes();
        }
        for path in ["", "/history", "/visit", "/transcript"] {
            self.get(&["/chat/care", path].concat()).await;
        }
    }

    /// Sam, who may be there still, sees it go on as well.
    async fn amy_reopens(&mut self, workitem: &WorkitemId, live: &mut Stream) {
        if self.coached {
            self.sam_begins(workitem).await;
        }
        self.host.clock.advance(3);
        self.host.amy_reopens(workitem).await.unwrap();
        assert_eq!(live.text().await, "(resumed)");
        for path in ["", "/history", "/visit", "/transcript"] {
            self.get(&["/chat/care", path].concat()).await;
        }
        if self.coached {
            self.host.sam_coaches(workitem, "Good that you ask").await;
        }
        self.host.amy_says(workitem, "I forgot to ask").await;
        assert_eq!(live.text().await, "I forgot to ask");
        self.host.amy_wraps_up(workitem).await;
    }

    async fn eve_begins_again(&mut self, after: &str) {
        self.host.clock.advance(13);
        self.post("One more thing", "k3").await;
        let mut second = self.eve.live(Some(after)).await;
        assert_eq!(second.next().await.unwrap().kind, "reset");
        assert_eq!(second.text().await, "One more thing");
        self.bytes += &second.bytes;
        self.get("/chat/care").await;
    }

    /// Refused, ended by the customer, forgotten.
    async fn eve_ends_and_is_forgotten(&mut self) {
        self.host.clock.advance(17);
        let workitem = self.host.given_to_amy().await;
        if self.coached {
            self.host.sam_coaches(&workitem, "Let her go").await;
            self.host
                .amy_replies(&workitem, "She is leaving anyway")
                .await;
        }
        self.post(" ", "k4").await;
        self.bytes += &self.eve.ends("k5").await.bytes();
        self.bytes += &self.eve.ends("k5").await.bytes();
        let mut third = self.eve.live(None).await;
        third.read_to_the_end().await;
        self.bytes += &third.bytes;
        for path in ["/chat/care", "/chat/care?before=2", "/chat/care?ask=forget"] {
            self.get(path).await;
        }
        self.get("/chat/care/transcript").await;
        self.bytes += &self.eve.is_forgotten().await.bytes();
        for path in ["", "/history", "/visit", "/transcript"] {
            self.get(&["/chat/care", path].concat()).await;
        }
    }
}

#[tokio::test]
async fn m21_a_customers_bytes_are_the_same_whether_or_not_anybody_coaches() {
    for way in [Way::Cookie, Way::Token, Way::Proof] {
        let plain = bytes_of_a_conversation(way, false, true).await;
        let coached = bytes_of_a_conversation(way, true, true).await;
        assert!(plain.contains("Amy Adler: I can give you 40 back today."));
        assert!(plain.contains("Sam Stone: I am Sam, and I see to it."));
        for words in [["Sam Stone: ", SAMS], ["Ben Brooks: ", BENS]] {
            assert!(plain.contains(&words.concat()), "{words:?}");
        }
        assert_eq!(plain, coached, "{way:?}");
        // Ordinary words alone: nobody who only supervises, and nothing that staff read about each other.
        for never in [HIDDEN, "Sue Silva", "joined", "took over"] {
            assert!(!coached.contains(never), "{way:?}: {never}");
        }
    }
}

#[tokio::test]
async fn m21_a_customers_bytes_are_the_same_where_agents_are_not_notified_of_monitoring() {
    for way in [Way::Cookie, Way::Token, Way::Proof] {
        let plain = bytes_of_a_conversation(way, false, false).await;
        let coached = bytes_of_a_conversation(way, true, false).await;
        assert!(plain.contains("Sam Stone: I am Sam, and I see to it."));
        assert_eq!(plain, coached, "{way:?}");
        for never in [HIDDEN, "Sue Silva", "joined", "took over"] {
            assert!(!coached.contains(never), "{way:?}: {never}");
        }
    }
}

/// The customer's read path needs the `customer_*` tables and `channels`: without the others each address answers the same.
#[tokio::test]
async fn a_customers_pages_need_nothing_of_the_staffs() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("I want my money back", "k1").await;
    let sent = eve.send_file("broken.png", PICTURE, "k-file").await.json();
    let file = sent["body"]["files"][0]["id"].as_str().unwrap();
    let file = format!("/chat/care/files/{file}");
    let workitem = host.given_to_amy().await;
    host.sam_coaches(&workitem, "Ask for the order first").await;
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    host.amy_wraps_up(&workitem).await;
    let mut before = String::new();
    let mut after = String::new();
    for (bytes, gone) in [(&mut before, false), (&mut after, true)] {
        if gone {
            host.drop_tables_of_staff();
        }
        for path in [
            "/chat/care",
            "/chat/care?new=1",
            "/chat/care?before=2",
            "/chat/care?ask=end",
            "/chat/care?ask=forget",
            "/chat/care/history",
            "/chat/care/history?after=1",
            "/chat/care/history?before=2",
            "/chat/care/visit",
            "/chat/care/transcript",
            "/chat/sales",
            "/chat/nowhere",
        ] {
            *bytes += &eve.get(path).await.bytes();
            // The page of a stranger carries a new token each time.
            *bytes += &host.customer().get(path).await.status.to_string();
        }
        let (status, _, content) = eve.opens(&file).await;
        assert_eq!((status, &content[..]), (200, PICTURE));
        *bytes += &eve.get("/chat/care/embed").await.status.to_string();
        let mut live = eve.live(None).await;
        live.read_to_the_end().await;
        *bytes += &live.bytes;
    }
    assert!(before.contains("May I have the order number?"));
    assert_eq!(before, after);
}

/// A customer's stream follows the customer's side of the one conversation and whether its channel lets them read, and nothing
/// of staff: nobody who coaches or follows can wake it.
#[tokio::test]
async fn a_customers_stream_subscribes_to_the_customers_topics_alone() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("I want my money back", "k1").await;
    let workitem = host.given_to_amy().await;
    assert_eq!(host.desk.bus().topics(), [], "nobody follows anything yet");
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "I want my money back");
    let care = ChannelKey::parse("care").unwrap();
    let followed = [BusTopic::Customer(workitem), BusTopic::ChatChannel(care)];
    assert_eq!(host.desk.bus().topics(), followed);
}
