//! Asked, then acted (S07): the right is taken away after the use-case has asked and before its transaction begins. The
//! act is answered like something that does not exist, changes nothing, and stands in the audit log.

use app::backend::{
    Alerts, ApiResult, Assistance, Coaching, Directory, History, Labels, Notes, Reviews,
    SteppingIn, Views, Workitems,
};
use futures_util::future::BoxFuture;
use server::commands::{List, RequestCreate};
use shared::assistance::{Ask, Recipient};
use shared::error::AppError;
use shared::history::HistoryQuery;
use shared::ids::{DirectoryMessageId, EntryId, LabelId, RequestId, TeamId, ViewId, WorkitemId};
use shared::people::{Actor, Role};
use shared::phone::PhoneNumber;
use shared::text::{
    CoachingText, DirectoryText, MessageText, NoteText, ReplyText, ReviewComment, ViewName,
};
use shared::transcript::Reaction;
use shared::views::{DashboardChoice, ViewFilter};
use shared::workitem::TransferTo;

use crate::administration_commands::Administration;
use crate::fixtures::{
    Contents, Fixture, alert_rule, care, contents, context, label, publish, role, roles, user,
};

/// A fixture in which sam has coached amy in her chat.
struct Scene {
    fixture: Fixture,
    chat: WorkitemId,
    coaching: EntryId,
    /// One that the chat can be given.
    label: LabelId,
    /// What the chat's alert is about.
    alert: i64,
    /// What amy asks.
    request: RequestId,
}

impl Scene {
    async fn begin() -> Self {
        let fixture = Fixture::new().await;
        let chat = fixture.chat_of("amy").await;
        let coaching = fixture.coached(&chat).await;
        let alert = fixture.alerted(&chat).await;
        Self {
            fixture,
            chat,
            coaching,
            alert,
            label: label(),
            request: request(),
        }
    }

    /// Amy asks sam, who sees to it if `claimed`.
    async fn with_request(self, claimed: bool) -> Self {
        let (desk, amy) = (&self.fixture.desk, self.fixture.actor("amy").await);
        let options = desk.assistance_options_load(&amy).await.unwrap();
        let create = RequestCreate {
            request: self.request.clone(),
            agent: amy.person(),
            template: options.templates[0].id.clone(),
            choice: "one",
            named: None,
            recipients: vec![(
                self.fixture.actor("sam").await.person(),
                DirectoryMessageId::parse("asked").unwrap(),
            )],
            workitem: None,
            text: None,
            at: desk.clock().now(),
            key: self.fixture.key(),
        };
        publish(desk, desk.store().execute(create).await);
        if claimed {
            let sam = self.fixture.actor("sam").await;
            let claim = desk.request_claim(&sam, self.fixture.key(), self.request.clone());
            claim.await.unwrap();
        }
        self
    }
}

impl Scene {
    /// Sam is an agent as well.
    async fn with_both_roles(self) -> Self {
        roles(&self.fixture.desk, "sam", &[Role::Supervisor, Role::Agent]).await;
        self
    }

    /// Sam has taken amy's chat over.
    async fn taken_over(self) -> Self {
        let scene = self.with_both_roles().await;
        let (fixture, chat) = (&scene.fixture, scene.chat.clone());
        let sam = fixture.actor("sam").await;
        let taken = fixture
            .desk
            .workitem_take_over(&sam, chat, fixture.key(), user("amy"));
        taken.await.unwrap();
        scene
    }
}

/// What is taken away.
#[derive(Clone, Copy, Debug)]
enum Lost {
    /// Amy's workitem goes to another team's agent.
    HandedOn,
    /// Sam supervises amy's team no longer.
    Authority,
    /// The actor is deactivated.
    Account,
    /// The actor has another role.
    Role,
}

/// Takes it away and answers what the database holds then.
async fn taken(scene: &Scene, who: &str, lost: Lost) -> BoxFuture<'static, Contents> {
    let (desk, file) = (scene.fixture.desk.clone(), scene.fixture.file());
    let handing_on = scene.fixture.handing_on(&scene.chat).await;
    let who = who.to_owned();
    let entries = vec![scene.fixture.entry()];
    Box::pin(async move {
        match lost {
            Lost::HandedOn => handing_on.await,
            Lost::Authority => care(&desk, &["amy", "ben"], &["sue"]).await,
            Lost::Account => {
                let (id, context) = (user(&who), context(None));
                let gone = desk.store().user_activate(&id, false, entries, context);
                publish(&desk, gone.await);
            }
            Lost::Role => {
                let other = match who.as_str() {
                    "amy" => Role::Supervisor,
                    _ => Role::Agent,
                };
                role(&desk, &who, other).await;
            }
        }
        contents(&file)
    })
}

