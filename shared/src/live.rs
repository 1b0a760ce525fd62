//! The frames of the live wire between a browser of staff and the host: JSON texts on one WebSocket per tab.
//!
//! A topic with a log (a workitem, the user's notifications) numbers its changes without gaps; a projection (dashboard,
//! an agent's list, people, templates) is sent whole at first. A subscriber that asks for patches then gets the rows that
//! changed, whole rows, so that applying a patch twice changes nothing; others get the projection whole each time.
//! There is no frame for customers here.

mod patches;
mod tab;

pub use patches::{DashboardPatch, PeoplePatch};
pub use tab::{dashboard_topics, frame_topics};

use serde::{Deserialize, Serialize};

use crate::alerts::OpenAlert;
use crate::directory::Notification;
use crate::error::AppError;
use crate::ids::{UserId, WorkitemId};
use crate::people::{Person, PersonRef};
use crate::reviews::Review;
use crate::time::Timestamp;
use crate::transcript::{Conversation, WorkitemChange};
use crate::workitem::{AgentWorkitems, Dashboard, ReplyNotice};

/// The largest frame that a browser may send, in bytes.
pub const CLIENT_FRAME_MAX: usize = 4 * 1024;

/// Close code: the session ended; sign in again.
pub const CLOSE_SIGNED_OUT: u16 = 4401;
/// The reason beside [`CLOSE_SIGNED_OUT`] when the user signed out, in this window or another.
pub const SIGNED_OUT: &str = "signed out";
/// Close code: this connection was too slow and lost frames, or sent too many; connect again and resume.
pub const CLOSE_OVERFLOW: u16 = 4408;
/// Close code: a frame was not understood.
pub const CLOSE_BAD_FRAME: u16 = 4400;

/// What a browser can follow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A conversation in the staff's view. Log.
    Workitem(WorkitemId),
    /// The notifications of the signed-in user. Log.
    #[serde(rename = "own")]
    Notifications,
    /// The User Dashboard. Projection.
    Dashboard,
    /// The open workitems of an agent: the subscriber, or an agent under their authority. Projection.
    Agent(UserId),
    /// Everybody with their presence. Projection.
    People,
    /// Whether there is an active assistance template. Projection.
    Assistance,
    /// Open alerts of workitems under the subscriber's authority. Projection.
    Alerts,
}

/// Where a client stands in a topic's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The store's epoch; numbers of another one mean nothing.
    pub epoch: String,
    /// The last number that the client has applied.
    pub rev: i64,
}

/// From the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientFrame {
    /// Follow a topic. Repeating it moves the position.
    Subscribe {
        /// Which.
        topic: Topic,
        /// Where the client stands; `None` asks for a snapshot.
        after: Option<Position>,
        /// For a workitem: be there as a supervisor. Others are notified, and a line stands in the conversation. While another agent has
        /// it, it is followed in no other way.
        #[serde(default)]
        monitor: bool,
        /// For the dashboard and people: after the first frame, send the rows that changed. A tab of a release before
        /// does not know them and gets everything.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        patches: bool,
        /// Which of the tab's subscriptions this is. The answer repeats it, because the answer to one before may still be on
        /// its way.
        #[serde(default)]
        number: u64,
    },
    /// Follow it no longer. Ends a monitoring at once: the back arrow.
    Unsubscribe {
        /// Which.
        topic: Topic,
    },
    /// The agent writes to the customer of a chat. Sent every few seconds while they do, and for nothing else.
    Typing {
        /// In which workitem.
        workitem: WorkitemId,
    },
    /// A supervisor writes to the agent, or the agent to those who coach. A frame of its own: nothing that is made of it
    /// goes to a customer.
    CoachingTyping {
        /// In which workitem.
        workitem: WorkitemId,
    },
}

/// The number of a frame whose content a tab does not know: the host is of a later release. It counts as seen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameNumber {
    /// Of a [`ServerFrame::Workitem`].
    Workitem {
        /// Which.
        id: WorkitemId,
        /// Its number.
        rev: i64,
    },
    /// Of a [`ServerFrame::Notification`].
    #[serde(rename = "own")]
    Notification {
        /// Its number.
        seq: i64,
    },
}

