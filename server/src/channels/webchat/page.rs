//! The customer's page as HTML: complete without scripts, so that it can be read and written on before
//! `chat.js` has arrived, or without it. `chat.js` builds the same elements for what comes later.

use shared::customer::{CustomerBody, CustomerFrame};

use super::html::Html;
use super::message::SentForm;
use super::place::{Place, Tag};
use crate::http::assets;

/// What the page shows.
pub(super) struct ChatPage<'a> {
    /// The channel's public key.
    pub(super) key: &'a str,
    /// The channel's name: title and heading.
    pub(super) name: &'a str,
    /// Whether the visitor can write: the channel is on, or the conversation was under way when it was switched off.
    pub(super) active: bool,
    /// As the visitor introduced themselves, if they did.
    pub(super) visitor: Option<&'a str>,
    /// Who the visitor is, for a browser that brought no cookie.
    pub(super) token: Option<&'a str>,
    /// What is known about the browser's cookies.
    pub(super) cookies: Cookies,
    /// The lines, oldest first.
    pub(super) frames: &'a [CustomerFrame],
    /// Whether these are earlier lines, for reading only.
    pub(super) earlier: bool,
    /// Where the latest conversation stands, shown or not; nothing before the first message.
    pub(super) place: Option<Place>,
    /// The history to which the numbers of this page belong.
    pub(super) tag: Tag,
    /// A question that stands open.
    pub(super) asks: Option<Asks>,
    /// What was typed and refused, with the reason.
    pub(super) refused: Option<(&'a SentForm, &'a str)>,
}

/// What is known about the cookies of a browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cookies {
    /// Nothing that has to be said.
    #[default]
    Fine,
    /// It was given its first one.
    Unknown,
    /// It was given one and did not bring it.
    Refused,
}

/// What is asked once more before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// Ending the conversation.
    End,
    /// Being forgotten.
    Forget,
}

impl Asks {
    /// As the page's address names it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "end" => Some(Self::End),
            "forget" => Some(Self::Forget),
            _ => None,
        }
    }
}

