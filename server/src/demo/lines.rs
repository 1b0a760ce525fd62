//! What simulated customers say: a few lines for each concern. Nothing here decides when.

/// What a conversation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    Delivery,
    Refund,
    Technical,
    Account,
    Advice,
}

/// What moves a customer to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    /// The agent asked something.
    Question,
    /// The agent said something.
    Statement,
    /// Nobody has answered for a while.
    Silence,
    /// It has been long enough.
    Goodbye,
}

/// Somebody new: name, first line, concern.
pub(super) type Opening = (&'static str, &'static str, Concern);

impl Concern {
    /// The concern of its word in the stories.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "delivery" => Some(Self::Delivery),
            "refund" => Some(Self::Refund),
            "technical" => Some(Self::Technical),
            "account" => Some(Self::Account),
            "advice" => Some(Self::Advice),
            _ => None,
        }
    }

    /// What a customer may say on that cue; all of them fit, none is empty.
    pub(super) fn lines(self, cue: Cue) -> &'static [&'static str] {
        match (cue, self) {
            (Cue::Silence, _) => &[
                "Is anybody still there?",
                "Sorry to push, but do you have any news for me?",
                "I have to leave in a few minutes, can we finish this?",
            ],
            (Cue::Goodbye, _) => &[
                "Perfect, thank you very much for your help!",
                "Great, that's all I needed. Have a nice day!",
                "Thanks, you have been really helpful. Bye!",
                "All right, then I'll wait for your message. Thank you!",
            ],
            (Cue::Question, _) => &[
                "To be honest, I don't know. Can we go on without it?",
                "I would have to look that up. Is it important?",
                "Hm, I can't say for sure. What would you suggest?",
                "Sorry, I don't quite follow. Could you put it another way?",
            ],
            (Cue::Statement, Concern::Delivery) => &[
                "Okay. Will the driver ring me before?",
                "That works for me. Do I have to be there in person?",
                "Good to know, thanks. And what if it rains?",
                "Hm, the page still shows the old date. Which one counts?",
            ],
            (Cue::Statement, Concern::Refund) => &[
                "And how long does that take until it is on my account?",
                "That's less than I had hoped for. Is there really nothing more you can do?",
                "Fair enough. Do you confirm that by mail as well?",
                "Okay, I could live with that.",
            ],
            (Cue::Statement, Concern::Technical) => &[
                "One moment, I'm trying it.",
                "That helped a little, but it still sticks halfway.",
                "Ah, now I see what you mean. It was upside down.",
                "Okay, it holds. Should I tighten the other screws as well?",
            ],
            (Cue::Statement, Concern::Account) => &[
                "Now it works! Why does nobody write that on the page?",
                "I see. And my old orders stay visible?",
                "All right. Will I get a confirmation?",
                "Still the same message, I'm afraid. I have reloaded twice.",
            ],
            (Cue::Statement, Concern::Advice) => &[
                "That sounds lovely. Can I see it somewhere before I buy it?",
                "And how does it compare with the cheaper one?",
                "Good tip, I would not have thought of that.",
                "Hm, let me measure that again. How exact do you need it?",
            ],
        }
    }
}

/// What a question is about, by its words, and what fits; the first match counts.
const ANSWERS: [(&[&str], &[&str]); 15] = [
    (
        &["order", "reference", "invoice"],
        &[
            "It says LF-448719 on the confirmation.",
            "That should be LF-448533.",
        ],
    ),
    (
        &["address", "street", "postcode", "floor", "lift"],
        &["The address has not changed. The second floor, and there is a small lift."],
    ),
    (
        &["email", "mail", "account", "username"],
        &["The one in my account. I have no other address."],
    ),
    (
        &["photo", "photos", "picture", "pictures"],
        &["I can take one tonight. Where shall I send it?"],
    ),
    (
        &["box", "packaging", "complete"],
        &["Yes, I still have the box and everything that was in it."],
    ),
    (
        &["tool", "tools", "screwdriver"],
        &["I have a screwdriver and an Allen key, the one that came with it."],
    ),
    (
        &["model", "label", "version"],
        &["It's the model from this spring, the label says B-2."],
    ),
    (&["pay", "paid", "card", "payment"], &["I paid by card."]),
    (
        &["refund", "voucher", "money"],
        &["I would rather have the money back than a voucher."],
    ),
    (
        &["bought", "buy", "purchase", "purchased"],
        &["Two weeks ago, on a Saturday."],
    ),
    (
        &["when", "day", "time", "morning", "afternoon", "date"],
        &[
            "Mornings are difficult. After 4 pm somebody is always at home.",
            "Any day this week would do, as late as you can.",
        ],
    ),
    (
        &["colour", "color", "fabric"],
        &["Rather something light. The room gets little sun."],
    ),
    (
        &["budget", "spend", "price", "much"],
        &["Around 600, a little more if it is really good."],
    ),
    (
        &[
            "size", "large", "wide", "measure", "measured", "metres", "room",
        ],
        &["It is about 3.20 by 4 metres, with one window."],
    ),
    (
        &["side", "left", "right", "where"],
        &["Only on the left side. The right one is fine."],
    ),
];
/// What follows a question that begins like one to be answered with yes or no.
const YES: &[&str] = &[
    "Yes, please.",
    "Yes, that's right.",
    "Yes, I think so.",
    "Yes, that would be good.",
];

