//! Rights that were just taken away: the next call is refused, and live streams that rested on them end.

use serde_json::{Value, json};
use shared::ids::WorkitemId;
use shared::live::{CLOSE_SIGNED_OUT, ServerFrame, Topic};

use crate::functions::coached;
use crate::support::{Host, Live, Staff, key};
use crate::table::{May, table};
use crate::topics::{follows, topics};

/// What takes a right away: the actor, the server function, its input.
type Act = (&'static str, &'static str, Value);

fn role(user: &str, name: &str, role: &str) -> Act {
    let input = json!({ "user": user, "name": name, "roles": [role] });
    ("ada", "administration/user_update", input)
}

fn care(members: &[&str], supervisors: &[&str]) -> Act {
    let change = json!({ "name": "Care", "members": members, "supervisors": supervisors });
    let input = json!({ "team": "care", "change": change });
    ("ada", "administration/team_update", input)
}

fn sams_authority() -> Act {
    care(&["amy", "ben"], &["sue"])
}

fn amys_team() -> Act {
    care(&["ben"], &["sam", "sue"])
}

fn transfer(chat: &str) -> Act {
    let input =
        json!({ "workitem": chat, "key": key(), "to": { "Agent": "cleo" }, "confirmed": true });
    ("amy", "workitems/workitem_transfer", input)
}

fn deactivation(user: &str) -> Act {
    let input = json!({ "user": user, "active": false });
    ("ada", "administration/user_activate", input)
}

async fn act(host: &Host, (by, function, input): Act) {
    host.sign_in(by).await.call(function, input).await.ok();
}

/// Everything that the table gives to these is refused to the caller with this status.
async fn refused(caller: &Staff<'_>, mays: &[May], status: u16, chat: &str, coaching: &str) {
    let table = table(chat, coaching, "t", "care");
    let lost: Vec<_> = table.iter().filter(|row| mays.contains(&row.1)).collect();
    assert!(!lost.is_empty());
    for (name, may, input) in lost {
        let answered = caller.call(name, input.clone()).await;
        assert_eq!(answered.status, status, "{name} of {may:?}");
    }
}

#[tokio::test]
async fn authority_that_was_just_taken_away_opens_nothing_in_the_same_session() {
    for (who, lost) in [
        ("sam", sams_authority as fn() -> Act),
        // Both lose what is cleo's now.
        ("sam", || transfer("")),
        ("amy", || transfer("")),
    ] {
        let host = Host::start().await;
        let amy = host.sign_in("amy").await;
        let (chat, coaching) = coached(&host, &amy).await;
        let caller = host.sign_in(who).await;
        let (by, function, mut input) = lost();
        if input.get("workitem").is_some() {
            input["workitem"] = json!(chat);
        }
        let mays: &[May] = match (who, function) {
            ("amy", _) => &[May::Amy, May::AmyAndSam],
            (_, "workitems/workitem_transfer") => &[May::AmyAndSam],
            _ => &[May::Sam, May::AmyAndSam],
        };
        let page = format!("/coaching/amy/{chat}");
        act(&host, (by, function, input)).await;
        refused(&caller, mays, 404, &chat, &coaching).await;
        assert_eq!(caller.page(&page).await.0, 404, "{who} after {function}");
    }
}

/// A workitem belongs to its team: its supervisors keep it when its agent leaves (E13).
#[tokio::test]
async fn e13_f23_authority_over_the_agent_ends_with_the_team_authority_over_its_work_does_not() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let (chat, _) = coached(&host, &amy).await;
    let sam = host.sign_in("sam").await;
    act(&host, amys_team()).await;
    let agent = sam.call("coaching/agent_workitems_load", json!({ "agent": "amy" }));
    assert_eq!(agent.await.status, 404);
    let conversation = json!({ "workitem": chat });
    let read = sam.call("workitems/conversation_load", conversation.clone());
    assert_eq!(read.await.status, 200);
}

#[tokio::test]
async fn a_role_that_was_just_taken_away_ends_the_session_and_opens_nothing_in_the_next() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let (chat, coaching) = coached(&host, &amy).await;
    act(&host, role("sue", "Sue Silva", "administrator")).await;
    let by_sue = |(_, function, input): Act| ("sue", function, input);
    let every = [
        May::All,
        May::Agents,
        May::Amy,
        May::AmyAndSam,
        May::Supervisors,
        May::Sam,
        May::Ada,
    ];
    for (who, lost, mays, page) in [
        (
            "sam",
            role("sam", "Sam Stone", "agent"),
            vec![May::Supervisors, May::Sam, May::AmyAndSam],
            "/dashboard",
        ),
        (
            "amy",
            role("amy", "Amy Adler", "supervisor"),
            vec![May::Agents, May::Amy, May::AmyAndSam],
            "/workspace",
        ),
        (
            "ada",
            role("ada", "Ada Almond", "agent"),
            vec![May::Ada],
            "/admin/users",
        ),
    ] {
        let before = host.sign_in(who).await;
        act(&host, by_sue(lost)).await;
        refused(&before, &every, 401, &chat, &coaching).await;
        assert_eq!(before.try_live().await.err(), Some(401));
        let after = host.sign_in(who).await;
        refused(&after, &mays, 404, &chat, &coaching).await;
        assert_eq!(after.page(page).await.0, 404, "{page} as {who}");
    }
    let ben = host.sign_in("ben").await;
    act(&host, by_sue(deactivation("ben"))).await;
    refused(&ben, &every, 401, &chat, &coaching).await;
    assert_eq!(ben.try_live().await.err(), Some(401));
}

