//! `sideline user`: accounts from the command line, on an empty database, beside a program that runs, and at a terminal.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::fixtures::{Browser, Data, PATIENCE, Program, run, said, sideline};

/// Runs a command line that reads a password from its standard input.
pub async fn with_password(arguments: &[&str], password: &str) -> (bool, String) {
    let mut child = sideline(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    let line = format!("{password}\n");
    // It may have ended already: it says why.
    let _ = input.write_all(line.as_bytes()).await;
    drop(input);
    let output = timeout(PATIENCE, child.wait_with_output()).await;
    let output = output.expect("it ends").expect("it can be waited for");
    (output.status.success(), said(&output))
}

/// Where a sign-in leads.
pub async fn lands(program: &Program, username: &str, password: &str) -> String {
    let form = format!("username={username}&password={password}");
    let answer = Browser::default().form(program, "/login", &form).await;
    answer.expect("an answer").location
}

#[tokio::test]
async fn s26_what_an_empty_program_prints_works_while_it_runs_and_the_command_line_says_when_it_does_not()
 {
    let data = Data::new();
    let program = Program::start_empty(&data, &[]).await;
    let setup = program
        .setup
        .clone()
        .expect("a link for the first administrator");
    let page = Browser::default().get(&program, &setup).await;
    assert_eq!(page.expect("a page").status, 200, "{setup}");

    // Nobody is asked for a password in vain.
    let add = ["user", "add", "ada", "--data", data.folder()];
    let refused = run(&add).await;
    assert!(!refused.status.success());
    let words = said(&refused);
    assert!(
        words.contains("While Sideline runs, users are managed in the browser"),
        "{words}"
    );
    assert!(!words.contains("Password"), "{words}");
    program.stop().await;
    let again = Program::start_empty(&data, &[]).await;
    assert_eq!(again.setup, Some(setup), "the link that was printed stays");
    again.stop().await;

    let (good, words) = with_password(&add, "stone-by-stone").await;
    assert!(good && words.contains("Created ada"), "{words}");
    let (good, words) = with_password(&add, "stone-by-stone").await;
    assert!(!good && words.contains("username"), "{words}");
    let (good, words) = with_password(
        &["user", "add", "eve", "--data", data.folder()],
        "password123",
    )
    .await;
    assert!(!good && words.contains("password"), "{words}");

    let program = Program::start_empty(&data, &[]).await;
    assert_eq!(program.setup, None, "there is somebody");
    // She chooses another one first.
    let lands_at = lands(&program, "ada", "stone-by-stone").await;
    assert!(lands_at.starts_with("/login/step"), "{lands_at}");
    let listed = run(&["user", "list", "--data", data.folder()]).await;
    let words = said(&listed);
    assert!(
        listed.status.success() && words.starts_with("ada\tada\t"),
        "{words}"
    );
    program.stop().await;
    data.in_order().await;
}

#[tokio::test]
async fn s26_a_password_that_was_forgotten_is_reset_from_the_command_line() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let reset = ["user", "reset-password", "ada", "--data", data.folder()];
    let refused = run(&reset).await;
    assert!(!refused.status.success(), "it runs: {}", said(&refused));
    program.stop().await;

    let nobody = ["user", "reset-password", "nia", "--data", data.folder()];
    let (good, words) = with_password(&nobody, "stone-by-stone").await;
    assert!(!good && words.contains("there is no user nia"), "{words}");
    let (good, words) = with_password(&reset, "stone-by-stone").await;
    assert!(good && words.contains("Set the password of ada"), "{words}");
    assert!(!words.contains("stone"), "{words}");

    let program = Program::start(&data, &[]).await;
    let old = lands(&program, "ada", "sideline-demo").await;
    assert!(old.contains("error=credentials"), "{old}");
    let new = lands(&program, "ada", "stone-by-stone").await;
    assert!(
        new.starts_with("/login/step"),
        "she chooses another one first: {new}"
    );
    // What the operator did is in the audit log, which an administrator reads.
    program.stop().await;
    data.in_order().await;
}

#[tokio::test]
async fn asvs_6_3_2_demo_accounts_are_refused_where_others_reach_them() {
    let data = Data::new();
    let demo = ["demo", "--listen", "0.0.0.0:0", "--data", data.folder()];
    let refused = run(&demo).await;
    let words = said(&refused);
    assert!(!refused.status.success(), "{words}");
    assert!(words.contains("--demo-for-everybody"), "{words}");
    assert!(!data.database().exists(), "nothing was made");
}

/// A terminal's device, where the program reads the password.
async fn echoes(device: &str) -> bool {
    let output = Command::new("stty")
        .args(["-F", device, "-a"])
        .output()
        .await;
    let output = output.expect("the state of the terminal");
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    !words.split_whitespace().any(|word| word == "-echo")
}

#[tokio::test]
async fn s26_a_password_that_is_typed_at_a_terminal_is_not_shown() {
    let data = Data::new();
    let program = env!("CARGO_BIN_EXE_sideline");
    let line = format!("tty; exec {program} user add ada --data {}", data.folder());
    let terminal = Command::new("script")
        .args(["-qefc", &line, "/dev/null"])
        .env_remove("SIDELINE_PASSWORD")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut terminal) = terminal else {
        println!("There is no `script` here that makes a terminal.");
        return;
    };
    let mut keyboard = terminal.stdin.take().expect("its keyboard");
    let mut screen = BufReader::new(terminal.stdout.take().expect("its screen"));
    let seen = async {
        let mut device = String::new();
        screen.read_line(&mut device).await.expect("its device");
        let device = device.trim();
        // A person waits for the question.
        while echoes(device).await {}
        let typed = keyboard.write_all(b"stone-by-stone\n").await;
        typed.expect("it is typed");
        let mut rest = String::new();
        // A terminal whose program has ended cannot be read.
        let _ = screen.read_to_string(&mut rest).await;
        rest
    };
    let seen = timeout(PATIENCE, seen).await.expect("it ends");
    assert!(seen.contains("Password (not shown):"), "{seen}");
    assert!(seen.contains("Created ada"), "{seen}");
    assert!(!seen.contains("stone"), "{seen}");
}
