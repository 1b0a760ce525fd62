//! One module a route, named as the URL is.

pub mod admin;
pub mod coaching;
pub mod dashboard;
mod home;
pub mod login;
pub mod not_found;
mod refusal;
pub mod settings;
pub mod workspace;

use shared::people::Permission;

use crate::address::Page;
use crate::prelude::*;
use crate::state::use_desk;

/// The page inside the frame. Whoever may not see one finds what stands at an unknown address.
pub fn page_view(page: Page) -> AnyView {
    match page {
        Page::Home => view! { <home::HomePage /> },
        Page::Settings => view! { <settings::SettingsPage /> },
        Page::Workspace | Page::WorkspaceWorkitem => guarded(
            Permission::WorkitemHandle,
            || view! { <workspace::WorkspacePage /> },
        ),
        Page::Dashboard => guarded(
            Permission::WorkitemView,
            || view! { <dashboard::DashboardPage /> },
        ),
        Page::CoachingList => guarded(
            Permission::WorkitemView,
            || view! { <coaching::CoachingList /> },
        ),
        Page::CoachingWorkitem => guarded(
            Permission::WorkitemView,
            || view! { <coaching::CoachingWorkitem /> },
        ),
        Page::Templates => guarded(
            Permission::TemplateManage,
            || view! { <admin::TemplatesPage /> },
        ),
        Page::Users => guarded(Permission::UserManage, || view! { <admin::UsersPage /> }),
        Page::Teams => guarded(Permission::TeamManage, || view! { <admin::TeamsPage /> }),
        Page::Organisation => guarded(
            Permission::OrganisationManage,
            || view! { <admin::OrganisationPage /> },
        ),
        // These stand outside of the frame.
        Page::Login | Page::NotFound => view! { <not_found::NotFoundPage /> },
    }
}

/// A page for those who hold the permission. For everybody else it does not exist.
fn guarded(permission: Permission, page: fn() -> AnyView) -> AnyView {
    if use_desk().me.with_untracked(|me| me.holds(permission)) {
        page()
    } else {
        view! { <not_found::NotFoundPage /> }
    }
}