/// From the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame of a connection.
    Hello {
        /// The store's epoch.
        epoch: String,
        /// The host's clock, so that waits are shown right on a machine whose clock is wrong.
        now: Timestamp,
        /// Where the host's files of the app lie. A tab whose own lie elsewhere is of another release.
        #[serde(default)]
        release: String,
    },
    /// The topic is followed; everything up to `rev` was sent before this. Of a log it may come once more, with the number of
    /// the same subscription: what was not sent up to `rev` was replaced by changes that follow.
    Subscribed {
        /// Which.
        topic: Topic,
        /// Where the log stands in the tab then: its head, as an answer. 0 for a projection.
        rev: i64,
        /// The number of the subscription that this answers; 0 from a host of a release before.
        #[serde(default)]
        number: u64,
    },
    /// The topic is not followed (any longer). Final until something changes.
    Refused {
        /// Which.
        topic: Topic,
        /// Why.
        error: AppError,
    },
    /// A change of a conversation.
    Workitem {
        /// Which.
        id: WorkitemId,
        /// Its number. On resume several changes of one entry arrive as the last of them, so numbers rise but
        /// may skip until `Subscribed`. Afterwards none is skipped, unless `Subscribed` comes between.
        rev: i64,
        /// What changed.
        change: WorkitemChange,
    },
    /// The customer writes. It has no number: nobody misses it.
    CustomerTyping {
        /// In which conversation.
        id: WorkitemId,
    },
    /// Somebody writes who coaches or is coached here. It has no number either.
    CoachingTyping {
        /// In which conversation.
        id: WorkitemId,
        /// Who.
        by: PersonRef,
    },
    /// The latest flag for review of a conversation that the subscriber may review. It has no number: it is sent again on
    /// every subscription, and nobody else gets a frame for it.
    Review {
        /// Of which conversation.
        id: WorkitemId,
        /// The flag.
        review: Box<Review>,
    },
    /// Forget what you know of this conversation, this is how it stands.
    Snapshot(Box<Conversation>),
    /// A notification of the user.
    #[serde(rename = "own")]
    Notification {
        /// Its number in the user's log.
        seq: i64,
        /// What.
        event: Notification,
    },
    /// Replies of agents that the user, who coached them, has not seen: all of them, oldest first, whenever that changes.
    Replies(#[serde(deserialize_with = "crate::lenient::list")] Vec<ReplyNotice>),
    /// The user's log does not reach back to where the client stands: load the first data of the frame again.
    #[serde(rename = "own_reset")]
    NotificationsReset,
    /// The dashboard as it stands.
    Dashboard(Dashboard),
    /// Rows of the dashboard that changed.
    DashboardPatch(DashboardPatch),
    /// An agent's open workitems as they stand.
    Agent(AgentWorkitems),
    /// Everybody as they stand.
    People(#[serde(deserialize_with = "crate::lenient::list")] Vec<Person>),
    /// People who changed.
    PeoplePatch(PeoplePatch),
    /// Whether an active assistance template exists.
    Assistance(bool),
    /// All alerts that the subscriber sees, the latest first.
    Alerts(#[serde(deserialize_with = "crate::lenient::list")] Vec<OpenAlert>),
}

impl Topic {
    /// Whether rows of it can be sent instead of the whole.
    pub fn has_patches(&self) -> bool {
        matches!(self, Topic::Dashboard | Topic::People)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Notice;
    use crate::transcript::EntryBody;

    #[test]
    fn e06_f06_the_number_of_an_unknown_change_can_be_read() {
        for (text, number) in [
            (
                r#"{"own": {"seq": 7, "event": {"Typing": {"by": "u-1"}}}}"#,
                FrameNumber::Notification { seq: 7 },
            ),
            (
                r#"{"workitem": {"id": "wi-1", "rev": 9, "change": {"Tag": "vip"}}}"#,
                FrameNumber::Workitem {
                    id: WorkitemId::parse("wi-1").expect("an id"),
                    rev: 9,
                },
            ),
        ] {
            assert!(serde_json::from_str::<ServerFrame>(text).is_err());
            assert_eq!(
                serde_json::from_str::<FrameNumber>(text).expect("a number"),
                number
            );
        }
    }

    #[test]
    fn e06_f06_a_change_of_an_unknown_kind_is_a_line_in_its_place() {
        let text = r#"{"workitem": {"id": "wi-1", "rev": 9, "change": {"Entry": {"id": "e-1", "seq": 3, "at": 5,
            "body": {"Notice": {"kind": "painted", "colour": "red"}}}}}}"#;
        let frame: ServerFrame = serde_json::from_str(text).expect("a frame");
        let ServerFrame::Workitem {
            rev: 9,
            change: WorkitemChange::Entry(entry),
            ..
        } = &frame
        else {
            panic!("{frame:?}");
        };
        assert_eq!(entry.body, EntryBody::Notice(Notice::Later));
        // A node of this release says so of what it does not know itself.
        let text = r#"{"own": {"seq": 7, "event": "Later"}}"#;
        let frame: ServerFrame = serde_json::from_str(text).expect("a frame");
        let event = Notification::Later;
        assert_eq!(frame, ServerFrame::Notification { seq: 7, event });
    }

    #[test]
    fn e06_hello_is_read_by_the_release_before_and_from_it() {
        /// As commit 544ffd7 has it.
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Before {
            Hello { epoch: String, now: Timestamp },
        }
        let hello = ServerFrame::Hello {
            epoch: "e".to_owned(),
            now: Timestamp(5),
            release: "/pkg/1".to_owned(),
        };
        let text = serde_json::to_string(&hello).expect("text");
        let Before::Hello { epoch, now } = serde_json::from_str(&text).expect("readable");
        assert_eq!((epoch.as_str(), now), ("e", Timestamp(5)));
        let old = r#"{"hello": {"epoch": "e", "now": 5}}"#;
        assert!(matches!(
            serde_json::from_str(old),
            Ok(ServerFrame::Hello { release, .. }) if release.is_empty()
        ));
    }
}
