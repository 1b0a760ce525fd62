//! The customer's page as HTML: complete without scripts, so that it can be read and written on before
//! `chat.js` has arrived, or without it. `chat.js` builds the same elements for what comes later.

use shared::customer::{CustomerBody, CustomerFrame};

use super::html::Html;
use super::message::SentForm;
use super::place::Place;
use crate::http::assets;

/// What the page shows.
pub(super) struct ChatPage<'a> {
    /// The channel's public key.
    pub(super) key: &'a str,
    /// The channel's name: title and heading.
    pub(super) name: &'a str,
    /// Whether the channel takes messages.
    pub(super) active: bool,
    /// As the visitor introduced themselves, if they did.
    pub(super) visitor: Option<&'a str>,
    /// The conversation, oldest first.
    pub(super) frames: &'a [CustomerFrame],
    /// Whether there are lines before these.
    pub(super) older: bool,
    /// Where the latest conversation stands, shown or not; nothing before the first message.
    pub(super) place: Option<Place>,
    /// What was typed and refused, with the reason.
    pub(super) refused: Option<(&'a SentForm, &'a str)>,
}

impl ChatPage<'_> {
    /// The whole document.
    pub(super) fn render(&self) -> String {
        let mut html = Html::default();
        let place = self
            .place
            .map(|place| place.to_string())
            .unwrap_or_default();
        let ended = self
            .frames
            .last()
            .is_some_and(|frame| frame.body == CustomerBody::Ended);
        head(&mut html, self.name, true);
        html.tag("<main class=\"chat\" id=\"chat\" data-path=\"/chat/")
            .text(self.key);
        let shown = if self.frames.is_empty() { "" } else { &place };
        html.tag("\" data-after=\"")
            .text(shown)
            .tag("\"><header><h1>")
            .text(self.name);
        html.tag("</h1><p id=\"who\"")
            .tag_if(self.visitor.is_none(), " hidden")
            .tag(">");
        html.tag("You write as ")
            .text(self.visitor.unwrap_or_default())
            .tag("</p></header>");
        html.tag("<div id=\"log\" role=\"log\" aria-label=\"Conversation\" tabindex=\"0\">");
        self.lines(&mut html);
        html.tag("</div><p class=\"status");
        html.tag_if(self.refused.is_some(), " status--error")
            .tag("\" id=\"status\" role=\"status\">");
        html.text(self.status(ended)).tag("</p>");
        if self.active {
            self.composer(&mut html, &place, ended);
            html.tag("<form class=\"composer\" id=\"restart\" method=\"get\" action=\"/chat/")
                .text(self.key);
            html.tag("\"")
                .tag_if(!ended, " hidden")
                .tag("><input type=\"hidden\" name=\"new\" value=\"1\">");
            html.tag("<button>Start a new conversation</button></form>");
            html.tag(
                "<noscript><p class=\"status\">Reload this page to see new answers.</p></noscript>",
            );
        }
        html.tag("</main></body></html>\n");
        html.finish()
    }

    fn status(&self, ended: bool) -> &str {
        let answered = self
            .frames
            .iter()
            .any(|frame| matches!(frame.body, CustomerBody::Theirs { .. }));
        match self.refused {
            Some((_, reason)) => reason,
            None if !self.active => "Nobody takes messages here at the moment.",
            None if !self.frames.is_empty() && !answered && !ended => WAITING,
            None => "",
        }
    }

    fn lines(&self, html: &mut Html) {
        if self.frames.is_empty() && self.active {
            html.tag("<p class=\"bubble bubble--note\">")
                .tag(match self.visitor {
                    Some(_) => "Hello again! How can we help?</p>",
                    None => "Hello! Tell us your name and how we can help.</p>",
                });
        }
        html.tag_if(
            self.older,
            "<p class=\"bubble bubble--note\" data-seq=\"0\">Earlier messages are not shown.</p>",
        );
        for frame in self.frames {
            line(html, frame);
        }
    }

    fn composer(&self, html: &mut Html, place: &str, ended: bool) {
        let kept = self.refused.map(|(form, _)| form);
        let named = self.visitor.is_some();
        html.tag("<form class=\"composer\" id=\"composer\" method=\"post\" action=\"/chat/")
            .text(self.key);
        html.tag("\"")
            .tag_if(ended, " hidden")
            .tag("><input type=\"hidden\" name=\"after\" value=\"")
            .text(place);
        html.tag("\"><div class=\"composer__name\"")
            .tag_if(named, " hidden");
        html.tag("><label for=\"name\">Your name</label><input id=\"name\" name=\"name\" autocomplete=\"name\"");
        html.tag_if(!named, " required")
            .tag(" aria-describedby=\"status\" value=\"");
        html.text(
            self.visitor
                .or(kept.map(|form| form.name.as_str()))
                .unwrap_or_default(),
        );
        html.tag("\"></div><div><label for=\"text\">Message</label>");
        html.tag(
            "<textarea id=\"text\" name=\"text\" rows=\"1\" required aria-describedby=\"status\">",
        );
        // A line break right after the tag is not part of the text, so one is written there in any case.
        html.tag("\n")
            .text(kept.map(|form| form.text.as_str()).unwrap_or_default());
        html.tag("</textarea></div><button>Send</button></form>");
    }
}

