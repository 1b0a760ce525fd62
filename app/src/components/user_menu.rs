//! The menu behind the user's name: settings, theme, signing out.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_url;
use shared::people::{Actor, Permission};

use super::dialog::DialogFoot;
use super::keyboard::Keyboard;
use super::{Avatar, Dialog, Icon, Menu, MenuAnchor, MenuItem};
use crate::language::label;
use crate::session::{self, Unsaved};
use crate::state::use_session;
use crate::theme::{set_theme, theme};

/// The button with the user's initials, and its menu.
#[component]
pub fn UserMenu() -> impl IntoView {
    let me = use_session().me;
    let keyboard = expect_context::<Keyboard>();
    let url = use_url();
    let open = RwSignal::new(None::<MenuAnchor>);
    let sign_out = NodeRef::<html::Form>::new();
    let asking = RwSignal::new(None::<Unsaved>);
    let leave = move || {
        session::sign_out(&me.with_untracked(|me| me.id.to_string()));
        if let Some(form) = sign_out.get_untracked() {
            // The browser's storage, which is cleared, holds the theme too.
            if let Some(theme) = theme() {
                form.set_action(&["/logout?theme=", &theme].concat());
            }
            // Fails only for a form that is not in the page.
            let _ = form.submit();
        }
    };
    let toggle = move |event: web_sys::MouseEvent| {
        open.update(|open| {
            *open = match open {
                Some(_) => None,
                None => Some(MenuAnchor::below(&event)),
            }
        });
    };
    let ask = Callback::new(move |()| {
        let user = me.with_untracked(|me| me.id.to_string());
        spawn_local(async move {
            match session::unsaved(&user).await {
                Some(unsaved) => asking.set(Some(unsaved)),
                None => leave(),
            }
        });
    });
    keyboard.signs_out(ask);
    let menu = move |at: MenuAnchor| {
        let items = items_of(me.with_untracked(keeps_texts), keyboard, ask);
        view! {
            <Menu
                label=t!(user_menu.title)
                head=me.with_untracked(who)
                at=at
                on_close=Callback::new(move |()| open.set(None))
                items=items
            />
        }
        .into_any()
    };
    view! {
        <button
            type="button"
            class="button button--quiet header__user"
            aria-label=t!(user_menu.title)
            aria-haspopup="menu"
            aria-current=move || (url.get().path() == "/settings").then_some("true")
            aria-expanded=move || open.with(Option::is_some).to_string()
            on:click=toggle
        >
            <Avatar name=Signal::derive(move || me.with(|me| me.name.clone())) />
            // Drawn by the style: the button's name is "User menu" and nothing else, also for those who see it.
            <span
                class="header__label header__user-name"
                data-name=move || me.with(|me| me.name.clone())
            ></span>
            <Icon name="chevron-down" />
        </button>
        {move || open.get().map(menu)}
        {move || asking.get().map(|unsaved| view! {
            <DiscardDialog
                unsaved
                close=Callback::new(move |()| asking.set(None))
                discard=Callback::new(move |()| leave())
            />
        }.into_any())}
        <form method="post" action="/logout" hidden node_ref=sign_out></form>
    }
}

/// Who is signed in, and as what.
fn who(me: &Actor) -> Vec<String> {
    let roles: Vec<&str> = me.roles.iter().map(|role| label(*role)).collect();
    vec![me.name.clone(), roles.join(", ")]
}

/// The entries of the menu, with saved texts for those who keep some.
fn items_of(keeps_texts: bool, keyboard: Keyboard, sign_out: Callback<()>) -> Vec<MenuItem> {
    let mut items = theme_items();
    items.insert(0, settings_item());
    let keys = Callback::new(move |()| keyboard.show_sheet());
    items.insert(1, MenuItem::action(t!(keyboard.title), "keyboard", keys));
    if keeps_texts {
        items.insert(1, texts_item());
    }
    items.push(MenuItem::action(t!(user_menu.sign_out), "logout", sign_out));
    items
}

fn settings_item() -> MenuItem {
    MenuItem {
        label: t!(settings.title).into(),
        icon: Some("settings"),
        href: Some("/settings".into()),
        new_window: false,
        chosen: false,
        run: Callback::new(|()| ()),
    }
}

/// Whether somebody has saved texts, or writes those of teams.
fn keeps_texts(me: &Actor) -> bool {
    let some = [
        Permission::WorkitemHandle,
        Permission::CoachingSend,
        Permission::TeamManage,
    ];
    some.into_iter().any(|permission| me.holds(permission))
}

/// In a window of its own: a user who needs a text has a conversation open here.
fn texts_item() -> MenuItem {
    MenuItem {
        label: t!(texts.title).into(),
        icon: Some("template"),
        href: Some("/texts".into()),
        new_window: true,
        chosen: false,
        run: Callback::new(|()| ()),
    }
}

/// The themes to choose from; the present one is ticked.
fn theme_items() -> Vec<MenuItem> {
    let present = theme();
    [
        (None, t!(user_menu.theme_system), "monitor"),
        (Some("light"), t!(user_menu.theme_light), "sun"),
        (Some("dark"), t!(user_menu.theme_dark), "moon"),
    ]
    .into_iter()
    .map(|(theme, label, icon)| {
        let chosen = present.as_deref() == theme;
        MenuItem {
            chosen,
            ..MenuItem::action(label, icon, Callback::new(move |()| set_theme(theme)))
        }
    })
    .collect()
}

/// Asks before texts that were not sent or saved are thrown away: the next user of this browser must not find them.
#[component]
fn DiscardDialog(unsaved: Unsaved, close: Callback<()>, discard: Callback<()>) -> impl IntoView {
    let Unsaved { texts, forms } = unsaved;
    let forms = (!forms.is_empty()).then(|| {
        let mut pages: Vec<&str> = Vec::new();
        for page in &forms {
            if !pages.contains(&page.as_str()) {
                pages.push(page);
            }
        }
        let pages = pages.join(", ");
        t!(user_menu.discards_forms, count = forms.len(), pages = pages)
    });
    view! {
        <Dialog title=t!(user_menu.sign_out_question).to_owned() on_close=close class="dialog--narrow">
            <div class="dialog__body">
                {texts.then(|| view! { <p>{t!(user_menu.discards)}</p> }.into_any())}
                {forms.map(|forms| view! { <p>{forms}</p> }.into_any())}
            </div>
            <DialogFoot
                label=t!(user_menu.discard_and_sign_out)
                danger=true
                on_cancel=close
                on_confirm=discard
            />
        </Dialog>
    }
}
