//! What deploy/ names is there: each measure of the alerts and of the dashboard, each setting and flag. Needs none of the programs that
//! read those files; `scripts/deploy-check.sh` asks them.

use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::CommandFactory;
use serde_json::Value;
use server::bus::hint::Hint;
use server::bus::link::{Heard, Link, LinkState};
use server::cli::Cli;
use server::clock_and_ids::{Ids, RandomIds, SystemClock};
use server::desk::nodes::NodeConfig;
use server::desk::{Desk, DeskConfig};
use server::http::{BATCH_MAX, BODY_MAX, FILE_BODY_MAX};
use server::metrics::Metrics;
use server::store::sqlite::SqliteStore;
use shared::ids::NodeId;
use tokio::sync::mpsc;

/// How the program is called in these files; what follows on the line is its own.
const CALLS: [&str; 4] = [
    "sideline serve",
    "sideline user",
    "sideline backup",
    "node1 user",
];

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy"))
}

fn file(name: &str) -> String {
    read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("deploy/{name}: {error}"))
}

/// Every file of the folder, but not the secrets that somebody made there.
fn files() -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true if path.ends_with("secrets") => {}
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    assert!(files.len() > 20, "{files:?}");
    files
}

/// The words of a text that begin so, as far as letters of names go.
fn words<'a>(text: &'a str, begin: &str, is_letter: fn(char) -> bool) -> BTreeSet<&'a str> {
    let starts = text.match_indices(begin).map(|(at, _)| at);
    let whole = starts.filter(|at| !text[..*at].ends_with(is_letter));
    whole
        .map(|at| {
            let end = text[at..].find(|sign| !is_letter(sign));
            &text[at..end.map_or(text.len(), |end| at + end)]
        })
        .collect()
}

fn is_of_measure(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '_' | ':')
}

fn is_of_variable(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_'
}

fn is_of_flag(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '-'
}

/// A link to nobody, so that a process counts as one of several.
#[derive(Debug)]
struct Silence;

impl Link for Silence {
    fn send(&self, _: &Hint) {}
    fn follow(&self, _: String) {}
    fn leave(&self, _: String) {}
    fn listen(&self) -> Option<mpsc::Receiver<Heard>> {
        None
    }
    fn state(&self) -> LinkState {
        LinkState::default()
    }
}

/// What a program that has every measure answers to Prometheus: one of several nodes, and sizes of files, which SQLite has.
async fn scrape() -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("sideline.db")).await;
    let store = Arc::new(store.expect("a database"));
    let node = NodeConfig {
        id: NodeId::parse(RandomIds.next()).expect("an id"),
        link: Arc::new(Silence),
    };
    let config = DeskConfig {
        node: Some(node),
        ..DeskConfig::default()
    };
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
    let desk = Desk::new(store.clone(), clock, ids, config);
    let metrics = Metrics::new(store, desk, Duration::ZERO);
    metrics.text().expect("a text")
}

/// The series of a scrape: `_total` of counters, `_bucket`, `_sum` and `_count` of histograms.
fn series(scrape: &str) -> BTreeSet<&str> {
    let lines = scrape.lines().filter(|line| !line.starts_with('#'));
    let names = lines.filter_map(|line| line.split(['{', ' ']).next());
    names.filter(|name| !name.is_empty()).collect()
}

/// The names in a text that are no series.
fn unknown<'a>(text: &'a str, series: &BTreeSet<&str>) -> Vec<&'a str> {
    let named = words(text, "sideline_", is_of_measure);
    named.into_iter().filter(|n| !series.contains(n)).collect()
}

/// The values of a key, wherever they stand.
fn values<'a>(json: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match json {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            if name == key {
                found.push(value);
            }
            values(value, key, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| values(item, key, found)),
        _ => {}
    }
}

/// What the program's help says, of all its commands.
fn help() -> String {
    fn of(command: &mut clap::Command, text: &mut String) {
        text.push_str(&command.render_long_help().to_string());
        command
            .get_subcommands_mut()
            .for_each(|below| of(below, text));
    }
    let (mut command, mut text) = (Cli::command(), String::new());
    command.build();
    of(&mut command, &mut text);
    text
}

