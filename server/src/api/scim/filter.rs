//! Filters (RFC 7644, 3.4.2.2): comparisons of attributes that Sideline holds, joined by `and` and `or`, in groups and with `not`.

use std::iter::Peekable;
use std::str::Chars;
use std::vec::IntoIter;

use super::body::without_schema;
use super::problems::wrong;
use crate::commands::ProvisionedUser;
use crate::http::problem::Problem;
use crate::store::rows::provider_key;

/// How long a filter may be, in bytes, how many comparisons it may have, and how many groups may stand one in the other.
const LENGTH_MAX: usize = 2_000;
const TERMS_MAX: usize = 50;
const DEPTH_MAX: usize = 20;

/// Which users.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter(Node);

/// A part of a filter.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    /// Whom a comparison fits.
    Term(Term),
    /// Whom all of these fit.
    All(Vec<Node>),
    /// Whom one of these fits.
    Any(Vec<Node>),
    /// Whom this does not fit.
    Not(Box<Node>),
}

/// A comparison.
#[derive(Debug, PartialEq, Eq)]
struct Term {
    field: Field,
    comparison: Comparison,
    /// In lower case where the field's case does not matter; empty for [`Comparison::Present`].
    value: String,
}

/// What can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Id,
    UserName,
    ExternalId,
    DisplayName,
    Active,
    Roles,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Contains,
    Begins,
    Ends,
    Present,
}

/// A word, a text between quotation marks, or a parenthesis.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
}

fn refused(detail: impl Into<String>) -> Problem {
    wrong("invalidFilter", detail)
}

impl Field {
    fn of(name: &str) -> Result<Self, Problem> {
        match without_schema(name).to_ascii_lowercase().as_str() {
            "id" => Ok(Self::Id),
            "username" => Ok(Self::UserName),
            "externalid" => Ok(Self::ExternalId),
            "displayname" | "name.formatted" => Ok(Self::DisplayName),
            "active" => Ok(Self::Active),
            "roles" | "roles.value" => Ok(Self::Roles),
            _ => {
                let name: String = name.chars().take(80).collect();
                let detail = format!(
                    "There is no filter by {name}. There are id, userName, externalId, displayName, active and roles."
                );
                Err(refused(detail))
            }
        }
    }

    /// Whether its case matters.
    fn exact(self) -> bool {
        matches!(self, Self::Id | Self::ExternalId)
    }

    fn folded(self, value: &str) -> String {
        match self {
            Self::UserName => provider_key(value),
            field if field.exact() => value.to_owned(),
            _ => value.to_lowercase(),
        }
    }

    /// What a user has there.
    fn values(self, user: &ProvisionedUser) -> Vec<String> {
        let account = &user.account;
        let one = |value: &str| vec![self.folded(value)];
        match self {
            Self::Id => one(account.id.as_str()),
            Self::UserName => one(&user.user_name),
            Self::ExternalId => user.external_id.iter().cloned().collect(),
            Self::DisplayName => one(&account.name),
            Self::Active => one(&account.active.to_string()),
            Self::Roles => {
                let codes = account.roles.iter().map(|role| role.code().to_owned());
                codes.collect()
            }
        }
    }
}

impl Comparison {
    fn of(word: &str) -> Result<Self, Problem> {
        match word.to_ascii_lowercase().as_str() {
            "eq" => Ok(Self::Equal),
            "ne" => Ok(Self::NotEqual),
            "co" => Ok(Self::Contains),
            "sw" => Ok(Self::Begins),
            "ew" => Ok(Self::Ends),
            "pr" => Ok(Self::Present),
            _ => {
                let word: String = word.chars().take(20).collect();
                let detail =
                    format!("There is no comparison {word}. There are eq, ne, co, sw, ew and pr.");
                Err(refused(detail))
            }
        }
    }
}

impl Term {
    fn fits(&self, user: &ProvisionedUser) -> bool {
        let values = self.field.values(user);
        let some = |fits: fn(&str, &str) -> bool| values.iter().any(|is| fits(is, &self.value));
        match self.comparison {
            Comparison::Equal => some(|is, wanted| is == wanted),
            Comparison::NotEqual => !some(|is, wanted| is == wanted),
            Comparison::Contains => some(|is, wanted| is.contains(wanted)),
            Comparison::Begins => some(|is, wanted| is.starts_with(wanted)),
            Comparison::Ends => some(|is, wanted| is.ends_with(wanted)),
            Comparison::Present => !values.is_empty(),
        }
    }

    fn parse(tokens: &mut impl Iterator<Item = Token>) -> Result<Self, Problem> {
        let Some(Token::Word(name)) = tokens.next() else {
            return Err(refused("An attribute is missing."));
        };
        let field = Field::of(&name)?;
        let Some(Token::Word(word)) = tokens.next() else {
            return Err(refused("A comparison is missing."));
        };
        let comparison = Comparison::of(&word)?;
        if comparison == Comparison::Present {
            let value = String::new();
            return Ok(Self {
                field,
                comparison,
                value,
            });
        }
        let value = match tokens.next() {
            Some(Token::Text(text)) => text,
            // Only truth values and numbers stand without quotation marks.
            Some(Token::Word(word)) if is_bare(&word) => word,
            _ => {
                return Err(refused(
                    "A value is missing. Texts stand in quotation marks.",
                ));
            }
        };
        Ok(Self {
            value: field.folded(&value),
            field,
            comparison,
        })
    }
}

