//! The map of pages, and one module a page, named as the URL is.

pub mod admin;
pub mod coaching;
pub mod dashboard;
pub mod history;
mod home;
pub mod login;
pub mod not_found;
mod page;
mod refusal;
pub mod settings;
pub mod workspace;

use leptos::prelude::*;
use leptos_router::any_nested_route::IntoAnyNestedRoute;
use leptos_router::components::{ParentRoute, Route};
use leptos_router::path;
use shared::people::Permission;

use self::admin::audit::asked as asked_of_log;
use self::admin::customers::asked as customers_asked;
use self::admin::{
    AuditLogPage, ChannelsPage, CustomersPage, OrganisationPage, TeamsPage, TemplatesPage,
    UsersPage,
};
use self::coaching::{AgentParams, AgentWorkitemParams, CoachingList, CoachingWorkitem, WatchWall};
use self::dashboard::DashboardPage;
use self::history::{HistoryPage, HistoryReadingPage, asked as asked_of_history};
use self::home::HomePage;
use self::login::LoginPage;
use self::page::page;
use self::settings::SettingsPage;
use self::workspace::{WorkitemParams, WorkspaceEmpty, WorkspacePage, WorkspaceWorkitem};
use crate::api::administration::{TeamList, UserList};
use crate::api::channels::ProviderChannelList;
use crate::api::coaching::{AgentWorkitemsBeside, AgentWorkitemsLoad, DashboardLoad};
use crate::api::directory::DeskLoad;
use crate::api::history::HistoryRead;
use crate::api::organisation::OrganisationLoad;
use crate::api::templates::TemplateList;
use crate::api::views::ViewList;
use crate::api::workitems::{ConversationLoad, WorklistLoad};
use crate::frame::Frame;

#[cfg(feature = "ssr")]
pub use page::Visit;

/// Every page: its address, what it shows, who may see it, and what it begins with. From this map follow what the
/// router renders in the browser and on the host, the host's list of routes, and what it loads before it renders.
#[component(transparent)]
pub fn Pages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    use Permission::*;

    view! {
        <Route path=path!("/login") view=page(LoginPage).loads(|()| DeskLoad {}) />
        <ParentRoute path=path!("") view=page(Frame).loads(|()| DeskLoad {})>
            <Route path=path!("/") view=page(HomePage) />
            <ParentRoute
                path=path!("/workspace")
                view=page(WorkspacePage).requires(WorkitemHandle).loads(|()| WorklistLoad {})
            >
                <Route path=path!("") view=page(WorkspaceEmpty) />
                <Route
                    path=path!("/:workitem")
                    view=page(WorkspaceWorkitem).loads(|at: WorkitemParams| ConversationLoad { workitem: at.workitem })
                />
            </ParentRoute>
            <Route
                path=path!("/dashboard")
                view=page(DashboardPage)
                    .requires(WorkitemView)
                    .loads(|()| DashboardLoad {})
                    .loads(|()| ViewList {})
            />
            <Route
                path=path!("/coaching/:agent")
                view=page(CoachingList)
                    .requires(WorkitemView)
                    .loads(|at: AgentParams| AgentWorkitemsLoad { agent: at.agent })
            />
            <Route
                path=path!("/coaching/:agent/:workitem")
                view=page(CoachingWorkitem)
                    .requires(WorkitemMonitor)
                    .loads(|at: AgentWorkitemParams| AgentWorkitemsBeside { agent: at.agent, workitem: at.workitem })
                    .loads(|at: WorkitemParams| ConversationLoad { workitem: at.workitem })
            />
            <Route
                path=path!("/watch")
                view=page(WatchWall).requires(WorkitemMonitor).loads(|()| DashboardLoad {})
            />
            <Route
                path=path!("/history")
                view=page(HistoryPage)
                    .requires(WorkitemHandle)
                    .or(WorkitemMonitor)
                    .loads_query(asked_of_history)
            />
            <Route
                path=path!("/history/:workitem")
                view=page(HistoryReadingPage)
                    .requires(WorkitemHandle)
                    .or(WorkitemMonitor)
                    .loads(|at: WorkitemParams| HistoryRead { workitem: at.workitem })
            />
            <Route path=path!("/settings") view=page(SettingsPage) />
            <Route
                path=path!("/admin/templates")
                view=page(TemplatesPage).requires(TemplateManage).loads(|()| TemplateList {})
            />
            <Route
                path=path!("/admin/users")
                view=page(UsersPage)
                    .requires(UserManage)
                    .loads(|()| UserList {})
                    .loads(|()| TeamList {})
            />
            <Route
                path=path!("/admin/teams")
                view=page(TeamsPage)
                    .requires(TeamManage)
                    .loads(|()| TeamList {})
                    .loads(|()| UserList {})
            />
            <Route
                path=path!("/admin/channels")
                view=page(ChannelsPage)
                    .requires(TeamManage)
                    .loads(|()| TeamList {})
                    .loads(|()| ProviderChannelList {})
            />
            <Route
                path=path!("/admin/settings")
                view=page(OrganisationPage).requires(OrganisationManage).loads(|()| OrganisationLoad {})
            />
            <Route
                path=path!("/admin/customers")
                view=page(CustomersPage).requires(CustomerErase).loads_query(customers_asked)
            />
            <Route
                path=path!("/admin/audit")
                view=page(AuditLogPage).requires(AuditView).loads_query(asked_of_log)
            />
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}
