//! What presence costs: a change is a small frame to those who show the person, whatever a tab's release.

mod support;

use serde_json::json;
use shared::ids::UserId;
use shared::live::{ServerFrame, Topic};
use shared::people::{Person, Presence};
use support::{Host, Live};

fn amy() -> UserId {
    UserId::parse("amy").expect("an id")
}

async fn choose(staff: &support::Staff<'_>, presence: &str) {
    let input = json!({ "presence": presence });
    staff.call("account/presence_set", input).await.ok();
}

async fn list(live: &mut Live) -> Vec<Person> {
    live.until(|frame| match frame {
        ServerFrame::People(people) => Some(people.clone()),
        _ => None,
    })
    .await
}

fn seen(people: &[Person], user: &UserId) -> Presence {
    let mut all = people.iter();
    let person = all.find(|person| person.id == *user);
    person.expect("everybody is listed").presence
}

/// Frames of the dashboard or of people until one fits; everything that came is answered.
async fn until(live: &mut Live, fits: impl Fn(&ServerFrame) -> bool) -> Vec<ServerFrame> {
    let mut came = Vec::new();
    loop {
        let frame = live.next().await;
        let done = fits(&frame);
        if !matches!(
            frame,
            ServerFrame::Hello { .. } | ServerFrame::Subscribed { .. }
        ) {
            came.push(frame);
        }
        if done {
            return came;
        }
    }
}

/// Follows changes of people until amy is seen so.
async fn until_seen(live: &mut Live, people: &mut Vec<Person>, presence: Presence) {
    while seen(people, &amy()) != presence {
        if let ServerFrame::PeoplePatch(patch) = live.next().await {
            patch.apply(people);
        }
    }
}

#[tokio::test]
async fn a_page_that_follows_nothing_makes_its_reader_present_until_it_goes_and_hears_nothing() {
    let host = Host::start().await;
    let (sue, at_amy) = (host.sign_in("sue").await, host.sign_in("amy").await);
    let mut live = sue.live().await;
    live.subscribe_patched(Topic::People).await;
    let mut people = list(&mut live).await;
    assert_eq!(seen(&people, &amy()), Presence::Offline);
    let mut page = at_amy.live().await;
    until_seen(&mut live, &mut people, Presence::Available).await;
    // Her own notifications say so, to those of her pages that follow them.
    choose(&at_amy, "busy").await;
    until_seen(&mut live, &mut people, Presence::Busy).await;
    page.subscribe(Topic::Notifications, None, false).await;
    let (before, _) = page.followed().await;
    assert!(
        matches!(before[..], [ServerFrame::NotificationsReset]),
        "{before:?}"
    );
    // A link to the next page: she is back before anybody sees her go.
    drop(page);
    let next = at_amy.live().await;
    choose(&at_amy, "away").await;
    until_seen(&mut live, &mut people, Presence::Away).await;
    drop(next);
    until_seen(&mut live, &mut people, Presence::Offline).await;
}

#[tokio::test]
async fn f60_a_list_is_sent_once_and_then_who_changed() {
    let host = Host::start().await;
    let (sue, at_amy) = (host.sign_in("sue").await, host.sign_in("amy").await);
    let _amys = at_amy.live().await;
    let mut live = sue.live().await;
    live.subscribe_patched(Topic::People).await;
    let mut people = list(&mut live).await;
    for presence in [Presence::Away, Presence::Busy] {
        choose(&at_amy, presence.code()).await;
        let is = |frame: &ServerFrame| match frame {
            ServerFrame::PeoplePatch(patch) => patch.presences.contains(&(amy(), presence)),
            _ => false,
        };
        for frame in until(&mut live, is).await {
            let ServerFrame::PeoplePatch(patch) = frame else {
                panic!("not a patch: {frame:?}");
            };
            assert!(
                patch.people.is_empty(),
                "nobody changed but in presence: {patch:?}"
            );
            patch.apply(&mut people);
        }
        assert_eq!(seen(&people, &amy()), presence);
    }
    // Who comes later gets the same list.
    let mut later = at_amy.live().await;
    later.subscribe_patched(Topic::People).await;
    let mut fresh = list(&mut later).await;
    fresh.sort_by(|one, other| one.id.cmp(&other.id));
    people.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(fresh, people);
}