fn is_bare(word: &str) -> bool {
    let truth = ["true", "false"];
    truth.iter().any(|known| word.eq_ignore_ascii_case(known)) || word.parse::<f64>().is_ok()
}

impl Filter {
    /// Reads a filter. `invalidFilter` says what is wrong with it.
    pub(super) fn parse(filter: &str) -> Result<Self, Problem> {
        if filter.len() > LENGTH_MAX {
            let detail = format!("A filter has at most {LENGTH_MAX} bytes.");
            return Err(refused(detail));
        }
        let mut parser = Parser {
            tokens: tokens(filter)?.into_iter().peekable(),
            terms: 0,
            depth: 0,
        };
        let read = parser.any()?;
        match parser.tokens.next() {
            None => Ok(Self(read)),
            Some(_) => Err(refused("Join comparisons by and, or.")),
        }
    }

    /// Whether it fits a user.
    pub(super) fn fits(&self, user: &ProvisionedUser) -> bool {
        self.0.fits(user)
    }

    /// The provider's name of the only user whom it can fit, in lower case.
    pub(super) fn named(&self) -> Option<&str> {
        self.0.named()
    }
}

impl Node {
    /// One of several parts, or the only one there is.
    fn of(mut parts: Vec<Self>, several: fn(Vec<Self>) -> Self) -> Self {
        match (parts.pop(), parts.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                parts.extend(last);
                several(parts)
            }
        }
    }

    fn fits(&self, user: &ProvisionedUser) -> bool {
        match self {
            Self::Term(term) => term.fits(user),
            Self::All(parts) => parts.iter().all(|part| part.fits(user)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(user)),
            Self::Not(part) => !part.fits(user),
        }
    }

    fn named(&self) -> Option<&str> {
        match self {
            Self::Term(term) => {
                let names = term.field == Field::UserName && term.comparison == Comparison::Equal;
                names.then_some(term.value.as_str())
            }
            Self::All(parts) => parts.iter().find_map(Self::named),
            Self::Any(_) | Self::Not(_) => None,
        }
    }
}

/// Reads a filter's tokens.
struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    /// How many comparisons there were.
    terms: usize,
    /// In how many groups it is.
    depth: usize,
}

impl Parser {
    /// What is joined by `or`, which binds less than `and`.
    fn any(&mut self) -> Result<Node, Problem> {
        let mut parts = vec![self.all()?];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(Node::of(parts, Node::Any))
    }

    fn all(&mut self) -> Result<Node, Problem> {
        let mut parts = vec![self.part()?];
        while self.takes("and") {
            parts.push(self.part()?);
        }
        Ok(Node::of(parts, Node::All))
    }

    /// A comparison, or a group, with `not` in front of it or without.
    fn part(&mut self) -> Result<Node, Problem> {
        if self.takes("not") {
            let group = self.group()?;
            let group = group.ok_or_else(|| refused("Behind not stands a group in parentheses."));
            return Ok(Node::Not(Box::new(group?)));
        }
        if let Some(group) = self.group()? {
            return Ok(group);
        }
        self.terms += 1;
        if self.terms > TERMS_MAX {
            let detail = format!("A filter has at most {TERMS_MAX} comparisons.");
            return Err(refused(detail));
        }
        Term::parse(&mut self.tokens).map(Node::Term)
    }

    /// What stands in parentheses, if one opens here.
    fn group(&mut self) -> Result<Option<Node>, Problem> {
        if self.tokens.next_if_eq(&Token::Open).is_none() {
            return Ok(None);
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let detail = format!("A filter has at most {DEPTH_MAX} groups one in the other.");
            return Err(refused(detail));
        }
        let inside = self.any()?;
        self.depth -= 1;
        match self.tokens.next() {
            Some(Token::Close) => Ok(Some(inside)),
            Some(_) => Err(refused("Join comparisons by and, or.")),
            None => Err(refused("A parenthesis is not closed.")),
        }
    }

    /// Takes a word, if it comes next.
    fn takes(&mut self, word: &str) -> bool {
        let is =
            |token: &Token| matches!(token, Token::Word(next) if next.eq_ignore_ascii_case(word));
        self.tokens.next_if(is).is_some()
    }
}

fn tokens(filter: &str) -> Result<Vec<Token>, Problem> {
    let mut signs = filter.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(&sign) = signs.peek() {
        match sign {
            sign if sign.is_whitespace() => {
                signs.next();
            }
            '"' => {
                signs.next();
                tokens.push(Token::Text(quoted(&mut signs)?));
            }
            '(' => {
                signs.next();
                tokens.push(Token::Open);
            }
            ')' => {
                signs.next();
                tokens.push(Token::Close);
            }
            '[' | ']' => {
                return Err(refused(
                    "Brackets are not read: name what is compared, such as roles.value.",
                ));
            }
            _ => tokens.push(Token::Word(word(&mut signs))),
        }
    }
    Ok(tokens)
}

