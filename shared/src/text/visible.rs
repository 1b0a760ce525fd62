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

/// Blanks, controls, fillers, and marks without a width of their own: Unicode's Default_Ignorable_Code_Point, the empty
/// pattern of braille, and signs that only other programs understand.
#[cfg(not(target_arch = "wasm32"))]
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFC}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}
