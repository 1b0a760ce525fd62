//! In which browser a request was made, by the names that people know. For the list of a user's own sessions; nothing is
//! decided by it. Own code: the libraries bring tables of thousands of robots and devices, and 20 names are enough here.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use shared::account::SignedInFrom;

/// What stands in the header of a browser, and its name. Others say that they are Chrome or Safari as well, so they stand
/// in front.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// The same for systems. Android says that it is Linux, iPhones that they are like Mac OS.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The browser and the system of a request; empty where they are not known.
pub fn signed_in_from(headers: &HeaderMap) -> SignedInFrom {
    let agent = headers.get(USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or_default();
    let named = |names: &[(&str, &str)]| {
        let known = names.iter().find(|(part, _)| agent.contains(part));
        known.map_or_else(String::new, |(_, name)| (*name).to_owned())
    };
    SignedInFrom {
        browser: named(&BROWSERS),
        system: named(&SYSTEMS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_browsers_are_called_by_their_names() {
        for (agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox",
                "Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari",
                "iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                "Chrome",
                "Android",
            ),
            ("curl/8.8.0", "", ""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, agent.parse().unwrap());
            let from = signed_in_from(&headers);
            assert_eq!((&*from.browser, &*from.system), (browser, system));
        }
        assert_eq!(signed_in_from(&HeaderMap::new()), SignedInFrom::default());
    }
}
