//! What an operator reads of Meta: a line for each thing that went wrong, with the channel, and no word or secret of anybody's.

use serde_json::json;

use crate::host::{DANA, Host, OURS, entry};
use crate::log;
use crate::stand_in::{SECRET, TOKEN};

/// What Dana writes.
const WORDS: &str = "xylophone";

#[tokio::test]
async fn a_call_that_changes_nothing_has_a_line() {
    let host = Host::start().await;
    assert_eq!(host.dana_writes("mid-1", WORDS).await.status, 200);
    let again = host.batch(host.message("mid-1", WORDS));
    let elsewhere = host.message("mid-2", WORDS);
    let elsewhere = json!({ "object": "page", "entry": [entry("990000000000009", [elsewhere])] });
    let unknown = host.item(json!({ "reaction": { "mid": "mid-1", "emoji": WORDS } }));
    let unknown = host.batch(unknown);
    for (batch, signed, status, words) in [
        (&again, true, 200, "a message came again"),
        (&elsewhere, true, 200, "events of Meta's were left out"),
        (&unknown, true, 200, "events of other kinds were left out"),
        (
            &again,
            false,
            400,
            "a call of Meta's was refused: the request has no X-Hub-Signature-256",
        ),
    ] {
        log::begin();
        let answered = match signed {
            true => host.meta_calls(batch).await,
            false => host.called(batch.to_string().into_bytes(), None).await,
        };
        assert_eq!(answered.status, status, "{words}");
        let line = log::line_that_says(words);
        assert_eq!(line["channel"], host.channel.key.as_str(), "{words}");
        let log = log::written();
        for secret in [WORDS, DANA, OURS, "990000000000009", SECRET, TOKEN] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
    assert_eq!(host.queued().await, 1);
}
