//! Searching what was said: which words a text has, what somebody's search asks for, and where a text has it.
//!
//! A search is words, "phrases" and beginnings of words (`refund*`), all of which must be there. Anything else that is typed is
//! punctuation: there are no operators, so every text is a search or is refused with the reason. Words are compared as names are
//! ([`folded`]).

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::clusters::beginning;
use crate::error::Problem;
use crate::fold::{folded, is_invisible};

/// The longest search, in characters.
pub const SEARCH_MAX: usize = 200;
/// The most words of a search.
pub const WORDS_MAX: usize = 20;
/// The shortest beginning of a word, in characters.
pub const PREFIX_MIN: usize = 2;
/// How much of a word is compared, in characters.
const WORD_MAX: usize = 64;
/// How much of a text stands in front of what was found in it, in characters.
const BEFORE: usize = 50;
/// How much of a text is shown, in characters.
const SHOWN: usize = 200;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    /// Where it stands.
    range: Range<usize>,
    /// How it is compared.
    key: String,
}

/// Words that stand one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// How they are compared.
    pub words: Vec<String>,
    /// Whether the last one is the beginning of a word.
    pub prefix: bool,
}

/// What somebody searches for. There is at least one term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// All of them must be there.
    pub terms: Vec<Term>,
}

/// Words and phrases that are looked for in texts: each whole, but for one that ends in `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrases(Vec<Term>);

impl Phrases {
    /// Those of a list.
    ///
    /// # Errors
    /// `NoWord` for one of punctuation alone, and `ShortBeginning`.
    pub fn parse(list: &[String]) -> Result<Self, Problem> {
        let terms = list
            .iter()
            .map(|phrase| term(phrase)?.ok_or(Problem::NoWord));
        terms.collect::<Result<_, _>>().map(Self)
    }

    /// Whether a text has one of them.
    pub fn found_in(&self, text: &str) -> bool {
        let words = words(text);
        let mut terms = self.0.iter();
        terms.any(|term| {
            let mut places = words.windows(term.words.len());
            places.any(|place| term.is(place))
        })
    }
}

