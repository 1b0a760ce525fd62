//! Guessing passwords, and flooding the sign-in: what it costs those who do, and nobody else.

use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use futures_util::future::join_all;
use serde_json::json;
use server::commands::{BrowserRenewal, SessionBegin};
use sha2::{Digest, Sha256};
use shared::account::SignedInFrom;
use shared::error::AppError;
use shared::ids::UserId;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::Host;

const RIGHT: &str = "sideline-demo";

/// A browser at an address, with its cookies.
struct Browser<'a> {
    host: &'a Host,
    address: String,
    cookies: Vec<String>,
}

/// What a sign-in came to.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    In,
    Wrong,
    /// Sent away without a look at the password.
    Limited,
}

impl<'a> Browser<'a> {
    fn at(host: &'a Host, address: &str) -> Self {
        Self {
            host,
            address: address.to_owned(),
            cookies: Vec::new(),
        }
    }

    async fn post(&self, username: &str, password: &str, page: bool) -> Response {
        let form = format!("username={username}&password={password}");
        let accept = if page { "text/html,*/*" } else { "*/*" };
        let request = Request::post("/login")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, accept)
            .header("x-forwarded-for", &self.address)
            .header(COOKIE, self.cookies.join("; "))
            .body(Body::from(form))
            .expect("a request");
        self.host.request(request).await
    }

    async fn try_in(&self, username: &str, password: &str) -> (Came, Vec<String>) {
        let response = self.post(username, password, true).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let to = response.headers()[LOCATION].to_str().expect("text");
        let came = match to {
            to if to.contains("error=credentials") => Came::Wrong,
            to if to.contains("error=rate") || to.contains("error=busy") => {
                assert!(response.headers().contains_key(RETRY_AFTER));
                Came::Limited
            }
            to => {
                assert!(!to.starts_with("/login"), "{to}");
                Came::In
            }
        };
        let set = response.headers().get_all(SET_COOKIE).iter();
        let pairs = set.map(|cookie| {
            let text = cookie.to_str().expect("text");
            assert!(text.contains("; HttpOnly"), "{text}");
            text.split(';').next().expect("a pair").to_owned()
        });
        (came, pairs.collect())
    }

    /// Signs in and out again; the browser keeps what it was given.
    async fn sign_in(&mut self, username: &str) -> Came {
        let (came, cookies) = self.try_in(username, RIGHT).await;
        if came == Came::In {
            self.cookies = cookies;
        }
        came
    }
}

fn count(answers: &[(Came, Vec<String>)], what: Came) -> usize {
    answers.iter().filter(|(came, _)| *came == what).count()
}

#[tokio::test]
async fn s02_f54_ten_of_many_guesses_at_once_are_looked_at() {
    let host = Host::start_behind_proxy().await;
    let guesses = (0..150).map(|number| {
        let host = &host;
        async move {
            // From everywhere.
            let from = Browser::at(host, &format!("198.51.{number}.1"));
            from.try_in("amy", &format!("guess-{number}")).await
        }
    });
    let answers = join_all(guesses).await;
    assert_eq!(count(&answers, Came::Wrong), 10);
    assert_eq!(count(&answers, Came::Limited), 140);
    // Not even the right one is looked at; another account is let in.
    let stranger = Browser::at(&host, "203.0.113.9");
    assert_eq!(stranger.try_in("amy", RIGHT).await.0, Came::Limited);
    assert_eq!(stranger.try_in("ben", RIGHT).await.0, Came::In);
}

