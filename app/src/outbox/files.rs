//! Files that go along with texts: chosen in a box, or on their way. A browser's storage has no room for them, so they last as
//! long as the page, which asks before it goes.

use std::cell::RefCell;

use web_sys::File;

thread_local! {
    /// By the name of the draft beside which a file was chosen, or by the key under which it is sent.
    static FILES: RefCell<Vec<(String, File)>> = const { RefCell::new(Vec::new()) };
}

/// The file of this name.
pub fn find(name: &str) -> Option<File> {
    FILES.with_borrow(|files| {
        let found = files.iter().find(|(known, _)| known == name);
        found.map(|(_, file)| file.clone())
    })
}

/// Puts a file there, in place of another; `None` takes it away.
pub fn put(name: &str, file: Option<File>) {
    FILES.with_borrow_mut(|files| {
        files.retain(|(known, _)| known != name);
        files.extend(file.map(|file| (name.to_owned(), file)));
    });
}

/// Whether there is one.
pub fn any() -> bool {
    FILES.with_borrow(|files| !files.is_empty())
}

/// Takes all of them away.
pub fn clear() {
    FILES.take();
}
