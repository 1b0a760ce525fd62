//! Who talks to the program: staff who sign in, customers on the chat page, live sockets and event streams.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::clock_and_ids::{Ids, RandomIds};
use shared::live::{ClientFrame, ServerFrame, Topic};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::fixtures::{Answer, Browser, Gone, PATIENCE, Program};

/// A key as a browser makes it.
pub fn key() -> String {
    RandomIds.next()
}

/// One of the demo's people, signed in.
pub async fn sign_in(program: &Program, username: &str) -> Browser {
    let mut browser = Browser::default();
    let form = format!("username={username}&password=sideline-demo");
    let answer = browser
        .form(program, "/login", &form)
        .await
        .expect("an answer");
    assert_eq!(answer.status, 303, "{}", answer.body);
    browser
}

/// Calls a server function.
pub async fn call(
    browser: &mut Browser,
    program: &Program,
    function: &str,
    input: Value,
) -> Result<Answer, Gone> {
    let path = format!("/api/app/api/{function}");
    browser.post(program, &path, &input).await
}

/// What a server function answers when nothing is wrong.
pub async fn called(
    browser: &mut Browser,
    program: &Program,
    function: &str,
    input: Value,
) -> Value {
    let answer = call(browser, program, function, input)
        .await
        .expect("an answer");
    assert_eq!(answer.status, 200, "{function}: {}", answer.body);
    answer.json()
}

/// The first workitem of one's own on a channel.
pub async fn own_workitem(browser: &mut Browser, program: &Program, channel: &str) -> String {
    let list = called(browser, program, "workitems/worklist_load", json!({})).await;
    let rows = list["workitems"].as_array().expect("a list");
    let row = rows.iter().find(|row| row["channel"] == channel);
    row.expect("everybody has one")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// The whole conversation, oldest first.
pub async fn entries(browser: &mut Browser, program: &Program, workitem: &str) -> Vec<Value> {
    let input = json!({ "workitem": workitem });
    let newest = called(browser, program, "workitems/conversation_load", input).await;
    let mut all = newest["entries"].as_array().expect("entries").clone();
    while all.first().is_some_and(|first| first["seq"] != 1) {
        let input = json!({ "workitem": workitem, "before": all[0]["seq"] });
        let older = called(browser, program, "workitems/conversation_older", input).await;
        let mut older = older.as_array().expect("entries").clone();
        assert!(!older.is_empty(), "nothing before {}", all[0]["seq"]);
        older.append(&mut all);
        all = older;
    }
    all
}

/// One tab's live connection.
pub struct Live(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Live {
    pub async fn open(browser: &Browser, program: &Program) -> Self {
        let mut request = format!("ws://{}/live", program.address)
            .into_client_request()
            .expect("a request");
        request
            .headers_mut()
            .insert("cookie", browser.cookie.parse().expect("a cookie"));
        let (socket, _) = tokio_tungstenite::connect_async(request)
            .await
            .expect("a live connection");
        Self(socket)
    }

    /// Follows a conversation from now on, as a supervisor or as the agent.
    pub async fn follow(&mut self, workitem: &str, monitor: bool) {
        self.subscribe(json!({ "workitem": workitem }), monitor)
            .await;
    }

    /// Follows the open workitems of an agent from now on.
    pub async fn follow_work_of(&mut self, agent: &str) {
        self.subscribe(json!({ "agent": agent }), false).await;
    }

    async fn subscribe(&mut self, topic: Value, monitor: bool) {
        let topic: Topic = serde_json::from_value(topic).expect("a topic");
        let frame = ClientFrame::Subscribe {
            topic,
            after: None,
            monitor,
            patches: false,
            number: 0,
        };
        let text = serde_json::to_string(&frame).expect("a frame");
        self.0.send(Message::text(text)).await.expect("it is open");
        while !matches!(self.next().await, Some(Ok(ServerFrame::Subscribed { .. }))) {}
    }

    /// The next frame; the code when it is closed; nothing when it broke.
    pub async fn next(&mut self) -> Option<Result<ServerFrame, u16>> {
        loop {
            let message = timeout(PATIENCE, self.0.next())
                .await
                .expect("something comes");
            match message?.ok()? {
                Message::Text(text) => {
                    return Some(Ok(serde_json::from_str(&text).expect("a known frame")));
                }
                Message::Close(frame) => {
                    return Some(Err(frame.map_or(1005, |frame| frame.code.into())));
                }
                _ => {}
            }
        }
    }

    /// The code with which it is closed.
    pub async fn closed_with(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Some(Ok(_)) => {}
                Some(Err(code)) => return Some(code),
                None => return None,
            }
        }
    }
}

/// A customer of team Care.
#[derive(Default)]
pub struct Customer {
    pub browser: Browser,
}

impl Customer {
    /// Opens the page, whose script sends its token along.
    pub async fn look(&mut self, at: &Program) {
        let page = self.browser.get(at, "/chat/care").await.expect("a page");
        let token = page.body.split_once("name=\"visitor\" value=\"");
        let (_, rest) = token.expect("a token");
        self.browser.visitor = rest.chars().take_while(|c| *c != '"').collect();
    }

    pub async fn write(&mut self, at: &Program, text: &str, key: &str) -> Result<Answer, Gone> {
        let body = json!({ "name": "Eve Ito", "text": text, "key": key });
        self.browser.post(at, "/chat/care/messages", &body).await
    }

    /// Every line of the conversation.
    pub async fn history(&mut self, at: &Program) -> Vec<Value> {
        let mut lines: Vec<Value> = Vec::new();
        loop {
            let after = lines
                .last()
                .map_or(0, |line| line["seq"].as_i64().expect("a number"));
            let path = format!("/chat/care/history?after={after}");
            let answer = self.browser.get(at, &path).await.expect("an answer");
            assert_eq!(answer.status, 200, "{}", answer.body);
            let more = answer.json().as_array().expect("lines").clone();
            if more.is_empty() {
                return lines;
            }
            lines.extend(more);
        }
    }

    /// Opens the event stream, past its first bytes.
    pub async fn stream(&self, at: &Program) -> TcpStream {
        let mut socket = TcpStream::connect(at.address).await.expect("a connection");
        let request = format!(
            "GET /chat/care/live HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n\r\n",
            at.address, self.browser.cookie
        );
        socket
            .write_all(request.as_bytes())
            .await
            .expect("it is open");
        let mut first = [0; 1];
        socket.read_exact(&mut first).await.expect("it answers");
        socket
    }
}

/// Waits until nobody is noted as monitoring a conversation; `agent` has it.
pub async fn nobody_monitors(agent: &mut Browser, program: &Program, workitem: &str) {
    let mut live = Live::open(agent, program).await;
    live.follow(workitem, false).await;
    let input = json!({ "workitem": workitem });
    while called(agent, program, "workitems/conversation_load", input.clone()).await["workitem"]["monitors"]
        != json!([])
    {
        // A change is announced; then it is worth looking again.
        live.next()
            .await
            .expect("it is open")
            .expect("it stays open");
    }
}
