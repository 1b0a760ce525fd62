//! What is the same name: without case, accents, composition and the blanks around it. Names are found, sorted and kept
//! apart by this.

/// The name as it is compared: "Zoë  MÜLLER " and a decomposed "zoe muller" are one. Marks that are letters of their
/// script, such as the vowels of Devanagari, stay.
pub fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in decomposed(name).chars() {
        match c {
            c if is_blank(c) => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            c if is_accent(c) || is_invisible(c) => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ħ' => folded.push('h'),
            'ŧ' => folded.push('t'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            c => folded.push(c),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// An identifier without case and composition: what is written the same is the same.
#[cfg(not(target_arch = "wasm32"))]
pub fn composed(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;

    let composed: String = name.nfc().collect();
    composed.to_lowercase().nfc().collect()
}

/// An identifier as it is kept apart from others: without case, composition, width and what nobody sees. Accents make another one.
#[cfg(not(target_arch = "wasm32"))]
pub fn identified(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;

    let seen = name.chars().filter(|c| !is_invisible(*c));
    let composed: String = seen.nfkc().collect();
    composed.to_lowercase().nfkc().collect()
}

/// Whether every word of a search is part of the text.
pub fn finds(search: &str, text: &str) -> bool {
    let (search, text) = (folded(search), folded(text));
    search.split(' ').all(|word| text.contains(word))
}

/// In small letters, with each mark beside its letter.
#[cfg(not(target_arch = "wasm32"))]
fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;

    text.nfkd().collect::<String>().to_lowercase()
}

/// The browser has the tables.
#[cfg(target_arch = "wasm32")]
fn decomposed(text: &str) -> String {
    let text = js_sys::JsString::from(text);
    text.normalize("NFKD").to_lower_case().into()
}

/// The text in capitals.
#[cfg(not(target_arch = "wasm32"))]
pub fn capitals(text: &str) -> String {
    text.to_uppercase()
}

/// The text in capitals.
#[cfg(target_arch = "wasm32")]
pub fn capitals(text: &str) -> String {
    js_sys::JsString::from(text).to_upper_case().into()
}

/// Marks above, below and through letters, which a search leaves out in every language that has them.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}'
        // The points of Hebrew and the vowel signs of Arabic.
        | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}'..='\u{5C2}' | '\u{5C4}'..='\u{5C5}' | '\u{5C7}'
        | '\u{610}'..='\u{61A}' | '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6DC}')
}

/// Marks without a width of their own: Unicode's Default_Ignorable_Code_Point, and signs that only other programs understand.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFC}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The empty pattern of braille is a sign to Unicode, and a blank to everybody who sees it.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

#[cfg(test)]
mod tests {
    use super::{composed, finds, folded, identified};

    #[test]
    fn e34_case_accents_composition_and_outer_blanks_make_no_other_name() {
        for (name, same) in [
            ("Care", "care"),
            ("Care", "  CARE\u{A0}"),
            ("Care", "Ca\u{200B}re"),
            ("Care", "Ca\u{180E}re"),
            ("Care", "Ca\u{E0061}re"),
            ("Care", "Ca\u{3164}re\u{FFA0}"),
            ("Care", "Ca\u{1D173}re\u{FFF9}"),
            ("Care", "Care\u{2800}"),
            ("Ca re", "Ca\u{2800}re"),
            ("Care", "Ｃａｒｅ"),
            ("Amélie", "Ame\u{301}lie"),
            ("Zoë Müller", "zoe   muller"),
            ("Straße", "STRASSE"),
            ("Øystein Łukasz", "oystein lukasz"),
            ("İstanbul", "istanbul"),
            ("ΟΔΟΣ", "οδος"),
            ("ﬁrst", "first"),
            ("أحمد", "احمد"),
        ] {
            assert_eq!(folded(name), folded(same), "{name} {same}");
        }
        for (name, other) in [("Care", "Cares"), ("かき", "か き"), ("कि", "क")] {
            assert_ne!(folded(name), folded(other), "{name} {other}");
        }
    }

    #[test]
    fn e34_an_identifier_has_accents_and_neither_width_nor_composition() {
        for (name, same) in [
            ("zo\u{EB}@x", "ZOE\u{308}@x"),
            ("amy", "ａｍｙ"),
            ("amy", "am\u{200D}y"),
            ("İ", "i\u{307}"),
        ] {
            assert_eq!(identified(name), identified(same), "{name} {same}");
        }
        assert_ne!(identified("zoë@x"), identified("zoe@x"));
        assert_eq!(composed("zo\u{EB}@x"), composed("ZOE\u{308}@x"));
        for other in ["ａｍｙ", "am\u{200D}y"] {
            assert_ne!(composed("amy"), composed(other), "{other}");
        }
    }

    #[test]
    fn e34_agnes_stands_beside_agnes() {
        let mut names = [
            "Zoë", "agnes B", "Ágnes A", "Bob", "Émile", "Agnes C", "Eva",
        ];
        names.sort_by_key(|name| folded(name));
        assert_eq!(
            names,
            [
                "Ágnes A", "agnes B", "Agnes C", "Bob", "Émile", "Eva", "Zoë"
            ]
        );
    }

    #[test]
    fn e34_a_search_finds_words_in_any_order() {
        assert!(finds("muller ZOE", "Zoë Müller"));
        assert!(finds("ovari", "A\u{301}gnes O\u{301}va\u{301}ri"));
        assert!(finds("", "anybody"));
        assert!(finds(" \u{200B}", "anybody"));
        assert!(!finds("zoe miller", "Zoë Müller"));
    }
}
