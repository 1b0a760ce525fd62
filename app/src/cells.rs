//! Signals, memos, effects: leptos' own, compiled once instead of once for every type that is kept in them.
//!
//! Leptos instantiates its whole reactive machinery for each type and each closure, and that was a third of what a
//! browser had to load. Here the value lies behind one erased type; what is compiled anew for a type is a cast. The
//! methods are named and behave as leptos' do; [`crate::prelude`] puts these in their place. What is missing here
//! was not needed yet.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::reactive::effect::EffectFunction;

type Value = Arc<dyn Any + Send + Sync>;
/// `None` only while a value is being changed.
type Place = Option<Value>;

/// Why a cast cannot fail: a cell is made with the type that it is read with.
const ONE_TYPE: &str = "a cell keeps its type";

fn cast<T: 'static>(value: &Value) -> &T {
    value.downcast_ref().expect(ONE_TYPE)
}

/// The value to change in place; a copy where somebody still reads the old one.
fn owned<T: Clone + Send + Sync + 'static>(value: &mut Value) -> &mut T {
    if Arc::get_mut(value).is_none() {
        *value = Arc::new(cast::<T>(value).clone());
    }
    Arc::get_mut(value)
        .and_then(|value| value.downcast_mut())
        .expect(ONE_TYPE)
}

fn gone<T>(value: Option<T>) -> T {
    value.expect("read after its owner was disposed of")
}

/// A value that tells who read it when it changes.
pub struct RwSignal<T: 'static>(leptos::prelude::RwSignal<Place>, PhantomData<fn() -> T>);

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

fn signal_new(value: Value) -> leptos::prelude::RwSignal<Place> {
    leptos::prelude::RwSignal::new(Some(value))
}

fn signal_read(signal: leptos::prelude::RwSignal<Place>) -> Place {
    signal.try_get().flatten()
}

fn signal_peek(signal: leptos::prelude::RwSignal<Place>) -> Place {
    signal.try_get_untracked().flatten()
}

fn signal_take(signal: leptos::prelude::RwSignal<Place>) -> Place {
    signal.try_write_untracked()?.take()
}

/// Whether it was still there.
fn signal_put(signal: leptos::prelude::RwSignal<Place>, value: Value, tell: bool) -> bool {
    let Some(mut place) = signal.try_write_untracked() else {
        return false;
    };
    let before = place.replace(value);
    drop(place);
    // What the old value's end sets off may read the signal.
    drop(before);
    if tell {
        signal.notify();
    }
    true
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal that belongs to the current owner.
    pub fn new(value: T) -> Self {
        Self(signal_new(Arc::new(value)), PhantomData)
    }

    /// Reads and tracks.
    pub fn with<O>(&self, read: impl FnOnce(&T) -> O) -> O {
        read(cast(&gone(signal_read(self.0))))
    }

    /// Reads and tracks; `None` when its owner is gone.
    pub fn try_with<O>(&self, read: impl FnOnce(&T) -> O) -> Option<O> {
        signal_read(self.0).map(|value| read(cast(&value)))
    }

    /// Reads.
    pub fn with_untracked<O>(&self, read: impl FnOnce(&T) -> O) -> O {
        read(cast(&gone(signal_peek(self.0))))
    }

    /// Reads; `None` when its owner is gone.
    pub fn try_with_untracked<O>(&self, read: impl FnOnce(&T) -> O) -> Option<O> {
        signal_peek(self.0).map(|value| read(cast(&value)))
    }

    /// Replaces the value and tells.
    pub fn set(&self, value: T) {
        signal_put(self.0, Arc::new(value), true);
    }

    /// Replaces the value and tells; `false` when its owner is gone.
    pub fn try_set(&self, value: T) -> bool {
        signal_put(self.0, Arc::new(value), true)
    }

    /// Tells without a change.
    pub fn notify(&self) {
        self.0.notify();
    }

    /// Tracks without reading.
    pub fn track(&self) {
        self.0.track();
    }

    /// Whether its owner is gone.
    pub fn is_disposed(&self) -> bool {
        self.0.is_disposed()
    }
}

