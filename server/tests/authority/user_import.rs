//! Users out of a file: what is shown before anything is changed, what is created, and what is refused.

use std::sync::Arc;

use serde_json::json;

use crate::browser::Browser;
use crate::proof::Watch;
use crate::support::staff::Answered;
use crate::support::{Host, Staff, key};

const PATH: &str = "/admin/users/import";
const FILE: &str = "username,name,roles,teams\nuna,Una Umber,agent,Care|sales\nvic,\"Vic, the second\",agent|supervisor,Care\n";

/// Sends the page's form.
async fn sent(who: &Staff<'_>, parts: &[(&str, &str)]) -> (u16, String) {
    let parts = parts
        .iter()
        .map(|(name, content)| (*name, None, content.as_bytes()));
    let Answered { status, body } = who.post_form(PATH, &parts.collect::<Vec<_>>()).await;
    (status, body.as_str().expect("a page").to_owned())
}

async fn checked(who: &Staff<'_>, file: &str) -> (u16, String) {
    sent(who, &[("text", file)]).await
}

async fn imported(who: &Staff<'_>, key: &str, file: &str) -> (u16, String) {
    sent(who, &[("act", "import"), ("key", key), ("text", file)]).await
}

/// The usernames that there are.
async fn usernames(host: &Host) -> Vec<String> {
    let ada = host.sign_in("ada").await;
    let users = ada.call("administration/user_list", json!({})).await.ok();
    let users = users.as_array().expect("a list").iter();
    users
        .map(|user| user["username"].as_str().expect("text").to_owned())
        .collect()
}

/// The password that the answer shows beside a username.
fn password_of(page: &str, username: &str) -> String {
    let row = page
        .split("<tr>")
        .find(|row| row.contains(&format!(">{username}</th>")));
    let password = row.and_then(|row| row.split("<code dir=\"ltr\">").nth(1));
    let password = password.and_then(|rest| rest.split('<').next());
    password.expect("a password").to_owned()
}

#[tokio::test]
async fn what_a_file_does_is_shown_and_then_done_once() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let before = usernames(&host).await;
    let upload = [
        ("file", Some("users.csv"), FILE.as_bytes()),
        ("text", None, &b""[..]),
    ];
    let Answered { status, body } = ada.post_form(PATH, &upload).await;
    let page = body.as_str().expect("a page");
    assert_eq!(status, 200, "{page}");
    for said in [
        "2 users can be imported",
        "Works in: Care, Sales",
        "Supervises: Care",
        "Import 2 users",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(usernames(&host).await, before, "nothing is changed yet");

    let key = key();
    let (status, page) = imported(&ada, &key, FILE).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("download=\"passwords.csv\""), "{page}");
    let password = password_of(&page, "una");
    assert_ne!(password, password_of(&page, "vic"));
    let teams = ada.call("administration/team_list", json!({})).await.ok();
    let people = |team: &str, field: &str| {
        let team = teams
            .as_array()
            .expect("a list")
            .iter()
            .find(|one| one["name"] == team);
        team.expect("a team")[field].to_string()
    };
    assert!(people("Care", "members").contains("Una Umber"));
    assert!(people("Sales", "members").contains("Una Umber"));
    assert!(people("Care", "members").contains("Vic, the second"));
    assert!(people("Care", "supervisors").contains("Vic, the second"));
    assert!(!people("Sales", "members").contains("Vic, the second"));

    // The first sign-in asks for a password of her own.
    let mut una = Browser::new(&host);
    let signed_in = una.sign_in("una", &password).await;
    assert!(signed_in.to.starts_with("/login/step"), "{signed_in:?}");

    // The same form again does nothing and shows nothing; the same key with other rows is another command.
    let (status, page) = imported(&ada, &key, FILE).await;
    assert_eq!(status, 422);
    assert!(
        page.contains("were imported before") && !page.contains("<code dir=\"ltr\">"),
        "{page}"
    );
    let other = FILE.replace("una", "wim");
    let (status, _) = imported(&ada, &key, &other).await;
    assert_eq!(status, 422);
    assert_eq!(usernames(&host).await.len(), before.len() + 2);

    let (_, log) = ada
        .page("/admin/audit/export?format=jsonl&act=user_create&user=ada")
        .await;
    assert_eq!(log.lines().count(), 2);
    assert!(
        log.contains("Una Umber") && !log.contains(&password),
        "{log}"
    );
}

#[tokio::test]
async fn one_wrong_line_and_there_is_nobody() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let before = usernames(&host).await;
    let file = "username;name;roles;teams\r\n\
        good;Good One;agent;Care\r\n\
        good;Good Two;agent;\r\n\
        amy;Another Amy;agent;\r\n\
        9x; ;king,agent;Care|Nowhere\r\n\
        short;Short\r\n\
        boss;Boss;administrator;Care\r\n\
        nobody;Nobody;;\r\n\
        bars;Bars;|,|;\r\n\
        <b>;<script>alert(1)</script>;agent;</td>\r\n";
    for (status, page) in [
        checked(&ada, file).await,
        imported(&ada, &key(), file).await,
    ] {
        assert_eq!(status, 422, "{page}");
        for said in [
            "8 lines cannot be imported",
            "username: Line 2 has this username already.",
            "name: ",
            "roles: There is no role “king”.",
            "teams: There is no team “Nowhere”.",
            "This line has 2 fields, and there are 4 columns.",
            "teams: Only agents and supervisors are in teams.",
            "roles: ",
            "There is no team “&lt;/td&gt;”.",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(!page.contains("Import 1 user"), "{page}");
    }
    for (file, said) in [
        ("", "There is no user in this file"),
        ("username,name\nx,y", "The column roles is missing"),
        (
            "username,name,roles,password\nx,y,agent,z",
            "There is no column “password”",
        ),
        (
            &["username,name,roles\n", &"y".repeat(205_000)].concat(),
            "more than 200 KB",
        ),
        (
            &["username,name,roles\n", &"y,Y,agent\n".repeat(201)].concat(),
            "more than 200 users",
        ),
    ] {
        let (status, page) = checked(&ada, file).await;
        assert_eq!(status, 422, "{said}");
        assert!(page.contains(said), "{said}: {page}");
    }
    let latin: &[(&str, Option<&str>, &[u8])] = &[(
        "file",
        Some("a.csv"),
        b"username,name,roles\nzoe,Zo\xeb,agent",
    )];
    let Answered { status, body } = ada.post_form(PATH, latin).await;
    assert_eq!(status, 422);
    assert!(body.to_string().contains("not text in UTF-8"), "{body}");
    // Without a key nothing is imported.
    let (status, page) = imported(&ada, "", "username,name,roles\ngood,Good,agent").await;
    assert_eq!(status, 422, "{page}");
    assert_eq!(usernames(&host).await, before);
}

