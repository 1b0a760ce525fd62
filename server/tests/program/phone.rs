//! The demo's simulated phone: somebody writes with it, the agent answers, and each sees what becomes of it.

use serde_json::{Value, json};

use crate::fixtures::{Browser, Data, Program};
use crate::people::{Live, call, called, entries, key, own_workitem, sign_in};

const NUMBER: &str = "+447700900321";

/// A phone in somebody's hand.
struct Phone {
    browser: Browser,
    service: &'static str,
    number: &'static str,
}

impl Phone {
    fn new(service: &'static str) -> Self {
        Self::of(service, NUMBER)
    }

    fn of(service: &'static str, number: &'static str) -> Self {
        let browser = Browser::default();
        Self {
            browser,
            service,
            number,
        }
    }

    fn form(&self, fields: &[(&str, &str)]) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("service", self.service)
            .append_pair("number", self.number)
            .extend_pairs(fields)
            .finish()
    }

    async fn act(&mut self, at: &Program, fields: &[(&str, &str)]) {
        let form = self.form(fields);
        let answer = self.browser.form(at, "/demo/phone", &form).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(
            answer.location,
            format!("/demo/phone?{}", self.form(&[])),
            "back to the phone"
        );
    }

    async fn writes(&mut self, at: &Program, text: &str) {
        self.act(at, &[("act", "write"), ("text", text)]).await;
    }

    async fn page(&mut self, at: &Program) -> String {
        let path = format!("/demo/phone?{}", self.form(&[]));
        let page = self.browser.get(at, &path).await.expect("a page");
        assert_eq!(page.status, 200, "{}", page.body);
        page.body
    }
}

/// The workitem of a customer of this name, once amy has it.
async fn given_to_amy(
    amy: &mut Browser,
    live: &mut Live,
    program: &Program,
    customer: &str,
) -> String {
    loop {
        let list = called(amy, program, "workitems/worklist_load", json!({})).await;
        let rows = list["workitems"].as_array().expect("a list");
        if let Some(row) = rows.iter().find(|row| row["customer"] == customer) {
            return row["id"].as_str().expect("an id").to_owned();
        }
        // Her list has changed; then it is worth looking again.
        let frame = live.next().await;
        frame.expect("it is open").expect("it stays open");
    }
}

/// Waits until the last message of the agent's is in this state; its delivery.
async fn delivery(amy: &mut Browser, program: &Program, workitem: &str, state: &str) -> Value {
    let mut live = Live::open(amy, program).await;
    live.follow(workitem, false).await;
    loop {
        let entries = entries(amy, program, workitem).await;
        let mut messages = entries.iter().rev().map(|entry| &entry["body"]["Message"]);
        let last = messages.find(|message| message["delivery"].is_object());
        if let Some(last) = last.filter(|last| last["delivery"]["state"] == state) {
            return last["delivery"].clone();
        }
        // A change is announced; then it is worth looking again.
        let frame = live.next().await;
        frame.expect("it is open").expect("it stays open");
    }
}

async fn amy_says(amy: &mut Browser, program: &Program, workitem: &str, text: &str) -> u16 {
    let input = json!({ "workitem": workitem, "key": key(), "text": text });
    let answer = call(amy, program, "workitems/message_send", input).await;
    answer.expect("an answer").status
}

#[tokio::test]
async fn somebody_with_the_phone_is_answered_and_can_say_stop() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut amy = sign_in(&program, "amy").await;
    let mut live = Live::open(&amy, &program).await;
    live.follow_work_of("amy").await;

    let mut phone = Phone::new("sms");
    phone
        .writes(&program, "My lamp hums & <b>flickers</b>")
        .await;
    let workitem = given_to_amy(&mut amy, &mut live, &program, NUMBER).await;
    let answered = amy_says(&mut amy, &program, &workitem, "Which lamp?").await;
    assert_eq!(answered, 200);
    delivery(&mut amy, &program, &workitem, "delivered").await;
    let page = phone.page(&program).await;
    assert!(page.contains("My lamp hums &amp; &lt;b&gt;flickers&lt;/b&gt;"));
    assert!(page.contains("Which lamp?") && page.contains("Delivered"));
    assert!(page.contains("Simulated"));

    // A phone that is off gets nothing, and amy reads why.
    phone.act(&program, &[("act", "off")]).await;
    amy_says(&mut amy, &program, &workitem, "Are you there?").await;
    let lost = delivery(&mut amy, &program, &workitem, "failed").await;
    assert_eq!(
        (&lost["reason"], &lost["code"]),
        (&json!("undelivered"), &json!(30_003))
    );
    phone.act(&program, &[("act", "on")]).await;

    phone.writes(&program, "STOP").await;
    let refused = amy_says(&mut amy, &program, &workitem, "One more thing").await;
    assert_eq!(refused, 409);
    phone.writes(&program, "START").await;
    assert_eq!(
        amy_says(&mut amy, &program, &workitem, "Welcome back").await,
        200
    );
    delivery(&mut amy, &program, &workitem, "delivered").await;
    let page = phone.page(&program).await;
    assert!(page.contains("Welcome back") && !page.contains("One more thing"));
    program.stop().await;
    data.in_order().await;

    // The next run knows what was said on it.
    let program = Program::start(&data, &["--stand-ins"]).await;
    assert!(phone.page(&program).await.contains("Welcome back"));
    program.stop().await;
}

