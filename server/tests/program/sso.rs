//! Single sign-on as an operator sets it up: a provider with a certificate of one's own authority, and the way in when the provider fails.

use std::sync::Arc;

use form_urlencoded::Serializer;
use serde_json::json;
use server::clock_and_ids::SystemClock;

use crate::fixtures::{Answer, Browser, Data, Program, run, said};
use crate::people::{call, key, sign_in};
use crate::provider::{CLIENT, Mood, Provider, SECRET};
use crate::secured::{AUTHORITY, Secured, listener};
use crate::users::{lands, with_password};

/// The page of administrators.
const PAGE: &str = "/admin/single-sign-on";
/// Providers of the tests are on this machine.
const ALLOWED: [&str; 2] = ["--sso-allow-network", "127.0.0.0/8"];

/// Somebody fills in a form, and comes back to its page where that was saved.
async fn fill(
    browser: &mut Browser,
    program: &Program,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let mut form = Serializer::new(String::new());
    let body = form.extend_pairs(fields).finish();
    let answer = browser.form(program, path, &body).await;
    let answer = answer.expect("an answer");
    match answer.location == path {
        true => browser.get(program, path).await.expect("the page"),
        false => answer,
    }
}

/// One of the page's buttons.
async fn act(ada: &mut Browser, program: &Program, act: &str) -> Answer {
    let key = key();
    fill(ada, program, PAGE, &[("act", act), ("key", key.as_str())]).await
}

/// Ada says where the provider is. `more` stands beside what the form needs.
async fn save(ada: &mut Browser, program: &Program, issuer: &str, more: &[(&str, &str)]) {
    let key = key();
    let fields = [
        ("act", "save"),
        ("key", key.as_str()),
        ("name", "Acme"),
        ("issuer", issuer),
        ("client_id", CLIENT),
        ("secret", SECRET),
        ("username_claim", "preferred_username"),
    ];
    let saved = fill(ada, program, PAGE, &[&fields[..], more].concat()).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
}

/// Ada switches it on.
async fn switch_on(ada: &mut Browser, program: &Program) {
    let on = act(ada, program, "on").await;
    assert!(on.body.contains("Switched on"), "{}", on.body);
}

