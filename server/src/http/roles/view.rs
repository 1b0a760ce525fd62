//! What the page of roles looks like.

use i18n::{Label, Language, t};
use maud::{Markup, html};
use shared::ids::RoleId;
use shared::people::{Permission, Role};
use shared::roles::{CustomRole, choices, chosen, needed};

use super::PATH;
use crate::desk::custom_roles::RolesManaged;
use crate::http::ask_once::ask_to_delete;
use crate::http::forms::{Fields, Stands, Values, Words, base_digests, value, version_of};
use crate::http::forms_page::{Compared, Shown};
use crate::http::plain_page::{FormPage, Proof, UserPage, form_page, password_field};
use crate::http::refused::Refused;
use crate::store::rows::RoleHolder;

/// What stands in the form that was refused.
struct Typed {
    act: String,
    key: String,
    role: String,
    user: String,
    version: String,
    base: String,
    kind: String,
    name: String,
    permissions: Vec<String>,
}

impl Typed {
    /// As it was sent.
    fn of(fields: &Fields) -> Self {
        let text = |name| value(fields, name).to_owned();
        let chosen = fields.iter().filter(|(name, _)| name == "permission");
        Self {
            act: text("act"),
            key: text("key"),
            role: text("role"),
            user: text("user"),
            version: text("version"),
            base: text("base"),
            kind: text("kind"),
            name: text("name"),
            permissions: chosen.map(|(_, code)| code.clone()).collect(),
        }
    }

    /// Whether it is the form that gives somebody this role.
    fn gives(&self, role: &RoleId) -> bool {
        self.act == "give" && self.role == role.as_str()
    }

    /// Whether it is the form that takes a role of this kind from somebody.
    fn takes_from(&self, holder: &RoleHolder) -> bool {
        let whom = self.user == holder.user.as_str() && self.kind == holder.kind.code();
        self.act == "give" && self.role.is_empty() && whom
    }

    /// Whether the role shall have a permission.
    fn has(&self, permission: Permission) -> bool {
        let mut codes = self.permissions.iter();
        codes.any(|code| code == permission.code())
    }

