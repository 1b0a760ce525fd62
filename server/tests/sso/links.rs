//! The page on which administrators see whom the provider knows, and take links away.

use serde_json::json;

use super::browser::{Browser, Shown};
use super::support::key;
use super::world::{SESSION, World, assert_refused, person};

/// The page.
const LINKS: &str = "/admin/single-sign-on/links";
/// What it says when a link was taken away.
const REMOVED: &str = "The link was removed.";

/// What it says of an id that no link has.
const NO_SUCH: &str = "There is no such link.";

/// One of the page's forms, about the link of a user of the demo. `more` stands beside that.
async fn act(
    browser: &mut Browser<'_>,
    world: &World,
    (act, username): (&str, &str),
    more: &[(&str, &str)],
) -> Shown {
    let (key, subject) = (key(), format!("subject of {username}"));
    let rest = [
        ("act", act),
        ("key", key.as_str()),
        ("user", username),
        ("issuer", world.provider.issuer()),
        ("subject", subject.as_str()),
    ];
    let fields: Vec<(&str, &str)> = more.iter().copied().chain(rest).collect();
    browser.fill(LINKS, &fields).await
}

/// The address of the question about the link of a user of the demo, as the list leads to it.
async fn question(browser: &mut Browser<'_>, username: &str) -> String {
    let list = browser.get(LINKS).await.body;
    let subject = format!("subject of {username}<");
    let mut rows = list.split("<tr");
    let row = rows.find(|row| row.contains(&subject)).expect("a row");
    let (_, id) = row.split_once("name=\"ask\" value=\"").expect("an id");
    let (id, _) = id.split_once('"').expect("the end of the id");
    format!("{LINKS}?ask={id}&q=&page=1")
}

/// Ada, who has just signed in with her password.
async fn ada(world: &World) -> Browser<'_> {
    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    ada
}

/// How many links a page lists.
fn listed(page: &Shown) -> usize {
    page.body.matches("name=\"ask\"").count()
}

#[tokio::test]
async fn an_administrator_takes_a_link_away_and_the_sessions_that_began_by_it_end() {
    let world = World::set_up(&[("link", "on")]).await;
    let (mut sam, mut by_password) = (Browser::new(&world.host), Browser::new(&world.host));
    world.comes(&mut sam, person("sam")).await;
    by_password.sign_in("sam", "sideline-demo").await;
    let mut amy = Browser::new(&world.host);
    world.comes(&mut amy, person("amy")).await;

    let mut ada = ada(&world).await;
    assert!(ada.get("/admin/single-sign-on").await.body.contains(LINKS));
    let page = ada.get(LINKS).await;
    for said in ["2 links", "Sam Stone", "subject of sam", "subject of amy"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    // It asks before it does anything.
    let question = question(&mut ada, "sam").await;
    let asked = ada.get(&question).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert!(asked.body.contains("Remove this link?"), "{}", asked.body);
    assert!(asked.body.contains("Sam Stone"), "{}", asked.body);
    assert_eq!(sam.call_status().await, 200);

    let removed = act(&mut ada, &world, ("unlink", "sam"), &[]).await;
    assert!(removed.body.contains(REMOVED), "{}", removed.body);
    assert!(!removed.body.contains("subject of sam"), "{}", removed.body);
    assert_eq!(sam.call_status().await, 401);
    assert_eq!(by_password.call_status().await, 200);
    assert_eq!(amy.call_status().await, 200);
    // Where names link nobody, the account is nobody's from now on.
    let saved = world.save(&mut ada, &[("version", "1")]).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let (mut again, mut other) = (Browser::new(&world.host), Browser::new(&world.host));
    let refused = world.comes(&mut again, person("sam")).await;
    assert_refused(&again, &refused, "sso_unknown");
    world.comes(&mut other, person("amy")).await;
    assert!(other.has(SESSION), "amy's link is there");
    let (_, rows) = world
        .ada()
        .await
        .page("/admin/audit/export?format=jsonl&act=sign_on_unlink")
        .await;
    assert_eq!(rows.lines().count(), 1, "{rows}");
    assert!(rows.contains(world.provider.issuer()), "{rows}");
}

#[tokio::test]
async fn taking_a_link_away_needs_a_proof() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    let mut ada = ada(&world).await;
    world.clock.pass_minutes(16);
    let question = question(&mut ada, "sam").await;
    let asked = ada.get(&question).await;
    assert!(asked.body.contains("name=\"password\""), "{}", asked.body);
    for password in ["", "not hers"] {
        let typed = [("password", password)];
        let refused = act(&mut ada, &world, ("unlink", "sam"), &typed).await;
        assert_eq!(refused.status, 422, "{password}");
        assert!(refused.body.contains("role=\"alert\""), "{}", refused.body);
        assert_eq!(sam.call_status().await, 200, "{password}");
    }
    let typed = [("password", "sideline-demo")];
    let removed = act(&mut ada, &world, ("unlink", "sam"), &typed).await;
    assert!(removed.body.contains(REMOVED), "{}", removed.body);
    assert_eq!(sam.call_status().await, 401);
}

