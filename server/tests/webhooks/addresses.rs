//! To which addresses events may go: asked when a receiver is saved, and again for each connection.

use server::desk::event_sender::UrlProblem;
use server::desk::webhooks::NotSaved;
use shared::webhooks::{EventFailure, EventKind};

use crate::host::Host;
use crate::receiver::Receiver;

const EVENTS: [EventKind; 1] = [EventKind::WorkitemEnded];

async fn problem(host: &Host, url: &str) -> Option<UrlProblem> {
    match host.try_add(url, &EVENTS).await {
        Ok(_) => None,
        Err(NotSaved::Url(problem)) => Some(problem),
        Err(other) => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_refused_with_its_reason() {
    let host = Host::start_allowing(&[]).await;
    host.names.set("hooks.example.com", &["93.184.215.14"]);
    host.names.set("inside.example.com", &["10.0.0.7"]);
    host.names
        .set("both.example.com", &["93.184.215.14", "127.0.0.1"]);
    host.names
        .set("six.example.com", &["::ffff:169.254.169.254"]);
    host.names.set("127.1", &["127.0.0.1"]);
    host.names.set("0x7f000001", &["127.0.0.1"]);
    host.names.set("nothing.example.com", &[]);
    for (url, expected) in [
        ("hooks.example.com/in", Some(UrlProblem::Unreadable)),
        ("ftp://hooks.example.com/", Some(UrlProblem::Unreadable)),
        ("https://", Some(UrlProblem::Unreadable)),
        ("https:///path", Some(UrlProblem::Unreadable)),
        (
            "https://hooks.example.com/a b",
            Some(UrlProblem::Unreadable),
        ),
        (
            "https://hooks.example.com/#part",
            Some(UrlProblem::Unreadable),
        ),
        ("https://hooks.example.com:/", Some(UrlProblem::Unreadable)),
        (
            "https://hooks.example.com:99999/",
            Some(UrlProblem::Unreadable),
        ),
        ("https://hooks.example.com:0/", Some(UrlProblem::Unreadable)),
        (
            "https://hooks.example.com:000/in",
            Some(UrlProblem::Unreadable),
        ),
        ("https://hooks.example.com:65535/", None),
        ("https://höoks.example.com/", Some(UrlProblem::Unreadable)),
        ("http://hooks.example.com/", Some(UrlProblem::NotHttps)),
        ("https://ada@hooks.example.com/", Some(UrlProblem::UserInfo)),
        ("https://a:b@hooks.example.com/", Some(UrlProblem::UserInfo)),
        ("https://none.example.com/", Some(UrlProblem::UnknownHost)),
        (
            "https://nothing.example.com/",
            Some(UrlProblem::UnknownHost),
        ),
        (
            "https://inside.example.com/",
            Some(UrlProblem::AddressRefused),
        ),
        (
            "https://both.example.com/",
            Some(UrlProblem::AddressRefused),
        ),
        ("https://six.example.com/", Some(UrlProblem::AddressRefused)),
        ("https://127.0.0.1/", Some(UrlProblem::AddressRefused)),
        ("https://127.1/", Some(UrlProblem::AddressRefused)),
        ("https://0x7f000001/", Some(UrlProblem::AddressRefused)),
        (
            "https://169.254.169.254/latest",
            Some(UrlProblem::AddressRefused),
        ),
        ("https://[::1]:8443/", Some(UrlProblem::AddressRefused)),
        (
            "https://[::ffff:10.0.0.1]/",
            Some(UrlProblem::AddressRefused),
        ),
        (
            "https://[64:ff9b::7f00:1]/",
            Some(UrlProblem::AddressRefused),
        ),
        ("https://hooks.example.com:8443/in?secret=1", None),
        ("https://93.184.215.14/", None),
    ] {
        assert_eq!(problem(&host, url).await, expected, "{url}");
    }
    let long = format!("https://hooks.example.com/{}", "x".repeat(2_048));
    assert_eq!(problem(&host, &long).await, Some(UrlProblem::TooLong));
}

#[tokio::test]
async fn a_name_that_leads_inside_since_it_was_saved_is_not_followed() {
    let host = Host::start_allowing(&["10.0.0.0/8"]).await;
    let receiver = Receiver::start().await;
    host.names.set("hooks.example.com", &["10.0.0.7"]);
    let url = format!("http://hooks.example.com:{}/", receiver.port);
    let (id, _) = host.try_add(&url, &EVENTS).await.unwrap();
    // The machine itself is no network that the operator allows.
    host.names.set("hooks.example.com", &["127.0.0.1"]);
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    host.deliver().await;
    assert!(receiver.got().is_empty());
    let tries = host.page(&id).await.events[0].tries.clone();
    assert_eq!(tries.failure, Some(EventFailure::AddressRefused));

    // One address of several is enough to refuse all.
    host.names
        .set("hooks.example.com", &["10.0.0.7", "127.0.0.1"]);
    host.clock.advance(5);
    assert_eq!(host.deliver().await, 1);
    assert!(receiver.got().is_empty());
    host.names.set("hooks.example.com", &[]);
    host.clock.advance(10);
    assert_eq!(host.deliver().await, 1);
    let tries = host.page(&id).await.events[0].tries.clone();
    assert_eq!(tries.failure, Some(EventFailure::UnknownHost));
}

#[tokio::test]
async fn a_connection_goes_to_the_address_that_was_checked_and_keeps_the_name() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    host.names.set("hooks.example.com", &["127.0.0.1"]);
    let url = format!("http://hooks.example.com:{}/in", receiver.port);
    host.try_add(&url, &EVENTS).await.unwrap();
    assert_eq!(host.names.asked(), 1);
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    host.deliver().await;
    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].host, format!("hooks.example.com:{}", receiver.port));
    assert_eq!(host.names.asked(), 2, "once for the connection");
}

#[tokio::test]
async fn without_tls_nothing_goes_to_a_public_address() {
    let host = Host::start().await;
    host.names.set("hooks.example.com", &["93.184.215.14"]);
    for url in ["http://hooks.example.com/", "http://93.184.215.14/"] {
        let refused = problem(&host, url).await;
        assert_eq!(refused, Some(UrlProblem::AddressRefused), "{url}");
    }
}
