//! An element's part in leptos' rendering: text on the host, taking over what the host rendered, building anew, and
//! changing in place.

use std::mem;

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::{CastFrom, RemoveEventHandler, Rndr};
use leptos::tachys::ssr::StreamBuilder;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Position, PositionState, Render};
use send_wrapper::SendWrapper;

use super::attribute::{Kept, Kind, push_attribute};
use super::element::{Element, Handler, Literal, Parts};

/// Elements that have no children and no end tag.
const VOID: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];
const SVG: &str = "http://www.w3.org/2000/svg";

impl Parts {
    /// Writes those that are not in the same place `before`.
    fn write_literal(&self, element: &web_sys::Element, before: Literal) {
        for (at, (name, text)) in self.literal.iter().enumerate() {
            if before.get(at).is_none_or(|before| before.1 != *text) {
                // Refused only for a name that no markup has.
                let _ = element.set_attribute(name, text);
            }
        }
    }
}

impl Element {
    fn namespace(&self) -> Option<&'static str> {
        matches!(self.0.tag, "svg" | "use").then_some(SVG)
    }

    fn is_void(&self) -> bool {
        VOID.contains(&self.0.tag)
    }

    /// The start tag. Returns the children, which come after it, and the end tag's name.
    fn open(self, html: &mut String) -> (Vec<AnyView>, Option<&'static str>) {
        let end = (!self.is_void()).then_some(self.0.tag);
        html.push('<');
        html.push_str(self.0.tag);
        let mut classes = String::new();
        for (name, text) in self.0.literal {
            match *name {
                "class" => classes.push_str(text),
                name => push_attribute(html, name, text),
            }
        }
        for written in self.0.written {
            written.render(html, &mut classes);
        }
        if !classes.is_empty() {
            push_attribute(html, "class", &classes);
        }
        html.push('>');
        (self.0.children, end)
    }

    /// Everything but the children on an element of the browser.
    fn attach(self, element: web_sys::Element, rendered: bool) -> (ElementState, Vec<AnyView>) {
        if !rendered {
            self.0.write_literal(&element, &[]);
        }
        let kept = self
            .0
            .written
            .into_iter()
            .map(|written| {
                let (kind, name) = (written.kind, written.name);
                (kind, name, written.build(&element, rendered))
            })
            .collect();
        let handlers = listen_all(&element, self.0.handlers);
        for reference in self.0.references {
            reference.set(Some(SendWrapper::new(element.clone())));
        }
        let state = ElementState {
            tag: self.0.tag,
            literal: self.0.literal,
            element,
            kept,
            handlers,
            children: Vec::with_capacity(self.0.children.len()),
        };
        (state, self.0.children)
    }
}

fn listen_all(element: &web_sys::Element, handlers: Vec<Handler>) -> Vec<Listening> {
    handlers
        .into_iter()
        .map(|handler| Rndr::add_event_listener(element, &handler.event, handler.run.take()))
        .collect()
}

/// Stops listening when it is dropped.
type Listening = RemoveEventHandler<web_sys::Element>;

/// An element in the page.
pub struct ElementState {
    tag: &'static str,
    literal: Literal,
    element: web_sys::Element,
    kept: Vec<(Kind, &'static str, Kept)>,
    handlers: Vec<Listening>,
    children: Vec<AnyViewState>,
}

impl ElementState {
    /// Whether another element differs from this one in its values alone, so that it can stay in the page and keep
    /// the focus, the selection and what is typed.
    fn fits(&self, other: &Element) -> bool {
        let other = &*other.0;
        let same_names = self.literal.len() == other.literal.len()
            && (self.literal.iter().zip(other.literal)).all(|(one, other)| one.0 == other.0);
        self.tag == other.tag
            && same_names
            && self.children.len() == other.children.len()
            && self.kept.len() == other.written.len()
            && self
                .kept
                .iter()
                .zip(&other.written)
                .all(|((kind, name, _), other)| *kind == other.kind && *name == other.name)
    }
}

impl Render for Element {
    type State = ElementState;

