//! The settings of a chat channel: where its page may be embedded, what it says first, when it is open. They are texts by
//! name, as the form of the administrators sends them and as the database keeps them.

use std::collections::BTreeMap;

use crate::error::{AppError, Problem};
use crate::opening_hours::{DAYS, DayHours, HoursProblem, OpeningHours, Zone};
use crate::text::Greeting;
use crate::time::Timestamp;

/// How many origins a channel may have.
pub const ORIGINS_MAX: usize = 20;
/// The longest origin, in characters.
pub const ORIGIN_MAX: usize = 200;
/// What a switch says that is on.
const ON: &str = "on";
/// The choice of hours, in place of always.
const WEEKLY: &str = "weekly";

/// Every name of a setting.
pub const NAMES: [&str; 12] = [
    "origins",
    "greeting",
    "offline_form",
    "hours",
    "time_zone",
    DAYS[0],
    DAYS[1],
    DAYS[2],
    DAYS[3],
    DAYS[4],
    DAYS[5],
    DAYS[6],
];

/// What a chat channel is set to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatSettings {
    /// The origins whose pages may show the chat in a frame: `https://www.example.com`.
    pub origins: Vec<String>,
    /// The first line of the page, before the customer writes.
    pub greeting: Option<Greeting>,
    /// When conversations begin; `None`: always.
    pub hours: Option<OpeningHours>,
    /// Hours that are kept while conversations begin always, for the day on which they shall count again.
    pub hours_aside: Option<OpeningHours>,
    /// Whether there is a form while no conversation begins.
    pub offline_form: bool,
}

/// A setting that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSetting {
    /// Its name.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: SettingProblem,
}

/// What is wrong with a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingProblem {
    /// A line that is no origin.
    Origin {
        /// Which line, from one.
        line: i64,
    },
    /// More origins than [`ORIGINS_MAX`].
    TooManyOrigins,
    /// The greeting cannot be a text.
    Text(Problem),
    /// A time zone that the database does not have.
    TimeZone,
    /// Hours that cannot be read.
    Hours(HoursProblem),
    /// Hours on no day.
    NeverOpen,
}

impl ChatSettings {
    /// Reads the settings from their texts by name; a name that is missing has an empty one.
    ///
    /// # Errors
    /// Every setting that is wrong, in the order of the form.
    pub fn parse<'a>(text: impl Fn(&str) -> &'a str) -> Result<Self, Vec<WrongSetting>> {
        let mut wrong = Vec::new();
        let origins = origins(text("origins")).map_err(|one| wrong.push(one));
        let greeting = greeting(text("greeting")).map_err(|one| wrong.push(one));
        let (counted, aside) = match text("hours") {
            WEEKLY => {
                let hours = hours(&text).map_err(|some| wrong.extend(some));
                (hours.map(Some), None)
            }
            // Nobody is stopped by what does not count.
            _ => (Ok(None), hours(&text).ok()),
        };
        match (origins, greeting, counted) {
            (Ok(origins), Ok(greeting), Ok(hours)) => Ok(Self {
                origins,
                greeting,
                hours,
                hours_aside: aside,
                offline_form: text("offline_form") == ON,
            }),
            _ => Err(wrong),
        }
    }

    /// Reads what is stored. Settings that this program cannot read, because another database of time zones was carried
    /// when they were made, count as none: the chat stays usable on its own page.
    pub fn stored(json: &str) -> Self {
        let texts: BTreeMap<String, String> = serde_json::from_str(json).unwrap_or_default();
        let text = |name: &str| texts.get(name).map_or("", String::as_str);
        Self::parse(text).unwrap_or_default()
    }

    /// The settings as texts by name. One that says nothing is left out.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        let mut put = |name: &str, text: String| {
            if !text.is_empty() {
                texts.insert(name.to_owned(), text);
            }
        };
        put("origins", self.origins.join("\n"));
        if let Some(greeting) = &self.greeting {
            put("greeting", greeting.as_str().to_owned());
        }
        if self.offline_form {
            put("offline_form", ON.to_owned());
        }
        if self.hours.is_some() {
            put("hours", WEEKLY.to_owned());
        }
        if let Some(hours) = self.hours.as_ref().or(self.hours_aside.as_ref()) {
            put("time_zone", hours.zone.name().to_owned());
            for (day, hours) in DAYS.into_iter().zip(&hours.days) {
                put(day, hours.text());
            }
        }
        texts
    }

    /// Whether conversations begin at a time, as far as the hours say.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.is_open(at))
    }
}

fn wrong<T>(field: &'static str, problem: SettingProblem) -> Result<T, WrongSetting> {
    Err(WrongSetting { field, problem })
}

