//! Everybody who might ask.

use crate::support::{Host, Staff};

/// Not signed in: they learn that they have to sign in, and nothing else.
pub const OUTSIDE: [&str; 3] = ["nobody", "a customer", "signed out"];
/// The agent who has the workitem, one of the same team, one of another, the supervisor of the agent's team and of
/// another, an administrator who may do neither.
pub const INSIDE: [&str; 6] = ["amy", "ben", "cleo", "sam", "sid", "ada"];

/// The actor of that name.
pub async fn actor<'a>(host: &'a Host, who: &str) -> Staff<'a> {
    match who {
        "nobody" => host.nobody(),
        "a customer" => host.customer().await,
        "signed out" => {
            let amy = host.sign_in("amy").await;
            assert_eq!(amy.post("/logout", String::new()).await.status, 303);
            amy
        }
        name => host.sign_in(name).await,
    }
}
