//! Every server function that the program knows, with JSON that nobody thought of, from somebody who may call it.

use std::collections::BTreeSet;

use leptos::server_fn::axum::server_fn_paths;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::Host;
use crate::table::table;

/// For each function, which works on a host of its own.
const CASES: u32 = 48;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(i64::MAX)),
        Just(json!(i64::MIN)),
        Just(json!("x".repeat(5_000))),
        Just(json!("amy")),
        Just(json!("../..")),
        Just(json!("'; DROP TABLE users; --")),
        ".{0,30}".prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{0,8}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// What happens to an input that was right.
#[derive(Clone, Debug)]
enum Harm {
    Instead(Value),
    Field(Index, Value),
    Missing(Index),
    More(String, Value),
    Cut(Index),
    Byte(Index, u8),
    Deep(u16),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        1 => value().prop_map(Harm::Instead),
        6 => (any::<Index>(), value()).prop_map(|(at, value)| Harm::Field(at, value)),
        1 => any::<Index>().prop_map(Harm::Missing),
        1 => ("[a-z]{1,6}", value()).prop_map(|(name, value)| Harm::More(name, value)),
        1 => any::<Index>().prop_map(Harm::Cut),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Harm::Byte(at, byte)),
        1 => (1_u16..20_000).prop_map(Harm::Deep),
    ]
}

fn harmed(right: &Value, harm: Harm) -> Vec<u8> {
    let mut input = right.clone();
    let fields = input.as_object_mut().expect("inputs are objects");
    let name = |at: &Index, fields: &serde_json::Map<String, Value>| {
        let names: Vec<_> = fields.keys().cloned().collect();
        (!names.is_empty()).then(|| names[at.index(names.len())].clone())
    };
    let mut text = right.to_string().into_bytes();
    match harm {
        Harm::Instead(value) => return value.to_string().into_bytes(),
        Harm::Field(at, value) => {
            if let Some(name) = name(&at, fields) {
                fields.insert(name, value);
            }
        }
        Harm::Missing(at) => {
            if let Some(name) = name(&at, fields) {
                fields.remove(&name);
            }
        }
        Harm::More(name, value) => {
            fields.insert(name, value);
        }
        Harm::Cut(at) => {
            text.truncate(at.index(text.len()));
            return text;
        }
        Harm::Byte(at, byte) => {
            let at = at.index(text.len());
            text[at] = byte;
            return text;
        }
        Harm::Deep(levels) => return "[".repeat(levels.into()).into_bytes(),
    }
    input.to_string().into_bytes()
}

#[test]
fn no_json_makes_any_function_fail_on_our_side() {
    let runtime = Runtime::new().expect("a runtime");
    let served: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let mut tried = BTreeSet::new();
    for number in 0..table("", "", "", "").len() {
        let host = runtime.block_on(Host::start());
        let (amy, ada) = (
            runtime.block_on(host.sign_in("amy")),
            runtime.block_on(host.sign_in("ada")),
        );
        let chat = runtime.block_on(amy.own_workitem("chat")).to_string();
        let templates = ada.call("templates/template_list", json!({}));
        let template = runtime.block_on(templates).ok()[0]["id"].to_string();
        let table = table(&chat, "nothing", template.trim_matches('"'), "care");
        let (name, may, right) = &table[number];
        let who = ["amy", "sam", "ada"]
            .into_iter()
            .find(|who| may.includes(who));
        let caller = runtime.block_on(host.sign_in(who.expect("somebody may")));
        let path = format!("/api/app/api/{name}");
        let mut runner = TestRunner::new(Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        });
        let told = runner.run(&harm(), |harm| {
            let body = harmed(right, harm);
            let answered = runtime.block_on(caller.post_bytes(&path, body));
            let known = [200, 401, 404, 409, 413, 422, 429].contains(&answered.status);
            prop_assert!(known, "{name}: {} {}", answered.status, answered.body);
            Ok(())
        });
        told.unwrap();
        tried.insert(path);
    }
    assert_eq!(served, tried);
}
