//! Writes HTML with every text escaped. Markup is only what the source code spells out; whatever comes from a
//! person or the database goes through [`Html::text`].

/// A document that is being written.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Adds markup from the source code.
    pub(super) fn tag(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, fit for the inside of an element and of a quoted attribute.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(c),
            }
        }
        self
    }

    /// Adds markup where a condition holds.
    pub(super) fn tag_if(&mut self, condition: bool, markup: &'static str) -> &mut Self {
        if condition { self.tag(markup) } else { self }
    }

    /// The document.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        let mut html = Html::default();
        html.tag("<p title=\"")
            .text("\"><script>alert('x')</script>")
            .tag("\">")
            .text("a & b")
            .tag("</p>");
        assert_eq!(
            html.finish(),
            "<p title=\"&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\">a &amp; b</p>"
        );
    }

    #[test]
    fn what_was_escaped_once_is_escaped_again() {
        let mut html = Html::default();
        html.text("&amp;").tag_if(false, "<b>").tag_if(true, "<i>");
        assert_eq!(html.finish(), "&amp;amp;<i>");
    }
}
