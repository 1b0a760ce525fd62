//! The lines of a conversation as HTML. `chat.js` builds the same elements for what comes later.

use i18n::{Language, t};
use maud::{Markup, html};
use shared::customer::{CustomerBody, CustomerFrame};
use shared::files::FileRef;
use shared::links::{Reader, Target, pieces};
use shared::time::Timestamp;

/// One line, as it is shown at a time on the page at `path`.
pub(super) fn line(
    language: Language,
    path: &str,
    frame: &CustomerFrame,
    now: Timestamp,
) -> Markup {
    match &frame.body {
        CustomerBody::Mine { text, files, key } => html! {
            article class="bubble bubble--mine" data-author="customer" data-entry="message" data-seq=(frame.seq)
                data-key=(key) {
                span class="visually-hidden" { (t!(language, chat.you)) " " }
                @if let Some(text) = text { p dir="auto" { (linked(text.as_str())) } }
                @for file in files { (attached(language, path, file)) }
                (time(frame.at, now))
            }
        },
        CustomerBody::Theirs { name, text, files } => html! {
            article class="bubble bubble--theirs" data-author="agent" data-entry="message" data-seq=(frame.seq) {
                span class="bubble__meta" dir="auto" { (name) }
                @if let Some(text) = text { p dir="auto" { (linked(text.as_str())) } }
                @for file in files { (attached(language, path, file)) }
                (time(frame.at, now))
            }
        },
        CustomerBody::Ended { .. } => html! {
            p class="bubble bubble--note" data-seq=(frame.seq) { (t!(language, chat.ended)) }
        },
        CustomerBody::Resumed => html! {
            p class="bubble bubble--note" data-seq=(frame.seq) { (t!(language, chat.resumed)) }
        },
    }
}

/// A file: a picture of a fixed size, so that nothing moves when it arrives, or a row with its name. Both lead to it. A browser
/// without cookies cannot load it from its address; the script does.
fn attached(language: Language, path: &str, file: &FileRef) -> Markup {
    let address = format!("{path}/files/{}", file.id);
    let size = t!(language, chat.file_size, size = file.kilobytes());
    let about = format!("{}, {size}", file.kind_name());
    html! {
        @if file.is_picture() {
            // The script says it of what only begins like a picture.
            a class="file file--picture" href=(address) target="_blank" rel="noopener" data-about=(about) {
                img src=(address) alt=(file.name) loading="lazy" decoding="async";
            }
        } @else {
            a class="file" href=(address) download=(file.name) {
                bdi { (file.name) } " "
                span { (about) }
            }
        }
    }
}

/// The text with its links, as `chat-text.js` makes them.
fn linked(text: &str) -> Markup {
    html! {
        @for piece in pieces(text, Reader::Customer) {
            @match piece.leads {
                Some(Target::Web(leads)) => a href=(leads) target="_blank" rel="noopener noreferrer" { (piece.text) },
                _ => (piece.text),
            }
        }
    }
}

/// Hours and minutes, with the date when it is another one; the script writes local time over it, as the visitor's language
/// has it. Until then the style hides it where a script can be expected, so that nobody sees one time become another.
fn time(at: Timestamp, now: Timestamp) -> Markup {
    let (at, now) = (at.rfc3339(), now.rfc3339());
    let (date, clock) = (at.get(..10), at.get(11..16).unwrap_or_default());
    let date = date.filter(|date| now.get(..10) != Some(*date));
    html! {
        time class="utc" datetime=(at) {
            @if let Some(date) = date { (date) " " }
            (clock) " UTC"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, time};

    #[test]
    fn e36_without_a_script_a_time_of_another_day_has_its_date() {
        let at = Timestamp(1_732_012_980_000_000);
        let day = 86_400_000_000;
        let shown = |now| time(at, now).into_string();
        assert!(shown(at).ends_with(">10:43 UTC</time>"), "{}", shown(at));
        let later = shown(Timestamp(at.0 + day));
        assert!(later.ends_with(">2024-11-19 10:43 UTC</time>"), "{later}");
    }
}
