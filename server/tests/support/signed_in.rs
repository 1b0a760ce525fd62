//! Somebody who has just signed in, for stories that call the desk itself.

use std::sync::atomic::{AtomicU32, Ordering};

use app::backend::Caller;
use server::commands::SessionBegin;
use server::desk::Desk;
use shared::account::SignedInFrom;
use shared::ids::UserId;

/// Somebody in a new session, which has proved its password. It takes no id of the host's, so that a story stays as it was.
pub async fn signed_in(desk: &Desk, user: &str) -> Caller {
    static SESSIONS: AtomicU32 = AtomicU32::new(0);
    let user = UserId::parse(user).unwrap();
    let mut rows = desk.store().snapshot().await.unwrap();
    let actor = rows.actor_find(&user).await.unwrap().unwrap();
    let credentials = rows.credentials_of(&user).await.unwrap().unwrap();
    drop(rows);
    let session = format!("session-{}", SESSIONS.fetch_add(1, Ordering::Relaxed));
    let begin = SessionBegin {
        session: session.clone(),
        user,
        verified: credentials.password_hash,
        renewed: None,
        browser: None,
        now: desk.clock().now(),
        idle_us: i64::MAX / 4,
        absolute_us: i64::MAX / 4,
        from: SignedInFrom::default(),
    };
    let begun = desk.store().execute(begin).await.unwrap();
    desk.publish(begun);
    Caller { actor, session }
}
