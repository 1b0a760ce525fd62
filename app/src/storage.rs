//! What the browser keeps for the signed-in user: drafts and texts that were not acknowledged. One key for each
//! thing, so that two tabs never write over each other. Only ever run in the browser.

use leptos::prelude::*;
use web_sys::Storage;

use crate::random::random_hex;

/// Drafts: `sideline-draft:USER:NAME:TAB`.
pub const DRAFTS: &str = "sideline-draft:";
/// In the names of drafts: which file was chosen beside one.
pub const FILES: &str = ":file/";
/// In the names of drafts: to which team one goes.
pub const TEAMS: &str = ":team/";
/// Texts on their way: `sideline-outbox:USER:KEY`.
pub const OUTBOX: &str = "sideline-outbox:";
/// Tabs that are there, for browsers without locks: `sideline-tab:TAB`.
pub const TABS: &str = "sideline-tab:";

/// The browser's storage; `None` where it is forbidden.
pub fn local() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What lies under a key.
pub fn get(key: &str) -> Option<String> {
    local()?.get_item(key).ok().flatten()
}

/// Puts something there. Answers whether it could: a storage may be full or forbidden.
pub fn set(key: &str, value: &str) -> bool {
    local().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// Clears a key.
pub fn remove(key: &str) {
    if let Some(storage) = local() {
        // Fails only for a storage that is forbidden, and then nothing lies there.
        let _ = storage.remove_item(key);
    }
}

/// All keys that begin so.
pub fn keys(prefix: &str) -> Vec<String> {
    let Some(storage) = local() else {
        return Vec::new();
    };
    (0..storage.length().unwrap_or(0))
        .filter_map(|index| storage.key(index).ok().flatten())
        .filter(|key| key.starts_with(prefix))
        .collect()
}

const TAB: &str = "sideline-tab";

/// The id of this tab. It outlives a reload and is no other tab's.
pub fn tab() -> String {
    of_tab(TAB).unwrap_or_else(new_tab)
}

/// Gives this tab another id: it was made as a copy of one that is still there.
pub fn new_tab() -> String {
    let id = random_hex();
    // Without a storage there are no drafts to keep apart either.
    set_of_tab(TAB, Some(&id));
    id
}

/// What this tab keeps under a key; it outlives a reload.
pub fn of_tab(key: &str) -> Option<String> {
    let session = window().session_storage().ok().flatten()?;
    session.get_item(key).ok().flatten()
}

/// Puts something there, or clears it. Does nothing where storage is forbidden.
pub fn set_of_tab(key: &str, value: Option<&str>) {
    let Ok(Some(session)) = window().session_storage() else {
        return;
    };
    // A full storage keeps what it had.
    let _ = match value {
        Some(value) => session.set_item(key, value),
        None => session.remove_item(key),
    };
}

/// Removes drafts and unsent texts: of one user, or of everybody but one.
pub fn wipe(of: impl Fn(&str) -> bool) {
    for prefix in [DRAFTS, OUTBOX] {
        for key in keys(prefix) {
            let user = key[prefix.len()..].split(':').next().unwrap_or_default();
            if of(user) {
                remove(&key);
            }
        }
    }
}

/// Whether drafts or unsent texts of a user lie here. The file and the team beside one are neither.
pub fn holds_texts_of(user: &str) -> bool {
    let is_text = |key: &String| !key.contains(FILES) && !key.contains(TEAMS);
    [DRAFTS, OUTBOX]
        .iter()
        .any(|prefix| keys(&[prefix, user, ":"].concat()).iter().any(is_text))
}
