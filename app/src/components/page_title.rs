//! The title of the document.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;

use crate::language::number;
use crate::state::SessionState;

/// The title as long as a page is shown. The host writes it into the head, the browser changes it there.
#[component]
pub fn PageTitle(
    /// What it says, before the product's name.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    // Once the page is done its signals may be out of reach, so this is a text.
    #[cfg(feature = "ssr")]
    crate::head::title(&title(&text.get_untracked()));
    // What stood there before, and what this page wrote.
    let written = Arc::new(Mutex::new(None::<(String, String)>));
    if !cfg!(feature = "ssr") {
        let written = written.clone();
        on_cleanup(move || restore(&written));
    }
    // What is new counts in the title, so that it is seen from another tab as well.
    let session = use_context::<SessionState>();
    let news = Memo::new(move |_| session.map_or(0, |session| session.news()));
    Effect::new(move || {
        if let (Some(text), Ok(mut written)) = (text.try_get(), written.lock()) {
            let now = counted(news.get(), title(&text));
            let before = match written.take() {
                Some((before, _)) => before,
                None => document().title(),
            };
            document().set_title(&now);
            *written = Some((before, now));
        }
    });
}

/// A page within a page gives the title back when it goes, unless the next one has written its own already.
fn restore(written: &Mutex<Option<(String, String)>>) {
    if let Ok(Some((before, mine))) = written.lock().map(|mut written| written.take())
        && document().title() == mine
    {
        document().set_title(&before);
    }
}

fn counted(news: i64, title: String) -> String {
    match news {
        0 => title,
        news => t!(common.title_counted, number = number(news), title = title),
    }
}

fn title(text: &str) -> String {
    t!(common.title, page = text)
}
