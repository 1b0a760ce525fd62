//! Events as other systems get them by webhooks: a type, a time, and the representations that the API has of the same things.
//! `document` describes them from these types.

use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::erasure::ERASED;
use shared::webhooks::EventKind;
use utoipa::ToSchema;

use super::requests::RequestView;
use super::reviews::ReviewView;
use super::transcripts::{CustomerLine, StaffLine};
use super::workitems::{StateView, WorkitemView};
use crate::desk::event_sender::{EventContent, OutgoingEvent};

/// What became of a workitem.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkitemEvent)]
pub(super) struct WorkitemData {
    /// Which of the workitem's events it is: later ones have greater numbers. Numbers may be left out.
    sequence: i64,
    /// The workitem as it stands when the event is sent.
    workitem: WorkitemView,
}

/// An agent has the workitem from now on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkitemAssignedEvent)]
pub(super) struct AssignedData {
    /// Which of the workitem's events it is: later ones have greater numbers. Numbers may be left out.
    sequence: i64,
    /// Who got it.
    agent_id: String,
    /// The workitem as it stands when the event is sent.
    workitem: WorkitemView,
}

/// The workitem came into another state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkitemStateEvent)]
pub(super) struct StateData {
    /// Which of the workitem's events it is: later ones have greater numbers. Numbers may be left out.
    sequence: i64,
    /// Out of which state.
    from: StateView,
    /// Into which state.
    to: StateView,
    /// The workitem as it stands when the event is sent.
    workitem: WorkitemView,
}

/// Customer or agent said something that both see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageEvent)]
pub(super) struct MessageData {
    /// Which of the workitem's events it is: later ones have greater numbers. Numbers may be left out.
    sequence: i64,
    /// The line of the conversation, as the customer sees it.
    line: CustomerLine,
    /// The workitem as it stands when the event is sent.
    workitem: WorkitemView,
}

/// A raised hand. Internal: customers must not learn of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AssistanceEvent)]
pub(super) struct AssistanceData {
    /// Always true.
    internal: bool,
    /// The request as it stands when the event is sent.
    request: RequestView,
}

/// What a supervisor said to an agent, or the agent answered: `line.author` says which. Internal: customers must not learn of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CoachingEvent)]
pub(super) struct CoachingData {
    /// Always true.
    internal: bool,
    /// The line as staff see it.
    line: StaffLine,
    /// The workitem as it stands when the event is sent.
    workitem: WorkitemView,
}

/// A flag for review. Internal: neither its agent nor its customer learns of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewEvent)]
pub(super) struct ReviewData {
    /// Always true.
    internal: bool,
    /// The flag as it stands when the event is sent.
    review: ReviewView,
    /// The workitem as it stands when the event is sent.
    workitem: WorkitemView,
}

/// An administrator tries the receiver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TestEvent)]
pub(super) struct TestData {
    /// Always true.
    test: bool,
}

#[derive(Serialize)]
struct Envelope<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: T,
}

/// The body of an event.
pub(crate) fn body(event: &OutgoingEvent) -> Vec<u8> {
    let sequence = event.sequence.unwrap_or_default();
    match event.content.clone() {
        EventContent::Workitem { workitem } => {
            let workitem = (*workitem).into();
            written(event, WorkitemData { sequence, workitem })
        }
        EventContent::Assigned { workitem, agent } => {
            let data = AssignedData {
                sequence,
                agent_id: agent.into(),
                workitem: (*workitem).into(),
            };
            written(event, data)
        }
        EventContent::State { workitem, from, to } => {
            let data = StateData {
                sequence,
                from: from.into(),
                to: to.into(),
                workitem: (*workitem).into(),
            };
            written(event, data)
        }
        EventContent::Message { workitem, line } => {
            let data = MessageData {
                sequence,
                line: line.into(),
                workitem: (*workitem).into(),
            };
            written(event, data)
        }
        EventContent::Request(request) => {
            let data = AssistanceData {
                internal: true,
                request: request.into(),
            };
            written(event, data)
        }
        EventContent::Coaching { workitem, entry } => {
            let data = CoachingData {
                internal: true,
                line: (*entry).into(),
                workitem: (*workitem).into(),
            };
            written(event, data)
        }
        EventContent::Review { workitem, review } => {
            let data = ReviewData {
                internal: true,
                review: ReviewView::of(&workitem.id, *review),
                workitem: (*workitem).into(),
            };
            written(event, data)
        }
        EventContent::Test => written(event, TestData { test: true }),
    }
}

