//! Where somebody goes after signing in: a place on this host, and nowhere else.

/// A path on this host, with its query. No link can send people elsewhere with it: it begins with one `/`, and holds
/// nothing that a browser drops, turns into a `/`, or resolves to a second one in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// The path, if it is one.
    pub fn parse(raw: &str) -> Option<Self> {
        let path = raw.split(['?', '#']).next().unwrap_or_default();
        let mut segments = path.split('/');
        // Nothing before the first slash; then no empty segment but the last, and none that goes up or stays.
        let begins = segments.next() == Some("") && path.starts_with('/');
        let inner = path.strip_prefix('/').unwrap_or_default();
        let plain = !inner.starts_with('/') && !inner.contains("//");
        let still = segments.all(|segment| !is_dots(segment));
        let written = raw
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        (begins && plain && still && written).then(|| Self(raw.to_owned()))
    }

    /// As it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<LocalPath> for String {
    fn from(path: LocalPath) -> Self {
        path.0
    }
}

/// `.` and `..`, also as browsers read them when they are encoded.
fn is_dots(segment: &str) -> bool {
    let dots = segment.to_ascii_lowercase().replace("%2e", ".");
    dots == "." || dots == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_host_are_next() {
        for here in [
            "/",
            "/dashboard",
            "/coaching/amy/w1?x=1",
            "/coaching/amy?x=//y",
            "/chat/",
            "/a.b/..c",
        ] {
            assert!(LocalPath::parse(here).is_some(), "{here}");
        }
        for elsewhere in [
            "",
            "workspace",
            "evil.example",
            "//evil.example",
            "/\\evil.example",
            "/x\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "/ /evil.example",
            "/é",
            "/.//evil.example",
            "/..//evil.example",
            "/x/..//evil.example",
            "/%2e%2E/x",
            "?next=/",
        ] {
            assert!(LocalPath::parse(elsewhere).is_none(), "{elsewhere}");
        }
    }
}
