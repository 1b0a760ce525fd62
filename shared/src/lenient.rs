//! Lists that a release reads although a later one wrote them: a value that it does not know is left out, and the
//! rest stays readable. For what a host answers; what a browser sends is read strictly.

use serde::{Deserialize, Deserializer, Serialize};

/// A value; none where this release does not know it.
struct Item<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Item<T> {
    /// The browser has parsed the text already, and a value that is refused is refused as a whole. Nothing is
    /// compiled twice then: see "Sizes" in ARCHITECTURE.
    #[cfg(target_arch = "wasm32")]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }

    /// A text must be read to the end of the value, known or not, so serde keeps the value before it looks at it.
    #[cfg(not(target_arch = "wasm32"))]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Value<T> {
            Known(T),
            Unknown(serde::de::IgnoredAny),
        }
        Ok(match Value::deserialize(deserializer)? {
            Value::Known(value) => Self(Some(value)),
            Value::Unknown(_) => Self(None),
        })
    }
}

/// For `#[serde(deserialize_with)]` on a list.
pub fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Vec::<Item<T>>::deserialize(deserializer)?;
    Ok(items.into_iter().filter_map(|item| item.0).collect())
}

/// For `#[serde(deserialize_with)]` on an optional value: one that this release does not know is none.
pub fn known<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Item<T>>::deserialize(deserializer)?.and_then(|item| item.0))
}

/// A list that is a whole answer. On the wire it is a plain list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent, bound(deserialize = "T: serde::Deserialize<'de>"))]
pub struct List<T>(#[serde(deserialize_with = "list")] pub Vec<T>);

#[cfg(test)]
mod tests {
    use crate::directory::Settings;
    use crate::language::Language;
    use crate::notice::Notice;
    use crate::organisation::{OrganisationSettings, PasskeyRule, SecondFactorRule};
    use crate::people::Role;
    use crate::transcript::{Entry, EntryBody};

    use super::List;

    #[test]
    fn e06_f06_a_value_of_a_later_release_is_left_out_of_its_list() {
        let roles: List<Role> =
            serde_json::from_str(r#"["agent", "auditor", {"bot": 1}, null, "supervisor"]"#)
                .expect("a list");
        assert_eq!(roles.0, [Role::Agent, Role::Supervisor]);
    }

    #[test]
    fn e06_f06_an_entry_of_a_later_release_hides_no_other() {
        let entry = |seq: i64, body: &str| {
            format!(r#"{{"id": "e-{seq}", "seq": {seq}, "at": {seq}, "body": {body}}}"#)
        };
        let text = [
            entry(1, r#"{"Notice": {"kind": "assigned", "agent": "Amy"}}"#),
            entry(
                2,
                r#"{"Picture": {"url": "/pictures/1", "size": [640, 480]}}"#,
            ),
            entry(
                3,
                r#"{"Message": {"author": "robot", "name": "R", "text": "?"}}"#,
            ),
            entry(4, r#"{"Notice": {"kind": "ended", "by": "Amy"}}"#),
            entry(5, r#"{"Notice": {"kind": "painted", "colour": "red"}}"#),
        ];
        let read: List<Entry> =
            serde_json::from_str(&format!("[{}]", text.join(","))).expect("a list");
        let seqs: Vec<i64> = read.0.iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, [1, 4, 5]);
        assert!(matches!(read.0[0].body, EntryBody::Notice(_)));
        // It holds its place, in words that say so.
        assert_eq!(read.0[2].body, EntryBody::Notice(Notice::Later));
    }

    #[test]
    fn e06_a_language_of_a_later_release_is_none() {
        let settings = |language: &str| {
            let json = format!(r#"{{"pop_up": true, "presence": "away"{language}}}"#);
            serde_json::from_str::<Settings>(&json).expect("settings")
        };
        let german = settings(r#", "language": "de""#);
        assert_eq!(german.language, Some(Language::De));
        for unknown in [r#", "language": "tlh""#, r#", "language": null"#, ""] {
            assert_eq!(settings(unknown).language, None);
        }
    }

    #[test]
    fn a_rule_for_signing_in_of_a_later_release_asks_for_more() {
        let settings: OrganisationSettings = serde_json::from_str(
            r#"{"queue_max": 7, "second_factor": "strangers", "passkeys": "on_mondays", "colour": "red"}"#,
        )
        .expect("settings");
        assert_eq!(settings.queue_max, 7);
        assert_eq!(settings.second_factor, SecondFactorRule::Everybody);
        assert_eq!(settings.passkeys, PasskeyRule::SecondFactor);
        let unset: OrganisationSettings = serde_json::from_str("{}").expect("settings");
        assert_eq!(unset, OrganisationSettings::default());
    }

    #[test]
    fn what_is_no_list_is_no_list() {
        assert!(serde_json::from_str::<List<Role>>(r#""agent""#).is_err());
    }
}
