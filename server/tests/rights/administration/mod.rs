//! Asked, then acted (S07), for those who administer: their right is gone when the transaction begins.

mod account;
mod channels;
mod integrations;
mod organisation;
mod users;

use futures_util::future::BoxFuture;
use server::clock_and_ids::{Clock, SystemClock};
use server::store::{CommandContext, Store, StoreError, Stored};
use shared::error::PROOF;
use shared::ids::TeamId;
use shared::people::Role;
use shared::time::Timestamp;

use crate::administration_commands::Administration;
use crate::fixtures::{Fixture, context, publish, role, user};

/// Somebody's doing of a command.
type Act = for<'a> fn(&'a dyn Store, CommandContext) -> BoxFuture<'a, Stored<()>>;

/// A future without its answer.
macro_rules! act {
    (|$store:ident, $context:ident| $done:expr) => {
        |$store, $context| Box::pin(async move { $done.await.map(|_| ()) })
    };
}
use act;

fn team() -> TeamId {
    TeamId::parse("care").unwrap()
}

/// The store's command, and somebody's doing it.
fn rows() -> Vec<(&'static str, Act)> {
    [
        organisation::rows(),
        integrations::rows(),
        users::rows(),
        channels::rows(),
    ]
    .concat()
}

async fn refused(fixture: &Fixture, name: &str, act: Act) {
    let before = fixture.contents();
    let done = act(fixture.desk.store(), context(Some("ada"))).await;
    assert!(
        matches!(&done, Err(StoreError::Refused { user, .. }) if user.as_str() == "ada"),
        "{name}: {done:?}"
    );
    assert!(fixture.contents() == before, "{name} changed something");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_who_administers_no_longer_changes_nothing() {
    for lost_role in [true, false] {
        let fixture = Fixture::new().await;
        role(&fixture.desk, "sue", Role::Administrator).await;
        if lost_role {
            role(&fixture.desk, "ada", Role::Agent).await;
        } else {
            let gone = fixture
                .desk
                .store()
                .user_activate(&user("ada"), false, vec![], context(None))
                .await;
            publish(&fixture.desk, gone);
        }
        for (name, act) in rows() {
            refused(&fixture, name, act).await;
        }
        for (name, act) in account::rows().into_iter().filter(|_| !lost_role) {
            refused(&fixture, name, act).await;
        }
    }
}

/// Somebody who still may can do all of it: the refusals above come from the right, not from the inputs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_who_administers_still_may() {
    for (name, act) in rows().into_iter().chain(account::rows()) {
        let fixture = Fixture::new().await;
        let done = act(fixture.desk.store(), context(Some("ada"))).await;
        assert!(done.is_ok(), "{name}: {done:?}");
    }
}

/// S11: the right is there and the proof is not, because it is too old or another user's session gave it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s11_without_a_proof_nothing_sensitive_is_changed() {
    let sensitive = [
        "token_create",
        "wall_create",
        "webhook_create",
        "webhook_update",
        "webhook_rotate",
        "user_create",
        "user_import",
        "password_set",
        "second_factor_reset",
        "user_delete",
        "role_give",
        "role_update",
        "second_factor_set_up",
        "second_factor_confirm",
        "second_factor_remove",
        "recovery_codes_renew",
        "passkey_begin",
        "passkey_add",
        "passkey_remove",
        "sign_on_save",
        "sign_on_activate",
        "sign_on_unlink",
        "team_save",
        "memberships_change",
        "chat_secret_set",
        "provider_channel_save",
    ];
    let all = || rows().into_iter().chain(account::rows());
    for (name, act) in all().filter(|(name, _)| sensitive.contains(name)) {
        let fixture = Fixture::new().await;
        let later = CommandContext {
            at: Timestamp(SystemClock.now().0 + 16 * 60_000_000),
            ..context(Some("ada"))
        };
        let before = fixture.contents();
        let done = act(fixture.desk.store(), later).await;
        assert!(
            matches!(&done, Err(StoreError::Invalid { field: PROOF, .. })),
            "{name}: {done:?}"
        );
        assert!(fixture.contents() == before, "{name} changed something");
    }
}

/// The store's commands that are tried here.
pub fn commands() -> impl Iterator<Item = &'static str> {
    let all = rows().into_iter().chain(account::rows());
    all.map(|(command, _)| command)
}
