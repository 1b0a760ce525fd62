//! What the page of single sign-on looks like.

use i18n::{Label, Language, t};
use maud::{Markup, html};
use shared::people::Role;

use super::PATH;
use super::links::LINKS;
use crate::desk::sign_on::SignOnManaged;
use crate::http::forms::{Fields, Stands, Values, Words, base_digests, switched, value};
use crate::http::forms_page::{Compared, Shown};
use crate::http::plain_page::{
    FormPage, Proof, UserPage, copy_button, copy_script, form_page, password_field,
};
use crate::http::refused::Refused;
use crate::store::rows::{GivenRole, SignOnRow};

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    pub(super) managed: &'a SignOnManaged,
    /// Where the provider sends browsers back to.
    pub(super) redirect: String,
    /// Where it sends its messages.
    pub(super) logout: String,
    /// How a proof is asked for, where one is.
    pub(super) proof: Option<Proof>,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

/// What stands in the form.
struct Filled {
    key: String,
    name: String,
    issuer: String,
    client_id: String,
    create: bool,
    roles: Vec<String>,
    roles_claim: String,
    username_claim: String,
    link: bool,
    passwords: bool,
}

impl Filled {
    /// As it was sent.
    fn of(fields: &Fields) -> Self {
        let text = |name: &str| value(fields, name).to_owned();
        let roles = fields.iter().filter(|(name, _)| name == "role");
        Self {
            key: text("key"),
            name: text("name"),
            issuer: text("issuer"),
            client_id: text("client_id"),
            create: value(fields, "create") == "on",
            roles: roles.map(|(_, code)| code.clone()).collect(),
            roles_claim: text("roles_claim"),
            username_claim: text("username_claim"),
            link: value(fields, "link") == "on",
            passwords: value(fields, "passwords") != "off",
        }
    }

    /// As it is stored.
    fn stored(row: &SignOnRow, key: String) -> Self {
        let settings = &row.settings;
        Self {
            key,
            name: row.name.clone(),
            issuer: row.issuer.clone(),
            client_id: row.client_id.clone(),
            create: settings.create,
            roles: settings.roles.iter().map(code).collect(),
            roles_claim: settings.roles_claim.clone(),
            username_claim: settings.username_claim.clone(),
            link: settings.link,
            passwords: settings.passwords,
        }
    }

    /// Before anything was said.
    fn empty(key: String) -> Self {
        Self {
            key,
            name: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            create: false,
            roles: vec![Role::Agent.code().to_owned()],
            roles_claim: String::new(),
            username_claim: "preferred_username".to_owned(),
            link: false,
            passwords: true,
        }
    }
}

/// What the form sends. What a secret is, is not shown.
fn values(filled: Filled) -> Values {
    let switch = |on| match on {
        true => "on".to_owned(),
        false => String::new(),
    };
    let passwords = if filled.passwords { "on" } else { "off" };
    vec![
        ("name", filled.name),
        ("issuer", filled.issuer),
        ("client_id", filled.client_id),
        ("username_claim", filled.username_claim),
        ("link", switch(filled.link)),
        ("create", switch(filled.create)),
        ("roles_claim", filled.roles_claim),
        ("passwords", passwords.to_owned()),
    ]
}

/// A role as the form names it.
fn code(given: &GivenRole) -> String {
    match &given.role {
        Some(role) => format!("{}/{role}", given.kind.code()),
        None => given.kind.code().to_owned(),
    }
}

