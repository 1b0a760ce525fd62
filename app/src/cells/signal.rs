//! Signals that are written.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::*;

use super::{Place, Value, cast, gone, handle, owned};

/// A value that tells who read it when it changes.
pub struct RwSignal<T: 'static>(leptos::prelude::RwSignal<Place>, PhantomData<fn() -> T>);

handle!(RwSignal);

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

    pub(super) fn read_erased(&self) -> Option<Value> {
        signal_read(self.0)
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
