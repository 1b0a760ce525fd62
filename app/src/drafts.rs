//! What is being typed, kept in the browser's storage under the user's id, so that a reload loses nothing and
//! the next user of the same browser sees nothing of it. Never leaves the browser.

use web_sys::Storage;

use crate::prelude::*;
use crate::state::DeskState;

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// The storage key of a name for the signed-in user.
fn key_of(name: &str) -> String {
    let user = use_context::<DeskState>()
        .map(|desk| desk.me.with_untracked(|me| me.id.to_string()))
        .unwrap_or_default();
    format!("sideline-draft:{user}:{name}")
}

/// A text that outlives the page: loaded after mount, stored while it changes, removed when emptied.
pub fn use_draft(name: String) -> RwSignal<String> {
    let text = RwSignal::new(String::new());
    let key = key_of(&name);
    Effect::new(move |loaded: Option<()>| {
        let current = text.get();
        let Some(storage) = storage() else { return };
        if loaded.is_none() && current.is_empty() {
            if let Ok(Some(kept)) = storage.get_item(&key) {
                text.set(kept);
            }
        } else if current.is_empty() {
            // A full or forbidden storage must not keep anybody from typing.
            let _ = storage.remove_item(&key);
        } else {
            let _ = storage.set_item(&key, &current);
        }
    });
    text
}

/// Where something of one user is kept, by name. Made in a component, used in its effects and handlers.
#[derive(Clone, Copy)]
pub struct Kept(StoredValue<String>);

/// A place for the signed-in user under `name`.
pub fn use_kept(name: &str) -> Kept {
    Kept(StoredValue::new(key_of(name)))
}

impl Kept {
    /// What lies there. Only in the browser.
    pub fn load(self) -> Option<String> {
        self.0
            .with_value(|key| storage()?.get_item(key).ok().flatten())
    }

    /// Puts something there; `None` clears the place. Only in the browser.
    pub fn store(self, text: Option<&str>) {
        self.0.with_value(|key| {
            let Some(storage) = storage() else { return };
            // A full or forbidden storage must not keep anybody from working.
            let _ = match text {
                Some(text) => storage.set_item(key, text),
                None => storage.remove_item(key),
            };
        });
    }
}
