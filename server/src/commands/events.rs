//! Events for other systems: written beside what they report, in its transaction, for the receivers that want them.
//!
//! An event holds ids and codes and no words: what is sent is read when it is sent. Where nobody wants it, nothing is written;
//! the transaction itself asks, so a receiver misses nothing from its commit on. Nothing of an event that customers may know of
//! depends on what a supervisor does: neither its id nor its number.

use sha2::{Digest, Sha256};
use shared::ids::{EntryId, ReceiverId, RequestId, UserId, WorkitemId};
use shared::time::Timestamp;
use shared::webhooks::EventKind;
use shared::workitem::WorkitemState;

use crate::store::rows::{EVENT_DELIVER, EventFacts, NewEvent, NewJob, concerns};
use crate::store::{Change, Stored, Transaction};

/// How much of its digest makes the id of an event: enough that no two ever share one by chance.
const DIGEST: usize = 16;

/// Something that happened.
pub(super) struct Event {
    kind: EventKind,
    facts: EventFacts,
}

impl Event {
    /// A workitem has begun.
    pub(super) fn created(workitem: &WorkitemId) -> Self {
        Self::of_workitem(EventKind::WorkitemCreated, workitem)
    }

    /// An agent has it from now on.
    pub(super) fn assigned(workitem: &WorkitemId, agent: &UserId) -> Self {
        Self {
            kind: EventKind::WorkitemAssigned,
            facts: EventFacts::Assigned {
                workitem: workitem.clone(),
                agent: agent.clone(),
            },
        }
    }

    /// It came into another state.
    pub(super) fn state_changed(
        workitem: &WorkitemId,
        from: WorkitemState,
        to: WorkitemState,
    ) -> Self {
        Self {
            kind: EventKind::WorkitemStateChanged,
            facts: EventFacts::State {
                workitem: workitem.clone(),
                from,
                to,
            },
        }
    }

    /// Its conversation is over.
    pub(super) fn ended(workitem: &WorkitemId) -> Self {
        Self::of_workitem(EventKind::WorkitemEnded, workitem)
    }

    /// Its customer was erased.
    pub(super) fn erased(workitem: &WorkitemId) -> Self {
        Self::of_workitem(EventKind::WorkitemErased, workitem)
    }

    /// Its customer rated it.
    pub(super) fn rated(workitem: &WorkitemId) -> Self {
        Self::of_workitem(EventKind::WorkitemRated, workitem)
    }

    fn of_workitem(kind: EventKind, workitem: &WorkitemId) -> Self {
        Self {
            kind,
            facts: EventFacts::Workitem {
                workitem: workitem.clone(),
            },
        }
    }

    /// Customer or agent said what has this number in the customer's view.
    pub(super) fn message(workitem: &WorkitemId, number: i64) -> Self {
        Self {
            kind: EventKind::MessageCreated,
            facts: EventFacts::Message {
                workitem: workitem.clone(),
                number,
            },
        }
    }

    /// An agent raised a hand.
    pub(super) fn requested(request: &RequestId) -> Self {
        Self::of_request(EventKind::AssistanceRequested, request)
    }

    /// A raised hand came to its end.
    pub(super) fn settled(request: &RequestId) -> Self {
        Self::of_request(EventKind::AssistanceSettled, request)
    }

    fn of_request(kind: EventKind, request: &RequestId) -> Self {
        Self {
            kind,
            facts: EventFacts::Request {
                request: request.clone(),
            },
        }
    }

    /// A supervisor said something to an agent, or the agent answered.
    pub(super) fn coached(workitem: &WorkitemId, entry: &EntryId) -> Self {
        Self {
            kind: EventKind::CoachingCreated,
            facts: EventFacts::Coaching {
                workitem: workitem.clone(),
                entry: entry.clone(),
            },
        }
    }

    /// A supervisor flagged a workitem for review; the flag has this number there.
    pub(super) fn flagged(workitem: &WorkitemId, number: i64) -> Self {
        Self::of_review(EventKind::ReviewFlagged, workitem, number)
    }

    /// A supervisor marked a flag as reviewed.
    pub(super) fn reviewed(workitem: &WorkitemId, number: i64) -> Self {
        Self::of_review(EventKind::ReviewFinished, workitem, number)
    }

    fn of_review(kind: EventKind, workitem: &WorkitemId, number: i64) -> Self {
        Self {
            kind,
            facts: EventFacts::Review {
                workitem: workitem.clone(),
                number,
            },
        }
    }

    /// A receiver is tried; `test` tells one time from another.
    pub(super) fn test(test: String) -> Self {
        Self {
            kind: EventKind::Test,
            facts: EventFacts::Test { test },
        }
    }

    /// The workitem that numbers it. What customers must not know of takes no number, so that no gap tells of it.
    fn numbered_in(&self) -> Option<&WorkitemId> {
        self.facts.workitem().filter(|_| !self.kind.internal())
    }
}

/// Writes an event for each receiver that wants it.
pub(super) async fn report(
    rows: &mut dyn Transaction,
    event: &Event,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let mut wanting = rows.receivers_wanting(event.kind).await?;
    if wanting.iter().any(|(_, teams)| teams.is_some()) {
        let of = rows.event_teams(&event.facts).await?;
        wanting.retain(|(_, teams)| concerns(teams.as_deref(), &of));
    }
    if wanting.is_empty() {
        return Ok(());
    }
    let sequence = match event.numbered_in() {
        Some(workitem) => Some(rows.workitem_next_event(workitem).await?),
        None => None,
    };
    for (receiver, _) in &wanting {
        queue(rows, receiver, event, sequence, at).await?;
    }
    changes.push(Change::EventQueued);
    Ok(())
}

/// Queues an event for a receiver, behind what waits there of the same workitem.
pub(super) async fn queue(
    rows: &mut dyn Transaction,
    receiver: &ReceiverId,
    event: &Event,
    sequence: Option<i64>,
    at: Timestamp,
) -> Stored<()> {
    let id = id_of(receiver, event, sequence, at)?;
    let new = NewEvent {
        id: &id,
        receiver,
        kind: event.kind,
        facts: &event.facts,
        sequence,
        at,
    };
    rows.event_insert(&new).await?;
    let workitem = event.facts.workitem();
    let lane = workitem.map(|workitem| format!("{receiver}/{workitem}"));
    let job = NewJob {
        kind: EVENT_DELIVER,
        queue: receiver.as_str(),
        about: &id,
        lane: lane.as_ref().unwrap_or(&id),
    };
    rows.job_insert(&job, at).await
}

/// The webhook-id of an event for a receiver. It follows from the event, so a transaction that is repeated makes the same.
fn id_of(
    receiver: &ReceiverId,
    event: &Event,
    sequence: Option<i64>,
    at: Timestamp,
) -> Stored<String> {
    let whole = (receiver, event.kind.code(), &event.facts, sequence, at);
    let digest = Sha256::digest(serde_json::to_vec(&whole)?);
    Ok(["msg_", &hex::encode(&digest[..DIGEST])].concat())
}
