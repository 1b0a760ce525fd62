//! More connections than the system lets the program have.

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::fixtures::{Data, Program};
use crate::people::{called, own_workitem, sign_in};

#[tokio::test]
async fn s31_the_limit_is_raised_and_silent_connections_do_not_take_everything() {
    let data = Data::new();
    // A soft limit of 256, of which the system allows 400.
    let program = Program::start_with_few_files(&data, 256, 400, &["--log", "info"]).await;
    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let mut silent = Vec::new();
    for number in 0..600 {
        let mut socket = TcpStream::connect(program.address)
            .await
            .expect("it is there");
        if number % 3 == 0 {
            // It may have been let go already.
            let _ = socket.write_all(b"GET /healthz HTTP/1.1\r\nho").await;
        }
        silent.push(socket);
        if number % 100 == 99 {
            let input = json!({ "workitem": chat });
            called(&mut amy, &program, "workitems/conversation_load", input).await;
        }
    }
    sign_in(&program, "ben").await;
    let log = program.stop().await;
    assert!(log.contains("raised the limit of open files"), "{log}");
    assert!(!log.contains("Too many open files"), "{log}");
}
