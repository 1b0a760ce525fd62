//! Reads what Meta may write in more than one way, so that no message is lost for a field that nobody needs.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What stands for a sign that is none.
const REPLACEMENT: &str = r"\ufffd";

/// A body as JSON that can be read: U+FFFD is put in the place of bytes that are no UTF-8, and of each half of a pair of
/// surrogates that has lost the other. Customers cut emojis in two, and Meta escapes the half that is left (`"\ud83d"`).
pub(super) fn repaired(body: &[u8]) -> String {
    let body: Cow<str> = String::from_utf8_lossy(body);
    let mut rest = body.as_ref();
    let mut repaired = String::with_capacity(rest.len());
    while let Some(place) = rest.find('\\') {
        let (before, escape) = rest.split_at(place);
        repaired.push_str(before);
        let (kept, length) = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(Half::High), Some(Half::Low)) => (&escape[..12], 12),
            (Some(_), _) => (REPLACEMENT, 6),
            // With what is escaped: a second backslash begins nothing.
            (None, _) => {
                let escaped = escape.chars().nth(1).map_or(0, char::len_utf8);
                (&escape[..1 + escaped], 1 + escaped)
            }
        };
        repaired.push_str(kept);
        rest = &escape[length..];
    }
    repaired.push_str(rest);
    repaired
}

/// One of a pair of surrogates.
enum Half {
    High,
    Low,
}

/// The surrogate with whose escape a text begins.
fn surrogate(text: &str) -> Option<Half> {
    let digits = text.strip_prefix(r"\u")?.get(..4)?;
    // Not all that Rust reads as a number is one in JSON: "+d83".
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    match u16::from_str_radix(digits, 16).ok().filter(|_| plain)? {
        0xD800..=0xDBFF => Some(Half::High),
        0xDC00..=0xDFFF => Some(Half::Low),
        _ => None,
    }
}

/// A field that may be missing, or be null.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A whole number, also as a text or with a point. Anything else counts as missing.
pub(super) fn number<'de, D>(deserializer: D) -> Result<Option<i64>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            let number = text.parse().ok();
            number.or_else(|| text.parse().ok().and_then(whole))
        }
        _ => None,
    })
}

/// Without what stands behind the point.
fn whole(number: f64) -> Option<i64> {
    // Of larger ones not every number is there.
    (number.abs() < 9e15).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_half_of_a_pair_is_replaced_and_everything_else_stays() {
        for (said, repaired_to) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uDC4D x""#, r#""\ufffd x""#),
            (r#""\ud83d\ud83d\udc4d""#, r#""\ufffd\ud83d\udc4d""#),
            (r#""\udc4d\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\u0041\udc4d""#, r#""\ufffd\u0041\ufffd""#),
            (r#""\ud83d\\udc4d""#, r#""\ufffd\\udc4d""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
        ] {
            assert_eq!(repaired(said.as_bytes()), repaired_to, "{said}");
        }
        for whole in [
            r#""\ud83d\udc4d""#,
            r#""\\ud83d""#,
            r#""\\\\ud83d \n\" 👍 \u00e4""#,
            r#""\ud8""#,
            r#""\u+d83\ud83""#,
            r#""\é\"#,
            r"\",
            "",
        ] {
            assert_eq!(repaired(whole.as_bytes()), whole);
        }
    }

    #[test]
    fn a_number_is_one_in_any_form() {
        let read = |value: Value| number(value).unwrap();
        for value in [
            json!(1_700_000_000_123_i64),
            json!("1700000000123"),
            json!(1_700_000_000_123.0),
            json!(" 1.700000000123e12 "),
        ] {
            assert_eq!(read(value.clone()), Some(1_700_000_000_123), "{value}");
        }
        assert_eq!(read(json!(5.75)), Some(5));
        for value in [
            json!(null),
            json!("soon"),
            json!("NaN"),
            json!("inf"),
            json!(1e300),
            json!([5]),
            json!(true),
            json!(""),
        ] {
            assert_eq!(read(value.clone()), None, "{value}");
        }
    }
}
