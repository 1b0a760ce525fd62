//! The languages of the interface.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A language in which the interface speaks. Its words stand in `i18n/locales/<code>.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Language; 2] = [Language::En, Language::De];

    /// What the language calls itself.
    pub fn name(self) -> &'static str {
        match self {
            Language::En => "English",
            Language::De => "Deutsch",
        }
    }

    /// The BCP 47 tag in the document's `lang`, in the database and on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
        }
    }

    /// The document's `dir`.
    pub fn direction(self) -> &'static str {
        match self {
            Language::En | Language::De => "ltr",
        }
    }

    /// The BCP 47 tag for `Intl`. English writes the day before the month, as Sideline always has.
    pub fn intl(self) -> &'static str {
        match self {
            Language::En => "en-GB",
            Language::De => "de",
        }
    }

    /// The language of a tag, whatever region and script it names as well.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next()?.trim();
        Language::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The best language for what an `Accept-Language` header asks for (RFC 9110, section 12.5.4).
    pub fn accepted(header: &str) -> Option<Language> {
        let mut best = None;
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok());
            let language = match tag {
                "*" => Some(Language::default()),
                tag => Language::from_tag(tag),
            };
            if let (Some(language), Some(weight)) = (language, weight)
                && weight > best.map_or(0.0, |(_, weight)| weight)
            {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        let language = Language::ALL.into_iter().find(|one| one.code() == code);
        language.ok_or_else(|| serde::de::Error::custom("an unknown language"))
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, De, En};

    #[test]
    fn a_browser_gets_the_language_that_it_prefers() {
        for (header, expected) in [
            ("de", Some(De)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(De)),
            ("fr-FR, en;q=0.5, de;q=0.7", Some(De)),
            ("en-US,en;q=0.9,de;q=0.8", Some(En)),
            ("EN", Some(En)),
            ("*", Some(En)),
            ("de;q=0, en", Some(En)),
            ("de;q=0", None),
            ("fr, ja;q=0.5", None),
            ("de;q=nonsense, fr", None),
            ("", None),
            (",;q=1,-", None),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }

    #[test]
    fn a_language_reads_what_it_wrote() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.code()), Some(language));
            let json = serde_json::to_string(&language).expect("JSON");
            assert_eq!(serde_json::from_str::<Language>(&json).ok(), Some(language));
        }
        assert!(serde_json::from_str::<Language>("\"tlh\"").is_err());
    }
}
