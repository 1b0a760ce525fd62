//! Signals, memos, effects: leptos' own, compiled once instead of once for every type that is kept in them.
//!
//! Leptos instantiates its whole reactive machinery for each type and each closure, and that was a third of what a
//! browser had to load. Here the value lies behind one erased type; what is compiled anew for a type is a cast. The
//! methods are named and behave as leptos' do; [`crate::prelude`] puts these in their place. What is missing here
//! was not needed yet.

mod derived;
mod signal;
mod stored;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::reactive::effect::EffectFunction;

pub use derived::{Memo, Signal};
pub use signal::RwSignal;
pub use stored::{LocalValue, StoredValue};

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

/// Copies of a cell are handles to the same thing, whatever is in it.
macro_rules! handle {
    ($cell:ident) => {
        impl<T> Clone for $cell<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $cell<T> {}
    };
}
use handle;

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
