//! What the page of linked users looks like.

use form_urlencoded::Serializer;
use i18n::{Language, t};
use maud::{Markup, html};

use super::super::PATH;
use super::LINKS;
use crate::desk::sign_on::LinkedPage;
use crate::http::forms_page::Shown;
use crate::http::plain_page::{
    FormPage, Happened, Proof, UserPage, form_page, password_field, time,
};
use crate::http::refused::Refused;
use crate::store::rows::LinkedUser;

/// Whether a link shall be taken away.
pub(super) struct Question<'a> {
    /// To whom it leads.
    pub(super) user: &'a LinkedUser,
    /// The key of the command.
    pub(super) key: String,
    /// From which page of the list it was asked for.
    pub(super) page: &'a str,
    /// How a proof is asked for, where one is.
    pub(super) proof: Option<Proof>,
    /// Why it was refused a moment ago.
    pub(super) problem: Option<String>,
    /// The field that it is about.
    pub(super) refused: Refused,
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    /// What is searched for.
    pub(super) search: &'a str,
}

impl View<'_> {
    /// The list.
    pub(super) fn list(&self, links: &LinkedPage, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, sso.links),
            lead: t!(language, sso.links_lead),
            back: (PATH, t!(language, sso.title)),
            happened: shown.happened(language),
        };
        let content = html! {
            form class="row" method="get" action=(LINKS) role="search" {
                label class="field__label" for="links-search" { (t!(language, sso.links_search)) }
                input class="input" id="links-search" name="q" type="search" value=(self.search) autocomplete="off"
                    spellcheck="false" dir="auto";
                button class="button" type="submit" { (t!(language, sso.links_find)) }
            }
            @if links.users.is_empty() {
                div class="empty card" { p class="empty__title" { (t!(language, sso.links_none)) } }
            } @else {
                p class="field__hint" { (t!(language, sso.links_found, count = links.found)) }
                (self.table(links))
            }
            @if links.pages > 1 { (self.pages(links)) }
        };
        form_page(&page, &content)
    }

    fn table(&self, links: &LinkedPage) -> Markup {
        let language = self.language;
        let title = t!(language, sso.links);
        html! {
            div class="admin__list card" {
                div class="table-wrap" tabindex="0" role="region" aria-label=(title) {
                    table class="table admin__table" aria-label=(title) {
                        thead { tr {
                            th scope="col" { (t!(language, sso.links_user)) }
                            th scope="col" { (t!(language, sso.links_subject)) }
                            th scope="col" { (t!(language, sso.links_since)) }
                            th scope="col" { span class="visually-hidden" { (t!(language, common.actions)) } }
                        } }
                        tbody { @for (id, user) in &links.users { (self.row(links, (id, user))) } }
                    }
                }
            }
        }
    }

    fn row(&self, links: &LinkedPage, (id, user): (&str, &LinkedUser)) -> Markup {
        let language = self.language;
        let current = links.issuer.as_deref() == Some(user.issuer.as_str());
        html! {
            tr class=[(!user.active).then_some("admin__row--off")] {
                th scope="row" class="admin__name" {
                    bdi { (user.name) } br; code { (user.username) }
                    @if !user.active { " " span class="badge badge--closed" { (t!(language, common.deactivated)) } }
                }
                td class="admin__text" data-label=(t!(language, sso.links_subject)) {
                    bdi { code { (user.subject) } }
                    @if !current {
                        br; (t!(language, sso.links_issuer, issuer = user.issuer))
                    }
                }
                td data-label=(t!(language, sso.links_since)) { (time(user.linked_at)) }
                td class="admin__cell" {
                    form method="get" action=(LINKS) {
                        input type="hidden" name="ask" value=(id);
                        (self.place(&links.number.to_string()))
                        button class="button button--quiet button--danger" type="submit"
                            aria-label=(t!(language, sso.unlink_name, name = user.name)) {
                            (t!(language, sso.unlink))
                        }
                    }
                }
            }
        }
    }

    /// To which page of the list a form leads back.
    fn place(&self, page: &str) -> Markup {
        html! {
            input type="hidden" name="q" value=(self.search);
            input type="hidden" name="page" value=(page);
        }
    }

    fn pages(&self, links: &LinkedPage) -> Markup {
        let language = self.language;
        let (number, pages) = (links.number, links.pages);
        html! {
            div class="row" {
                @if number > 1 {
                    a class="button button--quiet" rel="prev" href=(self.address(&(number - 1).to_string())) {
                        (t!(language, sso.links_previous))
                    }
                }
                span { (t!(language, sso.links_page, number = number, pages = pages)) }
                @if number < pages {
                    a class="button button--quiet" rel="next" href=(self.address(&(number + 1).to_string())) {
                        (t!(language, sso.links_next))
                    }
                }
            }
        }
    }

    /// The address of a page of what is found.
    pub(super) fn address(&self, page: &str) -> String {
        let place = [LINKS, "?"].concat();
        let behind_the_mark = place.len();
        let mut query = Serializer::for_suffix(place, behind_the_mark);
        if !self.search.is_empty() {
            query.append_pair("q", self.search);
        }
        query.append_pair("page", page);
        query.finish()
    }

    /// The question whether a link shall be taken away.
    pub(super) fn ask(&self, question: &Question<'_>) -> UserPage {
        let (language, user) = (self.language, question.user);
        let page = FormPage {
            title: t!(language, sso.unlink_title),
            lead: "",
            back: (LINKS, t!(language, sso.links)),
            happened: Happened {
                language,
                said: None,
                problem: question.problem.as_deref(),
                at_field: !question.refused.is_empty(),
                lost: &[],
            },
        };
        let (name, username) = (&user.name, &user.username);
        let content = html! {
            section class="card tokens__card" aria-labelledby="unlink-line" {
                p id="unlink-line" { (t!(language, sso.unlink_line, name = name, username = username)) }
                form class="editor__form" method="post" action=(LINKS) {
                    input type="hidden" name="act" value="unlink";
                    input type="hidden" name="key" value=(question.key);
                    input type="hidden" name="user" value=(user.user);
                    input type="hidden" name="issuer" value=(user.issuer);
                    input type="hidden" name="subject" value=(user.subject);
                    (self.place(question.page))
                    @if let Some(proof) = &question.proof {
                        (password_field(language, self.username, ("unlink-password", proof), &question.refused))
                    }
                    div class="editor__foot" {
                        a class="button" href=(self.address(question.page)) { (t!(language, common.cancel)) }
                        button class="button button--danger" type="submit" { (t!(language, sso.unlink)) }
                    }
                }
            }
        };
        form_page(&page, &content)
    }
}