#[tokio::test]
async fn s09_f55_nobody_is_locked_out_of_a_browser_they_have_signed_in_with() {
    let host = Host::start_behind_proxy().await;
    let office = "203.0.113.7";
    let mut sams = Browser::at(&host, office);
    assert_eq!(sams.sign_in("sam").await, Came::In);
    // Wrong ones for sam from elsewhere, and as many from the office as lock it out.
    let elsewhere = Browser::at(&host, "198.51.100.1");
    for number in 0..12 {
        elsewhere.try_in("sam", &format!("guess-{number}")).await;
    }
    let others = Browser::at(&host, office);
    for number in 0..55 {
        others.try_in(&format!("nobody{number}"), "guess").await;
    }
    assert_eq!(others.try_in("ben", RIGHT).await.0, Came::Limited);
    assert_eq!(elsewhere.try_in("sam", RIGHT).await.0, Came::Limited);
    assert_eq!(sams.sign_in("sam").await, Came::In);
    // It is his browser, and nobody else's; and guessing in it has a limit as well.
    assert_eq!(sams.try_in("sue", RIGHT).await.0, Came::Limited);
    for number in 0..10 {
        let (came, _) = sams.try_in("sam", &format!("guess-{number}")).await;
        assert_eq!(came, Came::Wrong);
    }
    assert_eq!(sams.try_in("sam", RIGHT).await.0, Came::Limited);
    // An invented secret is nobody's.
    let mut invented = Browser::at(&host, "203.0.113.8");
    invented.cookies = vec![format!("sideline_browser={}", "a".repeat(64))];
    assert_eq!(invented.try_in("sam", RIGHT).await.0, Came::Limited);
}

/// A browser that is known is so by what was made for its user there, at their last sign-in.
#[tokio::test]
async fn s09_a_secret_that_was_planted_or_copied_makes_no_browser_known() {
    let host = Host::start_behind_proxy().await;
    let office = "203.0.113.7";
    let planted = format!("sideline_browser={}", "c".repeat(64));
    let mut bens = Browser::at(&host, office);
    bens.cookies = vec![planted.clone()];
    assert_eq!(bens.sign_in("ben").await, Came::In);
    // Somebody reads what is kept there, before ben signs in once more.
    let copied = bens.cookies.clone();
    assert_eq!(bens.sign_in("ben").await, Came::In);
    // Another user of the same browser takes nothing from him.
    assert_eq!(bens.sign_in("amy").await, Came::In);

    let elsewhere = Browser::at(&host, "198.51.100.1");
    for user in ["amy", "ben"] {
        for number in 0..12 {
            elsewhere.try_in(user, &format!("guess-{number}")).await;
        }
    }
    for cookies in [vec![planted], copied] {
        let mut thief = Browser::at(&host, "198.51.100.2");
        thief.cookies = cookies;
        assert_eq!(thief.try_in("ben", RIGHT).await.0, Came::Limited);
    }
    for user in ["ben", "amy", "ben"] {
        assert_eq!(bens.sign_in(user).await, Came::In, "{user}");
    }
}

/// The release before had one secret for all users of a browser.
#[tokio::test]
async fn s09_a_secret_of_the_release_before_is_still_known_to_its_other_users() {
    let host = Host::start_behind_proxy().await;
    let secret = "d".repeat(64);
    for username in ["amy", "ben"] {
        let user = UserId::parse(username).expect("an id");
        let store = host.desk.store();
        let mut rows = store.snapshot().await.expect("a snapshot");
        let credentials = rows.credentials_of(&user).await.expect("an answer");
        drop(rows);
        let begin = SessionBegin {
            session: format!("before-{username}"),
            verified: credentials.expect("a user").password_hash,
            renewed: None,
            browser: Some(BrowserRenewal {
                known: hex::encode(Sha256::digest(format!("{user} {secret}"))),
                former: Vec::new(),
            }),
            now: host.desk.clock().now(),
            idle_us: 1,
            absolute_us: 1,
            from: SignedInFrom::default(),
            user,
        };
        store.execute(begin).await.expect("a session");
    }
    let elsewhere = Browser::at(&host, "198.51.100.1");
    for user in ["amy", "ben"] {
        for number in 0..12 {
            elsewhere.try_in(user, &format!("guess-{number}")).await;
        }
    }
    let mut shared = Browser::at(&host, "203.0.113.7");
    shared.cookies = vec![format!("sideline_browser={secret}")];
    for user in ["ben", "amy", "ben"] {
        assert_eq!(shared.sign_in(user).await, Came::In, "{user}");
    }
    let mut thief = Browser::at(&host, "198.51.100.2");
    thief.cookies = vec![format!("sideline_browser={secret}")];
    assert_eq!(thief.try_in("ben", RIGHT).await.0, Came::Limited);
}

