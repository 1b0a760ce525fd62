//! Filters (RFC 7644, 3.4.2.2): comparisons of attributes that Sideline holds, joined by `and` and `or`.

use std::iter::Peekable;
use std::str::Chars;

use super::body::without_schema;
use super::problems::wrong;
use crate::commands::ProvisionedUser;
use crate::http::problem::Problem;

/// How long a filter may be, in bytes, and how many comparisons it may have.
const LENGTH_MAX: usize = 2_000;
const TERMS_MAX: usize = 50;

/// Which users: those whom one of the alternatives fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter {
    alternatives: Vec<Vec<Term>>,
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

/// A word, or a text between quotation marks.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
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
        match self.exact() {
            true => value.to_owned(),
            false => value.to_lowercase(),
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
        let mut tokens = tokens(filter)?.into_iter();
        let mut alternatives = vec![Vec::new()];
        let mut count = 0;
        loop {
            let term = Term::parse(&mut tokens)?;
            count += 1;
            if count > TERMS_MAX {
                let detail = format!("A filter has at most {TERMS_MAX} comparisons.");
                return Err(refused(detail));
            }
            if let Some(last) = alternatives.last_mut() {
                last.push(term);
            }
            match tokens.next() {
                None => return Ok(Self { alternatives }),
                Some(Token::Word(word)) if word.eq_ignore_ascii_case("and") => {}
                Some(Token::Word(word)) if word.eq_ignore_ascii_case("or") => {
                    alternatives.push(Vec::new());
                }
                Some(_) => return Err(refused("Join comparisons by and, or.")),
            }
        }
    }

    /// Whether it fits a user.
    pub(super) fn fits(&self, user: &ProvisionedUser) -> bool {
        let mut alternatives = self.alternatives.iter();
        alternatives.any(|terms| terms.iter().all(|term| term.fits(user)))
    }

    /// The provider's name of the only user whom it can fit, in lower case.
    pub(super) fn named(&self) -> Option<&str> {
        let [terms] = &self.alternatives[..] else {
            return None;
        };
        let names =
            |term: &&Term| term.field == Field::UserName && term.comparison == Comparison::Equal;
        terms.iter().find(names).map(|term| term.value.as_str())
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
            '(' | ')' | '[' | ']' => {
                return Err(refused("Groups are not read: join comparisons by and, or."));
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
        ] {
            let read = Filter::parse(filter).expect(filter);
            assert_eq!(read.named(), named, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let long = format!("userName eq \"{}\"", "a".repeat(LENGTH_MAX));
        let many = vec!["active eq true"; TERMS_MAX + 1].join(" and ");
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
            "not (active eq true)",
            "(active eq true)",
            "meta.lastModified gt \"2026-11-29T00:00:00Z\"",
            &long,
            &many,
        ] {
            let refused = format!("{:?}", Filter::parse(filter).expect_err(filter));
            assert!(refused.contains("invalidFilter"), "{filter}: {refused}");
        }
    }
}
