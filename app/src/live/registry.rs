//! The subscriptions of this tab. Counts listeners for each topic, keeps each log's place and each projection's
//! last frame, and says which frames to send. Pure: it sends nothing and calls nobody itself.

use std::rc::Rc;

use shared::live::{ClientFrame, FrameNumber, Position, ServerFrame, Topic};

use super::cursor::{Cursor, Numbering, Step};

/// What a listener is called with.
pub type Listener = Rc<dyn Fn(&ServerFrame)>;

struct Followed {
    topic: Topic,
    listeners: Vec<(u64, bool, Listener)>,
    /// `None` for a projection.
    cursor: Option<Cursor>,
    /// A projection's last frame.
    last: Option<ServerFrame>,
    /// The number of the subscription that was sent last.
    asked: u64,
}

impl Followed {
    fn subscribe(&mut self, next: &mut u64) -> ClientFrame {
        *next += 1;
        self.asked = *next;
        let after = self.cursor.as_mut().and_then(|cursor| {
            cursor.resume();
            cursor.position().cloned()
        });
        ClientFrame::Subscribe {
            topic: self.topic.clone(),
            after,
            monitor: self.monitors(),
            patches: self.topic.has_patches(),
            number: self.asked,
        }
    }

    /// Whether it stands in another history than this one: then its numbers say nothing here. So it is for a page that was
    /// loaded from a host which had restarted on a copy, while frames of the one before were still on their way.
    fn is_of_another(&self, epoch: Option<&str>) -> bool {
        let position = self.cursor.as_ref().and_then(Cursor::position);
        position
            .zip(epoch)
            .is_some_and(|(position, epoch)| position.epoch != epoch)
    }

    fn monitors(&self) -> bool {
        self.listeners.iter().any(|(_, monitor, _)| *monitor)
    }
}

/// What came of a new listener.
pub struct Joined {
    /// Its number.
    pub id: u64,
    /// To be sent.
    pub send: Option<ClientFrame>,
    /// To be handed to it at once.
    pub last: Option<ServerFrame>,
}

/// What to do with a frame that arrived.
#[derive(Default)]
pub struct Dispatch {
    /// To be called with it.
    pub listeners: Vec<Listener>,
    /// What they are called with instead: the projection as a patch leaves it.
    pub whole: Option<ServerFrame>,
    /// To be sent.
    pub send: Option<ClientFrame>,
}

/// Everything that is followed.
#[derive(Default)]
pub struct Registry {
    followed: Vec<Followed>,
    /// The number of the last listener or subscription.
    next: u64,
    /// The epoch whose numbers the present connection sends; `None` before the first one.
    epoch: Option<String>,
}

/// The log numbering of a topic; `None` for a projection.
fn numbering(topic: &Topic) -> Option<Numbering> {
    match topic {
        Topic::Workitem(_) => Some(Numbering::Sparse),
        Topic::Notifications => Some(Numbering::Dense),
        Topic::Dashboard | Topic::Agent(_) | Topic::People | Topic::Assistance | Topic::Alerts => {
            None
        }
    }
}

/// The topic that a frame belongs to.
fn topic_of(frame: &ServerFrame) -> Option<Topic> {
    Some(match frame {
        ServerFrame::Hello { .. } => return None,
        ServerFrame::Subscribed { topic, .. } | ServerFrame::Refused { topic, .. } => topic.clone(),
        ServerFrame::Workitem { id, .. }
        | ServerFrame::CustomerTyping { id }
        | ServerFrame::CoachingTyping { id, .. }
        | ServerFrame::Review { id, .. } => Topic::Workitem(id.clone()),
        ServerFrame::Snapshot(conversation) => Topic::Workitem(conversation.workitem.id.clone()),
        ServerFrame::Notification { .. }
        | ServerFrame::NotificationsReset
        | ServerFrame::Replies(_) => Topic::Notifications,
        ServerFrame::Dashboard(_) | ServerFrame::DashboardPatch(_) => Topic::Dashboard,
        ServerFrame::Agent(list) => Topic::Agent(list.agent.id.clone()),
        ServerFrame::People(_) | ServerFrame::PeoplePatch(_) => Topic::People,
        ServerFrame::Assistance(_) => Topic::Assistance,
        ServerFrame::Alerts(_) => Topic::Alerts,
    })
}

/// Whether what it says rests on the numbers of a log alone. A snapshot brings its own epoch along.
fn is_numbered(frame: &ServerFrame) -> bool {
    matches!(
        frame,
        ServerFrame::Workitem { .. }
            | ServerFrame::Notification { .. }
            | ServerFrame::Subscribed { .. }
    )
}

fn find<'a>(followed: &'a mut [Followed], topic: &Topic) -> Option<&'a mut Followed> {
    followed
        .iter_mut()
        .find(|followed| &followed.topic == topic)
}

impl Registry {
    /// A listener joins.
    pub fn join(
        &mut self,
        topic: Topic,
        after: Option<Position>,
        monitor: bool,
        listener: Listener,
    ) -> Joined {
        self.next += 1;
        let id = self.next;
        if let Some(followed) = find(&mut self.followed, &topic) {
            let monitored = followed.monitors();
            followed.listeners.push((id, monitor, listener));
            let behind = followed
                .cursor
                .as_ref()
                .is_some_and(|cursor| is_behind(after.as_ref(), cursor.position()));
            if behind && let Some(cursor) = &mut followed.cursor {
                cursor.move_to(after);
            }
            let send =
                (behind || (monitor && !monitored)).then(|| followed.subscribe(&mut self.next));
            return Joined {
                id,
                send,
                last: followed.last.clone(),
            };
        }
        let mut followed = Followed {
            cursor: numbering(&topic).map(|numbering| Cursor::new(numbering, after)),
            topic,
            listeners: vec![(id, monitor, listener)],
            last: None,
            asked: 0,
        };
        let send = Some(followed.subscribe(&mut self.next));
        self.followed.push(followed);
        Joined {
            id,
            send,
            last: None,
        }
    }

