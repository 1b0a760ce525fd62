//! Values that are kept and tell nobody.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::*;

use super::{Place, Value, cast, gone, handle, owned};

/// A value that lives as long as its owner and tells nobody of a change.
pub struct StoredValue<T: 'static>(leptos::prelude::StoredValue<Place>, PhantomData<fn() -> T>);

handle!(StoredValue);

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
