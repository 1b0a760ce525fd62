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
            (Cue::Question, Concern::Delivery) => &[
                "Yes, that's right, the address has not changed.",
                "It says LF-448719 on the confirmation.",
                "Mornings are difficult. After 4 pm somebody is always at home.",
                "The second floor, and there is a lift, but a small one.",
            ],
            (Cue::Statement, Concern::Delivery) => &[
                "Okay. Will the driver ring me before?",
                "That works for me. Do I have to be there in person?",
                "Good to know, thanks. And what if it rains?",
                "Hm, the page still shows the old date. Which one counts?",
            ],
            (Cue::Question, Concern::Refund) => &[
                "I paid by card. The order number is LF-448533.",
                "I would rather have the money back than a voucher.",
                "Yes, I still have the box and everything that was in it.",
                "Two weeks ago, on a Saturday.",
            ],
            (Cue::Statement, Concern::Refund) => &[
                "And how long does that take until it is on my account?",
                "That's less than I had hoped for. Is there really nothing more you can do?",
                "Fair enough. Do you confirm that by mail as well?",
                "Okay, I could live with that.",
            ],
            (Cue::Question, Concern::Technical) => &[
                "Yes, I have just tried it again, the same thing.",
                "It's the model from this spring, the label says B-2.",
                "Only on the left side. The right one is fine.",
                "I have a screwdriver and an Allen key, the one that came with it.",
            ],
            (Cue::Statement, Concern::Technical) => &[
                "One moment, I'm trying it.",
                "That helped a little, but it still sticks halfway.",
                "Ah, now I see what you mean. It was upside down.",
                "Okay, it holds. Should I tighten the other screws as well?",
            ],
            (Cue::Question, Concern::Account) => &[
                "The one I am writing from. I have no other address.",
                "No, I have not changed anything since last year.",
                "It says that the link has expired.",
                "Yes, please, do it for me.",
            ],
            (Cue::Statement, Concern::Account) => &[
                "Now it works! Why does nobody write that on the page?",
                "I see. And my old orders stay visible?",
                "All right. Will I get a confirmation?",
                "Still the same message, I'm afraid. I have reloaded twice.",
            ],
            (Cue::Question, Concern::Advice) => &[
                "Rather something light. The room gets little sun.",
                "Around 600, a little more if it is really good.",
                "It is about 3.20 by 4 metres, with one window.",
                "We have two children and a dog, so: washable.",
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
}
