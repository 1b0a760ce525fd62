//! The parameters of a webhook: names and values, each once for the signature in the order of names.

use percent_encoding::percent_decode;

/// The parameters of a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters(Vec<Parameter>);

#[derive(Debug, PartialEq, Eq)]
struct Parameter {
    /// Name and value as they were sent: the signature is over these bytes.
    sent: (Vec<u8>, Vec<u8>),
    name: String,
    value: String,
}

impl Parameters {
    /// Of a body of the type `application/x-www-form-urlencoded`. What is no UTF-8 reads as U+FFFD: a text is not lost for one
    /// sign of it.
    pub(super) fn parse(body: &[u8]) -> Self {
        let pairs = body.split(|byte| *byte == b'&');
        let pairs = pairs.filter(|pair| !pair.is_empty());
        Self(pairs.map(Parameter::parse).collect())
    }

    /// The first value of a name; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|parameter| parameter.name == name);
        found.map_or("", |parameter| parameter.value.as_str())
    }

    /// Whether all of it is UTF-8, so that nothing reads as U+FFFD that was not sent so.
    pub(super) fn is_utf8(&self) -> bool {
        let readable = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
        let mut sent = self.0.iter().map(|parameter| &parameter.sent);
        sent.all(|(name, value)| readable(name) && readable(value))
    }

    /// Name and value of each in the order of names, nothing between, every value of a name once and in order.
    pub(super) fn signed(&self) -> Vec<u8> {
        let mut pairs: Vec<_> = self.0.iter().map(|parameter| &parameter.sent).collect();
        pairs.sort();
        pairs.dedup();
        let pairs = pairs.into_iter();
        pairs
            .flat_map(|(name, value)| [name.as_slice(), value])
            .flatten()
            .copied()
            .collect()
    }
}

impl Parameter {
    fn parse(pair: &[u8]) -> Self {
        let mut parts = pair.splitn(2, |byte| *byte == b'=');
        let mut part = || decoded(parts.next().unwrap_or_default());
        let sent = (part(), part());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (name, value) = (text(&sent.0), text(&sent.1));
        Self { sent, name, value }
    }
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let blank = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
    let blanks: Vec<u8> = bytes.iter().map(blank).collect();
    percent_decode(&blanks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_and_put_in_order() {
        let form = Parameters::parse("b=2&a=1+1&b=2&b=1&c=%C3%A4&d&=&e=f=ö".as_bytes());
        assert_eq!((form.get("a"), form.get("c")), ("1 1", "ä"));
        assert_eq!((form.get("d"), form.get("e")), ("", "f=ö"));
        assert_eq!((form.get("f"), form.get("")), ("", ""));
        assert_eq!(form.signed(), "a1 1b1b2cädef=ö".as_bytes());
        assert!(form.is_utf8() && Parameters::parse(b"Body=%EF%BF%BD").is_utf8());
    }

    #[test]
    fn what_is_no_utf8_costs_one_sign_and_is_signed_as_it_was_sent() {
        for body in [b"Body=Hi+%FF%21".as_slice(), b"Body=Hi+\xFF!"] {
            let form = Parameters::parse(body);
            assert_eq!(form.get("Body"), "Hi \u{FFFD}!");
            assert!(!form.is_utf8());
            assert_eq!(form.signed(), b"BodyHi \xFF!");
        }
    }
}
