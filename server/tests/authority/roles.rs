//! Roles that administrators build on `/admin/roles`, and what their holders may do from then on.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use serde_json::json;
use shared::live::Topic;

use crate::browser::{Browser, Shown};
use crate::ready::an_agent_as_well;
use crate::support::{Host, key};

const PAGE: &str = "/admin/roles";
const PASSWORD: &str = "sideline-demo";

async fn signed_in<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(username, PASSWORD).await;
    browser
}

/// Sends a form of the page, with the password.
async fn send(ada: &mut Browser<'_>, fields: &[(&str, &str)]) -> Shown {
    let key = key();
    let mut form = vec![("key", &key[..]), ("password", PASSWORD)];
    form.extend(fields);
    ada.fill(PAGE, &form).await
}

pub async fn create(ada: &mut Browser<'_>, kind: &str, name: &str) -> String {
    let made = send(ada, &[("act", "create"), ("kind", kind), ("name", name)]).await;
    assert_eq!(made.status, 200, "{}", made.body);
    id_of(&made.body, name)
}

/// The id of the role with this name.
fn id_of(page: &str, name: &str) -> String {
    let end = page
        .find(&format!("aria-label=\"Save {name}\""))
        .expect("a button");
    let form = &page[..end];
    let id = &form[form.rfind("name=\"role\" value=\"").expect("an id") + 19..];
    id.split('"').next().expect("an id").to_owned()
}

pub async fn update(
    ada: &mut Browser<'_>,
    role: &str,
    version: &str,
    permissions: &[&str],
) -> Shown {
    let mut form = vec![
        ("act", "update"),
        ("role", role),
        ("version", version),
        ("name", "Trainee"),
    ];
    form.extend(permissions.iter().map(|code| ("permission", *code)));
    send(ada, &form).await
}

pub async fn give(ada: &mut Browser<'_>, user: &str, kind: &str, role: &str) -> Shown {
    let form = [
        ("act", "give"),
        ("user", user),
        ("kind", kind),
        ("role", role),
    ];
    send(ada, &form).await
}

/// What sam can do in amy's chat: read it, coach in it, save it.
async fn can(host: &Host, who: &str) -> (u16, u16, u16) {
    let staff = host.sign_in(who).await;
    let chat = host.sign_in("amy").await.own_workitem("chat").await;
    let read = json!({ "workitem": chat });
    let read = staff.call("workitems/conversation_load", read).await.status;
    let coaching = json!({ "workitem": chat, "key": key(), "text": "Breathe." });
    let coach = staff.call("coaching/coaching_send", coaching).await.status;
    let found = staff.page("/history/export").await.0;
    (read, coach, found)
}

#[tokio::test]
async fn e51_a_role_has_what_was_chosen_and_its_holder_signs_in_again() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let role = create(&mut ada, "supervisor", "Trainee").await;
    assert_eq!(
        can(&host, "sam").await,
        (200, 409, 200),
        "not monitoring yet"
    );

    let saved = update(&mut ada, &role, "0", &["workitem.monitor", "user.manage"]).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let sam = signed_in(&host, "sam").await;
    assert_eq!(sam.call_status().await, 200);
    let given = give(&mut ada, "sam", "supervisor", &role).await;
    assert_eq!(given.status, 200, "{}", given.body);
    assert_eq!(sam.call_status().await, 401, "his rights are others now");
    assert_eq!(can(&host, "sam").await, (200, 404, 404));
    assert_eq!(
        can(&host, "sue").await,
        (200, 409, 200),
        "she is not concerned"
    );
    let users = json!({});
    let mut sam = signed_in(&host, "sam").await;
    assert_eq!(sam.call("administration/user_list", users).await, 200);
    assert_eq!(sam.get(PAGE).await.status, 200);

    // What is taken from a role is taken from its holders at once.
    assert_eq!(update(&mut ada, &role, "1", &[]).await.status, 200);
    assert_eq!(sam.call_status().await, 401);
    assert_eq!(can(&host, "sam").await, (404, 404, 404));
    let back = give(&mut ada, "sam", "supervisor", "").await;
    assert_eq!(back.status, 200, "{}", back.body);
    assert_eq!(can(&host, "sam").await, (200, 409, 200));
    let deleted = send(&mut ada, &[("act", "delete"), ("role", &role)]).await;
    assert!(!deleted.body.contains("Trainee"), "{}", deleted.body);
}