/// Does it, in the name of an actor as they were before.
type Act = for<'a> fn(&'a Scene, &'a Actor) -> BoxFuture<'a, ApiResult<()>>;

/// An act of somebody who is signed in: the store's command, who, what takes the right away, the act.
type Row = (&'static str, &'static str, &'static [Lost], Act);

const AGENT: &[Lost] = &[Lost::HandedOn, Lost::Account, Lost::Role];
const SUPERVISOR: &[Lost] = &[Lost::Authority, Lost::HandedOn, Lost::Account, Lost::Role];

/// A future without its answer.
macro_rules! act {
    (|$scene:ident, $actor:ident| $done:expr) => {
        |$scene, $actor| Box::pin(async move { $done.await.map(|_| ()) })
    };
}

fn text<T>(parse: impl FnOnce(&str) -> Result<T, AppError>) -> T {
    parse("Something new").unwrap()
}

/// Some request: a caller without rights is refused before it is looked for.
fn request() -> RequestId {
    RequestId::parse("any").unwrap()
}

fn rows() -> Vec<Row> {
    vec![
        (
            "message_append",
            "amy",
            AGENT,
            act!(|s, amy| s.fixture.desk.message_send(
                amy,
                s.chat.clone(),
                s.fixture.key(),
                text(MessageText::parse)
            )),
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
        (
            "workitem_wrap_up",
            "amy",
            AGENT,
            act!(|s, amy| s
                .fixture
                .desk
                .workitem_wrap_up(amy, s.chat.clone(), s.fixture.key())),
        ),
        (
            "workitem_reopen",
            "amy",
            AGENT,
            act!(|s, amy| s
                .fixture
                .desk
                .workitem_reopen(amy, s.chat.clone(), s.fixture.key())),
        ),
        (
            "workitem_close",
            "amy",
            AGENT,
            act!(|s, amy| s
                .fixture
                .desk
                .workitem_close(amy, s.chat.clone(), s.fixture.key())),
        ),
        (
            "workitem_transfer",
            "amy",
            AGENT,
            act!(|s, amy| s.fixture.desk.workitem_transfer(
                amy,
                s.chat.clone(),
                s.fixture.key(),
                TransferTo::Agent(user("ben")),
                true,
                Some(text(NoteText::parse))
            )),
        ),
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
            "review_flag",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.review_flag(
                sam,
                s.chat.clone(),
                s.fixture.key(),
                text(ReviewComment::parse)
            )),
        ),
        (
            "review_finish",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s
                .fixture
                .desk
                .review_finish(sam, s.chat.clone(), s.fixture.key(), 1)),
        ),
        (
            "note_append",
            "amy",
            AGENT,
            act!(|s, amy| s.fixture.desk.note_add(
                amy,
                s.chat.clone(),
                s.fixture.key(),
                text(NoteText::parse)
            )),
        ),
        (
            "note_append",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.note_add(
                sam,
                s.chat.clone(),
                s.fixture.key(),
                text(NoteText::parse)
            )),
        ),
        (
            "workitem_reassign",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.workitem_reassign(
                sam,
                s.chat.clone(),
                s.fixture.key(),
                TransferTo::Agent(user("ben")),
                true
            )),
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
        (
            "coaching_append",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.coaching_send(
                sam,
                s.chat.clone(),
                s.fixture.key(),
                text(CoachingText::parse),
                None
            )),
        ),
        (
            "coaching_reply",
            "amy",
            AGENT,
            act!(|s, amy| s.fixture.desk.coaching_reply(
                amy,
                s.chat.clone(),
                s.fixture.key(),
                text(ReplyText::parse)
            )),
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
            act!(|s, sam| s.fixture.desk.barge_send(
                sam,
                s.chat.clone(),
                s.fixture.key(),
                text(MessageText::parse)
            )),
        ),
        (
            "workitem_take_over",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.workitem_take_over(
                sam,
                s.chat.clone(),
                s.fixture.key(),
                user("amy")
            )),
        ),
        (
            "workitem_give_back",
            "sam",
            &[Lost::Account, Lost::Role],
            act!(|s, sam| s
                .fixture
                .desk
                .workitem_give_back(sam, s.chat.clone(), s.fixture.key())),
        ),
        (
            "conversation_end",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s
                .fixture
                .desk
                .conversation_end(sam, s.chat.clone(), s.fixture.key())),
        ),
        (
            "workitem_peek",
            "sam",
            SUPERVISOR,
            act!(|s, sam| s.fixture.desk.workitem_peek(sam, s.chat.clone())),
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

/// The right is gone when the transaction begins, whether or not the use-case noticed.
async fn refused(command: &str, who: &str, lost: Lost, act: Act, in_the_middle: bool) {
    let scene = Scene::begin().await;
    let scene = match command {
        "request_claim" => scene.with_request(false).await,
        "request_hand_back" => scene.with_request(true).await,
        "workitem_take_over" => scene.with_both_roles().await,
        "workitem_give_back" => scene.taken_over().await,
        _ => scene,
    };
    let actor = scene.fixture.actor(who).await;
    let taking = taken(&scene, who, lost).await;
    let story = format!("{command} by {who}, {lost:?}, in the middle: {in_the_middle}");
    let (done, after) = if in_the_middle {
        let (keep, kept) = tokio::sync::oneshot::channel();
        scene.fixture.clock_and_ids.at_the_clock(async move {
            keep.send(taking.await).ok();
        });
        let done = act(&scene, &actor).await;
        assert!(scene.fixture.clock_and_ids.it_happened(), "{story}");
        (done, kept.await.unwrap())
    } else {
        // The actor is who they were when their request came in.
        let after = taking.await;
        (act(&scene, &actor).await, after)
    };
    assert_eq!(done, Err(AppError::NotFound), "{story}");
    assert!(
        scene.fixture.contents() == after,
        "{story}: it changed something"
    );
    let refusals = scene.fixture.refusals();
    assert!(
        matches!(&refusals[..], [(by, _)] if by == who),
        "{story}: {refusals:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_a_right_that_goes_between_asking_and_acting_is_gone() {
    for (command, who, losses, act) in rows() {
        for lost in losses {
            refused(command, who, *lost, act, false).await;
            if !["directory_read", "view_choose", "workitem_read"].contains(&command) {
                refused(command, who, *lost, act, true).await;
            }
        }
    }
}

/// How many open requests somebody has.
async fn open_requests(fixture: &Fixture, supervisor: &str) -> usize {
    let mut rows = fixture.desk.store().snapshot().await.unwrap();
    let open = rows.requests_open_to(&user(supervisor)).await;
    open.unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_a_raised_hand_reaches_only_those_who_supervise_when_it_is_raised() {
    let scene = Scene::begin().await;
    let (fixture, amy) = (&scene.fixture, scene.fixture.actor("amy").await);
    let _there = ["sam", "sue"].map(|id| fixture.desk.presence_connect(&user(id)));
    let options = fixture.desk.assistance_options_load(&amy).await.unwrap();
    let ask = |recipient| Ask {
        template: options.templates[0].id.clone(),
        recipient,
        workitem: Some(scene.chat.clone()),
        text: None,
    };
    let desk = fixture.desk.clone();
    fixture
        .clock_and_ids
        .at_the_clock(async move { care(&desk, &["amy", "ben"], &["sue"]).await });
    let everybody = ask(Recipient::AllSignedIn);
    let asked = fixture
        .desk
        .assistance_request(&amy, fixture.key(), everybody);
    asked.await.unwrap();
    assert!(fixture.clock_and_ids.it_happened());
    let sams = open_requests(fixture, "sam").await;
    let sues = open_requests(fixture, "sue").await;
    assert_eq!((sams, sues), (0, 1));

    let desk = fixture.desk.clone();
    fixture
        .clock_and_ids
        .at_the_clock(async move { care(&desk, &["amy", "ben"], &["sid"]).await });
    let sue = ask(Recipient::One(user("sue")));
    let asked = fixture
        .desk
        .assistance_request(&amy, fixture.key(), sue)
        .await;
    assert!(
        asked.is_err() && fixture.clock_and_ids.it_happened(),
        "{asked:?}"
    );
    let sues = open_requests(fixture, "sue").await;
    assert_eq!(sues, 1, "no second one");

    let taking = taken(&scene, "amy", Lost::HandedOn).await;
    fixture.clock_and_ids.at_the_clock(async move {
        taking.await;
    });
    let desk = &fixture.desk;
    care(desk, &["amy", "ben"], &["sue"]).await;
    let asked = desk.assistance_request(&amy, fixture.key(), ask(Recipient::AllSignedIn));
    assert_eq!(asked.await.err(), Some(AppError::NotFound));
    assert!(fixture.clock_and_ids.it_happened());
}

/// The store's commands that are tried here.
pub fn commands() -> impl Iterator<Item = &'static str> {
    let rows = rows().into_iter().map(|(command, ..)| command);
    rows.chain(["request_create"])
}
