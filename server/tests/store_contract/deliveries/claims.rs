//! Taking jobs: how many, in which order, and while a channel pauses.

use super::*;

#[tokio::test]
async fn two_who_take_get_different_jobs_and_a_customers_second_waits_for_the_first() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let one = fixture.texts_with("+1555", "m1").await;
        let other = fixture.texts_with("+1666", "m2").await;
        for (workitem, text) in [(&one, "one"), (&one, "two"), (&other, "three")] {
            fixture.agent_says(workitem, "amy", text).await.unwrap();
        }
        let first = fixture.claim("a", later()).await;
        assert_eq!(texts(&first), ["one", "three"]);
        assert!(fixture.claim("b", later()).await.is_empty());
        assert!(fixture.settle(&first[1], sent()).await.unwrap().value);
        assert!(
            fixture.claim("c", later()).await.is_empty(),
            "the first is not done"
        );
        assert!(fixture.settle(&first[0], sent()).await.unwrap().value);
        assert_eq!(texts(&fixture.claim("d", later()).await), ["two"]);
        // The order is the customer's, not the conversation's.
        let third = fixture.agent_says(&one, "amy", "four").await;
        third.unwrap();
        let end = fixture.state_change(&one, "amy");
        fixture.store.execute(WorkitemWrapUp(end)).await.unwrap();
        let again = fixture.texts_with("+1555", "m3").await;
        fixture.agent_says(&again, "amy", "five").await.unwrap();
        assert!(
            fixture.claim("e", later()).await.is_empty(),
            "two is on its way"
        );
    }
}

#[tokio::test]
async fn no_more_of_a_channel_is_taken_than_it_has_room_for() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        for from in ["+1555", "+1666", "+1777"] {
            let workitem = fixture.texts_with(from, &format!("m{}", &from[1..])).await;
            fixture.agent_says(&workitem, "amy", from).await.unwrap();
        }
        let claim = async |lease: &str, busy: &[(&str, i64)]| {
            let busy = busy
                .iter()
                .map(|(pool, count)| ((*pool).to_owned(), *count));
            let claim = DeliveriesClaim {
                lease: lease.to_owned(),
                at: later(),
                until: Timestamp(later().0 + 60 * SECOND),
                room: JobRoom {
                    share: 2,
                    busy: busy.collect(),
                },
            };
            fixture.store.execute(claim).await.unwrap().value
        };
        assert!(claim("a", &[("number", 2)]).await.is_empty());
        let one = claim("b", &[("number", 1), ("another", 2)]).await;
        assert_eq!(texts(&one), ["+1555"]);
        assert_eq!(texts(&claim("c", &[]).await), ["+1666", "+1777"]);
    }
}

#[tokio::test]
async fn a_late_worker_does_not_overwrite_a_newer_one() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        let entry = fixture.agent_says(&workitem, "amy", "one").await;
        let entry = entry.unwrap().value.entry.id;
        let slow = fixture.claim("slow", later()).await.remove(0);
        assert_eq!((slow.job.attempts, slow.job.unsettled), (1, false));
        let after = Timestamp(later().0 + 61 * SECOND);
        let quick = fixture.claim("quick", after).await.remove(0);
        assert_eq!((quick.job.attempts, quick.job.unsettled), (2, true));
        let failed = DeliveryOutcome::Failed {
            reason: DeliveryReason::Refused,
            code: Some(1),
            unsettled_since: None,
        };
        assert!(!fixture.settle(&slow, failed.clone()).await.unwrap().value);
        let queued = Some(Delivery::of(DeliveryState::Queued));
        assert_eq!(fixture.delivery(&workitem, &entry).await, queued);
        assert!(fixture.settle(&quick, sent()).await.unwrap().value);
        assert!(!fixture.settle(&slow, failed).await.unwrap().value);
        assert!(
            !fixture.settle(&quick, sent()).await.unwrap().value,
            "it is done"
        );
        let done = Some(Delivery::of(DeliveryState::Sent));
        assert_eq!(fixture.delivery(&workitem, &entry).await, done);
    }
}

