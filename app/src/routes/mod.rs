//! One module a route, named as the URL is.

pub mod admin;
pub mod coaching;
pub mod dashboard;
pub mod login;
pub mod not_found;
mod refusal;
pub mod settings;
pub mod workspace;

use shared::people::Permission;

use crate::address::Page;
use crate::frame::{Guarded, HomePage};
use crate::prelude::*;

/// The page inside the frame. Whoever may not see one finds what stands at an unknown address.
pub fn page_view(page: Page) -> AnyView {
    let guarded = |permission: Permission, page: fn() -> AnyView| {
        view! { <Guarded permission>{page()}</Guarded> }
    };
    match page {
        Page::Home => view! { <HomePage /> },
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
        // These stand outside of the frame.
        Page::Login | Page::NotFound => view! { <not_found::NotFoundPage /> },
    }
}