#[tokio::test]
async fn e51_who_makes_tokens_and_manages_no_users_makes_none_that_changes_them() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let role = create(&mut ada, "supervisor", "Trainee").await;
    update(&mut ada, &role, "0", &["token.manage"]).await;
    give(&mut ada, "sam", "supervisor", &role).await;
    let mut sam = signed_in(&host, "sam").await;
    let page = sam.get("/admin/tokens").await;
    assert!(page.body.contains("value=\"users:read\""), "{}", page.body);
    assert!(!page.body.contains("value=\"users:write\""));
    for (scope, team, status) in [
        ("users:write", "care", 404),
        ("transcripts:staff", "care", 404),
        ("users:read", "sales", 404),
        ("users:read", "", 404),
        ("users:read", "care", 200),
    ] {
        let key = key();
        let form = [
            ("act", "create"),
            ("key", key.as_str()),
            ("name", "A token"),
            ("scope", scope),
            ("team", team),
        ];
        let made = sam.fill("/admin/tokens", &form).await;
        assert_eq!(made.status, status, "{scope} {team}: {}", made.body);
        assert_eq!(made.body.contains("slt_"), status == 200, "{scope} {team}");
        if status != 200 {
            continue;
        }
        let secret = made.body.split("value=\"slt_").nth(1).expect("a secret");
        let secret = secret.split('"').next().expect("its end");
        let reads = async || {
            let request = Request::get("/api/v1/users")
                .header(AUTHORIZATION, format!("Bearer slt_{secret}"))
                .body(Body::empty());
            let answer = host.request(request.expect("a request")).await;
            answer.status().as_u16()
        };
        assert_eq!(reads().await, 200);
        // It opens no more than its maker may see.
        let agent =
            json!({ "key": self::key(), "user": "sam", "name": "Sam Stone", "roles": ["agent"] });
        assert_eq!(ada.call("administration/user_update", agent).await, 200);
        assert_eq!(reads().await, 403);
    }
}

#[tokio::test]
async fn e51_who_may_see_work_and_not_read_it_gets_no_words_of_it() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let role = create(&mut ada, "supervisor", "Trainee").await;
    host.customer_saying("Dana", "Where is my parcel?").await;
    let words = async |who: &str| {
        let staff = host.sign_in(who).await;
        let of_amy = json!({ "agent": "amy" });
        let list = staff.call("coaching/agent_workitems_load", of_amy).await;
        let queue = staff
            .call("coaching/queue_load", json!({ "team": "care" }))
            .await;
        let (list, queue) = (list.ok(), queue.ok());
        let all = list["workitems"].as_array().expect("a list").iter();
        let all = all.chain(queue.as_array().expect("a list"));
        let words = |row: &&serde_json::Value| {
            let coached = row
                .get("coaching_latest")
                .is_some_and(|latest| !latest.is_null());
            (row["preview"] != "", coached)
        };
        let said: Vec<_> = all.clone().map(|row| words(&row)).collect();
        let any = |of: fn(&(bool, bool)) -> bool| said.iter().any(of);
        (
            all.count() > 1,
            any(|(said, _)| *said),
            any(|(_, coached)| *coached),
        )
    };
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let mut at_sam = sam.live().await;
    at_sam
        .subscribe(Topic::Workitem(chat.clone()), None, true)
        .await;
    at_sam.followed().await;
    let coaching = json!({ "workitem": chat, "key": key(), "text": "Breathe." });
    sam.call("coaching/coaching_send", coaching).await.ok();
    assert_eq!(words("sue").await, (true, true, true));
    let seen = update(&mut ada, &role, "0", &["workitem.view", "workitem.assign"]).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    give(&mut ada, "sue", "supervisor", &role).await;
    assert_eq!(words("sue").await, (true, false, false));
}

#[tokio::test]
async fn a_wrong_password_beside_a_role_is_called_wrong() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let role = create(&mut ada, "agent", "Trainee").await;
    let key = key();
    let form = [
        ("key", &key[..]),
        ("password", "not-hers"),
        ("act", "update"),
        ("role", &role[..]),
        ("version", "0"),
        ("name", "Trainee"),
        ("permission", "workitem.handle"),
    ];
    let refused = ada.fill(PAGE, &form).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(
        refused.body.contains("not your current password"),
        "{}",
        refused.body
    );
    assert!(!refused.body.contains("15 minutes ago"), "{}", refused.body);
}