/// Stands under the conversation until the first answer. `chat.js` has the same words.
const WAITING: &str = "We have your message. Somebody will answer you here.";

fn line(html: &mut Html, frame: &CustomerFrame) {
    let number = frame.seq.to_string();
    match &frame.body {
        CustomerBody::Mine { text, key } => {
            html.tag("<article class=\"bubble bubble--mine\" data-author=\"customer\" data-entry=\"message\" data-seq=\"");
            html.text(&number).tag("\" data-key=\"").text(key);
            html.tag("\"><span class=\"visually-hidden\">You: </span><p>")
                .text(text.as_str());
        }
        CustomerBody::Theirs { name, text } => {
            html.tag("<article class=\"bubble bubble--theirs\" data-author=\"agent\" data-entry=\"message\" data-seq=\"");
            html.text(&number)
                .tag("\"><span class=\"bubble__meta\">")
                .text(name)
                .tag("</span><p>")
                .text(text.as_str());
        }
        CustomerBody::Ended => {
            html.tag("<p class=\"bubble bubble--note\" data-seq=\"")
                .text(&number);
            html.tag("\">This conversation has ended.</p>");
            return;
        }
    }
    let at = frame.at.rfc3339();
    html.tag("</p><time class=\"utc\" datetime=\"")
        .text(&at)
        .tag("\">");
    // Hours and minutes; the script writes local time over it, as the visitor's language has it. Until then the
    // style hides it where a script can be expected, so that nobody sees one time become another.
    html.text(at.get(11..16).unwrap_or_default())
        .tag(" UTC</time></article>");
}

/// What a wrong address shows.
pub(super) fn not_found() -> String {
    let mut html = Html::default();
    head(&mut html, "Chat not found", false);
    html.tag(
        "<main class=\"chat\"><header><h1>This chat was not found</h1></header><p class=\"lead\">",
    );
    html.tag("There is no chat at this address. Please check the link that you followed.</p></main></body></html>\n");
    html.finish()
}

/// What a visitor sees when the page cannot be made.
pub(super) fn failed(reason: &str) -> String {
    let mut html = Html::default();
    head(&mut html, "Chat", false);
    html.tag(
        "<main class=\"chat\"><header><h1>Something went wrong</h1></header><p class=\"lead\">",
    )
    .text(reason);
    html.tag(" Please try again in a moment.</p></main></body></html>\n");
    html.finish()
}

fn head(html: &mut Html, title: &str, script: bool) {
    html.tag("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.tag("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">");
    html.tag("<title>")
        .text(title)
        .tag("</title><link rel=\"icon\" href=\"")
        .text(&assets::url("favicon.svg"));
    html.tag("\"><link rel=\"stylesheet\" href=\"")
        .text(&assets::url("chat.css"))
        .tag("\">");
    if script {
        html.tag("<script src=\"")
            .text(&assets::url("chat.js"))
            .tag("\" defer></script>");
    }
    html.tag("</head><body>");
}
