//! What the signed-in frame knows and every part of it may read: who is signed in, what is unread, who is
//! there, what is announced. Filled by `desk_load` and the live connection; never asks the host itself.

use leptos::prelude::*;
use shared::alerts::OpenAlert;
use shared::assistance::Settled;
use shared::directory::{Bootstrap, DirectoryMessage, Notification, Settings, Unread};
use shared::escalation::Step;
use shared::ids::{DirectoryMessageId, RequestId, UserId, WorkitemId};
use shared::people::{Actor, Permission, Person, PersonRef, Presence};
use shared::time::Timestamp;
use shared::workitem::{AgentWorkitems, ChannelCounts, ReplyNotice};

use crate::known_unread::KnownUnread;

/// A Company Directory message that is shown at once. One for each raised hand, and one for the other messages of a
/// sender.
#[derive(Clone, Debug, PartialEq)]
pub struct PopUp {
    /// Stays the same when a newer message of the same sender takes its place, so that the draft stays too.
    pub id: u64,
    /// What it shows.
    pub message: DirectoryMessage,
    /// Who sees to the raised hand that it carries.
    pub claimed_by: Option<PersonRef>,
    /// Whether that is somebody else than the user, so that the user need not.
    pub elsewhere: bool,
    /// How the raised hand that it carries came to its end.
    pub settled: Option<Settled>,
    /// When it came, in milliseconds of the browser's clock; the remaining time counts from here.
    pub started_ms: f64,
}

impl PopUp {
    /// The raised hand that it carries, while that waits for an answer of this user.
    pub fn open_request(&self) -> Option<&RequestId> {
        let request = self.message.request.as_ref()?;
        let open = self.settled.is_none() && !self.elsewhere;
        open.then_some(&request.id)
    }

    /// Whether it carries this raised hand, which has not come to its end.
    fn waits_with(&self, request: &RequestId) -> bool {
        let carried = self.message.request.as_ref();
        self.settled.is_none() && carried.is_some_and(|carried| carried.id == *request)
    }
}

/// Which pop-up of the dock is unfolded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfolded {
    /// The first one; on the Watch wall none.
    First,
    /// The one that the user unfolded, by its id.
    Card(u64),
    /// None: the user folded it.
    Nothing,
}

/// The raised hand that a message in the Company Directory is about to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// Whose it is.
    pub agent: UserId,
    /// Which.
    pub request: RequestId,
    /// What was asked.
    pub text: String,
    /// Since when.
    pub at: Timestamp,
    /// Who sees to it.
    pub by: Option<PersonRef>,
}

/// A line that goes away after some seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Which.
    pub id: u64,
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// Whether it stays when the workitem to which it leads is the user's no more.
    pub stays: bool,
}

