//! The form of a receiver: a new one's, or one that is edited.

use i18n::{Label, Language, t};
use maud::{Markup, html};
use shared::ids::TeamId;
use shared::webhooks::EventKind;

use super::PATH;
use super::compared::Receiver;
use super::view::View;
use crate::http::forms::{base_digests, version_of};
use crate::http::plain_page::password_field;
use crate::store::rows::ReceiverRow;

/// What stands in the form.
struct Filled<'a> {
    key: String,
    version: &'a str,
    base: &'a str,
    name: &'a str,
    url: &'a str,
    events: Vec<&'a str>,
    teams: Vec<&'a str>,
}

impl View<'_> {
    /// The form of a receiver; without one that of a new one.
    pub(super) fn form(&self, receiver: Option<&ReceiverRow>) -> Markup {
        let language = self.language;
        let act = if receiver.is_some() {
            "update"
        } else {
            "create"
        };
        let typed = &self.typed;
        let filled = match receiver {
            // Under its key it is sent again.
            _ if typed.act == act => Filled {
                key: typed.key.clone(),
                version: &typed.version,
                base: &typed.base,
                name: &typed.name,
                url: &typed.url,
                events: typed.events.iter().map(String::as_str).collect(),
                teams: typed.teams.iter().map(String::as_str).collect(),
            },
            Some(row) => Filled {
                key: self.ids.next(),
                version: "",
                base: "",
                name: &row.name,
                url: "",
                events: row.events.iter().map(|kind| kind.code()).collect(),
                teams: row.teams.iter().flatten().map(TeamId::as_str).collect(),
            },
            None => Filled {
                key: self.ids.next(),
                version: "",
                base: "",
                name: "",
                url: "",
                events: Vec::new(),
                teams: Vec::new(),
            },
        };
        let stored = receiver.map(|row| {
            let compared = Receiver {
                language,
                teams: &self.teams,
                row: receiver,
            };
            compared.words_of(row)
        });
        let base = base_digests(filled.base, &stored.unwrap_or_default());
        let title = match receiver {
            Some(_) => t!(language, common.edit),
            None => t!(language, webhooks.new),
        };
        html! {
            section class="card tokens__card" aria-labelledby="receiver-form" {
                h2 class="settings__title" id="receiver-form" { (title) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value=(act);
                    input type="hidden" name="key" value=(filled.key);
                    @if let Some(row) = receiver {
                        input type="hidden" name="receiver" value=(row.id);
                        input type="hidden" name="version" value=(version_of(filled.version, row.version));
                        input type="hidden" name="base" value=(base);
                    }
                    (self.fields(&filled, receiver))
                    @if let Some(proof) = &self.proof {
                        (password_field(language, self.username, ("receiver-password", proof), self.refused_by(act)))
                    }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" {
                            @if receiver.is_some() { (t!(language, common.save)) } @else { (t!(language, webhooks.add)) }
                        }
                    }
                }
            }
        }
    }

    fn fields(&self, filled: &Filled<'_>, receiver: Option<&ReceiverRow>) -> Markup {
        let (language, refused) = (self.language, &self.shown.refused);
        let (internal, open): (Vec<_>, Vec<_>) = EventKind::CHOICES
            .into_iter()
            .partition(|kind| kind.internal());
        html! {
            div class="field" {
                label class="field__label" for="receiver-name" { (t!(language, webhooks.name)) }
                input class="input" id="receiver-name" name="name" value=(filled.name) required autocomplete="off" dir="auto"
                    aria-invalid=[refused.invalid("name")] aria-describedby=[refused.described("name", "")]
                    autofocus[refused.first("name")];
                (refused.line("name"))
            }
            div class="field" {
                label class="field__label" for="receiver-url" { (t!(language, webhooks.url)) }
                input class="input" id="receiver-url" name="url" type="text" inputmode="url" value=(filled.url)
                    required[receiver.is_none()] autocomplete="off" spellcheck="false" dir="ltr"
                    aria-invalid=[refused.invalid("url")] aria-describedby=[refused.described("url", "receiver-url-hint")]
                    autofocus[refused.first("url")];
                (refused.line("url"))
                p class="field__hint" id="receiver-url-hint" {
                    (t!(language, webhooks.url_hint))
                    @if let Some(row) = receiver { " " (t!(language, webhooks.url_kept, place = &row.place)) }
                }
            }
            fieldset class="tokens__scopes-field" aria-describedby=[refused.described("events", "")] {
                legend class="field__label" { (t!(language, webhooks.events)) }
                (refused.line("events"))
                @for (place, kind) in open.into_iter().enumerate() {
                    (event_field(language, kind, filled, (refused.invalid("events"), place == 0 && refused.first("events"))))
                }
            }
            fieldset class="tokens__scopes-field" aria-describedby="internal-warning" {
                legend class="field__label" { (t!(language, webhooks.internal)) }
                p class="notice notice--warn" id="internal-warning" { (t!(language, webhooks.internal_warning)) }
                @for kind in internal { (event_field(language, kind, filled, (refused.invalid("events"), false))) }
            }
            (self.team_fields(filled, receiver))
        }
    }

    /// A deleted team that the receiver is limited to stays chosen: without it the receiver would get events of all teams.
    fn team_fields(&self, filled: &Filled<'_>, receiver: Option<&ReceiverRow>) -> Markup {
        let (language, refused) = (self.language, &self.shown.refused);
        let there = self.teams.iter().map(|(id, _)| id);
        let had = receiver.iter().flat_map(|row| row.teams.iter().flatten());
        let gone = had.filter(|team| !self.teams.iter().any(|(id, _)| id == *team));
        html! {
            fieldset class="tokens__scopes-field" aria-describedby=[refused.described("teams", "teams-hint")] {
                legend class="field__label" { (t!(language, webhooks.teams)) }
                (refused.line("teams"))
                p class="field__hint" id="teams-hint" { (t!(language, webhooks.teams_hint)) }
                @for (place, team) in there.chain(gone).enumerate() {
                    div class="tokens__scope" {
                        input type="checkbox" id={ "team-" (team) } name="team" value=(team)
                            checked[filled.teams.contains(&team.as_str())] aria-invalid=[refused.invalid("teams")]
                            autofocus[place == 0 && refused.first("teams")];
                        label for={ "team-" (team) } dir="auto" { (self.team_name(team)) }
                    }
                }
            }
        }
    }
}

/// `invalid`: the choice was refused; `first`: the page opens here.
fn event_field(
    language: Language,
    kind: EventKind,
    filled: &Filled<'_>,
    (invalid, first): (Option<&str>, bool),
) -> Markup {
    let code = kind.code();
    let id = ["event-", &code.replace('.', "-")].concat();
    html! {
        div class="tokens__scope" {
            input type="checkbox" id=(id) name="event" value=(code) checked[filled.events.contains(&code)]
                aria-invalid=[invalid] autofocus[first];
            label for=(id) { (kind.label(language)) " " code { (code) } }
        }
    }
}