#[tokio::test]
async fn f60_a_new_person_a_new_name_and_a_leaver_are_rows_of_the_list() {
    let host = Host::start().await;
    let (ada, sue) = (host.sign_in("ada").await, host.sign_in("sue").await);
    let mut live = sue.live().await;
    live.subscribe_patched(Topic::People).await;
    let mut people = list(&mut live).await;
    let input = json!({
        "username": "dora", "name": "Dora Dean", "roles": ["agent"], "password": "only-for-this-test",
    });
    let dora = ada.call("administration/user_create", input).await.ok();
    let dora: UserId = serde_json::from_value(dora["id"].clone()).expect("an id");
    let name_of = |people: &[Person]| {
        let mut all = people.iter();
        let found = all.find(|person| person.id == dora);
        found.map(|person| person.name.clone())
    };
    let renamed = json!({ "user": dora, "name": "Dora Day", "roles": ["agent"] });
    let gone = json!({ "user": dora, "active": false });
    for (function, input, expected) in [
        ("", json!({}), Some("Dora Dean")),
        ("administration/user_update", renamed, Some("Dora Day")),
        ("administration/user_activate", gone, None),
    ] {
        if !function.is_empty() {
            ada.call(function, input).await.ok();
        }
        while name_of(&people).as_deref() != expected {
            match live.next().await {
                ServerFrame::PeoplePatch(patch) => patch.apply(&mut people),
                ServerFrame::People(_) => panic!("the whole list again"),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn f60_a_dashboard_hears_of_its_own_agents_only_and_gets_their_rows() {
    let host = Host::start().await;
    let (sam, sid) = (host.sign_in("sam").await, host.sign_in("sid").await);
    let (at_amy, at_cleo) = (host.sign_in("amy").await, host.sign_in("cleo").await);
    let (_amys, _cleos) = (at_amy.live().await, at_cleo.live().await);
    let (mut at_sam, mut at_sid) = (sam.live().await, sid.live().await);
    let row = |agent: &'static str, presence| {
        move |frame: &ServerFrame| match frame {
            ServerFrame::DashboardPatch(patch) => {
                let mut rows = patch.agents.iter();
                rows.any(|row| row.id.as_str() == agent && row.presence == presence)
            }
            _ => false,
        }
    };
    for live in [&mut at_sam, &mut at_sid] {
        live.subscribe_patched(Topic::Dashboard).await;
        live.followed().await;
    }
    choose(&at_amy, "away").await;
    let came = until(&mut at_sam, row("amy", Presence::Away)).await;
    choose(&at_cleo, "busy").await;
    let sids = until(&mut at_sid, row("cleo", Presence::Busy)).await;
    for (frames, own) in [(came, "amy"), (sids, "cleo")] {
        for frame in frames {
            let ServerFrame::DashboardPatch(patch) = frame else {
                panic!("not a patch: {frame:?}");
            };
            let others = patch.agents.iter().filter(|row| row.id.as_str() != own);
            assert_eq!(others.count(), 0, "only {own} changed: {patch:?}");
        }
    }
}

#[tokio::test]
async fn f60_a_queue_that_changes_is_no_new_dashboard() {
    let host = Host::start().await;
    let (sam, at_amy) = (host.sign_in("sam").await, host.sign_in("amy").await);
    let mut at_sam = sam.live().await;
    at_sam.subscribe_patched(Topic::Dashboard).await;
    at_sam.followed().await;
    // Nobody of Care is there, so what is transferred to the team stays in its queue.
    let chat = at_amy.own_workitem("chat").await;
    let care = at_amy.conversation(&chat).await["workitem"]["team"].clone();
    let input = json!({ "workitem": chat, "key": support::key(), "to": { "Team": care } });
    at_amy.call("workitems/workitem_transfer", input).await.ok();
    let came = until(&mut at_sam, |frame| match frame {
        ServerFrame::DashboardPatch(patch) => {
            let mut queues = patch.queues.iter().flatten();
            queues.any(|queue| queue.queued == 1)
        }
        _ => false,
    });
    for frame in came.await {
        assert!(frame.is_patch(), "{frame:?}");
    }
}

#[tokio::test]
async fn f60_a_tab_of_the_release_before_gets_lists_and_dashboards_whole() {
    let host = Host::start().await;
    let (sam, at_amy) = (host.sign_in("sam").await, host.sign_in("amy").await);
    let _amys = at_amy.live().await;
    let mut old = sam.live().await;
    let text = |topic| json!({ "subscribe": { "topic": topic, "after": null, "monitor": false } });
    for topic in ["people", "dashboard"] {
        old.text(text(topic).to_string()).await;
        old.followed().await;
    }
    choose(&at_amy, "busy").await;
    let (mut in_list, mut on_dashboard) = (false, false);
    while !(in_list && on_dashboard) {
        match old.next().await {
            ServerFrame::People(people) => in_list |= seen(&people, &amy()) == Presence::Busy,
            ServerFrame::Dashboard(dashboard) => {
                let mut rows = dashboard.agents.iter();
                on_dashboard |= rows.any(|row| row.id == amy() && row.presence == Presence::Busy);
            }
            frame => assert!(!frame.is_patch(), "{frame:?}"),
        }
    }
}

#[tokio::test]
async fn f60_many_who_come_at_once_are_few_frames_to_who_shows_them() {
    let host = Host::start().await;
    let sue = host.sign_in("sue").await;
    let mut live = sue.live().await;
    live.subscribe_patched(Topic::People).await;
    let mut people = list(&mut live).await;
    let begun = std::time::Instant::now();
    let mut staff = Vec::new();
    for name in ["amy", "ben", "cleo", "sam", "sid", "ada"] {
        staff.push(host.sign_in(name).await);
    }
    // Each comes and goes in every way at the same moment.
    let changes = staff.iter().flat_map(|person| {
        ["away", "busy", "available", "away"].map(|presence| choose(person, presence))
    });
    let tabs = futures_util::future::join_all(staff.iter().map(|person| person.live())).await;
    futures_util::future::join_all(changes).await;
    for person in &staff {
        choose(person, "busy").await;
    }
    let mut frames = 0;
    while people
        .iter()
        .filter(|person| person.presence == Presence::Busy)
        .count()
        < staff.len()
    {
        if let ServerFrame::PeoplePatch(patch) = live.next().await {
            frames += 1;
            patch.apply(&mut people);
        }
    }
    // There were 36 changes; what changes within a pause is one frame, however long all of it took.
    let pauses = begun.elapsed().as_millis() / 250;
    assert!(frames <= pauses + 2, "{frames} frames in {pauses} pauses");
    drop(tabs);
}
