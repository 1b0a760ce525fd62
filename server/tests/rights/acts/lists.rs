//! Acts beside conversations: the Company Directory, the history, files and views.

use app::backend::{Directory, History, Views};
use server::commands::List;
use shared::history::HistoryQuery;
use shared::ids::{TeamId, ViewId};
use shared::text::{DirectoryText, ViewName};
use shared::views::{DashboardChoice, ViewFilter};

use super::{Lost, Row, SUPERVISOR, act, text};
use crate::fixtures::user;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "directory_append",
            "amy",
            &[Lost::Account],
            act!(|s, amy| s.fixture.desk.directory_send(
                amy,
                user("sam"),
                s.fixture.key(),
                text(DirectoryText::parse),
                None
            )),
        ),
        (
            "team_message",
            "sam",
            &[Lost::Authority, Lost::Account, Lost::Role],
            act!(|s, sam| s.fixture.desk.team_message_send(
                sam,
                TeamId::parse("care").unwrap(),
                s.fixture.key(),
                text(DirectoryText::parse)
            )),
        ),
        (
            "history_read",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.history_read(sam, s.chat.clone())),
        ),
        (
            "transcript_export",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s
                .fixture
                .desk
                .transcript_export(sam, s.chat.clone(), "txt", "no")),
        ),
        (
            "history_export",
            "amy",
            // Supervisors have a history as well.
            &[Lost::Account],
            act!(|s, amy| s.fixture.desk.history_export(amy, HistoryQuery::default())),
        ),
        (
            "list_export",
            "sam",
            // The rights of other lists are asked in the same way.
            &[Lost::Account, Lost::Role],
            act!(|s, sam| s.fixture.desk.list_export(sam, List::Requests)),
        ),
        (
            "view_create",
            "sam",
            &[Lost::Authority, Lost::Account, Lost::Role],
            act!(|s, sam| s.fixture.desk.view_create(
                sam,
                s.fixture.key(),
                text(ViewName::parse),
                ViewFilter::default(),
                Some(TeamId::parse("care").unwrap())
            )),
        ),
        (
            "view_update",
            "sam",
            &[Lost::Authority, Lost::Account, Lost::Role],
            act!(|s, sam| s.fixture.desk.view_update(
                sam,
                s.fixture.key(),
                (ViewId::parse("any").unwrap(), 0),
                text(ViewName::parse),
                None,
                Some(TeamId::parse("care").unwrap())
            )),
        ),
        (
            "view_delete",
            "sam",
            &[Lost::Account, Lost::Role],
            act!(|s, sam| s.fixture.desk.view_delete(
                sam,
                s.fixture.key(),
                ViewId::parse("any").unwrap(),
                0
            )),
        ),
        (
            "view_choose",
            "sam",
            // It looks at neither clock nor ids.
            &[Lost::Account, Lost::Role],
            act!(|s, sam| s.fixture.desk.view_choose(sam, DashboardChoice::default())),
        ),
        (
            "directory_read",
            "amy",
            // It looks at neither clock nor ids.
            &[Lost::Account],
            act!(|s, amy| s.fixture.desk.directory_read(amy, user("sam"), i64::MAX)),
        ),
    ]
}
