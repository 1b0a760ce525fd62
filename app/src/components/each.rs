//! Lists and conditions: leptos' `For` and `Show`, compiled once instead of once for every list.

use std::any::Any;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use leptos::children::ViewFn;
use leptos::prelude::*;

use crate::cells::Memo;
use crate::markup::dynamic;

/// A row before it is built: its key, hashed, and what it is made from.
struct Row {
    key: u64,
    item: Box<dyn Any + Send>,
}

type Rows = Box<dyn Fn() -> Vec<Row> + Send>;
type Build = Arc<dyn Fn(Box<dyn Any + Send>) -> AnyView + Send + Sync>;

/// One view for each item. A row stays as long as its key is there; whose key is new is built.
#[component]
pub fn For<T, K, V>(
    /// The items. Tracked.
    each: impl Fn() -> Vec<T> + Send + 'static,
    /// What tells one from another.
    key: impl Fn(&T) -> K + Send + 'static,
    /// The view of an item.
    children: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    K: Hash + 'static,
    V: IntoView + 'static,
{
    let rows = move || {
        let row = |item: T| {
            // Two of 2^64 being the same is rarer than a broken machine.
            let mut hasher = DefaultHasher::new();
            key(&item).hash(&mut hasher);
            Row {
                key: hasher.finish(),
                item: Box::new(item),
            }
        };
        each().into_iter().map(row).collect()
    };
    let build = move |item: Box<dyn Any + Send>| match item.downcast::<T>() {
        Ok(item) => children(*item).into_any(),
        Err(_) => ().into_any(),
    };
    list(Box::new(rows), Arc::new(build))
}

fn list(rows: Rows, build: Build) -> AnyView {
    let children = move |row: Row| build(row.item);
    view! { <leptos::prelude::For each=rows key=|row: &Row| row.key children /> }.into_any()
}

/// What is there only while `when` says so.
#[component]
pub fn Show(
    /// Tracked.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// What is there.
    children: ChildrenFn,
    /// What is there otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView {
    condition(Memo::new(move |_| when()), children, fallback)
}

fn condition(when: Memo<bool>, children: ChildrenFn, fallback: ViewFn) -> AnyView {
    dynamic(move || {
        if when.get() {
            children()
        } else {
            fallback.run()
        }
    })
}
