//! Jobs and deliveries: written with the message, taken once, in each customer's order, ended under their lease, and left alone while
//! their channel pauses.

mod claims;

use server::commands::{
    ChannelDelete, ChannelPause, DeliveriesClaim, DeliveryJob, DeliveryOutcome, DeliveryReport,
    DeliveryRetry, DeliverySettle, DeliverySettled, InboundReceive, ProviderChannelSave, Received,
    Reported, Wish, WorkitemWrapUp,
};
use server::store::rows::{JobRoom, ProviderChannelRow};
use server::store::{Change, Store, Stored, Written};
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::ids::*;
use shared::text::TextLimit;
use shared::time::Timestamp;
use shared::transcript::{EntryBody, WorkitemChange};
use shared::workitem::Channel;

use crate::fixtures::{Fixture, every};
use crate::words::*;

const SECOND: i64 = 1_000_000;

fn number() -> ChannelKey {
    ChannelKey::parse("number").unwrap()
}

impl Fixture {
    /// Team Care can be reached by text message.
    async fn with_number(self) -> Self {
        self.add_number(number(), "+15550006789").await;
        self
    }

    async fn add_number(&self, key: ChannelKey, address: &str) {
        let channel = ProviderChannelRow {
            key,
            kind: "texts".to_owned(),
            name: "Care by text".to_owned(),
            team: team("care"),
            team_name: String::new(),
            address: address.to_owned(),
            settings: Vec::new(),
            text_limit: TextLimit::characters(20),
            answer_window: None,
            active: true,
            version: 0,
            heard_at: None,
        };
        let save = ProviderChannelSave {
            channel,
            create: true,
            secrets: Vec::new(),
            session: None,
            context: self.context(),
        };
        self.store.execute(save).await.unwrap();
    }

    fn inbound(&self, from: &str, message: &str) -> InboundReceive {
        InboundReceive {
            channel: number(),
            as_channel: Channel::Sms,
            message: key(message),
            address: from.to_owned(),
            user_id: None,
            name: from.to_owned(),
            text: Some(said("My router is dead.")),
            files: Vec::new(),
            attachments: Vec::new(),
            wish: None,
            written_at: None,
            identity: format!("customer-{}", self.fresh_key()),
            workitem: WorkitemId::parse(format!("w-{message}")).unwrap(),
            entry: self.fresh_entry(),
            at: self.now(),
        }
    }

    /// A conversation by text that amy has.
    async fn texts_with(&self, from: &str, message: &str) -> WorkitemId {
        self.texts_by(number(), from, message).await
    }

    async fn texts_by(&self, channel: ChannelKey, from: &str, message: &str) -> WorkitemId {
        let inbound = InboundReceive {
            channel,
            ..self.inbound(from, message)
        };
        let id = inbound.workitem.clone();
        let received = self.store.execute(inbound).await.unwrap();
        assert_eq!(received.value, Received::Taken);
        self.assign(&id, "amy").await.unwrap();
        id
    }

    async fn claim(&self, lease: &str, at: Timestamp) -> Vec<DeliveryJob> {
        claim_from(&*self.store, lease, at).await
    }

    async fn settle(&self, job: &DeliveryJob, outcome: DeliveryOutcome) -> Stored<Written<bool>> {
        let settle = DeliverySettle {
            job: job.job.id,
            lease: job.lease.clone(),
            entry: job.entry.clone(),
            outcome,
            pause: None,
            begun: self.now(),
            at: self.now(),
        };
        let written = self.store.execute(settle).await?;
        Ok(Written {
            value: written.value.noted,
            changes: written.changes,
        })
    }

    /// The provider answers at `at` that it is too much: the message waits until a second after the pause.
    async fn throttled(
        &self,
        job: &DeliveryJob,
        at: Timestamp,
        until: Timestamp,
    ) -> DeliverySettled {
        let settle = DeliverySettle {
            job: job.job.id,
            lease: job.lease.clone(),
            entry: job.entry.clone(),
            outcome: DeliveryOutcome::Later {
                run_after: Timestamp(until.0 + SECOND),
                counted: false,
                unsettled: false,
            },
            pause: Some(ChannelPause {
                channel: job.channel.key.clone(),
                until,
            }),
            begun: at,
            at,
        };
        self.store.execute(settle).await.unwrap().value
    }

