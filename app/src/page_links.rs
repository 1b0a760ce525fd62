//! The pages that the header and the command palette lead to.

use shared::people::{Actor, Permission};

/// A page's address, icon and name.
pub type PageLink = (&'static str, &'static str, &'static str);

/// The pages that the header leads to, as far as the user may see them: address, icon, name.
pub fn header_pages(me: &Actor) -> impl Iterator<Item = PageLink> {
    // Those who handle work, and those who see that of others.
    let searches = match me.holds(Permission::WorkitemMonitor) {
        true => Permission::WorkitemMonitor,
        false => Permission::WorkitemHandle,
    };
    let pages = [
        (
            Permission::WorkitemHandle,
            "/workspace",
            "chat",
            t!(frame.workspace),
        ),
        (
            Permission::WorkitemView,
            "/dashboard",
            "dashboard",
            t!(frame.dashboard),
        ),
        (searches, "/history", "search", t!(history.title)),
        (
            Permission::TemplateManage,
            "/admin/templates",
            "template",
            t!(frame.templates),
        ),
        (
            Permission::UserManage,
            "/admin/users",
            "user",
            t!(frame.users),
        ),
        (
            Permission::TeamManage,
            "/admin/teams",
            "team",
            t!(frame.teams),
        ),
        (
            Permission::TeamManage,
            "/admin/channels",
            "sms",
            t!(provider_channels.title),
        ),
        (
            Permission::OrganisationManage,
            "/admin/settings",
            "settings",
            t!(frame.organisation),
        ),
        (
            Permission::CustomerErase,
            "/admin/customers",
            "directory",
            t!(customers.title),
        ),
        (
            Permission::AuditView,
            "/admin/audit",
            "clock",
            t!(frame.audit),
        ),
    ];
    let held = |permission| me.holds(permission);
    let pages = pages.into_iter();
    pages
        .filter(move |(permission, ..)| held(*permission))
        .map(|(_, href, icon, label)| (href, icon, label))
}

/// Every page that a link of the frame leads to, for this user.
pub fn pages(me: &Actor) -> Vec<PageLink> {
    let watches = me.holds(Permission::WorkitemMonitor);
    let wall = watches.then_some(("/watch", "eye", t!(watch.title)));
    let settings = ("/settings", "settings", t!(settings.title));
    header_pages(me).chain(wall).chain([settings]).collect()
}
