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

use leptos::prelude::*;
use shared::people::Permission;

use crate::address::Page;
use crate::state::use_desk;

/// What a page asks of those who open it; `None`: only that they are signed in.
pub fn permission_of(page: Page) -> Option<Permission> {
    match page {
        Page::Workspace | Page::WorkspaceWorkitem => Some(Permission::WorkitemHandle),
        Page::Dashboard | Page::CoachingList | Page::CoachingWorkitem => {
            Some(Permission::WorkitemView)
        }
        Page::Templates => Some(Permission::TemplateManage),
        Page::Users => Some(Permission::UserManage),
        Page::Teams => Some(Permission::TeamManage),
        Page::Organisation => Some(Permission::OrganisationManage),
        Page::Home | Page::Settings | Page::Login | Page::NotFound => None,
    }
}

/// The page inside the frame. Whoever may not see one finds what stands at an unknown address.
pub fn page_view(page: Page) -> AnyView {
    let allowed = permission_of(page)
        .is_none_or(|permission| use_desk().me.with_untracked(|me| me.holds(permission)));
    if !allowed {
        return view! { <not_found::NotFoundPage /> }.into_any();
    }
    match page {
        Page::Home => view! { <home::HomePage /> }.into_any(),
        Page::Settings => view! { <settings::SettingsPage /> }.into_any(),
        Page::Workspace | Page::WorkspaceWorkitem => {
            view! { <workspace::WorkspacePage /> }.into_any()
        }
        Page::Dashboard => view! { <dashboard::DashboardPage /> }.into_any(),
        Page::CoachingList => view! { <coaching::CoachingList /> }.into_any(),
        Page::CoachingWorkitem => view! { <coaching::CoachingWorkitem /> }.into_any(),
        Page::Templates => view! { <admin::TemplatesPage /> }.into_any(),
        Page::Users => view! { <admin::UsersPage /> }.into_any(),
        Page::Teams => view! { <admin::TeamsPage /> }.into_any(),
        Page::Organisation => view! { <admin::OrganisationPage /> }.into_any(),
        // These stand outside of the frame.
        Page::Login | Page::NotFound => view! { <not_found::NotFoundPage /> }.into_any(),
    }
}