    /// When the next message is due.
    async fn next(&self) -> Option<Timestamp> {
        let mut rows = self.rows().await;
        rows.job_next_of_any("message_deliver").await.unwrap()
    }

    async fn delivery(&self, workitem: &WorkitemId, entry: &EntryId) -> Option<Delivery> {
        let entries = self.entries(workitem).await;
        let found = entries.into_iter().find(|found| found.id == *entry);
        match found.unwrap().body {
            EntryBody::Message { delivery, .. } => delivery,
            other => panic!("{other:?}"),
        }
    }
}

fn refused() -> DeliveryOutcome {
    DeliveryOutcome::Failed {
        reason: DeliveryReason::Refused,
        code: None,
        unsettled_since: None,
    }
}

fn later() -> Timestamp {
    Timestamp(10_000 * SECOND)
}

/// So many seconds after [`later`].
fn second(seconds: i64) -> Timestamp {
    Timestamp(later().0 + seconds * SECOND)
}

async fn claim_from(store: &dyn Store, lease: &str, at: Timestamp) -> Vec<DeliveryJob> {
    let claim = DeliveriesClaim {
        lease: lease.to_owned(),
        at,
        until: Timestamp(at.0 + 60 * SECOND),
        room: JobRoom {
            share: 10,
            ..JobRoom::default()
        },
    };
    store.execute(claim).await.unwrap().value
}

fn texts(jobs: &[DeliveryJob]) -> Vec<&str> {
    jobs.iter().map(|job| job.text.as_str()).collect()
}

fn sent() -> DeliveryOutcome {
    DeliveryOutcome::Sent {
        id: "SM1".to_owned(),
        maybe_twice: false,
    }
}

#[tokio::test]
async fn a_message_is_queued_with_its_job_and_first_answers_stay_the_same() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        let message = fixture.answer(&workitem, "amy", "Which router?");
        let first = fixture.store.execute(message.clone()).await.unwrap();
        let entry = first.value.entry.id.clone();
        let queued = Some(Delivery::of(DeliveryState::Queued));
        assert_eq!(fixture.delivery(&workitem, &entry).await, queued);
        let jobs = fixture.claim("a", later()).await;
        assert_eq!(
            (texts(&jobs), jobs[0].to.as_str()),
            (vec!["Which router?"], "+1555")
        );
        assert!(fixture.settle(&jobs[0], sent()).await.unwrap().value);
        let repeated = fixture.store.execute(message).await.unwrap();
        assert_eq!(repeated.value, first.value, "as it was when it was said");
        assert!(
            fixture.claim("b", later()).await.is_empty(),
            "and no job again"
        );
        // A chat has neither.
        let chat = fixture.chat_of("amy", "v1").await;
        let said = fixture
            .agent_says(&chat, "amy", "Hello, and welcome to this chat")
            .await;
        let entry = said.unwrap().value.entry.id;
        assert_eq!(fixture.delivery(&chat, &entry).await, None);
        assert!(fixture.claim("c", later()).await.is_empty());
    }
}

