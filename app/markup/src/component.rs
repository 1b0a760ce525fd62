//! Components: leptos' own, with its builders of properties.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use rstml::Infallible;
use rstml::node::{NodeAttribute, NodeElement};
use syn::spanned::Spanned;

use crate::{fragment, plain_name};

pub fn component(element: &NodeElement<Infallible>) -> TokenStream {
    let name = element.name();
    let mut properties = TokenStream::new();
    let mut bound = None;
    for written in element.attributes() {
        let NodeAttribute::Attribute(written) = written else {
            properties.extend(quote_spanned! { written.span() => .spread(compile_error!("properties cannot be spread")) });
            continue;
        };
        let key = plain_name(&written.key);
        let span = written.key.span();
        if let Some(item) = key.strip_prefix("let:") {
            bound = Some(format_ident!("{item}", span = span));
            continue;
        }
        let property = format_ident!("r#{key}", span = span);
        properties.extend(match written.value() {
            Some(value) => {
                quote_spanned! { span => .#property(#[allow(unused_braces)] { #value }) }
            }
            // `<Row page />` is short for `<Row page=page />`.
            None => quote_spanned! { span => .#property(#property) },
        });
    }
    if !element.children.is_empty() {
        let inside = fragment(&element.children);
        properties.extend(match bound {
            Some(item) => quote! { .children(move |#item| #inside) },
            None => quote! {
                .children(::leptos::children::ToChildren::to_children(move || #inside))
            },
        });
    }
    quote! {
        crate::markup::child(::leptos::component::component_view(
            &#name,
            ::leptos::component::component_props_builder(&#name) #properties .build(),
        ))
    }
}
