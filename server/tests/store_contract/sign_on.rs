//! Single sign-on: what counts once, and for how long that is kept.

use server::commands::{RetentionStep, SignOnLogout};
use shared::time::Timestamp;

use crate::fixtures::*;

/// So many seconds after the beginning.
fn after(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

#[tokio::test]
async fn a_message_of_the_provider_counts_once_and_is_forgotten_when_nobody_would_take_it() {
    for fixture in every().await {
        let store = &fixture.store;
        let counts = async |seconds| {
            let message = SignOnLogout {
                issuer: "https://login.example.com".to_owned(),
                token: "message-1".to_owned(),
                expires_at: after(100),
                subject: None,
                session: None,
                at: after(seconds),
            };
            store.execute(message).await.unwrap().value
        };
        let cleaned = async |seconds| {
            let step = RetentionStep { at: after(seconds) };
            store.execute(step).await.unwrap();
        };
        assert!(counts(1).await);
        assert!(!counts(2).await, "it came before");
        cleaned(99).await;
        assert!(!counts(99).await, "its time is not over");
        cleaned(100).await;
        assert!(counts(101).await, "it was forgotten");
    }
}