impl<T: Clone + Send + Sync + 'static> RwSignal<T> {
    /// A copy, tracked.
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// A copy, tracked; `None` when its owner is gone.
    pub fn try_get(&self) -> Option<T> {
        self.try_with(T::clone)
    }

    /// A copy.
    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }

    /// A copy; `None` when its owner is gone.
    pub fn try_get_untracked(&self) -> Option<T> {
        self.try_with_untracked(T::clone)
    }

    /// Changes the value and tells.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        self.try_update(change);
    }

    /// Changes the value and tells; `None` when its owner is gone.
    pub fn try_update<O>(&self, change: impl FnOnce(&mut T) -> O) -> Option<O> {
        self.change(change, true)
    }

    /// Changes the value and tells nobody.
    pub fn update_untracked<O>(&self, change: impl FnOnce(&mut T) -> O) -> O {
        gone(self.change(change, false))
    }

    fn change<O>(&self, change: impl FnOnce(&mut T) -> O, tell: bool) -> Option<O> {
        let mut value = signal_take(self.0)?;
        let answer = change(owned(&mut value));
        signal_put(self.0, value, tell);
        Some(answer)
    }
}

/// A value that is computed from others, and tells only when it is another one.
pub struct Memo<T: 'static>(leptos::prelude::Memo<Value>, PhantomData<fn() -> T>);

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

type Compute = Box<dyn Fn(Option<Value>) -> (Value, bool) + Send + Sync>;

fn memo_new(compute: Compute) -> leptos::prelude::Memo<Value> {
    leptos::prelude::Memo::new_owning(compute)
}

fn memo_read(memo: leptos::prelude::Memo<Value>) -> Option<Value> {
    memo.try_get()
}

fn memo_peek(memo: leptos::prelude::Memo<Value>) -> Option<Value> {
    memo.try_get_untracked()
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo that belongs to the current owner.
    pub fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let compute = move |before: Option<Value>| {
            let before = before.as_ref().map(cast::<T>);
            let now = compute(before);
            let changed = before != Some(&now);
            (Arc::new(now) as Value, changed)
        };
        Self(memo_new(Box::new(compute)), PhantomData)
    }
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// Reads and tracks.
    pub fn with<O>(&self, read: impl FnOnce(&T) -> O) -> O {
        read(cast(&gone(memo_read(self.0))))
    }

    /// Reads.
    pub fn with_untracked<O>(&self, read: impl FnOnce(&T) -> O) -> O {
        read(cast(&gone(memo_peek(self.0))))
    }

    /// Tracks without reading.
    pub fn track(&self) {
        self.0.track();
    }
}

impl<T: Clone + Send + Sync + 'static> Memo<T> {
    /// A copy, tracked.
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// A copy.
    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }

    /// A copy; `None` when its owner is gone.
    pub fn try_get_untracked(&self) -> Option<T> {
        memo_peek(self.0).map(|value| cast::<T>(&value).clone())
    }
}

/// Anything that can be read like a signal, for what a component takes.
pub struct Signal<T: 'static>(leptos::prelude::Signal<Value>, PhantomData<fn() -> T>);

impl<T> Clone for Signal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Signal<T> {}

fn signal_derive(read: Box<dyn Fn() -> Value + Send + Sync>) -> leptos::prelude::Signal<Value> {
    leptos::prelude::Signal::derive(read)
}

fn derived_read(signal: leptos::prelude::Signal<Value>) -> Option<Value> {
    signal.try_get()
}

fn derived_peek(signal: leptos::prelude::Signal<Value>) -> Option<Value> {
    signal.try_get_untracked()
}

impl<T: Send + Sync + 'static> Signal<T> {
    /// Computed at every reading.
    pub fn derive(read: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let read = move || Arc::new(read()) as Value;
        Self(signal_derive(Box::new(read)), PhantomData)
    }

    /// Always the same.
    pub fn stored(value: T) -> Self {
        let value: Value = Arc::new(value);
        Self(signal_derive(Box::new(move || value.clone())), PhantomData)
    }

    /// Reads and tracks.
    pub fn with<O>(&self, read: impl FnOnce(&T) -> O) -> O {
        read(cast(&gone(derived_read(self.0))))
    }

    /// Reads.
    pub fn with_untracked<O>(&self, read: impl FnOnce(&T) -> O) -> O {
        read(cast(&gone(derived_peek(self.0))))
    }
}

