//! What people write, and whether it is stored once.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use shared::directory::{Notification, Switches};
use shared::ids::{CommandKey, DirectoryMessageId, EntryId};
use shared::people::Presence;
use shared::text::MessageText;
use shared::transcript::{Entry, EntryBody};

use super::beginning::Beginning;
use crate::commands::{DirectoryAppend, MessageAppend, MessageContent, PresenceSet, SettingsSave};
use crate::desk::Desk;
use crate::store::{Command, CommandContext, StoreError};

/// What a node does until it has to wait.
pub(super) type Work = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Clone, Copy)]
pub(super) enum What {
    /// The agent writes to the customer.
    Message,
    /// The supervisor writes to the agent.
    Direct,
    /// The agent switches pop-ups.
    Switch(bool),
    /// The agent chooses a presence.
    Presence(Presence),
}

/// Something that somebody writes, until it is acknowledged.
pub(super) struct Write {
    number: usize,
    what: What,
    acknowledged: Rc<Cell<bool>>,
}

impl Write {
    pub(super) fn new(number: usize, what: What) -> Self {
        Self {
            number,
            what,
            acknowledged: Rc::default(),
        }
    }

    pub(super) fn is_acknowledged(&self) -> bool {
        self.acknowledged.get()
    }

    fn text(&self) -> String {
        format!("write {} of the simulation", self.number)
    }

    /// Sends it: each time under the same key, with a new id.
    pub(super) fn sent(&self, desk: Desk, beginning: &Beginning, id: String) -> Work {
        let key = CommandKey::parse(format!("write-{}", self.number)).expect("a key");
        let at = desk.clock().now();
        let acknowledged = Rc::clone(&self.acknowledged);
        let (amy, sam) = (beginning.person(0), beginning.person(1));
        match self.what {
            What::Message => {
                let text = MessageText::parse(&self.text()).expect("a text");
                let message = MessageAppend {
                    workitem: beginning.chat.clone(),
                    agent: amy,
                    entry: EntryId::parse(id).expect("an id"),
                    at,
                    content: MessageContent::text(text),
                    key,
                };
                Box::pin(execute(desk, message, acknowledged))
            }
            What::Direct => {
                let message = DirectoryAppend {
                    id: DirectoryMessageId::parse(id).expect("an id"),
                    from: sam,
                    to: amy.id,
                    text: self.text(),
                    answers: None,
                    at,
                    key,
                };
                Box::pin(execute(desk, message, acknowledged))
            }
            What::Presence(presence) => {
                let set = PresenceSet {
                    context: CommandContext {
                        actor: Some(amy.id.clone()),
                        key,
                        at,
                    },
                    user: amy.id,
                    presence,
                };
                Box::pin(execute(desk, set, acknowledged))
            }
            What::Switch(on) => {
                let context = CommandContext {
                    actor: Some(amy.id.clone()),
                    key,
                    at,
                };
                let save = SettingsSave {
                    user: amy.id,
                    switches: Switches {
                        pop_up: Some(on),
                        ..Switches::default()
                    },
                    context,
                };
                Box::pin(execute(desk, save, acknowledged))
            }
        }
    }

    /// What is wrong about it in the end, when everything was acknowledged: it has to stand among the entries of the conversation, or
    /// in the agent's own log, once.
    pub(super) fn wrong(&self, entries: &[Entry], own: &[(i64, Notification)]) -> Option<String> {
        let said = self.text();
        let in_entry = |entry: &&Entry| match &entry.body {
            EntryBody::Message { text, .. } => *text == said,
            _ => false,
        };
        let in_event = |(_, event): &&(i64, Notification)| match event {
            Notification::Message(message) => message.text == said,
            _ => false,
        };
        let times = match self.what {
            What::Message => entries.iter().filter(in_entry).count(),
            What::Direct => own.iter().filter(in_event).count(),
            What::Switch(_) | What::Presence(_) => 1,
        };
        let right = times == 1 && self.is_acknowledged();
        (!right).then(|| format!("{said}: stored {times} times"))
    }
}

async fn execute<C: Command>(desk: Desk, command: C, acknowledged: Rc<Cell<bool>>) {
    match desk.store().execute(command).await {
        Ok(written) => {
            desk.publish(written);
            acknowledged.set(true);
        }
        // Its node has ended.
        Err(StoreError::Closed) => {}
        Err(error) => panic!("{error}"),
    }
}
