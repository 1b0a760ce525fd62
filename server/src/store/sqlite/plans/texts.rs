//! Every text of a statement that stands in the store's sources: string literals that begin like SQL, and what the files'
//! own macros make of such literals.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

const BEGIN: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE"];

/// The file and the text of each statement below a folder. Files and folders in `except` are left out.
pub fn statements(folder: &Path, except: &[&str]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let entries = fs::read_dir(folder).expect("the sources are there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().expect("a name").to_string_lossy();
        if path.is_dir() && !except.contains(&name.as_ref()) {
            all.extend(statements(&path, except));
        } else if name.ends_with(".rs") && !except.contains(&name.as_ref()) {
            let source = fs::read_to_string(&path).expect("a source");
            let texts = of_source(&source).into_iter();
            all.extend(texts.map(|text| (name.to_string(), text)));
        }
    }
    all
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// A macro that puts a statement together: its parameters and the parts of its `concat!`.
struct Maker {
    parameters: Vec<String>,
    body: Vec<Token>,
}

fn of_source(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let mut makers = HashMap::new();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            // Tests may ask what they like.
            [Token::Word(module), Token::Word(name), Token::Sign('{'), ..]
                if module == "mod" && name == "tests" =>
            {
                at = after_block(&tokens, at + 2);
            }
            [Token::Word(word), Token::Sign('!'), Token::Word(name), ..]
                if word == "macro_rules" =>
            {
                let end = after_block(&tokens, at + 3);
                if let Some(maker) = maker(&tokens[at + 4..end]) {
                    makers.insert(name.clone(), maker);
                }
                at = end;
            }
            [Token::Word(name), Token::Sign('!'), Token::Sign('('), ..]
                if name == "concat" || makers.contains_key(name) =>
            {
                let end = after_block(&tokens, at + 2);
                found.push(made(&tokens[at..end], &makers, &HashMap::new()));
                at = end;
            }
            [Token::Text(text), ..] => {
                found.push(text.clone());
                at += 1;
            }
            _ => at += 1,
        }
    }
    found.retain(|text| {
        let first = text.split_whitespace().next().unwrap_or_default();
        BEGIN.contains(&first)
    });
    found
}

/// The place behind the block that opens at `open`.
fn after_block(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('(' | '{' | '[') => depth += 1,
            Token::Sign(')' | '}' | ']') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// `($a:literal) => { concat!(…) }`; `None` for a macro that is something else.
fn maker(arm: &[Token]) -> Option<Maker> {
    let body = arm.iter().position(|token| *token == Token::Sign('>'))? + 2;
    let parameters = arm[..body].windows(2).filter_map(|pair| match pair {
        [Token::Sign('$'), Token::Word(name)] => Some(name.clone()),
        _ => None,
    });
    let is_text =
        matches!(&arm[body..], [Token::Word(word), Token::Sign('!'), ..] if word == "concat");
    is_text.then(|| Maker {
        parameters: parameters.collect(),
        body: arm[body..after_block(arm, body + 2)].to_vec(),
    })
}

/// What a call of a macro comes to.
fn made(
    call: &[Token],
    makers: &HashMap<String, Maker>,
    arguments: &HashMap<String, String>,
) -> String {
    let Some(Token::Word(name)) = call.first() else {
        return String::new();
    };
    let mut parts = Vec::new();
    let mut at = 3;
    while at + 1 < call.len() {
        match &call[at..] {
            [Token::Text(text), ..] => {
                parts.push(text.clone());
                at += 1;
            }
            [Token::Sign('$'), Token::Word(parameter), ..] => {
                parts.push(arguments.get(parameter).cloned().unwrap_or_default());
                at += 2;
            }
            [Token::Word(_), Token::Sign('!'), ..] => {
                let end = after_block(call, at + 2);
                parts.push(made(&call[at..end], makers, arguments));
                at = end;
            }
            _ => at += 1,
        }
    }
    match makers.get(name) {
        Some(maker) => {
            let names = maker.parameters.iter().cloned();
            made(&maker.body, makers, &names.zip(parts).collect())
        }
        None => parts.concat(),
    }
}

fn tokens(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = source.chars().peekable();
    while let Some(sign) = rest.next() {
        match sign {
            '/' if rest.peek() == Some(&'/') => {
                rest.by_ref().find(|sign| *sign == '\n');
            }
            '"' => found.push(Token::Text(text(&mut rest))),
            // A character such as '"', or the beginning of a lifetime.
            '\'' => {
                let ahead: Vec<char> = rest.clone().take(3).collect();
                match ahead[..] {
                    ['\\', _, '\''] => drop(rest.nth(2)),
                    [_, '\'', ..] => drop(rest.nth(1)),
                    _ => {}
                }
            }
            sign if sign.is_alphanumeric() || sign == '_' => {
                let mut word = String::from(sign);
                while let Some(more) = rest.next_if(|more| more.is_alphanumeric() || *more == '_') {
                    word.push(more);
                }
                found.push(Token::Word(word));
            }
            sign if sign.is_whitespace() => {}
            sign => found.push(Token::Sign(sign)),
        }
    }
    found
}

/// What stands in a literal, whose first quote has been read.
fn text(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(sign) = rest.next() {
        match sign {
            '"' => break,
            '\\' => match rest.next() {
                Some('\n') => while rest.next_if(|more| more.is_whitespace()).is_some() {},
                Some('n') => text.push('\n'),
                Some(sign) => text.push(sign),
                None => break,
            },
            sign => text.push(sign),
        }
    }
    text
}

#[test]
fn texts_of_literals_and_of_macros_are_found() {
    let source = r#"
        // "SELECT nothing"
        const NOBODY: &str = "SELECT 1 \
            FROM a";
        macro_rules! select { ($tail:literal) => { concat!("SELECT x FROM t ", $tail) }; }
        const ONE: &str = select!("WHERE id = $1");
        const TWO: &str = concat!(select!("WHERE id = $2"), " LIMIT 1");
        fn quote<'a>(it: &'a str) { let _ = ('"', "not a statement"); sql("DELETE FROM t"); }
        mod tests { const OTHER: &str = "SELECT 2"; }
    "#;
    let expected = [
        "SELECT 1 FROM a",
        "SELECT x FROM t WHERE id = $1",
        "SELECT x FROM t WHERE id = $2 LIMIT 1",
        "DELETE FROM t",
    ];
    assert_eq!(of_source(source), expected);
}
