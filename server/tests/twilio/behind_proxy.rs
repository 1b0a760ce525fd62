//! Twilio signs the address that it calls. Where the operator has set none, a proxy that is trusted names it, and nobody else.

use crate::host::{Host, PUBLIC, message};
use crate::stand_in::{TOKEN, signature};

const HTTPS: (&str, &str) = ("x-forwarded-proto", "https");
const DESK: (&str, &str) = ("x-forwarded-host", "desk.example.com");
/// What a proxy passes on that leaves the name of the host where it was.
const HOST: (&str, &str) = ("host", "desk.example.com");

/// Dana texts, Twilio calls the host at this address, and the proxy adds these headers: the status of the answer.
async fn texts(host: &Host, sid: &str, address: &str, proxy: &[(&str, &str)]) -> u16 {
    let (path, form) = (host.webhook(), message(sid, "My lamp hums"));
    let signature = signature(TOKEN, &format!("{address}{path}"), &form);
    let mut headers = proxy.to_vec();
    headers.push(("x-twilio-signature", signature.as_str()));
    host.called_with(path, &form, &headers).await.status
}

#[tokio::test]
async fn a_trusted_proxy_names_the_address_that_was_signed() {
    let host = Host::start_behind_proxy(true).await;
    assert_eq!(texts(&host, "SM1", PUBLIC, &[HTTPS, DESK]).await, 200);
    assert_eq!(texts(&host, "SM2", PUBLIC, &[HTTPS, HOST]).await, 200);
    // What the proxy says of the host counts more than the name by which it calls Sideline.
    let inside = ("host", "10.0.0.5:3000");
    assert_eq!(
        texts(&host, "SM3", PUBLIC, &[HTTPS, DESK, inside]).await,
        200
    );
    let workitem = host.given_to_amy().await;
    let lines = host.lines(&workitem).await;
    let heard = lines
        .iter()
        .filter(|line| *line == "customer: My lamp hums");
    assert_eq!(heard.count(), 3, "{lines:?}");

    // That is enough to hear customers and to answer them, but not to ask for reports.
    host.amy_says(&workitem, "Which lamp?").await;
    host.round().await;
    assert_eq!(host.twilio.taken(), ["Which lamp?"]);
    assert_eq!(host.twilio.sends()[0].get("StatusCallback"), "");
    host.in_order().await;
}

#[tokio::test]
async fn a_signature_over_another_address_is_refused() {
    let host = Host::start_behind_proxy(true).await;
    let elsewhere = ("x-forwarded-host", "other.example.com");
    let plain = ("x-forwarded-proto", "http");
    for (address, proxy) in [
        ("https://other.example.com", [HTTPS, DESK]),
        (PUBLIC, [HTTPS, elsewhere]),
        (PUBLIC, [plain, DESK]),
    ] {
        let status = texts(&host, "SM1", address, &proxy).await;
        assert_eq!(status, 403, "{address} {proxy:?}");
    }
    assert_eq!(host.count("SELECT COUNT(*) FROM customer_identities"), 0);
}

#[tokio::test]
async fn where_nobody_names_the_address_nothing_is_taken() {
    let trusting = Host::start_behind_proxy(true).await;
    // The scheme and the name of the host are both needed.
    for proxy in [&[][..], &[DESK], &[HOST], &[HTTPS]] {
        assert_eq!(
            texts(&trusting, "SM1", PUBLIC, proxy).await,
            503,
            "{proxy:?}"
        );
    }
    // Anybody can write these headers, so they count for nothing without a proxy that is trusted.
    let wary = Host::start_behind_proxy(false).await;
    for proxy in [&[][..], &[HTTPS, DESK], &[HTTPS, HOST]] {
        assert_eq!(texts(&wary, "SM1", PUBLIC, proxy).await, 503, "{proxy:?}");
    }
    for host in [trusting, wary] {
        assert_eq!(host.count("SELECT COUNT(*) FROM customer_identities"), 0);
    }
}