impl<T: Clone + Send + Sync + 'static> Signal<T> {
    /// A copy, tracked.
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// A copy, tracked; `None` when its owner is gone.
    pub fn try_get(&self) -> Option<T> {
        derived_read(self.0).map(|value| cast::<T>(&value).clone())
    }

    /// A copy.
    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T: Default + Send + Sync + 'static> Default for Signal<T> {
    fn default() -> Self {
        Self::stored(T::default())
    }
}

impl<T: Send + Sync + 'static> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        let read = move || gone(signal_read(signal.0));
        Self(signal_derive(Box::new(read)), PhantomData)
    }
}

impl<T: Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        let read = move || gone(memo_read(memo.0));
        Self(signal_derive(Box::new(read)), PhantomData)
    }
}

impl<T: Send + Sync + 'static> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Self::stored(value)
    }
}

impl From<&str> for Signal<String> {
    fn from(value: &str) -> Self {
        Self::stored(value.to_owned())
    }
}

/// A value that lives as long as its owner and tells nobody of a change.
pub struct StoredValue<T: 'static>(leptos::prelude::StoredValue<Place>, PhantomData<fn() -> T>);

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

fn stored_new(value: Value) -> leptos::prelude::StoredValue<Place> {
    leptos::prelude::StoredValue::new(Some(value))
}

fn stored_read(stored: leptos::prelude::StoredValue<Place>) -> Place {
    stored.try_get_value().flatten()
}

fn stored_take(stored: leptos::prelude::StoredValue<Place>) -> Place {
    stored.try_update_value(Option::take).flatten()
}

fn stored_put(stored: leptos::prelude::StoredValue<Place>, value: Value) {
    let before = stored.try_update_value(|place| place.replace(value));
    // Outside, because the old value's end may read the place.
    drop(before);
}

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// A value that belongs to the current owner.
    pub fn new(value: T) -> Self {
        Self(stored_new(Arc::new(value)), PhantomData)
    }

    /// Reads.
    pub fn with_value<O>(&self, read: impl FnOnce(&T) -> O) -> O {
        read(cast(&gone(stored_read(self.0))))
    }

    /// Replaces the value.
    pub fn set_value(&self, value: T) {
        stored_put(self.0, Arc::new(value));
    }

    /// Replaces the value; does nothing when its owner is gone.
    pub fn try_set_value(&self, value: T) {
        stored_put(self.0, Arc::new(value));
    }
}

impl<T: Clone + Send + Sync + 'static> StoredValue<T> {
    /// A copy.
    pub fn get_value(&self) -> T {
        self.with_value(T::clone)
    }

    /// A copy; `None` when its owner is gone.
    pub fn try_get_value(&self) -> Option<T> {
        stored_read(self.0).map(|value| cast::<T>(&value).clone())
    }

    /// Changes the value.
    pub fn update_value(&self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    /// Changes the value; `None` when its owner is gone.
    pub fn try_update_value<O>(&self, change: impl FnOnce(&mut T) -> O) -> Option<O> {
        let mut value = stored_take(self.0)?;
        let answer = change(owned(&mut value));
        stored_put(self.0, value);
        Some(answer)
    }
}

/// A value of one thread, such as an element: leptos' own.
pub type LocalValue<T> = leptos::prelude::StoredValue<T, LocalStorage>;

/// What runs in the browser when what it read has changed.
pub struct Effect;

impl Effect {
    /// An effect that belongs to the current owner. Its function may take what it returned the last time.
    #[allow(clippy::new_ret_no_self)]
    pub fn new<T: 'static, M>(mut run: impl EffectFunction<T, M> + 'static) {
        let mut before = None;
        effect_new(Box::new(move || before = Some(run.run(before.take()))));
    }
}

fn effect_new(run: Box<dyn FnMut()>) {
    leptos::prelude::Effect::new(run);
}

/// Runs something beside what runs now, in this thread.
pub fn spawn_local(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    leptos::task::spawn_local(task);
}

#[cfg(test)]
mod tests {
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
}
