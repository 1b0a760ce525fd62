//! Meta asks whether an address is ours: the challenge comes back for the channel's own word, and for nothing else.

use axum::body::Body;
use axum::http::Request;

use crate::host::{Answered, Host};

async fn asked(host: &Host, query: &str) -> Answered {
    let path = format!("{}{query}", host.webhook());
    let request = Request::get(path).body(Body::empty()).unwrap();
    host.request(request).await
}

#[tokio::test]
async fn the_challenge_comes_back_as_it_was_sent() {
    for kind in ["meta_messenger", "meta_instagram", "meta_whatsapp"] {
        let host = Host::start_as(kind).await;
        let token = host.channel.verify_token.clone().unwrap();
        let query = format!(
            "?hub.mode=subscribe&hub.challenge=1158201444%3Cb%3E%26&hub.verify_token={token}"
        );
        let answered = asked(&host, &query).await;
        assert_eq!(
            (answered.status, answered.body.as_str()),
            (200, "1158201444<b>&"),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn whoever_does_not_know_the_word_is_refused() {
    let host = Host::start().await;
    let token = host.channel.verify_token.clone().unwrap();
    for query in [
        String::new(),
        "?hub.mode=subscribe&hub.challenge=1".to_owned(),
        "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=".to_owned(),
        "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=nonsense".to_owned(),
        format!("?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token={token}"),
        format!("?hub.mode=subscribe&hub.verify_token={token}"),
        format!("?hub.mode=subscribe&hub.challenge=1&hub.verify_token={token}00"),
        format!(
            "?hub.mode=subscribe&hub.challenge=1&hub.verify_token={}",
            &token[..30]
        ),
        format!("?hub.challenge=1&hub.verify_token={token}"),
        "?hub.mode=%FF&hub.challenge=%FF&hub.verify_token=%FF".to_owned(),
    ] {
        let answered = asked(&host, &query).await;
        assert_eq!(
            (answered.status, answered.body.as_str()),
            (403, ""),
            "{query}"
        );
    }
    let nowhere = Request::get("/channels/meta/nowhere?hub.mode=subscribe").body(Body::empty());
    assert_eq!(host.request(nowhere.unwrap()).await.status, 404);
}
