//! Days that are over are counted once. Whatever happens to their conversations afterwards, figures are those of the conversations.

use std::collections::BTreeMap;

use server::commands::{DayKeep, RetentionStep, WorkitemReopen};
use server::store::rows::{
    ChangedDay, ConversationFigures, ConversationMeasure, Counted, LabelFigure,
};
use shared::ids::WorkitemId;
use shared::labels::LabelKind;
use shared::workitem::Channel;

use crate::analytics::{change_at, close, import, second, wrap_up};
use crate::dice::{Dice, seed};
use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

const DAY_S: i64 = 86_400;
/// How many days have conversations.
const DAYS: i64 = 4;

/// Figures as they can be added and compared: beginnings, channels, and times with how often each came.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    begun: BTreeMap<i64, i64>,
    channels: BTreeMap<&'static str, i64>,
    times: BTreeMap<(&'static str, ConversationMeasure, i64), i64>,
    labels: BTreeMap<String, i64>,
}

impl Sums {
    fn add(&mut self, (figures, labels): (ConversationFigures, Vec<LabelFigure>)) {
        for figure in labels {
            *self.labels.entry(figure.label.name).or_default() += figure.count;
        }
        for quarter in figures.begun {
            *self.begun.entry(quarter.start.0).or_default() += quarter.count;
        }
        for (channel, count) in figures.channels {
            *self.channels.entry(channel.code()).or_default() += count;
        }
        for time in figures.times {
            let key = (time.channel.code(), time.measure, time.seconds);
            *self.times.entry(key).or_default() += time.count;
        }
    }
}

async fn figures(
    fixture: &Fixture,
    from: i64,
    until: i64,
) -> (ConversationFigures, Vec<LabelFigure>) {
    let of = Counted {
        teams: vec![team("care"), team("sales")],
        from: second(from),
        until: second(until),
    };
    let mut rows = fixture.rows().await;
    let figures = rows.conversations_counted(&of).await.unwrap();
    (figures, rows.labels_counted(&of).await.unwrap())
}

/// The figures of all days, which come from what is kept where it can be; and those of all half days, which never do.
async fn both(fixture: &Fixture) -> (Sums, Sums) {
    let (mut kept, mut counted) = (Sums::default(), Sums::default());
    // Neither end is one of a day.
    let (from, until) = (-DAY_S / 4, (DAYS + 1) * DAY_S + DAY_S / 4);
    kept.add(figures(fixture, from, until).await);
    let mut at = from;
    while at < until {
        counted.add(figures(fixture, at, at + DAY_S / 2).await);
        at += DAY_S / 2;
    }
    (kept, counted)
}

async fn changed(fixture: &Fixture) -> Option<ChangedDay> {
    let changed = fixture.rows().await.changed_day(DAYS + 100).await;
    changed.unwrap()
}

/// Counts every day that has changed.
async fn count_days(fixture: &Fixture) {
    while let Some(changed) = changed(fixture).await {
        let kept = fixture.store.execute(DayKeep { changed }).await.unwrap();
        assert!(kept.value, "nobody else changes anything");
    }
}

async fn closed(fixture: &Fixture, id: &str, began: i64) -> WorkitemId {
    let messages = [(true, began), (false, began + 20)];
    let given = Some(("amy", began + 10));
    let workitem = import(fixture, (id, Channel::Email), given, &messages).await;
    wrap_up(fixture, &workitem, "amy", began + 40).await;
    close(fixture, &workitem, "amy", began + 60).await;
    workitem
}

/// A conversation of some day: open, in wrap-up, closed soon or days later, reopened on its way.
async fn lived(fixture: &Fixture, dice: &mut Dice, number: u64) {
    let mut below = |bound: i64| i64::try_from(dice.below(bound.unsigned_abs())).unwrap();
    let began = below(DAYS * DAY_S);
    let agent = ["amy", "ben"][usize::try_from(below(2)).unwrap()];
    let channel =
        [Channel::Email, Channel::Phone, Channel::Sms][usize::try_from(below(3)).unwrap()];
    let mut messages = vec![(true, began)];
    if below(4) > 0 {
        messages.push((false, began + below(4_000)));
    }
    let id = format!("lived-{number}");
    let given = Some((agent, began + below(600)));
    let workitem = import(fixture, (&id, channel), given, &messages).await;
    for label in ["Router", "Angry"] {
        if below(3) == 0 {
            fixture.label(&workitem, agent, label, true).await.unwrap();
        }
    }
    let mut at = began + 4_000;
    // Who writes by SMS can come back only by a provider, and none carries this.
    let reopened = if channel == Channel::Sms { 0 } else { below(3) };
    for _ in 0..reopened {
        at += below(DAY_S);
        wrap_up(fixture, &workitem, agent, at).await;
        at += below(60);
        let again = change_at(fixture, &workitem, agent, at);
        fixture.store.execute(WorkitemReopen(again)).await.unwrap();
    }
    if below(5) > 0 {
        at += below(600);
        wrap_up(fixture, &workitem, agent, at).await;
        at += below(DAY_S);
        close(fixture, &workitem, agent, at).await;
    }
    if below(3) == 0 {
        fixture.label(&workitem, "sam", "Late", true).await.unwrap();
    }
}

