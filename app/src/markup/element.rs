//! An element as it is written: its tag, what stands in it, who listens, its children.

use leptos::ev::EventDescriptor;
use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};

use super::attribute::{IntoValue, Kind, Source, Written};
use super::reference::{NodeRef, Slot};

/// An element before it is built. Boxed, because every step of building one hands it on.
pub struct Element(pub(super) Box<Parts>);

pub(super) struct Parts {
    pub(super) tag: &'static str,
    /// Attributes that are the same for ever.
    pub(super) literal: Literal,
    pub(super) written: Vec<Written>,
    /// On the host nothing listens.
    pub(super) handlers: Vec<Handler>,
    pub(super) references: Vec<Slot>,
    pub(super) children: Vec<AnyView>,
}

/// Names and texts of attributes.
pub(super) type Literal = &'static [(&'static str, &'static str)];

pub(super) struct Handler {
    pub(super) event: String,
    pub(super) run: SendWrapper<Box<dyn FnMut(JsValue)>>,
}

impl Element {
    /// An element without children, with the attributes that are written as texts.
    pub fn new(tag: &'static str, literal: Literal) -> Self {
        Self(Box::new(Parts {
            tag,
            literal,
            written: Vec::new(),
            handlers: Vec::new(),
            references: Vec::new(),
            children: Vec::new(),
        }))
    }

    /// A value that stays.
    pub fn fixed(self, kind: Kind, name: &'static str, value: impl IntoValue) -> Self {
        self.with(kind, name, Source::Fixed(value.into_value()))
    }

    /// A value that changes with what the closure reads.
    pub fn changing<V: IntoValue>(
        self,
        kind: Kind,
        name: &'static str,
        mut compute: impl FnMut() -> V + Send + 'static,
    ) -> Self {
        let compute = Box::new(move || compute().into_value());
        self.with(kind, name, Source::Changing(compute))
    }

    fn with(mut self, kind: Kind, name: &'static str, source: Source) -> Self {
        self.0.written.push(Written { kind, name, source });
        self
    }

    /// Runs when the event happens at the element, with the owner that is current now.
    pub fn on<E: EventDescriptor>(
        self,
        event: E,
        mut run: impl FnMut(E::EventType) + 'static,
    ) -> Self
    where
        E::EventType: JsCast + 'static,
    {
        if cfg!(feature = "ssr") {
            return self;
        }
        self.listen(
            event.name().into_owned(),
            Box::new(move |event| run(event.unchecked_into())),
        )
    }

    fn listen(mut self, event: String, mut run: Box<dyn FnMut(JsValue)>) -> Self {
        let owner = Owner::current().unwrap_or_default();
        self.0.handlers.push(Handler {
            event,
            run: SendWrapper::new(Box::new(move |event| owner.with(|| run(event)))),
        });
        self
    }

    /// Puts the element of the browser into the handle.
    pub fn node_ref<E>(mut self, reference: NodeRef<E>) -> Self {
        self.0.references.push(reference.0);
        self
    }

    /// One more child, a text.
    pub fn text(self, text: &'static str) -> Self {
        self.child(text.into_any())
    }

    /// One more child.
    pub fn child(mut self, child: AnyView) -> Self {
        self.0.children.push(child);
        self
    }

    /// As a view.
    pub fn into_view(self) -> AnyView {
        self.into_any()
    }
}
