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

/// Each proxy of a chain adds how it was called itself: the one in front over TLS, the one behind it in the clear.
#[tokio::test]
async fn the_address_that_was_signed_is_found_behind_several_proxies() {
    let host = Host::start_behind_proxy(true).await;
    let proto = |list| ("x-forwarded-proto", list);
    let named = |list| ("x-forwarded-host", list);
    for (number, chain) in [
        &[proto("https, http"), DESK][..],
        &[proto("https,http,http"), HOST],
        &[proto("https"), proto("http"), DESK],
        &[proto("https, http"), named("desk.example.com, inside:8080")],
        &[proto("https"), named("desk.example.com, inside:8080")],
        // The proxy's own word stands last, whatever came with the request.
        &[
            proto("http, https"),
            named("other.example.com, desk.example.com"),
        ],
    ]
    .into_iter()
    .enumerate()
    {
        let status = texts(&host, &format!("SM{number}"), PUBLIC, chain).await;
        assert_eq!(status, 200, "{chain:?}");
    }
    let workitem = host.given_to_amy().await;
    let lines = host.lines(&workitem).await;
    let heard = lines
        .iter()
        .filter(|line| *line == "customer: My lamp hums");
    assert_eq!(heard.count(), 6, "{lines:?}");
    host.in_order().await;
}

#[tokio::test]
async fn a_chain_that_does_not_lead_to_what_was_signed_is_refused() {
    let host = Host::start_behind_proxy(true).await;
    let proto = |list| ("x-forwarded-proto", list);
    let elsewhere = ("x-forwarded-host", "other.example.com, inside:8080");
    for (status, chain) in [
        (403, [proto("http, http"), DESK]),
        (403, [proto("https, http"), elsewhere]),
        (403, [proto("wss, ws"), DESK]),
        // Nobody says anything.
        (503, [proto(" , "), DESK]),
    ] {
        let answered = texts(&host, "SM1", PUBLIC, &chain).await;
        assert_eq!(answered, status, "{chain:?}");
    }
    // What somebody else signed is refused, however many addresses are named.
    let (path, form) = (host.webhook(), message("SM1", "My lamp hums"));
    let forged = signature("guessed", &format!("{PUBLIC}{path}"), &form);
    let headers = [
        proto("https, http"),
        DESK,
        ("x-twilio-signature", forged.as_str()),
    ];
    assert_eq!(host.called_with(path, &form, &headers).await.status, 403);
    assert_eq!(host.count("SELECT COUNT(*) FROM customer_identities"), 0);
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
