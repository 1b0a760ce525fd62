//! The file that goes along with a text: chosen by a button, pasted, or dropped, and shown beside the box until it is sent or
//! taken away. What it is the host decides, by its content.

use leptos::html;
use leptos::prelude::*;
use shared::error::Problem;
use shared::files::{FILE_MAX, FileKind, MIB};
use web_sys::{DataTransfer, Event, File, FileList};

use super::Writing;
use crate::components::Icon;
use crate::drafts::use_draft;
use crate::language::problem_text;
use crate::outbox::{Destination, OutboxEntry, files};
use crate::storage;

/// What is said of the file that was chosen for somebody.
pub(super) fn chosen(to: &Destination) -> Option<String> {
    let file = files::find(&to.name())?;
    let size = (file.size() / 1024.0).ceil() as i64;
    Some(t!(composer.chosen, name = file.name(), size = size))
}

/// What is said of the file beside a draft, kept as the draft is where a file can go along.
pub(super) fn use_named(draft: &str, files: bool) -> RwSignal<String> {
    match files {
        true => use_draft([&storage::FILES[1..], draft].concat()),
        false => RwSignal::default(),
    }
}

fn first(files: Option<FileList>) -> Option<File> {
    files?.get(0)
}

impl Writing {
    /// Lets a file wait beside the box, in place of another; `None` takes it away. One that is too large is not kept.
    fn choose(self, file: Option<File>) {
        let size = file.as_ref().map_or(1.0, |file| file.size());
        let problem = if size > FILE_MAX as f64 {
            let max_mib = (FILE_MAX / MIB) as i64;
            Some(Problem::FileTooLarge { max_mib })
        } else {
            (size == 0.0).then_some(Problem::FileEmpty)
        };
        let file = file.filter(|_| problem.is_none());
        self.error
            .set(problem.map(|problem| problem_text(&problem)));
        self.keep_file(file);
        self.focus();
    }

    /// The file of a text that was not sent waits again.
    pub(super) fn restore(self, kept: &OutboxEntry) {
        if kept.file.is_some() {
            self.keep_file(files::find(kept.key.as_str()));
        }
    }

    /// Keeps in mind which file was chosen beside a text, as long as the text is there.
    pub(super) fn name_file(self) {
        Effect::new(move |written: Option<bool>| {
            let has_words = self.text.with(|text| !text.is_empty());
            match self.file.get() {
                Some(said) if has_words => self.named.set(said),
                None if has_words || written != Some(true) => {}
                _ => self.named.set(String::new()),
            }
            has_words
        });
    }

    /// Which file was chosen beside the text and has to be chosen again. Tracked.
    fn missing(self) -> Option<String> {
        let named = self.named.get();
        let gone = self.file.with(Option::is_none) && !named.is_empty();
        (gone && self.length.get() > 0).then_some(named)
    }

    /// Asks once whether the text may go without that file.
    pub(super) fn without_file(self) -> Option<String> {
        let name = untrack(|| self.missing())?;
        let question = t!(composer.without_file, name = name);
        let asked = self
            .error
            .with_untracked(|error| error.as_ref() == Some(&question));
        (!asked).then_some(question)
    }

    fn keep_file(self, file: Option<File>) {
        self.named.set(String::new());
        let said = self.to.with_value(|to| {
            files::put(&to.name(), file);
            chosen(to)
        });
        self.file.set(said);
    }

    /// Takes what is pasted or dropped, if it is a file. What is words as well, a piece of a table say, goes into the box.
    pub(super) fn bring(self, data: Option<DataTransfer>, event: &Event) {
        if let Some(data) = data
            && let Some(file) = first(data.files())
            && self.takes_files()
            && data.get_data("text").unwrap_or_default().is_empty()
        {
            event.prevent_default();
            self.choose(Some(file));
        }
    }

    /// Where nobody says that a file can be dropped the browser opens it in place of the page.
    pub(super) fn drag(self, event: &Event) {
        if self.takes_files() {
            event.prevent_default();
        }
    }

    fn takes_files(self) -> bool {
        self.files && !self.shut.get_untracked()
    }
}

/// The button that lets the user choose a file.
#[component]
pub(super) fn AttachButton(writing: Writing) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let open = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let taken = move |_| {
        if let Some(input) = input.get_untracked()
            && let Some(file) = first(input.files())
        {
            writing.choose(Some(file));
            // So that the same one can be chosen again.
            input.set_value("");
        }
    };
    view! {
        <input
            node_ref=input
            type="file"
            hidden
            accept=FileKind::ALL.map(FileKind::media_type).join(",")
            on:change=taken
        />
        <button
            type="button"
            class="button button--icon"
            aria-label=t!(composer.attach)
            title=t!(composer.attach)
            disabled=move || writing.shut.get()
            on:click=open
        >
            <Icon name="clip" />
        </button>
    }
}

/// The file that was chosen, with the way to take it away; after a reload, which one has to be chosen again.
#[component]
pub(super) fn Chosen(writing: Writing) -> impl IntoView {
    let said = Memo::new(move |_| {
        let again = |named: String| t!(composer.file_again, name = named);
        writing.file.get().or_else(|| writing.missing().map(again))
    });
    move || {
        said.get().map(|said| {
            view! {
                <p class="composer__file" role="status">
                    <Icon name="file" />
                    <span>{said}</span>
                    <button type="button" class="button button--quiet" on:click=move |_| writing.choose(None)>
                        {t!(composer.file_remove)}
                    </button>
                </p>
            }
            .into_any()
        })
    }
}
