//! A text with its links, as staff read it. It stands inside the element that shows the text.

use leptos::prelude::*;
use shared::links::{Piece, Reader, Target, pieces};

/// The text; what leads somewhere as links.
pub fn linked(text: &str) -> AnyView {
    let pieces = pieces(text, Reader::Staff).into_iter();
    pieces.map(piece_view).collect_view().into_any()
}

fn piece_view(piece: Piece) -> AnyView {
    let text = piece.text.to_owned();
    let (leads, web) = match piece.leads {
        None => return text.into_any(),
        Some(Target::Web(address)) => (address.into_owned(), true),
        Some(Target::Program(address)) => (address, false),
    };
    // A page opens apart and does not learn where its reader came from.
    view! {
        <a
            class="text-link"
            href=leads
            target=web.then_some("_blank")
            rel=web.then_some("noopener noreferrer")
        >
            {text}
        </a>
    }
    .into_any()
}
