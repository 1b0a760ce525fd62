//! Asked, then acted (S07), for tokens of the HTTP API: the token is gone when the transaction begins.

use futures_util::future::BoxFuture;
use server::clock_and_ids::{Clock, Ids, RandomIds, SystemClock};
use server::commands::{
    ProfileEdit, ProvisionContext, ReportBegin, ReportContext, ReportEnd, ReportMessage,
    ReportNote, ReportState, ReportedState, TokenCreate, TokenRevoke, UserProfile, UserProvision,
    UserReprovision, UserUnprovision,
};
use server::store::{Store, StoreError, Stored};
use shared::ids::{CommandKey, EntryId, TeamId, TokenId, UserId, WorkitemId};
use shared::people::Role;
use shared::text::{DisplayName, MessageText, ProviderName, Username};
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};
use shared::transcript::Author;
use shared::workitem::Channel;

use crate::fixtures::{Fixture, TOKEN, context, token};

type Act = for<'a> fn(&'a dyn Store, ReportContext, WorkitemId) -> BoxFuture<'a, Stored<()>>;

/// A future without its answer.
macro_rules! act {
    (|$store:ident, $context:ident, $workitem:ident| $command:expr) => {
        |$store, $context, $workitem| {
            Box::pin(async move { $store.execute($command).await.map(|_| ()) })
        }
    };
}

fn entry() -> EntryId {
    EntryId::parse(RandomIds.next()).unwrap()
}

fn text() -> MessageText {
    MessageText::parse("Hello").unwrap()
}

fn begin(context: ReportContext) -> ReportBegin {
    ReportBegin {
        channel: Channel::Phone,
        contact: "+4930901820".to_owned(),
        customer: "Dana".to_owned(),
        subject: "Dana".to_owned(),
        team: Some(TeamId::parse("care").unwrap()),
        agent: Some(Username::parse("amy").unwrap()),
        text: Some(text()),
        workitem: WorkitemId::parse(RandomIds.next()).unwrap(),
        entry: entry(),
        context,
    }
}

/// The store's command, and a token's doing it in a call of amy's.
fn rows() -> Vec<(&'static str, Act)> {
    vec![
        ("report_begin", |store, context, _| {
            Box::pin(async move { store.execute(begin(context)).await.map(|_| ()) })
        }),
        (
            "report_message",
            act!(|store, context, workitem| ReportMessage {
                workitem,
                author: Author::Agent,
                text: text(),
                entry: entry(),
                context,
            }),
        ),
        (
            "report_note",
            act!(|store, context, workitem| ReportNote {
                workitem,
                text: text(),
                entry: entry(),
                context,
            }),
        ),
        (
            "report_state",
            act!(|store, context, workitem| ReportState {
                workitem,
                state: ReportedState::WrapUp,
                entry: entry(),
                context,
            }),
        ),
        (
            "report_end",
            act!(|store, context, workitem| ReportEnd {
                workitem,
                entry: entry(),
                context,
            }),
        ),
        ("user_provision", |store, context, _| {
            let provision = UserProvision {
                user: UserId::parse(RandomIds.next()).unwrap(),
                profile: UserProfile {
                    user_name: ProviderName::parse("nora@example.com").unwrap(),
                    external_id: None,
                    name: DisplayName::parse("Nora").unwrap(),
                    roles: vec![Role::Agent],
                    active: true,
                },
                context: provisioning(&context),
            };
            Box::pin(async move { store.execute(provision).await.map(|_| ()) })
        }),
        ("user_reprovision", |store, context, _| {
            let reprovision = UserReprovision {
                user: UserId::parse("amy").unwrap(),
                expected: None,
                edits: vec![ProfileEdit::Active(false)],
                entries: Vec::new(),
                context: provisioning(&context),
            };
            Box::pin(async move { store.execute(reprovision).await.map(|_| ()) })
        }),
        ("user_unprovision", |store, context, _| {
            let unprovision = UserUnprovision {
                user: UserId::parse("amy").unwrap(),
                expected: None,
                entries: Vec::new(),
                context: provisioning(&context),
            };
            Box::pin(async move { store.execute(unprovision).await.map(|_| ()) })
        }),
    ]
}

fn provisioning(context: &ReportContext) -> ProvisionContext {
    ProvisionContext {
        token: context.token.clone(),
        at: context.at,
    }
}

fn by(token: &str, at: Timestamp) -> ReportContext {
    ReportContext {
        token: TokenId::parse(token).unwrap(),
        key: CommandKey::parse(RandomIds.next()).unwrap(),
        at,
    }
}

/// A call of amy's that the organisation's token has reported.
async fn call(fixture: &Fixture) -> WorkitemId {
    let begin = begin(by(TOKEN, SystemClock.now()));
    let written = fixture.desk.store().execute(begin).await.unwrap();
    written.value.id
}

async fn make(fixture: &Fixture, token: ApiToken, hash: char) {
    let create = TokenCreate {
        token,
        hash: String::from(hash).repeat(64),
        session: None,
        context: context(None),
    };
    fixture.desk.store().execute(create).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_a_token_that_has_ended_changes_nothing() {
    let fixture = Fixture::new().await;
    let now = SystemClock.now();
    let call = call(&fixture).await;
    let brief = ApiToken {
        expires_at: Some(Timestamp(now.0 + 60_000_000)),
        ..token("brief")
    };
    make(&fixture, brief, '2').await;
    let revoke = TokenRevoke {
        token: TokenId::parse(TOKEN).unwrap(),
        context: context(None),
    };
    fixture.desk.store().execute(revoke).await.unwrap();
    let later = Timestamp(now.0 + 60_000_000);
    for (token, at) in [(TOKEN, now), ("brief", later), ("unknown", now)] {
        for (name, act) in rows() {
            let before = fixture.contents();
            let done = act(fixture.desk.store(), by(token, at), call.clone()).await;
            assert!(
                matches!(&done, Err(StoreError::TokenRefused { ended: true, .. })),
                "{name} by {token}: {done:?}"
            );
            assert!(fixture.contents() == before, "{name} changed something");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_a_token_changes_nothing_without_its_scope_or_in_another_team() {
    let fixture = Fixture::new().await;
    let call = call(&fixture).await;
    let mut reader = token("reader");
    let writes = [Scope::WorkitemsWrite, Scope::UsersWrite];
    reader.scopes.retain(|scope| !writes.contains(scope));
    make(&fixture, reader, '2').await;
    let sales = ApiToken {
        team: Some(TeamId::parse("sales").unwrap()),
        ..token("sales")
    };
    make(&fixture, sales, '3').await;
    for token in ["reader", "sales"] {
        for (name, act) in rows() {
            let before = fixture.contents();
            let context = by(token, SystemClock.now());
            let done = act(fixture.desk.store(), context, call.clone()).await;
            assert!(
                matches!(&done, Err(StoreError::TokenRefused { ended: false, .. })),
                "{name} by {token}: {done:?}"
            );
            assert!(fixture.contents() == before, "{name} changed something");
        }
    }
}

/// A token that lasts can do all of it: the refusals above come from the right, not from the inputs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_a_token_that_lasts_may() {
    for (name, act) in rows() {
        let fixture = Fixture::new().await;
        let call = call(&fixture).await;
        let context = by(TOKEN, SystemClock.now());
        let done = act(fixture.desk.store(), context, call).await;
        assert!(done.is_ok(), "{name}: {done:?}");
    }
}

/// The store's commands that are tried here.
pub fn commands() -> impl Iterator<Item = &'static str> {
    rows().into_iter().map(|(command, _)| command)
}
