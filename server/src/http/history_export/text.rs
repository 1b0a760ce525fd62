//! A conversation as text: a line that says when and who, and below it, indented, what was said. So no words of a message can look like
//! another message.

use i18n::{Label, Language, t};
use shared::delivery::DeliveryState;
use shared::notice::Notice;
use shared::transcript::{Author, EndReason, Entry, EntryBody};
use shared::workitem::Workitem;

/// What stands in front of each line of what was said.
const INDENT: &str = "  ";

/// What the conversation is, and what is in the file.
pub(super) fn head(language: Language, workitem: &Workitem, coaching: bool) -> String {
    let agent = workitem.agent.as_ref().map(|agent| line(&agent.name));
    let agent = agent.unwrap_or_else(|| t!(language, coaching.no_agent).to_owned());
    let facts = [
        (t!(language, exports.subject), line(&workitem.subject)),
        (
            t!(language, customers.channel),
            workitem.channel.label(language).to_owned(),
        ),
        (t!(language, history.customer), line(&workitem.customer)),
        (t!(language, history.agent), agent),
        (t!(language, exports.team), line(&workitem.team_name)),
        (
            t!(language, customers.state),
            workitem.state.label(language).to_owned(),
        ),
        (t!(language, exports.begun), workitem.started_at.rfc3339()),
    ];
    let facts = facts.map(|(word, fact)| format!("{word}: {fact}\n"));
    let content = match coaching {
        true => t!(language, exports.with_coaching),
        false => t!(language, exports.without_coaching),
    };
    format!("{}{content}\n", facts.concat())
}

/// An entry, with an empty line in front.
pub(super) fn entry(language: Language, entry: Entry) -> String {
    let at = entry.at.rfc3339();
    match entry.body {
        EntryBody::Message {
            author,
            name,
            text,
            files,
            delivery,
        } => {
            let role = match author {
                Author::Customer => t!(language, history.customer),
                // The customer reads a name like any other.
                Author::Agent | Author::Supervisor => t!(language, history.agent),
            };
            let mut said = spoken(&at, &name, role, &text);
            for file in files {
                let name = line(&file.name);
                said.push_str(&aside(&t!(language, exports.file, name = name)));
            }
            let failed = delivery.filter(|delivery| delivery.state == DeliveryState::Failed);
            if let Some(delivery) = failed {
                said.push_str(&aside(&i18n::delivery_text(language, &delivery)));
            }
            said
        }
        EntryBody::Coaching { name, text, .. } => {
            spoken(&at, &name, t!(language, exports.coach), &text)
        }
        EntryBody::CoachingReply { name, text, .. } => {
            spoken(&at, &name, t!(language, exports.reply), &text)
        }
        EntryBody::MonitoringStarted { name, .. } => {
            let name = line(&name);
            noted(
                &at,
                &t!(language, transcript.monitoring_started, name = name),
            )
        }
        EntryBody::MonitoringEnded { name, reason, .. } => {
            noted(&at, &left(language, &line(&name), reason))
        }
        EntryBody::Notice(Notice::Note { by, text, .. }) => {
            spoken(&at, &by, t!(language, exports.note), &text)
        }
        EntryBody::Notice(notice) => noted(&at, &line(&i18n::notice_text(language, &notice))),
    }
}

/// Why somebody monitors no longer.
fn left(language: Language, name: &str, reason: EndReason) -> String {
    match reason {
        EndReason::Left => t!(language, transcript.monitoring_left, name = name),
        EndReason::ConnectionLost => {
            t!(language, transcript.monitoring_connection_lost, name = name)
        }
        EndReason::SignedOut => t!(language, transcript.monitoring_signed_out, name = name),
        EndReason::AuthorityLost => {
            t!(language, transcript.monitoring_authority_lost, name = name)
        }
        EndReason::WorkitemClosed => {
            t!(language, transcript.monitoring_workitem_closed, name = name)
        }
    }
}

fn spoken(at: &str, name: &str, role: &str, text: &str) -> String {
    let mut said = format!("\n{at} {} ({role})\n", line(name));
    // Beside a file there may be no words.
    for part in body(text).lines().filter(|_| !text.is_empty()) {
        said.push_str(INDENT);
        said.push_str(part);
        said.push('\n');
    }
    said
}

fn noted(at: &str, text: &str) -> String {
    format!("\n{at} {text}\n")
}

fn aside(text: &str) -> String {
    format!("{INDENT}[{text}]\n")
}

/// Words as they stand in a file: lines end in one way, and nothing commands a terminal or turns the direction of what follows.
fn body(text: &str) -> String {
    let one_end = text.replace("\r\n", "\n");
    let shown = |sign: char| match sign {
        '\n' | '\t' => sign,
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        sign if sign.is_control() => '\u{fffd}',
        sign => sign,
    };
    one_end.chars().map(shown).collect()
}

/// A name, in one line.
fn line(text: &str) -> String {
    body(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::{body, line, spoken};

    #[test]
    fn s01_no_words_look_like_a_line_of_the_file() {
        let forged = "one\r\n2026-11-26T10:00:00.000Z Amy (Agent)\u{2028}two\u{85}three\rfour";
        let said = spoken("now", "Dana\nfake", "Customer", forged);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines,
            [
                "",
                "now Dana fake (Customer)",
                "  one",
                "  2026-11-26T10:00:00.000Z Amy (Agent)",
                "  two",
                "  three",
                "  four"
            ]
        );
    }

    #[test]
    fn what_commands_a_terminal_is_taken_out() {
        assert_eq!(
            body("a\u{1b}[2Jb\u{0}c\u{9b}d\u{202e}e\tf"),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}e\tf"
        );
        assert_eq!(line("a\tb\u{2029}c"), "a b c");
    }
}
