//! A host with a clock and ids that a test controls: something can be made to happen at the moment when a command
//! looks at one of them, which is after it has asked and before it acts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use rusqlite::{Connection, OpenFlags};
use server::clock_and_ids::{Clock, Ids, RandomIds, SystemClock};
use server::commands::{
    AlertRuleCreate, CoachingAppend, Handover, LabelCreate, MonitoringBegin, ReceiverChange,
    RoleCreate, SessionBegin, SignOnChange, SignOnSave, StateChange, TeamSave, TokenCreate,
    WallCreate, WebhookCreate, WorkitemTransfer,
};
use server::desk::{Desk, DeskConfig};
use server::store::rows::{ReceiverSecret, SignOnSettings};
use server::store::sqlite::SqliteStore;
use server::store::{CommandContext, Written};
use shared::account::SignedInFrom;
use shared::admin::TeamChange;
use shared::alerts::{AlertCondition, AlertRule};
use shared::ids::{
    AlertRuleId, CommandKey, EntryId, LabelId, ReceiverId, RoleId, TeamId, TokenId, UserId, WallId,
    WorkitemId,
};
use shared::labels::{Label, LabelKind};
use shared::people::{Actor, PersonRef, Role};
use shared::text::CoachingText;
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};
use shared::walls::Wall;
use shared::webhooks::EventKind;
use shared::workitem::TransferTo;
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;

use crate::administration_commands::{Administration, PROVED};
use crate::support::GRACE;

/// What happens once, when somebody looks at the clock or takes an id.
type Event = Box<dyn FnOnce() + Send>;

/// The machine's clock and random ids, with something that happens once.
#[derive(Default)]
pub struct ClockAndIds {
    ids: RandomIds,
    at_the_clock: Mutex<Option<Event>>,
    at_an_id: Mutex<Option<Event>>,
    /// The next id, if the test has set one.
    next_id: Mutex<Option<String>>,
}

fn happens(event: &Mutex<Option<Event>>) {
    let event = event.lock().unwrap().take();
    if let Some(event) = event {
        // The caller waits for it; the others of the runtime go on.
        tokio::task::block_in_place(event);
    }
}

impl Clock for ClockAndIds {
    fn now(&self) -> Timestamp {
        happens(&self.at_the_clock);
        SystemClock.now()
    }
}

impl Ids for ClockAndIds {
    fn next(&self) -> String {
        happens(&self.at_an_id);
        let next = self.next_id.lock().unwrap().take();
        next.unwrap_or_else(|| self.ids.next())
    }

    fn secret(&self) -> String {
        self.ids.secret()
    }
}

impl ClockAndIds {
    /// At the next look at the clock, `event` is done before the time is returned.
    pub fn at_the_clock(&self, event: impl Future<Output = ()> + Send + 'static) {
        *self.at_the_clock.lock().unwrap() = Some(Box::new(|| Handle::current().block_on(event)));
    }

    /// At the next id that is taken, `event` is done before it is given.
    pub fn at_an_id(&self, event: impl Future<Output = ()> + Send + 'static) {
        *self.at_an_id.lock().unwrap() = Some(Box::new(|| Handle::current().block_on(event)));
    }

    /// The next id is this one.
    pub fn next_is(&self, id: &str) {
        *self.next_id.lock().unwrap() = Some(id.to_owned());
    }

    /// Whether what was to happen has happened.
    pub fn it_happened(&self) -> bool {
        self.at_the_clock.lock().unwrap().is_none() && self.at_an_id.lock().unwrap().is_none()
    }
}

/// A team beside those of the demo, in which nobody is.
pub const SPARE_TEAM: &str = "spare";

static SEEDED: OnceCell<TempDir> = OnceCell::const_new();

/// A tag for every team.
pub fn label() -> LabelId {
    LabelId::parse("complaint").unwrap()
}

pub fn built_role() -> RoleId {
    RoleId::parse("junior").unwrap()
}

/// A rule that raises an alert wherever an agent has work.
pub fn alert_rule() -> AlertRuleId {
    AlertRuleId::parse("long").unwrap()
}

