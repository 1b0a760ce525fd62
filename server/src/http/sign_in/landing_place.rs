//! Where somebody goes who is signed in. Rests on the map of the app's pages and on the list of the host's own, and opens no address but
//! what a [`LocalPath`] can hold.

use std::sync::Arc;

use app::backend::Caller;
use app::page_links::plain_pages;
use app::routes::Visit;
use leptos::prelude::{Owner, provide_context};
use shared::ids::ChannelKey;
use shared::language::Language;
use shared::local_path::LocalPath;
use shared::people::Actor;
use shared::policy::{Action, can};

use crate::desk::Desk;
use crate::http::paths::{CHAT_SETTINGS, SIGN_ON_LINKS, SIGN_ON_SETTINGS};

/// Where somebody goes who is signed in: to what they came for, unless it is not for them. On a shared desk it may be
/// where somebody else was.
pub(crate) async fn landing<'a>(
    next: Option<&'a LocalPath>,
    caller: Option<&Caller>,
    desk: &Desk,
) -> &'a str {
    let Some(caller) = caller else { return "/" };
    let Some(next) = next.map(LocalPath::as_str) else {
        return caller.actor.home();
    };
    if opens_plain(next, &caller.actor, desk).await {
        return next;
    }
    match next.parse().ok().as_ref().and_then(Visit::at) {
        Some(visit) if visit.opens(caller, Arc::new(desk.clone())).await => next,
        _ => caller.actor.home(),
    }
}

/// Whether a page of the host's own stands at an address, and is for this user. What its query asks for is left to the page.
pub(crate) async fn opens_plain(address: &str, me: &Actor, desk: &Desk) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    if let Some(channel) = path.strip_prefix(CHAT_SETTINGS) {
        let manages = can(me, Action::TeamManage).is_ok();
        return match ChannelKey::parse(channel) {
            Ok(channel) if manages => desk.chat_channel_load(me, &channel).await.is_ok(),
            _ => false,
        };
    }
    // A part of another page is for the same users.
    let path = match path {
        SIGN_ON_LINKS => SIGN_ON_SETTINGS,
        path => path,
    };
    stands_for_itself(path, me)
}

/// Whether a path is that of a page of the host's own to which the palette leads this user.
fn stands_for_itself(path: &str, me: &Actor) -> bool {
    let pages = Owner::new().with(|| {
        // The links have names, of which nothing is shown here.
        provide_context(Language::default());
        plain_pages(me)
    });
    pages.iter().any(|(known, ..)| *known == path)
}