#[tokio::test]
async fn a_job_that_is_given_back_waits_and_counts_what_was_an_attempt() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        fixture.agent_says(&workitem, "amy", "one").await.unwrap();
        let mut at = later();
        for (counted, unsettled, attempts) in [(true, false, 1), (false, false, 2), (true, true, 2)]
        {
            let job = fixture.claim("lease", at).await.remove(0);
            assert_eq!((job.job.attempts, job.job.unsettled), (attempts, false));
            at = Timestamp(at.0 + 5 * SECOND);
            let back = DeliveryOutcome::Later {
                run_after: at,
                counted,
                unsettled,
            };
            assert!(fixture.settle(&job, back).await.unwrap().value);
            let before = Timestamp(at.0 - 1);
            assert!(fixture.claim("early", before).await.is_empty());
            assert_eq!(fixture.next().await, Some(at));
        }
        let job = fixture.claim("last", at).await.remove(0);
        assert_eq!((job.job.attempts, job.job.unsettled), (3, true));
    }
}

/// A pause is in the database, so it holds for another process, and for the same one when it starts again.
#[tokio::test]
async fn nothing_of_a_channel_that_pauses_is_taken_before_the_end() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let other = ChannelKey::parse("other").unwrap();
        fixture.add_number(other.clone(), "+15550001111").await;
        let mut of = Vec::new();
        for (from, text) in [("+1555", "one"), ("+1666", "two"), ("+1777", "three")] {
            let workitem = fixture.texts_with(from, &format!("m{}", &from[1..])).await;
            fixture.agent_says(&workitem, "amy", text).await.unwrap();
            of.push(workitem);
        }
        let taken = fixture.claim("a", later()).await;
        assert_eq!(texts(&taken), ["one", "two", "three"]);
        let settled = fixture.throttled(&taken[0], later(), second(90)).await;
        assert_eq!((settled.noted, settled.pause_begins), (true, true));
        // It becomes no shorter.
        let settled = fixture.throttled(&taken[1], second(1), second(30)).await;
        assert_eq!((settled.noted, settled.pause_begins), (true, false));
        // What is on its way is left alone.
        assert!(fixture.settle(&taken[2], sent()).await.unwrap().value);
        fixture.agent_says(&of[2], "amy", "four").await.unwrap();
        assert_eq!(fixture.next().await, Some(second(90)));
        let before = Timestamp(second(90).0 - 1);
        assert!(fixture.claim("b", before).await.is_empty());
        // Another channel's.
        let beside = fixture.texts_by(other, "+1555", "m4").await;
        fixture.agent_says(&beside, "amy", "five").await.unwrap();
        assert!(fixture.next().await.is_some_and(|next| next < later()));
        let taken = fixture.claim("c", second(2)).await;
        assert_eq!(texts(&taken), ["five"]);
        assert!(fixture.settle(&taken[0], sent()).await.unwrap().value);

        let (store, _place) = fixture.reopened().await;
        assert!(claim_from(&*store, "d", before).await.is_empty());
        let taken = claim_from(&*store, "e", second(90)).await;
        assert_eq!(texts(&taken), ["four", "two"]);
        let taken = claim_from(&*store, "f", second(91)).await;
        assert_eq!(texts(&taken), ["one"]);
    }
}

#[tokio::test]
async fn a_pause_counts_although_the_job_was_lost_and_another_one_begins_after_it() {
    for fixture in every().await {
        let fixture = fixture.with_number().await;
        let workitem = fixture.texts_with("+1555", "m1").await;
        fixture.agent_says(&workitem, "amy", "one").await.unwrap();
        let slow = fixture.claim("slow", later()).await.remove(0);
        let quick = fixture.claim("quick", second(61)).await.remove(0);
        let settled = fixture.throttled(&slow, second(62), second(100)).await;
        assert_eq!((settled.noted, settled.pause_begins), (false, true));
        // Longer, and then over.
        let settled = fixture.throttled(&quick, second(63), second(200)).await;
        assert_eq!((settled.noted, settled.pause_begins), (true, false));
        assert!(fixture.claim("early", second(199)).await.is_empty());
        assert_eq!(fixture.next().await, Some(second(201)));
        let again = fixture.claim("again", second(201)).await.remove(0);
        let settled = fixture.throttled(&again, second(202), second(210)).await;
        assert_eq!((settled.noted, settled.pause_begins), (true, true));
        assert!(fixture.claim("early", second(210)).await.is_empty());
        assert_eq!(texts(&fixture.claim("last", second(211)).await), ["one"]);
    }
}
