//! A customer's browser: the chat page's event stream, which comes back after the last event that it had.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::BodyExt;
use shared::customer::{CustomerBody, CustomerFrame};

use super::tab::Tally;
use crate::delivery_log::{Board, Viewer};
use crate::wire::Wire;

const BACK_AFTER: Duration = Duration::from_millis(500);

/// One customer's open page.
pub struct ChatTab {
    pub wire: Arc<Wire>,
    pub channel: String,
    pub cookie: String,
    pub conversation: usize,
    pub number: usize,
    pub board: Board,
    pub tally: Arc<Tally>,
}

/// Events taken from the bytes of a stream.
#[derive(Default)]
pub struct Events {
    rest: String,
    last_id: String,
}

impl Events {
    /// The data of each event that is whole now; remembers the last id.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        self.rest.push_str(&String::from_utf8_lossy(bytes));
        let mut whole = Vec::new();
        while let Some(end) = self.rest.find("\n\n") {
            let event: String = self.rest.drain(..end + 2).collect();
            for line in event.lines() {
                if let Some(id) = line.strip_prefix("id:") {
                    id.trim().clone_into(&mut self.last_id);
                } else if let Some(data) = line.strip_prefix("data:") {
                    whole.push(data.trim().to_owned());
                }
            }
        }
        whole
    }
}

impl ChatTab {
    /// Runs until the population is dropped.
    pub async fn stay(self) {
        let mut last_id = String::new();
        loop {
            last_id = self.watch(last_id).await;
            self.tally.reconnected.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(BACK_AFTER).await;
        }
    }

    /// Reads until the stream ends; answers the last event's id.
    async fn watch(&self, last_id: String) -> String {
        let path = format!("/chat/{}/live", self.channel);
        let opened = self
            .wire
            .stream(&path, &self.cookie, &last_id, self.number)
            .await;
        let Ok(mut response) = opened else {
            return last_id;
        };
        if last_id.is_empty() {
            self.tally.followed.fetch_add(1, Ordering::Relaxed);
        }
        let mut events = Events {
            last_id,
            ..Events::default()
        };
        while let Some(Ok(frame)) = response.body_mut().frame().await {
            let Ok(bytes) = frame.into_data() else {
                continue;
            };
            for data in events.take(&bytes) {
                let Ok(line) = serde_json::from_str::<CustomerFrame>(&data) else {
                    continue;
                };
                if let CustomerBody::Mine {
                    text: Some(text), ..
                }
                | CustomerBody::Theirs {
                    text: Some(text), ..
                } = &line.body
                {
                    self.board
                        .seen(Viewer::Customer, self.conversation, text.as_str());
                }
            }
        }
        events.last_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_pieces_as_the_network_likes() {
        let mut events = Events::default();
        assert!(events.take(b"id: 7-1\nda").is_empty());
        assert_eq!(
            events.take(b"ta: {\"a\":1}\n\n:\n\nid: 7-2\n"),
            ["{\"a\":1}"]
        );
        assert_eq!(events.last_id, "7-1");
        assert_eq!(events.take(b"data: b\n\ndata: c\n\n"), ["b", "c"]);
        assert_eq!(events.last_id, "7-2");
    }
}
