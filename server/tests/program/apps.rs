//! The keys of authenticator apps: sealed with the host's key, also those that the release before stored as they are.

use server::clock_and_ids::{Clock, SystemClock};
use server::second_factor::code_at;

use crate::fixtures::{Answer, Browser, Data, Program, run, said};
use crate::people::sign_in;

const PAGE: &str = "/settings/second-factor";

/// Amy sets an app up: its key, and her recovery codes.
async fn app_of_amy(program: &Program) -> (String, Vec<String>) {
    let mut amy = sign_in(program, "amy").await;
    let begun = amy.form(program, PAGE, "act=begin").await;
    let page = amy.get(program, &begun.expect("an answer").location).await;
    let page = page.expect("a page").body;
    let (_, rest) = page.split_once("login__key\">").expect("a key");
    let key = rest.split('<').next().unwrap_or_default().replace(' ', "");
    let code = code_at(&key, SystemClock.now()).expect("a code");
    let confirm = format!("act=confirm&code={code}");
    let confirmed = amy.form(program, PAGE, &confirm).await;
    let shown = confirmed.expect("an answer").location;
    let page = amy.get(program, &shown).await.expect("a page").body;
    let codes = page.split("<li><code>").skip(1);
    let codes = codes.map(|part| part.split('<').next().unwrap_or_default().to_owned());
    let codes = Vec::from_iter(codes);
    assert_eq!(codes.len(), 10, "{page}");
    (key, codes)
}

/// Somebody signs in with a code.
async fn signs_in(program: &Program, username: &str, code: &str) -> Answer {
    let mut browser = Browser::default();
    let form = format!("username={username}&password=sideline-demo");
    let asked = browser.form(program, "/login", &form).await;
    assert_eq!(asked.expect("an answer").location, "/login/step");
    let form = format!("code={code}");
    let given = browser.form(program, "/login/step", &form).await;
    given.expect("an answer")
}

/// With the code of the app.
async fn signs_in_by(program: &Program, username: &str, key: &str) -> Answer {
    let code = code_at(key, SystemClock.now()).expect("a code");
    signs_in(program, username, &code).await
}

/// A statement while nobody runs. Codes that were used are forgotten, so that the tests need not wait for the next one.
fn changed(data: &Data, statement: &str) {
    let database = rusqlite::Connection::open(data.database()).expect("a database");
    let forget = "UPDATE second_factors SET last_step = 0";
    let done = database.execute_batch(&format!("{statement}; {forget}"));
    done.expect("a statement");
}

/// What stands in the database.
fn stored(data: &Data) -> String {
    let database = rusqlite::Connection::open(data.database()).expect("a database");
    let found = "SELECT secret FROM second_factors WHERE user_id = 'amy'";
    database
        .query_row(found, [], |row| row.get(0))
        .expect("a key")
}

#[tokio::test]
async fn s10_keys_of_apps_are_sealed_and_those_of_the_release_before_are_at_the_start() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let (key, _) = app_of_amy(&program).await;
    program.stop().await;
    let sealed = stored(&data);
    assert!(sealed.starts_with("sealed:") && !sealed.contains(&key));

    changed(
        &data,
        &format!("UPDATE second_factors SET secret = '{key}'"),
    );
    let program = Program::start(&data, &[]).await;
    assert_eq!(
        signs_in_by(&program, "amy", &key).await.location,
        "/workspace"
    );
    program.stop().await;
    let again = stored(&data);
    assert!(again.starts_with("sealed:") && again != sealed);
    let file = std::fs::read(data.database()).expect("a file");
    let found = file.windows(key.len()).any(|bytes| bytes == key.as_bytes());
    assert!(!found, "what stood there is wiped");

    // With another key, and again without the one before.
    let done = run(&["rekey", "--data", data.folder()]).await;
    assert!(said(&done).contains("Sealed 1 secrets"), "{}", said(&done));
    assert_ne!(stored(&data), again);
    changed(&data, "");
    let program = Program::start(&data, &[]).await;
    assert_eq!(
        signs_in_by(&program, "amy", &key).await.location,
        "/workspace"
    );
    program.stop().await;
    data.in_order().await;
}

#[tokio::test]
async fn s10_a_key_opens_for_its_user_alone_and_with_the_hosts_key_alone() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let (key, codes) = app_of_amy(&program).await;
    program.stop().await;
    changed(
        &data,
        "INSERT INTO second_factors (user_id, secret) SELECT 'ben', secret FROM second_factors WHERE user_id = 'amy'",
    );
    let program = Program::start(&data, &[]).await;
    assert_eq!(signs_in_by(&program, "ben", &key).await.status, 503);
    assert_eq!(
        signs_in_by(&program, "amy", &key).await.location,
        "/workspace"
    );
    let log = program.stop().await;
    assert!(
        log.contains("a sealed secret was altered or moved"),
        "{log}"
    );

    // Without the file an operator reads which key is missing, and amy comes in by a recovery code.
    let file = data.file("secret.key");
    let before = std::fs::read_to_string(&file).expect("a key");
    std::fs::remove_file(&file).expect("gone");
    changed(&data, "DELETE FROM second_factors WHERE user_id = 'ben'");
    let program = Program::start(&data, &[]).await;
    assert_eq!(signs_in_by(&program, "amy", &key).await.status, 503);
    assert_eq!(
        signs_in(&program, "amy", &codes[0]).await.location,
        "/workspace"
    );
    let log = program.stop().await;
    let id = before.split(' ').next().expect("an id");
    assert!(
        log.contains("put that file back") && log.contains(id),
        "{log}"
    );

    std::fs::write(&file, before).expect("it is back");
    changed(&data, "");
    let program = Program::start(&data, &[]).await;
    assert_eq!(
        signs_in_by(&program, "amy", &key).await.location,
        "/workspace"
    );
    let log = program.stop().await;
    assert!(!log.contains("put that file back"), "{log}");
}
