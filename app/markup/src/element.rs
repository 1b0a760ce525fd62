//! Elements of HTML and SVG.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use rstml::Infallible;
use rstml::node::{KeyedAttribute, NodeAttribute, NodeElement};
use syn::spanned::Spanned;

use crate::{is_closure, node, plain_name};

pub fn element(element: &NodeElement<Infallible>) -> TokenStream {
    let tag = plain_name(element.name());
    let attributes = element.attributes().iter().map(|written| match written {
        NodeAttribute::Attribute(written) => attribute(written),
        NodeAttribute::Block(block) => {
            quote_spanned! { block.span() => .spread(compile_error!("attributes cannot be spread")) }
        }
    });
    let children = element.children.iter().filter_map(node);
    quote! {
        crate::markup::Element::new(#tag) #(#attributes)* #(.child(#children))* .into_view()
    }
}

fn attribute(written: &KeyedAttribute) -> TokenStream {
    let name = plain_name(&written.key);
    let span = written.key.span();
    let value = written.value();
    if name == "node_ref" {
        return quote_spanned! { span => .node_ref(#value) };
    }
    if let Some(event) = name.strip_prefix("on:") {
        return match event {
            // Leptos has no name for it.
            "cancel" => quote_spanned! { span => .on(::leptos::ev::Custom::new(#event), #value) },
            event => {
                let event = format_ident!("{event}", span = span);
                quote_spanned! { span => .on(::leptos::ev::#event, #value) }
            }
        };
    }
    let (kind, name) = if let Some(name) = name.strip_prefix("class:") {
        (quote! { Class }, name)
    } else if let Some(name) = name.strip_prefix("prop:") {
        (quote! { Property }, name)
    } else {
        (quote! { Attribute }, name.as_str())
    };
    let kind = quote! { crate::markup::Kind::#kind };
    match value {
        None => quote! { .fixed(#kind, #name, true) },
        Some(value) if is_closure(value) => quote_spanned! { span =>
            // What is written as a closure is what changes.
            .changing(#kind, #name, #[allow(clippy::redundant_closure)] #value)
        },
        Some(value) => quote_spanned! { span => .fixed(#kind, #name, #value) },
    }
}
