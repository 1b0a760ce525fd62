//! Coaching that helped is offered again: in conversations like the one in which it did, to those who may read that one.

use server::queries;
use server::store::{StoreError, Stored};
use shared::assistance::Template;
use shared::ids::WorkitemId;
use shared::transcript::Reaction;
use shared::workitem::TransferTo;

use crate::fixtures::*;
use crate::words::*;

impl Fixture {
    /// What is offered to somebody who coaches in a workitem.
    async fn helped(&self, workitem: &WorkitemId, who: &str) -> Stored<Vec<String>> {
        let mut rows = self.searched().await;
        let helped = queries::helped_before(&mut *rows, &user(who), workitem).await?;
        Ok(helped.into_iter().map(|(helped, _)| helped.text).collect())
    }

    /// A chat of amy's that begins so, in which sam has coached.
    async fn coached_about(&self, visitor: &str, words: &str, tip: &str) -> WorkitemId {
        let sent = self.customer_says(visitor, words).await;
        let chat = sent.value.workitem;
        self.assign(&chat, "amy").await.unwrap();
        self.monitor(&chat, "sam").await.unwrap();
        self.coach(&chat, "sam", tip).await.unwrap();
        chat
    }

    async fn liked(&self, chat: &WorkitemId) {
        let entries = self.entries(chat).await;
        let tip = entries.last().unwrap().id.clone();
        let up = Some(Reaction::ThumbsUp);
        let context = self.context_of("amy");
        self.react(chat, "amy", &tip, up, context).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_liked_or_forwarded_is_offered_where_the_same_is_talked_of() {
    for fixture in every().await {
        let begin =
            async |who: &str, words: &str, tip: &str| fixture.coached_about(who, words, tip).await;
        let liked = begin("one", "My router blinks red", "Ask for the serial number.").await;
        fixture.liked(&liked).await;
        let twice = begin(
            "two",
            "The router blinks red again",
            "Ask for the serial number.",
        )
        .await;
        fixture.liked(&twice).await;
        let sofa = begin("three", "The sofa is broken", "Offer a refund.").await;
        fixture.liked(&sofa).await;
        begin("four", "My router is red", "Say nothing.").await;
        let now = fixture
            .customer_says("five", "Why is my router blinking?")
            .await;
        let now = now.value.workitem;
        fixture.assign(&now, "ben").await.unwrap();
        let offered = fixture.helped(&now, "sam").await.unwrap();
        assert_eq!(offered, ["Ask for the serial number."]);
        assert_eq!(fixture.helped(&liked, "sam").await.unwrap(), offered);
        for who in ["amy", "ben", "sid", "ada"] {
            let refused = fixture.helped(&now, who).await;
            assert!(
                matches!(
                    refused,
                    Err(StoreError::NotFound | StoreError::Refused { .. })
                ),
                "{who}: {refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_stays_with_another_team_is_not_offered() {
    for fixture in every().await {
        let words = "My router blinks red";
        let gone = fixture
            .coached_about("one", words, "Ask for the number.")
            .await;
        fixture.liked(&gone).await;
        let now = fixture.customer_says("two", words).await.value.workitem;
        fixture.assign(&now, "amy").await.unwrap();
        assert_eq!(fixture.helped(&now, "sam").await.unwrap().len(), 1);
        let change = fixture.state_change(&gone, "amy");
        let to = handed(TransferTo::Team(team("sales")));
        fixture.transfer(change, to).await.unwrap();
        assert_eq!(fixture.helped(&now, "sam").await.unwrap(), [""; 0]);
    }
}

#[tokio::test]
async fn what_the_customer_wrote_later_makes_conversations_alike() {
    for fixture in every().await {
        let chat = fixture
            .coached_about("one", "Good morning!", "Ask for the number.")
            .await;
        fixture.liked(&chat).await;
        let now = fixture
            .customer_says("two", "The router is dead")
            .await
            .value;
        let now = now.workitem;
        fixture.assign(&now, "ben").await.unwrap();
        assert_eq!(fixture.helped(&now, "sam").await.unwrap(), [""; 0]);
        let (entry, key) = (fixture.fresh_entry(), fixture.fresh_key());
        fixture
            .customer_answers(&chat, "It is my ROUTER that blinks", entry, key)
            .await
            .unwrap();
        let offered = fixture.helped(&now, "sam").await.unwrap();
        assert_eq!(offered, ["Ask for the number."]);
    }
}

#[tokio::test]
async fn what_helped_where_the_same_was_asked_is_offered_while_the_request_is_open() {
    for fixture in every().await {
        let refund = fixture.add_template("refund", "May I refund it?").await;
        let other = fixture.add_template("other", "I need help.").await;
        let ask = async |agent: &str, template: &Template, chat: &WorkitemId| {
            let recipient = if agent == "cleo" { "sid" } else { "sam" };
            fixture
                .raise_hand(agent, template, &[recipient], Some(chat.clone()))
                .await
                .unwrap();
        };
        let before = fixture.customer_says("one", "The sofa is broken").await;
        let before = before.value.workitem;
        fixture.assign(&before, "amy").await.unwrap();
        ask("amy", &refund, &before).await;
        fixture.monitor(&before, "sam").await.unwrap();
        fixture
            .coach(&before, "sam", "Yes, in full.")
            .await
            .unwrap();
        fixture.liked(&before).await;
        // The same was asked in another team, and it helped there.
        let sold = fixture.customer_says("two", "Which lamp fits?").await;
        let sold = sold.value.workitem;
        fixture.assign(&sold, "amy").await.unwrap();
        let change = fixture.state_change(&sold, "amy");
        let to = handed(TransferTo::Agent(user("cleo")));
        fixture.transfer(change, to).await.unwrap();
        ask("cleo", &refund, &sold).await;
        fixture.monitor(&sold, "sid").await.unwrap();
        fixture.coach(&sold, "sid", "Never.").await.unwrap();
        let tip = fixture.entries(&sold).await.last().unwrap().id.clone();
        let (up, context) = (Some(Reaction::ThumbsUp), fixture.context_of("cleo"));
        fixture
            .react(&sold, "cleo", &tip, up, context)
            .await
            .unwrap();

        let now = fixture
            .customer_says("three", "My parcel is late")
            .await
            .value;
        let now = now.workitem;
        fixture.assign(&now, "ben").await.unwrap();
        assert_eq!(fixture.helped(&now, "sam").await.unwrap(), [""; 0]);
        ask("ben", &other, &now).await;
        assert_eq!(fixture.helped(&now, "sam").await.unwrap(), [""; 0]);
        ask("ben", &refund, &now).await;
        let offered = fixture.helped(&now, "sam").await.unwrap();
        assert_eq!(offered, ["Yes, in full."]);
        fixture.monitor(&now, "sam").await.unwrap();
        fixture.coach(&now, "sam", "I look into it.").await.unwrap();
        assert_eq!(fixture.helped(&now, "sam").await.unwrap(), [""; 0]);
    }
}