#[tokio::test]
async fn s08_f53_guesses_are_counted_where_they_come_from() {
    let host = Host::start_behind_proxy().await;
    // What a sender writes before the proxy's own line changes nothing; neither does another host of its network.
    for number in 0..55 {
        let request = Request::post("/login")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-forwarded-for", format!("198.51.100.{number}"))
            .header("x-forwarded-for", format!("2001:db8:1:2::{number:x}"))
            .body(Body::from(format!(
                "username=nobody{number}&password=guess"
            )))
            .expect("a request");
        host.request(request).await;
    }
    let neighbour = Browser::at(&host, "2001:db8:1:2:ffff::1");
    assert_eq!(neighbour.try_in("amy", RIGHT).await.0, Came::Limited);
    for address in ["2001:db8:1:3::1", "198.51.100.1"] {
        let other = Browser::at(&host, address);
        assert_eq!(other.try_in("amy", RIGHT).await.0, Came::In, "{address}");
    }
}

#[tokio::test]
async fn s03_programs_read_in_the_status_when_to_come_again() {
    let host = Host::start().await;
    let script = Browser::at(&host, "");
    for number in 0..10 {
        script.post("amy", &format!("guess-{number}"), false).await;
    }
    let refused = script.post("amy", RIGHT, false).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: i64 = refused.headers()[RETRY_AFTER]
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    let body = to_bytes(refused.into_body(), 1 << 10)
        .await
        .expect("a body");
    let error: AppError = serde_json::from_slice(&body).expect("an error");
    assert!((1..=300).contains(&seconds));
    assert_eq!(error, AppError::rate_limited(seconds));
}

/// The crowd's connections are real ones, so that hanging up is what it is.
#[tokio::test]
async fn s03_a_burst_of_those_who_hang_up_keeps_nobody_waiting() {
    let host = Host::start().await;
    let mut crowd = Vec::new();
    for number in 0..600 {
        let body = format!("username=nobody{number}&password=guess-guess");
        let request = format!(
            "POST /login HTTP/1.1\r\nhost: h\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut socket = TcpStream::connect(host.address).await.expect("it is there");
        let sent = socket.write_all(request.as_bytes()).await;
        sent.expect("it is read");
        crowd.push(socket);
    }
    // Somebody elsewhere, while all of them wait; the same after they have hung up.
    let cleo = Browser::at(&host, "");
    assert_eq!(cleo.try_in("cleo", RIGHT).await.0, Came::In);
    drop(crowd);
    assert_eq!(cleo.try_in("cleo", RIGHT).await.0, Came::In);
}

#[tokio::test]
async fn s11_f54_the_current_password_is_not_guessed_by_changing_it() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let guesses = (0..300).map(|number| {
        let (old, new) = (format!("guess-{number}"), "another password");
        // At most so many at once as one user may have under way.
        amy.call("account/password_change", json!({ "old": old, "new": new }))
    });
    let mut looked_at = 0;
    for answer in join_all(guesses).await {
        match answer.status {
            422 => looked_at += 1,
            429 => {}
            other => panic!("{other}: {}", answer.body),
        }
    }
    assert_eq!(looked_at, 10);
    // Her session cannot go on guessing in another way, and she can still sign in.
    let proof = json!({ "password": RIGHT });
    assert_eq!(amy.call("account/password_prove", proof).await.status, 429);
    host.sign_in("amy").await;
}

#[tokio::test]
async fn s04_a_reset_ends_what_is_under_way_with_the_old_password() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let ben = Browser::at(&host, "");
    let sign_ins = join_all((0..8).map(|_| ben.try_in("ben", RIGHT)));
    let users = ada.call("administration/user_list", json!({})).await.ok();
    let reset = ada.call(
        "administration/user_password_reset",
        json!({ "user": "ben", "password": "another password" }),
    );
    let (sign_ins, reset) = tokio::join!(sign_ins, reset);
    assert_eq!(reset.status, 200, "{} {users}", reset.body);
    for (_, cookies) in sign_ins {
        let request = Request::post("/api/app/api/directory/people_list")
            .header(CONTENT_TYPE, "application/json")
            .header(COOKIE, cookies.join("; "))
            .body(Body::from("{}"))
            .expect("a request");
        let status = host.request(request).await.status();
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ben.try_in("ben", RIGHT).await.0, Came::Wrong);
}
