//! The query of an address, as forms write it. The `ParamsMap` of leptos_router 0.8 undoes escapes twice.

/// The value of a name.
#[cfg(feature = "ssr")]
pub fn value(search: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(search.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

/// The value of a name.
#[cfg(not(feature = "ssr"))]
pub fn value(search: &str, name: &str) -> Option<String> {
    let pairs = web_sys::UrlSearchParams::new_with_str(search).ok()?;
    pairs.get(name)
}

/// The query with another value of a name, which no form would escape. Nothing else of it changes.
pub fn replaced(search: &str, name: &str, value: &str) -> String {
    let is_other = |pair: &&str| {
        let (key, _) = pair.split_once('=').unwrap_or((pair, ""));
        !pair.is_empty() && key != name
    };
    let others = search.trim_start_matches('?').split('&').filter(is_other);
    let mut pairs: Vec<&str> = others.collect();
    let pair = [name, "=", value].concat();
    pairs.push(&pair);
    pairs.join("&")
}

/// The zone of the days that an address asks for; nothing where it asks for none. An address that names no zone means UTC.
pub fn zone_of_days<'a>(from: &str, to: &str, zone: &'a str) -> Option<&'a str> {
    let named = if zone.is_empty() { "UTC" } else { zone };
    (!from.is_empty() || !to.is_empty()).then_some(named)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::{replaced, value, zone_of_days};

    #[test]
    fn days_without_a_zone_are_in_utc() {
        for (from, to, zone, found) in [
            ("", "", "", None),
            ("", "", "Pacific/Auckland", None),
            ("2026-12-01", "", "", Some("UTC")),
            (
                "",
                "2026-12-01",
                "Pacific/Auckland",
                Some("Pacific/Auckland"),
            ),
        ] {
            assert_eq!(zone_of_days(from, to, zone), found, "{from} {to} {zone}");
        }
    }

    #[test]
    fn one_value_is_replaced() {
        for (query, found) in [
            ("", "before=5"),
            ("words=a%26b&before=7&to=", "words=a%26b&to=&before=5"),
            ("?before=7&&x", "x&before=5"),
        ] {
            assert_eq!(replaced(query, "before", "5"), found, "{query}");
        }
    }

    #[test]
    fn an_escape_is_undone_once() {
        let query = "error=credentials&username=a+b%2Bc%C3%A9&next=%2Fcoaching%2F%2561my&open=100%25&bad=%zz%ff";
        for (name, found) in [
            ("username", Some("a b+cé")),
            ("next", Some("/coaching/%61my")),
            ("open", Some("100%")),
            ("bad", Some("%zz\u{fffd}")),
            ("retry", None),
        ] {
            assert_eq!(value(query, name).as_deref(), found, "{name}");
        }
    }
}
