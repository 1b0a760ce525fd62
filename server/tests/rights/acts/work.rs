//! Acts at a workitem: messages, states, handing on, labels and notes.

use app::backend::{Labels, Notes, Workitems};
use shared::phone::PhoneNumber;
use shared::text::{MessageText, NoteText};
use shared::workitem::TransferTo;

use super::{AGENT, Lost, Row, SUPERVISOR, act, in_chat, text};
use crate::fixtures::user;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "message_append",
            "amy",
            AGENT,
            in_chat!(message_send, text(MessageText::parse)),
        ),
        (
            "delivery_retry",
            "amy",
            AGENT,
            act!(|s, amy| s.fixture.desk.delivery_retry(
                amy,
                s.chat.clone(),
                s.fixture.key(),
                s.coaching.clone()
            )),
        ),
        (
            "workitem_read",
            "amy",
            // It looks at neither clock nor ids; what it rests on is asked by the same function as the others.
            &[Lost::Account, Lost::Role],
            act!(|s, amy| s.fixture.desk.workitem_read(amy, s.chat.clone(), i64::MAX)),
        ),
        ("workitem_wrap_up", "amy", AGENT, in_chat!(workitem_wrap_up)),
        ("workitem_reopen", "amy", AGENT, in_chat!(workitem_reopen)),
        ("workitem_close", "amy", AGENT, in_chat!(workitem_close)),
        (
            "workitem_transfer",
            "amy",
            AGENT,
            in_chat!(
                workitem_transfer,
                TransferTo::Agent(user("ben")),
                true,
                Some(text(NoteText::parse))
            ),
        ),
        (
            "label_set",
            "amy",
            AGENT,
            act!(|s, amy| s.fixture.desk.label_set(
                amy,
                s.chat.clone(),
                s.fixture.key(),
                s.label.clone(),
                true
            )),
        ),
        (
            "label_set",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.label_set(
                sam,
                s.chat.clone(),
                s.fixture.key(),
                s.label.clone(),
                true
            )),
        ),
        (
            "note_append",
            "amy",
            AGENT,
            in_chat!(note_add, text(NoteText::parse)),
        ),
        (
            "note_append",
            "sam",
            SUPERVISOR,
            in_chat!(note_add, text(NoteText::parse)),
        ),
        (
            "workitem_reassign",
            "sam",
            SUPERVISOR,
            in_chat!(workitem_reassign, TransferTo::Agent(user("ben")), true),
        ),
        (
            "call_record",
            "amy",
            &[Lost::Account, Lost::Role],
            act!(|s, amy| s.fixture.desk.call_place(
                amy,
                s.fixture.key(),
                PhoneNumber::parse("+49 30 1234").unwrap()
            )),
        ),
    ]
}
