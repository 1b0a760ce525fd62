//! A conversation that its agent reopens (UX, U09), as the customer sees it.

use shared::error::{AppError, ConflictCause};

use crate::actors::Host;
use crate::customer::shows;

/// Lines, not the words that the page keeps for its script.
const ENDED: &str = "This conversation has ended.</p>";
const RESUMED: &str = "This conversation goes on.</p>";

#[tokio::test]
async fn u09_what_the_agent_reopens_goes_on_at_the_customer() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("My lamp hums", "k1").await;
    let workitem = host.given_to_amy().await;
    host.amy_wraps_up(&workitem).await;
    let page = eve.page().await;
    assert!(page.contains(ENDED) && !page.contains(RESUMED));
    assert!(shows(&page, "restart") && !shows(&page, "composer"));
    let mut live = eve.live(None).await;
    live.read_to_the_end().await;

    host.amy_reopens(&workitem).await.unwrap();
    assert_eq!(live.text().await, "(resumed)");
    host.amy_says(&workitem, "Which lamp is it?").await;
    assert_eq!(live.text().await, "Which lamp is it?");
    let page = eve.page().await;
    assert!(page.contains(ENDED) && page.contains(RESUMED));
    assert!(!shows(&page, "restart") && shows(&page, "composer") && shows(&page, "end"));
    let transcript = eve.get("/chat/care/transcript").await.body;
    assert!(transcript.contains("has ended.\n") && transcript.contains("goes on.\n"));

    eve.write("The green one", "k2").await;
    assert!(host.queue().await.is_empty(), "it is the same workitem");
    assert_eq!(live.text().await, "The green one");
    host.amy_wraps_up(&workitem).await;
    assert_eq!(live.text().await, "(ended)");
    let page = eve.page().await;
    assert!(shows(&page, "restart") && !shows(&page, "composer"));
}

/// Where no conversation begins at the moment, the one that is reopened can still be answered: without a new page, too.
#[tokio::test]
async fn u09_e14_it_goes_on_while_its_channel_is_switched_off() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("My lamp hums", "k1").await;
    let workitem = host.given_to_amy().await;
    host.switch_care(false).await;
    host.amy_wraps_up(&workitem).await;
    let page = eve.page().await;
    assert!(page.contains(" id=\"composer\"") && !shows(&page, "composer"));
    assert!(page.contains(" id=\"restart\"") && !shows(&page, "restart"));
    host.amy_reopens(&workitem).await.unwrap();
    assert!(shows(&eve.page().await, "composer"));
    eve.write("The green one", "k2").await;
}

#[tokio::test]
async fn u09_what_the_customer_ended_or_left_stays_ended() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let refused = async |workitem: &_| match host.amy_reopens(workitem).await {
        Err(AppError::Conflict { cause, .. }) => cause,
        other => panic!("it is refused: {other:?}"),
    };
    eve.write("My lamp hums", "k1").await;
    let first = host.given_to_amy().await;
    eve.ends("k2").await;
    assert_eq!(refused(&first).await, ConflictCause::EndedByCustomer);

    eve.write("It hums again", "k3").await;
    let second = host.given_to_amy().await;
    host.amy_wraps_up(&second).await;
    eve.write("And glows", "k4").await;
    assert_eq!(refused(&second).await, ConflictCause::NewerConversation);

    let third = host.given_to_amy().await;
    host.amy_wraps_up(&third).await;
    eve.is_forgotten().await;
    assert_eq!(refused(&third).await, ConflictCause::CustomerGone);
}
