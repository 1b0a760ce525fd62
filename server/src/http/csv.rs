//! Files for spreadsheets: CSV as RFC 4180 has it.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// Lines as a file that is saved. `name` is of this program's own making: it goes into a header as it is.
pub(crate) fn csv_file(name: &str, lines: &[String]) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, lines.concat()).into_response()
}

/// A line of fields.
pub(crate) fn csv_line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let fields: Vec<String> = fields.into_iter().map(csv_field).collect();
    let mut line = fields.join(",");
    line.push_str("\r\n");
    line
}

/// What begins a formula, also as East Asian keyboards write it.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A field. What a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises: at the beginning, and
/// where a cell begins for spreadsheets that separate by other signs, to which the quotation marks around a field are nothing.
fn csv_field(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    if text.starts_with(['\t', '\r', '\n']) {
        safe.push('\'');
    }
    let mut begins = true;
    for c in text.chars() {
        if begins && FORMULA.contains(&c) {
            safe.push('\'');
        }
        // An empty text in quotation marks may stand in front of a formula.
        begins = matches!(c, ';' | '\t' | '\r' | '\n') || (begins && c == '"');
        safe.push(c);
    }
    if safe.len() == text.len() && !safe.contains([',', '"', '\r', '\n']) {
        return safe;
    }
    ["\"", &safe.replace('"', "\"\""), "\""].concat()
}

#[cfg(test)]
mod tests {
    use super::csv_field;

    #[test]
    fn e51_a_spreadsheet_takes_no_field_for_a_formula() {
        for (text, field) in [
            ("Ada Almond", "Ada Almond"),
            ("=1+1", "\"'=1+1\""),
            ("+49", "\"'+49\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t'=1\""),
            ("\n=1", "\"'\n'=1\""),
            ("＝1+1", "\"'＝1+1\""),
            ("＠SUM(A1)", "\"'＠SUM(A1)\""),
            ("x;=1+1", "\"x;'=1+1\""),
            ("a;=cmd|x;＝2", "\"a;'=cmd|x;'＝2\""),
            ("a\t-1", "\"a\t'-1\""),
            ("a\n+1", "\"a\n'+1\""),
            ("a;\"\"=1", "\"a;\"\"\"\"'=1\""),
            ("a; b-c=d", "a; b-c=d"),
            ("a,b", "\"a,b\""),
            ("say \"no\"\n", "\"say \"\"no\"\"\n\""),
            ("", ""),
        ] {
            assert_eq!(csv_field(text), field);
        }
    }
}
