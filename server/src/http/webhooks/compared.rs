//! The form of a receiver in words, beside what is stored.

use i18n::{Language, t};
use shared::ids::TeamId;
use shared::webhooks::EventKind;

use super::form::label;
use super::typed::Typed;
use crate::http::forms::{Fields, Values, Words};
use crate::http::forms_page::Compared;
use crate::store::rows::ReceiverRow;

/// The receiver that a form is about, if it is there.
pub(super) struct Receiver<'a> {
    pub(super) language: Language,
    /// The teams that there are, by name.
    pub(super) teams: &'a [(TeamId, String)],
    pub(super) row: Option<&'a ReceiverRow>,
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
        let teams = |id: &str| typed.teams.iter().any(|team| team == id);
        self.words((&typed.name, url), events, teams)
    }

    fn stored(&self, _typed: &Fields) -> Option<(Words, Values)> {
        let row = self.row?;
        let mut values = vec![("name", row.name.clone()), ("url", String::new())];
        let events = row.events.iter();
        values.extend(events.map(|kind| ("event", kind.code().to_owned())));
        let teams = row.teams.iter().flatten();
        values.extend(teams.map(|team| ("team", team.to_string())));
        Some((self.words_of(row), values))
    }
}

impl Receiver<'_> {
    /// A receiver in words.
    pub(super) fn words_of(&self, row: &ReceiverRow) -> Words {
        let events = |code: &str| row.events.iter().any(|kind| kind.code() == code);
        let teams = |id: &str| {
            let mut limits = row.teams.iter().flatten();
            limits.any(|team| team.as_str() == id)
        };
        self.words((&row.name, &row.place), events, teams)
    }

    fn words(
        &self,
        (name, url): (&str, &str),
        events: impl Fn(&str) -> bool,
        teams: impl Fn(&str) -> bool,
    ) -> Words {
        let language = self.language;
        let kinds = EventKind::CHOICES.into_iter();
        let kinds = kinds.filter(|kind| events(kind.code()));
        let kinds: Vec<&str> = kinds.map(|kind| label(language, kind)).collect();
        let names = self.teams.iter().filter(|(team, _)| teams(team.as_str()));
        let names: Vec<&str> = names.map(|(_, name)| name.as_str()).collect();
        vec![
            ("name", t!(language, webhooks.name), name.to_owned()),
            ("url", t!(language, webhooks.url), url.to_owned()),
            ("event", t!(language, webhooks.events), kinds.join(", ")),
            ("team", t!(language, webhooks.teams), names.join(", ")),
        ]
    }
}