fn greeting(text: &str) -> Result<Option<Greeting>, WrongSetting> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match Greeting::parse(text) {
        Ok(greeting) => Ok(Some(greeting)),
        Err(AppError::Invalid { problem, .. }) => wrong("greeting", SettingProblem::Text(problem)),
        Err(_) => Ok(None),
    }
}

fn hours<'a>(text: &impl Fn(&str) -> &'a str) -> Result<OpeningHours, Vec<WrongSetting>> {
    let mut wrong = Vec::new();
    let mut refuse = |field, problem| wrong.push(WrongSetting { field, problem });
    let typed = DAYS.map(|day| DayHours::parse(text(day)));
    let closed = |day: &Result<DayHours, _>| day.as_ref().is_ok_and(DayHours::is_empty);
    if typed.iter().all(closed) {
        refuse("hours", SettingProblem::NeverOpen);
    }
    let zone = Zone::parse(text("time_zone"));
    if zone.is_none() {
        refuse("time_zone", SettingProblem::TimeZone);
    }
    let mut days: [DayHours; 7] = Default::default();
    for ((day, field), typed) in days.iter_mut().zip(DAYS).zip(typed) {
        match typed {
            Ok(hours) => *day = hours,
            Err(problem) => refuse(field, SettingProblem::Hours(problem)),
        }
    }
    match zone {
        Some(zone) if wrong.is_empty() => Ok(OpeningHours { zone, days }),
        _ => Err(wrong),
    }
}

/// One origin a line.
fn origins(text: &str) -> Result<Vec<String>, WrongSetting> {
    let mut origins = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        match origin(text) {
            Some(origin) if origins.contains(&origin) => {}
            Some(origin) => origins.push(origin),
            None => return wrong("origins", SettingProblem::Origin { line }),
        }
    }
    match origins.len() > ORIGINS_MAX {
        true => wrong("origins", SettingProblem::TooManyOrigins),
        false => Ok(origins),
    }
}

