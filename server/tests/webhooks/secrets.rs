//! Keys and addresses: sealed, shown once, and changed without an event that no key of the receiver's verifies.

use server::desk::webhooks::TypedReceiver;
use server::secrets::Secret;
use shared::text::TokenName;
use shared::webhooks::EventKind;

use crate::host::Host;
use crate::receiver::Receiver;

const HOUR: u64 = 3_600;

async fn ends(host: &Host) {
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    host.deliver().await;
}

#[tokio::test]
async fn for_a_day_both_keys_sign() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (id, first) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    let ada = host.ada().await;
    let rotate = || host.desk.webhook_rotate(&ada, host.key(), id.clone());
    let second = rotate().await.unwrap().unwrap();
    assert_ne!(first, second);
    assert!(host.page(&id).await.both_until.is_some());
    let signed = |secret: &str| receiver.got().last().unwrap().signed_by(secret);
    ends(&host).await;
    assert_eq!((signed(&first), signed(&second)), (1, 1));
    let signatures = receiver.got()[0].header("webhook-signature").to_owned();
    assert_eq!(signatures.split(' ').count(), 2);

    host.clock.advance(25 * HOUR);
    ends(&host).await;
    assert_eq!((signed(&first), signed(&second)), (0, 1));
    assert_eq!(host.page(&id).await.both_until, None);
}

#[tokio::test]
async fn another_change_ends_the_oldest_key_at_once() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (id, first) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    let ada = host.ada().await;
    let rotate = || host.desk.webhook_rotate(&ada, host.key(), id.clone());
    let second = rotate().await.unwrap().unwrap();
    let third = rotate().await.unwrap().unwrap();
    ends(&host).await;
    let signed = |secret: &str| receiver.got()[0].signed_by(secret);
    assert_eq!((signed(&first), signed(&second), signed(&third)), (0, 1, 1));
    host.in_order().await;
}

#[tokio::test]
async fn nothing_stores_a_secret_or_the_address_in_the_clear() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (_, secret) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    ends(&host).await;
    let stored = host.stored();
    let holds = |text: &str| {
        stored
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("127.0.0.1"), "its place is shown");
    for text in [&secret, secret.trim_start_matches("whsec_"), "of-the-path"] {
        assert!(!holds(text), "{text}");
    }
}

#[tokio::test]
async fn an_edit_keeps_the_address_unless_another_is_typed() {
    let host = Host::start().await;
    let (one, other) = (Receiver::start().await, Receiver::start().await);
    let (id, secret) = host.add(&one, &[EventKind::WorkitemEnded]).await;
    let ada = host.ada().await;
    let save = |version, url: &str| {
        let typed = TypedReceiver {
            name: TokenName::parse("Archive of 2026").unwrap(),
            url: Secret::new(url),
            events: vec![EventKind::WorkitemEnded],
            teams: Vec::new(),
        };
        host.desk
            .webhook_update(&ada, host.key(), id.clone(), version, typed)
    };
    save(0, "").await.unwrap();
    ends(&host).await;
    assert_eq!(one.got().len(), 1);
    save(1, &other.url()).await.unwrap();
    ends(&host).await;
    assert_eq!((one.got().len(), other.got().len()), (1, 1));
    assert_eq!(other.got()[0].signed_by(&secret), 1);
    save(1, "").await.expect_err("somebody else was quicker");
    let row = host.page(&id).await.receiver;
    assert_eq!(row.name, "Archive of 2026");
    assert_eq!(row.place, format!("http://127.0.0.1:{}", other.port));
}

#[tokio::test]
async fn s22_a_key_that_comes_with_another_address_is_refused() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (id, _) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    let (ada, key) = (host.ada().await, host.key());
    let save = |url: String| {
        let typed = TypedReceiver {
            name: TokenName::parse("Archive").unwrap(),
            url: Secret::new(url),
            events: vec![EventKind::WorkitemEnded],
            teams: Vec::new(),
        };
        host.desk
            .webhook_update(&ada, key.clone(), id.clone(), 0, typed)
    };
    save(receiver.url()).await.unwrap();
    save(receiver.url()).await.expect("the first answer");
    let place = format!("http://127.0.0.1:{}", receiver.port);
    let other = save(format!("{place}/another-path")).await;
    other.expect_err("another decision under the same key");
    ends(&host).await;
    assert_eq!(receiver.got().len(), 1, "at the first address");
}