#[tokio::test]
async fn who_does_not_manage_users_neither_sees_links_nor_takes_them_away() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    assert_eq!(sam.get(LINKS).await.status, 404);
    let question = question(&mut ada(&world).await, "sam").await;
    let asked = sam.get(&question).await;
    let sent = act(&mut sam, &world, ("unlink", "sam"), &[]).await;
    for refused in [asked, sent] {
        assert_eq!(refused.status, 404, "{}", refused.body);
        assert!(!refused.body.contains("subject of sam"));
    }
    assert_eq!(sam.call_status().await, 200);
    assert_eq!(listed(&ada(&world).await.get(LINKS).await), 1);
}

#[tokio::test]
async fn a_form_that_is_too_old_takes_nothing_from_anybody_else() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    let mut ada = ada(&world).await;
    // What it names is amy's by that.
    let subject = [("subject", "subject of sam")];
    act(&mut ada, &world, ("unlink", "amy"), &subject).await;
    assert_eq!(sam.call_status().await, 200);
    assert_eq!(listed(&ada.get(LINKS).await), 1);
    // A second administrator was faster.
    let question = question(&mut ada, "sam").await;
    act(&mut ada, &world, ("unlink", "sam"), &[]).await;
    let asked = ada.get(&question).await;
    let sent = act(&mut ada, &world, ("unlink", "sam"), &[]).await;
    for (late, status, said) in [(asked, 404, NO_SUCH), (sent, 200, REMOVED)] {
        assert_eq!(late.status, status, "{}", late.body);
        for said in [said, "No links found"] {
            assert!(late.body.contains(said), "{said}: {}", late.body);
        }
    }
}

#[tokio::test]
async fn an_address_says_nothing_of_what_the_provider_calls_a_user_and_an_invented_one_names_no_link()
 {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    let mut ada = ada(&world).await;
    let list = ada.get(LINKS).await.body;
    for field in ["user", "issuer", "subject"] {
        assert!(
            !list.contains(&format!("name=\"{field}\"")),
            "{field}: {list}"
        );
    }
    let question = question(&mut ada, "sam").await;
    assert!(!question.contains("subject"), "{question}");
    for invented in ["unlink", "0123456789abcdef0123456789abcdef"] {
        let asked = ada.get(&format!("{LINKS}?ask={invented}")).await;
        assert_eq!(asked.status, 404, "{}", asked.body);
        assert!(asked.body.contains(NO_SUCH), "{}", asked.body);
        assert!(!asked.body.contains(REMOVED), "{}", asked.body);
        assert_eq!(listed(&asked), 1);
    }
}

#[tokio::test]
async fn an_administrator_who_takes_their_own_link_away_signs_in_again() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut by_provider = Browser::new(&world.host);
    world.comes(&mut by_provider, person("ada")).await;
    let gone = act(&mut by_provider, &world, ("unlink", "ada"), &[]).await;
    let login = format!("/login?next={LINKS}");
    assert_eq!((gone.status, gone.to.as_str()), (303, login.as_str()));
    assert_eq!(by_provider.call_status().await, 401);
    let mut ada = ada(&world).await;
    assert!(ada.has(SESSION), "her password still lets her in");
    assert_eq!(listed(&ada.get(LINKS).await), 0);
}

#[tokio::test]
async fn many_links_come_in_pages_and_are_found() {
    let world = World::set_up(&[("create", "on"), ("role", "agent")]).await;
    for number in 0..55 {
        let mut somebody = person(&format!("user-{number:02}"));
        somebody["name"] = json!(format!("Zoë Number{number:02}"));
        let mut browser = Browser::new(&world.host);
        let came = world.comes(&mut browser, somebody).await;
        assert_eq!(came.status, 303, "{}", came.body);
        assert!(browser.has(SESSION), "{}", came.to);
    }
    let mut ada = ada(&world).await;
    let first = ada.get(LINKS).await;
    assert_eq!(listed(&first), 50);
    for said in ["55 links", "Page 1 of 2", "Number00", "Number49"] {
        assert!(first.body.contains(said), "{said}: {}", first.body);
    }
    for address in ["page=2", "page=99"] {
        let last = ada.get(&format!("{LINKS}?{address}")).await;
        assert_eq!(listed(&last), 5, "{address}");
        assert!(last.body.contains("Number54"), "{address}: {}", last.body);
        assert!(last.body.contains("Page 2 of 2"), "{}", last.body);
    }
    for (search, found) in [
        ("zoe+number07", 1),
        ("USER-07", 1),
        ("subject+of+user-07", 1),
        ("number0", 10),
        ("nobody", 0),
    ] {
        let page = ada.get(&format!("{LINKS}?q={search}")).await;
        assert_eq!(listed(&page), found, "{search}: {}", page.body);
    }
}