async fn seeded() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder).await;
    let clock_and_ids = Arc::new(ClockAndIds::default());
    let desk = Desk::new(
        store.clone(),
        clock_and_ids.clone(),
        clock_and_ids,
        DeskConfig::default(),
    );
    assert!(server::demo::seed(&desk).await.unwrap());
    let label = Label {
        id: label(),
        kind: LabelKind::Tag,
        name: "Complaint".to_owned(),
        team: None,
        active: true,
        version: 0,
    };
    let role = RoleCreate {
        role: built_role(),
        kind: Role::Agent,
        name: "Trainee".to_owned(),
        context: context(None),
    };
    desk.store().execute(role).await.unwrap();
    let label = LabelCreate {
        label,
        context: context(None),
    };
    desk.store().execute(label).await.unwrap();
    let rule = AlertRule {
        id: alert_rule(),
        name: "Long".to_owned(),
        team: None,
        condition: AlertCondition::Handled(1),
        active: true,
        version: 0,
    };
    let create = AlertRuleCreate {
        rule,
        context: context(None),
    };
    desk.store().execute(create).await.unwrap();
    desk.alerts_check().await.unwrap();
    let spare = TeamSave {
        team: TeamId::parse(SPARE_TEAM).unwrap(),
        create: true,
        change: TeamChange {
            name: "Spare".to_owned(),
            members: vec![],
            supervisors: vec![],
            priority: None,
            version: 0,
        },
        session: None,
        context: context(None),
    };
    desk.store().execute(spare).await.unwrap();
    let mut rows = desk.store().snapshot().await.unwrap();
    let adas = rows.credentials_of(&user("ada")).await.unwrap().unwrap();
    drop(rows);
    // Ada has just signed in: her session has proved her password.
    let begin = SessionBegin {
        session: PROVED.to_owned(),
        user: adas.user,
        verified: adas.password_hash,
        renewed: None,
        browser: None,
        now: SystemClock.now(),
        idle_us: 3_600_000_000,
        absolute_us: 3_600_000_000,
        from: SignedInFrom::default(),
    };
    desk.store().execute(begin).await.unwrap();
    let create = TokenCreate {
        token: token(TOKEN),
        hash: "0".repeat(64),
        session: None,
        context: context(None),
    };
    desk.store().execute(create).await.unwrap();
    let create = WallCreate {
        wall: wall(WALL),
        hash: "0".repeat(64),
        session: None,
        context: context(None),
    };
    desk.store().execute(create).await.unwrap();
    let create = WebhookCreate {
        session: None,
        ..webhook(RECEIVER, context(None))
    };
    desk.store().execute(create).await.unwrap();
    desk.store()
        .execute(sign_on(None, context(None)))
        .await
        .unwrap();
    // Closed, everything is in the one file.
    store.close().await;
    folder
}

async fn opened(folder: &TempDir) -> Arc<SqliteStore> {
    let file = folder.path().join("sideline.db");
    Arc::new(SqliteStore::open(&file).await.unwrap())
}

/// The demo's people and work. No background task runs.
pub struct Fixture {
    pub desk: Desk,
    pub clock_and_ids: Arc<ClockAndIds>,
    file: PathBuf,
    _folder: TempDir,
}

/// The token of the HTTP API that the organisation has.
pub const TOKEN: &str = "telephony";

/// A token that opens everything.
pub fn token(id: &str) -> ApiToken {
    ApiToken {
        id: TokenId::parse(id).unwrap(),
        name: "Telephony".to_owned(),
        scopes: Scope::ALL.to_vec(),
        team: None,
        created_by: PersonRef {
            id: user("ada"),
            name: "Ada Almond".to_owned(),
        },
        created_at: SystemClock.now(),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
    }
}

/// The link to a wall that there is.
pub const WALL: &str = "hall";

/// A link to a wall that shows team Care.
pub fn wall(id: &str) -> Wall {
    Wall {
        id: WallId::parse(id).unwrap(),
        name: "Hall".to_owned(),
        teams: vec![TeamId::parse("care").unwrap()],
        created_by: token(TOKEN).created_by,
        created_at: SystemClock.now(),
        last_used_at: None,
        revoked_at: None,
    }
}

/// The receiver of webhooks that the organisation has.
pub const RECEIVER: &str = "archive";

pub fn receiver(id: &str) -> ReceiverId {
    ReceiverId::parse(id).unwrap()
}

