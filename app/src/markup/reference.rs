//! A handle to an element of the browser.

use std::marker::PhantomData;

use leptos::html::ElementType;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;

use crate::cells::RwSignal;

pub(super) type Slot = RwSignal<Option<SendWrapper<web_sys::Element>>>;

/// The element that carries it as `node_ref`, once there is one: leptos' `NodeRef`, compiled once.
pub struct NodeRef<E: 'static>(pub(super) Slot, PhantomData<fn() -> E>);

impl<E> Clone for NodeRef<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for NodeRef<E> {}

impl<E> NodeRef<E>
where
    E: ElementType,
    E::Output: JsCast,
{
    /// A handle to nothing yet.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(RwSignal::new(None), PhantomData)
    }

    /// The element. Tracked.
    pub fn get(&self) -> Option<E::Output> {
        self.0.get().map(as_kind::<E>)
    }

    /// The element.
    pub fn get_untracked(&self) -> Option<E::Output> {
        self.0.get_untracked().map(as_kind::<E>)
    }

    /// The element; `None` also when the owner is gone.
    pub fn try_get_untracked(&self) -> Option<E::Output> {
        self.0.try_get_untracked().flatten().map(as_kind::<E>)
    }
}

/// The markup put the handle on an element of this kind.
fn as_kind<E: ElementType>(element: SendWrapper<web_sys::Element>) -> E::Output
where
    E::Output: JsCast,
{
    element.take().unchecked_into()
}
