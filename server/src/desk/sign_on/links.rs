//! Whom the provider of single sign-on knows: administrators see it and take links away.

use app::backend::{ApiResult, Caller};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shared::fold::finds;
use shared::ids::{CommandKey, UserId};
use shared::people::Actor;
use shared::policy::Action;

use crate::commands::SignOnUnlink;
use crate::desk::{Desk, to_app_error};
use crate::store::rows::LinkedUser;

/// How many links a page has.
const PAGE: usize = 50;
/// How many bytes the id of a link has.
const ID: usize = 16;

/// A page of links.
pub(crate) struct LinkedPage {
    /// Those of the page, by name, each with the id of its link.
    pub(crate) users: Vec<(String, LinkedUser)>,
    /// How many the search finds.
    pub(crate) found: usize,
    /// Which page it is, from 1 on.
    pub(crate) number: usize,
    /// How many pages there are, at least one.
    pub(crate) pages: usize,
    /// The identifier of the provider that is set up, if one is.
    pub(crate) issuer: Option<String>,
}

/// A link as a form names it.
#[derive(Clone, Copy)]
pub(crate) struct NamedLink<'a> {
    /// The provider's identifier.
    pub(crate) issuer: &'a str,
    /// What the provider calls the user.
    pub(crate) subject: &'a str,
}

impl Desk {
    /// The users whom a provider knows, found by words of their name or username or by what the provider calls them. Behind the last page
    /// is the last one.
    ///
    /// # Errors
    /// `NotFound` for those who do not manage users.
    pub(crate) async fn sign_on_links(
        &self,
        actor: &Actor,
        search: &str,
        number: usize,
    ) -> ApiResult<LinkedPage> {
        self.allow(actor, Action::UserManage).await?;
        let mut rows = self.snapshot().await?;
        let set_up = rows.sign_on_find().await.map_err(to_app_error)?;
        let mut users = rows.linked_users().await.map_err(to_app_error)?;
        drop(rows);
        users.retain(|user| {
            let called = [&*user.name, &*user.username, &*user.subject];
            finds(search, &called.join(" "))
        });
        let found = users.len();
        let pages = found.div_ceil(PAGE).max(1);
        let number = number.clamp(1, pages);
        let users = users.into_iter().skip((number - 1) * PAGE).take(PAGE);
        let users = users.map(|user| (self.id_of(&user), user));
        Ok(LinkedPage {
            users: users.collect(),
            found,
            number,
            pages,
            issuer: set_up.map(|row| row.issuer),
        })
    }

    /// What an address calls a link. Addresses stand in histories and in the logs of proxies, so it says nothing of what the provider calls
    /// the user, which may be an e-mail address.
    pub(crate) fn sign_on_link_id(&self, link: NamedLink<'_>) -> String {
        let key = self.config().keys.derived("links of single sign-on");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key will do");
        // An issuer is a URL, so it has no blank.
        mac.update(format!("{} {}", link.issuer, link.subject).as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..ID])
    }

    fn id_of(&self, user: &LinkedUser) -> String {
        self.sign_on_link_id(NamedLink {
            issuer: &user.issuer,
            subject: &user.subject,
        })
    }

    /// The user to whom the link with this id leads; nobody, where there is none.
    ///
    /// # Errors
    /// `NotFound` for those who do not manage users.
    pub(crate) async fn sign_on_link(
        &self,
        actor: &Actor,
        id: &str,
    ) -> ApiResult<Option<LinkedUser>> {
        self.allow(actor, Action::UserManage).await?;
        let mut rows = self.snapshot().await?;
        let users = rows.linked_users().await.map_err(to_app_error)?;
        Ok(users.into_iter().find(|user| self.id_of(user) == id))
    }

    /// Takes a link away. The caller has proved themselves a short while ago.
    ///
    /// # Errors
    /// `NotFound` for those who do not manage users, `Invalid` without a proof.
    pub(crate) async fn sign_on_unlink(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        link: NamedLink<'_>,
    ) -> ApiResult<()> {
        self.allow(&caller.actor, Action::UserManage).await?;
        let unlink = SignOnUnlink {
            user,
            issuer: link.issuer.to_owned(),
            subject: link.subject.to_owned(),
            session: caller.session.clone(),
            context: self.context(&caller.actor, key),
        };
        self.execute(unlink).await
    }
}
