//! Files that came with a message.

use leptos::html;
use leptos::prelude::*;
use shared::files::{FileRef, FileState};
use shared::transcript::EntryBody;

use crate::components::Icon;
use crate::language::file_state_text;
use crate::live::ConversationView;

/// Pictures as thumbnails of a fixed size, so that nothing moves when they arrive; other files as rows. A click opens a picture in
/// another tab and downloads another file. What a provider has is fetched after its message, so it is drawn as it is now.
#[component]
pub(super) fn Attached(view: ConversationView, seq: i64, first: Vec<FileRef>) -> impl IntoView {
    let files = Memo::new(move |_| {
        view.entries.with(|entries| {
            let place = entries.binary_search_by_key(&seq, |entry| entry.seq);
            match place.map(|place| &entries[place].body) {
                Ok(EntryBody::Message { files, .. }) => files.clone(),
                _ => first.clone(),
            }
        })
    });
    move || files.get().into_iter().map(file).collect_view().into_any()
}

fn file(file: FileRef) -> AnyView {
    let name = file.name.clone();
    if !file.state.is_ready() {
        let class = match file.state {
            FileState::Coming => "entry__file",
            _ => "entry__file entry__seen--failed",
        };
        return view! {
            <p class=class data-file=file.state.code()>
                <Icon name="file" />
                <bdi>{name}</bdi>
                " "
                <span>{file_state_text(file.state)}</span>
            </p>
        }
        .into_any();
    }
    if file.is_picture() {
        let broken = RwSignal::new(false);
        return (move || match broken.get() {
            true => row(&file),
            false => view! { <Picture file=file.clone() broken /> }.into_any(),
        })
        .into_any();
    }
    row(&file)
}

/// A picture. What only begins like one is a row like any other file.
#[component]
fn Picture(file: FileRef, broken: RwSignal<bool>) -> impl IntoView {
    let node = NodeRef::<html::Img>::new();
    Effect::new(move || {
        // It may have failed before anything listened: asked once more, it says so again.
        if let Some(image) = node.get()
            && image.complete()
            && image.natural_width() == 0
        {
            image.set_src(&image.src());
        }
    });
    let href = format!("/files/{}", file.id);
    let source = href.clone();
    view! {
        <a class="entry__picture" href=href target="_blank" rel="noopener">
            <img
                node_ref=node
                src=source
                alt=file.name
                loading="lazy"
                decoding="async"
                on:error=move |_| broken.set(true)
            />
        </a>
    }
}

fn row(file: &FileRef) -> AnyView {
    let href = format!("/files/{}", file.id);
    let name = file.name.clone();
    let about = t!(
        transcript.file,
        kind = file.kind_name(),
        size = file.kilobytes()
    );
    let download = name.clone();
    view! {
        <a class="entry__file" href=href download=download>
            <Icon name="file" />
            <bdi>{name}</bdi>
            " "
            <span>{about}</span>
        </a>
    }
    .into_any()
}