fn written(event: &OutgoingEvent, data: impl Serialize) -> Vec<u8> {
    let envelope = Envelope {
        kind: event.kind.code(),
        timestamp: event.happened_at.rfc3339(),
        data,
    };
    // Texts and numbers can always be written.
    serde_json::to_vec(&envelope).unwrap_or_default()
}

/// What an event of a kind is called, what it means, and the schema of its data.
fn described(kind: EventKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        EventKind::WorkitemCreated => (
            "A workitem has begun",
            "A customer wrote, an agent placed a call, or another system reported one.",
            "WorkitemEvent",
        ),
        EventKind::WorkitemAssigned => (
            "A workitem was assigned",
            "An agent has it from now on: from the queue, by a transfer, by a supervisor, or because the agent began it.",
            "WorkitemAssignedEvent",
        ),
        EventKind::WorkitemStateChanged => (
            "A workitem came into another state",
            "Nothing is sent for the state in which it begins.",
            "WorkitemStateEvent",
        ),
        EventKind::WorkitemEnded => (
            "A conversation is over",
            "Its agent finishes the paperwork, or nobody had it and it is closed.",
            "WorkitemEvent",
        ),
        EventKind::WorkitemErased => (
            "A customer was erased",
            "Words of this customer that the receiver holds should go as well. The representation has — in their place.",
            "WorkitemEvent",
        ),
        EventKind::WorkitemRated => (
            "A customer rated a chat",
            "Its workitem says how. A customer rates a chat once, after its end.",
            "WorkitemEvent",
        ),
        EventKind::MessageCreated => (
            "Customer or agent said something",
            "A line that the customer sees: never coaching, a note or a line of the program.",
            "MessageEvent",
        ),
        EventKind::AssistanceRequested => (
            "An agent asked for assistance",
            "Internal: customers must not learn of it.",
            "AssistanceEvent",
        ),
        EventKind::AssistanceSettled => (
            "A request for assistance was closed",
            "Internal: customers must not learn of it.",
            "AssistanceEvent",
        ),
        EventKind::CoachingCreated => (
            "A supervisor coached an agent, or the agent replied",
            "Internal: customers must not learn of it. It has to be switched on for each receiver. The author of the line says who spoke.",
            "CoachingEvent",
        ),
        EventKind::ReviewFlagged => (
            "A supervisor flagged a workitem for review",
            "Internal: neither its agent nor its customer learns of it.",
            "ReviewEvent",
        ),
        EventKind::ReviewFinished => (
            "A flag was marked as reviewed",
            "Internal: neither its agent nor its customer learns of it.",
            "ReviewEvent",
        ),
        EventKind::Test => (
            "A receiver is tried",
            "Sent by the button of the page of webhooks.",
            "TestEvent",
        ),
    }
}

/// The `webhooks` of the OpenAPI document.
pub(super) fn webhooks() -> Map<String, Value> {
    debug_assert_eq!(ERASED, "—", "as the description of workitem.erased says");
    let kinds = EventKind::CHOICES.into_iter().chain([EventKind::Test]);
    kinds
        .map(|kind| (kind.code().to_owned(), webhook(kind)))
        .collect()
}

fn webhook(kind: EventKind) -> Value {
    let (summary, description, data) = described(kind);
    let header = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "header", "required": true, "description": description, "schema": schema });
    json!({
        "post": {
            "operationId": kind.code().replace('.', "_"),
            "summary": summary,
            "description": description,
            "security": [{}],
            "parameters": [
                header("webhook-id", "Names the event; the same in each attempt.", json!({ "type": "string" })),
                header("webhook-timestamp", "When this attempt was made, in seconds since 1970.", json!({ "type": "integer" })),
                header("webhook-signature", "v1, and the base64 of HMAC-SHA256 over id, timestamp and body; several with a space between.", json!({ "type": "string" })),
            ],
            "requestBody": {
                "required": true,
                "content": { "application/json": { "schema": {
                    "type": "object",
                    "required": ["type", "timestamp", "data"],
                    "properties": {
                        "type": { "type": "string", "enum": [kind.code()] },
                        "timestamp": { "type": "string", "format": "date-time", "description": "When it happened." },
                        "data": { "$ref": format!("#/components/schemas/{data}") },
                    },
                } } },
            },
            "responses": {
                "2XX": { "description": "Taken." },
                "410": { "description": "The receiver wants nothing any more, and is switched off." },
                "default": { "description": "Not taken: it is sent again later, or after Retry-After." },
            },
        },
    })
}
