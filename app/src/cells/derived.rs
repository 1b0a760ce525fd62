//! What is computed from signals.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::*;

use super::{RwSignal, Value, cast, gone, handle};

/// A value that is computed from others, and tells only when it is another one.
pub struct Memo<T: 'static>(leptos::prelude::Memo<Value>, PhantomData<fn() -> T>);

handle!(Memo);

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

    fn read_erased(&self) -> Option<Value> {
        memo_read(self.0)
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

handle!(Signal);

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
        let read = move || gone(signal.read_erased());
        Self(signal_derive(Box::new(read)), PhantomData)
    }
}

impl<T: Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        let read = move || gone(memo.read_erased());
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
