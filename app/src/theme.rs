//! The theme. It belongs to the browser, not to the account; `early.js` applies it before anything is painted.

use leptos::prelude::*;

/// The storage key that `early.js` reads.
const THEME_KEY: &str = "sideline-theme";

/// The theme that was chosen; nothing: that of the system.
pub fn theme() -> Option<String> {
    document()
        .document_element()
        .and_then(|html| html.get_attribute("data-theme"))
}

/// Chooses a theme; nothing is that of the system.
pub fn set_theme(theme: Option<&'static str>) {
    let storage = window().local_storage().ok().flatten();
    let Some(html) = document().document_element() else {
        return;
    };
    // Without a storage the choice lasts as long as the page.
    let _ = match theme {
        Some(theme) => {
            if let Some(storage) = storage {
                let _ = storage.set_item(THEME_KEY, theme);
            }
            html.set_attribute("data-theme", theme)
        }
        None => {
            if let Some(storage) = storage {
                let _ = storage.remove_item(THEME_KEY);
            }
            html.remove_attribute("data-theme")
        }
    };
}
