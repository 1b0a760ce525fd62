//! What nobody would see: signs without a width or a picture of their own.

/// Whether anything of a text can be seen. Combining marks alone cannot.
#[cfg(not(target_arch = "wasm32"))]
pub fn is_visible(text: &str) -> bool {
    use unicode_normalization::char::is_combining_mark;

    text.chars().any(|c| !is_blank(c) && !is_combining_mark(c))
}

/// Whether anything of a text can be seen. The browser knows the properties of all characters.
#[cfg(target_arch = "wasm32")]
pub fn is_visible(text: &str) -> bool {
    const SEEN: &str =
        r"[^\p{M}\p{Z}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFC\u{1D159}]";
    js_sys::RegExp::new(SEEN, "u").test(text)
}

/// Blanks, controls, and marks without a width of their own.
#[cfg(not(target_arch = "wasm32"))]
fn is_blank(c: char) -> bool {
    crate::fold::is_blank(c) || c.is_control() || crate::fold::is_invisible(c)
}
