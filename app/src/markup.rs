//! What [`view!`](crate::prelude::view) builds: one type of element for every tag, with its attributes and children
//! as data, in leptos' tree of views. Leptos' own elements are a type for each tag, attribute and handler, and their
//! machinery, compiled for each of them, was half of what a browser had to load.

mod attribute;
mod element;
mod reference;
mod render;

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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use crate::prelude::*;

    fn html(view: impl FnOnce() -> AnyView) -> String {
        Owner::new().with(|| view().to_html())
    }

    #[test]
    fn an_element_is_written_as_html_writes_it() {
        assert_eq!(
            html(|| view! { <p class="a" id="x">"1 < 2"<br /></p> }),
            r#"<p id="x" class="a">1 &lt; 2<br></p>"#
        );
    }

    #[test]
    fn values_may_be_absent_flags_or_texts_and_are_escaped() {
        let (none, quoted) = (None::<String>, "\"<&>\"".to_owned());
        assert_eq!(
            html(move || view! { <a href=none title=quoted hidden=true download=false></a> }),
            r#"<a title="&quot;&lt;&amp;&gt;&quot;" hidden=""></a>"#
        );
    }

    #[test]
    fn classes_are_collected_and_properties_are_the_browsers() {
        assert_eq!(
            html(|| view! { <i class="a" class:b=true class:c=move || false prop:value="x"></i> }),
            r#"<i class="a b"></i>"#
        );
    }

    #[test]
    fn closures_are_read_and_texts_stay_apart() {
        let html = html(|| {
            let name = RwSignal::new("Amy");
            view! { <b>{move || name.get()}" and "{"Sam"}</b> }
        });
        assert_eq!(html, "<b>Amy<!> and <!>Sam</b>");
    }

    #[test]
    fn lists_and_conditions_show_what_they_are_made_from() {
        let html = html(|| {
            view! {
                <ul>
                    <For each=|| vec![2, 1] key=|number| *number let:number>
                        <li>{number}</li>
                    </For>
                    <Show when=|| false><li>"never"</li></Show>
                </ul>
            }
        });
        assert!(html.contains("<li>2</li><li>1</li>"), "{html}");
        assert!(!html.contains("never"), "{html}");
    }
}
