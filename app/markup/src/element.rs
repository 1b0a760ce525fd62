//! Elements of HTML and SVG.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use rstml::Infallible;
use rstml::node::{KeyedAttribute, Node, NodeAttribute, NodeElement};
use syn::spanned::Spanned;
use syn::{Expr, Lit};

use crate::{is_closure, node, plain_name};

pub fn element(element: &NodeElement<Infallible>) -> TokenStream {
    let tag = plain_name(element.name());
    let (mut literal, mut attributes) = (Vec::new(), Vec::new());
    for written in element.attributes() {
        match written {
            NodeAttribute::Attribute(written) => match literal_text(written) {
                Some(text) => {
                    let name = plain_name(&written.key);
                    literal.push(quote! { (#name, #text) });
                }
                None => attributes.push(attribute(written)),
            },
            NodeAttribute::Block(block) => attributes.push(quote_spanned! { block.span() =>
                .spread(compile_error!("attributes cannot be spread"))
            }),
        }
    }
    let names: Vec<String> = element
        .attributes()
        .iter()
        .filter_map(name_of_changing)
        .collect();
    if names.iter().any(|name| name == "class")
        && names.iter().any(|name| name.starts_with("class:"))
    {
        return quote_spanned! { element.name().span() =>
            compile_error!("`class:` goes with a `class` that is written as a text")
        };
    }
    let children = element.children.iter().filter_map(|child| match child {
        Node::Text(text) => {
            let text = &text.value;
            Some(quote! { .text(#text) })
        }
        child => node(child).map(|child| quote! { .child(#child) }),
    });
    quote! {
        crate::markup::Element::new(#tag, &[#(#literal),*]) #(#attributes)* #(#children)* .into_view()
    }
}

/// The name of an attribute that is not written as a text.
fn name_of_changing(written: &NodeAttribute) -> Option<String> {
    match written {
        NodeAttribute::Attribute(written) if literal_text(written).is_none() => {
            Some(plain_name(&written.key))
        }
        _ => None,
    }
}

/// The text of an attribute that is written as one, or as a bare name.
fn literal_text(written: &KeyedAttribute) -> Option<String> {
    if plain_name(&written.key).contains(':') {
        return None;
    }
    match written.value() {
        None => Some(String::new()),
        Some(Expr::Lit(literal)) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Some(_) => None,
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
