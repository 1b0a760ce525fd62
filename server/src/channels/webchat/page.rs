//! The customer's page as HTML: complete without scripts, so that it can be read and written on before
//! `chat.js` has arrived, or without it. `chat.js` builds the same elements for what comes later.

use i18n::{Language, t};
use maud::{DOCTYPE, Markup, PreEscaped, display, html};
use serde_json::json;
use shared::customer::{CustomerBody, CustomerFrame};
use shared::files::{FILE_MAX, FileKind, MIB};
use shared::time::Timestamp;

use super::lines::line;
use super::message::SentForm;
use super::offline::{self, Closed};
use super::rating_form;
use super::stream_cursor::{HistoryTag, StreamCursor};
use crate::http::assets;

/// What the page shows.
pub(super) struct ChatPage<'a> {
    /// The language of its words.
    pub(super) language: Language,
    /// The channel's public key.
    pub(super) key: &'a str,
    /// The channel's name: title and heading.
    pub(super) name: &'a str,
    /// What it says first, before the visitor writes.
    pub(super) greeting: Option<&'a str>,
    /// Whether a conversation goes on.
    pub(super) under_way: bool,
    /// Why no conversation begins at the moment, if none does.
    pub(super) closed: Option<&'a Closed>,
    /// For a frame: the origins of the pages that may show it. Its script finds out who the visitor is.
    pub(super) origins: Option<&'a [String]>,
    /// As the visitor introduced themselves, if they did.
    pub(super) visitor: Option<&'a str>,
    /// Who the visitor is, for a browser that brought no cookie.
    pub(super) token: Option<&'a str>,
    /// What is known about the browser's cookies.
    pub(super) cookies: Cookies,
    /// When it is shown.
    pub(super) now: Timestamp,
    /// The lines, oldest first.
    pub(super) frames: &'a [CustomerFrame],
    /// Whether these are earlier lines, for reading only.
    pub(super) earlier: bool,
    /// Whether the latest conversation was rated.
    pub(super) rated: bool,
    /// Where the latest conversation stands, shown or not; nothing before the first message.
    pub(super) cursor: Option<StreamCursor>,
    /// The history to which the numbers of this page belong.
    pub(super) tag: HistoryTag,
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
        let language = self.language;
        let cursor = self.cursor.map(|cursor| cursor.to_string());
        let cursor = cursor.as_deref().unwrap_or_default();
        let shown = if self.frames.is_empty() { "" } else { cursor };
        let origins = self.origins.map(|origins| json!(origins).to_string());
        let closed = self.closed.map(|closed| closed.script_words(language));
        let (closed, opens) = closed.map_or((None, None), |(words, opens)| (Some(words), opens));
        let chat = html! {
            main class="chat" id="chat" data-path={ "/chat/" (self.key) } data-after=(shown) data-origins=[origins]
                data-closed=[closed] data-opens=[opens] data-rated[self.rated] data-epoch=(display(self.tag)) data-words=(self.script_words()) {
                (self.heading())
                p class="notice" id="cookies" role="alert" hidden[self.cookies != Cookies::Refused] {
                    (t!(language, chat.cookies_refused))
                }
                div id="log" role="log" aria-label=(t!(language, chat.conversation)) tabindex="0" { (self.lines()) }
                // What came while the visitor reads further up; the script fills it.
                button id="newest" type="button" hidden {}
                @if self.earlier {
                    p class="lead" { a href={ "/chat/" (self.key) } { (t!(language, chat.to_newest)) } }
                } @else {
                    (self.foot(cursor))
                }
            }
        };
        document(language, self.name, !self.earlier, &chat)
    }

    /// Whether the visitor can write: conversations begin, or one was under way when they ceased to.
    fn active(&self) -> bool {
        self.closed.is_none() || self.under_way
    }

    fn has_offline_form(&self) -> bool {
        self.closed.is_some_and(|closed| closed.form)
    }

    fn is_over(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.body.is_end())
    }

    /// Whether the end that is shown asks how it was, and nobody has said so.
    fn asks_for_rating(&self) -> bool {
        let last = self.frames.last().map(|frame| &frame.body);
        last == Some(&CustomerBody::Ended { asks: true }) && !self.rated
    }

    fn heading(&self) -> Markup {
        let open = !self.frames.is_empty() && !self.is_over();
        let (language, known) = (self.language, self.visitor.is_some());
        let name = self.visitor.unwrap_or_default();
        html! {
            header {
                div {
                    h1 dir="auto" { (self.name) }
                    p id="who" hidden[!known] { (t!(language, chat.writing_as, name = name)) }
                }
                @if self.origins.is_some() {
                    button id="close" type="button" { (t!(language, chat.close)) }
                }
                @if !self.earlier {
                    div class="acts" {
                        a id="transcript" href={ "/chat/" (self.key) "/transcript" } download hidden[self.frames.is_empty()] {
                            (t!(language, chat.transcript))
                        }
                        (self.ask("end", !open, t!(language, chat.end)))
                        (self.ask("forget", !known, t!(language, chat.forget)))
                    }
                }
            }
        }
    }

    /// Leads to the page with the question; the script opens it right here.
    fn ask(&self, what: &str, hidden: bool, label: &str) -> Markup {
        html! {
            form method="get" id=(what) hidden[hidden] action={ "/chat/" (self.key) } {
                input type="hidden" name="ask" value=(what);
                button { (label) }
            }
        }
    }

    fn foot(&self, cursor: &str) -> Markup {
        let (language, ended) = (self.language, self.is_over());
        let class = match self.refused {
            Some(_) => "status status--error",
            None => "status",
        };
        html! {
            // Not read aloud: the message is.
            p class="status" id="typing" hidden {}
            p class=(class) id="status" role="status" { (self.status(ended)) }
            // In a frame a conversation may be under way that only the script finds; one that has ended may be reopened; and one
            // begins with what the form for the closed time sends, or when it opens.
            @let talks = self.active() || self.origins.is_some() || !self.frames.is_empty();
            @if talks || self.has_offline_form() {
                (self.rating(cursor))
                (self.composer(cursor, ended || !self.active()))
                form class="composer" id="restart" method="get" action={ "/chat/" (self.key) }
                    hidden[!ended || self.closed.is_some()] {
                    input type="hidden" name="new" value="1";
                    button { (t!(language, chat.restart)) }
                }
            }
            @if talks {
                noscript {
                    p class="status" {
                        (t!(language, chat.reload))
                        @if self.cookies == Cookies::Unknown { " " (t!(language, chat.cookies_unknown)) }
                    }
                }
            }
            (self.offline(cursor))
            (self.question(cursor, &Question::end(language)))
            (self.question(cursor, &Question::forget(language)))
        }
    }

    /// The form for the time in which no conversation begins, where the channel has one. What is under way needs none.
    fn offline(&self, cursor: &str) -> Markup {
        if !self.has_offline_form() {
            return Markup::default();
        }
        let path = ["/chat/", self.key, "/offline"].concat();
        let fields = self.sender_fields(cursor);
        let typed = self.refused.map(|(form, _)| form);
        let hidden = self.under_way;
        offline::form(self.language, &path, (&fields, self.visitor), typed, hidden)
    }

    /// The form for how it was.
    fn rating(&self, cursor: &str) -> Markup {
        let path = ["/chat/", self.key, "/rating"].concat();
        let fields = self.sender_fields(cursor);
        let typed = self.refused.map(|(form, _)| form);
        rating_form::form(
            self.language,
            &path,
            &fields,
            typed,
            !self.asks_for_rating(),
        )
    }

    fn question(&self, cursor: &str, question: &Question) -> Markup {
        let title = format_args!("{}-title", question.id);
        html! {
            dialog id=(question.id) aria-labelledby=(title) open[self.asks == Some(question.asks)] {
                h2 id=(title) { (question.title) }
                p { (question.words) }
                div class="answers" {
                    form method="dialog" { button { (question.no) } }
                    form method="post" action={ "/chat/" (self.key) (question.path) } {
                        (self.sender_fields(cursor))
                        button { (question.yes) }
                    }
                }
            }
        }
    }

    /// The fields with which a form says whose it is and what its page showed.
    fn sender_fields(&self, cursor: &str) -> Markup {
        html! {
            input type="hidden" name="after" value=(cursor);
            @if let Some(token) = self.token {
                input type="hidden" name="visitor" value=(token);
            }
        }
    }

    /// The words of `chat.js` as JSON. A name, a number or a time that it fills in stands there as `{name}`, `{number}` or
    /// `{time}`.
    fn script_words(&self) -> String {
        let language = self.language;
        json!({
            "connecting": t!(language, chat.connecting),
            "discard": t!(language, chat.discard),
            "earlier": t!(language, chat.earlier),
            "empty": t!(language, chat.message_empty),
            "fileEmpty": t!(language, problems.file_empty),
            "fileSize": t!(language, chat.file_size, size = "{size}"),
            "fileAgain": t!(language, chat.file_again, name = "{name}"),
            "fileTooLarge": t!(language, problems.file_too_large, max = FILE_MAX / MIB),
            "ended": t!(language, chat.ended),
            "forgotten": t!(language, chat.forgotten),
            "kept": t!(language, chat.kept),
            "launcher": t!(language, chat.launcher, name = self.name),
            "launcherClose": t!(language, chat.launcher_close),
            "news": t!(language, chat.news, number = "{number}"),
            "notEnded": t!(language, chat.not_ended),
            "notForgotten": t!(language, chat.not_forgotten),
            "notRated": t!(language, chat.not_rated),
            "notSent": t!(language, chat.not_sent),
            "notSentSince": t!(language, chat.not_sent_since, time = "{time}"),
            "offline": t!(language, chat.offline),
            "queued": t!(language, chat.queued),
            "received": t!(language, chat.received),
            "refused": t!(language, chat.refused),
            "rated": t!(language, chat.rated),
            "resumed": t!(language, chat.resumed),
            "retry": t!(language, chat.retry),
            "sending": t!(language, chat.sending),
            "typing": t!(language, chat.typing, name = "{name}"),
            "waiting": t!(language, chat.waiting),
            "withoutFile": t!(language, chat.without_file, name = "{name}"),
            "writingAs": t!(language, chat.writing_as, name = "{name}"),
            "you": t!(language, chat.you),
            "youEnded": t!(language, chat.you_ended),
        })
        .to_string()
    }

    fn status(&self, ended: bool) -> String {
        let answered = self
            .frames
            .iter()
            .any(|frame| matches!(frame.body, CustomerBody::Theirs { .. }));
        match self.refused {
            Some((_, reason)) => reason.to_owned(),
            None if ended && self.rated => t!(self.language, chat.rated).to_owned(),
            None if !self.under_way && self.closed.is_some() => {
                let closed = self.closed.map(|closed| closed.words(self.language));
                closed.unwrap_or_default()
            }
            None if !self.frames.is_empty() && !answered && !ended => self.waiting(),
            None => String::new(),
        }
    }

    /// What a customer reads who waits for the first answer. Nobody answers shortly while the channel is closed.
    fn waiting(&self) -> String {
        let Some(closed) = self.closed else {
            return t!(self.language, chat.waiting).to_owned();
        };
        let received = t!(self.language, chat.received);
        match closed.opens {
            Some(_) => format!("{received} {}", closed.words(self.language)),
            None => received.to_owned(),
        }
    }

    fn lines(&self) -> Markup {
        let language = self.language;
        let greeting = match (self.greeting, self.visitor) {
            (Some(greeting), _) => greeting,
            (None, Some(_)) => t!(language, chat.hello_again),
            (None, None) => t!(language, chat.hello),
        };
        let earlier = self.frames.first().filter(|first| first.seq > 1);
        let path = ["/chat/", self.key].concat();
        html! {
            @if self.frames.is_empty() && (self.active() || self.greeting.is_some()) {
                p class="bubble bubble--note bubble--greeting" dir="auto" { (greeting) }
            }
            @if let Some(first) = earlier {
                p class="bubble bubble--note" data-seq="0" {
                    a id="earlier" href={ "/chat/" (self.key) "?before=" (first.seq) } { (t!(language, chat.earlier)) }
                }
            }
            @for frame in self.frames { (line(language, &path, frame, self.now)) }
        }
    }

    fn composer(&self, cursor: &str, ended: bool) -> Markup {
        let language = self.language;
        let typed = self.refused.map(|(form, _)| form);
        let named = self.visitor.is_some();
        let name = self.visitor.or(typed.map(|form| form.name.as_str()));
        let text = typed.map(|form| form.text.as_str());
        html! {
            form class="composer" id="composer" method="post" action={ "/chat/" (self.key) } hidden[ended] {
                (self.sender_fields(cursor))
                div class="composer__name" hidden[named] {
                    label for="name" { (t!(language, chat.your_name)) }
                    input type="text" id="name" name="name" dir="auto" autocomplete="name" required[!named] aria-describedby="status"
                        value=(name.unwrap_or_default());
                }
                div {
                    label for="text" { (t!(language, chat.message)) }
                    textarea id="text" name="text" dir="auto" rows="1" required enterkeyhint="enter" aria-describedby="status" {
                        // A line break right after the tag is no part of the text, so one is written in any case.
                        (PreEscaped("\n")) (text.unwrap_or_default())
                    }
                }
                // The script shows it: a form without one sends texts alone.
                div class="attach" id="attach" hidden {
                    input class="visually-hidden" id="file" type="file" accept=(accepted()) data-max=(FILE_MAX)
                        aria-describedby="status";
                    label for="file" {
                        (PreEscaped(CLIP))
                        span class="visually-hidden" { (t!(language, chat.attach)) }
                    }
                }
                button { (t!(language, chat.send)) }
                p class="chosen" id="chosen" hidden {
                    bdi {} " " span {} " "
                    button type="button" { (t!(language, chat.file_remove)) }
                }
            }
        }
    }
}

