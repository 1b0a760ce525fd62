//! The panel in which an administrator edits one thing at a time.
//!
//! It never throws away what was typed: another thing opens only once this one is saved or cancelled.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::focus_soon;
use crate::components::focus::use_focus_inside;

/// What is being edited. Copies are handles to the same thing.
pub struct Editor<T: Send + Sync + 'static> {
    open: RwSignal<Option<T>>,
    /// Whether something was changed and not saved.
    pub dirty: RwSignal<bool>,
    /// Somebody wanted to open something else over unsaved changes.
    held: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Editor<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Editor<T> {}

impl<T: Clone + Send + Sync + 'static> Editor<T> {
    /// Nothing is edited.
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(None),
            dirty: RwSignal::new(false),
            held: RwSignal::new(false),
        }
    }

    /// Edits something, unless something else has unsaved changes: then the panel says so.
    pub fn open(self, what: T) {
        if self.dirty.get_untracked() {
            self.held.set(true);
            focus_soon(".editor__held".to_owned());
        } else {
            self.held.set(false);
            self.open.set(Some(what));
        }
    }

    /// Begins with something else, whatever was changed.
    pub fn reopen(self, what: T) {
        self.dirty.set(false);
        self.open(what);
    }

    /// Edits nothing, and puts the focus where the selector says.
    pub fn close(self, focus: String) {
        self.dirty.set(false);
        self.held.set(false);
        self.open.set(None);
        focus_soon(focus);
    }

    /// What is edited. Tracked.
    pub fn get(self) -> Option<T> {
        self.open.get()
    }

    /// What is edited. Not tracked.
    pub fn peek(self) -> Option<T> {
        self.open.get_untracked()
    }

    /// Whether the panel has to ask for a decision about unsaved changes. Tracked.
    pub fn held(self) -> Signal<bool> {
        self.held.into()
    }
}

/// Says that what stands in a form was typed before.
pub fn restored_view(restored: RwSignal<bool>) -> impl IntoView {
    move || {
        restored.get().then(|| {
            view! { <p class="notice notice--info" role="status">{t!(templates.restored)}</p> }
                .into_any()
        })
    }
}

/// Heading, fields, Save and Cancel. The first field gets the focus.
#[component]
pub fn EditorPanel(
    /// What is edited.
    title: String,
    /// What was refused and belongs to no field.
    refused: Signal<Option<String>>,
    /// Whether a save is on its way.
    saving: RwSignal<bool>,
    /// Whether to ask for a decision about unsaved changes.
    held: Signal<bool>,
    /// Saves.
    on_save: Callback<()>,
    /// Closes without saving.
    on_cancel: Callback<()>,
    /// A further button beside Save and Cancel.
    #[prop(optional, into)]
    further: ViewFn,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    use_focus_inside(form, "input, textarea");
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !saving.get_untracked() {
            on_save.run(());
        }
    };
    view! {
        <section class="editor card" aria-labelledby="editor-title">
            <form class="editor__form" method="post" novalidate node_ref=form on:submit=submit>
                <h2 class="editor__title" id="editor-title">{title}</h2>
                {move || held.get().then(|| view! {
                    <p class="notice notice--warn editor__held" role="alert" tabindex="-1">
                        {t!(admin.held)}
                    </p>
                }.into_any())}
                {move || refused.get().map(|text| view! {
                    <p class="notice notice--error" role="alert">{text}</p>
                }.into_any())}
                {children()}
                <div class="editor__foot">
                    <button
                        class="button button--primary"
                        type="submit"
                        aria-disabled=move || saving.get().then_some("true")
                    >
                        {t!(common.save)}
                    </button>
                    <button class="button" type="button" on:click=move |_| on_cancel.run(())>
                        {t!(common.cancel)}
                    </button>
                    {further.run()}
                </div>
            </form>
        </section>
    }
}
