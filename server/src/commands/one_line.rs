//! The beginning of a text as a list or a heading shows it.

use shared::clusters::beginning;

/// The beginning of a text on one line: at most `max` characters, blanks and line breaks become one blank. What is longer
/// ends behind a word, with an ellipsis in the place of a full stop or a comma; a word that takes more than half of the line is cut,
/// between the signs that people see.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let room = beginning(&line, max);
    let word = room.rfind(' ');
    let word = word.filter(|end| room[..*end].chars().count() >= max / 2);
    let words = match word {
        Some(end) => &room[..end],
        None => beginning(room, max.saturating_sub(1)),
    };
    let words = words.trim_end_matches(|c: char| c.is_whitespace() || ",;:.…–-".contains(c));
    [words, "…"].concat()
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn u18_e34_a_long_text_is_cut_behind_a_word() {
        assert_eq!(one_line("My parcel\n is late", 60), "My parcel is late");
        assert_eq!(one_line("broken since yesterday, and", 20), "broken since…");
        assert_eq!(
            one_line("booked for Tuesday, and then", 20),
            "booked for Tuesday…"
        );
        assert_eq!(
            one_line("Nobody came. Where are they?", 20),
            "Nobody came. Where…"
        );
        assert_eq!(
            one_line("I waited and nobody came. Why?", 26),
            "I waited and nobody came…"
        );
        assert_eq!(one_line(&"x".repeat(30), 10), "xxxxxxxxx…");
        assert_eq!(one_line("xxxxxxe\u{301}xxxx", 8), "xxxxxx…");
        let family = "👨\u{200D}👩\u{200D}👧";
        assert_eq!(one_line(&["xxxxxx", family, "xx"].concat(), 10), "xxxxxx…");
        assert_eq!(one_line(&"नि".repeat(8), 6), "निनि…");
        for max in 1..12 {
            assert!(one_line("two words and more", max).chars().count() <= max);
        }
    }
}
