//! Style sheets: parsed and minified by lightningcss, and joined in the order of their names.
//!
//! No old browsers are named as targets, so nothing is rewritten for them. A sheet that cannot be parsed fails the build.

use std::fs;
use std::path::PathBuf;

use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};

use crate::Failure;

pub fn join(files: &[PathBuf]) -> Result<String, Failure> {
    let minified = files.iter().map(|file| {
        let name = file.display().to_string();
        let css = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
        minify(&name, &css)
    });
    minified.collect()
}

/// One sheet without what says nothing; `name` stands in errors.
fn minify(name: &str, css: &str) -> Result<String, Failure> {
    let options = ParserOptions {
        filename: name.to_owned(),
        ..ParserOptions::default()
    };
    let mut sheet =
        StyleSheet::parse(css, options).map_err(|error| format!("a style sheet: {error}"))?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| format!("a style sheet: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            ..PrinterOptions::default()
        })
        .map_err(|error| format!("a style sheet: {error}"))?;
    Ok(printed.code)
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn what_says_nothing_goes_and_what_carries_meaning_stays() {
        for (css, minified) in [
            (
                "/* one */\na ,\n b {\n  color : red ;\n}\n\n",
                "a,b{color:red}",
            ),
            ("a :hover{top:0}", "a :hover{top:0}"),
            ("a{width:calc(1px + 2em)}", "a{width:calc(1px + 2em)}"),
            ("a{--x:;}", "a{--x:}"),
        ] {
            assert_eq!(minify("a.css", css).unwrap(), minified);
        }
    }

    #[test]
    fn a_sheet_that_cannot_be_parsed_is_named() {
        let error = minify("wrong.css", "a { color: }}")
            .unwrap_err()
            .to_string();
        assert!(error.contains("wrong.css"), "{error}");
    }
}