/// The state of the frame. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct SessionState {
    /// Who is signed in.
    pub me: RwSignal<Actor>,
    /// Their settings.
    pub settings: RwSignal<Settings>,
    /// Whether an active assistance template exists.
    pub assistance: RwSignal<bool>,
    /// Unread directory messages by person.
    pub unread: RwSignal<Vec<Unread>>,
    /// Everybody with their presence, while something shows them (`live::notifications::follow_people`); empty until the live
    /// connection has sent them.
    pub people: RwSignal<Vec<Person>>,
    /// How many parts of the page show people now.
    pub people_followers: StoredValue<u32>,
    /// The agent's own open workitems.
    pub worklist: RwSignal<Option<AgentWorkitems>>,
    /// What of it was unread before this tab was opened.
    pub known_unread: StoredValue<KnownUnread>,
    /// Replies to coaching that the user has not seen; nothing until the host has said so.
    pub replies: RwSignal<Option<Vec<ReplyNotice>>>,
    /// Open alerts that the user sees; nothing until the host has said so.
    pub alerts: RwSignal<Option<Vec<OpenAlert>>>,
    /// Those of them that came since and whose notice is on.
    pub alert_notices: RwSignal<Vec<OpenAlert>>,
    /// Minutes within which a customer who waits on each channel should have an answer.
    pub answer_within: RwSignal<ChannelCounts>,
    /// Pop-ups, oldest first.
    pub pop_ups: RwSignal<Vec<PopUp>>,
    /// Toasts, oldest first.
    pub toasts: RwSignal<Vec<Toast>>,
    /// The workitem that is open on the workspace, with its subject: a raised hand carries it.
    pub open_workitem: RwSignal<Option<(WorkitemId, String)>>,
    /// The workitem that was last taken from the user, with the line that says by whom and where it went.
    pub taken: RwSignal<Option<(WorkitemId, String)>>,
    /// Whether something lies over its conversation, so that nobody sees what comes.
    pub covered: RwSignal<bool>,
    /// Counts what opens over the page and what closes.
    pub covers: RwSignal<u32>,
    /// `None`: Company Directory closed; `Some(None)`: the people; `Some(Some(user))`: that conversation.
    pub directory: RwSignal<Option<Option<UserId>>>,
    /// Which agent the Coaching Page follows from workitem to workitem.
    pub following: RwSignal<Option<UserId>>,
    /// The agent whose conversations the user peeks at.
    pub peek: RwSignal<Option<PersonRef>>,
    /// The raised hand for which the Company Directory was opened.
    pub answering: RwSignal<Option<Answering>>,
    /// People who are in the list no more: deactivated.
    pub former: RwSignal<Vec<PersonRef>>,
    /// With whom messages were exchanged, the last one first.
    pub recent: RwSignal<Vec<UserId>>,
    /// Which pop-up is unfolded.
    pub unfolded: RwSignal<Unfolded>,
    /// The last notification, with a counter.
    pub last_event: RwSignal<Option<(u64, Notification)>>,
    counter: StoredValue<u64>,
}

/// The state of the frame around the caller. Only inside the frame.
pub fn use_session() -> SessionState {
    expect_context()
}

impl SessionState {
    /// A state that shows what the host said. Pop-ups come later, in the browser.
    pub fn new(bootstrap: &Bootstrap) -> Self {
        Self {
            me: RwSignal::new(bootstrap.me.clone()),
            settings: RwSignal::new(bootstrap.settings),
            assistance: RwSignal::new(bootstrap.assistance),
            unread: RwSignal::new(bootstrap.unread.clone()),
            people: RwSignal::new(Vec::new()),
            people_followers: StoredValue::new(0),
            worklist: RwSignal::new(None),
            known_unread: StoredValue::new(KnownUnread::default()),
            replies: RwSignal::new(None),
            alerts: RwSignal::new(None),
            alert_notices: RwSignal::new(Vec::new()),
            pop_ups: RwSignal::new(Vec::new()),
            toasts: RwSignal::new(Vec::new()),
            open_workitem: RwSignal::new(None),
            taken: RwSignal::new(None),
            covered: RwSignal::new(false),
            covers: RwSignal::new(0),
            directory: RwSignal::new(None),
            following: RwSignal::new(None),
            peek: RwSignal::new(None),
            answering: RwSignal::new(None),
            answer_within: RwSignal::new(bootstrap.answer_within_min),
            former: RwSignal::new(bootstrap.former.clone()),
            recent: RwSignal::new(bootstrap.recent.clone()),
            unfolded: RwSignal::new(Unfolded::First),
            last_event: RwSignal::new(None),
            counter: StoredValue::new(0),
        }
    }

    /// Takes over the data of the frame as it was loaded again.
    pub fn reload(&self, bootstrap: &Bootstrap) {
        self.me.set(bootstrap.me.clone());
        self.settings.set(bootstrap.settings);
        self.assistance.set(bootstrap.assistance);
        self.unread.set(bootstrap.unread.clone());
        self.answer_within.set(bootstrap.answer_within_min);
        self.former.set(bootstrap.former.clone());
        self.recent.set(bootstrap.recent.clone());
        // What was settled or dismissed meanwhile is not among them.
        self.pop_ups.update(|shown| {
            shown.retain(|pop_up| {
                pop_up.open_request().is_none()
                    || (bootstrap.open_requests.iter())
                        .any(|message| message.id == pop_up.message.id)
            });
        });
        self.show_open_requests(bootstrap);
    }

