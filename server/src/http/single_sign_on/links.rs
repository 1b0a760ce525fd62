//! `/admin/single-sign-on/links`: whom the provider knows. Before a link is taken away the page asks, and what stands in the form names
//! the user: a subject that leads to somebody else by then keeps its link.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use i18n::t;
use shared::error::AppError;
use shared::ids::UserId;

use self::view::{Question, View};
use crate::desk::sign_on::NamedLink;
use crate::http::forms::{Fields, PageForm, PageQuery, key_of, unreadable, value};
use crate::http::forms_page::Shown;
use crate::http::page_reader::{PageReader, answered, to_sign_in};
use crate::http::paths::SIGN_ON_LINKS;
use crate::http::plain_page::UserPage;
use crate::http::refused::Refused;

/// The page's address. `q` is what is searched for, `page` the number of a page of what is found. With `ask` it asks whether the link of
/// that id shall be taken away.
pub(super) const LINKS: &str = SIGN_ON_LINKS;

/// The page, as it stands, or the question about a link.
pub(super) async fn show(reader: PageReader, PageQuery(query): PageQuery<Fields>) -> Response {
    if !value(&query, "ask").is_empty() {
        let page = Page { reader };
        return page.ask(&query, Refused::default(), None).await;
    }
    let shown = Shown {
        said: reader.said.clone(),
        ..Shown::default()
    };
    Page { reader }.list(&query, shown).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
pub(super) async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    Ok(match value(&fields, "act") {
        "unlink" => {
            let done = page.unlink(&fields).await;
            match done {
                // Their own session may have begun there.
                Ok(user) if user == page.reader.caller.actor.id => to_sign_in(LINKS),
                Ok(_) => {
                    let to = page.view(&fields).address(value(&fields, "page"));
                    let said = t!(page.reader.language, sso.unlinked);
                    page.reader.saved(&to, said)
                }
                Err(error) => page.refused(fields, &error).await,
            }
        }
        other => {
            let shown = Shown {
                problem: Some(page.reason(&unreadable("act", other))),
                ..Shown::default()
            };
            page.list(&fields, shown).await
        }
    })
}

/// The link that a form shall take away.
fn named(fields: &Fields) -> NamedLink<'_> {
    NamedLink {
        issuer: value(fields, "issuer"),
        subject: value(fields, "subject"),
    }
}

struct Page {
    reader: PageReader,
}

impl Page {
    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        match error.asks_for_proof() {
            true => t!(language, proof.empty).to_owned(),
            false => i18n::error_text(language, error),
        }
    }

    /// Takes a link away: whose.
    async fn unlink(&self, fields: &Fields) -> ApiResult<UserId> {
        let (key, user) = (key_of(fields)?, value(fields, "user"));
        let user = UserId::parse(user).map_err(|_| unreadable("user", user))?;
        self.reader.prove(value(fields, "password")).await?;
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        desk.sign_on_unlink(caller, key, user.clone(), named(fields))
            .await?;
        Ok(user)
    }

    async fn list(&self, fields: &Fields, shown: Shown) -> Response {
        let content = self.list_content(fields, &shown).await;
        self.reader.page(content).await
    }

    async fn list_content(&self, fields: &Fields, shown: &Shown) -> ApiResult<UserPage> {
        let view = self.view(fields);
        let number = value(fields, "page").parse().unwrap_or(1);
        let actor = &self.reader.caller.actor;
        let found = self.reader.desk.sign_on_links(actor, view.search, number);
        let page = view.list(&found.await?, shown);
        Ok(answered(page, shown.problem.is_some()))
    }

    /// The question once more, with why the link was not taken away.
    async fn refused(&self, fields: Fields, error: &AppError) -> Response {
        if let Some(answer) = self.reader.unshown(error) {
            return answer;
        }
        let problem = self.reason(error);
        let refused = Refused::of(error, problem.clone());
        let fields = self.reader.typed_again(fields, error);
        self.ask(&fields, refused, Some(problem)).await
    }

    /// Whether a link shall be taken away; `problem` is why that was refused a moment ago.
    async fn ask(&self, fields: &Fields, refused: Refused, problem: Option<String>) -> Response {
        let question = self.question(fields, refused, problem).await;
        self.reader.page(question).await
    }

    async fn question(
        &self,
        fields: &Fields,
        refused: Refused,
        problem: Option<String>,
    ) -> ApiResult<UserPage> {
        let (desk, actor) = (&self.reader.desk, &self.reader.caller.actor);
        // A form that was refused names the link itself.
        let id = match value(fields, "subject") {
            "" => value(fields, "ask").to_owned(),
            _ => desk.sign_on_link_id(named(fields)),
        };
        let Some(user) = desk.sign_on_link(actor, &id).await? else {
            let shown = Shown {
                problem: Some(t!(self.reader.language, sso.link_gone).to_owned()),
                ..Shown::default()
            };
            let mut page = self.list_content(fields, &shown).await?;
            page.gone = true;
            return Ok(page);
        };
        let key = match value(fields, "key") {
            "" => desk.ids().next(),
            key => key.to_owned(),
        };
        let question = Question {
            user: &user,
            key,
            page: value(fields, "page"),
            proof: self.reader.asks_for_proof().await?,
            problem,
            refused,
        };
        let page = self.view(fields).ask(&question);
        Ok(answered(page, question.problem.is_some()))
    }

    fn view<'a>(&'a self, fields: &'a Fields) -> View<'a> {
        View {
            language: self.reader.language,
            username: &self.reader.caller.actor.username,
            search: value(fields, "q"),
        }
    }
}
