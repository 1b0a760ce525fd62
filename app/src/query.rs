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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::value;

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
