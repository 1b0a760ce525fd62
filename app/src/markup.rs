//! What [`view!`](crate::prelude::view) builds: one type of element for every tag, with its attributes and children
//! as data, in leptos' tree of views. Leptos' own elements are a type for each tag, attribute and handler, and their
//! machinery, compiled for each of them, was half of what a browser had to load.

mod attribute;
mod element;
mod reference;

use std::any::Any;
use std::sync::{Arc, Mutex};

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use leptos::tachys::view::iterators::StaticVec;

pub use attribute::{IntoValue, Kind, Value};
pub use element::Element;
pub use reference::NodeRef;

/// Anything that leptos can show.
pub fn child<V>(view: V) -> AnyView
where
    V: IntoRender,
    V::Output: RenderHtml + Send + 'static,
{
    let mut view = Some(view.into_render());
    // What is erased already stays as it is.
    let same = (&mut view as &mut dyn Any).downcast_mut::<Option<AnyView>>();
    match same.and_then(Option::take) {
        Some(view) => view,
        None => view.into_any(),
    }
}

/// A view that is made anew whenever what it read has changed.
pub fn dynamic<V>(make: impl FnMut() -> V + Send + 'static) -> AnyView
where
    V: RenderHtml + Send + 'static,
{
    let make: SharedReactiveFunction<V> = Arc::new(Mutex::new(make));
    make.into_any()
}

/// Views one after the other.
pub fn fragment(views: Vec<AnyView>) -> AnyView {
    StaticVec::from(views).into_any()
}