impl Compared for View<'_> {
    fn wanted(&self, typed: &Fields) -> Words {
        match value(typed, "act") {
            "save" => self.words(&Filled::of(typed)),
            _ => Words::new(),
        }
    }

    fn stored(&self, _typed: &Fields) -> Option<(Words, Values)> {
        let row = self.managed.row.as_ref()?;
        let stored = Filled::stored(row, String::new());
        Some((self.words(&stored), values(stored)))
    }
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, sso.title),
            lead: t!(language, sso.lead),
            back: ("/admin/users", t!(language, sso.back)),
            happened: shown.happened(language),
        };
        let row = self.managed.row.as_ref();
        let content = html! {
            // Links outlive what was set up.
            p class="row" { a class="button" href=(LINKS) { (t!(language, sso.links)) } }
            @if let Some(row) = row { (self.standing(row, shown)) }
            (self.addresses())
            (self.form(row, shown))
            @if row.is_some() { (self.delete()) }
            (copy_script())
        };
        form_page(&page, &content)
    }

    /// The fields of the form in words.
    fn words(&self, filled: &Filled) -> Words {
        let language = self.language;
        let switch = |on| Stands::from(switched(language, on));
        let passwords = match filled.passwords {
            true => t!(language, sso.passwords_on),
            false => t!(language, sso.passwords_off),
        };
        vec![
            ("name", t!(language, sso.name), filled.name.clone().into()),
            (
                "issuer",
                t!(language, sso.issuer),
                filled.issuer.clone().into(),
            ),
            (
                "client_id",
                t!(language, sso.client_id),
                filled.client_id.clone().into(),
            ),
            (
                "username_claim",
                t!(language, sso.username_claim),
                filled.username_claim.clone().into(),
            ),
            ("link", t!(language, sso.link), switch(filled.link)),
            ("create", t!(language, sso.create), switch(filled.create)),
            (
                "role",
                t!(language, sso.roles),
                Stands::Chosen(self.roles(filled)),
            ),
            (
                "roles_claim",
                t!(language, sso.roles_claim),
                filled.roles_claim.clone().into(),
            ),
            ("passwords", t!(language, sso.passwords), passwords.into()),
        ]
    }

    /// The roles that are chosen, each with its name.
    fn roles(&self, filled: &Filled) -> Vec<(String, String)> {
        let mut roles = Vec::new();
        for kind in Role::ALL {
            if filled.roles.iter().any(|code| code == kind.code()) {
                let name = kind.label(self.language);
                roles.push((kind.code().to_owned(), name.to_owned()));
            }
            for role in self.managed.customs.iter().filter(|role| role.kind == kind) {
                let built = format!("{}/{}", kind.code(), role.id);
                if filled.roles.contains(&built) {
                    roles.push((built, role.name.clone()));
                }
            }
        }
        roles
    }

    /// Whether it is on, and what can be done at once.
    fn standing(&self, row: &SignOnRow, shown: &Shown) -> Markup {
        let language = self.language;
        let refused = shown.refused.when(value(&shown.typed, "act") == "on");
        let (class, state) = match row.active {
            true => ("badge--ok", t!(language, sso.on)),
            false => ("badge--closed", t!(language, sso.off)),
        };
        html! {
            section class="card tokens__card" aria-labelledby="standing" {
                h2 class="settings__title" id="standing" { bdi { (row.name) } }
                p { span class={ "badge " (class) } { (state) } }
                div class="row" {
                    (self.button("check", t!(language, sso.check), None))
                    @if row.active {
                        (self.button("off", t!(language, sso.switch_off), None))
                    } @else {
                        (self.button("on", t!(language, sso.switch_on), self.proof.as_ref().map(|proof| (proof, refused))))
                    }
                }
            }
        }
    }

    fn button(&self, act: &str, label: &str, proof: Option<(&Proof, &Refused)>) -> Markup {
        let id = [act, "-password"].concat();
        html! {
            form method="post" action=(PATH) {
                input type="hidden" name="act" value=(act);
                input type="hidden" name="key" value=((self.key)());
                @if let Some((proof, refused)) = proof {
                    (password_field(self.language, self.username, (&id, proof), refused))
                }
                button class="button" type="submit" { (label) }
            }
        }
    }

    /// What the provider has to be told.
    fn addresses(&self) -> Markup {
        let language = self.language;
        let places = [
            ("redirect", t!(language, sso.redirect), &self.redirect),
            ("logout", t!(language, sso.logout), &self.logout),
        ];
        html! {
            section class="card tokens__card" aria-labelledby="addresses" {
                h2 class="settings__title" id="addresses" { (t!(language, sso.addresses)) }
                p { (t!(language, sso.addresses_line)) }
                @for (id, label, place) in places {
                    div class="field" {
                        label class="field__label" for=(id) { (label) }
                        input class="input tokens__secret" id=(id) type="text" readonly value=(place) autocomplete="off"
                            spellcheck="false" dir="ltr";
                    }
                    (copy_button(language, id, t!(language, sso.copy)))
                }
            }
        }
    }

    fn form(&self, row: Option<&SignOnRow>, shown: &Shown) -> Markup {
        let language = self.language;
        let typed = Some(&shown.typed).filter(|fields| value(fields, "act") == "save");
        let refused = shown.refused.when(typed.is_some());
        // None is a version as well: the provider that somebody else set up meanwhile is not overwritten.
        let sent = typed.and_then(|fields| fields.iter().find(|(name, _)| name == "version"));
        let version = match (sent, row) {
            (Some((_, sent)), _) => sent.clone(),
            (None, Some(row)) => row.version.to_string(),
            (None, None) => String::new(),
        };
        let stored = row.map(|row| self.words(&Filled::stored(row, String::new())));
        let base = typed.map_or("", |fields| value(fields, "base"));
        let base = base_digests(base, &stored.unwrap_or_default());
        let filled = match (typed, row) {
            (Some(fields), _) => Filled::of(fields),
            (None, Some(row)) => Filled::stored(row, (self.key)()),
            (None, None) => Filled::empty((self.key)()),
        };
        html! {
            section class="card tokens__card" aria-labelledby="settings" {
                h2 class="settings__title" id="settings" { (t!(language, sso.settings)) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="save";
                    input type="hidden" name="key" value=(filled.key);
                    input type="hidden" name="version" value=(version);
                    input type="hidden" name="base" value=(base);
                    (self.provider_fields(&filled, row, refused))
                    (self.user_fields(&filled, refused))
                    (self.password_choice(&filled))
                    @if let Some(proof) = &self.proof {
                        (password_field(language, self.username, ("save-password", proof), refused))
                    }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" { (t!(language, common.save)) }
                    }
                }
            }
        }
    }

    fn provider_fields(
        &self,
        filled: &Filled,
        row: Option<&SignOnRow>,
        refused: &Refused,
    ) -> Markup {
        let language = self.language;
        let name = (t!(language, sso.name), t!(language, sso.name_hint));
        let issuer = (t!(language, sso.issuer), t!(language, sso.issuer_hint));
        html! {
            (text_field("name", name, (&filled.name, true), refused))
            (text_field("issuer", issuer, (&filled.issuer, true), refused))
            (text_field("client_id", (t!(language, sso.client_id), ""), (&filled.client_id, true), refused))
            @if row.is_some() {
                details open[refused.invalid("secret").is_some()] {
                    summary { (t!(language, sso.replace)) }
                    p { (t!(language, sso.replace_line)) }
                    (self.secret_field(false, refused))
                }
            } @else {
                (self.secret_field(true, refused))
            }
        }
    }

    /// It is never shown again.
    fn secret_field(&self, required: bool, refused: &Refused) -> Markup {
        html! {
            div class="field" {
                label class="field__label" for="secret" { (t!(self.language, sso.secret)) }
                input class="input tokens__secret" id="secret" name="secret" type="password" autocomplete="off"
                    spellcheck="false" dir="ltr" required[required] aria-invalid=[refused.invalid("secret")]
                    aria-describedby=[refused.described("secret", "")] autofocus[refused.first("secret")];
                (refused.line("secret"))
            }
        }
    }

    fn user_fields(&self, filled: &Filled, refused: &Refused) -> Markup {
        let language = self.language;
        let username = (
            t!(language, sso.username_claim),
            t!(language, sso.username_hint),
        );
        let roles = (t!(language, sso.roles_claim), t!(language, sso.roles_hint));
        let link = (t!(language, sso.link), t!(language, sso.link_hint));
        let create = (t!(language, sso.create), t!(language, sso.create_hint));
        html! {
            (text_field("username_claim", username, (&filled.username_claim, true), refused))
            (check_field("link", link, filled.link))
            (check_field("create", create, filled.create))
            fieldset class="tokens__scopes-field" aria-describedby=[refused.described("roles", "")] {
                legend class="field__label" { (t!(language, sso.roles)) }
                (refused.line("roles"))
                @for kind in Role::ALL {
                    (role_field(kind.code(), kind.label(language), filled, refused))
                    @for role in self.managed.customs.iter().filter(|role| role.kind == kind) {
                        (role_field(&format!("{}/{}", kind.code(), role.id), &role.name, filled, refused))
                    }
                }
            }
            (text_field("roles_claim", roles, (&filled.roles_claim, false), refused))
        }
    }

    fn password_choice(&self, filled: &Filled) -> Markup {
        let language = self.language;
        html! {
            div class="field" {
                label class="field__label" for="passwords" { (t!(language, sso.passwords)) }
                select class="select" id="passwords" name="passwords" aria-describedby="passwords-hint" {
                    option value="on" selected[filled.passwords] { (t!(language, sso.passwords_on)) }
                    option value="off" selected[!filled.passwords] { (t!(language, sso.passwords_off)) }
                }
                p class="field__hint" id="passwords-hint" { (t!(language, sso.passwords_hint)) }
            }
        }
    }

    fn delete(&self) -> Markup {
        let language = self.language;
        html! {
            details class="card tokens__card" {
                summary { (t!(language, sso.remove)) }
                p { (t!(language, sso.remove_line)) }
                form method="post" action=(PATH) {
                    input type="hidden" name="act" value="delete";
                    input type="hidden" name="key" value=((self.key)());
                    button class="button button--danger" type="submit" { (t!(language, sso.remove_now)) }
                }
            }
        }
    }
}

