//! The menu of one agent on the User Dashboard: view their workitems, here or in a new window, or write to
//! them. It never decides who may open it; the rows of the dashboard do.

use leptos::prelude::*;
use shared::ids::UserId;
use shared::people::{Permission, PersonRef};

use crate::components::{Menu, MenuAnchor, MenuItem};
use crate::paths::coaching_path;
use crate::state::use_session;

/// For which agent the menu is open, and where.
#[derive(Clone)]
pub struct OpenMenu {
    /// Whose.
    pub agent: UserId,
    /// Their display name.
    pub name: String,
    /// The corner of the menu.
    pub at: MenuAnchor,
}

/// The menu, open.
#[component]
pub fn AgentMenu(
    /// For whom, and where.
    open: OpenMenu,
    /// Called when it shall go.
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let OpenMenu { agent, name, at } = open;
    let view = |label: &str, icon: &'static str, new_window: bool| MenuItem {
        label: label.to_owned(),
        icon: Some(icon),
        href: Some(coaching_path(&agent)),
        new_window,
        chosen: false,
        run: Callback::new(|()| ()),
    };
    let mut items = vec![
        view(t!(agent_menu.view), "eye", false),
        view(t!(agent_menu.view_in_new_window), "external", true),
        MenuItem::action(
            t!(agent_menu.message),
            "directory",
            Callback::new({
                let agent = agent.clone();
                move |()| session.directory.set(Some(Some(agent.clone())))
            }),
        ),
    ];
    if session
        .me
        .with_untracked(|me| me.holds(Permission::WorkitemPeek))
    {
        let of = PersonRef {
            id: agent,
            name: name.clone(),
        };
        let peek = Callback::new(move |()| session.peek.set(Some(of.clone())));
        items.push(MenuItem::action(t!(agent_menu.peek), "search", peek));
    }
    view! { <Menu label=t!(common.actions_for, name = name) at=at on_close=on_close items=items/> }
}
