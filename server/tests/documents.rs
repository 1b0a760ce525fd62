//! What the documents say of tests: each test that they name is there, and docs/ASVS.md has a row for each requirement of
//! levels 1 and 2, with a verdict and what it rests on.

use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// The requirements of ASVS 5.0.0 by level, a section a word: `1.2.1-5` stands for 1.2.1 to 1.2.5.
const LEVEL_1: &str = "\
    1.2.1-5 1.3.1-2 1.5.1 2.1.1 2.2.1-2 2.3.1 3.2.1-2 3.3.1 3.4.1-2 3.5.1-3 4.1.1 4.4.1 5.2.1-2 5.3.1-2 6.1.1 \
    6.2.1-8 6.3.1-2 6.4.1-2 7.2.1-4 7.4.1-2 8.1.1 8.2.1-2 8.3.1 9.1.1-3 9.2.1 10.4.1-5 11.3.1-2 11.4.1 12.1.1 \
    12.2.1-2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1";
const LEVEL_2: &str = "\
    1.1.1-2 1.2.6-9 1.3.3-11 1.4.1-3 1.5.2 2.1.2-3 2.2.3 2.3.2-4 2.4.1 3.3.2-4 3.4.3-6 3.5.4-5 3.7.1-2 4.1.2-3 \
    4.2.1 4.3.1-2 4.4.2-4 5.1.1 5.2.3 5.4.1-3 6.1.2-3 6.2.9-12 6.3.3-4 6.4.3-4 6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 \
    7.3.1-2 7.4.3-5 7.5.1-2 7.6.1-2 8.1.2 8.2.3 8.4.1 9.2.2-4 10.1.1-2 10.2.1-2 10.3.1-4 10.4.6-11 10.5.1-5 \
    10.6.1-2 10.7.1-3 11.1.1-2 11.2.1-3 11.3.3 11.4.2-4 11.5.1 11.6.1 12.1.2-3 12.3.1-4 13.1.1 13.2.1-5 13.3.1-2 \
    13.4.2-5 14.1.1-2 14.2.2-4 14.3.2-3 15.1.2-3 15.2.2-3 15.3.2-7 16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3 \
    17.1.1 17.2.1-4 17.3.1-2";

/// What a row of docs/ASVS.md may conclude.
const VERDICTS: [&str; 4] = ["met", "in part", "not met", "not here"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn document(name: &str) -> String {
    read_to_string(root().join("docs").join(name)).expect("a document")
}

/// The requirements of a list.
fn requirements(list: &str) -> Vec<String> {
    let mut all = Vec::new();
    for word in list.split_whitespace() {
        let (section, numbers) = word.rsplit_once('.').expect("a section");
        for numbers in numbers.split(',') {
            let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
            let number = |text: &str| text.parse::<u32>().expect("a number");
            all.extend((number(first)..=number(last)).map(|number| format!("{section}.{number}")));
        }
    }
    all
}

/// The cells of the rows of a table whose first cell is a requirement.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter_map(|line| {
        let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
        Some(line.split(" | ").map(str::trim).collect::<Vec<_>>())
    });
    rows.filter(|cells| cells[0].starts_with(|sign: char| sign.is_ascii_digit()))
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The file of a test that is named as `authority/proof.rs::name`, `password/mod.rs::name` or `sign-in.spec.ts::title`.
fn file_of(path: &str) -> Option<PathBuf> {
    let places = [
        "server/tests",
        "server/src",
        "shared/src",
        "app/src",
        "i18n/src",
        "end2end/specs",
    ];
    let files = places.map(|place| root().join(place).join(path));
    files.into_iter().find(|file| file.is_file())
}

/// Whether a file holds a test of this name, or one whose title begins so.
fn holds(file: &Path, name: &str) -> bool {
    let text = read_to_string(file).expect("a file");
    match file.extension().is_some_and(|kind| kind == "ts") {
        true => ["\"", "`"]
            .iter()
            .any(|quote| text.contains(&format!("test({quote}{name}"))),
        false => {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let is_test = |line: &&str| line.starts_with("#[") && line.contains("test");
            let begins = [format!("fn {name}("), format!("async fn {name}(")];
            lines.iter().enumerate().any(|(number, line)| {
                begins.iter().any(|begin| line.starts_with(begin))
                    && lines[..number].iter().rev().take(3).any(is_test)
            })
        }
    }
}

/// The names in a text that name no test or no file that is there.
fn unknown(text: &str) -> Vec<&str> {
    let known = |name: &&str| match name.split_once("::") {
        Some((path, test)) if path.ends_with(".rs") || path.ends_with(".ts") => {
            file_of(path).is_some_and(|file| holds(&file, test))
        }
        Some(_) => true,
        // A path of the repository.
        None if name.starts_with("server/") || name.starts_with("end2end/") => {
            root().join(name).exists()
        }
        None => true,
    };
    quoted(text).filter(|name| !known(name)).collect()
}

#[test]
fn every_test_that_is_named_is_there() {
    for name in ["ASVS.md", "RIGHTS.md"] {
        let text = document(name);
        assert_eq!(unknown(&text), Vec::<&str>::new(), "in docs/{name}");
    }
    let wrong = "`authority/proof.rs::no_such_test` `no/such.rs::test` `server/tests/none/` \
                 `sign-in.spec.ts::No such title` `authority/proof.rs::asks_for_proof`";
    assert_eq!(unknown(wrong).len(), 5, "what is wrong is found");
}

#[test]
fn every_requirement_of_levels_1_and_2_has_a_row() {
    let text = document("ASVS.md");
    let mut found = BTreeMap::new();
    for cells in rows(&text) {
        let [id, level, words, verdict, rests_on] = cells[..] else {
            panic!("five cells: {cells:?}");
        };
        assert!(VERDICTS.contains(&verdict), "{id}: {verdict}");
        assert!(
            !words.is_empty() && !rests_on.is_empty(),
            "{id} says what and why"
        );
        let before = found.insert(id.to_owned(), level.to_owned());
        assert_eq!(before, None, "{id} stands twice");
    }
    for (level, list) in [("1", LEVEL_1), ("2", LEVEL_2)] {
        for id in requirements(list) {
            assert_eq!(found.remove(&id).as_deref(), Some(level), "{id}");
        }
    }
    assert_eq!(found, BTreeMap::new(), "of no list");
}

#[test]
fn the_sums_are_those_of_the_rows() {
    let text = document("ASVS.md");
    for verdict in VERDICTS {
        let count = rows(&text)
            .iter()
            .filter(|cells| cells.get(3) == Some(&verdict))
            .count();
        let sum = format!("{count} {verdict}");
        assert!(text.contains(&sum), "docs/ASVS.md says: {sum}");
    }
}
