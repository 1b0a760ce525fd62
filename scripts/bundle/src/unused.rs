//! Takes out of the wasm what never runs, and what no compiler can see never to run.
//!
//! Each view of leptos carries a pointer to its way of being hydrated asynchronously, which is meant for `Suspense`.
//! Sideline has none (its pages begin with their data), so nothing follows these pointers, but they keep a state
//! machine for each type of view. With their bodies gone, wasm-opt removes everything that only they called. Should
//! one be called all the same, it traps at once, and every browser test that sees it fails.

use walrus::{FunctionBuilder, FunctionKind, Module};

use crate::Failure;

/// Part of the names of functions that never run: the erased view's pointer, and the state machine behind it. No
/// more than these, because the compiler gives functions that do the same one body under one of their names.
const NEVER_RUN: &str = "::into_any::hydrate_async";

/// The module with nothing but a trap in the functions that never run.
pub fn without(wasm: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut module = Module::from_buffer(wasm).map_err(|error| format!("the wasm: {error:#}"))?;
    let mut never_run = Vec::new();
    for (id, function) in module.funcs.iter_local() {
        let name = module.funcs.get(id).name.as_deref();
        if name.is_some_and(|name| name.contains(NEVER_RUN)) {
            let (params, results) = module.types.params_results(function.ty());
            let signature = (params.to_vec(), results.to_vec());
            never_run.push((id, signature, function.args.clone()));
        }
    }
    if never_run.is_empty() {
        return Err(format!("no function is named {NEVER_RUN}: has leptos changed?").into());
    }
    for (id, (params, results), args) in never_run {
        let mut trap = FunctionBuilder::new(&mut module.types, &params, &results);
        trap.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(args));
    }
    Ok(module.emit_wasm())
}