/// What a customer may say to a question; nothing when it is about something that customers know nothing of.
pub(super) fn answers(question: &str) -> Option<&'static [&'static str]> {
    let question = question.to_lowercase();
    // Only the sentence that asks.
    let asked = question
        .rsplit_once('?')
        .map_or(&question[..], |(asked, _)| asked);
    let asked = asked.rsplit(['.', '!', '?']).next().unwrap_or(asked);
    let words: Vec<&str> = asked
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let about = |(about, _): &&(&[&str], _)| words.iter().any(|word| about.contains(word));
    let polar = [
        "can", "could", "may", "shall", "should", "would", "will", "do", "does", "did", "is",
        "are", "was", "have", "has",
    ];
    let found = ANSWERS.iter().find(about).map(|(_, answers)| *answers);
    found.or_else(|| {
        words
            .first()
            .filter(|first| polar.contains(first))
            .map(|_| YES)
    })
}

/// People who come to the chat page.
pub(super) const OPENINGS: [Opening; 14] = [
    (
        "Fatima Zahra",
        "Hello, my delivery was planned for today and nobody came. What is going on?",
        Concern::Delivery,
    ),
    (
        "Lars Holm",
        "Hi! Can I still change the colour of a chair that I ordered last night?",
        Concern::Advice,
    ),
    (
        "Grace Okafor",
        "I was charged twice for order LF-448702. Please help.",
        Concern::Refund,
    ),
    (
        "Mateo Silva",
        "The drawer of my Brook cabinet keeps falling out when I open it quickly.",
        Concern::Technical,
    ),
    (
        "Emily Carter",
        "I can't log in any more, the reset mail never arrives.",
        Concern::Account,
    ),
    (
        "Hiroshi Mori",
        "Good day. Is the Juniper rug suitable for floor heating?",
        Concern::Advice,
    ),
    (
        "Chiara Rossi",
        "I want to return a lamp, but the label in the box is for another order.",
        Concern::Refund,
    ),
    (
        "Noah Fischer",
        "Two screws are missing in the bag for the Birch shelf.",
        Concern::Technical,
    ),
    (
        "Aisha Rahman",
        "Where is my parcel? The tracking has not moved since Monday.",
        Concern::Delivery,
    ),
    (
        "Viktor Novak",
        "How do I put my company's name on an invoice afterwards?",
        Concern::Account,
    ),
    (
        "Leila Haddad",
        "Do you take the old mattress with you when you bring the new one?",
        Concern::Delivery,
    ),
    (
        "Oscar Lindgren",
        "My table arrived with a scratch. It is small, but it is right in the middle.",
        Concern::Refund,
    ),
    (
        "Maya Patel",
        "Which desk would you recommend for a very small room?",
        Concern::Advice,
    ),
    (
        "Peter Kowalski",
        "The height-adjustable desk stops halfway and shows E4.",
        Concern::Technical,
    ),
];

#[cfg(test)]
mod tests {
    use shared::text::{CustomerName, MessageText};

    use super::*;

    #[test]
    fn every_line_can_be_sent() {
        for concern in ["delivery", "refund", "technical", "account", "advice"] {
            let concern = Concern::from_word(concern).unwrap();
            for cue in [Cue::Question, Cue::Statement, Cue::Silence, Cue::Goodbye] {
                assert!(concern.lines(cue).len() >= 3);
                assert!(
                    concern
                        .lines(cue)
                        .iter()
                        .all(|line| MessageText::parse(line).is_ok())
                );
            }
        }
        for (name, line, _) in OPENINGS {
            assert!(CustomerName::parse(name).is_ok() && MessageText::parse(line).is_ok());
        }
    }

    #[test]
    fn u32_a_question_is_answered_to_the_point_or_not_at_all() {
        let first = |question| answers(question).map(|lines| lines[0]);
        assert_eq!(
            first("Thank you. What is your order number?"),
            Some("It says LF-448719 on the confirmation.")
        );
        assert_eq!(first("Shall I look into it?"), Some("Yes, please."));
        assert_eq!(first("What is her name?"), None);
        assert_eq!(first("I have your order. Who is she?"), None);
    }
}
