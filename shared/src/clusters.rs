//! Signs as people see them: a letter with its marks, an emoji of several. What is cut is cut between them.

/// The first sign of a text.
#[cfg(not(target_arch = "wasm32"))]
pub fn first(text: &str) -> &str {
    use unicode_segmentation::UnicodeSegmentation;

    text.graphemes(true).next().unwrap_or_default()
}

/// The first sign of a text. A browser that cannot tell answers the first character.
#[cfg(target_arch = "wasm32")]
pub fn first(text: &str) -> &str {
    let length = segmented(text).or_else(|| text.chars().next().map(char::len_utf16));
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        let is_behind = units >= length.unwrap_or(0);
        units += c.len_utf16();
        is_behind
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// How long the first sign is in the browser's units.
#[cfg(target_arch = "wasm32")]
fn segmented(text: &str) -> Option<usize> {
    use js_sys::{Array, Function, JsString, Reflect};

    let get = |of: &js_sys::Object, name: &str| Reflect::get(of, &name.into()).ok();
    let intl = get(&js_sys::global(), "Intl")?.into();
    let segmenter = Function::from(get(&intl, "Segmenter").filter(|class| class.is_function())?);
    let segmenter = Reflect::construct(&segmenter, &Array::new()).ok()?.into();
    let segment = Function::from(get(&segmenter, "segment")?);
    let segments = segment.call1(&segmenter, &text.into()).ok()?;
    let segment = Array::from(&segments).get(0).into();
    let segment = JsString::from(get(&segment, "segment")?);
    Some(segment.length() as usize)
}

/// The beginning of a text: whole signs, of at most `max` characters together.
#[cfg(not(target_arch = "wasm32"))]
pub fn beginning(text: &str, max: usize) -> &str {
    use unicode_segmentation::UnicodeSegmentation;

    let mut room = max;
    let mut fits = |sign: &str| {
        let length = sign.chars().count();
        let fits = length <= room;
        room = room.saturating_sub(length);
        fits
    };
    let end = text.grapheme_indices(true).find(|(_, sign)| !fits(sign));
    end.map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::{beginning, first};

    const FAMILY: &str = "👨\u{200D}👩\u{200D}👧";

    #[test]
    fn e34_a_sign_is_what_people_see() {
        assert_eq!(first("e\u{301}a"), "e\u{301}");
        assert_eq!(first("🇩🇪🇫🇷"), "🇩🇪");
        assert_eq!(first("नि"), "नि");
        assert_eq!(first(&[FAMILY, "x"].concat()), FAMILY);
        assert_eq!(first(""), "");
    }

    #[test]
    fn e34_a_beginning_ends_between_signs() {
        assert_eq!(beginning("abc", 3), "abc");
        assert_eq!(beginning("abe\u{301}", 3), "ab");
        assert_eq!(beginning(&["a", FAMILY].concat(), 5), "a");
        assert_eq!(
            beginning(&["a", FAMILY].concat(), 6),
            ["a", FAMILY].concat()
        );
    }
}