/// A field of one line; one without a hint has an empty one.
fn text_field(
    name: &str,
    (label, hint): (&str, &str),
    (text, required): (&str, bool),
    refused: &Refused,
) -> Markup {
    let hint_id = match hint {
        "" => String::new(),
        _ => [name, "-hint"].concat(),
    };
    let described = refused.described(name, &hint_id);
    html! {
        div class="field" {
            label class="field__label" for=(name) { (label) }
            input class="input" id=(name) name=(name) type="text" value=(text) required[required] autocomplete="off"
                spellcheck="false" dir=(if name == "name" { "auto" } else { "ltr" }) aria-describedby=[described]
                aria-invalid=[refused.invalid(name)] autofocus[refused.first(name)];
            (refused.line(name))
            @if !hint.is_empty() { p class="field__hint" id=(hint_id) { (hint) } }
        }
    }
}

fn check_field(name: &str, (label, hint): (&str, &str), on: bool) -> Markup {
    let hint_id = [name, "-hint"].concat();
    html! {
        div class="field" {
            div class="tokens__scope" {
                input type="checkbox" id=(name) name=(name) value="on" checked[on] aria-describedby=(hint_id);
                label for=(name) { (label) }
            }
            p class="field__hint" id=(hint_id) { (hint) }
        }
    }
}

fn role_field(code: &str, label: &str, filled: &Filled, refused: &Refused) -> Markup {
    let id = ["role-", &code.replace('/', "-")].concat();
    // The page opens at the first one.
    let first = code == Role::ALL[0].code() && refused.first("roles");
    html! {
        div class="tokens__scope" {
            input type="checkbox" id=(id) name="role" value=(code) checked[filled.roles.iter().any(|known| known == code)]
                aria-invalid=[refused.invalid("roles")] autofocus[first];
            label for=(id) dir="auto" { (label) }
        }
    }
}
