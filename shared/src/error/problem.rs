//! What is wrong with an input.

use serde::{Deserialize, Serialize};

use crate::people::{Presence, Role};

/// What is wrong with the input that an [`AppError::Invalid`](super::AppError::Invalid) names, with the limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    /// Nothing in it can be seen.
    Empty {
        /// The most characters that it may have.
        max: i64,
    },
    /// More characters than it may have.
    TooLong {
        /// The most that it may have.
        max: i64,
        /// How many it has.
        actual: i64,
    },
    /// More bytes than it may have, where a provider counts those.
    TooManyBytes {
        /// The most that it may have.
        max: i64,
        /// How many it has.
        actual: i64,
    },
    /// Fewer or more characters than it may have.
    WrongLength {
        /// The fewest that it may have.
        min: i64,
        /// The most that it may have.
        max: i64,
        /// How many it has.
        actual: i64,
    },
    /// Control characters or overrides of the text's direction. A host of a release before does not say where.
    ControlCharacters {
        /// The line in which the first one stands, from one.
        #[serde(default)]
        line: i64,
        /// Which character of its line it is, from one.
        #[serde(default)]
        place: i64,
        /// The character, as Unicode numbers it: `U+202E`.
        #[serde(default)]
        sign: String,
    },
    /// Line breaks where there is one line.
    LineBreaks,
    /// A password without any visible character.
    BlanksOnly,
    /// A password that is tried first by those who guess.
    Guessable,
    /// No username: letters, digits, `.`, `-` and `_` after a letter.
    UsernameForm {
        /// The fewest characters.
        min: i64,
        /// The most characters.
        max: i64,
    },
    /// No telephone number: digits, `*` and `#` after an optional `+`.
    PhoneNumberForm {
        /// The fewest digits.
        min: i64,
        /// The most digits.
        max: i64,
    },
    /// A sign that telephone numbers are not written with.
    NoPartOfNumber {
        /// Which character of what was typed, from one.
        place: i64,
        /// The sign, or its number where nobody would see it.
        sign: String,
    },
    /// No number as a provider knows it: with `+` and the country code in front.
    InternationalNumber {
        /// Whether a short code is one as well.
        short_code: bool,
    },
    /// No SID of an account at Twilio: `AC` and 32 hexadecimal digits.
    AccountSidForm,
    /// A number out of its limits, both of which are allowed.
    OutOfRange {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
        /// What it is.
        actual: i64,
    },
    /// Not a whole number.
    NotANumber,
    /// Not the name of a setting.
    UnknownSetting,
    /// A choice of several, of which none was chosen.
    NoneChosen,
    /// The name belongs to something else.
    Taken,
    /// Another channel has the number by which its provider knows it.
    NumberTaken,
    /// The name belonged to something that was deleted, and still names it.
    TakenBefore,
    /// No address of a chat page: letters from a to z, digits and hyphens.
    AddressForm {
        /// The fewest characters.
        min: i64,
        /// The most characters.
        max: i64,
    },
    /// Not the caller's current password.
    WrongPassword,
    /// Not the proof of a customer that the channel's secret makes.
    WrongIdentity,
    /// The caller's password is asked for once more.
    ProofNeeded {
        /// How long a proof lasts, in minutes.
        minutes: i64,
    },
    /// Names somebody without the role that is needed there.
    WithoutRole {
        /// The role.
        role: Role,
    },
    /// Means something only for users with a role.
    OnlyForRole {
        /// The role.
        role: Role,
    },
    /// Not an agent who can take work.
    NotAnAgent,
    /// Not a team.
    NotATeam,
    /// Not a label that the workitem can have.
    NotALabel,
    /// A team in which nobody could take the work.
    TeamWithoutAgents {
        /// The team's name.
        team: String,
    },
    /// Not under the caller's supervision.
    NotSupervised,
    /// The agent who has the workitem already.
    HasItAlready,
    /// The agent is not available. It goes there when the caller confirms.
    AgentNotAvailable {
        /// The agent's name.
        name: String,
        /// Busy, away or offline.
        presence: Presence,
    },
    /// The agent has as much work as they may have. It goes there when the caller confirms.
    AgentFull {
        /// The agent's name.
        name: String,
    },
    /// The caller, who cannot be meant.
    Yourself,
    /// A workitem of a channel on which nobody is coached.
    NotCoachable,
    /// More bytes than a request may have.
    TooLarge {
        /// The most, in KiB.
        max_kib: i64,
    },
    /// A file of a kind that is not taken, whatever its name says.
    FileKind,
    /// A file without any content.
    FileEmpty,
    /// A larger file than is taken.
    FileTooLarge {
        /// The most, in MB.
        max_mib: i64,
    },
    /// A file for which its conversation has no room any more.
    FilesFull {
        /// How much all files of a conversation may have together, in MB.
        max_mib: i64,
    },
    /// A file for a customer on a channel that carries none.
    FileChannel,
    /// The connection ended before the request did.
    BrokenOff,
    /// Not what is expected there.
    Unreadable {
        /// What the parser found, for the author of the program that sent it.
        detail: String,
    },
    /// More of them than there may be.
    TooMany {
        /// The most.
        max: i64,
    },
    /// Not a place in a conversation.
    NotAPlace,
    /// Not a key of a command: letters, digits, `-` and `_`.
    KeyForm {
        /// The most characters.
        max: i64,
    },
    /// Not an e-mail address.
    EmailForm {
        /// The most characters.
        max: i64,
    },
    /// Not a field that there is.
    UnknownField,
    /// A field that must be there is missing.
    Missing,
    /// Not an agent of the team.
    NotInTeam,
    /// Messages of an agent in a workitem that nobody has.
    NobodyHasIt,
    /// Too long an id to derive others from it.
    IdTooLong,
    /// A search for nothing but punctuation.
    NoWord,
    /// A search for words with too short a beginning.
    ShortBeginning {
        /// The fewest characters.
        min: i64,
    },
    /// A pattern of a rule that cannot be used.
    BadPattern {
        /// Which character of it, from one; nought where it is about the whole.
        place: i64,
        /// Why.
        fault: PatternFault,
    },
    /// A problem that this release does not know.
    #[serde(skip)]
    Unknown {
        /// The host's own words.
        reason: String,
    },
}

