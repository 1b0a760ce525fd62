//! One tab at a time: the browser's Web Locks, and a lease in the storage where there are none (they need a secure
//! origin). Only ever run in the browser.

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::clock::{browser_ms, whole_ms};
use crate::random::random_hex;
use crate::storage;

/// A lease expires after this long: longer than any request takes.
const LEASE_MS: f64 = 70_000.0;
/// Between writing a lease and reading whether another tab wrote over it.
const SETTLE_MS: u32 = 50;
/// Between two reads of a lease that another tab has.
const LOOK_MS: u32 = 500;

/// Held until it is dropped or the page goes away.
pub enum Held {
    /// By the browser.
    Lock(Function),
    /// In the storage: its key and what this tab wrote there.
    Lease(String, String),
}

impl Drop for Held {
    fn drop(&mut self) {
        match self {
            Held::Lock(release) => {
                // Resolves a promise, which cannot fail.
                let _ = release.call0(&JsValue::NULL);
            }
            Held::Lease(key, mine) => {
                if storage::get(key).as_deref() == Some(mine) {
                    storage::remove(key);
                }
            }
        }
    }
}

fn manager() -> Option<(JsValue, Function)> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?;
    Some((locks, request.dyn_into().ok()?))
}

/// Whether the browser has locks.
pub fn exist() -> bool {
    manager().is_some()
}

/// Asks the browser's locks; `None` when it has none, or the lock was not to be had.
async fn ask(name: &str, options: &Object) -> Option<Held> {
    let (locks, request) = manager()?;
    let (mut release, mut grant) = (None, None);
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    let granted = Promise::new(&mut |resolve, _| grant = Some(resolve));
    let (release, grant): (Function, Function) = (release?, grant?);
    let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        // Resolves a promise, which cannot fail.
        let _ = grant.call1(&JsValue::NULL, &JsValue::from_bool(!lock.is_null()));
        if lock.is_null() {
            JsValue::UNDEFINED
        } else {
            held.into()
        }
    });
    let asked = request
        .call3(&locks, &name.into(), options, &callback)
        .ok()?;
    let asked: Promise = asked.dyn_into().ok()?;
    // Granted comes first; what was asked ends with the lock, or at once when it is refused.
    let first = JsFuture::from(Promise::race(&Array::of2(&granted, &asked))).await;
    (first.ok()? == JsValue::TRUE).then_some(Held::Lock(release))
}

/// Waits until this tab alone holds the name.
pub async fn wait_for(name: &str) -> Held {
    if exist()
        && let Some(held) = ask(name, &Object::new()).await
    {
        return held;
    }
    lease(name).await
}

/// Takes the name if nobody holds it. Only where [`exist`] says so.
pub async fn take(name: &str) -> Option<Held> {
    let options = Object::new();
    // Fails only for an object that is frozen.
    let _ = Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE);
    ask(name, &options).await
}

/// Waits for the name, but no longer than so many milliseconds. Only where [`exist`] says so.
pub async fn take_within(name: &str, limit_ms: u32) -> Option<Held> {
    let options = Object::new();
    let limit = web_sys::AbortSignal::timeout_with_u32(limit_ms);
    let _ = Reflect::set(&options, &"signal".into(), &limit);
    ask(name, &options).await
}

async fn lease(name: &str) -> Held {
    let key = ["sideline-lease:", name].concat();
    let me = random_hex();
    loop {
        let until = storage::get(&key).and_then(|lease| whole_ms(lease.split_once(' ')?.1));
        if until.is_none_or(|until| until < browser_ms()) {
            let mine = format!("{me} {}", browser_ms() + LEASE_MS);
            // Where nothing can be stored no other tab sees the texts of this one either.
            let stored = storage::set(&key, &mine);
            TimeoutFuture::new(SETTLE_MS).await;
            if !stored || storage::get(&key).as_deref() == Some(&mine) {
                return Held::Lease(key, mine);
            }
        }
        TimeoutFuture::new(LOOK_MS).await;
    }
}