impl ChatPage<'_> {
    /// The whole document.
    pub(super) fn render(&self) -> String {
        let mut html = Html::default();
        let place = self
            .place
            .map(|place| place.to_string())
            .unwrap_or_default();
        head(&mut html, self.name, !self.earlier);
        html.tag("<main class=\"chat\" id=\"chat\" data-path=\"/chat/")
            .text(self.key);
        let shown = if self.frames.is_empty() { "" } else { &place };
        html.tag("\" data-after=\"").text(shown);
        html.tag("\" data-epoch=\"")
            .text(&self.tag.to_string())
            .tag("\">");
        self.heading(&mut html);
        html.tag("<p class=\"notice\" id=\"cookies\" role=\"alert\"")
            .tag_if(self.cookies != Cookies::Refused, " hidden")
            .tag(">Your browser doesn’t keep cookies. This conversation will be lost when you close this page.</p>");
        html.tag("<div id=\"log\" role=\"log\" aria-label=\"Conversation\" tabindex=\"0\">");
        self.lines(&mut html);
        html.tag("</div>");
        if self.earlier {
            html.tag("<p class=\"lead\"><a href=\"/chat/")
                .text(self.key)
                .tag("\">Back to the newest messages</a></p>");
        } else {
            self.foot(&mut html, &place);
        }
        html.tag("</main></body></html>\n");
        html.finish()
    }

    fn is_over(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|frame| frame.body == CustomerBody::Ended)
    }

    fn heading(&self, html: &mut Html) {
        html.tag("<header><div><h1>").text(self.name);
        html.tag("</h1><p id=\"who\"")
            .tag_if(self.visitor.is_none(), " hidden")
            .tag(">");
        html.tag("You write as ")
            .text(self.visitor.unwrap_or_default())
            .tag("</p></div>");
        let open = !self.frames.is_empty() && !self.is_over();
        if !self.earlier {
            html.tag("<div class=\"acts\">");
            self.ask(html, "id=\"end\"", !open, "end", "End conversation");
            self.ask(
                html,
                "id=\"forget\"",
                self.visitor.is_none(),
                "forget",
                "Forget me on this device",
            );
            html.tag("</div>");
        }
        html.tag("</header>");
    }

    /// Leads to the page with the question; the script opens it right here.
    fn ask(
        &self,
        html: &mut Html,
        id: &'static str,
        hidden: bool,
        what: &'static str,
        label: &'static str,
    ) {
        html.tag("<form method=\"get\" ").tag(id);
        html.tag_if(hidden, " hidden").tag(" action=\"/chat/");
        html.text(self.key)
            .tag("\"><input type=\"hidden\" name=\"ask\" value=\"")
            .tag(what);
        html.tag("\"><button>").tag(label).tag("</button></form>");
    }

    fn foot(&self, html: &mut Html, place: &str) {
        let ended = self.is_over();
        html.tag("<p class=\"status")
            .tag_if(self.refused.is_some(), " status--error")
            .tag("\" id=\"status\" role=\"status\">")
            .text(self.status(ended))
            .tag("</p>");
        if self.active {
            self.composer(html, place, ended);
            html.tag("<form class=\"composer\" id=\"restart\" method=\"get\" action=\"/chat/")
                .text(self.key);
            html.tag("\"")
                .tag_if(!ended, " hidden")
                .tag("><input type=\"hidden\" name=\"new\" value=\"1\">");
            html.tag("<button>Start a new conversation</button></form>");
            html.tag("<noscript><p class=\"status\">Reload this page to see new answers.")
                .tag_if(
                    self.cookies == Cookies::Unknown,
                    " If your browser doesn’t keep cookies, this conversation will be lost when you close this page.",
                )
                .tag("</p></noscript>");
        }
        self.question(html, place, Asks::End);
        self.question(html, place, Asks::Forget);
    }

    fn question(&self, html: &mut Html, place: &str, what: Asks) {
        let (id, path, title, words, yes, no) = match what {
            Asks::End => (
                "ask-end",
                "/end",
                "End this conversation?",
                "It closes for both sides. You can start a new one at any time.",
                "End conversation",
                "Keep chatting",
            ),
            Asks::Forget => (
                "ask-forget",
                "/forget",
                "Forget you on this device?",
                "This ends your conversation here. Your name and everything that was said disappear from this device, \
                 and you can’t come back to them.",
                "Forget me",
                "Cancel",
            ),
        };
        html.tag("<dialog id=\"").tag(id);
        html.tag("\" aria-labelledby=\"").tag(id).tag("-title\"");
        html.tag_if(self.asks == Some(what), " open");
        html.tag("><h2 id=\"").tag(id).tag("-title\">").tag(title);
        html.tag("</h2><p>").tag(words);
        html.tag("</p><div class=\"answers\"><form method=\"dialog\"><button>")
            .tag(no)
            .tag("</button></form>");
        html.tag("<form method=\"post\" action=\"/chat/")
            .text(self.key)
            .tag(path)
            .tag("\">");
        self.who_and_where(html, place);
        html.tag("<button>").tag(yes);
        html.tag("</button></form></div></dialog>");
    }

    /// The fields with which a form says what it is about.
    fn who_and_where(&self, html: &mut Html, place: &str) {
        html.tag("<input type=\"hidden\" name=\"after\" value=\"")
            .text(place)
            .tag("\">");
        if let Some(token) = self.token {
            html.tag("<input type=\"hidden\" name=\"visitor\" value=\"")
                .text(token)
                .tag("\">");
        }
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
        if let Some(first) = self.frames.first().filter(|first| first.seq > 1) {
            html.tag(
                "<p class=\"bubble bubble--note\" data-seq=\"0\"><a id=\"earlier\" href=\"/chat/",
            )
            .text(self.key)
            .tag("?before=")
            .text(&first.seq.to_string())
            .tag("\">Earlier messages</a></p>");
        }
        for frame in self.frames {
            line(html, frame);
        }
    }

    fn composer(&self, html: &mut Html, place: &str, ended: bool) {
        let kept = self.refused.map(|(form, _)| form);
        let named = self.visitor.is_some();
        html.tag("<form class=\"composer\" id=\"composer\" method=\"post\" action=\"/chat/")
            .text(self.key);
        html.tag("\"").tag_if(ended, " hidden").tag(">");
        self.who_and_where(html, place);
        html.tag("<div class=\"composer__name\"")
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
        for part in ["chat-outbox.js", "chat-stream.js"] {
            html.tag("<link rel=\"modulepreload\" href=\"")
                .text(&assets::url(part))
                .tag("\">");
        }
        html.tag("<script type=\"module\" src=\"")
            .text(&assets::url("chat.js"))
            .tag("\"></script>");
    }
    html.tag("</head><body>");
}
