//! Files that came with a message.

use leptos::prelude::*;
use shared::files::FileRef;

use crate::components::Icon;

/// Pictures as thumbnails of a fixed size, so that nothing moves when they arrive; other files as rows. A click opens a picture in
/// another tab and downloads another file.
pub(super) fn attached(files: Vec<FileRef>) -> AnyView {
    files.into_iter().map(file).collect_view().into_any()
}

fn file(file: FileRef) -> AnyView {
    let href = format!("/files/{}", file.id);
    if file.is_picture() {
        let source = href.clone();
        return view! {
            <a class="entry__picture" href=href target="_blank" rel="noopener">
                <img src=source alt=file.name loading="lazy" decoding="async" />
            </a>
        }
        .into_any();
    }
    let about = t!(
        transcript.file,
        kind = file.kind_name(),
        size = file.kilobytes()
    );
    let download = file.name.clone();
    view! {
        <a class="entry__file" href=href download=download>
            <Icon name="file" />
            <bdi>{file.name}</bdi>
            " "
            <span>{about}</span>
        </a>
    }
    .into_any()
}
