//! The form of a receiver in words, beside what is stored.

use i18n::{Label, Language, t};
use shared::ids::TeamId;
use shared::webhooks::EventKind;

use super::typed::Typed;
use crate::http::forms::{Fields, Stands, Values, Words};
use crate::http::forms_page::Compared;
use crate::store::rows::ReceiverRow;

/// The receiver that a form is about, if it is there.
pub(super) struct Receiver<'a> {
    pub(super) language: Language,
    /// The teams that there are, by name.
    pub(super) teams: &'a [(TeamId, String)],
    pub(super) row: Option<&'a ReceiverRow>,
}

/// What a team is called; one that was deleted is called so.
pub(super) fn team_name(language: Language, teams: &[(TeamId, String)], team: &str) -> String {
    let found = teams.iter().find(|(id, _)| id.as_str() == team);
    match found {
        Some((_, name)) => name.clone(),
        None => t!(language, webhooks.deleted_team, team = team),
    }
}

impl Compared for Receiver<'_> {
    /// An address that is left empty stays as it is.
    fn wanted(&self, typed: &Fields) -> Words {
        let typed = Typed::of(typed);
        if typed.act != "update" {
            return Words::new();
        }
        let url = match typed.url.trim() {
            "" => self.row.map_or("", |row| row.place.as_str()),
            url => url,
        };
        let events = |code: &str| typed.events.iter().any(|event| event == code);
        let teams = typed.teams.iter().map(String::as_str).collect();
        self.words((&typed.name, url), events, teams)
    }

    fn stored(&self, _typed: &Fields) -> Option<(Words, Values)> {
        let row = self.row?;
        let values = vec![("name", row.name.clone()), ("url", String::new())];
        Some((self.words_of(row), values))
    }
}

impl Receiver<'_> {
    /// A receiver in words.
    pub(super) fn words_of(&self, row: &ReceiverRow) -> Words {
        let events = |code: &str| row.events.iter().any(|kind| kind.code() == code);
        let teams = row.teams.iter().flatten().map(TeamId::as_str).collect();
        self.words((&row.name, &row.place), events, teams)
    }

    /// A team that was deleted is a limit as well: without it the receiver would be of all teams.
    fn words(
        &self,
        (name, url): (&str, &str),
        events: impl Fn(&str) -> bool,
        mut teams: Vec<&str>,
    ) -> Words {
        let language = self.language;
        let kinds = EventKind::CHOICES.into_iter();
        let kinds = kinds.filter(|kind| events(kind.code()));
        let kinds = kinds.map(|kind| (kind.code().to_owned(), kind.label(language).to_owned()));
        teams.sort_by_cached_key(|team| {
            let mut known = self.teams.iter();
            let place = known.position(|(known, _)| known.as_str() == *team);
            (place.is_none(), place, (*team).to_owned())
        });
        let teams = teams.into_iter();
        let teams = teams.map(|team| (team.to_owned(), team_name(language, self.teams, team)));
        let (kinds, teams) = (kinds.collect(), teams.collect());
        vec![
            ("name", t!(language, webhooks.name), name.into()),
            ("url", t!(language, webhooks.url), url.into()),
            (
                "event",
                t!(language, webhooks.events),
                Stands::Chosen(kinds),
            ),
            ("team", t!(language, webhooks.teams), Stands::Chosen(teams)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e03_who_takes_away_a_team_that_was_deleted_has_changed_the_teams() {
        let teams = ["care", "sales"].map(|team| {
            let id = TeamId::parse(team).expect("an id");
            (id, team.to_uppercase())
        });
        let receiver = Receiver {
            language: Language::En,
            teams: &teams,
            row: None,
        };
        let said = |teams: &[&str]| {
            let teams = teams.iter().map(|team| ("team", *team));
            let fields = [("act", "update")].into_iter().chain(teams);
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let words = receiver.wanted(&fields.collect::<Fields>());
            let limits = words.into_iter().find(|(name, ..)| *name == "team");
            limits.map(|(.., names)| names.text()).expect("the teams")
        };
        assert_eq!(said(&[]), "");
        assert_eq!(said(&["night"]), "night (deleted)");
        // In whatever order they are stored.
        let all = "CARE, SALES, late (deleted), night (deleted)";
        assert_eq!(said(&["night", "sales", "late", "care"]), all);
        assert_eq!(said(&["care", "late", "night", "sales"]), all);
    }
}