#[tokio::test]
async fn with_its_channel_ends_what_waits_and_what_is_under_way_when_it_would_be_taken_again() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let other = ChannelKey::parse("other").unwrap();
        fixture.add_number(other.clone(), "+15550006790").await;
        let answered = async |workitem: &WorkitemId| {
            let message = fixture.answer(workitem, "amy", "Which router?");
            let written = fixture.store.execute(message).await.unwrap();
            written.value.entry.id
        };
        let waits = fixture.texts_with("+1555", "m1").await;
        let waiting = answered(&waits).await;
        let elsewhere = fixture.texts_by(other, "+1556", "m2").await;
        let stays = answered(&elsewhere).await;
        let under_way = fixture.texts_with("+1557", "m3").await;
        let taken = fixture.claim("a", later()).await;
        assert_eq!(taken.len(), 2, "of each channel");
        let held = answered(&under_way).await;
        let held_job = fixture.claim("b", later()).await.remove(0);
        assert_eq!(held_job.entry, held);
        for job in &taken {
            let back = DeliveryOutcome::Later {
                run_after: second(600),
                counted: false,
                unsettled: false,
            };
            assert!(fixture.settle(job, back).await.unwrap().value);
        }
        for workitem in [&waits, &under_way] {
            fixture.wrap_up(workitem, "amy").await.unwrap();
            fixture.close(workitem, "amy").await.unwrap();
        }

        let delete = ChannelDelete {
            channel: number(),
            context: fixture.context(),
        };
        let deleted = fixture.store.execute(delete).await.unwrap();
        assert!(!deleted.changes.is_empty(), "who reads it sees it");
        let failed = Some(Delivery::failed(DeliveryReason::NotSetUp, None));
        let queued = Some(Delivery::of(DeliveryState::Queued));
        assert_eq!(fixture.delivery(&waits, &waiting).await, failed);
        assert_eq!(fixture.delivery(&under_way, &held).await, queued);
        assert_eq!(fixture.delivery(&elsewhere, &stays).await, queued);
        let back = DeliveryOutcome::Later {
            run_after: second(601),
            counted: true,
            unsettled: true,
        };
        assert!(fixture.settle(&held_job, back).await.unwrap().value);
        let jobs = fixture.claim("c", second(700)).await;
        assert_eq!(jobs.len(), 1);
        assert_eq!(jobs[0].entry, stays);
        assert_eq!(fixture.delivery(&under_way, &held).await, failed);
        // The number is free, and the channel that had it is nowhere any more.
        let again = ChannelKey::parse("again").unwrap();
        fixture.add_number(again.clone(), "+15550006789").await;
        let mut rows = fixture.rows().await;
        let at = rows.provider_channel_at("texts", "+15550006789").await;
        assert_eq!(at.unwrap(), Some(again));
        assert!(
            rows.provider_channel_find(&number())
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(rows.provider_channel_list().await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn what_is_too_long_for_the_channel_is_refused_and_leaves_no_job() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        let long = fixture.agent_says(&workitem, "amy", &"x".repeat(21)).await;
        assert_eq!(invalid(long), "text");
        assert!(fixture.claim("a", later()).await.is_empty());
        assert_eq!(fixture.frames(&workitem).await.len(), 1);
    }
}

#[tokio::test]
async fn a_forwarded_coaching_message_goes_the_same_way_once() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        fixture.monitor(&workitem, "sam").await.unwrap();
        let advice = fixture.coach(&workitem, "sam", "Ask for the name").await;
        let advice = advice.unwrap().value.entry.id;
        for _ in 0..2 {
            fixture.forward(&workitem, &advice, "amy").await.unwrap();
        }
        let jobs = fixture.claim("a", later()).await;
        assert_eq!(texts(&jobs), ["Ask for the name"]);
    }
}

#[tokio::test]
async fn a_report_goes_forward_only_and_belongs_to_its_channel() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        let entry = fixture.agent_says(&workitem, "amy", "one").await;
        let entry = entry.unwrap().value.entry.id;
        let job = fixture.claim("a", later()).await.remove(0);
        let report = |channel: &str, state| DeliveryReport {
            channel: ChannelKey::parse(channel).unwrap(),
            about: Reported::Numbered {
                identity: job.identity.clone(),
                number: job.number,
                provider_id: "SM1".to_owned(),
            },
            delivery: Delivery::of(state),
            at: fixture.now(),
        };
        let noted = fixture
            .store
            .execute(report("care", DeliveryState::Read))
            .await;
        assert!(!noted.unwrap().value, "another channel's");
        for (state, expected) in [
            (DeliveryState::Delivered, DeliveryState::Delivered),
            (DeliveryState::Sent, DeliveryState::Delivered),
            (DeliveryState::Read, DeliveryState::Read),
        ] {
            let noted = fixture.store.execute(report("number", state)).await;
            assert!(noted.unwrap().value);
            let delivery = fixture.delivery(&workitem, &entry).await;
            assert_eq!(delivery, Some(Delivery::of(expected)));
        }
        // It was taken: nobody sends it again.
        assert!(!fixture.settle(&job, sent()).await.unwrap().value);
        assert!(
            fixture
                .claim("b", Timestamp(later().0 * 2))
                .await
                .is_empty()
        );
    }
}

