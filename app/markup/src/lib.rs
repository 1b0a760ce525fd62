//! The `view!` of the app. It reads leptos' markup with the parser that leptos uses, and builds `app`'s own kind of
//! element from it, where leptos' macro makes a type for every tag, attribute and handler. Components stay leptos'.
//!
//! What it knows is what the app uses: elements, text, `{blocks}`, components with properties and children, `let:`;
//! attributes, `class:`, `prop:`, `on:`, `node_ref`. Anything else is a compile error that says so.

mod component;
mod element;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use rstml::node::{Node, NodeBlock, NodeElement, NodeName};
use rstml::{Infallible, Parser, ParserConfig};
use syn::spanned::Spanned;
use syn::{Expr, Stmt};

/// Markup to an `AnyView`. A closure written into it is made anew whenever what it read has changed.
#[proc_macro]
pub fn view(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let parser = Parser::new(ParserConfig::default().recover_block(true));
    let (nodes, errors) = parser.parse_recoverable(tokens).split_vec();
    let errors = errors.into_iter().map(|error| error.emit_as_expr_tokens());
    let view = fragment(&nodes);
    quote! { { #(#errors;)* #view } }.into()
}

/// Several nodes as one view.
fn fragment(nodes: &[Node]) -> TokenStream {
    let views: Vec<_> = nodes.iter().filter_map(node).collect();
    match &views[..] {
        [view] => view.clone(),
        views => quote! { crate::markup::fragment(vec![#(#views),*]) },
    }
}

/// One node as a view; nothing for a comment.
fn node(node: &Node) -> Option<TokenStream> {
    Some(match node {
        Node::Comment(_) => return None,
        Node::Text(text) => {
            let text = &text.value;
            quote! { crate::markup::child(#text) }
        }
        Node::RawText(text) => {
            let text = text.to_string_best();
            quote! { crate::markup::child(#text) }
        }
        Node::Fragment(inside) => fragment(&inside.children),
        Node::Block(NodeBlock::ValidBlock(block)) => match &block.stmts[..] {
            [Stmt::Expr(expression, None)] => child(expression),
            _ => quote! { crate::markup::child(#block) },
        },
        Node::Element(element) if is_component(element) => component::component(element),
        Node::Element(element) => element::element(element),
        Node::Block(_) | Node::Doctype(_) | Node::Custom(_) => {
            quote_spanned! { node.span() => compile_error!("this markup is not known here") }
        }
    })
}

fn child(expression: &Expr) -> TokenStream {
    if is_closure(expression) {
        quote_spanned! { expression.span() => crate::markup::dynamic(#expression) }
    } else {
        quote_spanned! { expression.span() => crate::markup::child(#expression) }
    }
}

/// Whether it is written as `|| …` or `move || …`.
fn is_closure(expression: &Expr) -> bool {
    matches!(expression, Expr::Closure(closure) if closure.inputs.is_empty())
}

/// A component's last name begins with a capital.
fn is_component(element: &NodeElement<Infallible>) -> bool {
    let NodeName::Path(path) = element.name() else {
        return false;
    };
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase))
}

/// The name of an attribute or property as it is written, but for the `r#` of keywords.
fn plain_name(name: &NodeName) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}