/// A new receiver that is told that workitems end.
pub fn webhook(id: &str, context: CommandContext) -> WebhookCreate {
    let secret = |name: &str| ReceiverSecret {
        receiver: receiver(id),
        name: name.to_owned(),
        key_id: "k".to_owned(),
        sealed: vec![1],
        expires_at: None,
    };
    WebhookCreate {
        receiver: receiver(id),
        change: ReceiverChange {
            name: "Archive".to_owned(),
            place: "https://archive.example".to_owned(),
            address_digest: String::new(),
            events: vec![EventKind::WorkitemEnded],
            teams: None,
        },
        secrets: vec![secret("url"), secret(&format!("key-{id}"))],
        created_by: PersonRef {
            id: user("ada"),
            name: "Ada Almond".to_owned(),
        },
        session: Some(PROVED.to_owned()),
        context,
    }
}

/// Single sign-on, set up from nothing or from this version.
pub fn sign_on(version: Option<i64>, context: CommandContext) -> SignOnSave {
    SignOnSave {
        change: SignOnChange {
            name: "Acme".to_owned(),
            issuer: "https://login.example.com".to_owned(),
            client_id: "sideline".to_owned(),
            settings: SignOnSettings {
                create: version.is_some(),
                roles: Vec::new(),
                roles_claim: "roles".to_owned(),
                username_claim: "preferred_username".to_owned(),
                link: false,
                passwords: true,
            },
        },
        secret: Some(("k".to_owned(), vec![1])),
        version,
        session: PROVED.to_owned(),
        context,
    }
}

pub fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

/// Every table with every row.
pub type Contents = BTreeMap<String, Vec<String>>;

/// Who monitors what.
pub async fn monitorings(desk: &Desk) -> Vec<(WorkitemId, UserId)> {
    let mut rows = desk.store().snapshot().await.unwrap();
    rows.monitoring_list().await.unwrap()
}

impl Fixture {
    pub async fn new() -> Self {
        let seeded = SEEDED.get_or_init(seeded).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sideline.db");
        std::fs::copy(seeded.path().join("sideline.db"), &file).unwrap();
        let clock_and_ids = Arc::new(ClockAndIds::default());
        let config = DeskConfig {
            grace: GRACE,
            ..DeskConfig::default()
        };
        let desk = Desk::new(
            opened(&folder).await,
            clock_and_ids.clone(),
            clock_and_ids.clone(),
            config,
        );
        Self {
            desk,
            clock_and_ids,
            file,
            _folder: folder,
        }
    }

    pub async fn actor(&self, id: &str) -> Actor {
        let actor = self
            .desk
            .store()
            .snapshot()
            .await
            .unwrap()
            .actor_find(&user(id))
            .await
            .unwrap();
        actor.expect("the demo has them")
    }

    pub fn key(&self) -> CommandKey {
        CommandKey::parse(self.clock_and_ids.next()).unwrap()
    }

    pub fn entry(&self) -> EntryId {
        EntryId::parse(self.clock_and_ids.next()).unwrap()
    }

    /// The first open workitem of an agent that can be coached.
    pub async fn chat_of(&self, agent: &str) -> WorkitemId {
        let list = self.desk.reads().view().agent_workitems(&user(agent)).await;
        let list = list.unwrap();
        let chat = list.iter().find(|workitem| workitem.channel.coachable());
        chat.expect("the demo gives each agent some").id.clone()
    }

    /// What the open alert of a workitem is about.
    pub async fn alerted(&self, workitem: &WorkitemId) -> i64 {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let open = rows.alerts_open(Some(workitem)).await.unwrap();
        open[0].key.about
    }

    /// Who monitors what.
    pub async fn monitorings(&self) -> Vec<(WorkitemId, UserId)> {
        monitorings(&self.desk).await
    }

