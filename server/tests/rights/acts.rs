//! Asked, then acted (S07): the right is taken away after the use-case has asked and before its transaction begins. The
//! act is answered like something that does not exist, changes nothing, and stands in the audit log.

mod coaching;
mod lists;
mod work;

use app::backend::{ApiResult, Assistance, SteppingIn};
use futures_util::future::BoxFuture;
use server::commands::{MonitoringEnd, RequestCreate};
use shared::assistance::{Ask, Recipient};
use shared::error::AppError;
use shared::ids::{DirectoryMessageId, EntryId, LabelId, RequestId, WorkitemId};
use shared::people::{Actor, Role};
use shared::transcript::EndReason;

use crate::administration_commands::Administration;
use crate::fixtures::{
    Contents, Fixture, care, contents, context, label, publish, role, roles, user,
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
    /// Sam monitors the chat no longer.
    async fn left_alone(self) -> Self {
        let (desk, fixture) = (&self.fixture.desk, &self.fixture);
        let end = MonitoringEnd {
            workitem: self.chat.clone(),
            supervisor: user("sam"),
            node: None,
            reason: EndReason::Left,
            entry: fixture.entry(),
            at: desk.clock().now(),
        };
        publish(desk, desk.store().execute(end).await);
        self
    }

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
use act;

/// An act in the chat, under a key of its own.
macro_rules! in_chat {
    ($act:ident $(, $more:expr)*) => {
        |s, actor| Box::pin(async move {
            let (chat, key) = (s.chat.clone(), s.fixture.key());
            s.fixture.desk.$act(actor, chat, key $(, $more)*).await.map(|_| ())
        })
    };
}
use in_chat;

fn text<T>(parse: impl FnOnce(&str) -> Result<T, AppError>) -> T {
    parse("Something new").unwrap()
}

/// Some request: a caller without rights is refused before it is looked for.
fn request() -> RequestId {
    RequestId::parse("any").unwrap()
}

fn rows() -> Vec<Row> {
    [work::rows(), coaching::rows(), lists::rows()].concat()
}

/// The right is gone when the transaction begins, whether or not the use-case noticed.
async fn refused(command: &str, who: &str, lost: Lost, act: Act, in_the_middle: bool) {
    let scene = Scene::begin().await;
    let scene = match command {
        "request_claim" => scene.with_request(false).await,
        "request_hand_back" => scene.with_request(true).await,
        "workitem_take_over" => scene.with_both_roles().await,
        "conversation_read" => scene.left_alone().await,
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