#[tokio::test]
async fn bad_input_is_named_and_changes_nothing() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let role = create(&mut ada, "administrator", "Trainee").await;
    let long = "x".repeat(81);
    for (kind, name, words) in [
        ("agent", "", "Name: "),
        ("agent", &long[..], "Name: "),
        ("king", "Arthur", "kind"),
        ("administrator", "TRAINEE", "Name: "),
        ("agent", "Tra\u{ED}nee", "Name: "),
        ("agent", "administrator", "Name: "),
        ("supervisor", " Supervisor", "Name: "),
    ] {
        let form = [("act", "create"), ("kind", kind), ("name", name)];
        let refused = send(&mut ada, &form).await;
        assert_eq!(refused.status, 422, "{kind} {name}");
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    let nothing = update(&mut ada, &role, "0", &[]).await;
    assert!(
        nothing.body.contains("choose at least one"),
        "{}",
        nothing.body
    );
    // What no administrator can do is left out of an administrator's role.
    let coaches = update(&mut ada, &role, "0", &["coaching.send"]).await;
    assert_eq!(coaches.status, 422, "{}", coaches.body);
    assert_eq!(
        update(&mut ada, &role, "0", &["rule.world"]).await.status,
        422
    );
    assert_eq!(
        give(&mut ada, "sam", "administrator", &role).await.status,
        422
    );
    assert_eq!(give(&mut ada, "nobody", "agent", "").await.status, 404);
    assert_eq!(give(&mut ada, "ada", "agent", &role).await.status, 422);

    // The last one who can let others in stays able to.
    assert_eq!(
        update(&mut ada, &role, "0", &["audit.view"]).await.status,
        200
    );
    let last = give(&mut ada, "ada", "administrator", &role).await;
    assert_eq!(last.status, 422, "{}", last.body);
    assert_eq!(
        update(&mut ada, &role, "1", &["user.manage"]).await.status,
        200
    );
    let own = give(&mut ada, "ada", "administrator", &role).await;
    assert_eq!((own.status, &own.to[..]), (303, "/login?next=/admin/roles"));
    let mut ada = signed_in(&host, "ada").await;
    let last = update(&mut ada, &role, "2", &["audit.view"]).await;
    assert_eq!(last.status, 422, "{}", last.body);
    let held = send(&mut ada, &[("act", "delete"), ("role", &role)]).await;
    assert!(
        held.body.contains("Somebody has this role"),
        "{}",
        held.body
    );
    for who in ["sam", "amy"] {
        let mut browser = signed_in(&host, who).await;
        assert_eq!(browser.get(PAGE).await.status, 404);
        let form = [("act", "create"), ("kind", "agent"), ("name", "Mine")];
        assert_eq!(send(&mut browser, &form).await.status, 404, "{who}");
    }
}

#[tokio::test]
async fn e51_who_may_peek_and_not_monitor_sees_the_last_lines() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let role = create(&mut ada, "supervisor", "Trainee").await;
    let peeks = ["workitem.view", "workitem.peek"];
    assert_eq!(update(&mut ada, &role, "0", &peeks).await.status, 200);
    give(&mut ada, "sam", "supervisor", &role).await;
    let chat = host.sign_in("amy").await.own_workitem("chat").await;
    let sam = host.sign_in("sam").await;
    let peek = sam
        .call("stepping_in/workitem_peek", json!({ "workitem": chat }))
        .await
        .ok();
    assert!(!peek["entries"].as_array().expect("lines").is_empty());
    let read = sam
        .call("workitems/conversation_load", json!({ "workitem": chat }))
        .await;
    assert_eq!(read.status, 404, "looking is not reading");
}

#[tokio::test]
async fn e51_who_may_take_over_gives_back_only_with_the_permission_for_it() {
    let host = Host::start().await;
    an_agent_as_well(&host, "sam").await;
    let mut ada = signed_in(&host, "ada").await;
    let role = create(&mut ada, "supervisor", "Trainee").await;
    let takes = ["workitem.view", "workitem.take_over"];
    assert_eq!(update(&mut ada, &role, "0", &takes).await.status, 200);
    let given = give(&mut ada, "sam", "supervisor", &role).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let chat = host.sign_in("amy").await.own_workitem("chat").await;
    let sam = host.sign_in("sam").await;
    let taken = json!({ "workitem": chat, "key": key(), "from": "amy" });
    sam.call("stepping_in/workitem_take_over", taken).await.ok();
    // He signs in again each time that his rights have changed.
    let gives_back = async || {
        let sam = host.sign_in("sam").await;
        let back = json!({ "workitem": chat, "key": key() });
        let answer = sam.call("stepping_in/workitem_give_back", back).await;
        answer.status
    };
    assert_eq!(gives_back().await, 404);
    let both = ["workitem.view", "workitem.take_over", "workitem.give_back"];
    let saved = update(&mut ada, &role, "1", &both).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert_eq!(gives_back().await, 200);
}

#[tokio::test]
async fn a_form_whose_key_another_one_has_had_can_be_sent_once_more() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let first = key();
    let form = |key: &str, name: &str| {
        let fields = [
            ("key", key),
            ("password", PASSWORD),
            ("act", "create"),
            ("kind", "agent"),
            ("name", name),
        ];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let mut sent = async |key: &str, name: &str| {
        let fields = form(key, name);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (&name[..], &value[..]))
            .collect();
        ada.fill(PAGE, &fields).await
    };
    assert_eq!(sent(&first, "One").await.status, 200);
    let refused = sent(&first, "Two").await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(!refused.body.contains(&first), "it has another key now");
    assert!(
        refused.body.contains("value=\"Two\""),
        "what was typed stays"
    );
}