/// Where an address leads.
async fn leads(browser: &mut Browser, program: &Program, path: &str) -> String {
    let answer = browser.get(program, path).await;
    answer.expect("an answer").location
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_of_ones_own_authority_is_trusted_where_the_operator_names_it() {
    let (listener, address) = listener().await;
    let (provider, routes) = Provider::at(format!("https://{address}"), Arc::new(SystemClock));
    let secured = Secured::over(listener);
    tokio::spawn(async { axum::serve(secured, routes).await });

    let data = Data::new();
    let program = Program::start(&data, &ALLOWED).await;
    let mut ada = sign_in(&program, "ada").await;
    save(&mut ada, &program, provider.issuer(), &[("link", "on")]).await;
    let checked = act(&mut ada, &program, "check").await;
    assert_eq!(checked.status, 422, "nobody vouches for its certificate");
    assert!(checked.body.contains("--sso-ca"), "{}", checked.body);
    program.stop().await;

    let trusting = [&ALLOWED[..], &["--sso-ca", AUTHORITY][..]].concat();
    let program = Program::start(&data, &trusting).await;
    let checked = act(&mut ada, &program, "check").await;
    assert_eq!(checked.status, 200, "{}", checked.body);
    switch_on(&mut ada, &program).await;
    let mut sam = Browser::default();
    let sent = leads(&mut sam, &program, "/sso/start").await;
    let person = json!({ "sub": "subject of sam", "preferred_username": "sam" });
    let back = provider.signs_in(&sent, person);
    assert_eq!(leads(&mut sam, &program, &back).await, "/dashboard");
    program.stop().await;
}

#[tokio::test]
async fn a_file_that_holds_no_authorities_is_refused_at_the_start() {
    let data = Data::new();
    let empty = data.file("empty.pem");
    std::fs::write(&empty, "no certificate").expect("a file");
    for file in [empty, data.file("missing.pem")] {
        let file = file.to_str().expect("a plain name");
        let refused = run(&["serve", "--sso-ca", file, "--data", data.folder()]).await;
        let words = said(&refused);
        assert!(!refused.status.success(), "{words}");
        assert!(
            words.contains("--sso-ca") && words.contains(file),
            "{words}"
        );
    }
    assert!(!data.database().exists(), "nothing was made");
}

/// An identity provider with a token, which ada makes.
async fn connected(ada: &mut Browser, program: &Program) -> Browser {
    let key = key();
    let fields = [
        ("act", "create"),
        ("key", key.as_str()),
        ("name", "Acme"),
        ("scope", "users:write"),
    ];
    let made = fill(ada, program, "/admin/tokens", &fields).await;
    let begin = made.body.find("slt_").expect("a secret");
    let secret = made.body[begin..].split('"').next().expect("an attribute");
    Browser::with([("authorization", format!("Bearer {secret}"))])
}

/// Olga comes from the provider, and nobody but her manages users.
async fn olga_alone_administers(ada: &mut Browser, program: &Program, provider: &Provider) {
    let mut acme = connected(ada, program).await;
    let olga = json!({ "userName": "olga", "roles": ["administrator"] });
    let made = acme.post(program, "/scim/v2/Users", &olga).await;
    assert_eq!(made.expect("an answer").status, 201);
    // Until she has come in once, ada is the last one with a way in.
    let mut olga = Browser::default();
    let sent = leads(&mut olga, program, "/sso/start").await;
    let person = json!({ "sub": "subject of olga", "preferred_username": "olga" });
    let back = provider.signs_in(&sent, person);
    let lands_at = leads(&mut olga, program, &back).await;
    assert!(lands_at.starts_with("/admin"), "{lands_at}");
    let query = "/scim/v2/Users?filter=roles+eq+%22administrator%22";
    let found = acme.get(program, query).await.expect("an answer").json();
    for user in found["Resources"].as_array().expect("a list") {
        if user["userName"] != "olga" {
            let path = format!("/scim/v2/Users/{}", user["id"].as_str().expect("an id"));
            let gone = acme.delete(program, &path).await;
            assert_eq!(gone.expect("an answer").status, 204, "{path}");
        }
    }
}

#[tokio::test]
async fn an_administrator_without_a_password_gets_one_from_the_command_line_when_the_provider_fails()
 {
    let data = Data::new();
    let program = Program::start(&data, &ALLOWED).await;
    let mut ada = sign_in(&program, "ada").await;
    let provider = Provider::start(Arc::new(SystemClock)).await;
    let alone = [("link", "on"), ("passwords", "off")];
    save(&mut ada, &program, provider.issuer(), &alone).await;
    switch_on(&mut ada, &program).await;
    olga_alone_administers(&mut ada, &program, &provider).await;
    program.stop().await;

    provider.is(Mood::Failing);
    let program = Program::start_empty(&data, &ALLOWED).await;
    for username in ["ada", "amy", "olga"] {
        let lands_at = lands(&program, username, "sideline-demo").await;
        assert!(
            lands_at.contains("error=sso_only"),
            "{username}: {lands_at}"
        );
    }
    let start = leads(&mut Browser::default(), &program, "/sso/start").await;
    assert!(start.contains("error=sso_unreachable"), "{start}");
    program.stop().await;

    let listed = said(&run(&["user", "list", "--data", data.folder()]).await);
    assert!(listed.contains("olga\t"), "{listed}");
    let reset = ["user", "reset-password", "olga", "--data", data.folder()];
    let (good, words) = with_password(&reset, "stone-by-stone").await;
    assert!(
        good && words.contains("Set the password of olga"),
        "{words}"
    );

    let program = Program::start_empty(&data, &ALLOWED).await;
    let mut olga = Browser::default();
    let given = [("username", "olga"), ("password", "stone-by-stone")];
    let begun = fill(&mut olga, &program, "/login", &given).await;
    assert_eq!(begun.location, "/login/step");
    let own = [
        ("password", "river-under-stone"),
        ("repeat", "river-under-stone"),
    ];
    let came = fill(&mut olga, &program, "/login/step", &own).await;
    assert_eq!(came.status, 303, "{}", came.body);
    let users = call(&mut olga, &program, "administration/user_list", json!({})).await;
    assert_eq!(users.expect("an answer").status, 200);
    // She repairs it; until then the others wait.
    let lands_at = lands(&program, "amy", "sideline-demo").await;
    assert!(lands_at.contains("error=sso_only"), "{lands_at}");
    let off = act(&mut olga, &program, "off").await;
    assert!(off.body.contains("Switched off"), "{}", off.body);
    assert_eq!(lands(&program, "amy", "sideline-demo").await, "/workspace");
    program.stop().await;
    data.in_order().await;
}