#[tokio::test]
async fn days_that_are_kept_have_the_figures_of_their_conversations_whatever_happens_to_them() {
    let seed = seed();
    for fixture in every().await {
        let mut dice = Dice::of(seed);
        for name in ["Router", "Angry", "Late"] {
            fixture.add(LabelKind::Tag, name, None).await.unwrap();
        }
        for number in 0..24 {
            lived(&fixture, &mut dice, number).await;
            if dice.below(4) == 0 {
                count_days(&fixture).await;
                assert_eq!(changed(&fixture).await, None);
                assert_eq!(fixture.findings().await, []);
            }
            if dice.below(4) == 0 {
                let (kept, counted) = both(&fixture).await;
                assert_eq!(kept, counted);
            }
        }
        // At least one is closed, and stays.
        closed(&fixture, "closed", DAY_S + 5).await;
        count_days(&fixture).await;
        let (kept, counted) = both(&fixture).await;
        assert_eq!(kept, counted);
        assert!(kept.channels.values().sum::<i64>() >= 25);
    }
}

#[tokio::test]
async fn a_day_loses_what_retention_deletes() {
    for fixture in every().await {
        for (id, began) in [("one", 100), ("two", DAY_S + 100)] {
            closed(&fixture, id, began).await;
        }
        count_days(&fixture).await;
        assert_eq!(both(&fixture).await.0.channels[Channel::Email.code()], 2);
        fixture.set(&[setting("retention_work_days", 1)]).await;
        let later = RetentionStep {
            at: second(2 * DAY_S + 110),
        };
        while fixture
            .store
            .execute(later.clone())
            .await
            .unwrap()
            .value
            .workitems
            > 0
        {}
        let (kept, counted) = both(&fixture).await;
        assert_eq!(kept, counted, "before it is counted again");
        count_days(&fixture).await;
        let (kept, counted) = both(&fixture).await;
        assert_eq!(kept, counted);
        assert_eq!(kept.channels[Channel::Email.code()], 1);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn what_changed_after_a_day_was_counted_is_not_lost() {
    for fixture in every().await {
        closed(&fixture, "before", 100).await;
        let counted_before = changed(&fixture).await.expect("a day");
        closed(&fixture, "meanwhile", 200).await;
        // What was counted is kept, and the day is still one that has changed.
        let keep = DayKeep {
            changed: counted_before.clone(),
        };
        assert!(fixture.store.execute(keep.clone()).await.unwrap().value);
        assert!(changed(&fixture).await.is_some());
        let (kept, counted) = both(&fixture).await;
        assert_eq!(kept, counted);
        // Somebody who counted earlier comes too late.
        count_days(&fixture).await;
        assert!(!fixture.store.execute(keep).await.unwrap().value);
        let (kept, counted) = both(&fixture).await;
        assert_eq!(kept, counted);
        assert_eq!(kept.channels[Channel::Email.code()], 2);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn a_day_with_many_changes_is_counted_in_steps() {
    let fixture = every().await.pop().expect("a fixture");
    for number in 0..520 {
        closed(&fixture, &format!("many-{number}"), number).await;
    }
    let Some(ChangedDay::Crowded(day)) = changed(&fixture).await else {
        panic!("it is crowded");
    };
    assert_eq!((day.team, day.day), (team("care"), 0));
    count_days(&fixture).await;
    let (kept, counted) = both(&fixture).await;
    assert_eq!(kept, counted);
    assert_eq!(kept.channels[Channel::Email.code()], 520);
    assert_eq!(fixture.findings().await, []);
}

#[tokio::test]
async fn a_day_that_is_not_over_is_not_counted() {
    for fixture in every().await {
        closed(&fixture, "today", DAY_S + 100).await;
        let before = |day| {
            let rows = fixture.rows();
            async move { rows.await.changed_day(day).await.unwrap() }
        };
        assert_eq!(before(1).await, None);
        assert!(before(2).await.is_some());
    }
}
