//! Flags for review: supervisors set them and see them live, in pages and in files; the agent gets no frame and no word.

use serde_json::{Value, json};
use shared::ids::WorkitemId;
use shared::live::{Position, ServerFrame, Topic};
use shared::reviews::{Review, ReviewState};

use crate::support::{Host, Live, Staff, key};

const WHY: &str = "Ask why she was not called back.";

async fn flags(who: &Staff<'_>, chat: &WorkitemId, comment: &str) -> (u16, Value) {
    let input = json!({ "workitem": chat, "key": key(), "comment": comment });
    let answered = who.call("reviews/review_flag", input).await;
    (answered.status, answered.body)
}

async fn finishes(who: &Staff<'_>, chat: &WorkitemId) -> (u16, Value) {
    let input = json!({ "workitem": chat, "key": key(), "number": 1 });
    let answered = who.call("reviews/review_finish", input).await;
    (answered.status, answered.body)
}

async fn conversation(who: &Staff<'_>, chat: &WorkitemId) -> Value {
    let input = json!({ "workitem": chat });
    who.call("workitems/conversation_load", input).await.ok()
}

/// A connection that follows the conversation from where it stands, as its agent, or monitors it; the flags that come with it.
async fn following(who: &Staff<'_>, chat: &WorkitemId, monitor: bool) -> (Live, Vec<ServerFrame>) {
    let page = conversation(who, chat).await;
    let after = Position {
        epoch: page["epoch"].as_str().expect("an epoch").to_owned(),
        rev: page["rev"].as_i64().expect("a number"),
    };
    let mut live = who.live().await;
    let topic = Topic::Workitem(chat.clone());
    live.subscribe(topic, Some(after), monitor).await;
    let (mut before, _) = live.followed().await;
    before.retain(|frame| matches!(frame, ServerFrame::Review { .. }));
    (live, before)
}

/// The next flag that the connection is sent.
async fn flag(live: &mut Live) -> Review {
    live.until(|frame| match frame {
        ServerFrame::Review { review, .. } => Some((**review).clone()),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn supervisors_see_a_flag_live_and_the_agent_gets_no_frame_of_it() {
    let host = Host::start().await;
    let (amy, sam, sue) = (
        host.sign_in("amy").await,
        host.sign_in("sam").await,
        host.sign_in("sue").await,
    );
    let chat = amy.own_workitem("chat").await;
    let (mut sues, before) = following(&sue, &chat, true).await;
    let (mut amys, _) = following(&amy, &chat, false).await;
    assert_eq!(before, [], "there is none");

    assert_eq!(flags(&sam, &chat, WHY).await, (200, Value::Null));
    let seen = flag(&mut sues).await;
    assert_eq!(seen.state(), ReviewState::Flagged);
    assert_eq!((&seen.by.name[..], &seen.comment[..]), ("Sam Stone", WHY));
    let (status, refused) = flags(&sue, &chat, "Me too").await;
    let words = "Sam Stone has flagged this workitem for review already.";
    assert_eq!(
        (status, &refused["Conflict"]["reason"]),
        (409, &json!(words))
    );
    let (_again, before) = following(&sue, &chat, true).await;
    assert!(
        matches!(&before[..], [ServerFrame::Review { review, .. }] if review.comment == WHY),
        "a connection that comes back gets it: {before:?}"
    );

    assert_eq!(finishes(&sue, &chat).await, (200, Value::Null));
    let done = flag(&mut sues).await.done.expect("it was reviewed");
    assert_eq!(done.by.name, "Sue Silva");
    let (status, refused) = finishes(&sam, &chat).await;
    let words = "Sue Silva has marked this as reviewed already.";
    assert_eq!(
        (status, &refused["Conflict"]["reason"]),
        (409, &json!(words))
    );

    // What amy gets next is her own message: in between there was nothing.
    let input = json!({ "workitem": chat, "key": key(), "text": "One moment, please." });
    amy.call("workitems/message_send", input).await.ok();
    let next = amys.next().await;
    assert!(matches!(next, ServerFrame::Workitem { .. }), "{next:?}");
}

#[tokio::test]
async fn a_comment_stands_in_pages_and_files_of_supervisors_and_in_none_of_the_agents() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    assert_eq!(flags(&sam, &chat, WHY).await.0, 200);
    let page = conversation(&sam, &chat).await;
    assert_eq!(page["review"]["comment"], WHY);
    let page = conversation(&amy, &chat).await;
    assert!(page.get("review").is_none(), "{page}");
    for path in [
        format!("/coaching/amy/{chat}"),
        "/history/export?review=flagged".to_owned(),
        "/history/export?state=active".to_owned(),
    ] {
        let (status, body) = sam.page(&path).await;
        assert!(status == 200 && body.contains(WHY), "{path}: {body}");
    }
    let (_, found) = sam.page("/history?review=flagged").await;
    assert!(found.contains("Flagged for review"), "{found}");
    assert!(found.contains(&format!("/coaching/amy/{chat}")), "{found}");
    let (_, found) = sam.page("/history/export?review=reviewed").await;
    assert_eq!(found.lines().count(), 1, "the columns alone: {found}");
    for path in [
        format!("/workspace/{chat}"),
        "/history".to_owned(),
        "/history?review=flagged".to_owned(),
        "/history/export?state=active".to_owned(),
        "/history/export?review=flagged".to_owned(),
        format!("/history/{chat}/transcript.json?coaching=yes"),
    ] {
        let (status, body) = amy.page(&path).await;
        assert_eq!(status, 200, "{path}");
        let holds = body.contains(WHY) || body.contains("Flagged for review");
        assert!(!holds, "{path}: {body}");
    }
    let (_, log) = host
        .sign_in("ada")
        .await
        .page("/admin/audit/export?format=jsonl&act=review_flag")
        .await;
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains(chat.as_str()) && !log.contains(WHY), "{log}");
}

#[tokio::test]
async fn bad_input_is_named_with_its_limit_and_changes_nothing() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    for comment in ["", " \n ", "\u{200b}", &"x".repeat(501), "a\u{202e}b"] {
        let (status, body) = flags(&sam, &chat, comment).await;
        assert_eq!(status, 422, "{comment:?}: {body}");
        assert_eq!(body["Invalid"]["field"], "comment", "{comment:?}: {body}");
    }
    let (_, body) = flags(&sam, &chat, &"x".repeat(501)).await;
    assert!(body.to_string().contains("501 of 500"), "{body}");
    assert!(conversation(&sam, &chat).await.get("review").is_none());
    assert_eq!(finishes(&sam, &chat).await.0, 404);
    let (status, body) = sam.page("/history/export?review=perhaps").await;
    assert_eq!(status, 422, "{body}");
    // As long as it may be.
    let longest = "é".repeat(500);
    assert_eq!(flags(&sam, &chat, &longest).await.0, 200);
    let page = conversation(&sam, &chat).await;
    assert_eq!(page["review"]["comment"], longest);
}
