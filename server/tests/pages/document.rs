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
        };
        document.read(&dom.document, "", 0);
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

fn text_of(node: &Handle) -> String {
    let mut text = String::new();
    for child in node.children.borrow().iter() {
        if let NodeData::Text { contents } = &child.data {
            text.push_str(&contents.borrow());
        }
    }
    text
}
