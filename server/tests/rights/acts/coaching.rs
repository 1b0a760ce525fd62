//! Acts of those who coach and are coached: coaching, stepping in, requests, reviews and alerts.

use app::backend::{Alerts, Assistance, Coaching, Directory, Reviews, SteppingIn, Workitems};
use shared::ids::DirectoryMessageId;
use shared::text::{CoachingText, MessageText, ReplyText, ReviewComment};
use shared::transcript::Reaction;

use super::{AGENT, Lost, Row, SUPERVISOR, act, in_chat, request, text};
use crate::fixtures::{alert_rule, user};

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "alert_dismiss",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.alert_dismiss(
                sam,
                s.chat.clone(),
                s.fixture.key(),
                alert_rule(),
                s.alert
            )),
        ),
        (
            "review_flag",
            "sam",
            SUPERVISOR,
            in_chat!(review_flag, text(ReviewComment::parse)),
        ),
        (
            "review_finish",
            "sam",
            SUPERVISOR,
            in_chat!(review_finish, 1),
        ),
        (
            "coaching_append",
            "sam",
            SUPERVISOR,
            in_chat!(coaching_send, text(CoachingText::parse), None),
        ),
        (
            "coaching_reply",
            "amy",
            AGENT,
            in_chat!(coaching_reply, text(ReplyText::parse)),
        ),
        (
            "coaching_reply_seen",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s
                .fixture
                .desk
                .coaching_reply_seen(sam, s.chat.clone(), i64::MAX)),
        ),
        (
            "barge_append",
            "sam",
            SUPERVISOR,
            in_chat!(barge_send, text(MessageText::parse)),
        ),
        (
            "workitem_take_over",
            "sam",
            SUPERVISOR,
            in_chat!(workitem_take_over, user("amy")),
        ),
        (
            "workitem_give_back",
            "sam",
            &[Lost::Account, Lost::Role],
            in_chat!(workitem_give_back),
        ),
        (
            "conversation_end",
            "sam",
            SUPERVISOR,
            in_chat!(conversation_end),
        ),
        ("wrap_up_close", "sam", SUPERVISOR, in_chat!(wrap_up_close)),
        (
            "workitem_peek",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.workitem_peek(sam, s.chat.clone())),
        ),
        (
            "conversation_read",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.conversation_load(sam, s.chat.clone())),
        ),
        (
            "reaction_set",
            "amy",
            AGENT,
            act!(|s, amy| s.fixture.desk.reaction_set(
                amy,
                s.chat.clone(),
                s.coaching.clone(),
                s.fixture.key(),
                Some(Reaction::ThumbsUp)
            )),
        ),
        (
            "coaching_forward",
            "amy",
            AGENT,
            act!(|s, amy| s.fixture.desk.coaching_forward(
                amy,
                s.chat.clone(),
                s.coaching.clone(),
                s.fixture.key()
            )),
        ),
        (
            "coaching_dismiss",
            "amy",
            AGENT,
            act!(|s, amy| s
                .fixture
                .desk
                .coaching_dismiss(amy, s.chat.clone(), s.coaching.clone())),
        ),
        (
            "request_withdraw",
            "amy",
            &[Lost::Account, Lost::Role],
            act!(|s, amy| s
                .fixture
                .desk
                .request_withdraw(amy, s.fixture.key(), request())),
        ),
        (
            "request_claim",
            "sam",
            &[Lost::Authority, Lost::Account, Lost::Role],
            act!(|s, sam| s
                .fixture
                .desk
                .request_claim(sam, s.fixture.key(), s.request.clone())),
        ),
        (
            "request_hand_back",
            "sam",
            &[Lost::Authority, Lost::Account, Lost::Role],
            act!(|s, sam| s.fixture.desk.request_hand_back(
                sam,
                s.fixture.key(),
                s.request.clone()
            )),
        ),
        (
            "request_handle",
            "sam",
            &[Lost::Account],
            act!(|s, sam| s
                .fixture
                .desk
                .request_handle(sam, s.fixture.key(), request())),
        ),
        (
            "message_dismiss",
            "sam",
            &[Lost::Account],
            act!(|s, sam| s
                .fixture
                .desk
                .message_dismiss(sam, DirectoryMessageId::parse("any").unwrap())),
        ),
        (
            "monitoring_begin",
            "sue",
            &[Lost::HandedOn, Lost::Account, Lost::Role],
            act!(|s, sue| s.fixture.desk.monitoring_join(sue, &s.chat, 1)),
        ),
    ]
}