    /// A listener leaves. Frames to be sent, in order.
    pub fn leave(&mut self, topic: &Topic, id: u64) -> Vec<ClientFrame> {
        let Some(followed) = find(&mut self.followed, topic) else {
            return Vec::new();
        };
        let monitored = followed.monitors();
        followed.listeners.retain(|(listener, ..)| *listener != id);
        if followed.listeners.is_empty() {
            return self.drop_topic(topic).into_iter().collect();
        }
        if monitored && !followed.monitors() {
            let unsubscribe = ClientFrame::Unsubscribe {
                topic: topic.clone(),
            };
            return vec![unsubscribe, followed.subscribe(&mut self.next)];
        }
        Vec::new()
    }

    /// All listeners of a topic leave.
    pub fn drop_topic(&mut self, topic: &Topic) -> Option<ClientFrame> {
        let before = self.followed.len();
        self.followed.retain(|followed| &followed.topic != topic);
        (self.followed.len() < before).then(|| ClientFrame::Unsubscribe {
            topic: topic.clone(),
        })
    }

    /// A log goes on from another place.
    pub fn move_to(&mut self, topic: &Topic, after: Position) -> Option<ClientFrame> {
        let followed = find(&mut self.followed, topic)?;
        followed.cursor.as_mut()?.move_to(Some(after));
        Some(followed.subscribe(&mut self.next))
    }

    /// A connection is there, to a host of this epoch: everything is followed again, from where it stands.
    pub fn connected(&mut self, epoch: &str) -> Vec<ClientFrame> {
        self.epoch = Some(epoch.to_owned());
        let followed = self.followed.iter_mut();
        followed
            .map(|followed| followed.subscribe(&mut self.next))
            .collect()
    }

    /// A frame arrived whose content this tab does not know. It counts as seen. Answers what to send when something
    /// before it is missing.
    pub fn skip(&mut self, number: &FrameNumber) -> Option<ClientFrame> {
        let epoch = self.epoch.clone();
        let (topic, rev) = match number {
            FrameNumber::Workitem { id, rev } => (Topic::Workitem(id.clone()), *rev),
            FrameNumber::Notification { seq } => (Topic::Notifications, *seq),
        };
        let followed = find(&mut self.followed, &topic)?;
        if followed.is_of_another(epoch.as_deref()) {
            return None;
        }
        match followed.cursor.as_mut()?.change(rev) {
            Step::Missing => Some(followed.subscribe(&mut self.next)),
            Step::Deliver | Step::Drop => None,
        }
    }

    /// A frame arrived.
    pub fn dispatch(&mut self, frame: &ServerFrame) -> Dispatch {
        let epoch = self.epoch.clone();
        let Some(followed) = topic_of(frame).and_then(|topic| find(&mut self.followed, &topic))
        else {
            // Hello, or a frame of a topic that was left while it was on its way.
            return Dispatch::default();
        };
        if is_numbered(frame) && followed.is_of_another(epoch.as_deref()) {
            return Dispatch::default();
        }
        let mut deliver = true;
        let mut missing = false;
        let mut whole = None;
        match (frame, &mut followed.cursor) {
            (
                ServerFrame::Workitem { rev, .. } | ServerFrame::Notification { seq: rev, .. },
                Some(cursor),
            ) => match cursor.change(*rev) {
                Step::Deliver => {}
                Step::Drop => deliver = false,
                Step::Missing => {
                    missing = true;
                    deliver = matches!(frame, ServerFrame::Workitem { .. });
                }
            },
            (ServerFrame::Snapshot(conversation), Some(cursor)) => {
                deliver = cursor.snapshot(&conversation.epoch, conversation.rev);
            }
            // The answer to a subscription before this one says nothing about what is missing now.
            (ServerFrame::Subscribed { number, .. }, _)
                if ![0, followed.asked].contains(number) => {}
            (ServerFrame::Subscribed { rev, .. }, Some(cursor)) => cursor.subscribed(*rev),
            (
                ServerFrame::Dashboard(_)
                | ServerFrame::Agent(_)
                | ServerFrame::People(_)
                | ServerFrame::Assistance(_),
                _,
            ) => followed.last = Some(frame.clone()),
            (ServerFrame::DashboardPatch(_) | ServerFrame::PeoplePatch(_), _) => {
                let last = followed.last.as_mut();
                whole = last.and_then(|last| last.absorb(frame).then(|| last.clone()));
                // Without anything to be patched the whole is asked for.
                missing = whole.is_none();
                deliver = !missing;
            }
            (ServerFrame::Refused { .. }, _) => followed.last = None,
            _ => {}
        }
        Dispatch {
            listeners: if deliver {
                followed
                    .listeners
                    .iter()
                    .map(|(.., listener)| Rc::clone(listener))
                    .collect()
            } else {
                Vec::new()
            },
            whole,
            send: missing.then(|| followed.subscribe(&mut self.next)),
        }
    }
}

/// Whether somebody who stands at `mine` needs more than what follows `shared`.
fn is_behind(mine: Option<&Position>, shared: Option<&Position>) -> bool {
    match (mine, shared) {
        (Some(mine), Some(shared)) => mine.epoch == shared.epoch && mine.rev < shared.rev,
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