    /// Whether it is the form that changes this role.
    fn edits(&self, role: &RoleId) -> bool {
        self.act == "update" && self.role == role.as_str()
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    pub(super) managed: &'a RolesManaged,
    /// How a proof is asked for, where one is.
    pub(super) proof: Option<Proof>,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

impl Compared for View<'_> {
    fn wanted(&self, typed: &Fields) -> Words {
        let typed = Typed::of(typed);
        if typed.act != "update" {
            return Words::new();
        }
        let codes = typed.permissions.iter();
        let permissions = codes.filter_map(|code| Permission::from_code(code));
        let permissions: Vec<Permission> = permissions.collect();
        match self.edited(&typed) {
            Some(role) => self.words(&typed.name, &chosen(role.kind, &permissions)),
            None => self.words(&typed.name, &permissions),
        }
    }

    fn stored(&self, typed: &Fields) -> Option<(Words, Values)> {
        let role = self.edited(&Typed::of(typed))?;
        Some((self.words_of(role), vec![("name", role.name.clone())]))
    }

    fn row(&self, typed: &Fields) -> Option<(&'static str, String)> {
        let role = self.edited(&Typed::of(typed))?;
        Some((t!(self.language, audit_field.role), role.name.clone()))
    }
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, roles.title),
            lead: t!(language, roles.lead),
            back: ("/admin/users", t!(language, roles.back)),
            happened: shown.happened(language),
        };
        let content = html! {
            @for kind in Role::ALL { (self.kind(kind, shown)) }
            (self.new_form(shown))
        };
        form_page(&page, &content)
    }

    /// The role that a form changes.
    fn edited(&self, typed: &Typed) -> Option<&CustomRole> {
        let mut roles = self.managed.roles.iter();
        roles.find(|role| typed.edits(&role.id))
    }

    /// A role in words.
    fn words_of(&self, role: &CustomRole) -> Words {
        self.words(&role.name, &chosen(role.kind, &role.permissions))
    }

    fn words(&self, name: &str, permissions: &[Permission]) -> Words {
        let language = self.language;
        let had = permissions.iter();
        let had = had.map(|permission| {
            let words = permission.label(language);
            (permission.code().to_owned(), words.to_owned())
        });
        vec![
            ("name", t!(language, roles.name), name.into()),
            (
                "permission",
                t!(language, roles.permissions),
                Stands::Chosen(had.collect()),
            ),
        ]
    }

    /// The role that every organisation has, and those of its kind that were built.
    fn kind(&self, kind: Role, shown: &Shown) -> Markup {
        let language = self.language;
        let title = kind.label(language);
        let id = format!("kind-{}", kind.code());
        let built = self.managed.roles.iter().filter(|role| role.kind == kind);
        html! {
            section class="card tokens__card" aria-labelledby=(id) {
                h2 class="settings__title" id=(id) { (title) }
                details {
                    summary { (t!(language, roles.standard, name = title)) }
                    ul { @for permission in kind.permissions() { li { (permission.label(language)) } } }
                }
                @for role in built { (self.role(role, shown)) }
            }
        }
    }

    fn role(&self, role: &CustomRole, shown: &Shown) -> Markup {
        let (language, typed) = (self.language, Typed::of(&shown.typed));
        let edited = typed.edits(&role.id);
        let refused = shown.refused.when(edited);
        let (name, seen, base) = match edited {
            true => (&typed.name, &typed.version[..], &typed.base[..]),
            false => (&role.name, "", ""),
        };
        let has = |permission: Permission| match edited {
            true => typed.has(permission),
            false => role.permissions.contains(&permission),
        };
        let (title, field) = (format!("role-{}", role.id), format!("name-{}", role.id));
        html! {
            article class="roles__role" aria-labelledby=(title) {
                h3 id=(title) dir="auto" { (role.name) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="update";
                    input type="hidden" name="role" value=(role.id);
                    input type="hidden" name="version" value=(version_of(seen, role.version));
                    input type="hidden" name="base" value=(base_digests(base, &self.words_of(role)));
                    input type="hidden" name="key" value=((self.key)());
                    div class="field" {
                        label class="field__label" for=(field) { (t!(language, roles.name)) }
                        input class="input" id=(field) name="name" value=(name) required autocomplete="off" dir="auto"
                            aria-invalid=[refused.invalid("name")] aria-describedby=[refused.described("name", "")]
                            autofocus[refused.first("name")];
                        (refused.line("name"))
                    }
                    fieldset class="roles__permissions" aria-describedby=[refused.described("permissions", "")] {
                        legend class="field__label" { (t!(language, roles.permissions)) }
                        (refused.line("permissions"))
                        @for permission in choices(role.kind) {
                            @let fixed = needed(role.kind) == Some(permission);
                            label class="tokens__scope" {
                                input type="checkbox" name="permission" value=(permission.code())
                                    checked[fixed || has(permission)] disabled[fixed]
                                    aria-invalid=[refused.invalid("permissions")]
                                    autofocus[refused.first("permissions")];
                                (permission.label(language))
                            }
                        }
                    }
                    p class="field__hint" { (t!(language, roles.signed_out)) }
                    (self.password(&title, refused))
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" aria-label=(t!(language, roles.save_name, name = &role.name)) {
                            (t!(language, common.save))
                        }
                    }
                }
                (self.people(role, shown))
            }
        }
    }

    /// Who holds it, who else could, and the way to delete what nobody holds.
    fn people(&self, role: &CustomRole, shown: &Shown) -> Markup {
        let (language, typed) = (self.language, Typed::of(&shown.typed));
        let refused = &shown.refused;
        let of_kind = self.managed.holders.iter();
        let of_kind = of_kind.filter(|holder| holder.kind == role.kind);
        let (have, others): (Vec<&RoleHolder>, Vec<_>) =
            of_kind.partition(|holder| holder.role.as_ref() == Some(&role.id));
        let field = format!("user-{}", role.id);
        html! {
            @if have.is_empty() {
                p class="field__hint" { (t!(language, roles.nobody)) }
            } @else {
                ul class="labels__list" aria-label=(t!(language, roles.holders_of, name = &role.name)) {
                    @for holder in &have {
                        li {
                            form class="labels__row" method="post" action=(PATH) {
                                (self.give(role.kind, ""))
                                input type="hidden" name="user" value=(holder.user);
                                span dir="auto" { (holder.name) }
                                (self.password(
                                    &format!("take-{}-{}", role.id, holder.user),
                                    refused.when(typed.takes_from(holder)),
                                ))
                                button class="button button--quiet" type="submit"
                                    aria-label=(t!(language, roles.take_from, name = &holder.name)) {
                                    (t!(language, roles.take))
                                }
                            }
                        }
                    }
                }
            }
            @if !others.is_empty() {
                form class="labels__row" method="post" action=(PATH) {
                    (self.give(role.kind, role.id.as_str()))
                    label class="visually-hidden" for=(field) { (t!(language, roles.give_whom, name = &role.name)) }
                    select class="select" id=(field) name="user" {
                        @for holder in &others { option value=(holder.user) dir="auto" { (holder.name) } }
                    }
                    (self.password(&format!("give-{}", role.id), refused.when(typed.gives(&role.id))))
                    button class="button" type="submit" aria-label=(t!(language, roles.give_name, name = &role.name)) {
                        (t!(language, roles.give))
                    }
                }
            }
            @if have.is_empty() {
                (ask_to_delete(language, PATH, &role.name, &html! {
                    input type="hidden" name="role" value=(role.id);
                    input type="hidden" name="key" value=((self.key)());
                }))
            }
        }
    }

    /// What the form has that gives somebody a role, or what its kind has.
    fn give(&self, kind: Role, role: &str) -> Markup {
        html! {
            input type="hidden" name="act" value="give";
            input type="hidden" name="kind" value=(kind.code());
            input type="hidden" name="role" value=(role);
            input type="hidden" name="key" value=((self.key)());
        }
    }

    fn password(&self, form: &str, refused: &Refused) -> Markup {
        let id = format!("password-{form}");
        html! {
            @if let Some(proof) = &self.proof { (password_field(self.language, self.username, (&id, proof), refused)) }
        }
    }

    fn new_form(&self, shown: &Shown) -> Markup {
        let (language, typed) = (self.language, Typed::of(&shown.typed));
        let again = typed.act == "create";
        let refused = shown.refused.when(again);
        let key = match again {
            true => typed.key.clone(),
            false => (self.key)(),
        };
        let name = if again { &typed.name[..] } else { "" };
        html! {
            section class="card tokens__card" aria-labelledby="new-role" {
                h2 class="settings__title" id="new-role" { (t!(language, roles.new)) }
                p class="field__hint" { (t!(language, roles.new_line)) }
                form class="editor__form" method="post" action=(PATH) {
                    input type="hidden" name="act" value="create";
                    input type="hidden" name="key" value=(key);
                    div class="field" {
                        label class="field__label" for="role-kind" { (t!(language, roles.kind)) }
                        select class="select" id="role-kind" name="kind" {
                            @for kind in Role::ALL {
                                option value=(kind.code()) selected[typed.kind == kind.code()] {
                                    (kind.label(language))
                                }
                            }
                        }
                    }
                    div class="field" {
                        label class="field__label" for="role-name" { (t!(language, roles.name)) }
                        input class="input" id="role-name" name="name" value=(name) required autocomplete="off" dir="auto"
                            aria-invalid=[refused.invalid("name")] aria-describedby=[refused.described("name", "")]
                            autofocus[refused.first("name")];
                        (refused.line("name"))
                    }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" { (t!(language, roles.add)) }
                    }
                }
            }
        }
    }
}
