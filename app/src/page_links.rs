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

/// Every page of the app that the palette leads to, as far as the user may see it.
pub fn pages(me: &Actor) -> Vec<PageLink> {
    let held = |permission, page: PageLink| me.holds(permission).then_some(page);
    let wall = ("/watch", "eye", t!(watch.title));
    let reviews = ("/history?review=flagged", "search", t!(review.flagged));
    header_pages(me)
        .chain(held(Permission::WorkitemMonitor, wall))
        .chain(held(Permission::WorkitemReview, reviews))
        .chain([
            ("/settings", "settings", t!(settings.title)),
            ("/settings", "clock", t!(settings.sessions)),
        ])
        .collect()
}

/// The plain pages of the host, for which a link leaves the app, as far as the user may see them: any of the permissions opens
/// a page, and one without any is for everybody.
pub fn plain_pages(me: &Actor) -> Vec<PageLink> {
    use Permission::*;

    let pages: [(&[Permission], PageLink); 13] = [
        (
            &[TokenManage],
            ("/admin/tokens", "key", t!(organisation.tokens)),
        ),
        (
            &[TokenManage],
            ("/admin/webhooks", "link", t!(organisation.webhooks)),
        ),
        (
            &[OrganisationManage],
            ("/admin/labels", "note", t!(organisation.labels)),
        ),
        (
            &[OrganisationManage],
            ("/admin/escalation", "clock", t!(organisation.escalation)),
        ),
        (
            &[OrganisationManage],
            ("/admin/alerts", "warning", t!(organisation.alerts)),
        ),
        (
            &[AnalyticsView],
            ("/analytics", "dashboard", t!(dashboard.analytics)),
        ),
        (
            &[WorkitemView, TeamManage],
            ("/dashboard/walls", "monitor", t!(dashboard.walls)),
        ),
        (
            &[WorkitemView],
            ("/dashboard/views", "eye", t!(dashboard.view_save)),
        ),
        (
            &[WorkitemHandle, CoachingSend, TeamManage],
            ("/texts", "template", t!(texts.title)),
        ),
        (&[UserManage], ("/admin/roles", "user", t!(users.roles))),
        (
            &[UserManage],
            ("/admin/users/import", "user", t!(users.import)),
        ),
        (
            &[UserManage],
            ("/admin/single-sign-on", "key", t!(users.single_sign_on)),
        ),
        (
            &[],
            ("/settings/second-factor", "key", t!(settings.second_factor)),
        ),
    ];
    let open = |(permissions, _): &(&[Permission], PageLink)| {
        let mut any = permissions.iter();
        permissions.is_empty() || any.any(|permission| me.holds(*permission))
    };
    let pages = pages.into_iter().filter(open);
    pages.map(|(_, page)| page).collect()
}