/// A paper clip.
const CLIP: &str = r#"<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4L14.5 7"/></svg>"#;

/// What a device offers to choose from.
fn accepted() -> String {
    FileKind::ALL.map(FileKind::media_type).join(",")
}

/// A question that is asked once more before something is done.
struct Question {
    asks: Asks,
    id: &'static str,
    path: &'static str,
    title: &'static str,
    words: &'static str,
    yes: &'static str,
    no: &'static str,
}

impl Question {
    fn end(language: Language) -> Self {
        Self {
            asks: Asks::End,
            id: "ask-end",
            path: "/end",
            title: t!(language, chat.end_title),
            words: t!(language, chat.end_words),
            yes: t!(language, chat.end_yes),
            no: t!(language, chat.end_no),
        }
    }

    fn forget(language: Language) -> Self {
        Self {
            asks: Asks::Forget,
            id: "ask-forget",
            path: "/forget",
            title: t!(language, chat.forget_title),
            words: t!(language, chat.forget_words),
            yes: t!(language, chat.forget_yes),
            no: t!(language, chat.forget_no),
        }
    }
}

/// What a wrong address shows.
pub(super) fn not_found(language: Language) -> String {
    let page = html! {
        main class="chat" {
            header { h1 { (t!(language, chat.not_found_title)) } }
            p class="lead" { (t!(language, chat.not_found_words)) }
        }
    };
    document(language, t!(language, chat.not_found), false, &page)
}

/// What a visitor sees when the page cannot be made.
pub(super) fn failed(language: Language, reason: &str) -> String {
    let page = html! {
        main class="chat" {
            header { h1 { (t!(language, chat.failed_title)) } }
            p class="lead" { (reason) " " (t!(language, chat.failed_words)) }
        }
    };
    document(language, t!(language, chat.chat), false, &page)
}

fn document(language: Language, title: &str, script: bool, body: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang=(language.code()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" href=(assets::url("favicon.svg"));
                link rel="stylesheet" href=(assets::url("chat.css"));
                @if script {
                    @for part in ["chat-files.js", "chat-frame.js", "chat-outbox.js", "chat-stream.js", "chat-text.js"] {
                        link rel="modulepreload" href=(assets::url(part));
                    }
                    script type="module" src=(assets::url("chat.js")) {}
                }
            }
            body { (body) }
        }
    };
    document.into_string()
}
