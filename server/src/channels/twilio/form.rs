//! The parameters of a webhook: names and values, each once for the signature in the order of names.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The parameters of a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters(Vec<(String, String)>);

/// A body that is no form in UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoForm;

impl Parameters {
    /// Of a body of the type `application/x-www-form-urlencoded`. Unlike a browser's form nothing is put in the place of what
    /// is no UTF-8: the signature is over what was sent.
    pub(super) fn parse(body: &[u8]) -> Result<Self, NoForm> {
        let body = std::str::from_utf8(body).map_err(|_| NoForm)?;
        let pairs = body.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// The first value of a name; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Name and value of each in the order of names, nothing between, every value of a name once and in order.
    pub(super) fn signed(&self) -> String {
        let mut pairs: Vec<&(String, String)> = self.0.iter().collect();
        pairs.sort();
        pairs.dedup();
        let pairs = pairs.into_iter();
        pairs
            .flat_map(|(name, value)| [name.as_str(), value])
            .collect()
    }
}

fn decoded(text: &str) -> Result<String, NoForm> {
    let blanks: Cow<str> = match text.contains('+') {
        true => text.replace('+', " ").into(),
        false => text.into(),
    };
    let decoded = percent_decode_str(&blanks).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| NoForm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_and_put_in_order() {
        let form = Parameters::parse(b"b=2&a=1+1&b=2&b=1&c=%C3%A4&d").unwrap();
        assert_eq!((form.get("a"), form.get("c")), ("1 1", "ä"));
        assert_eq!((form.get("d"), form.get("e")), ("", ""));
        assert_eq!(form.signed(), "a1 1b1b2cäd");
    }

    #[test]
    fn what_is_no_utf8_is_no_form() {
        assert_eq!(Parameters::parse(b"Body=%FF"), Err(NoForm));
        assert_eq!(Parameters::parse(b"Body=\xFF"), Err(NoForm));
    }
}
