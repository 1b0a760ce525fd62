use leptos::prelude::Owner;

use super::*;

fn owned_by<O>(run: impl FnOnce() -> O) -> (O, Owner) {
    let owner = Owner::new();
    (owner.with(run), owner)
}

#[test]
fn a_change_while_somebody_reads_does_not_reach_what_is_read() {
    let (signal, _owner) = owned_by(|| RwSignal::new(vec![1]));
    signal.with_untracked(|before| {
        signal.update(|now| now.push(2));
        assert_eq!(before, &[1]);
    });
    assert_eq!(signal.get_untracked(), [1, 2]);
}

#[test]
fn a_memo_is_the_same_until_its_value_is_another() {
    let ((signal, runs), _owner) = owned_by(|| {
        let (signal, runs) = (RwSignal::new(1), StoredValue::new(0));
        let odd = Memo::new(move |_| signal.get() % 2 == 1);
        let words = Memo::new(move |before: Option<&String>| {
            runs.update_value(|runs| *runs += 1);
            let word = if odd.get() { "odd" } else { "even" };
            [before.map_or("", |before| before), word].concat()
        });
        assert_eq!(words.get_untracked(), "odd");
        signal.set(3);
        assert_eq!(words.get_untracked(), "odd");
        signal.set(4);
        assert_eq!(words.get_untracked(), "oddeven");
        (signal, runs)
    });
    assert_eq!((signal.get_untracked(), runs.get_value()), (4, 2));
}

#[test]
fn what_is_gone_says_so_and_takes_nothing() {
    let (_, outer) = owned_by(|| ());
    outer.with(|| {
        let inner = outer.child();
        let (signal, stored) = inner.with(|| (RwSignal::new(1), StoredValue::new(2)));
        inner.cleanup();
        assert!(signal.is_disposed());
        assert_eq!(signal.try_get_untracked(), None);
        assert!(!signal.try_set(3));
        assert_eq!(signal.try_update(|value| *value), None);
        assert_eq!(stored.try_get_value(), None);
    });
}

#[test]
fn a_signal_is_made_of_anything_that_can_be_read() {
    let (_, _owner) = owned_by(|| {
        let written = RwSignal::new("a".to_owned());
        let all: [Signal<String>; 4] = [
            written.into(),
            Memo::new(move |_| written.get()).into(),
            "a".into(),
            Signal::derive(move || written.get()),
        ];
        assert!(all.iter().all(|signal| signal.get_untracked() == "a"));
    });
}
