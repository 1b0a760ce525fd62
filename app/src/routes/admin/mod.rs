//! The administrators' pages: templates, users, teams, channels, settings, the audit log. A page a file; what they share is the panel in which one
//! thing at a time is edited.
//!
//! The host decides who may: to everybody else these pages are not found.

pub mod audit;
mod capacity_field;
mod channel_switch;
pub mod customers;
mod deletion;
mod editor;
mod meanwhile;
pub mod organisation;
mod people_picker;
mod proof;
pub mod provider_channels;
mod roles_field;
pub mod teams;
pub mod templates;
pub mod users;

pub use audit::AuditLogPage;
pub use customers::CustomersPage;
pub use organisation::OrganisationPage;
pub use provider_channels::ChannelsPage;
pub use teams::TeamsPage;
pub use templates::TemplatesPage;
pub use users::UsersPage;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;
use shared::error::AppError;

use crate::language::error_text;

/// Puts the focus on what the selector finds once the page shows what has just changed. Of a list of selectors the
/// first one that finds something counts.
fn focus_soon(selectors: String) {
    request_animation_frame(move || {
        let found = selectors.split(", ").find_map(|selector| {
            let element = document().query_selector(selector).ok().flatten()?;
            element.dyn_into::<HtmlElement>().ok()
        });
        if let Some(found) = found {
            // Fails only for an element that left the page.
            let _ = found.focus();
        }
    });
}

/// What stands there while a page is on its way.
fn loading_view() -> impl IntoView {
    view! {
        <div class="page" aria-busy="true">
            <p class="visually-hidden">{t!(common.loading)}</p>
            <div class="skeleton admin__skeleton"></div>
            <div class="skeleton admin__skeleton"></div>
            <div class="skeleton admin__skeleton"></div>
        </div>
    }
    .into_any()
}

/// Points out a team that has channels and nobody who works in it.
fn no_agents_view() -> AnyView {
    view! { <p class="notice notice--warn">{t!(teams.no_agents)}</p> }.into_any()
}

/// What went wrong with the last action, above the list.
fn trouble_view(trouble: RwSignal<Option<AppError>>) -> impl IntoView {
    move || {
        trouble.get().map(|error| {
            view! { <p class="notice notice--error" role="alert">{error_text(&error)}</p> }
                .into_any()
        })
    }
}