fn word(signs: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::new();
    while let Some(sign) = signs.next_if(|sign| !sign.is_whitespace() && !"\"()[]".contains(*sign))
    {
        word.push(sign);
    }
    word
}

/// The text up to its closing quotation mark, written as JSON writes it.
fn quoted(signs: &mut Peekable<Chars<'_>>) -> Result<String, Problem> {
    let mut json = String::from("\"");
    loop {
        let sign = signs.next();
        let sign = sign.ok_or_else(|| refused("A quotation mark is missing."))?;
        json.push(sign);
        match sign {
            '"' => break,
            '\\' => json.extend(signs.next()),
            _ => {}
        }
    }
    serde_json::from_str(&json).map_err(|_| refused("A text is not written as JSON writes it."))
}

#[cfg(test)]
mod tests {
    use shared::admin::UserAccount;
    use shared::ids::UserId;
    use shared::people::Role;

    use super::*;

    fn amy() -> ProvisionedUser {
        ProvisionedUser {
            account: UserAccount {
                id: UserId::parse("u-1").expect("an id"),
                username: "amy".to_owned(),
                name: "Amy Adams".to_owned(),
                roles: vec![Role::Agent, Role::Supervisor],
                active: true,
                version: 0,
                capacity: None,
                built: Vec::new(),
            },
            user_name: "Amy@Example.com".to_owned(),
            external_id: Some("00u\"1".to_owned()),
        }
    }

    #[test]
    fn a_filter_finds_whom_it_fits() {
        for (filter, fits) in [
            (r#"userName eq "amy@example.COM""#, true),
            (r#"USERNAME EQ "amy""#, false),
            (r#"userName eq "ａｍｙ@example.com""#, true),
            (r#"externalId eq "00u\"1""#, true),
            (r#"externalId eq "00U\"1""#, false),
            (r#"externalId pr"#, true),
            (r#"id eq "u-1" and active eq true"#, true),
            (r#"id eq "u-1" and active eq "False""#, false),
            (r#"active eq false or roles eq "supervisor""#, true),
            (
                r#"displayName co "adams" and userName sw "amy" and userName ew ".com""#,
                true,
            ),
            (r#"roles.value ne "agent""#, false),
            (r#"not (roles.value eq "agent")"#, false),
            (r#"NOT(active eq false)"#, true),
            (r#"(active eq true)"#, true),
            (r#"active eq false and id pr or roles eq "agent""#, true),
            (r#"active eq false and (id pr or roles eq "agent")"#, false),
            (r#"not (active eq false and (id pr)) and id pr"#, true),
            (
                r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "amy@example.com""#,
                true,
            ),
        ] {
            let read = Filter::parse(filter).expect(filter);
            assert_eq!(read.fits(&amy()), fits, "{filter}");
        }
    }

    #[test]
    fn a_filter_says_when_it_can_fit_one_user_alone() {
        for (filter, named) in [
            (r#"userName eq "Amy""#, Some("amy")),
            (r#"active eq true and userName eq "amy""#, Some("amy")),
            (r#"userName eq "amy" or active eq true"#, None),
            (r#"userName sw "amy""#, None),
            (r#"not (userName eq "amy")"#, None),
            (r#"(userName eq "amy") and (active eq true)"#, Some("amy")),
            (r#"active eq true and (userName eq "amy" or id pr)"#, None),
        ] {
            let read = Filter::parse(filter).expect(filter);
            assert_eq!(read.named(), named, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let long = format!("userName eq \"{}\"", "a".repeat(LENGTH_MAX));
        let many = vec!["active eq true"; TERMS_MAX + 1].join(" and ");
        let (open, close) = ("(".repeat(DEPTH_MAX + 1), ")".repeat(DEPTH_MAX + 1));
        let deep = [open.as_str(), "active eq true", close.as_str()].concat();
        for filter in [
            "",
            "userName",
            "userName eq",
            "userName eq amy",
            "userName is \"amy\"",
            "userName eq \"amy",
            "userName eq \"\\q\"",
            "userName eq \"amy\" and",
            "userName eq \"amy\" xor active eq true",
            "shoeSize eq 42",
            "emails.value eq \"amy@example.com\"",
            "not active eq true",
            "not",
            "not ()",
            "()",
            "(active eq true",
            "active eq true)",
            "(active eq true) (id pr)",
            "(active eq true id pr)",
            "roles[value eq \"agent\"]",
            &deep,
            "meta.lastModified gt \"2026-11-29T00:00:00Z\"",
            &long,
            &many,
        ] {
            let refused = format!("{:?}", Filter::parse(filter).expect_err(filter));
            assert!(refused.contains("invalidFilter"), "{filter}: {refused}");
        }
    }
}