    /// Raised hands that wait for this user become pop-ups: they survive a reload of the page.
    pub fn show_open_requests(&self, bootstrap: &Bootstrap) {
        if bootstrap.settings.pop_up {
            for message in &bootstrap.open_requests {
                self.pop_up(message.clone());
            }
        }
    }

    /// Shows a line for some seconds.
    pub fn toast(&self, text: impl Into<String>) {
        self.push_toast(text.into(), None, true);
    }

    /// Shows a line that leads to a workitem of the user's, as long as it is theirs.
    pub fn toast_with_workitem(&self, text: String, workitem: &WorkitemId) {
        self.push_toast(text, Some(format!("/workspace/{workitem}")), false);
    }

    /// Shows a line that leads to a workitem which is closed, and stays the user's to read.
    pub fn toast_with_closed(&self, text: String, workitem: &WorkitemId) {
        self.push_toast(text, Some(format!("/workspace/{workitem}")), true);
    }

    fn push_toast(&self, text: String, href: Option<String>, stays: bool) {
        let id = self.next();
        let toast = Toast {
            id,
            text,
            href,
            stays,
        };
        self.toasts.update(|toasts| toasts.push(toast));
    }

    /// Shows a message at once. A raised hand has a pop-up of its own; of a sender's other messages the newest is shown.
    pub fn pop_up(&self, message: DirectoryMessage) {
        let id = self.next();
        let started_ms = crate::clock::browser_ms();
        self.pop_ups.update(|shown| {
            let same = |pop_up: &&mut PopUp| match (&pop_up.message.request, &message.request) {
                (Some(shown), Some(new)) => shown.id == new.id,
                (None, None) => pop_up.message.from.id == message.from.id,
                _ => false,
            };
            match shown.iter_mut().find(same) {
                Some(pop_up) => {
                    pop_up.message = message;
                    pop_up.started_ms = started_ms;
                }
                None => shown.push(PopUp {
                    id,
                    claimed_by: message
                        .request
                        .as_ref()
                        .filter(|request| request.claimed)
                        .map(|_| message.to.clone()),
                    elsewhere: false,
                    settled: message
                        .request
                        .as_ref()
                        .and_then(|request| request.settled.clone()),
                    message,
                    started_ms,
                }),
            }
        });
    }

    /// A message was exchanged with somebody.
    pub fn talked_with(&self, user: &UserId) {
        self.recent.update(|recent| {
            recent.retain(|known| known != user);
            recent.insert(0, user.clone());
        });
    }

    /// Takes the pop-up of a message away.
    pub fn pop_up_gone(&self, message: &DirectoryMessageId) {
        self.pop_ups
            .update(|shown| shown.retain(|pop_up| &pop_up.message.id != message));
    }

    /// Whether the Company Directory was opened for this raised hand.
    fn answers(&self, request: &RequestId) -> bool {
        self.answering.with_untracked(|answering| {
            let answering = answering.as_ref();
            answering.is_some_and(|answering| &answering.request == request)
        })
    }

    /// Notes in the pop-up of a raised hand, if there is one, who sees to it. Answers whether there is.
    pub fn claimed(&self, request: &RequestId, by: Option<&PersonRef>) -> bool {
        if self.answers(request) {
            self.answering.update(|answering| {
                if let Some(answering) = answering {
                    answering.by = by.cloned();
                }
            });
        }
        let elsewhere = by.is_some_and(|by| self.me.with_untracked(|me| me.id != by.id));
        let of_it = |pop_up: &PopUp| pop_up.waits_with(request);
        let shown = self.pop_ups.with_untracked(|shown| shown.iter().any(of_it));
        if shown {
            self.pop_ups.update(|shown| {
                for pop_up in shown.iter_mut().filter(|pop_up| of_it(pop_up)) {
                    pop_up.claimed_by = by.cloned();
                    pop_up.elsewhere = elsewhere;
                    // The time to read who has it begins now.
                    pop_up.started_ms = crate::clock::browser_ms();
                }
            });
        }
        shown
    }

