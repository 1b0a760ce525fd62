//! What stands in an element's tag: attributes, classes, properties, fixed or changing; on the host as text, in the
//! browser on the element.

use std::borrow::Cow;
use std::mem;

use leptos::reactive::effect::RenderEffect;
use wasm_bindgen::JsValue;

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An attribute of the markup.
    Attribute,
    /// One class beside those of a `class` that is written as a text: there or not.
    Class,
    /// A property of the object in the browser, which says more than the attribute: what is typed, what is ticked.
    Property,
}

/// What an attribute says.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// It is not there, or false.
    Absent,
    /// It is there and says nothing more, or true.
    Flag,
    /// It is there with a text.
    Text(Cow<'static, str>),
}

/// What can be written as a value.
pub trait IntoValue {
    /// The value that it stands for.
    fn into_value(self) -> Value;
}

impl IntoValue for &'static str {
    fn into_value(self) -> Value {
        Value::Text(Cow::Borrowed(self))
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Text(Cow::Owned(self))
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        if self { Value::Flag } else { Value::Absent }
    }
}

impl<V: IntoValue> IntoValue for Option<V> {
    fn into_value(self) -> Value {
        self.map_or(Value::Absent, V::into_value)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl IntoValue for $number {
            fn into_value(self) -> Value {
                Value::Text(Cow::Owned(self.to_string()))
            }
        })*
    };
}

numbers!(i64 u64 i32 u32 usize);

/// Computes a value and tracks what it reads.
pub(super) type Compute = Box<dyn FnMut() -> Value + Send>;

/// One thing in the tag, before it is built.
pub(super) struct Written {
    pub kind: Kind,
    pub name: &'static str,
    pub source: Source,
}

pub(super) enum Source {
    Fixed(Value),
    Changing(Compute),
}

/// What is kept of it in the browser.
pub(super) enum Kept {
    Fixed(Value),
    /// Ends with the element.
    Changing(#[allow(dead_code)] RenderEffect<Value>),
}

impl Written {
    /// As text of the host. Classes are collected, because they belong into one attribute.
    pub fn render(self, html: &mut String, classes: &mut String) {
        let value = match self.source {
            Source::Fixed(value) => value,
            Source::Changing(mut compute) => compute(),
        };
        match (self.kind, value) {
            (Kind::Property, _) | (_, Value::Absent) => {}
            (Kind::Class, _) => push_class(classes, self.name),
            (Kind::Attribute, Value::Text(text)) if self.name == "class" => {
                push_class(classes, &text)
            }
            (Kind::Attribute, Value::Flag) => push_attribute(html, self.name, ""),
            (Kind::Attribute, Value::Text(text)) => push_attribute(html, self.name, &text),
        }
    }

    /// On a new element, or on one that `rendered` on the host, where attributes and classes are right already.
    pub fn build(self, element: &web_sys::Element, rendered: bool) -> Kept {
        let right = rendered && self.kind != Kind::Property;
        match self.source {
            Source::Fixed(value) => {
                if !right {
                    apply(element, self.kind, self.name, &value);
                }
                Kept::Fixed(value)
            }
            Source::Changing(compute) => Kept::Changing(follow(
                element.clone(),
                self.kind,
                self.name,
                compute,
                right,
            )),
        }
    }

    /// In place of what an element has.
    pub fn rebuild(self, element: &web_sys::Element, kept: &mut Kept) {
        match (self.source, kept) {
            (Source::Fixed(value), Kept::Fixed(before)) => {
                // Another text of `class` has taken the single classes away.
                if *before != value || self.kind == Kind::Class {
                    apply(element, self.kind, self.name, &value);
                    *before = value;
                }
            }
            (source, kept) => *kept = Self { source, ..self }.build(element, false),
        }
    }
}

/// Applies the value now, unless it is `right`, and whenever it changes.
fn follow(
    element: web_sys::Element,
    kind: Kind,
    name: &'static str,
    mut compute: Compute,
    mut right: bool,
) -> RenderEffect<Value> {
    RenderEffect::new(move |before: Option<Value>| {
        let value = compute();
        if !mem::take(&mut right) && before.as_ref() != Some(&value) {
            apply(&element, kind, name, &value);
        }
        value
    })
}

fn apply(element: &web_sys::Element, kind: Kind, name: &str, value: &Value) {
    // Names are written in this crate, so none of these is refused; what is, leaves the page as it was.
    let _ = match (kind, value) {
        (Kind::Attribute, Value::Absent) => element.remove_attribute(name),
        (Kind::Attribute, Value::Flag) => element.set_attribute(name, ""),
        (Kind::Attribute, Value::Text(text)) => element.set_attribute(name, text),
        (Kind::Class, value) => {
            let there = *value != Value::Absent;
            element
                .class_list()
                .toggle_with_force(name, there)
                .map(|_| ())
        }
        (Kind::Property, value) => {
            let value = match value {
                Value::Absent => JsValue::FALSE,
                Value::Flag => JsValue::TRUE,
                Value::Text(text) => JsValue::from_str(text),
            };
            js_sys::Reflect::set(element, &JsValue::from_str(name), &value).map(|_| ())
        }
    };
}

fn push_class(classes: &mut String, class: &str) {
    if !classes.is_empty() {
        classes.push(' ');
    }
    classes.push_str(class);
}

/// ` name="value"`, with the value escaped.
pub(super) fn push_attribute(html: &mut String, name: &str, value: &str) {
    html.push(' ');
    html.push_str(name);
    html.push_str("=\"");
    for character in value.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            character => html.push(character),
        }
    }
    html.push('"');
}
