//! Files that came with a message.

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
    let href = format!("/files/{}", file.id);
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
        let source = href.clone();
        return view! {
            <a class="entry__picture" href=href target="_blank" rel="noopener">
                <img src=source alt=name loading="lazy" decoding="async" />
            </a>
        }
        .into_any();
    }
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