#[tokio::test]
async fn alerts_and_dashboard_name_measures_that_there_are() {
    let scrape = scrape().await;
    let series = series(&scrape);
    assert!(series.contains("sideline_store_write_seconds_bucket"));
    for name in [
        "prometheus/alerts.yaml",
        "prometheus/alerts_test.yaml",
        "grafana/dashboard.json",
    ] {
        let text = file(name);
        assert!(text.contains("sideline_node_on_duty"), "{name}");
        assert_eq!(unknown(&text, &series), Vec::<&str>::new(), "in {name}");
    }
    let wrong =
        "rate(sideline_live_overflows[5m]) + sideline_store_wal_byte + sideline_bus_connected";
    let found = unknown(wrong, &series);
    assert_eq!(
        found,
        ["sideline_live_overflows", "sideline_store_wal_byte"]
    );
}

#[tokio::test]
async fn the_dashboard_shows_every_measure() {
    let dashboard: Value = serde_json::from_str(&file("grafana/dashboard.json")).expect("JSON");
    let mut expressions = Vec::new();
    values(&dashboard, "expr", &mut expressions);
    let expressions: Vec<&str> = expressions.iter().filter_map(|e| e.as_str()).collect();
    let shown = expressions.join("\n");
    let shown = words(&shown, "sideline_", is_of_measure);
    let scrape = scrape().await;
    let families = scrape.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
        Some(name)
    });
    let hidden = families.filter(|family| !shown.iter().any(|name| name.starts_with(family)));
    assert_eq!(hidden.collect::<Vec<_>>(), Vec::<&str>::new());
    let mut ids = Vec::new();
    dashboard["panels"]
        .as_array()
        .expect("panels")
        .iter()
        .for_each(|panel| {
            ids.push(panel["id"].as_i64().expect("an id"));
        });
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "each panel has an id of its own");
}

#[test]
fn every_alert_is_tested() {
    let (alerts, tests) = (
        file("prometheus/alerts.yaml"),
        file("prometheus/alerts_test.yaml"),
    );
    let names = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(tests.contains(&format!("alertname=\"{name}\"")), "{name}");
    }
}

#[test]
fn settings_and_flags_are_those_of_the_program() {
    let help = help();
    let variables = words(&help, "SIDELINE_", is_of_variable);
    let flags = words(&help, "--", is_of_flag);
    assert!(variables.contains("SIDELINE_BUS") && flags.contains("--bus"));
    // Of Compose, of scripts/setup.sh.
    let others = ["SIDELINE_IMAGE", "SIDELINE_BIN"];
    let (mut count, mut calls) = (0, 0);
    for path in files() {
        let text = read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        for name in words(&text, "SIDELINE_", is_of_variable) {
            let known = variables.contains(name) || others.contains(&name);
            assert!(known, "{name} in {path:?}");
            count += 1;
        }
        for call in CALLS {
            for (at, _) in text.match_indices(call) {
                let line = text[at..].lines().next().unwrap_or_default();
                for flag in words(line, "--", is_of_flag) {
                    assert!(flags.contains(flag), "{flag} in {path:?}");
                }
                calls += 1;
            }
        }
    }
    assert!(calls > 5, "{calls}");
    assert!(count > 20, "{count}");
}

#[test]
fn what_the_files_say_in_words_of_flags_is_true() {
    let help = help();
    let flags = words(&help, "--", is_of_flag);
    for (name, named) in [
        (
            "nginx/sideline.conf",
            &["--behind-tls", "--trust-forwarded"][..],
        ),
        (
            "caddy/Caddyfile",
            &["--behind-tls", "--trust-forwarded"][..],
        ),
        ("compose.yaml", &["--bus-credentials"][..]),
        ("secret-key.sh", &["--secret-key-file"][..]),
        ("prometheus/alerts.yaml", &["--metrics-listen", "--bus"][..]),
    ] {
        let text = file(name);
        for flag in named {
            assert!(
                text.contains(flag) && flags.contains(flag),
                "{flag} in {name}"
            );
        }
    }
}