/// The words of a text as they are compared, with blanks between them: what is stored of it for searches.
pub fn indexed(text: &str) -> String {
    let words = words(text).into_iter().map(|word| word.key);
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a text has a word. It looks no further than the first one.
pub fn has_words(text: &str) -> bool {
    let mut parts = text.split_whitespace();
    parts.any(|part| !words(part).is_empty())
}

/// Scripts that put no blanks between words: each letter counts as a word, and several are found as a phrase.
fn stands_alone(c: char) -> bool {
    matches!(c,
        // Thai, Lao, Myanmar, Khmer.
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        // Kana and Han.
        | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    // Where the word under way began, and whether more letters belong to it.
    let mut begun: Option<(usize, bool)> = None;
    let mut close = |begun: Option<(usize, bool)>, end: usize| {
        let Some((start, _)) = begun else { return };
        let key = folded(&text[start..end]);
        let key: String = key.chars().take(WORD_MAX).collect();
        if !key.trim().is_empty() {
            let range = start..end;
            words.push(Word { range, key });
        }
    };
    for (at, c) in text.char_indices() {
        if is_combining_mark(c) || is_invisible(c) {
            continue;
        }
        let letter = c.is_alphanumeric();
        let alone = letter && stands_alone(c);
        match begun {
            Some((_, true)) if letter && !alone => continue,
            _ => close(begun, at),
        }
        begun = letter.then_some((at, !alone));
    }
    close(begun, text.len());
    words
}

impl Search {
    /// What a text asks for; nothing for blanks. A mark that nobody sees is no word: it must not find everything.
    pub fn parse(text: &str) -> Result<Option<Self>, Problem> {
        let actual = text.chars().count();
        if actual > SEARCH_MAX {
            let (max, actual) = (SEARCH_MAX as i64, actual as i64);
            return Err(Problem::TooLong { max, actual });
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        let mut terms = Vec::new();
        // A quotation mark without another one behind it reaches to the end.
        for (number, part) in text.split(['"', '“', '”', '„', '«', '»']).enumerate() {
            if number % 2 == 1 {
                terms.extend(term(part)?);
            } else {
                for part in part.split_whitespace() {
                    terms.extend(term(part)?);
                }
            }
        }
        let count: usize = terms.iter().map(|term| term.words.len()).sum();
        match count {
            0 => Err(Problem::NoWord),
            count if count > WORDS_MAX => Err(Problem::TooMany {
                max: WORDS_MAX as i64,
            }),
            _ => Ok(Some(Self { terms })),
        }
    }

    /// Where a text has what is searched for, in order.
    fn found(&self, words: &[Word]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for term in &self.terms {
            let places = words.windows(term.words.len());
            found.extend(places.filter(|place| term.is(place)).map(span));
        }
        found.sort_by_key(|range| (range.start, range.end));
        let mut apart: Vec<Range<usize>> = Vec::new();
        for range in found {
            match apart.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }

    /// The part of a text around the first place that has what is searched for, in pieces: whether each is what is searched
    /// for, and its words. A line.
    pub fn excerpt(&self, text: &str) -> Vec<(bool, String)> {
        let words = words(text);
        let found = self.found(&words);
        let shown = window(text, &words, found.first());
        let mut pieces = Pieces::new(shown.start > 0);
        let mut at = shown.start;
        for range in found {
            let range = range.start.max(at)..range.end.min(shown.end);
            if range.start < range.end {
                pieces.push(false, &text[at..range.start]);
                pieces.push(true, &text[range.clone()]);
                at = range.end;
            }
        }
        pieces.push(false, &text[at..shown.end]);
        pieces.done(shown.end < text.len())
    }
}

/// What one part of a search asks for; nothing where it is punctuation.
fn term(text: &str) -> Result<Option<Term>, Problem> {
    let words: Vec<String> = words(text).into_iter().map(|word| word.key).collect();
    let prefix = text.trim_end().ends_with('*');
    match words.last() {
        None => Ok(None),
        Some(last) if prefix && is_short(last) => Err(Problem::ShortBeginning {
            min: PREFIX_MIN as i64,
        }),
        Some(_) => Ok(Some(Term { words, prefix })),
    }
}

/// Half of all words may begin so.
fn is_short(beginning: &str) -> bool {
    beginning.chars().count() < PREFIX_MIN && !beginning.chars().all(stands_alone)
}

impl Term {
    /// Whether these words, as many as it has, are what it asks for.
    fn is(&self, words: &[Word]) -> bool {
        let last = self.words.len() - 1;
        let mut pairs = self.words.iter().zip(words).enumerate();
        pairs.all(
            |(number, (asked, word))| match self.prefix && number == last {
                true => word.key.starts_with(asked.as_str()),
                false => word.key == *asked,
            },
        )
    }
}

/// From the first of these words to the last.
fn span(words: &[Word]) -> Range<usize> {
    let start = words.first().map_or(0, |word| word.range.start);
    start..words.last().map_or(start, |word| word.range.end)
}

/// What is shown of a text: whole words around the first place that was found.
fn window(text: &str, words: &[Word], first: Option<&Range<usize>>) -> Range<usize> {
    let first = first.cloned().unwrap_or(0..0);
    let length = |range: Range<usize>| text[range].chars().count();
    let starts = words.iter().rev().map(|word| word.range.start);
    let starts = starts.skip_while(|start| *start > first.start);
    let near = starts.take_while(|start| length(*start..first.start) <= BEFORE);
    let start = match length(0..first.start) <= BEFORE {
        true => 0,
        false => near.last().unwrap_or(first.start),
    };
    let rest = &text[start..];
    let most = start + beginning(rest, SHOWN).len();
    if most == text.len() {
        return start..most;
    }
    let ends = words.iter().rev().map(|word| word.range.end);
    let mut ends = ends.filter(|end| *end <= most && *end > first.start);
    start..ends.next().unwrap_or(most)
}

/// The pieces of an excerpt.
struct Pieces(Vec<(bool, String)>);

impl Pieces {
    fn new(cut: bool) -> Self {
        let cut = cut.then(|| (false, "…".to_owned()));
        Self(Vec::from_iter(cut))
    }

    /// An excerpt is a line.
    fn push(&mut self, found: bool, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = text.replace(char::is_whitespace, " ");
        match self.0.last_mut() {
            Some((last, before)) if *last == found => before.push_str(&text),
            _ => self.0.push((found, text)),
        }
    }

    fn done(mut self, cut: bool) -> Vec<(bool, String)> {
        if cut {
            self.push(false, "…");
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<(String, bool)> {
        let search = Search::parse(text).expect(text).expect(text);
        let terms = search.terms.into_iter();
        terms
            .map(|term| (term.words.join(" "), term.prefix))
            .collect()
    }

    fn marked(search: &str, text: &str) -> String {
        let search = Search::parse(search).expect(search).expect(search);
        let pieces = search.excerpt(text).into_iter();
        let pieces = pieces.map(|(found, text)| match found {
            true => ["[", &text, "]"].concat(),
            false => text,
        });
        pieces.collect()
    }

    #[test]
    fn a_search_is_words_phrases_and_beginnings() {
        for (text, terms) in [
            ("Refund", &[("refund", false)][..]),
            ("  two   words ", &[("two", false), ("words", false)]),
            (
                "\"the blue sofa\" late",
                &[("the blue sofa", false), ("late", false)],
            ),
            ("refund*", &[("refund", true)]),
            ("\"blue so*\"", &[("blue so", true)]),
            ("O'Brien", &[("o brien", false)]),
            ("Zoë MÜLLER", &[("zoe", false), ("muller", false)]),
            ("straße", &[("strasse", false)]),
            ("東京*", &[("東 京", true)]),
        ] {
            let terms = terms
                .iter()
                .map(|(words, prefix)| ((*words).to_owned(), *prefix));
            assert_eq!(asked(text), terms.collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn what_other_searches_know_as_operators_are_words_or_nothing() {
        for (text, terms) in [
            ("a AND b", &["a", "and", "b"][..]),
            ("NOT late", &["not", "late"]),
            ("NEAR(a b, 5)", &["near a", "b", "5"]),
            ("words:late", &["words late"]),
            ("^late -soon +now", &["late", "soon", "now"]),
            ("{words} : \"late", &["words", "late"]),
            ("late\"", &["late"]),
            ("\" \" late \"\"", &["late"]),
            ("'; DROP TABLE entries; --", &["drop", "table", "entries"]),
            ("late **", &["late"]),
        ] {
            let found: Vec<String> = asked(text).into_iter().map(|(words, _)| words).collect();
            assert_eq!(found, terms, "{text}");
        }
    }

    #[test]
    fn what_asks_for_nothing_is_refused_with_the_reason() {
        for text in ["", "   ", "\u{A0}\n"] {
            assert_eq!(Search::parse(text), Ok(None), "{text:?}");
        }
        for text in [
            "!?.,",
            "\"\"",
            "\"",
            "*",
            "🙂",
            "—",
            "( ) [ ]",
            "\u{301}\u{302}",
            "\u{200B}\n",
            "\u{200D}",
            "\u{20E3}",
            "\u{64B}",
            "\u{FE0F}",
        ] {
            assert_eq!(Search::parse(text), Err(Problem::NoWord), "{text:?}");
        }
        assert_eq!(Search::parse("a*"), Err(Problem::ShortBeginning { min: 2 }));
        let words = "a ".repeat(WORDS_MAX + 1);
        assert_eq!(Search::parse(&words), Err(Problem::TooMany { max: 20 }));
        let signs = "\"".repeat(10_000);
        let long = Problem::TooLong {
            max: 200,
            actual: 10_000,
        };
        assert_eq!(Search::parse(&signs), Err(long));
    }

    #[test]
    fn a_text_is_stored_as_it_is_compared() {
        for (text, stored) in [
            ("Don't worry, Zoë!", "don t worry zoe"),
            ("Ame\u{301}lie  Ｃａｒｅ", "amelie care"),
            ("Ca\u{200B}re\u{AD}s", "cares"),
            ("हिन्दी में", "हिन्दी में"),
            ("東京 ﾀﾜｰ ok", "東 京 タ ワ ー ok"),
            ("かが", "か か\u{3099}"),
            ("🙂 …!", ""),
            ("", ""),
        ] {
            assert_eq!(indexed(text), stored, "{text}");
            assert_eq!(has_words(text), !stored.is_empty(), "{text}");
        }
        assert_eq!(indexed(&"x".repeat(1_000)).len(), WORD_MAX);
    }

    #[test]
    fn what_was_found_is_marked() {
        for (search, text, shown) in [
            ("refund", "A REFUND, please.", "A [REFUND], please."),
            ("zoe", "Zoe\u{308} and Zoë", "[Zoe\u{308}] and [Zoë]"),
            ("re*", "refund or return it", "[refund] or [return] it"),
            (
                "\"blue sofa\"",
                "blue, sofa; sofa blue",
                "[blue, sofa]; sofa blue",
            ),
            ("a b a", "a b\nc", "[a] [b] c"),
            ("\"a b\" b", "a b c", "[a b] c"),
            ("京タ", "東京タワー", "東[京タ]ワー"),
            ("gone", "nothing of it", "nothing of it"),
            ("b", "<b>\"b\"</b>", "<[b]>\"[b]\"</[b]>"),
        ] {
            assert_eq!(marked(search, text), shown, "{search}");
        }
    }

    #[test]
    fn an_excerpt_is_whole_words_around_the_first_place() {
        let long = format!("{}needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let shown = marked("needle", &long);
        assert!(shown.starts_with("…hay hay"), "{shown}");
        assert!(
            shown.contains("hay [needle] straw") && shown.ends_with("straw…"),
            "{shown}"
        );
        assert!(shown.chars().count() <= SHOWN + 4, "{shown}");
        let one = "x".repeat(5_000);
        for text in [one.clone(), format!("{one} needle {one}")] {
            for search in ["needle", "xx*"] {
                let shown = marked(search, &text);
                assert!(shown.chars().count() <= SHOWN + 4, "{shown}");
            }
        }
        assert_eq!(marked("needle", ""), "");
        assert!(
            marked("needle", &["👩‍👩‍👧".repeat(300), " needle".to_owned()].concat())
                .contains("[needle]")
        );
    }
}