#[tokio::test]
async fn s11_an_administrator_in_a_file_needs_the_password() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let ada = host.sign_in("ada").await;
    clock.pass_minutes(16);
    let file = "username,name,roles\nboss,Boss,administrator";
    let (status, page) = checked(&ada, file).await;
    assert_eq!(status, 200);
    assert!(page.contains("name=\"password\""), "{page}");
    let key = key();
    for password in ["", "wrong"] {
        let parts = [
            ("act", "import"),
            ("key", &key),
            ("text", file),
            ("password", password),
        ];
        let (status, page) = sent(&ada, &parts).await;
        assert_eq!(status, 422, "{page}");
        assert!(page.contains("name=\"password\""), "{page}");
        assert!(page.contains(&*key), "sent again under its key: {page}");
    }
    assert!(!usernames(&host).await.contains(&"boss".to_owned()));
    let parts = [
        ("act", "import"),
        ("key", &key),
        ("text", file),
        ("password", "sideline-demo"),
    ];
    let (status, page) = sent(&ada, &parts).await;
    assert_eq!(status, 200, "{page}");
    assert!(usernames(&host).await.contains(&"boss".to_owned()));
    // So does somebody who supervises a team from the start; an agent of one does not.
    clock.pass_minutes(16);
    for (file, asks) in [
        ("username,name,roles,teams\nlea,Lea,supervisor,Care", true),
        ("username,name,roles,teams\nlou,Lou,agent,Care", false),
    ] {
        let (_, page) = checked(&ada, file).await;
        assert_eq!(page.contains("name=\"password\""), asks, "{page}");
        let (status, page) = imported(&ada, &crate::support::key(), file).await;
        assert_eq!(status, if asks { 422 } else { 200 }, "{page}");
    }
}

#[tokio::test]
async fn s07_a_file_is_for_those_who_may_create_users() {
    let host = Host::start().await;
    for who in ["amy", "sam"] {
        let caller = host.sign_in(who).await;
        assert_eq!(caller.page(PATH).await.0, 404, "{who}");
        for (status, page) in [
            checked(&caller, FILE).await,
            imported(&caller, &key(), FILE).await,
        ] {
            assert_eq!(status, 404, "{who}: {page}");
            assert!(!page.contains("Una Umber"), "{who}: {page}");
        }
    }
    assert!(!usernames(&host).await.contains(&"una".to_owned()));
    let (status, _) = sent(&host.nobody(), &[("text", FILE)]).await;
    assert_eq!(status, 303, "to the sign-in page");
}

#[tokio::test]
async fn the_largest_file_is_imported() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let rows = (0..200).map(|row| format!("user{row},User {row},agent,Care\r\n"));
    let file = "username,name,roles,teams\r\n".to_owned() + &rows.collect::<String>();
    let (status, page) = imported(&ada, &key(), &file).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Created 200 users"), "{page}");
    assert_eq!(page.matches("<code dir=\"ltr\">").count(), 200);
    assert!(usernames(&host).await.contains(&"user199".to_owned()));
}

#[tokio::test]
async fn a_file_names_built_roles_and_the_export_of_users_is_such_a_file() {
    let host = Host::start().await;
    let mut browser = Browser::new(&host);
    browser.sign_in("ada", "sideline-demo").await;
    let (made_key, import_key) = (key(), key());
    let form = [
        ("act", "create"),
        ("key", &made_key[..]),
        ("kind", "supervisor"),
        ("name", "Lead coach"),
    ];
    let made = browser.fill("/admin/roles", &form).await;
    assert_eq!(made.status, 200, "{}", made.body);

    let ada = host.sign_in("ada").await;
    let file = "username,name,roles\nuna,Una Umber,lead COACH\n";
    let (status, page) = imported(&ada, &import_key, file).await;
    assert_eq!(status, 200, "{page}");
    let users = ada.call("administration/user_list", json!({})).await.ok();
    let mut users = users.as_array().expect("a list").iter();
    let una = users.find(|user| user["username"] == "una").expect("una");
    assert_eq!(una["built"], json!(["Lead coach"]));

    let (_, exported) = ada.page("/admin/users/export").await;
    let mut lines = exported.lines();
    let header = lines.next().expect("a header");
    let line = lines.find(|line| line.contains("Una Umber"));
    let line = line.expect("her line");
    assert!(line.contains("supervisor|Lead coach"), "{line}");
    let again = format!("{header}\n{}\n", line.replacen("una", "wim", 1));
    let (status, page) = checked(&ada, &again).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Lead coach"), "{page}");
}