/// nginx writes whole addresses into its log of errors, and each location that sets none has the server's.
#[test]
fn addresses_with_secrets_are_in_no_log_of_errors() {
    let text = file("nginx/sideline.conf");
    for place in [
        "^~ /wall/",
        "~* (sli|slt|slw|whsec)_",
        "= /setup",
        "^~ /sso/",
    ] {
        let (_, after) = text
            .split_once(&format!("location {place} {{"))
            .unwrap_or_else(|| panic!("no location {place}"));
        let (inside, _) = after.split_once('}').expect("its end");
        assert!(inside.contains("error_log /dev/null crit;"), "{place}");
    }
    let (_, map) = text.split_once("map $uri ").expect("a map");
    let (map, _) = map.split_once('}').expect("its end");
    assert!(map.contains("~*(sli|slt|slw|whsec)_ "), "{map}");
    // The log of requests has addresses without queries.
    let (_, format) = text.split_once("log_format sideline ").expect("a format");
    let (format, _) = format.split_once(';').expect("its end");
    for whole in [
        "$request ",
        "\"$request\"",
        "$request_uri",
        "$args",
        "$query_string",
        "referer",
    ] {
        assert!(!format.contains(whole), "{whole}");
    }
}

/// What is too large is refused by the program, in words: a proxy lets twice as much through as the program takes.
#[test]
fn proxies_let_through_what_the_program_takes() {
    let largest = BODY_MAX.max(BATCH_MAX).max(FILE_BODY_MAX);
    for (name, setting, unit) in [
        ("nginx/sideline.conf", "client_max_body_size ", "m;"),
        ("caddy/Caddyfile", "max_size ", "MB"),
        ("helm/sideline/values.yaml", "proxy-body-size: ", "m\n"),
    ] {
        let text = file(name);
        let (_, after) = text.split_once(setting).expect(name);
        let (number, _) = after.split_once(unit).expect(name);
        let megabytes: usize = number.parse().expect(name);
        assert!(megabytes * 1_000_000 > 2 * largest, "{name}: {megabytes}");
    }
}

#[test]
fn yaml_has_no_tabs_and_even_indents() {
    let yaml = |path: &PathBuf| {
        path.extension()
            .is_some_and(|kind| kind == "yaml" || kind == "yml")
    };
    let templates = folder().join("helm/sideline/templates");
    let (mut count, files) = (0, files());
    for path in files.iter().filter(|path| yaml(path)) {
        let text = read_to_string(path).expect("a text");
        for (line, number) in text.lines().zip(1..) {
            let indent = line.len() - line.trim_start().len();
            let even = indent.is_multiple_of(2) && !line[..indent].contains('\t');
            assert!(
                even && line == line.trim_end(),
                "{path:?}:{number}: {line:?}"
            );
        }
        let brackets = |open: char, close: char| {
            let count = |sign| text.matches(sign).count();
            count(open) == count(close)
        };
        assert!(brackets('{', '}') && brackets('[', ']'), "{path:?}");
        // What is no template holds none of its marks at the beginning of a value.
        if !path.starts_with(&templates) {
            assert!(!text.contains(": {{"), "{path:?}");
        }
        count += 1;
    }
    assert!(count > 8, "{count}");
}

#[cfg(unix)]
#[test]
fn the_script_makes_a_key_that_the_program_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret.key");
    let mut made = BTreeSet::new();
    for _ in 0..3 {
        let script = self::folder().join("secret-key.sh");
        let output = std::process::Command::new("sh").arg(script).output();
        let output = output.expect("a shell");
        assert!(output.status.success(), "{output:?}");
        std::fs::write(&file, &output.stdout).expect("a file");
        server::secrets::load(&file).expect("a key");
        made.insert(output.stdout);
    }
    assert_eq!(made.len(), 3, "each is another one");
}
