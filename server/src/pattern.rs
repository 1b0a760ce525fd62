//! Patterns that administrators write for texts of customers. Matching takes linear time, and a pattern has limits of length (see
//! `shared::alerts`) and of what it is compiled to.

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{ErrorKind, Span};
use shared::error::{PatternFault, Problem};

/// What a pattern may be compiled to, in bytes.
const COMPILED_MAX: usize = 256 * 1024;
/// What looking for it may keep, in bytes.
const MATCHING_MAX: usize = 1024 * 1024;

/// The pattern, which does not ask for case unless it says so.
///
/// # Errors
/// `BadPattern` with the place and the reason.
pub(crate) fn compile(pattern: &str) -> Result<Regex, Problem> {
    if let Err(error) = regex_syntax::Parser::new().parse(pattern) {
        return Err(fault(pattern, &error));
    }
    let whole = |fault| Problem::BadPattern { place: 0, fault };
    let compiled = RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(COMPILED_MAX)
        .dfa_size_limit(MATCHING_MAX)
        .build();
    let compiled = compiled.map_err(|error| {
        whole(match error {
            regex::Error::CompiledTooBig(_) => PatternFault::TooLarge,
            _ => PatternFault::Other,
        })
    })?;
    match compiled.is_match("") {
        true => Err(whole(PatternFault::FitsEverything)),
        false => Ok(compiled),
    }
}

fn fault(pattern: &str, error: &regex_syntax::Error) -> Problem {
    let (span, fault) = match error {
        regex_syntax::Error::Parse(error) => (error.span(), kind(error.kind())),
        regex_syntax::Error::Translate(error) => (error.span(), PatternFault::Class),
        _ => {
            let (place, fault) = (0, PatternFault::Other);
            return Problem::BadPattern { place, fault };
        }
    };
    let place = place(pattern, span);
    Problem::BadPattern { place, fault }
}

/// Which character, from one.
fn place(pattern: &str, span: &Span) -> i64 {
    let before = pattern.get(..span.start.offset).unwrap_or(pattern);
    before.chars().count() as i64 + 1
}

fn kind(kind: &ErrorKind) -> PatternFault {
    match kind {
        ErrorKind::ClassUnclosed | ErrorKind::GroupUnclosed => PatternFault::Unclosed,
        ErrorKind::GroupUnopened => PatternFault::Unopened,
        ErrorKind::RepetitionMissing => PatternFault::NothingRepeated,
        ErrorKind::RepetitionCountInvalid
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountUnclosed
        | ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid => PatternFault::Repetition,
        ErrorKind::EscapeHexEmpty
        | ErrorKind::EscapeHexInvalid
        | ErrorKind::EscapeHexInvalidDigit
        | ErrorKind::EscapeUnexpectedEof
        | ErrorKind::EscapeUnrecognized => PatternFault::Escape,
        ErrorKind::ClassEscapeInvalid
        | ErrorKind::ClassRangeInvalid
        | ErrorKind::ClassRangeLiteral
        | ErrorKind::UnicodeClassInvalid => PatternFault::Class,
        ErrorKind::UnsupportedBackreference | ErrorKind::UnsupportedLookAround => {
            PatternFault::Unsupported
        }
        ErrorKind::NestLimitExceeded(_) => PatternFault::TooLarge,
        _ => PatternFault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pattern: &str) -> Problem {
        compile(pattern).expect_err(pattern)
    }

    #[test]
    fn a_bad_pattern_is_refused_with_place_and_reason() {
        for (pattern, place, fault) in [
            ("order (", 7, PatternFault::Unclosed),
            ("[a-", 1, PatternFault::Unclosed),
            ("über)", 5, PatternFault::Unopened),
            ("*", 1, PatternFault::NothingRepeated),
            ("a{2,1}", 2, PatternFault::Repetition),
            (r"é\y", 2, PatternFault::Escape),
            ("[z-a]", 2, PatternFault::Class),
            (r"\p{Klingon}", 1, PatternFault::Class),
            (r"(?=x)y", 1, PatternFault::Unsupported),
            (r"(a)\1", 4, PatternFault::Unsupported),
            (r"\w{900}", 0, PatternFault::TooLarge),
            ("", 0, PatternFault::FitsEverything),
            ("a*", 0, PatternFault::FitsEverything),
        ] {
            let problem = Problem::BadPattern { place, fault };
            assert_eq!(refused(pattern), problem, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_finds_text_whatever_its_case_and_takes_linear_time() {
        let order = compile(r"\bSO-\d{4}\b").expect("a pattern");
        assert!(order.is_match("my order so-1234 is late"));
        assert!(!order.is_match("so-12345"));
        assert!(compile("äpfel").expect("a pattern").is_match("ÄPFEL"));
        assert!(!compile("(?-i)ok").expect("a pattern").is_match("OK"));
        let slow_elsewhere = compile("(a+)+$").expect("a pattern");
        let text = ["a".repeat(50_000), "!".to_owned()].concat();
        assert!(!slow_elsewhere.is_match(&text));
    }
}