    /// Sam monitors it and has sent a coaching message.
    pub async fn coached(&self, workitem: &WorkitemId) -> EntryId {
        let sam = self.actor("sam").await.person();
        let (entry, at) = (self.entry(), SystemClock.now());
        let store = self.desk.store();
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: sam.clone(),
            node: None,
            entry,
            at,
        };
        store.execute(begin).await.unwrap();
        let coaching = CoachingAppend {
            workitem: workitem.clone(),
            supervisor: sam,
            entry: self.entry(),
            at,
            text: CoachingText::parse("Offer 40 back.").unwrap(),
            agent: None,
            key: self.key(),
        };
        let written = store.execute(coaching).await.unwrap();
        written.value.entry.id
    }

    /// What will hand amy's workitem to cleo, of another team.
    pub async fn handing_on(&self, workitem: &WorkitemId) -> BoxFuture<'static, ()> {
        let change = StateChange {
            workitem: workitem.clone(),
            by: self.actor("amy").await.person(),
            entry: self.entry(),
            at: SystemClock.now(),
            key: self.key(),
        };
        let desk = self.desk.clone();
        Box::pin(async move {
            let to = Handover {
                to: TransferTo::Agent(user("cleo")),
                connected: true,
                confirmed: true,
            };
            let transfer = WorkitemTransfer {
                change,
                to,
                note: None,
            };
            publish(&desk, desk.store().execute(transfer).await);
        })
    }

    /// Everything that the database holds but the audit log.
    pub fn contents(&self) -> Contents {
        contents(&self.file)
    }

    /// What the audit log says of refusals: who, what.
    pub fn refusals(&self) -> Vec<(String, String)> {
        let database = read_only(&self.file);
        let mut statement = database
            .prepare("SELECT actor_id, what FROM audit WHERE what LIKE 'refused%' ORDER BY rowid")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    pub fn file(&self) -> PathBuf {
        self.file.clone()
    }
}

fn read_only(file: &std::path::Path) -> Connection {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

pub fn contents(file: &std::path::Path) -> Contents {
    let database = read_only(file);
    let mut tables = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('audit')")
        .unwrap();
    let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names
        .map(|name| {
            let name = name.unwrap();
            let mut all = database.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns = all.column_count();
            let rows = all
                .query_map([], |row| {
                    let values: Result<Vec<rusqlite::types::Value>, _> =
                        (0..columns).map(|index| row.get(index)).collect();
                    Ok(format!("{:?}", values?))
                })
                .unwrap();
            (name, rows.map(Result::unwrap).collect())
        })
        .collect()
}

/// Sets the members and supervisors of team Care.
pub async fn care(desk: &Desk, members: &[&str], supervisors: &[&str]) {
    let ids = |names: &[&str]| names.iter().map(|id| user(id)).collect::<Vec<_>>();
    let teams = desk.store().team_list().await.unwrap();
    let care = teams.into_iter().find(|team| team.id.as_str() == "care");
    let care = care.expect("the demo has it");
    let change = TeamChange {
        name: care.name,
        members: ids(members),
        supervisors: ids(supervisors),
        priority: None,
        version: care.version,
    };
    let save = TeamSave {
        team: care.id,
        create: false,
        change,
        session: None,
        context: context(None),
    };
    publish(desk, desk.store().execute(save).await);
}

/// Puts ben into Sales as well.
pub async fn ben_in_sales(desk: &Desk) {
    let teams = desk.store().team_list().await.unwrap();
    let sales = teams.into_iter().find(|team| team.name == "Sales");
    let sales = sales.expect("the demo has it");
    let ids = |people: Vec<PersonRef>| people.into_iter().map(|person| person.id);
    let change = TeamChange {
        name: sales.name,
        members: ids(sales.members).chain([user("ben")]).collect(),
        supervisors: ids(sales.supervisors).collect(),
        priority: None,
        version: sales.version,
    };
    let save = TeamSave {
        team: sales.id,
        create: false,
        change,
        session: None,
        context: context(None),
    };
    publish(desk, desk.store().execute(save).await);
}

/// A command of somebody, or of the operator.
pub fn context(actor: Option<&str>) -> CommandContext {
    CommandContext {
        actor: actor.map(user),
        key: CommandKey::parse(RandomIds.next()).unwrap(),
        at: SystemClock.now(),
    }
}

/// Gives a user one other role.
pub async fn role(desk: &Desk, id: &str, role: Role) {
    roles(desk, id, &[role]).await;
}

/// Somebody has these roles from now on.
pub async fn roles(desk: &Desk, id: &str, roles: &[Role]) {
    let users = desk.store().user_list().await.unwrap();
    let found = users.into_iter().find(|account| account.id == user(id));
    let account = found.expect("the demo has them");
    let (id, name, version) = (&account.id, &account.name, account.version);
    let changed = desk
        .store()
        .user_update(id, name, roles, None, version, context(None))
        .await;
    publish(desk, changed);
}

pub fn publish<T>(desk: &Desk, written: server::store::Stored<Written<T>>) {
    desk.publish(written.expect("it is done"));
}