    /// Notes in the pop-up of a raised hand, if there is one, whom it reaches now.
    pub fn escalated(&self, request: &RequestId, step: Step) {
        self.pop_ups.update(|shown| {
            for pop_up in shown {
                if let Some(carried) = &mut pop_up.message.request
                    && carried.id == *request
                {
                    carried.escalated = step;
                }
            }
        });
    }

    /// Notes how a raised hand came to its end, in its pop-up if there is one. Answers whether there is.
    pub fn settled(&self, request: &RequestId, settled: &Settled) -> bool {
        let of_it = |pop_up: &PopUp| pop_up.waits_with(request);
        if self.answers(request) {
            self.answering.set(None);
        }
        let shown = self.pop_ups.with_untracked(|shown| shown.iter().any(of_it));
        if shown {
            self.pop_ups.update(|shown| {
                for pop_up in shown.iter_mut().filter(|pop_up| of_it(pop_up)) {
                    pop_up.settled = Some(settled.clone());
                    // The time to read who answered begins now.
                    pop_up.started_ms = crate::clock::browser_ms();
                }
            });
        }
        shown
    }

    /// Takes the list of everybody; who is in it no more was deactivated.
    pub fn set_people(&self, people: Vec<Person>) {
        let gone: Vec<PersonRef> = self.people.with_untracked(|before| {
            let left = before
                .iter()
                .filter(|person| !people.iter().any(|now| now.id == person.id));
            left.map(|person| PersonRef {
                id: person.id.clone(),
                name: person.name.clone(),
            })
            .collect()
        });
        if !gone.is_empty() {
            self.former.update(|former| {
                former.retain(|known| gone.iter().all(|person| person.id != known.id));
                former.extend(gone);
            });
        }
        self.people.set(people);
    }

    /// Whether somebody was deactivated. Tracked.
    pub fn is_former(&self, user: &UserId) -> bool {
        let present = |people: &Vec<Person>| people.iter().any(|person| &person.id == user);
        !self.people.with(present)
            && (self.former).with(|former| former.iter().any(|person| &person.id == user))
    }

    /// The name of somebody who was deactivated, as far as it is known. Tracked.
    pub fn former_named(&self, user: &UserId) -> Option<PersonRef> {
        if !self.is_former(user) {
            return None;
        }
        self.former
            .with(|former| former.iter().find(|person| &person.id == user).cloned())
    }

    /// Somebody turned out to be deactivated.
    pub fn has_left(&self, person: PersonRef) {
        self.former.update(|former| {
            former.retain(|known| known.id != person.id);
            former.push(person);
        });
    }

    /// Whether a request of the user's own waits. Tracked.
    pub fn asks_for_help(&self) -> bool {
        let any = |list: &AgentWorkitems| !list.hands.is_empty();
        self.worklist.with(|list| list.as_ref().is_some_and(any))
    }

    /// All unread messages together. Tracked.
    pub fn unread_total(&self) -> i64 {
        self.unread
            .with(|unread| unread.iter().map(|unread| unread.count).sum())
    }

    /// Sets how many messages of one person are unread.
    pub fn set_unread(&self, from: &UserId, change: impl FnOnce(i64) -> i64) {
        self.unread.update(|unread| {
            let count = unread
                .iter()
                .find(|unread| &unread.from == from)
                .map_or(0, |unread| unread.count);
            let count = change(count).max(0);
            unread.retain(|unread| &unread.from != from);
            if count > 0 {
                unread.push(Unread {
                    from: from.clone(),
                    count,
                });
            }
        });
    }

    /// Whether the user holds the permission. Tracked.
    pub fn holds(&self, permission: Permission) -> bool {
        self.me.with(|me| me.holds(permission))
    }

    /// What others see of somebody; offline while unknown. Tracked.
    pub fn presence_of(&self, user: &UserId) -> Presence {
        self.people.with(|people| {
            people
                .iter()
                .find(|person| &person.id == user)
                .map_or(Presence::Offline, |person| person.presence)
        })
    }

    /// A number that was not used before in this tab.
    pub fn next(&self) -> u64 {
        self.counter.update_value(|counter| *counter += 1);
        self.counter.get_value()
    }
}
