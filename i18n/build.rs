//! Turns `locales/<language>.json` into one type for each key and one table of texts for each language.
//!
//! The files are written as i18next's JSON v4, which translators' tools know: nested groups, `{{parameter}}`, and one
//! key for each plural category (`found_one`, `found_other`). The build fails where a language lacks a key, a
//! parameter or a plural form, or has one that the others do not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

/// The plural categories of CLDR.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
/// Groups that no page of the app uses: the pages of customers, of a chat channel's settings, of passkeys, of simulated phones,
/// of rules for alerts, of steps of escalation, of built roles, of saved views and walls, of the steps of a sign-in, of single sign-on,
/// of tokens, of the import of users, of webhooks and of figures are the host's, and so are the header of such pages, deleting a label,
/// files of the history, what is pushed to browsers, what answers a form that cannot be read, and values of the audit log.
const HOST_ONLY: [&str; 22] = [
    "alerts",
    "analytics",
    "audit_value",
    "chat",
    "chat_settings",
    "escalation",
    "exports",
    "forms",
    "header",
    "label_deletion",
    "passkeys",
    "permission",
    "phone",
    "push",
    "roles",
    "sign_in",
    "sso",
    "tokens",
    "user_import",
    "views",
    "walls",
    "webhooks",
];
/// Between the plural forms of one text in the table.
const BETWEEN_FORMS: char = '|';
/// The parameter that chooses the plural form.
const COUNT: &str = "count";

/// The plural categories that a language has, in the order in which its forms stand in the table.
fn categories(language: &str) -> &'static [&'static str] {
    match language {
        "de" | "en" => &["one", "other"],
        _ => panic!("{language}: name its plural categories here, as CLDR has them"),
    }
}

/// What one key says in one language.
struct Text {
    /// One, or one for each plural category of the language.
    forms: Vec<String>,
    plural: bool,
    parameters: BTreeSet<String>,
}

/// The path of a key from some group on, the place of its text in the tables, and the text.
type CatalogueEntry<'a> = (Vec<&'a str>, usize, &'a Text);

/// All texts of one language by key, such as `settings.title`.
type Catalogue = BTreeMap<String, Text>;

fn main() {
    let folder = Path::new("locales");
    println!("cargo::rerun-if-changed=locales");
    let mut catalogues = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder of the catalogues") {
        let path = entry.expect("a file").path();
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let language = name.expect("a language's tag").to_owned();
        let json = fs::read_to_string(&path).expect("a readable catalogue");
        let json: Value = serde_json::from_str(&json)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let catalogue = read(&language, &json);
        catalogues.insert(language, catalogue);
    }
    check(&catalogues);
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    fs::write(out.join("tables.rs"), tables(&catalogues)).expect("a file");
    fs::write(out.join("keys.rs"), keys(&catalogues)).expect("a file");
}

fn read(language: &str, json: &Value) -> Catalogue {
    let mut found = BTreeMap::new();
    flatten(language, "", json, &mut found);
    let mut catalogue = Catalogue::new();
    let mut plurals: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (key, text) in found {
        let category = key
            .rsplit_once('_')
            .filter(|(_, end)| CATEGORIES.contains(end));
        match category {
            Some((key, category)) => {
                let forms = plurals.entry(key.to_owned()).or_default();
                forms.insert(category.to_owned(), text);
            }
            None => {
                let parameters = parameters(language, &key, &text);
                let forms = vec![text];
                catalogue.insert(
                    key,
                    Text {
                        forms,
                        plural: false,
                        parameters,
                    },
                );
            }
        }
    }
    for (key, mut found) in plurals {
        let form = |category: &&str| {
            let form = found.remove(*category);
            form.unwrap_or_else(|| panic!("{language}: {key} lacks its form `{category}`"))
        };
        let forms: Vec<String> = categories(language).iter().map(form).collect();
        assert!(
            found.is_empty(),
            "{language}: {key} has forms that the language does not have"
        );
        let mut all: BTreeSet<String> = forms
            .iter()
            .flat_map(|form| parameters(language, &key, form))
            .collect();
        // "one user" needs no number.
        all.insert(COUNT.to_owned());
        let text = Text {
            forms,
            plural: true,
            parameters: all,
        };
        let twice = catalogue.insert(key.clone(), text).is_some();
        assert!(
            !twice,
            "{language}: {key} stands there with and without plural forms"
        );
    }
    catalogue
}

fn flatten(language: &str, place: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(group) => {
            for (name, value) in group {
                let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                assert!(
                    name.chars().all(fit),
                    "{language}: {place}.{name} is no name of a key"
                );
                let key = if place.is_empty() {
                    name.clone()
                } else {
                    format!("{place}.{name}")
                };
                flatten(language, &key, value, found);
            }
        }
        Value::String(text) => {
            let plain = !text.is_empty() && text.trim() == text;
            let plain = plain && !text.contains([BETWEEN_FORMS, '\n', '\t', '\0']);
            assert!(
                plain,
                "{language}: {place} is empty, or has blanks around it or signs that no text has"
            );
            found.insert(place.to_owned(), text.clone());
        }
        _ => panic!("{language}: {place} is no text"),
    }
}

/// The names in double braces. A single brace is an error: somebody forgot the other one.
fn parameters(language: &str, key: &str, text: &str) -> BTreeSet<String> {
    let mut parameters = BTreeSet::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((before, "}"));
        assert!(
            !before.contains(['{', '}']),
            "{language}: {key} has a single brace"
        );
        assert!(
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
            "{language}: {key} has a parameter without a name"
        );
        parameters.insert(name.to_owned());
        rest = after;
    }
    assert!(
        !rest.contains(['{', '}']),
        "{language}: {key} has a single brace"
    );
    parameters
}