#[tokio::test]
async fn somebody_on_messenger_instagram_or_whatsapp_by_meta_is_answered_and_reads_it() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut amy = sign_in(&program, "amy").await;
    let mut live = Live::open(&amy, &program).await;
    live.follow_work_of("amy").await;
    let mut conversations = Vec::new();
    for (service, number, customer) in [
        ("messenger", "447700900321", "Messenger 0321"),
        ("instagram", "447700900321", "Instagram 0321"),
        ("whatsapp_meta", NUMBER, NUMBER),
    ] {
        let mut phone = Phone::of(service, number);
        phone.writes(&program, "My lamp hums").await;
        let workitem = given_to_amy(&mut amy, &mut live, &program, customer).await;
        let answered = amy_says(&mut amy, &program, &workitem, "Which lamp?").await;
        assert_eq!(answered, 200, "{service}");
        let page = phone.page(&program).await;
        assert!(page.contains("My lamp hums") && page.contains("Simulated"));
        assert!(!page.contains("STOP"), "{service} knows no such word");
        conversations.push((phone, workitem));
    }
    for (phone, workitem) in &mut conversations {
        delivery(&mut amy, &program, workitem, "read").await;
        let page = phone.page(&program).await;
        assert!(page.contains("Which lamp?") && page.contains("Read"));
    }

    // An app waits for a phone that is off.
    let (phone, workitem) = &mut conversations[0];
    phone.act(&program, &[("act", "off")]).await;
    amy_says(&mut amy, &program, workitem, "Are you there?").await;
    delivery(&mut amy, &program, workitem, "sent").await;
    assert!(phone.page(&program).await.contains("waits until it is on"));
    phone.act(&program, &[("act", "on")]).await;
    delivery(&mut amy, &program, workitem, "read").await;
    program.stop().await;
    data.in_order().await;

    // The next run knows what was said, and takes an answer to it.
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut amy = sign_in(&program, "amy").await;
    amy_says(&mut amy, &program, workitem, "Welcome back").await;
    delivery(&mut amy, &program, workitem, "delivered").await;
    let page = phone.page(&program).await;
    let place = |text: &str| page.find(text);
    assert!(place("Are you there?").is_some() && place("Are you there?") < place("Welcome back"));
    program.stop().await;
}

#[tokio::test]
async fn a_text_whose_answer_was_lost_is_written_once() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut phone = Phone::new("sms");
    let page = phone.page(&program).await;
    let (_, rest) = page
        .split_once("name=\"key\" value=\"")
        .expect("a form with a key");
    let (key, _) = rest.split_once('"').expect("a value");
    for _ in 0..2 {
        let form = [("act", "write"), ("key", key), ("text", "My lamp hums")];
        phone.act(&program, &form).await;
    }
    let form = [("act", "write"), ("key", key), ("text", "Are you there?")];
    phone.act(&program, &form).await;
    let page = phone.page(&program).await;
    assert_eq!(page.matches("My lamp hums").count(), 1);
    assert_eq!(page.matches("Are you there?").count(), 1);
    assert!(!page.contains(&format!("value=\"{key}\"")), "a key is new");

    // A page of an earlier release has no key.
    for _ in 0..2 {
        phone.writes(&program, "Hello?").await;
    }
    let page = phone.page(&program).await;
    assert_eq!(page.matches("Hello?").count(), 2);
    program.stop().await;
}

#[tokio::test]
async fn what_the_demo_begins_with_is_carried_and_one_message_did_not_arrive() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut amy = sign_in(&program, "amy").await;
    let social = own_workitem(&mut amy, &program, "social").await;
    let lost = delivery(&mut amy, &program, &social, "failed").await;
    assert_eq!(lost["code"], 63_018);
    let messages = entries(&mut amy, &program, &social).await;
    let entry = messages
        .iter()
        .rev()
        .find(|entry| entry["body"]["Message"]["delivery"].is_object());
    let entry = entry.expect("a message")["id"].clone();
    let input = json!({ "workitem": social, "entry": entry, "key": key() });
    called(&mut amy, &program, "workitems/delivery_retry", input).await;
    delivery(&mut amy, &program, &social, "read").await;
    let list = Browser::default().get(&program, "/demo/phone").await;
    let list = list.expect("a page").body;
    for number in [
        "+447700900142",
        "+447700900143",
        "+15550134",
        "6543217890123401",
    ] {
        assert!(list.contains(number), "{number}");
    }
    program.stop().await;
    data.in_order().await;
}

