//! The style sheets, joined in the order of their names, without comments and without white space that says nothing.
//!
//! Knows strings, `url(…)` and parentheses, and nothing else of CSS: where it is not sure, it leaves a space.

use std::fs;
use std::path::PathBuf;

use crate::Failure;

pub fn join(files: &[PathBuf]) -> Result<String, Failure> {
    let mut sheet = String::new();
    for file in files {
        sheet +=
            &fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        sheet.push('\n');
    }
    Ok(strip(&sheet))
}

/// Drops comments, folds white space into one space, and drops that one beside `{`, `}`, `;` and after `,` and `:`.
///
/// Spaces around operators stay, because `calc` needs them, and so does the space before a colon, because `a :hover`
/// and `a:hover` are two things.
fn strip(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    let mut space = false;
    while let Some(next) = rest.chars().next() {
        if next.is_ascii_whitespace() {
            space = true;
            rest = &rest[1..];
            continue;
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.find("*/").map_or("", |end| &comment[end + 2..]);
            // A comment parts two words without being a space; an empty one still does.
            let touches_words =
                !space && !rest.starts_with(|next: char| next.is_ascii_whitespace());
            if touches_words && !out.ends_with(['{', '}', ';', ',']) && !out.is_empty() {
                out.push_str("/**/");
            }
            continue;
        }
        let needed = !matches!(next, '{' | '}' | ';') && !out.ends_with(['{', '}', ';', ',', ':']);
        if space && needed && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        if next == '}' && out.ends_with(';') && !out.ends_with(":;") {
            out.pop();
        }
        let token = match next {
            '"' | '\'' => quoted(rest, next),
            _ => raw_url(rest).unwrap_or(&rest[..next.len_utf8()]),
        };
        out.push_str(token);
        rest = &rest[token.len()..];
    }
    out
}

/// A string with its quotes, up to its end or the end of the sheet.
fn quoted(css: &str, quote: char) -> &str {
    let mut escaped = false;
    for (at, next) in css.char_indices().skip(1) {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if next == quote => return &css[..at + 1],
            _ => {}
        }
    }
    css
}

/// `url(…)` without quotes inside, where `//` and `/*` are part of an address. With quotes it is an ordinary string.
fn raw_url(css: &str) -> Option<&str> {
    let inside = css.strip_prefix("url(")?;
    if inside.trim_start().starts_with(['"', '\'']) {
        return None;
    }
    Some(
        inside
            .find(')')
            .map_or(css, |end| &css[.."url(".len() + end + 1]),
    )
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn drops_what_says_nothing() {
        assert_eq!(
            strip("/* one */\na ,\n b {\n  color : red ;\n  margin: 0 auto;\n}\n\n.c {}\n"),
            "a ,b{color :red;margin:0 auto}.c{}"
        );
    }

    #[test]
    fn keeps_the_spaces_that_carry_meaning() {
        for css in [
            "a :hover{top:0}",
            "a{width:calc(1px + 2px)}",
            "a > b + c ~ d{top:0}",
            "@media (a) and (b){a{top:0}}",
            "a{--x:;}",
        ] {
            assert_eq!(strip(css), css);
        }
    }

    #[test]
    fn never_looks_into_strings_and_addresses() {
        for css in [
            r#"a::after{content:"/*  } \"  ;  "}"#,
            "a{background:url(data:x;  /*y*/)}",
            "a{background:url( 'a  b' )}",
        ] {
            assert_eq!(strip(css), css);
        }
    }

    #[test]
    fn a_comment_neither_joins_words_nor_parts_a_selector() {
        assert_eq!(strip("a/* x */.b{top:0}"), "a/**/.b{top:0}");
        assert_eq!(strip("a /* x */ .b{top:0}"), "a .b{top:0}");
        assert_eq!(strip("a{top:0;/* x */left:0}"), "a{top:0;left:0}");
        assert_eq!(strip("a{}/* never closed"), "a{}");
    }

    #[test]
    fn a_sheet_that_breaks_off_is_taken_as_it_is() {
        assert_eq!(strip("a{content:\"b"), "a{content:\"b");
        assert_eq!(strip("a{b:url(c"), "a{b:url(c");
        assert_eq!(strip(""), "");
    }
}