/// Every language must say the same.
fn check(catalogues: &BTreeMap<String, Catalogue>) {
    let (source, english) = (&"en", &catalogues["en"]);
    for (language, catalogue) in catalogues {
        for (key, text) in english {
            let Some(other) = catalogue.get(key) else {
                panic!("{language} lacks {key}")
            };
            let same = text.plural == other.plural && text.parameters == other.parameters;
            assert!(
                same,
                "{language}: {key} has other parameters or plural forms than in {source}"
            );
        }
        let surplus = catalogue.keys().find(|key| !english.contains_key(*key));
        assert!(
            surplus.is_none(),
            "{language} has {surplus:?}, {source} has not"
        );
    }
}

/// `{{name}}` as `{0}`: the place of the parameter among its key's, by name.
fn numbered(text: &Text) -> String {
    let mut forms = text.forms.join(&BETWEEN_FORMS.to_string());
    for (place, name) in text.parameters.iter().enumerate() {
        forms = forms.replace(&format!("{{{{{name}}}}}"), &format!("{{{place}}}"));
    }
    forms
}

/// The texts in the order of the tables: those that the host alone uses stand at the end.
fn in_order(catalogue: &Catalogue) -> Vec<(&str, &Text)> {
    let texts = catalogue.iter().map(|(key, text)| (key.as_str(), text));
    let (host, both): (Vec<_>, Vec<_>) = texts.partition(|(key, _)| is_host_only(key));
    [both, host].concat()
}

fn is_host_only(key: &str) -> bool {
    HOST_ONLY.iter().any(|group| {
        let rest = key.strip_prefix(group);
        rest.is_some_and(|rest| rest.starts_with('.'))
    })
}

/// All texts of each language: for the host, which hands the browser those of its page.
fn tables(catalogues: &BTreeMap<String, Catalogue>) -> String {
    let mut code = String::new();
    for (language, catalogue) in catalogues {
        let texts = in_order(catalogue);
        let texts: Vec<String> = texts.iter().map(|(_, text)| numbered(text)).collect();
        let (name, count) = (language.to_uppercase(), texts.len());
        let _ = writeln!(code, "static {name}: [&str; {count}] = {texts:?};");
    }
    code
}

/// One type for each key, and what the browser has to know of the tables.
fn keys(catalogues: &BTreeMap<String, Catalogue>) -> String {
    let texts = in_order(&catalogues["en"]);
    let shared = texts.iter().filter(|(key, _)| !is_host_only(key)).count();
    let keys = texts.into_iter().enumerate();
    let keys: Vec<CatalogueEntry> = keys
        .map(|(place, (key, text))| (key.split('.').collect(), place, text))
        .collect();
    let mut code = format!(
        "/// How many texts, from the first one on, the browser has too.\npub(crate) const IN_BROWSER: usize = {shared};\n"
    );
    code.push_str(
        "/// The plural categories of a language, in the order in which the forms of its texts stand.\n\
         fn categories(language: Language) -> &'static [&'static str] {\nmatch language {\n",
    );
    for language in catalogues.keys() {
        let (first, rest) = language.split_at(1);
        let variant = first.to_uppercase() + rest;
        let _ = writeln!(code, "Language::{variant} => &{:?},", categories(language));
    }
    code.push_str("}\n}\n");
    code.push_str("/// The keys, grouped as in the catalogues: one type a key, with its parameters as fields.\n");
    module(&mut code, "keys", &keys);
    code
}

/// One group: the keys that stand in it, and the groups in it.
fn module(code: &mut String, name: &str, keys: &[CatalogueEntry]) {
    let _ = writeln!(
        code,
        "#[allow(non_camel_case_types, missing_docs)]\npub mod {name} {{"
    );
    let mut groups: BTreeMap<&str, Vec<CatalogueEntry>> = BTreeMap::new();
    for (path, place, text) in keys {
        match &path[..] {
            [key] => item(code, key, *place, text),
            [group, rest @ ..] => {
                let group = groups.entry(group).or_default();
                group.push((rest.to_vec(), *place, text));
            }
            [] => {}
        }
    }
    for (name, keys) in groups {
        module(code, name, &keys);
    }
    code.push_str("}\n");
}

/// One key. Its documentation is what it says in English.
fn item(code: &mut String, key: &str, place: usize, text: &Text) {
    let english = text.forms.last().map_or("", |form| form);
    let _ = writeln!(code, "/// `{english}`");
    if text.parameters.is_empty() {
        let _ = writeln!(
            code,
            "pub struct {key} {{}}\nimpl {key} {{ pub fn text(self, language: crate::Language) -> &'static str \
             {{ crate::catalogue::text(language, {place}) }} }}"
        );
        return;
    }
    let mut fields = String::new();
    let mut values = String::new();
    for name in &text.parameters {
        let kind = if text.plural && name == COUNT {
            "crate::Count"
        } else {
            "core::fmt::Display"
        };
        let _ = write!(fields, "pub {name}: &'a dyn {kind}, ");
        let _ = write!(values, "&self.{name}, ");
    }
    let say = if text.plural {
        format!(
            "crate::catalogue::counted(language, {place}, self.{COUNT}, &[{}])",
            values.replace("&self.count", "&crate::number(language, self.count)")
        )
    } else {
        format!("crate::catalogue::filled(language, {place}, &[{values}])")
    };
    let _ = writeln!(
        code,
        "pub struct {key}<'a> {{ {fields} }}\nimpl {key}<'_> {{ pub fn text(self, language: crate::Language) -> \
         String {{ {say} }} }}"
    );
}