/// How a live connection learns of it.
enum Told {
    /// These topics are refused; the connection and its other topics go on.
    Refused(fn(&str) -> Vec<Topic>),
    /// It is closed: sign in again.
    Closed,
}

/// The act, the owner of the connection, and how the connection learns of it. `self`: done by the same person in another session.
fn taken(chat: &str) -> Vec<(&'static str, &'static str, Act, Told)> {
    let work = |chat: &str| vec![topics(chat)[0].clone()];
    let agent = |chat: &str| vec![topics(chat)[3].clone()];
    let both = |chat: &str| vec![topics(chat)[0].clone(), topics(chat)[3].clone()];
    let reset = json!({ "user": "sam", "password": "a long password" });
    let change = json!({ "old": "sideline-demo", "new": "another password" });
    vec![
        ("authority", "sam", sams_authority(), Told::Refused(both)),
        (
            "the agent left the team",
            "sam",
            amys_team(),
            Told::Refused(agent),
        ),
        ("transferred", "sam", transfer(chat), Told::Refused(work)),
        ("handed on", "amy", transfer(chat), Told::Refused(work)),
        (
            "role",
            "sam",
            role("sam", "Sam Stone", "agent"),
            Told::Closed,
        ),
        (
            "role",
            "amy",
            role("amy", "Amy Adler", "supervisor"),
            Told::Closed,
        ),
        ("deactivated", "sam", deactivation("sam"), Told::Closed),
        (
            "password reset",
            "sam",
            ("ada", "administration/user_password_reset", reset),
            Told::Closed,
        ),
        (
            "password changed elsewhere",
            "sam",
            ("sam", "account/password_change", change),
            Told::Closed,
        ),
        (
            "signed out everywhere",
            "sam",
            ("sam", "account/sessions_end_elsewhere", json!({})),
            Told::Closed,
        ),
    ]
}

/// Follows everything that is let in, and monitors what is not let in otherwise.
async fn everything(live: &mut Live, chat: &str) -> Vec<Topic> {
    let mut followed = Vec::new();
    for topic in topics(chat) {
        for monitor in [false, true] {
            if !followed.contains(&topic) && follows(live, &topic, monitor).await.is_ok() {
                followed.push(topic.clone());
            }
        }
    }
    followed
}

#[tokio::test]
async fn live_streams_end_with_the_right_on_which_they_rested() {
    let count = taken("").len();
    for number in 0..count {
        let host = Host::start().await;
        let amy = host.sign_in("amy").await;
        let (chat, _) = coached(&host, &amy).await;
        let (what, who, lost, told) = taken(&chat).swap_remove(number);
        let mut live = host.sign_in(who).await.live().await;
        let followed = everything(&mut live, &chat).await;
        act(&host, lost).await;
        match told {
            Told::Closed => assert_eq!(live.closed_with().await, CLOSE_SIGNED_OUT, "{what}"),
            Told::Refused(topics) => {
                let mut expected = topics(&chat);
                assert!(expected.iter().all(|topic| followed.contains(topic)));
                while !expected.is_empty() {
                    let refused = live
                        .until(|frame| match frame {
                            ServerFrame::Refused { topic, .. } => Some(topic.clone()),
                            _ => None,
                        })
                        .await;
                    assert!(expected.contains(&refused), "{what}: {refused:?}");
                    expected.retain(|topic| *topic != refused);
                }
                if topics(&chat)
                    .contains(&Topic::Workitem(WorkitemId::parse(&chat).expect("an id")))
                {
                    nothing_more_of(&host, &mut live, &chat, what).await;
                }
            }
        }
    }
}

/// The conversation goes on with its new agent; the connection stays open and gets nothing of that.
async fn nothing_more_of(host: &Host, live: &mut Live, chat: &str, what: &str) {
    for agent in ["amy", "cleo"] {
        let input = json!({ "workitem": chat, "key": key(), "text": "between us" });
        let agent = host.sign_in(agent).await;
        let sent = agent.call("workitems/message_send", input).await;
        assert!([200, 404].contains(&sent.status), "{what}: {}", sent.body);
    }
    live.subscribe(Topic::Notifications, None, false).await;
    let (before, _) = live.followed().await;
    for frame in before {
        let of_the_work = matches!(
            frame,
            ServerFrame::Workitem { .. } | ServerFrame::Snapshot(_)
        );
        assert!(!of_the_work, "{what}: {frame:?}");
    }
}

#[tokio::test]
async fn signing_out_elsewhere_leaves_the_own_session_open() {
    let host = Host::start().await;
    let (here, there) = (host.sign_in("sam").await, host.sign_in("sam").await);
    let (mut at_here, mut at_there) = (here.live().await, there.live().await);
    here.call("account/sessions_end_elsewhere", json!({}))
        .await
        .ok();
    assert_eq!(at_there.closed_with().await, CLOSE_SIGNED_OUT);
    assert_eq!(there.try_live().await.err(), Some(401));
    assert_eq!(
        follows(&mut at_here, &Topic::Notifications, false).await,
        Ok(())
    );
    assert_eq!(here.post("/logout", String::new()).await.status, 303);
    assert_eq!(at_here.closed_with().await, CLOSE_SIGNED_OUT);
}