/// Lists say of a workitem that a message did not arrive, and hear of it when that changes and not else.
#[tokio::test]
async fn a_workitem_is_marked_until_what_failed_or_something_later_arrives() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        let marked = async || {
            let mut rows = fixture.rows().await;
            let row = rows.workitem_find(&workitem).await.unwrap().unwrap();
            let alone = rows.workitem_undelivered(&workitem).await.unwrap();
            assert_eq!(row.workitem.undelivered(), alone);
            alone
        };
        let listed = |changes: &[Change]| changes.contains(&Change::Agent(user("amy")));
        let arrives = async |job: &DeliveryJob| {
            let report = DeliveryReport {
                channel: number(),
                about: Reported::Numbered {
                    identity: job.identity.clone(),
                    number: job.number,
                    provider_id: "SM1".to_owned(),
                },
                delivery: Delivery::of(DeliveryState::Delivered),
                at: fixture.now(),
            };
            fixture.store.execute(report).await.unwrap().changes
        };
        let again = async |entry: &EntryId| {
            let retry = DeliveryRetry {
                workitem: workitem.clone(),
                agent: user("amy"),
                entry: entry.clone(),
                context: fixture.context_of("amy"),
            };
            fixture.store.execute(retry).await.unwrap().changes
        };

        let first = fixture.agent_says(&workitem, "amy", "one").await;
        let first = first.unwrap().value.entry.id;
        assert!(!marked().await);
        let job = fixture.claim("a", later()).await.remove(0);
        let failed = fixture.settle(&job, refused()).await.unwrap();
        assert!(marked().await && listed(&failed.changes));
        // On its way is not there.
        fixture.agent_says(&workitem, "amy", "two").await.unwrap();
        let job = fixture.claim("b", later()).await.remove(0);
        let taken = fixture.settle(&job, sent()).await.unwrap();
        assert!(marked().await && !listed(&taken.changes));
        let arrived = arrives(&job).await;
        assert!(!marked().await && listed(&arrived));

        // Sent again it waits, and is marked again when it fails again.
        let last = fixture.agent_says(&workitem, "amy", "three").await;
        let last = last.unwrap().value.entry.id;
        for lease in ["c", "d"] {
            let job = fixture.claim(lease, later()).await.remove(0);
            fixture.settle(&job, refused()).await.unwrap();
            assert!(marked().await);
            let queued = again(&last).await;
            assert!(!marked().await && listed(&queued));
        }
        let job = fixture.claim("e", later()).await.remove(0);
        fixture.settle(&job, sent()).await.unwrap();
        let arrived = arrives(&job).await;
        assert!(!marked().await && !listed(&arrived));
        // What was said before it does not count any more.
        again(&first).await;
        let job = fixture.claim("f", later()).await.remove(0);
        fixture.settle(&job, refused()).await.unwrap();
        assert!(!marked().await);
        // Nor does what another customer lacks.
        let other = fixture.texts_with("+1666", "m2").await;
        fixture.agent_says(&other, "amy", "four").await.unwrap();
        let job = fixture.claim("g", later()).await.remove(0);
        fixture.settle(&job, refused()).await.unwrap();
        assert!(!marked().await);
    }
}

#[tokio::test]
async fn a_row_says_that_its_customer_wants_no_messages_while_the_conversation_goes_on() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        let says = async |message: &str, wish| {
            let inbound = InboundReceive {
                wish: Some(wish),
                ..fixture.inbound("+1555", message)
            };
            fixture.store.execute(inbound).await.unwrap().changes
        };
        // The last one that everybody who follows it gets.
        let stopped = |changes: &[Change]| {
            let row = changes.iter().rev().find_map(|change| match change {
                Change::Workitem {
                    change: WorkitemChange::Workitem(row),
                    ..
                } => Some(row),
                _ => None,
            });
            row.unwrap().limits.as_ref().unwrap().stopped
        };
        assert!(stopped(&says("m2", Wish::Stop).await));
        fixture.wrap_up(&workitem, "amy").await.unwrap();
        let reopened = fixture.reopen(&workitem, "amy").await.unwrap();
        assert!(stopped(&reopened.changes));
        assert!(!stopped(&says("m3", Wish::Start).await));
    }
}
