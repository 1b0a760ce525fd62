//! Addresses that more than their own routes know: layers in front of the routes treat them in a way of their own, or other pages lead to them.

/// Where the HTTP API stands.
pub(super) const API: &str = "/api/v1";
/// Where SCIM stands.
pub(crate) const SCIM: &str = "/scim/v2";
/// The page that makes users of a file: it is larger than others' bodies, and takes its time.
pub(super) const USER_IMPORT: &str = "/admin/users/import";
/// Where the header of the host's own pages learns how many requests wait. An open page asks for it without its user.
pub(super) const WAITING: &str = "/dashboard/waiting";
/// What the addresses of walls begin with. What comes behind it is a secret, and no log says it.
pub(super) const WALL: &str = "/wall/";
/// Where somebody who is signed in goes to prove it at their provider.
pub(super) const SIGN_ON_AGAIN: &str = "/sso/again";
/// Where somebody signs in with a passkey alone.
pub(super) const PASSKEY_ALONE: &str = "/login/passkey";
/// Where a browser goes to sign in at the provider.
pub(super) const SIGN_ON_START: &str = "/sso/start";
/// Where the provider sends browsers back to.
pub(crate) const SIGN_ON_CALLBACK: &str = "/sso/callback";
/// Where single sign-on is set up.
pub(super) const SIGN_ON_SETTINGS: &str = "/admin/single-sign-on";
/// Whom the provider knows, as a part of that page.
pub(super) const SIGN_ON_LINKS: &str = "/admin/single-sign-on/links";
/// What the address of a chat channel's settings begins with.
pub(super) const CHAT_SETTINGS: &str = "/admin/chat/";
/// Where batches of providers come.
const BATCHES: &str = "/channels/meta/";
/// Where files come: customers' below a chat page, agents' below a workitem.
const FILES: ([&str; 2], &str) = (["/chat/", "/workitems/"], "/files");

/// Whether an address belongs to the HTTP API.
pub(super) fn is_api(path: &str) -> bool {
    is_below(path, API)
}

/// Whether an address belongs to SCIM.
pub(super) fn is_scim(path: &str) -> bool {
    is_below(path, SCIM)
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether opening a page counts as an attempt to sign in from its address.
pub(super) fn counts_visits(path: &str) -> bool {
    [
        PASSKEY_ALONE,
        SIGN_ON_AGAIN,
        SIGN_ON_CALLBACK,
        SIGN_ON_START,
    ]
    .contains(&path)
}

/// Whether a request to a path may bring a batch of messages.
pub(super) fn brings_batch(path: &str) -> bool {
    path.starts_with(BATCHES)
}

/// Whether a request to a path may bring a file.
pub(super) fn brings_file(path: &str) -> bool {
    let (begins, end) = FILES;
    path.ends_with(end) && begins.iter().any(|begin| path.starts_with(begin))
}