#[tokio::test]
async fn what_is_no_phone_is_refused_in_words() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut browser = Browser::default();
    for (query, status) in [
        ("service=sms&number=%3Cb%3E", 422),
        ("service=sms&number=07700900321", 422),
        ("service=messenger&number=%3Cb%3E", 422),
        ("service=fax&number=%2B447700900321", 422),
        ("number=%2B447700900321", 422),
        ("service=sms&number=", 422),
    ] {
        let answer = browser.get(&program, &format!("/demo/phone?{query}")).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, status, "{query}");
        assert!(!answer.body.contains("<b>"), "{query}");
        let live = browser
            .get(&program, &format!("/demo/phone/live?{query}"))
            .await;
        assert_eq!(live.expect("an answer").status, 404, "{query}");
    }
    let phone = Phone::new("sms");
    for text in ["", " ", &"x".repeat(5_000)] {
        let form = phone.form(&[("act", "write"), ("text", text)]);
        let answer = browser.form(&program, "/demo/phone", &form).await;
        assert_eq!(answer.expect("an answer").status, 422);
    }
    program.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_with_a_page() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut browser = Browser::default();
    let unread = |body: &str| {
        assert!(body.contains("This request could not be read"), "{body}");
        assert!(body.contains("href=\"/demo/phone\""), "{body}");
    };
    for query in [
        "service=sms&service=sms&number=%2B447700900321",
        "service=sms&number=1&number=2",
    ] {
        let path = format!("/demo/phone?{query}");
        let answer = browser.get(&program, &path).await.expect("an answer");
        assert_eq!(answer.status, 400, "{query}");
        unread(&answer.body);
        let path = format!("/demo/phone/live?{query}");
        let answer = browser.get(&program, &path).await.expect("an answer");
        assert_eq!((answer.status, answer.body.as_str()), (404, ""), "{query}");
    }
    let phone = Phone::new("sms");
    for twice in [
        [("act", "write"), ("act", "off")],
        [("text", "Hi"), ("text", "Ho")],
        [("number", NUMBER), ("act", "on")],
    ] {
        let form = phone.form(&twice);
        let answer = browser.form(&program, "/demo/phone", &form).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 422, "{form}");
        unread(&answer.body);
    }
    let json = json!({ "act": "write", "text": "Hi" });
    let answer = browser.post(&program, "/demo/phone", &json).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 415);
    unread(&answer.body);
    program.stop().await;
}

#[tokio::test]
async fn looking_makes_no_phone_and_many_phones_shut_nobody_out() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut browser = Browser::default();
    let list = async |browser: &mut Browser| {
        let list = browser.get(&program, "/demo/phone").await;
        list.expect("a page").body
    };
    let number = |place: usize| format!("4477101{place:05}");
    let query = |place: usize| format!("service=sms&number=%2B{}", number(place));
    let before = list(&mut browser).await.matches("<li>").count();
    for place in 0..220 {
        let path = format!("/demo/phone?{}", query(place));
        let page = browser.get(&program, &path).await.expect("a page");
        assert_eq!(page.status, 200, "{place}: {}", page.body);
        assert!(page.body.contains("Nothing has been written yet"));
    }
    let refused = format!("{}&act=write&text=", query(0));
    let refused = browser.form(&program, "/demo/phone", &refused).await;
    assert_eq!(refused.expect("an answer").status, 422);
    assert_eq!(list(&mut browser).await.matches("<li>").count(), before);

    // What is switched is kept, until others need the room.
    for place in 0..220 {
        let form = format!("{}&act=off", query(place));
        let switched = browser.form(&program, "/demo/phone", &form).await;
        assert_eq!(switched.expect("an answer").status, 303, "{place}");
    }
    let page = list(&mut browser).await;
    assert!(page.contains(&number(219)) && !page.contains(&number(0)));
    assert!(page.contains("+447700900142"), "the demo's own stay");
    let mut phone = Phone::new("sms");
    phone.writes(&program, "My lamp hums").await;
    assert!(phone.page(&program).await.contains("My lamp hums"));
    program.stop().await;
}

#[tokio::test]
async fn two_who_ask_at_once_are_offered_two_numbers() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut offered = Vec::new();
    for _ in 0..2 {
        let page = Browser::default().get(&program, "/demo/phone").await;
        let page = page.expect("a page").body;
        let (_, rest) = page.split_once("value=\"+4477009002").expect("a number");
        offered.push(rest.split('"').next().map(str::to_owned));
    }
    assert_ne!(offered[0], offered[1]);
    program.stop().await;
}

#[tokio::test]
async fn only_a_demo_with_stand_ins_has_a_phone() {
    for more in [
        &[][..],
        &["--stand-ins", "--twilio-url", "http://127.0.0.1:1"],
        &["--stand-ins", "--meta-url", "http://127.0.0.1:1"],
    ] {
        let data = Data::new();
        let program = Program::start(&data, more).await;
        let mut amy = sign_in(&program, "amy").await;
        for path in [
            "/demo/phone",
            "/demo/phone/live?service=sms&number=%2B447700900321",
        ] {
            let answer = amy.get(&program, path).await.expect("an answer");
            assert_eq!(answer.status, 404, "{path}");
            assert!(!answer.body.contains("STOP"));
        }
        let form = Phone::new("sms").form(&[("act", "write"), ("text", "Hello")]);
        let posted = amy.form(&program, "/demo/phone", &form).await;
        let posted = posted.expect("an answer").status;
        assert!(matches!(posted, 404 | 405), "{posted}");
        program.stop().await;
    }
}