/// Why a pattern cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatternFault {
    /// A bracket that nothing closes.
    Unclosed,
    /// A bracket that closes nothing.
    Unopened,
    /// A sign that repeats, with nothing in front of it.
    NothingRepeated,
    /// A repetition that is written wrong.
    Repetition,
    /// A backslash in front of what means nothing then.
    Escape,
    /// A range or a class of characters that there is not.
    Class,
    /// Something that takes more than linear time: looking around, or back.
    Unsupported,
    /// It would need more memory than it may.
    TooLarge,
    /// It fits every text.
    FitsEverything,
    /// Anything else.
    Other,
}

impl Problem {
    /// One of each, for tests that must miss none: the compiler refuses a problem that has no place in this list.
    pub fn samples() -> impl Iterator<Item = Problem> {
        std::iter::successors(Some(Problem::Empty { max: 80 }), Problem::next)
    }

    fn next(&self) -> Option<Problem> {
        Some(match self {
            Problem::Empty { .. } => Problem::TooLong {
                max: 80,
                actual: 81,
            },
            Problem::TooLong { .. } => Problem::TooManyBytes {
                max: 1_000,
                actual: 1_001,
            },
            Problem::TooManyBytes { .. } => Problem::WrongLength {
                min: 8,
                max: 128,
                actual: 1,
            },
            Problem::WrongLength { .. } => Problem::ControlCharacters {
                line: 2,
                place: 5,
                sign: "U+202E".to_owned(),
            },
            Problem::ControlCharacters { .. } => Problem::LineBreaks,
            Problem::LineBreaks => Problem::BlanksOnly,
            Problem::BlanksOnly => Problem::Guessable,
            Problem::Guessable => Problem::UsernameForm { min: 2, max: 40 },
            Problem::UsernameForm { .. } => Problem::PhoneNumberForm { min: 2, max: 20 },
            Problem::PhoneNumberForm { .. } => Problem::NoPartOfNumber {
                place: 3,
                sign: "x".to_owned(),
            },
            Problem::NoPartOfNumber { .. } => Problem::InternationalNumber { short_code: true },
            Problem::InternationalNumber { short_code: true } => {
                Problem::InternationalNumber { short_code: false }
            }
            Problem::InternationalNumber { short_code: false } => Problem::AccountSidForm,
            Problem::AccountSidForm => Problem::OutOfRange {
                min: 0,
                max: 100,
                actual: 101,
            },
            Problem::OutOfRange { .. } => Problem::NotANumber,
            Problem::NotANumber => Problem::UnknownSetting,
            Problem::UnknownSetting => Problem::NoneChosen,
            Problem::NoneChosen => Problem::Taken,
            Problem::Taken => Problem::NumberTaken,
            Problem::NumberTaken => Problem::TakenBefore,
            Problem::TakenBefore => Problem::AddressForm { min: 3, max: 60 },
            Problem::AddressForm { .. } => Problem::WrongPassword,
            Problem::WrongPassword => Problem::WrongIdentity,
            Problem::WrongIdentity => Problem::ProofNeeded { minutes: 15 },
            Problem::ProofNeeded { .. } => Problem::WithoutRole { role: Role::Agent },
            Problem::WithoutRole { .. } => Problem::OnlyForRole { role: Role::Agent },
            Problem::OnlyForRole { .. } => Problem::NotAnAgent,
            Problem::NotAnAgent => Problem::NotATeam,
            Problem::NotATeam => Problem::NotALabel,
            Problem::NotALabel => Problem::TeamWithoutAgents {
                team: "Care".to_owned(),
            },
            Problem::TeamWithoutAgents { .. } => Problem::NotSupervised,
            Problem::NotSupervised => Problem::HasItAlready,
            Problem::HasItAlready => Problem::AgentNotAvailable {
                name: "Ben Brooks".to_owned(),
                presence: Presence::Away,
            },
            Problem::AgentNotAvailable { .. } => Problem::AgentFull {
                name: "Ben Brooks".to_owned(),
            },
            Problem::AgentFull { .. } => Problem::Yourself,
            Problem::Yourself => Problem::NotCoachable,
            Problem::NotCoachable => Problem::TooLarge { max_kib: 64 },
            Problem::TooLarge { .. } => Problem::FileKind,
            Problem::FileKind => Problem::FileEmpty,
            Problem::FileEmpty => Problem::FileTooLarge { max_mib: 5 },
            Problem::FileTooLarge { .. } => Problem::FilesFull { max_mib: 50 },
            Problem::FilesFull { .. } => Problem::FileChannel,
            Problem::FileChannel => Problem::BrokenOff,
            Problem::BrokenOff => Problem::Unreadable {
                detail: "expected value at line 1".to_owned(),
            },
            Problem::Unreadable { .. } => Problem::TooMany { max: 64 },
            Problem::TooMany { .. } => Problem::NotAPlace,
            Problem::NotAPlace => Problem::KeyForm { max: 64 },
            Problem::KeyForm { .. } => Problem::EmailForm { max: 254 },
            Problem::EmailForm { .. } => Problem::UnknownField,
            Problem::UnknownField => Problem::Missing,
            Problem::Missing => Problem::NotInTeam,
            Problem::NotInTeam => Problem::NobodyHasIt,
            Problem::NobodyHasIt => Problem::IdTooLong,
            Problem::IdTooLong => Problem::NoWord,
            Problem::NoWord => Problem::ShortBeginning { min: 2 },
            Problem::ShortBeginning { .. } => Problem::BadPattern {
                place: 3,
                fault: PatternFault::Unclosed,
            },
            Problem::BadPattern { .. } => Problem::Unknown {
                reason: "rhymes".to_owned(),
            },
            Problem::Unknown { .. } => return None,
        })
    }
}