    fn build(self) -> ElementState {
        let element = Rndr::create_element(self.0.tag, self.namespace());
        let (mut state, children) = self.attach(element, false);
        for child in children {
            let mut child = child.build();
            child.mount(&state.element, None);
            state.children.push(child);
        }
        state
    }

    fn rebuild(self, state: &mut ElementState) {
        if !state.fits(&self) {
            let mut new = self.build();
            state.insert_before_this(&mut new);
            state.unmount();
            *state = new;
            return;
        }
        self.0.write_literal(&state.element, state.literal);
        state.literal = self.0.literal;
        for (written, (_, _, kept)) in self.0.written.into_iter().zip(&mut state.kept) {
            written.rebuild(&state.element, kept);
        }
        // First, because what listens stops listening when it is dropped.
        state.handlers.clear();
        state.handlers = listen_all(&state.element, self.0.handlers);
        for reference in self.0.references {
            reference.set(Some(SendWrapper::new(state.element.clone())));
        }
        for (child, state) in self.0.children.into_iter().zip(&mut state.children) {
            child.rebuild(state);
        }
    }
}

impl Mountable for ElementState {
    fn unmount(&mut self) {
        self.element.remove();
    }

    fn mount(&mut self, parent: &web_sys::Element, marker: Option<&web_sys::Node>) {
        Rndr::insert_node(parent, &self.element, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let parent = Rndr::get_parent(&self.element).and_then(web_sys::Element::cast_from);
        if let Some(parent) = &parent {
            child.mount(parent, Some(&self.element));
        }
        parent.is_some()
    }

    fn elements(&self) -> Vec<web_sys::Element> {
        vec![self.element.clone()]
    }
}

/// A component's caller cannot add attributes to what it returns: nothing in this app does, and the markup has no
/// way to write it.
impl AddAnyAttr for Element {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _attribute: A) -> Self {
        self
    }
}

impl RenderHtml for Element {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        for child in &mut self.0.children {
            child.dry_resolve();
        }
    }

    async fn resolve(mut self) -> Self {
        for child in &mut self.0.children {
            let waiting = mem::replace(child, ().into_any());
            *child = waiting.resolve().await;
        }
        self
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        _escape: bool,
        mark_branches: bool,
        _extra: Vec<AnyAttribute>,
    ) {
        let (children, end) = self.open(html);
        *position = Position::FirstChild;
        for child in children {
            child.to_html_with_buf(html, position, true, mark_branches, Vec::new());
        }
        if let Some(tag) = end {
            html.extend(["</", tag, ">"]);
        }
        *position = Position::NextChild;
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        html: &mut StreamBuilder,
        position: &mut Position,
        _escape: bool,
        mark_branches: bool,
        _extra: Vec<AnyAttribute>,
    ) {
        let mut start = String::new();
        let (children, end) = self.open(&mut start);
        html.push_sync(&start);
        *position = Position::FirstChild;
        for child in children {
            child.to_html_async_with_buf::<OUT_OF_ORDER>(
                html,
                position,
                true,
                mark_branches,
                Vec::new(),
            );
        }
        if let Some(tag) = end {
            html.push_sync(&["</", tag, ">"].concat());
        }
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> ElementState {
        match position.get() {
            Position::FirstChild => cursor.child(),
            Position::Current => {}
            _ => cursor.sibling(),
        }
        let here = cursor.current();
        let element = web_sys::Element::cast_from(here.clone())
            .unwrap_or_else(|| panic!("<{}> was not rendered by the host", self.0.tag));
        let (mut state, children) = self.attach(element, true);
        position.set(Position::FirstChild);
        for child in children {
            state
                .children
                .push(child.hydrate::<FROM_SERVER>(cursor, position));
        }
        cursor.set(here);
        position.set(Position::NextChild);
        state
    }

    async fn hydrate_async(self, cursor: &Cursor, position: &PositionState) -> ElementState {
        self.hydrate::<true>(cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}
