//! `/admin/roles`: the roles of every organisation, those that administrators built, and who holds which. A plain page: the app
//! needs nothing of it but what a user may do.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::{AppError, Problem};
use shared::ids::{RoleId, UserId};
use shared::people::{Permission, Role};
use shared::roles::chosen;
use shared::text::RoleName;

use self::view::View;
use super::forms::{Fields, PageForm, key_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use crate::desk::Desk;

/// The page's address.
pub(crate) const PATH: &str = "/admin/roles";

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

/// The page, as it stands.
async fn show(reader: PageReader) -> Response {
    forms_page::show(&Page { reader }).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    Ok(forms_page::answer(&page, fields).await)
}

/// The kind that a form names.
fn kind_of(fields: &Fields) -> ApiResult<Role> {
    let code = value(fields, "kind");
    Role::from_code(code).ok_or_else(|| unreadable("kind", code))
}

/// The role that a form names.
fn role_of(fields: &Fields) -> ApiResult<RoleId> {
    RoleId::parse(value(fields, "role")).map_err(|_| AppError::NotFound)
}

struct Page {
    reader: PageReader,
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        (field == "name").then(|| t!(self.reader.language, roles.name))
    }

    fn reason(&self, error: &AppError) -> String {
        match error {
            AppError::Invalid {
                field,
                problem: Problem::NoneChosen,
            } if field == "permissions" => t!(self.reader.language, roles.none_chosen).to_owned(),
            error => self.named(error),
        }
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        match value(fields, "act") {
            "create" => self.create(fields).await?,
            "update" => self.update(fields).await?,
            "delete" => self.delete(fields).await?,
            "give" => self.give(fields).await?,
            other => return Err(unreadable("act", other).into()),
        }
        let said = t!(self.reader.language, roles.saved);
        Ok(Done::saved(PATH, said))
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.roles_managed(actor).await?;
        let proof = self.reader.asks_for_proof().await?;
        let view = View {
            language: self.reader.language,
            username: &actor.username,
            managed: &managed,
            proof,
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        shown.compare(self.reader.language, &view);
        Ok(view.page(&shown))
    }
}

impl Page {
    async fn create(&self, fields: &Fields) -> ApiResult<()> {
        let (key, kind) = (key_of(fields)?, kind_of(fields)?);
        let name = RoleName::parse(value(fields, "name"))?;
        let actor = &self.reader.caller.actor;
        self.reader.desk.role_create(actor, key, kind, name).await
    }

    async fn update(&self, fields: &Fields) -> Result<(), NotDone> {
        let (key, role) = (key_of(fields)?, role_of(fields)?);
        let version = value(fields, "version");
        let version = version
            .parse()
            .map_err(|_| unreadable("version", version))?;
        let reason = |error: &AppError| self.reason(error);
        let permissions = self.permissions_of(fields, &role).await;
        let proof = self.reader.proved(value(fields, "password")).await;
        let mut refused = Refused::default();
        let name = refused.take(RoleName::parse(value(fields, "name")), reason)?;
        let permissions = refused.take(permissions, reason)?;
        let proof = refused.take(proof, reason)?;
        let (Some(name), Some(permissions), Some(())) = (name, permissions, proof) else {
            return Err(NotDone::Fields(refused));
        };
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        let update = desk.role_update(caller, key, (role, version), name, permissions);
        Ok(update.await?)
    }

    /// What a role shall have: at least one thing that its kind can have.
    async fn permissions_of(&self, fields: &Fields, role: &RoleId) -> ApiResult<Vec<Permission>> {
        let sent = fields.iter().filter(|(field, _)| field == "permission");
        let permission = |code: &str| {
            let permission = Permission::from_code(code);
            permission.ok_or_else(|| unreadable("permissions", code))
        };
        let permissions = sent.map(|(_, code)| permission(code));
        let permissions: Vec<Permission> = permissions.collect::<ApiResult<_>>()?;
        let actor = &self.reader.caller.actor;
        let roles = self.reader.desk.roles_managed(actor).await?.roles;
        let role = roles.iter().find(|known| known.id == *role);
        match role.is_some_and(|role| chosen(role.kind, &permissions).is_empty()) {
            true => Err(AppError::invalid("permissions", Problem::NoneChosen)),
            false => Ok(permissions),
        }
    }

    async fn delete(&self, fields: &Fields) -> ApiResult<()> {
        let (key, role) = (key_of(fields)?, role_of(fields)?);
        let actor = &self.reader.caller.actor;
        self.reader.desk.role_delete(actor, key, role).await
    }

    async fn give(&self, fields: &Fields) -> ApiResult<()> {
        let (key, kind) = (key_of(fields)?, kind_of(fields)?);
        let user = UserId::parse(value(fields, "user")).map_err(|_| AppError::NotFound)?;
        let role = match value(fields, "role") {
            "" => None,
            _ => Some(role_of(fields)?),
        };
        self.reader.prove(value(fields, "password")).await?;
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        desk.role_give(caller, key, user, kind, role).await
    }
}
