//! Telephone numbers, as people write them and as they are dialled.

use crate::error::{AppError, Problem};
use crate::text::{is_mark, is_number_separator, is_outer_blank, is_visible};

/// The fewest digits of a telephone number.
pub const PHONE_NUMBER_MIN: usize = 2;
/// The most digits of a telephone number.
pub const PHONE_NUMBER_MAX: usize = 20;

/// A number to call: 2 to 20 digits, `*` and `#` after an optional `+`. It is taken as people write it: with blanks,
/// dashes, dots, slashes and brackets, in the digits of any script, with the `(0)` that is not dialled from abroad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Tidies and checks. The error names the first sign that has no place in a number.
    pub fn parse(raw: &str) -> Result<Self, AppError> {
        let refused = |problem| Err(AppError::invalid("number", problem));
        let mut written = String::with_capacity(raw.len());
        let without_scheme = raw.trim_start_matches(is_outer_blank);
        let scheme = without_scheme.get(..4);
        let scheme = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
        let skipped = raw.chars().count() - without_scheme.chars().count();
        let skipped = skipped + if scheme { 4 } else { 0 };
        for (place, c) in raw.chars().enumerate().skip(skipped) {
            match c {
                '+' | '\u{FF0B}' | '\u{FE62}' => written.push('+'),
                '*' | '\u{FF0A}' | '\u{2217}' => written.push('*'),
                '#' | '\u{FF03}' | '\u{266F}' => written.push('#'),
                '(' | '\u{FF08}' => written.push('('),
                ')' | '\u{FF09}' => written.push(')'),
                _ => match digit(c) {
                    Some(digit) => written.push(digit),
                    None if is_number_separator(c) || is_mark(c) || is_outer_blank(c) => {}
                    None => {
                        return refused(Problem::NoPartOfNumber {
                            place: place as i64 + 1,
                            sign: named(c),
                        });
                    }
                },
            }
        }
        // "+49 (0)30": the zero is for callers within the country.
        if written.trim_start_matches('(').starts_with(['+']) {
            written = written.replacen("(0)", "", 1);
        }
        let number = written.replace(['(', ')'], "");
        let digits = number.strip_prefix('+').unwrap_or(&number);
        let good = (PHONE_NUMBER_MIN..=PHONE_NUMBER_MAX).contains(&digits.len())
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || b"*#".contains(&b));
        if !good {
            return refused(Problem::PhoneNumberForm {
                min: PHONE_NUMBER_MIN as i64,
                max: PHONE_NUMBER_MAX as i64,
            });
        }
        Ok(Self(number))
    }

    /// The tidy number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The sign as it can be shown.
fn named(c: char) -> String {
    let text = c.to_string();
    if !c.is_control() && is_visible(&text) {
        text
    } else {
        format!("U+{:04X}", u32::from(c))
    }
}

/// The zeros of the scripts that write numbers with ten digits; the others follow.
const ZEROS: [u32; 38] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66,
    0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0,
];

/// The digit of any script in ASCII.
fn digit(c: char) -> Option<char> {
    let value = |zero: u32| u32::from(c).checked_sub(zero).filter(|value| *value < 10);
    ZEROS
        .into_iter()
        .find_map(value)
        .and_then(|value| char::from_digit(value, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e32_a_phone_number_is_taken_as_people_write_it() {
        for (raw, number) in [
            ("+49 (30) 123-45", "+493012345"),
            ("+49\u{A0}30\u{202F}901820", "+4930901820"),
            ("030\u{2011}90\u{2013}18\u{2212}20", "030901820"),
            ("\u{202D}+49 30 901820\u{202C}", "+4930901820"),
            ("\u{FEFF}\u{200E}030 1234\u{200B}", "0301234"),
            ("＋４９（３０）１２３－４５", "+493012345"),
            ("٠٣٠ ١٢٣٤", "0301234"),
            ("+۹۸ ۲۱ ۱۲۳۴", "+98211234"),
            ("030/901820", "030901820"),
            ("(030) 90.18.20", "030901820"),
            ("+49 (0) 30 901820", "+4930901820"),
            ("(+49) 30 901820", "+4930901820"),
            ("tel:+49-30-901820", "+4930901820"),
            ("*31#0301234", "*31#0301234"),
        ] {
            assert_eq!(PhoneNumber::parse(raw).unwrap().as_str(), number, "{raw:?}");
        }
        let refused = |place, sign: &str| {
            let sign = sign.to_owned();
            AppError::invalid("number", Problem::NoPartOfNumber { place, sign })
        };
        assert_eq!(PhoneNumber::parse("call me").unwrap_err(), refused(1, "c"));
        assert_eq!(
            PhoneNumber::parse(" 030 12\u{0}").unwrap_err(),
            refused(8, "U+0000")
        );
        for raw in ["+", "", "1", "12+34", "++12", "123456789012345678901"] {
            let error = PhoneNumber::parse(raw).unwrap_err();
            let problem = Problem::PhoneNumberForm { min: 2, max: 20 };
            assert_eq!(error, AppError::invalid("number", problem), "{raw}");
        }
    }
}