/// An origin as browsers write it: scheme, host, and a port that is not the scheme's own. Without TLS only this machine can
/// be trusted, because a page holds the visitor's token.
fn origin(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_suffix('/').unwrap_or(&text);
    let (scheme, rest) = text.split_once("://")?;
    let (host, port) = match rest.strip_prefix('[') {
        // The colons of an address of IPv6 stand in brackets.
        Some(_) => {
            let (host, behind) = rest.split_at(rest.find(']')? + 1);
            match behind {
                "" => (host, None),
                port => (host, Some(port.strip_prefix(':')?)),
            }
        }
        None => match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let own = match scheme {
        "https" if is_host(host) => "443",
        "http" if ["localhost", "127.0.0.1", "[::1]"].contains(&host) => "80",
        _ => return None,
    };
    let port = match port {
        None => String::new(),
        Some(port) if !port.bytes().all(|b| b.is_ascii_digit()) => return None,
        Some(port) => match port.parse::<u16>().ok()? {
            0 => return None,
            number if number.to_string() == own => String::new(),
            number => format!(":{number}"),
        },
    };
    let origin = [scheme, "://", host, &port].concat();
    (origin.len() <= ORIGIN_MAX).then_some(origin)
}

/// Names of the web as browsers send them: in ASCII. Letters of other scripts are written `xn--…`.
fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        let inner = label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        !label.is_empty() && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<ChatSettings, Vec<WrongSetting>> {
        ChatSettings::parse(|name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map_or("", |(_, text)| text)
        })
    }

    #[test]
    fn hours_are_kept_while_the_chat_is_always_open() {
        let days = [("time_zone", "Europe/Berlin"), ("monday", "09:00-17:00")];
        let always = read(&days).expect("settings");
        assert_eq!(always.hours, None);
        assert!(always.is_open(Timestamp(0)));
        let texts = always.texts();
        assert_eq!(texts.get("monday").map(String::as_str), Some("09:00-17:00"));
        let weekly = read(&[&days[..], &[("hours", "weekly")]].concat()).expect("settings");
        assert_eq!(weekly.hours, always.hours_aside);
        assert_eq!(weekly.hours_aside, None);
        // What cannot be read counts for nothing, and stops nobody.
        let broken = read(&[("time_zone", "Europe/Berlin"), ("monday", "nine")]);
        assert_eq!(broken.expect("settings"), ChatSettings::default());
    }

    #[test]
    fn settings_read_back_what_they_wrote() {
        for pairs in [
            &[][..],
            &[("time_zone", "Europe/Berlin"), ("monday", "09:00-17:00")],
            &[
                ("origins", "https://www.example.com"),
                ("offline_form", "on"),
            ],
            &[
                ("greeting", "Good morning!\nHow can we help?"),
                ("hours", "weekly"),
                ("time_zone", "Europe/Berlin"),
                ("monday", "09:00-12:00, 13:00-17:00"),
                ("sunday", "00:00-24:00"),
            ],
        ] {
            let settings = read(pairs).expect("settings");
            let json = serde_json::to_string(&settings.texts()).expect("JSON");
            assert_eq!(ChatSettings::stored(&json), settings, "{json}");
            assert_eq!(settings.texts().len(), pairs.len());
        }
        assert_eq!(ChatSettings::stored("{}"), ChatSettings::default());
        let lost = r#"{"hours": "weekly", "time_zone": "Atlantis", "monday": "09:00-17:00"}"#;
        assert_eq!(ChatSettings::stored(lost), ChatSettings::default());
    }

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let settings = read(&[(
            "origins",
            " HTTPS://WWW.Example.com/ \n\nhttps://example.com:443\nhttps://example.com:8443\nhttps://example.com\n\
             http://localhost:3000\nhttp://127.0.0.1:80\nhttps://xn--bcher-kva.example\nhttps://[2001:db8::1]:444",
        )]);
        assert_eq!(
            settings.expect("settings").origins,
            [
                "https://www.example.com",
                "https://example.com",
                "https://example.com:8443",
                "http://localhost:3000",
                "http://127.0.0.1",
                "https://xn--bcher-kva.example",
                "https://[2001:db8::1]:444",
            ]
        );
    }

    #[test]
    fn what_is_no_origin_names_its_line() {
        for wrong in [
            "*",
            "https://*.example.com",
            "example.com",
            "https://",
            "https://example.com/help",
            "https://example.com?x",
            "https://example.com 'unsafe-inline'",
            "https://example.com;",
            "https://example.com,https://b.example",
            "https://me@example.com",
            "https://example.com:0",
            "https://example.com:70000",
            "https://example.com:+443",
            "https://bücher.example",
            "https://-a.example",
            "http://example.com",
            "ftp://example.com",
            "null",
            "https://[::1",
            "https://[example.com]",
        ] {
            let lines = format!("https://first.example\n{wrong}");
            assert_eq!(
                read(&[("origins", &lines)]),
                Err(vec![WrongSetting {
                    field: "origins",
                    problem: SettingProblem::Origin { line: 2 }
                }]),
                "{wrong}"
            );
        }
        let many: String = (0..21).map(|n| format!("https://n{n}.example\n")).collect();
        let wrong = read(&[("origins", &many)]).expect_err("too many");
        assert_eq!(wrong[0].problem, SettingProblem::TooManyOrigins);
    }

    #[test]
    fn each_mistake_names_its_field() {
        let week = |more: &[(&'static str, &'static str)]| {
            let berlin = [("hours", "weekly"), ("time_zone", "Europe/Berlin")];
            [more, &berlin].concat()
        };
        for (pairs, field, problem) in [
            (
                vec![
                    ("hours", "weekly"),
                    ("time_zone", "Mars/Olympus"),
                    ("monday", "09:00-17:00"),
                ],
                "time_zone",
                SettingProblem::TimeZone,
            ),
            (week(&[]), "hours", SettingProblem::NeverOpen),
            (
                week(&[("tuesday", "17:00-09:00")]),
                "tuesday",
                SettingProblem::Hours(HoursProblem::Reversed),
            ),
            (
                week(&[("friday", "09:00-12:00, 11:00-13:00")]),
                "friday",
                SettingProblem::Hours(HoursProblem::Overlap),
            ),
            (
                vec![("greeting", "a\u{202E}b")],
                "greeting",
                SettingProblem::Text(Problem::ControlCharacters {
                    line: 1,
                    place: 2,
                    sign: "U+202E".to_owned(),
                }),
            ),
        ] {
            assert_eq!(
                read(&pairs),
                Err(vec![WrongSetting { field, problem }]),
                "{pairs:?}"
            );
        }
        let all = read(&[
            ("origins", "*"),
            ("greeting", "a\u{202E}b"),
            ("hours", "weekly"),
            ("time_zone", "Mars/Olympus"),
            ("monday", "nine"),
            ("friday", "17:00-09:00"),
        ]);
        let all = all.expect_err("all of it is wrong");
        let fields: Vec<&str> = all.iter().map(|wrong| wrong.field).collect();
        let expected = ["origins", "greeting", "time_zone", "monday", "friday"];
        assert_eq!(fields, expected);
        // Hours that are not chosen are not read.
        assert_eq!(read(&[("monday", "never")]), Ok(ChatSettings::default()));
    }
}
