//! Forms of the host's own pages with more than one wrong field: each is named at its box in one answer, the page opens at the first,
//! what was typed stays, and nothing is stored.

use crate::browser::Shown;

/// The element that has this text in its tag.
fn tag_at(body: &str, place: usize) -> &str {
    let begin = body[..place].rfind('<').expect("its begin");
    let end = place + body[place..].find('>').expect("its end");
    &body[begin..end]
}

/// The page names these fields as wrong and no others, in this order, each at its box, and opens at the first.
pub fn assert_named(shown: &Shown, fields: &[&str]) {
    let body = &shown.body;
    let lines = body.split("id=\"refused-").skip(1);
    let named: Vec<_> = lines.map(|line| line.split('"').next()).collect();
    let expected: Vec<_> = fields.iter().map(|field| Some(*field)).collect();
    assert_eq!(named, expected, "{body}");
    for field in fields {
        let described = format!("aria-describedby=\"refused-{field}");
        assert!(body.contains(&described), "{field}: {body}");
    }
    let invalid = body.matches("aria-invalid=\"true\"").count();
    assert!(invalid >= fields.len(), "{body}");
    assert_eq!(body.matches(" autofocus").count(), 1, "{body}");
    let opens = tag_at(body, body.find(" autofocus").expect("a field"));
    let first = format!("aria-describedby=\"refused-{}", fields[0]);
    assert!(opens.contains(&first), "{opens}");
    assert!(opens.contains("aria-invalid=\"true\""), "{opens}");
}
