//! A document as an HTML parser reads it.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// What a parser finds in a document.
pub struct Document {
    /// Every element of the head: its name and the names of its attributes.
    pub head: Vec<String>,
    /// Every element of the body, with its depth. Lines of a list that say the same are one.
    pub body: Vec<String>,
    /// The text of the title.
    pub title: String,
    /// What a person can read, with the values of fields and labels.
    pub words: String,
    /// The text of each block of data.
    pub data: Vec<String>,
    /// What runs from right to left and moves the words of the interface beside it: a text whose element has no direction
    /// of its own, a label that is not isolated.
    pub astray: Vec<String>,
}

impl Document {
    /// Reads a document.
    pub fn parse(html: &str) -> Self {
        let dom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
        let mut document = Self {
            head: Vec::new(),
            body: Vec::new(),
            title: String::new(),
            words: String::new(),
            data: Vec::new(),
            astray: Vec::new(),
        };
        document.read(&dom.document, "", 0);
        document.lay_out(&dom.document, "", false);
        document
    }

    fn read(&mut self, node: &Handle, place: &'static str, depth: usize) {
        let mut place = place;
        match &node.data {
            NodeData::Element { name, attrs, .. } => {
                let tag = name.local.to_string();
                let attributes = attrs.borrow();
                let mut names: Vec<String> = attributes
                    .iter()
                    .map(|attribute| attribute.name.local.to_string())
                    .collect();
                names.sort();
                // What only a field or a label says is read as well.
                for attribute in attributes.iter() {
                    if ["value", "aria-label", "title", "placeholder"]
                        .contains(&&*attribute.name.local)
                    {
                        self.words.push_str(&attribute.value);
                        self.words.push('\n');
                    }
                }
                let line = format!("{depth} {tag} {}", names.join(" "));
                match (tag.as_str(), place) {
                    ("head", "") => place = "head",
                    ("body", "") => place = "body",
                    (_, "head") => self.head.push(line),
                    (_, "body") => self.body.push(line),
                    _ => {}
                }
                if tag == "title" && place == "head" {
                    self.title = text_of(node);
                }
                if tag == "script" {
                    if attributes
                        .iter()
                        .any(|attribute| &*attribute.value == "application/json")
                    {
                        self.data.push(text_of(node));
                    }
                    return;
                }
            }
            NodeData::Text { contents } if place == "body" => {
                self.words.push_str(&contents.borrow());
            }
            _ => {}
        }
        for child in node.children.borrow().iter() {
            self.read(child, place, depth + 1);
        }
    }
}

impl Document {
    /// Looks for what is astray. `own`: an element around it has the direction of its text.
    fn lay_out(&mut self, node: &Handle, tag: &str, own: bool) {
        let (mut tag, mut own) = (tag.to_owned(), own);
        match &node.data {
            NodeData::Element { name, attrs, .. } => {
                tag = name.local.to_string();
                let attributes = attrs.borrow();
                let value = |name: &str| {
                    let found = attributes.iter().find(|one| &*one.name.local == name);
                    found.map(|one| one.value.to_string())
                };
                own |= tag == "bdi" || value("dir").as_deref() == Some("auto");
                for name in ["aria-label", "aria-description", "title", "placeholder"] {
                    let label = value(name).unwrap_or_default();
                    let bare = without_isolates(&label);
                    let begins = bare.trim_start().starts_with(is_hebrew);
                    if bare.contains(is_hebrew) && !begins && !own {
                        self.astray.push(format!("{tag} {name}={label:?}"));
                    }
                }
                let typed = value("value").unwrap_or_default();
                let seen = tag == "input" && value("type").as_deref() != Some("hidden");
                if seen && typed.contains(is_hebrew) && !own {
                    self.astray.push(format!("{tag} value={typed:?}"));
                }
            }
            NodeData::Text { contents } if !["script", "style", "noscript"].contains(&&*tag) => {
                let text = contents.borrow();
                if without_isolates(&text).contains(is_hebrew) && !own {
                    self.astray.push(format!("{tag}: {text:?}"));
                }
            }
            _ => {}
        }
        for child in node.children.borrow().iter() {
            self.lay_out(child, &tag, own);
        }
    }
}

fn is_hebrew(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{5FF}')
}

/// What stands outside of the innermost isolates.
fn without_isolates(text: &str) -> String {
    let mut depth = 0;
    let mut bare = String::new();
    for c in text.chars() {
        match c {
            '\u{2068}' => depth += 1,
            '\u{2069}' => depth -= 1,
            c if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare
}

fn text_of(node: &Handle) -> String {
    let mut text = String::new();
    for child in node.children.borrow().iter() {
        if let NodeData::Text { contents } = &child.data {
            text.push_str(&contents.borrow());
        }
    }
    text
}
